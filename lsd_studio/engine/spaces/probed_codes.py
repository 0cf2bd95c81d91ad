"""Labelled codes in thirds: for operators, for a probe that reads codes, and held-out ones, which fitted nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.latent.statistics.moments import moments
from lsd_studio.engine.latent.statistics.principal_axes import principal_axes
from lsd_studio.engine.operators.fitted import FEWEST_PAIRS
from lsd_studio.engine.operators.label_operators import LabelledCodes as OperatorCodes
from lsd_studio.engine.operators.path_quality import share_of
from lsd_studio.engine.operators.planes import FloatArray
from lsd_studio.engine.operators.readers import ProbeReader
from lsd_studio.engine.platform.seeds import checked_seed, random_numbers
from lsd_studio.engine.spaces.label_audit import CODES_AN_AXIS
from lsd_studio.engine.spaces.labelled_codes import LabelledCodes

FEWEST_CODES = 3 * FEWEST_PAIRS
"""Of a label, so that each third has enough of it."""

MOST_PAIRS = 90
"""Pairs of labels that are compared where no number is asked for; ten labels have so many."""

MOST_NUMBERS = 2**22
"""Numbers of all codes that are taken, so that the probe and all operators are fitted within a minute."""

MOST_AXES = 256
"""Principal axes that are looked at, so that axes turned at random are drawn within seconds."""


@dataclass(frozen=True, eq=False)
class ProbedCodes:
    """Codes whitened along K principal axes, so that no unit of the components matters.

    Attributes:
        label_names: l names.
        source: of what codes and which column, in words.
        known: what operators are built from.
        reader: the probe; probed_on: how many codes it was fitted on.
        read: the share of held-out codes that it reads as their label, before any is moved.
        held_in: float64 [H, K], the codes that operators and probe are fitted on; held_in_labels, held_in_rows: int64
            [H].
        codes: float64 [N, K], held out; labels: int64 [N]; rows: int64 [N] of the space.
        mean: float64 [M]; whiten: float64 [K, M]; unwhiten: float64 [M, K]: a whitened code is whiten · (z − mean), and
            whiten · unwhiten is the identity.
        notes: one sentence each on what was left out.
    """

    label_names: tuple[str, ...]
    source: str
    known: OperatorCodes
    reader: ProbeReader
    probed_on: int
    read: Measure
    held_in: FloatArray
    held_in_labels: NDArray[np.int64]
    held_in_rows: NDArray[np.int64]
    codes: FloatArray
    labels: NDArray[np.int64]
    rows: NDArray[np.int64]
    mean: FloatArray
    whiten: FloatArray
    unwhiten: FloatArray
    notes: tuple[str, ...]

    @property
    def sets(self) -> int:
        """n, whole sets of the basis."""
        return self.codes.shape[1] // len(self.label_names)


def probed_codes(of: LabelledCodes) -> ProbedCodes:
    """Deal the codes of each label to the thirds, whiten them by the first two, and fit the probe.

    Labels with fewer than 15 codes are left out, and a note names them.

    Raises:
        StudioError: fewer than two labels are left, or no basis can be made of the codes.
    """
    of, notes = _frequent(of)
    third = _thirds(of.labels, len(of.label_names))
    held_in = of.taken(third < 2)
    axes = principal_axes(moments(held_in.codes.astype(np.float32)))
    number = min(axes.rank, max(len(held_in.codes) // CODES_AN_AXIS, 1), MOST_AXES)
    if number < axes.rank:
        notes = (*notes, f"The leading {number} of {axes.rank} principal axes are looked at.")

    def whitened(some: LabelledCodes) -> FloatArray:
        return axes.whitened(some.codes.astype(np.float32))[:, :number].astype(np.float64)

    built, probed, held_out = (of.taken(third == place) for place in range(3))
    codes = whitened(built)
    known = OperatorCodes(QuasiEigenbasis("symmetric").fit(codes, built.labels), codes, built.labels)
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    reader = ProbeReader(probe.fit(whitened(probed), probed.labels))
    measured = whitened(held_out)
    hits = reader.see(measured).labels["probe"] == held_out.labels
    return ProbedCodes(
        label_names=of.label_names,
        source=of.source,
        known=known,
        reader=reader,
        probed_on=len(probed.codes),
        read=share_of(hits, len(hits)),
        held_in=whitened(held_in),
        held_in_labels=held_in.labels,
        held_in_rows=held_in.rows,
        codes=measured,
        labels=held_out.labels,
        rows=held_out.rows,
        mean=axes.mean,
        whiten=axes.axes[:number] / axes.sigma[:number, None],
        unwhiten=axes.root[:number].T,
        notes=notes,
    )


def pairs_to_compare(of: ProbedCodes, number: int | None, seed: int) -> tuple[tuple[int, int], ...]:
    """Pairs of a source and a target label, drawn by the seed: no source has more targets than held-out codes.

    Args:
        number: of pairs; None takes all that there are, `MOST_PAIRS` at most.

    Raises:
        StudioError: there are not so many.
    """
    random = random_numbers(checked_seed(seed), "pairs of labels")
    labels = len(of.label_names)
    held_out = np.bincount(of.labels, minlength=labels).tolist()
    possible = []
    for source in range(labels):
        targets = random.permutation([target for target in range(labels) if target != source])
        possible += [(source, int(target)) for target in targets[: held_out[source]]]
    wanted = min(len(possible), MOST_PAIRS) if number is None else number
    if wanted > len(possible):
        raise StudioError(
            f"There are {len(possible)} pairs of labels with a held-out code each: ask for at most so many, not "
            f"{number}."
        )
    chosen = random.choice(len(possible), wanted, replace=False)
    return tuple(sorted(possible[place] for place in chosen))


def _frequent(of: LabelledCodes) -> tuple[LabelledCodes, tuple[str, ...]]:
    """The codes of labels that have enough of them, and the notes on the others."""
    kept = of.counts >= FEWEST_CODES
    if kept.sum() < 2:
        raise StudioError(
            f"Operators between labels need {FEWEST_CODES} codes of each of two labels or more, and {of.source} has "
            f"{int(kept.sum())} such label: take more codes."
        )
    if kept.all():
        return of, of.notes
    rare = [name for name, one in zip(of.label_names, kept, strict=True) if not one]
    left = of.taken(kept[of.labels])
    renamed = LabelledCodes(
        codes=left.codes,
        labels=(np.cumsum(kept) - 1)[left.labels],
        label_names=tuple(name for name in of.label_names if name not in rare),
        source=of.source,
        notes=of.notes,
        rows=left.rows,
    )
    named = ", ".join(rare[:10]) + ("…" if len(rare) > 10 else "")
    return renamed, (*of.notes, f"Labels with fewer than {FEWEST_CODES} codes are left out: {named}.")


def _thirds(labels: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    """0, 1 or 2 for each code, in turn among those of its label."""
    third = np.empty(len(labels), dtype=np.int64)
    for label in range(number):
        places = np.flatnonzero(labels == label)
        third[places] = np.arange(len(places)) % 3
    return third
