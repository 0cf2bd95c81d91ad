"""What is seen of a data set of codes: planes, layouts, single codes, and paths, decoded (R28, R29, R32)."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.latent.codes_alone import CodeRows, NoCoder
from lsd_studio.engine.latent.colouring import Colouring
from lsd_studio.engine.latent.second_space import Aligned
from lsd_studio.engine.latent.statistics.embedding import (
    EmbeddingSettings,
    EmbeddingStep,
    check_embedding,
    embed,
)
from lsd_studio.engine.latent.statistics.moments import Codes
from lsd_studio.engine.latent.statistics.paths import Station, along, place_name, positions, station_code
from lsd_studio.engine.latent.statistics.planes import Plane, PlaneContent, Window, content, extent
from lsd_studio.engine.latent.statistics.umap_layout import umap_layout
from lsd_studio.engine.platform.seeds import random_numbers
from lsd_studio.engine.spaces.conditions import Matches

if TYPE_CHECKING:
    from lsd_studio.engine.latent.dataset import LatentDataset

MOST_NEIGHBOURS = 20_000
"""Codes among which the nearest to a place of a path is searched."""

MOST_PICTURES_A_LEG = 60
MOST_STATIONS = 20


@dataclass(frozen=True, eq=False)
class PlaneView(PlaneContent):
    """A window on a plane: `points` when near, `density` when far; the other is None.

    Attributes:
        plane: as asked.
        window: as used; extent: the window that holds all points.
        axis_names: for the axes of a plot, such as "component 52" or "principal axis 1 (12.3 % of variance)".
        count: of all points, or of those that match `condition`, of which `inside` are in the window.
        condition: that points must match; "" where all are shown.
        points: float32 [K, 2]; labels: int64 [K], of the images, or classes of a colouring. The points of the twin have
            no image: their labels are −1.
        aligned: of the second space, how near it comes to the first, or to this plane; None of the first itself.
        other_points: float32 [J, 2], some of those in the window that do not match, see `others`.
    """

    plane: Plane
    window: Window
    extent: Window
    axis_names: tuple[str, str]
    count: int
    condition: str
    points: Codes | None
    labels: NDArray[np.int64] | None
    other_points: Codes
    aligned: Aligned | None


@dataclass(frozen=True, eq=False)
class CodeView:
    """A point of the latent space, decoded.

    Attributes:
        index: which code it is, or which point of the twin; None: a place between them.
        original: uint8 [H, W, C], the image that was encoded; None where there is none.
        decoded: uint8 [H, W, C]; None where there is no decoder.
        label: of the image or row, −1 without one.
        probabilities: float32 [l], C's for the decoded picture; None without a classifier.
        radius: |z|.
        mahalanobis: distance from the mean of the codes in their covariance, within the space that they span.
        share_beyond: share of the codes that lie farther out than this point, by that distance, 0…1.
        row: of a file of codes that came alone, counted from 0; None for an image, and for a place between codes.
    """

    index: int | None
    original: NDArray[np.uint8] | None
    decoded: NDArray[np.uint8] | None
    label: int
    probabilities: NDArray[np.float32] | None
    radius: float
    mahalanobis: float
    share_beyond: float
    row: int | None = None


@dataclass(frozen=True)
class PlacedCode:
    """A code, and where it is on the plane that was asked about."""

    code: CodeView
    place: tuple[float, float]


@dataclass(frozen=True)
class PathPlace:
    """A position of a path, decoded.

    Attributes:
        position: as used.
        code: the place; its `index` is None.
        nearest: index of the code that is nearest to it among at most 20 000, by distance in the whole space.
        nearest_distance: how far that one is.
        name: in words, such as "50 % of the way from image 3 to image 7".
    """

    position: float
    code: CodeView
    nearest: int
    nearest_distance: float
    name: str


@dataclass(frozen=True, eq=False)
class FollowedPath:
    """A whole path, decoded.

    Attributes:
        positions: float64 [P], every station among them.
        pictures: uint8 [P, H, W, C].
        probabilities: float32 [P, l], C's; None without a classifier.
        mahalanobis: float64 [P]; boundary: the distance within which 99 % of the codes lie.
        share_beyond: float64 [P], see `CodeView`.
    """

    positions: NDArray[np.float64]
    pictures: NDArray[np.uint8]
    probabilities: NDArray[np.float32] | None
    mahalanobis: NDArray[np.float64]
    boundary: float
    share_beyond: NDArray[np.float64]


def plane_view(
    of: LatentDataset,
    plane: Plane,
    window: Window | None,
    most_points: int,
    bins: tuple[int, int],
    twin: bool,
    colouring: Colouring | None = None,
    among: Matches | None = None,
) -> PlaneView:
    """What a window on a plane holds; see `LatentOperations.plane`.

    Raises:
        StudioError: there is no such plane or no twin, or a number is out of its range.
    """
    points, index = of.projected(plane, twin), of.indexed(plane, twin)
    whole = extent(points) if index is None else index.extent
    window = whole if window is None else window
    classes = of.data.labels if colouring is None else colouring.classes
    chosen = None if among is None else among.found
    held = content(points, None if twin else classes, window, most_points, bins, chosen, index)
    near = held.indices
    return PlaneView(
        **vars(held),
        plane=plane,
        window=window,
        extent=whole,
        axis_names=of.axis_names(plane),
        count=len(points) if among is None else among.count,
        condition="" if among is None else among.condition,
        points=None if near is None else points[near],
        labels=None if near is None else of.labels(near, twin=True) if twin else classes[near],
        other_points=points[held.others],
        aligned=of.aligned(plane) if plane.second else None,
    )


def code_view(of: LatentDataset, index: int, twin: bool) -> CodeView:
    """A code, or a point of the twin, decoded.

    Raises:
        StudioError: there is no such code, or no twin.
    """
    if not 0 <= index < len(of.codes):
        raise StudioError(f"There is no code {index}: choose 0 to {len(of.codes) - 1}.")
    if twin:
        return _decoded(of, of.population(True)[index], index)
    label = int(of.data.labels[index])
    if isinstance(of.data, CodeRows):
        row = int(of.data.rows[index])
        shown = _decoded(of, of.codes[index], index, of.data.picture_of(row), label)
        return replace(shown, row=row)
    original = np.ascontiguousarray(of.data.images[index].transpose(1, 2, 0))
    return _decoded(of, of.codes[index], index, original, label)


def path_place(of: LatentDataset, stations: tuple[Station, ...], position: float) -> PathPlace:
    """A position of the straight path from station to station, clipped to it.

    Raises:
        StudioError: there are no stations, too many, or one is not there.
    """
    places = _places(of, stations)
    position = float(np.clip(position, 0, len(places) - 1))
    code = along(places, np.array([position]))[0]
    every = -(-len(of.codes) // MOST_NEIGHBOURS)
    distance = np.linalg.norm(of.codes[::every] - code, axis=1)
    nearest = int(distance.argmin())
    return PathPlace(
        position=position,
        code=_decoded(of, code, None),
        nearest=nearest * every,
        nearest_distance=float(distance[nearest]),
        name=place_name(stations, position),
    )


def follow_path(of: LatentDataset, stations: tuple[Station, ...], pictures_a_leg: int) -> FollowedPath:
    """A whole path with so many pictures from station to station.

    Raises:
        StudioError: there are fewer than two stations or too many, one is not there, or `pictures_a_leg` is not 2…60.
    """
    places = _places(of, stations)
    if len(places) < 2 or not 2 <= pictures_a_leg <= MOST_PICTURES_A_LEG:
        raise StudioError(
            f"A path has two stations or more and 2 to {MOST_PICTURES_A_LEG} pictures between them, not {len(places)} "
            f"and {pictures_a_leg}: choose values in these ranges."
        )
    where = positions(len(places), pictures_a_leg)
    codes = along(places, where)
    images = of.decoder.decode(codes)
    distances = of.principal.distances(codes)
    return FollowedPath(
        positions=where,
        pictures=pictures(images),
        probabilities=of.decoder.classify(images),
        mahalanobis=distances,
        boundary=of.boundary,
        share_beyond=of.share_beyond(distances),
    )


def _places(of: LatentDataset, stations: tuple[Station, ...]) -> NDArray[np.float64]:
    if not 1 <= len(stations) <= MOST_STATIONS:
        raise StudioError(f"A path has 1 to {MOST_STATIONS} stations, not {len(stations)}: choose some.")
    return np.stack([station_code(station, of.codes, of.principal) for station in stations])


def _decoded(
    of: LatentDataset,
    code: NDArray[np.float32],
    index: int | None,
    original: NDArray[np.uint8] | None = None,
    label: int = -1,
) -> CodeView:
    picture, probabilities = None, None
    if not isinstance(of.coder, NoCoder):
        images = of.coder.decode(code[None])
        picture, probabilities = pictures(images)[0], of.coder.classify(images)
    distance = of.principal.distances(code[None])
    return CodeView(
        index=index,
        original=original,
        decoded=picture,
        label=label,
        probabilities=None if probabilities is None else probabilities[0],
        radius=float(np.linalg.norm(code)),
        mahalanobis=float(distance[0]),
        share_beyond=float(of.share_beyond(distance)[0]),
    )


@dataclass(frozen=True, eq=False)
class Layout(EmbeddingStep):
    """Codes on a plane as t-SNE or UMAP has them now. Its axes and distances have no unit.

    Attributes:
        indices: int64 [K], which codes (or points of the twin) they are; the same in all layouts of one run.
        labels: int64 [K], of the images; −1 of the twin.
        settings: as used: `points` is K.
    """

    indices: NDArray[np.int64]
    labels: NDArray[np.int64]
    settings: EmbeddingSettings

    def taken(self, chosen: NDArray[np.bool_]) -> Layout:
        """Some of its points, as bool [K] says."""
        return replace(
            self, points=self.points[chosen], indices=self.indices[chosen], labels=self.labels[chosen]
        )


def lay_out(of: LatentDataset, settings: EmbeddingSettings) -> Generator[Layout, None, Layout]:
    """Yields the layout before the first step and after every ten, and returns the last.

    Raises:
        StudioError: a number is out of its range, or there is no twin.
    """
    used, indices, chosen = seen(of, settings)
    labels = of.labels(indices, used.twin)
    for step in embedded(chosen, used):
        layout = Layout(**vars(step), indices=indices, labels=labels, settings=used)
        yield layout
    return layout


def seen(
    of: LatentDataset, settings: EmbeddingSettings
) -> tuple[EmbeddingSettings, NDArray[np.int64], Codes]:
    """What t-SNE or UMAP sees: the settings as used, int64 [K] which codes, and float32 [K, d] of them.

    Raises:
        StudioError: a number is out of its range, or there is no twin.
    """
    codes = of.population(settings.twin)
    leading = of.principal.rank if settings.leading is None else settings.leading
    if not 2 <= leading <= of.principal.rank:
        raise StudioError(
            f"{settings.method} sees 2 to {of.principal.rank} principal axes of these codes, not {leading}: choose "
            "another number."
        )
    used = replace(settings, points=min(settings.points, len(codes)))
    check_embedding(used.points, used.perplexity, used.early_exaggeration, used.steps)
    random = random_numbers(used.seed, "codes laid out")
    indices = np.sort(random.choice(len(codes), used.points, replace=False))
    chosen = codes[indices]
    if used.leading is not None:
        chosen = of.principal.coordinates(chosen, slice(leading))
    return used, indices, chosen


def embedded(points: Codes, settings: EmbeddingSettings) -> Iterator[EmbeddingStep]:
    """Lay points float32 [K, d] out by the settings; UMAP shows no step but its last."""
    seed = settings.seed % 2**32
    if settings.method == "UMAP":
        layout = umap_layout(points, round(settings.perplexity), settings.steps, seed)
        yield EmbeddingStep(layout, settings.steps, settings.steps, exaggerated=False, divergence=math.nan)
    else:
        yield from embed(points, settings.perplexity, settings.early_exaggeration, settings.steps, seed)
