"""Whether two groups of codes differ in more than what they were chosen by (Freedman and Lane, 1983).

Whoever draws around codes on a plane makes groups that differ on that plane, whatever the codes are, and along every
axis that is correlated with it. So the test looks at the rest of each code alone: what is left along other axes once
its coordinates on the axes that were seen are taken out by linear regression over all codes. In a Gaussian that rest
has no relation to the place on the plane: every dealing of the rests to the places is as likely as the one found,
however the outlines were chosen, and by whatever colours that have no relation to the codes. What differs more than so
is structure that mean and covariance of the codes do not suffice for.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.selection import SeenAxes
from lsd_studio.engine.latent.statistics.moments import Codes
from lsd_studio.engine.latent.statistics.principal_axes import PrincipalAxes
from lsd_studio.engine.platform.seeds import checked_seed, random_numbers
from lsd_studio.engine.steps import Doing
from lsd_studio.percentages import percentage

FloatArray = NDArray[np.float64]

PERMUTATIONS = 499
FEWEST = 8
"""Codes of a group."""

CODES_AN_AXIS = 4
"""Fewest codes for each axis that is looked at: with as many axes as codes all groups are apart."""

MOST_NUMBERS = 2**20
"""Numbers of the codes that are dealt, so that all dealings take seconds."""

NO_VARIANCE = 1e-9
"""Of the largest variance of the codes: less is left of an axis that was seen."""

CLEAR = 0.01


@dataclass(frozen=True, eq=False)
class GroupDifference:
    """How two groups differ.

    Attributes:
        counts: codes of A and of B; others: how many more the rests were dealt among.
        direction: float64 [M], mean of B less mean of A, in the units of the components.
        share_unseen: of its squared length, 0…1, what is left along axes that were not seen.
        axes: K, principal axes of the rests that are looked at; 0 where all axes were seen: nothing can be tested.
        auc: how well the difference of the groups' mean rests, found on one half of their codes, tells those of the
            other half apart: the chance that a code of B lies farther along it than one of A, 0…1 and about
            0.5 by chance; the mean of both ways. None without axes.
        auc_by_chance: what it does not exceed in 99 % of the dealings.
        p_value: share of the dealings, the one found included, with as large an AUC; None without axes.
        permutations: dealings.
        sentence: what was compared, what is clear, and what could not be seen, in plain words.
    """

    counts: tuple[int, int]
    others: int
    direction: FloatArray
    share_unseen: float
    axes: int
    auc: float | None
    auc_by_chance: float | None
    p_value: float | None
    permutations: int
    sentence: str


def compare_groups(
    codes: Codes,
    groups: NDArray[np.int8],
    seen: tuple[SeenAxes, ...],
    principal: PrincipalAxes,
    seed: int = 0,
    permutations: int = PERMUTATIONS,
) -> Generator[Doing, None, GroupDifference]:
    """Compare two groups of codes [N, M] along axes that were not seen when they were chosen.

    The test is exact at its level where the rests of the codes are alike wherever they lie on the axes seen, but for an
    error of the order of (number of axes seen) / N.

    Args:
        groups: [N], 1 for A, 2 for B, 0 for neither; where there is no B, all codes that are not of A are.
        seen: what the groups were chosen by; none for groups that were not drawn.
        principal: of the codes.
        seed: of the halves, the dealings, and the draw of codes where they are many.

    Raises:
        StudioError: fewer than 8 codes of a group.
    """
    has_second = bool((groups == 2).any())
    if not has_second:
        groups = np.where(groups == 1, 1, 2).astype(np.int8)
    first, second = np.flatnonzero(groups == 1), np.flatnonzero(groups == 2)
    counts = len(first), len(second)
    if min(counts) < FEWEST:
        raise StudioError(
            f"Groups are compared from {FEWEST} codes each, not {counts[0]} and {counts[1]}: select more codes."
        )
    random = random_numbers(checked_seed(seed), "groups of codes compared")
    rows = _drawn(groups, MOST_NUMBERS // codes.shape[1], random)
    taken, groups = codes[rows].astype(np.float64), groups[rows]
    known = _known(taken, seen, principal)
    rests = taken - known @ (known.T @ taken)
    direction = codes[second].mean(axis=0, dtype=np.float64) - codes[first].mean(axis=0, dtype=np.float64)
    unseen = rests[groups == 2].mean(axis=0) - rests[groups == 1].mean(axis=0)
    found = taken[groups == 2].mean(axis=0) - taken[groups == 1].mean(axis=0)
    white = _whitened(rests, principal.variances[0], len(rows) - known.shape[1])
    known_of_each = known.astype(np.float32)
    axes = white.shape[1]
    auc: float | None = None
    limit: float | None = None
    p_value: float | None = None
    if axes:
        halves = _halves(groups, random)
        auc = _auc(white, halves)
        dealt = np.empty(permutations)
        for place in range(permutations):
            yield Doing("dealing codes anew", place / permutations)
            shuffled = white[random.permutation(len(white))]
            dealt[place] = _auc(shuffled - known_of_each @ (known_of_each.T @ shuffled), halves)
        limit = float(np.quantile(dealt, 1 - CLEAR, method="higher"))
        p_value = (1 + int((dealt >= auc).sum())) / (permutations + 1)
    length = float(found @ found)
    result = GroupDifference(
        counts=counts,
        others=len(rows) - int((groups > 0).sum()),
        direction=direction,
        share_unseen=float(unseen @ unseen) / length if length else 0.0,
        axes=axes,
        auc=auc,
        auc_by_chance=limit,
        p_value=p_value,
        permutations=permutations,
        sentence="",
    )
    return replace(
        result, sentence=_sentence(result, seen, f"{'B' if has_second else 'all others'} ({counts[1]})")
    )


def _drawn(groups: NDArray[np.int8], most: int, random: np.random.Generator) -> NDArray[np.int64]:
    """All codes, or `most` of them where they are more: a third of either group at least, where it has so many."""
    if len(groups) <= most:
        return np.arange(len(groups))
    order = random.permutation(len(groups))
    each = [order[groups[order] == group][: most // 3] for group in (1, 2)]
    rest = np.setdiff1d(order, np.concatenate(each))
    return np.sort(np.concatenate([*each, random.permutation(rest)[: most - sum(map(len, each))]]))


def _known(codes: FloatArray, seen: tuple[SeenAxes, ...], principal: PrincipalAxes) -> FloatArray:
    """An orthonormal basis float64 [N, r] of what was seen of each code, and of what is the same for all."""
    columns = [np.ones((len(codes), 1))]
    for axes in seen:
        which = np.array(axes.numbers)
        along = np.eye(codes.shape[1])[which] if axes.axes == "components" else principal.axes[which]
        columns.append((codes - principal.mean) @ along.T)
    basis, sizes, _ = np.linalg.svd(np.concatenate(columns, axis=1), full_matrices=False)
    return np.asarray(basis[:, sizes > 1e-9 * sizes[0]])


def _whitened(rests: FloatArray, largest: float, degrees: int) -> Codes:
    """Rests along their principal axes, each of unit variance, float32 [N, K]."""
    variances, axes = np.linalg.eigh(rests.T @ rests / max(degrees, 1))
    kept = np.flatnonzero(variances > NO_VARIANCE * largest)[::-1][: len(rests) // CODES_AN_AXIS]
    return np.asarray(rests @ (axes[:, kept] / np.sqrt(variances[kept])), dtype=np.float32)


Halves = tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...]
"""Codes of A and of B, for each half."""


def _halves(groups: NDArray[np.int8], random: np.random.Generator) -> Halves:
    first, second = (
        np.array_split(random.permutation(np.flatnonzero(groups == group)), 2) for group in (1, 2)
    )
    return tuple(zip(first, second, strict=True))


def _auc(white: Codes, halves: Halves) -> float:
    """How well the difference found on one half tells the groups of the other apart, on average of both ways."""
    from scipy.stats import rankdata

    scores = []
    for (a, b), (other_a, other_b) in (halves, halves[::-1]):
        along = white[b].mean(axis=0) - white[a].mean(axis=0)
        ranks = rankdata(np.concatenate([white[other_a] @ along, white[other_b] @ along]))
        above = ranks[len(other_a) :].sum() - len(other_b) * (len(other_b) + 1) / 2
        scores.append(above / (len(other_a) * len(other_b)))
    return float(np.mean(scores))


def _sentence(of: GroupDifference, seen: tuple[SeenAxes, ...], second: str) -> str:
    first, name = f"A ({of.counts[0]})", second.partition(" (")[0]
    drawn = " and ".join(seen_words(axes) for axes in seen)
    if of.p_value is None or of.auc is None or of.auc_by_chance is None:
        return (
            f"{first} and {second} were drawn on {drawn}, which show all of each code: no axis is left on which "
            "they could differ unseen, so nothing can be tested. Draw them on a plane, or on a t-SNE of few axes."
        )
    where = f"the {of.axes} axes left beside {drawn}, on which they were drawn" if seen else f"{of.axes} axes"
    places = " to their places" if seen else ""
    finding = (
        f"Along {where}, the mean difference of half of the codes of {first} and {second} tells the other half apart "
        f"with an AUC of {of.auc:.2f}; codes dealt anew{places} reach {of.auc_by_chance:.2f} in one case of a "
        f"hundred (p = {of.p_value:.2g})."
    )
    beyond = (
        " beyond what they were drawn by and what mean and covariance of all codes suffice for"
        if seen
        else ""
    )
    if of.p_value <= CLEAR:
        share = f"{percentage(of.share_unseen, 0)} of their squared mean difference lies there"
        verdict = f"So A and {name} differ{beyond}" + (f": {share}." if seen else ".")
    else:
        verdict = f"So no difference is clear{beyond}; a smaller one goes unseen."
    limits = (
        "Not tested: what the outlines themselves show, which differs for any two of them; whatever else they were "
        "chosen by, such as other views or colours; and whether they hold clusters rather than parts of one cloud."
        if seen
        else "Codes that are not independent differ by more than chance allows."
    )
    return f"{finding} {verdict} {limits}"


def seen_words(seen: SeenAxes) -> str:
    """Such as "principal axes 0 and 1"."""
    kind = "principal axes" if seen.axes == "principal" else "components"
    numbers = [str(number) for number in seen.numbers]
    if len(numbers) > 4:
        return f"{len(numbers)} {kind}"
    return f"{kind} {', '.join(numbers[:-1])} and {numbers[-1]}"
