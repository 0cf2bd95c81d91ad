"""Islands of a layout beside those of Gaussian twins that are laid out by the same settings."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.statistics.gaussian_twin import MatchedTwins, TwinOf
from lsd_studio.engine.latent.statistics.islands import VISIBLE, Island, islands, largest_separation, splits
from lsd_studio.engine.latent.views import Layout, embedded, seen
from lsd_studio.engine.platform.seeds import random_numbers

if TYPE_CHECKING:
    from lsd_studio.engine.latent.dataset import LatentDataset

FEWEST_TWINS, MOST_TWINS = 9, 999


@dataclass(frozen=True, eq=False)
class IslandComparison:
    """Which islands of a layout are more separated than any of Gaussian twins.

    Attributes:
        layout: of the codes.
        islands: those whose separation is above `limit`, the largest first; of Gaussian codes, there are any in one of
            twins + 1 cases.
        doubtful: other islands that the eye sees: no evidence, since twins show such too.
        limit: separation of the most separated island of all twins.
        separations: float64 [T], of the most separated island of each twin; 0 where its layout is one piece.
        largest: the same of the codes; p_value: its rank among them, (k + 1) / (T + 1) with k twins as large.
        twin: layout of the twin that has the limit; its `indices` and `labels` are −1, for its points are no codes.
        twin_islands: those of it that the eye sees.
        sentence: what was counted, in words.
    """

    layout: Layout
    islands: tuple[Island, ...]
    doubtful: tuple[Island, ...]
    limit: float
    separations: NDArray[np.float64]
    largest: float
    p_value: float
    twin: Layout
    twin_islands: tuple[Island, ...]
    sentence: str


def visible_islands(points: NDArray[np.float32]) -> tuple[Island, ...]:
    """Islands of a layout float [K, 2] that the eye sees, but for one that most points lie in."""
    return _but_the_main_one(islands(points, splits(points), VISIBLE), len(points))


def compare_islands(
    of: LatentDataset, layout: Layout, twins: int, twin_of: TwinOf
) -> Generator[float, None, IslandComparison]:
    """See `LatentOperations.compare_islands`; yields the share done, 0…1.

    The twins have the mean and covariance of the codes laid out exactly (of each label, for twins of labels), as
    `MatchedTwins` are drawn: where codes are Gaussian, their layout is as likely as that of any twin.
    """
    if not FEWEST_TWINS <= twins <= MOST_TWINS:
        raise StudioError(
            f"Islands are compared with {FEWEST_TWINS} to {MOST_TWINS} twins, not {twins}: choose in this range."
        )
    if layout.settings.twin:
        raise StudioError("This layout is of the Gaussian twin: choose one of the codes.")
    settings = replace(layout.settings, steps=layout.step)
    _, indices, codes = seen(of, settings)
    axes = of.principal.rank if settings.leading is None else settings.leading
    groups = of.data.labels[indices] if twin_of == "labels" else None
    source = MatchedTwins(of.principal.coordinates(of.codes[indices], slice(axes)), groups)
    random = random_numbers(settings.seed, "twins laid out", twin_of)
    found = splits(layout.points)
    separations: list[float] = []
    yield 0.0
    for coordinates in source.draws(twins, random):
        points = coordinates
        if settings.leading is None:
            points = (coordinates @ of.principal.axes[:axes] + of.principal.mean).astype(codes.dtype)
        for step in embedded(points, settings):
            yield (len(separations) + step.step / max(step.of, 1)) / twins
        gaps = splits(step.points)
        if largest_separation(gaps) >= max(separations, default=0.0):
            most, most_gaps = step, gaps
        separations.append(largest_separation(gaps))
    none = np.full(len(indices), -1, dtype=np.int64)
    twin = Layout(**vars(most), indices=none, labels=none, settings=replace(settings, twin=True))
    limit, largest = max(separations), largest_separation(found)
    real = islands(layout.points, found, limit)
    others = _but_the_main_one(islands(layout.points, found, VISIBLE), len(indices))
    comparison = IslandComparison(
        layout=layout,
        islands=real,
        doubtful=tuple(island for island in others if island.separation <= limit),
        limit=limit,
        separations=np.array(separations),
        largest=largest,
        p_value=(1 + sum(one >= largest for one in separations)) / (1 + twins),
        twin=twin,
        twin_islands=_but_the_main_one(islands(most.points, most_gaps, VISIBLE), len(indices)),
        sentence="",
    )
    return replace(comparison, sentence=_sentence(comparison, twin_of))


def _but_the_main_one(of: tuple[Island, ...], count: int) -> tuple[Island, ...]:
    return tuple(island for island in of if 2 * len(island.members) <= count)


def _sentence(of: IslandComparison, twin_of: TwinOf) -> str:
    """What was counted."""
    twins, count = len(of.separations), len(of.layout.points)
    kind = "Gaussian twins" if twin_of == "codes" else "twins of one Gaussian a label"
    alike, p = f"{twins} {kind} laid out alike", f"p = {of.p_value:.2g}"
    if of.islands:
        held = sum(len(island.members) for island in of.islands)
        said = (
            f"{len(of.islands)} islands hold {held} of {count} codes. The gaps around them, up to {of.largest:.1f} "
            f"times as wide as codes are apart, are wider than any in {alike} (up to {of.limit:.1f}; {p})."
        )
    else:
        said = (
            f"No island of {count} codes is evidence of anything: the widest gap is {of.largest:.1f} times as wide as "
            f"codes are apart, and gaps in {alike} are up to {of.limit:.1f} ({p})."
        )
    if of.doubtful:
        verb = "is" if len(of.doubtful) == 1 else "are"
        said += f" {len(of.doubtful)} more that the eye sees {verb} no evidence: twins have such too."
    return said
