"""Whether the averages of labelled codes differ by more than chance, by permutation of the labels (R35).

The audit of a bundle's basis knows the noise of its averages: z ~ N(0, I) is drawn. Of codes of others only this is
known: where labels and codes have no relation, every dealing of the labels is as likely as the one found.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.statistics.moments import FEWEST_CODES, moments
from lsd_studio.engine.latent.statistics.principal_axes import principal_axes
from lsd_studio.engine.platform.seeds import checked_seed, random_numbers
from lsd_studio.engine.spaces.labelled_codes import LabelledCodes
from lsd_studio.engine.steps import Doing
from lsd_studio.percentages import percentage

FloatArray = NDArray[np.float64]

CONFIDENCE = 0.99
PERMUTATIONS = 499
CODES_AN_AXIS = 4
"""Fewest codes for each principal axis that is looked at: with as many axes as codes everything is explained."""

MOST_NUMBERS = 2**24
"""Numbers of the codes that are permuted, so that all permutations take seconds."""


@dataclass(frozen=True, eq=False)
class LabelAudit:
    """How far labels tell codes apart, beside labels dealt at random.

    Attributes:
        codes: N of the test, independent of each other by assumption; axes: principal axes that it looks at.
        permutations: dealings of the labels that it is compared with.
        shares: float64 [min(l − 1, axes)], falling: the share of the variance along a direction that lies between the
            labels, 0…1, of the direction in which it is largest, and so on (squared canonical correlations).
        share_by_chance: what the first of them does not exceed in 99 % of the dealings.
        p_value: of the first share, least 1 / (permutations + 1).
        directions: how many shares exceed what is exceeded by chance; more than there are in one case of a hundred.
        label_shares: float64 [l], the share of the variance between each label and all others along their difference;
            NaN where no code of the test has the label.
        label_share_by_chance: what the largest of them does not exceed in 99 % of the dealings.
        apart: bool [l], which labels' averages differ from the others' by more than that.
        sentence: in plain words.
    """

    codes: int
    axes: int
    permutations: int
    shares: FloatArray
    share_by_chance: float
    p_value: float
    directions: int
    label_shares: FloatArray
    label_share_by_chance: float
    apart: NDArray[np.bool_]
    sentence: str


def audit_labels(
    of: LabelledCodes, seed: int = 0, permutations: int = PERMUTATIONS
) -> Generator[Doing, None, LabelAudit]:
    """Compare the averages of the labels with those of labels dealt to the codes at random.

    Codes are whitened along their principal axes, as many as four codes for each allow, so that no unit or rotation of
    the components matters. Both verdicts are exact at 1 %: each compares the largest of several figures with the
    largest of as many. Codes that are not independent, such as several of one patient, differ more than chance allows
    without any relation to what labels mean.

    Raises:
        StudioError: there are too few codes, or they are all alike.
    """
    rows = min(len(of.codes), max(MOST_NUMBERS // of.codes.shape[1], 1000))
    codes, labels = of.codes[:rows].astype(np.float32), of.labels[:rows]
    present, labels = np.unique(labels, return_inverse=True)
    if rows <= len(present) or rows < 2 * FEWEST_CODES:
        raise StudioError(f"{rows} codes are too few for an audit of {len(present)} labels: take more codes.")
    axes = principal_axes(moments(codes))
    number = min(axes.rank, max(rows // CODES_AN_AXIS, 1))
    if number == 0:
        raise StudioError("All codes are the same, so there is nothing to audit: take others.")
    white = axes.whitened(codes)[:, :number].astype(np.float64)
    counts = np.bincount(labels.reshape(-1), minlength=len(present))
    shares, by_label = _shares(white, np.argsort(labels.reshape(-1), kind="stable"), counts)
    random = random_numbers(checked_seed(seed), "permuted labels")
    largest = np.empty((permutations, 2))
    for place in range(permutations):
        yield Doing("dealing labels at random", place / permutations)
        dealt, dealt_by_label = _shares(white, random.permutation(rows), counts)
        largest[place] = dealt[0], dealt_by_label.max()
    limit, label_limit = np.quantile(largest, CONFIDENCE, axis=0, method="higher")
    label_shares, apart = np.full(len(of.label_names), np.nan), np.zeros(len(of.label_names), dtype=bool)
    label_shares[present], apart[present] = by_label, by_label > label_limit
    p_value = (1 + int((largest[:, 0] >= shares[0]).sum())) / (permutations + 1)
    directions = int((shares > limit).sum())
    return LabelAudit(
        codes=rows,
        axes=number,
        permutations=permutations,
        shares=shares,
        share_by_chance=float(limit),
        p_value=p_value,
        directions=directions,
        label_shares=label_shares,
        label_share_by_chance=float(label_limit),
        apart=apart,
        sentence=_sentence(directions, shares, float(limit), p_value, apart, of.label_names, rows),
    )


def _shares(
    white: FloatArray, order: NDArray[np.intp], counts: NDArray[np.intp]
) -> tuple[FloatArray, FloatArray]:
    """Squared canonical correlations of labels and codes, falling, and of each label and the others, [l].

    The first `counts[0]` codes in `order` have the first label, and so on.
    """
    count = len(white)
    ends = np.concatenate([[0], np.cumsum(counts)])
    weights = np.repeat(1 / np.sqrt(counts), counts)
    averages = scipy.sparse.csr_array((weights, order, ends), shape=(len(counts), count)) @ white
    explained = np.linalg.svd(averages, compute_uv=False) ** 2 / (count - 1)
    by_label = (averages**2).sum(axis=1) / (count - 1) * count / (count - counts)
    return explained[: len(counts) - 1].clip(0, 1), by_label.clip(0, 1)


def _sentence(
    directions: int,
    shares: FloatArray,
    limit: float,
    p_value: float,
    apart: NDArray[np.bool_],
    names: tuple[str, ...],
    codes: int,
) -> str:
    first = (
        f"Along the direction in which the averages of the {len(names)} labels differ most, "
        f"{percentage(shares[0], 1)} of the variance of {codes} codes lies between them; labels dealt at random reach "
        f"{percentage(limit, 1)} in one case of a hundred (p = {p_value:.2g})."
    )
    if not directions:
        return (
            f"{first} So no label is told from the others by its average; a smaller difference goes unseen."
        )
    number = f"{directions} direction{'s' if directions > 1 else ''}"
    together = [name for name, one in zip(names, apart, strict=True) if not one]
    rest = (
        f" Not told from all others: {', '.join(together[:10])}{'…' if len(together) > 10 else ''}."
        if together
        else ""
    )
    return f"{first} {number} of at most {len(shares)} stand above chance.{rest}"
