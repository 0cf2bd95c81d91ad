"""The latent space of a coder: a data set encoded, and every view, test, sampler and path of its codes (R24–R33).

A *coder* is a model with an encoder and a decoder: an autoencoder, its variational twin, or the encoder/generator pair
of a bundle. `open` encodes a data set with one; everything else is about the codes that it leaves, float32 [N, M].

The *Gaussian twin* (R33) are as many points as there are codes, drawn from the Gaussian of their mean and covariance,
or from one Gaussian for each label. `draw_twin` draws it; then any view with `twin=True` shows it in place of the
codes, on the same axes.

Components and axes are numbered from 0. M components, N codes, l labels. Where views stand side by side, the latest of
each `pane` wins.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.codes_alone import CodeRows, NoCoder
from lsd_studio.engine.latent.colouring import Colouring, colouring_by
from lsd_studio.engine.latent.island_comparison import IslandComparison, compare_islands, visible_islands
from lsd_studio.engine.latent.sampler_comparison import MeasuredSampler, SamplerComparison, compare_samplers
from lsd_studio.engine.latent.second_space import LAST_LAYOUT
from lsd_studio.engine.latent.statistics.correlations import Correlations, correlations
from lsd_studio.engine.latent.statistics.densities import AxisDensities, axis_densities
from lsd_studio.engine.latent.statistics.embedding import EmbeddingSettings
from lsd_studio.engine.latent.statistics.gaussian_twin import TwinOf
from lsd_studio.engine.latent.statistics.islands import Island
from lsd_studio.engine.latent.statistics.moments import moments
from lsd_studio.engine.latent.statistics.pairs import PairStatistics, pair_statistics
from lsd_studio.engine.latent.statistics.paths import Station
from lsd_studio.engine.latent.statistics.planes import LEADING_PLANE, Axes, Plane, Window, nearest_point
from lsd_studio.engine.latent.statistics.principal_axes import PrincipalAxes
from lsd_studio.engine.latent.statistics.radius import RadialDensity, radial_density
from lsd_studio.engine.latent.statistics.samplers import Sampler
from lsd_studio.engine.latent.thumbnails import Thumbnails, thumbnails
from lsd_studio.engine.latent.twin_comparison import TwinComparison, TwinTestSettings, compare_with_twin
from lsd_studio.engine.latent.views import (
    CodeView,
    FollowedPath,
    Layout,
    PathPlace,
    PlacedCode,
    PlaneView,
    code_view,
    follow_path,
    lay_out,
    path_place,
    plane_view,
)
from lsd_studio.engine.operations import Operations, operation
from lsd_studio.engine.platform.seeds import checked_seed
from lsd_studio.engine.spaces.conditions import Matches, example
from lsd_studio.engine.steps import Doing, mapped
from lsd_studio.engine.vocabulary import Split
from lsd_studio.percentages import percentage

if TYPE_CHECKING:
    from lsd_studio.engine.latent.dataset import EncodingStep, LatentDataset
    from lsd_studio.engine.latent.report import ReportSettings
    from lsd_studio.engine.spaces.latent_space import LatentSpace

FIRST_PAIR = Plane("components", 0, 1)

PAUSE = 0.25
"""Seconds between two checks whether a paused embedding goes on or is given up."""


@dataclass(frozen=True, eq=False)
class OpenedLatentSpace:
    """The codes that all views are of from now on: the means of the posteriors, where the encoder has posteriors.

    Args:
        name: of the coder; provenance: what it is and was trained on, in words.
        data: name of the data set, or of the codes that came alone; split: of it, "" of codes alone.
        count: N, codes; components: M.
        label_names: l names, of the data set's labels.
        labels_read: names of what C reads, which may be others; none without a classifier.
        is_variational: whether the coder has a prior N(0, I) to draw from.
        mean, sigma: float64 [M], of each component.
        constant: components that are the same for all images.
        rank: of the covariance, ≤ M; less where components are constant or codes few.
        notes: one sentence each on what a reader must know of these codes, such as constant components.
        columns: names of those that codes can be coloured by.
        beside: names of what can be opened beside these codes, as codes of the same rows.
        example: a condition on its columns, as one is written; "" without columns.
        has_decoder: whether points can be decoded; has_pictures: whether codes have the images that they are of.
    """

    name: str
    provenance: str
    data: str
    split: str
    count: int
    components: int
    label_names: tuple[str, ...]
    labels_read: tuple[str, ...]
    is_variational: bool
    mean: np.ndarray
    sigma: np.ndarray
    constant: tuple[int, ...]
    rank: int
    notes: tuple[str, ...]
    columns: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    example: str = ""
    has_decoder: bool = True
    has_pictures: bool = True


class LatentOperations(Operations):
    """Encodes a data set, and answers about its codes until others take their place.

    Every method but `coders` and `open` raises a StudioError where no codes are open, and one where the twin is wanted
    before it is drawn.
    """

    @operation(scope="engine")
    def coders(self) -> tuple[str, ...]:
        """Names of the coders that ship, by which they are opened; autoencoders first."""
        from lsd_studio.engine.autoencoders.coders import shipped_coders

        return shipped_coders()

    @operation("analysis", scope="engine")
    def open(
        self, coder: str | Path, data: str | None = None, split: Split = "test", most: int = 200_000
    ) -> Generator[Doing | EncodingStep, None, OpenedLatentSpace]:
        """Encode a data set, in the place of what was open.

        Args:
            coder: folder of an autoencoder, a bundle or a run; or the name of one that ships.
            data: data set by name or folder; None: the one that the coder was trained on.
            split: which images of it.
            most: how many images at most, the first; up to 200 000.

        Raises:
            StudioError: one of them cannot be opened, or the images do not fit the coder.
        """
        self._session.latent_dataset = yield from _encoded(coder, data, split, most)
        return _opened(self._of)

    @operation("analysis", scope="engine")
    def open_codes(
        self, space: LatentSpace, labels: str | None = None, most: int = 5_000_000, seed: int = 0
    ) -> Generator[Doing, None, OpenedLatentSpace]:
        """Take codes that came alone, in the place of what was open; what needs a decoder is refused.

        Args:
            labels: name of a column of labels; None shows none.
            most: how many codes at most, drawn by `seed`.

        Raises:
            StudioError: there is no such column of labels, or there are too few codes.
        """
        from lsd_studio.engine.spaces.code_dataset import code_dataset

        yield Doing("reading the codes")
        self._session.latent_dataset = code_dataset(space, labels, most, seed)
        return _opened(self._of)

    @operation("analysis", scope="engine")
    def report(
        self, settings: ReportSettings, folder: Path | None = None
    ) -> Generator[Doing, None, dict[str, Any]]:
        """Measure everything that the posts' experiments ask of a latent space, and return the numbers, for JSON.

        Args:
            settings: of which codes, and what is measured of them.
            folder: takes figures (PNG), tables (CSV) and a page (Markdown); made where it is missing. None: no files.

        Raises:
            StudioError: the coder or the data set cannot be opened, a number is out of range, or the folder cannot be
                written to.
        """
        from lsd_studio.engine.latent.report import check_report, make_report

        check_report(settings, folder)
        at = Doing("Encoding the images", 0.0)
        work = _encoded(settings.coder, settings.data, settings.split, settings.most)
        codes = yield from mapped(work, lambda _: at)
        return (yield from make_report(codes, settings, folder))

    @operation("analysis", scope="latent space")
    def draw_twin(self, seed: int = 0, twin_of: TwinOf = "codes") -> None:
        """Draw the Gaussian twin of the codes, in the place of the one before."""
        self._of.draw_twin(checked_seed(seed), twin_of)

    @operation("analysis", latest="twin", scope="latent space")
    def densities(self, width: float = 0.25, axes: Axes = "components", twin: bool = False) -> AxisDensities:
        """Density along each axis in intervals of `width`, in the units of the axes, and what stands out (R25)."""
        of = self._of
        codes = of.population(twin)
        if axes == "principal":
            codes = of.principal.coordinates(codes, slice(of.principal.rank))
        own = moments(codes) if axes == "principal" or twin else of.moments
        return axis_densities(codes, own, width, axes)

    @operation("analysis", latest="twin", scope="latent space")
    def radii(self, width: float = 0.5, twin: bool = False) -> RadialDensity:
        """Density against the distance from the origin, in intervals of `width` (R26)."""
        return radial_density(self._of.population(twin), self._of.moments, width)

    @operation(latest="pane", scope="latent space")
    def plane(
        self,
        plane: Plane = LEADING_PLANE,
        window: Window | None = None,
        most_points: int = 8000,
        bins: tuple[int, int] = (256, 256),
        twin: bool = False,
        pane: str = "",
        colouring: Colouring | None = None,
        among: Matches | None = None,
    ) -> PlaneView:
        """Points of a plane within a window, or their density where they are many (R28).

        Args:
            plane: of two axes.
            window: the part in sight; None: all points, with a margin.
            most_points: up to so many in the window are given as points, more as a density image; at most 20 000.
            bins: columns and rows of the density image, each 8…1024.
            twin: whether of the twin.
            pane: the latest of each wins.
            colouring: classes of the codes in place of their labels.
            among: the codes that are shown, and some of the others beside them; None for all.
        """
        return plane_view(self._of, plane, window, most_points, bins, twin, colouring, among)

    @operation(scope="latent space")
    def colouring(self, column: str) -> Colouring:
        """Classes of the codes by a column of labels or numbers, see `OpenedLatentSpace.columns`.

        Raises:
            StudioError: there is no such column, or it has names.
        """
        columns = self._of.columns
        if column not in columns:
            raise StudioError(f"There is no column {column}: choose one of {', '.join(columns)}.")
        return colouring_by(columns[column])

    @operation(latest="pane", scope="latent space")
    def point_at(
        self,
        plane: Plane,
        place: tuple[float, float],
        reach: tuple[float, float] = (0.1, 0.1),
        twin: bool = False,
        pane: str = "",
        among: Matches | None = None,
    ) -> PlacedCode | None:
        """The code nearest to a place of a plane, decoded; None where none lies within `reach` to either side."""
        of = self._of
        index = nearest_point(of.projected(plane, twin), place, reach, None if among is None else among.found)
        return None if index is None else _placed(of, index, plane, twin)

    @operation(latest="pane", scope="latent space")
    def code(self, index: int, twin: bool = False, pane: str = "") -> CodeView:
        """One code by its index 0…N − 1, decoded."""
        return code_view(self._of, index, twin)

    @operation("analysis", latest="pane", scope="latent space")
    def thumbnails(self, indices: NDArray[np.int64], pane: str = "") -> Generator[Thumbnails, None, None]:
        """Yields small pictures of at most 150 codes by their indices 0…N − 1, 16 at a time."""
        return thumbnails(self._of, indices)

    @operation(latest="pane", scope="latent space")
    def code_on_plane(self, index: int, plane: Plane, pane: str = "") -> PlacedCode:
        """One code by its index 0…N − 1, decoded, and its place on a plane."""
        return _placed(self._of, index, plane, twin=False)

    @operation("analysis", scope="latent space")
    def variance(self) -> PrincipalAxes:
        """The principal axes of the codes, and the variance along them (R28)."""
        return self._of.principal

    @operation("analysis", scope="latent space")
    def correlations(self, twin: bool = False) -> Correlations:
        """The Pearson matrix of the components (R30)."""
        return correlations(moments(self._of.population(True)) if twin else self._of.moments)

    @operation("analysis", latest="pane", scope="latent space")
    def pair(
        self,
        plane: Plane = FIRST_PAIR,
        levels: tuple[float, ...] = (1.0, 2.0, 3.0),
        twin: bool = False,
        pane: str = "",
    ) -> PairStatistics:
        """Contours of the density of a pair of axes, and its confidence ellipses at each k of `levels` (R30).

        The levels are above 0, at most 10 of them.
        """
        of = self._of
        return pair_statistics(of.projected(plane, twin), plane, of.axis_names(plane), levels)

    @operation("analysis", scope="latent space")
    def embed(self, settings: EmbeddingSettings) -> Generator[Doing | Layout, None, Layout]:
        """Lay codes out on a plane by t-SNE, and show the layout while it is optimised (R29).

        `pause_embedding` holds it and goes on with it.
        """
        of = self._of
        checked_seed(settings.seed)
        of.running.set()
        yield Doing(f"looking for the neighbours of {min(settings.points, len(of.codes))} codes")
        for layout in lay_out(of, settings):
            yield layout
            while not of.running.wait(PAUSE):
                yield Doing("t-SNE is paused")
        if not settings.twin:
            of.layout = layout
        return layout

    @operation(scope="latent space")
    def pause_embedding(self, paused: bool = True) -> None:
        """Hold the optimisation at its next step, or go on with it."""
        if paused:
            self._of.running.clear()
        else:
            self._of.running.set()

    @operation("analysis", latest="pane", scope="latent space")
    def islands(self, layout: Layout, pane: str = "") -> tuple[Island, ...]:
        """The islands of a layout that the eye sees; whether noise has such too, `compare_islands` says."""
        return visible_islands(layout.points)

    @operation("analysis", scope="latent space")
    def compare_islands(
        self, layout: Layout, twins: int = 19, twin_of: TwinOf = "codes"
    ) -> Generator[Doing, None, IslandComparison]:
        """Lay Gaussian twins out by the settings of a layout of codes, and compare their islands with its own.

        Args:
            layout: as `embed` gave it.
            twins: how many are laid out, 9…999.
            twin_of: one Gaussian for all codes, or one for each label.

        Raises:
            StudioError: the number is out of its range, the layout is of a twin, or a Gaussian has too few codes.
        """
        work = compare_islands(self._of, layout, twins, twin_of)
        return (yield from mapped(work, lambda share: Doing(f"laying twins out, {percentage(share)}", share)))

    @operation("analysis", scope="latent space")
    def compare_with_twin(self, settings: TwinTestSettings) -> Generator[Doing, None, TwinComparison]:
        """Test whether the codes differ in structure from Gaussian points of their mean and covariance (R33, R47)."""
        checked_seed(settings.seed)
        yield Doing("choosing the codes that are compared")
        work = compare_with_twin(self._of, settings)
        return (
            yield from mapped(
                work, lambda share: Doing(f"drawing and measuring twins, {percentage(share)}", share)
            )
        )

    @operation("analysis", scope="latent space")
    def compare_samplers(
        self, samplers: tuple[Sampler, ...] = (), points: int = 1000, pictures: int = 20, seed: int = 0
    ) -> Generator[MeasuredSampler, None, SamplerComparison]:
        """Draw, decode and measure samplers side by side (R27, R31); see `compare_samplers` of the science.

        Args:
            samplers: which; none means all that the coder allows, after the codes themselves.
            points: drawn of each for the measures, 100…5000.
            pictures: of each that are kept, 1…100.
            seed: of all draws.
        """
        return compare_samplers(self._of, samplers, points, pictures, checked_seed(seed))

    @operation(latest="pane", scope="latent space")
    def path_place(self, stations: tuple[Station, ...], position: float = 0.0, pane: str = "") -> PathPlace:
        """Decode a position of the straight path from station to station (R32).

        Args:
            stations: 1…20; a single one is a place to see.
            position: 0 is the first station, 1.5 half way from the second to the third; clipped to the path.
            pane: the latest of each wins.
        """
        return path_place(self._of, stations, position)

    @operation("analysis", scope="latent space")
    def follow_path(self, stations: tuple[Station, ...], pictures_a_leg: int = 12) -> FollowedPath:
        """Decode a whole path, with so many pictures from station to station, 2…60 (R32)."""
        return follow_path(self._of, stations, pictures_a_leg)

    @property
    def _of(self) -> LatentDataset:
        return self._session.open_latent_dataset()


def _encoded(
    coder: str | Path, data: str | None, split: Split, most: int
) -> Generator[Doing | EncodingStep, None, LatentDataset]:
    from lsd_studio.engine.autoencoders.coders import load_coder
    from lsd_studio.engine.datasets import load_fitting
    from lsd_studio.engine.latent.dataset import encode_data_set

    yield Doing("opening the model")
    opened = load_coder(coder)
    yield Doing("reading the images")
    images = load_fitting(opened.trained_on, data, split, any_labels=True)
    return (yield from encode_data_set(opened, images, most))


def _opened(of: LatentDataset) -> OpenedLatentSpace:
    coder, data = of.coder, of.data
    return OpenedLatentSpace(
        name=coder.name,
        provenance=coder.provenance,
        data=data.name,
        split="" if isinstance(data, CodeRows) else data.split,
        count=len(of.codes),
        components=of.components,
        label_names=data.label_names,
        labels_read=of.labels_read,
        is_variational=coder.has_normal_prior,
        mean=of.moments.mean,
        sigma=of.moments.sigma,
        constant=tuple(np.flatnonzero(of.moments.constant).tolist()),
        rank=of.principal.rank,
        notes=of.notes,
        columns=tuple(
            name for name, column in of.columns.items() if column.is_label or column.kind == "numbers"
        ),
        beside=(*(data.arrays if isinstance(data, CodeRows) else _other_coders(coder.name)), LAST_LAYOUT),
        example=example(of.columns),
        has_decoder=not isinstance(coder, NoCoder),
        has_pictures=not isinstance(data, CodeRows) or data.has_pictures,
    )


def _other_coders(name: str) -> tuple[str, ...]:
    from lsd_studio.engine.autoencoders.coders import shipped_coders

    return tuple(other for other in shipped_coders() if other != name)


def _placed(of: LatentDataset, index: int, plane: Plane, twin: bool) -> PlacedCode:
    code = code_view(of, index, twin)
    x, y = of.projected(plane, twin)[index]
    return PlacedCode(code, (float(x), float(y)))
