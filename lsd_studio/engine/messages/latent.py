"""The latent space laboratory: where the codes of a data set lie, and how points are drawn that decode well (R24–R33).

A *coder* is a model with an encoder and a decoder: an autoencoder, its variational twin, or the encoder/generator pair
of a bundle. `OpenLatentSpace` encodes a data set with one; every other request is about the codes that it leaves,
float32 [N, M], and is given up with `Stopped` when another space is opened meanwhile.

The *Gaussian twin* (R33) are as many points as there are codes, drawn from the Gaussian of their mean and covariance,
or from one Gaussian for each label. `DrawTwin` draws it; then any view with `twin=True` shows it in place of the
codes, on the same axes.

Components and axes are numbered from 0. M components, N codes, l labels.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal, TypeAlias

import numpy as np

from lsd_studio.engine.messages.choices import Split
from lsd_studio.engine.messages.core import Event, LaneName, Progress, Request

Axes = Literal["components", "principal"]
"""Raw components z_k as the encoder gives them, or principal axes (R28): coordinates from the mean of the codes, along
directions of falling variance; the twin is shown on the principal axes of the codes."""

Window: TypeAlias = tuple[float, float, float, float]
"""A part of a plane: left, right, bottom, top, in the units of its axes."""

TwinOf = Literal["codes", "labels"]
"""The Gaussian twin has the mean and covariance of all codes, or is one Gaussian for the codes of each label (R47)."""

SamplerKind = Literal["codes", "cube", "box", "ellipses", "cholesky", "principal", "truncated", "prior"]
"""How points of the latent space are drawn (R27, R31); see `Sampler`."""


MOST_POINTS = 20_000
"""Points of a window on a plane that are sent one by one, at most."""

FEWEST_BINS, MOST_BINS = 8, 1024
"""Columns, and rows, of a density image."""

MOST_LEVELS = 10
"""Ellipses of a pair."""

LEADING = (2, 4, 10)
"""Numbers of leading principal axes that the posts' t-SNE sees (R29), and some samplers draw."""


@dataclass(frozen=True)
class _Analysis(Request):
    lane: ClassVar[LaneName] = "analysis"


@dataclass(frozen=True)
class _InPane(Request):
    """A request of which the latest wins in each pane, so that codes and twin can stand side by side."""

    pane: int = 0

    @property
    def kind(self) -> str:
        """One for each pane."""
        return f"{type(self).__name__} {self.pane}"


@dataclass(frozen=True)
class Plane:
    """The plane of two axes, 0…M − 1, different from each other."""

    axes: Axes
    x: int
    y: int


@dataclass(frozen=True)
class ListCoders(Request):
    """What can be opened without looking for a folder. Answer: CodersListed."""


@dataclass(frozen=True)
class CodersListed(Event):
    """Names of the coders that ship, by which they are opened; autoencoders first."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class OpenLatentSpace(_Analysis):
    """Encode a data set, in the place of what was open. Answers: a stream of Encoding, then LatentSpaceOpened.

    Args:
        coder: folder of an autoencoder, a bundle or a run; or the name of one that ships.
        data: data set by name or folder; None: the one that the coder was trained on.
        split: which images of it.
        most: how many images at most, the first; up to 200 000.
    """

    coder: str | Path
    data: str | None = None
    split: Split = "test"
    most: int = 200_000


@dataclass(frozen=True)
class Encoding(Progress):
    """A data set being encoded: `done` of `wanted` images."""

    done: int
    wanted: int
    images_per_second: float


@dataclass(frozen=True, eq=False)
class LatentSpaceOpened(Event):
    """The codes that all views are of from now on: the means of the posteriors, where the encoder has posteriors.

    Args:
        name: of the coder; provenance: what it is and was trained on, in words.
        data: name of the data set; split: of it.
        count: N, codes; components: M.
        image_shape: channels, height, width.
        label_names: l names, of the data set's labels.
        labels_read: names of what C reads, which may be others; none without a classifier.
        is_variational: whether the coder has a prior N(0, I) to draw from.
        has_classifier: whether confidence, precision and recall can be measured.
        mean, sigma: float64 [M], of each component.
        constant: components that are the same for all images.
        rank: of the covariance, ≤ M; less where components are constant or codes few.
        notes: one sentence each on what a reader must know of these codes, such as constant components.
        seconds: that it took.
    """

    name: str
    provenance: str
    data: str
    split: str
    count: int
    components: int
    image_shape: tuple[int, int, int]
    label_names: tuple[str, ...]
    labels_read: tuple[str, ...]
    is_variational: bool
    has_classifier: bool
    mean: np.ndarray
    sigma: np.ndarray
    constant: tuple[int, ...]
    rank: int
    notes: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class DrawTwin(_Analysis):
    """Draw the Gaussian twin of the codes, in the place of the one before. Answer: TwinDrawn."""

    seed: int = 0
    twin_of: TwinOf = "codes"


@dataclass(frozen=True)
class TwinDrawn(Event):
    """From now on `twin=True` means this one."""

    seed: int
    twin_of: TwinOf
    count: int
    seconds: float


@dataclass(frozen=True)
class ShowDensities(_Analysis):
    """Density of the codes along each axis, at a width (R25). Answer: DensitiesShown.

    Args:
        width: of the intervals, in the units of the axes.
        axes: raw components, or principal axes.
        twin: of the Gaussian twin in place of the codes.
    """

    width: float = 0.25
    axes: Axes = "components"
    twin: bool = False

    @property
    def kind(self) -> str:
        """One for the codes, one for the twin."""
        return f"ShowDensities {'twin' if self.twin else 'codes'}"


@dataclass(frozen=True)
class Outstanding:
    """A component that stands out among all, and why, in one sentence with its numbers."""

    component: int
    reason: str


@dataclass(frozen=True, eq=False)
class DensitiesShown(Event):
    """Densities along all axes, and a Gaussian fitted to each by least squares (SciPy's `curve_fit`).

    Arrays over components are float64 [M] and NaN where a component has none: constant ones, and fits of curves that
    fewer than four intervals hold, or that do not converge.

    Args:
        edges: float64 [B + 1], of intervals of `width`, the same for all components.
        density: float32 [M, B], integrates to 1; times N it is the posts' number density.
        center, sigma: mean and standard deviation.
        fwhm: full width at half maximum of the curve, by linear interpolation.
        fit_height, fit_center, fit_sigma: of height·exp(−(x − center)² / 2σ²).
        fit_center_error, fit_sigma_error: standard errors.
        fit_error: half the area between curve and fit, 0…1: the share of points on the wrong place.
        outstanding: components that stand out, by how far they do.
        notes: one sentence each, on what has no curve or no fit.
        milliseconds: that it took.
    """

    axes: Axes
    twin: bool
    width: float
    edges: np.ndarray
    density: np.ndarray
    center: np.ndarray
    sigma: np.ndarray
    fwhm: np.ndarray
    fit_height: np.ndarray
    fit_center: np.ndarray
    fit_sigma: np.ndarray
    fit_center_error: np.ndarray
    fit_sigma_error: np.ndarray
    fit_error: np.ndarray
    outstanding: tuple[Outstanding, ...]
    notes: tuple[str, ...]
    milliseconds: float

    def fitted(self, component: int) -> np.ndarray:
        """The Gaussian fitted to a component's curve, float64 [B], at the middles of the intervals; NaN without."""
        middles = (self.edges[1:] + self.edges[:-1]) / 2
        away = (middles - self.fit_center[component]) / self.fit_sigma[component]
        return self.fit_height[component] * np.exp(-(away**2) / 2)


@dataclass(frozen=True)
class ShowRadii(_Analysis):
    """Density of the codes against their distance from the origin (R26). Answer: RadiiShown."""

    width: float = 0.5
    twin: bool = False

    @property
    def kind(self) -> str:
        """One for the codes, one for the twin."""
        return f"ShowRadii {'twin' if self.twin else 'codes'}"


@dataclass(frozen=True, eq=False)
class RadiiShown(Event):
    """Density against radius |z|.

    Args:
        edges: float64 [B + 1], from 0; density: float64 [B], integrates to 1.
        chi: float64 [B], what N(0, I) of M dimensions has in each interval, as a density.
        root_of_m: √M; chi_mean: the mean radius under N(0, I), slightly less.
        mean, sigma: of the radii; peak: middle of the fullest interval.
        root_mean_square: √(Σ mean² + σ²) over components, the radius that their centres and widths explain.
        least, largest: radius of any code.
    """

    twin: bool
    width: float
    edges: np.ndarray
    density: np.ndarray
    chi: np.ndarray
    root_of_m: float
    chi_mean: float
    mean: float
    sigma: float
    peak: float
    root_mean_square: float
    least: float
    largest: float
    milliseconds: float


@dataclass(frozen=True)
class ViewPlane(_InPane):
    """Points of a plane within a window, or their density where they are many (R28). Answer: PlaneShown.

    Args:
        plane: of two axes.
        window: what is looked at; None: all points, with a margin.
        most_points: up to so many in the window are sent as points, more as a density image; at most 20 000.
        bins: columns and rows of the density image, each 8…1024.
        twin: of the Gaussian twin in place of the codes.
        pane: see `kind`.
    """

    plane: Plane = Plane("principal", 0, 1)
    window: Window | None = None
    most_points: int = 8000
    bins: tuple[int, int] = (256, 256)
    twin: bool = False


@dataclass(frozen=True, eq=False)
class PlaneShown(Event):
    """A window on a plane: `points` when near, `density` when far; the other is None.

    Args:
        plane, pane, twin: as asked.
        window: as looked at; extent: the window that holds all points.
        axis_names: for the axes of a plot, such as "component 52" or "principal axis 1 (12.3% of variance)".
        inside: points in the window, of `count`.
        points: float32 [K, 2]; indices: int64 [K], which code each is; labels: int64 [K], of the images. The points of
            the twin have no image: their labels are −1.
        density: float32 [rows, columns], points a unit of area, row 0 at the bottom.
        majority: int16 [rows, columns], the most frequent label of each cell, −1 where it is empty or of the twin.
        milliseconds: that it took.
    """

    plane: Plane
    pane: int
    twin: bool
    window: Window
    extent: Window
    axis_names: tuple[str, str]
    inside: int
    count: int
    points: np.ndarray | None
    indices: np.ndarray | None
    labels: np.ndarray | None
    density: np.ndarray | None
    majority: np.ndarray | None
    milliseconds: float


@dataclass(frozen=True)
class PointAt(_InPane):
    """The code nearest to a place of a plane, decoded: what is under the pointer. Answer: PointShown.

    Args:
        place: x, y in the units of the axes.
        reach: half the width and height around it within which a point counts as under the pointer.
    """

    plane: Plane = Plane("principal", 0, 1)
    place: tuple[float, float] = (0.0, 0.0)
    reach: tuple[float, float] = (0.1, 0.1)
    twin: bool = False


@dataclass(frozen=True)
class ShowCode(_InPane):
    """One code by its index 0…N − 1, decoded, and its place on a plane where one is named. Answer: PointShown."""

    index: int = 0
    plane: Plane | None = None
    twin: bool = False


@dataclass(frozen=True, eq=False)
class CodePictures:
    """A point of the latent space, looked at.

    Args:
        index: which code it is, or which point of the twin; None: a place between them.
        original: uint8 [H, W, C], the image that was encoded; None where there is none.
        decoded: uint8 [H, W, C].
        label: of the image, −1 without one.
        probabilities: float32 [l], C's for the decoded picture; None without a classifier.
        radius: |z|.
        mahalanobis: distance from the mean of the codes in their covariance, within the space that they span.
        share_beyond: share of the codes that lie farther out than this point, by that distance, 0…1.
    """

    index: int | None
    original: np.ndarray | None
    decoded: np.ndarray
    label: int
    probabilities: np.ndarray | None
    radius: float
    mahalanobis: float
    share_beyond: float


@dataclass(frozen=True)
class PointShown(Event):
    """What is under the pointer: `code`, at `place` of the plane that was asked about; None where no point is near."""

    pane: int
    code: CodePictures | None
    place: tuple[float, float] | None
    milliseconds: float


@dataclass(frozen=True)
class ShowVariance(_Analysis):
    """Variance along the principal axes (R28). Answer: VarianceShown."""


@dataclass(frozen=True, eq=False)
class VarianceShown(Event):
    """Variance along the principal axes of the codes.

    Args:
        variances: float64 [M], falling; shares: float64 [M], of the total, sum to 1.
        needed: pairs (share, number of leading axes that hold it), for 50, 80, 90, 95 and 99 %.
        effective: participation ratio (Σλ)² / Σλ², 1…M.
        components: float32 [M, M], row k is principal axis k over the raw components, unit length.
        notes: one sentence each.
    """

    variances: np.ndarray
    shares: np.ndarray
    needed: tuple[tuple[float, int], ...]
    effective: float
    components: np.ndarray
    notes: tuple[str, ...]
    milliseconds: float


@dataclass(frozen=True)
class ShowCorrelations(_Analysis):
    """The Pearson matrix of the components (R30). Answer: CorrelationsShown."""

    twin: bool = False


@dataclass(frozen=True, eq=False)
class CorrelationsShown(Event):
    """Pearson correlations of all pairs of components.

    Args:
        matrix: float32 [M, M], −1…1; NaN in the rows and columns of constant components.
        strongest: up to 50 triples (i, j, r), i < j, by falling |r|.
        chance: |r| that 99 % of pairs of independent normal components stay below with so many codes.
        above_chance: share of the pairs above it; 0.01 is chance.
        notes: one sentence each.
    """

    twin: bool
    matrix: np.ndarray
    strongest: tuple[tuple[int, int, float], ...]
    chance: float
    above_chance: float
    notes: tuple[str, ...]
    milliseconds: float


@dataclass(frozen=True)
class ShowPair(_InPane):
    """Contours of the density of a pair of axes, and its confidence ellipses (R30). Answer: PairShown.

    Args:
        plane: the pair.
        levels: the k of the ellipses, each above 0, at most 10 of them.
        twin: of the Gaussian twin in place of the codes.
    """

    plane: Plane = Plane("components", 0, 1)
    levels: tuple[float, ...] = (1.0, 2.0, 3.0)
    twin: bool = False

    lane: ClassVar[LaneName] = "analysis"


@dataclass(frozen=True, eq=False)
class Ellipse:
    """The confidence ellipse at k σ: the places of Mahalanobis distance k from the mean of the pair.

    Args:
        k: how many σ.
        semi_axes: the longer and the shorter, in the units of the axes.
        angle: of the longer against the x axis, degrees, −90…90.
        outline: float32 [121, 2], closed, to be drawn.
        measured: share of the points inside; exact: 1 − exp(−k²/2), of a Gaussian.
        standard_error: of `measured`, if the points were of a Gaussian: √(exact (1 − exact) / N).
    """

    k: float
    semi_axes: tuple[float, float]
    angle: float
    outline: np.ndarray
    measured: float
    exact: float
    standard_error: float


@dataclass(frozen=True, eq=False)
class Contour:
    """A level line of the density, that holds `share` of the points inside.

    Args:
        share: 0…1.
        density: on the line, points a unit of area over N.
        lines: closed or open polylines, each float32 [P, 2].
    """

    share: float
    density: float
    lines: tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class PairShown(Event):
    """A pair of axes.

    Args:
        correlation: Pearson's r.
        center: mean; covariance: float64 [2, 2].
        ellipses: one for each k, in order.
        contours: of a Gaussian kernel density (Scott's width, as `scipy.stats.gaussian_kde`) of all points, that hold
            as much as the ellipses do of a Gaussian: contour and ellipse coincide where the pair is one.
        density: float32 [rows, columns] of that density within `window`, row 0 at the bottom.
        notes: one sentence each.
    """

    plane: Plane
    pane: int
    twin: bool
    axis_names: tuple[str, str]
    correlation: float
    center: tuple[float, float]
    covariance: np.ndarray
    ellipses: tuple[Ellipse, ...]
    contours: tuple[Contour, ...]
    window: Window
    density: np.ndarray
    notes: tuple[str, ...]
    milliseconds: float


@dataclass(frozen=True)
class EmbeddingSettings:
    """What t-SNE (openTSNE) is run with (R29).

    Args:
        points: how many codes, drawn at random without repetition; all where there are fewer.
        leading: number of leading principal axes that it sees, such as 2, 4 or 10; None: the raw codes.
        perplexity: effective number of neighbours, 1…points / 3.
        early_exaggeration: of attraction, for the first 250 steps.
        steps: after those.
        seed: of the draw of the codes and of the search for neighbours.
        twin: of the Gaussian twin in place of the codes.
    """

    points: int = 5000
    leading: int | None = None
    perplexity: float = 30.0
    early_exaggeration: float = 12.0
    steps: int = 500
    seed: int = 0
    twin: bool = False


@dataclass(frozen=True)
class EmbedCodes(_Analysis):
    """Lay codes out on a plane by t-SNE, and show it while it optimises. Answers: a stream of Embedding, then Embedded.

    `PauseEmbedding` pauses it and goes on with it, `Stop("EmbedCodes")` ends it with what was sent last.
    """

    settings: EmbeddingSettings = field(default_factory=EmbeddingSettings)


@dataclass(frozen=True)
class PauseEmbedding(Request):
    """Hold the optimisation at its next step, or go on with it. Answer: EmbeddingPaused."""

    paused: bool = True


@dataclass(frozen=True)
class EmbeddingPaused(Event):
    """The optimisation is held, or goes on."""

    paused: bool


@dataclass(frozen=True, eq=False)
class Layout:
    """Points on a plane as t-SNE has them now. Its axes and distances have no unit.

    Args:
        points: float32 [K, 2].
        indices: int64 [K], which codes (or points of the twin) they are; the same in all layouts of one run.
        labels: int64 [K], of the images; −1 of the twin.
        step, of: steps done of all, the exaggerated ones included.
        exaggerated: whether this is still the early exaggeration.
        divergence: Kullback–Leibler divergence that is minimised, without exaggeration; NaN before the first.
        settings: as used: `points` is K.
    """

    points: np.ndarray
    indices: np.ndarray
    labels: np.ndarray
    step: int
    of: int
    exaggerated: bool
    divergence: float
    settings: EmbeddingSettings


@dataclass(frozen=True)
class Embedding(Progress):
    """The layout so far."""

    layout: Layout


@dataclass(frozen=True)
class Embedded(Event):
    """The layout at the end."""

    layout: Layout
    seconds: float


@dataclass(frozen=True)
class CompareWithTwin(_Analysis):
    """Whether the codes differ in structure from Gaussian points of the same mean and covariance (R33, R47).

    Answers: a stream of Working, then ComparedWithTwin.

    Args:
        plane: the projection that is looked at; None: `leading` principal axes, each scaled to unit variance.
        window: part of the plane that is looked at, such as ±0.25 around its middle; None: all.
        leading: number of principal axes without a plane; None: all with variance, or as many as the codes suffice for.
        points: among which neighbours and pairs are looked for, 50…2000; fewer where fewer are in sight.
        twins: that are drawn and measured as the codes are, 19…9999. At 499 a difference in one respect alone is clear.
        seed: of all draws.
        twin_of: one Gaussian for all codes, or one for each label.
    """

    plane: Plane | None = Plane("principal", 0, 1)
    window: Window | None = None
    leading: int | None = None
    points: int = 1000
    twins: int = 499
    seed: int = 0
    twin_of: TwinOf = "codes"


@dataclass(frozen=True, eq=False)
class ComparedWithTwin(Event):
    """What the test found.

    Each p-value is (k + 1) / (n + 1) where k of n twins differ at least as much as the codes: a parametric bootstrap
    with twins of exactly the codes' mean and covariance. "Clear" limits are those that 0.2 % of the twins lie
    beyond: they make the whole clear by themselves.

    Args:
        codes: whose distributions are compared; points: of these, among which neighbours and pairs are looked for.
        twins: drawn.
        axis_names: of what was looked at.
        inside, inside_twins, inside_p: codes in sight, points of a twin in sight on average, and the p-value of that;
            1 where all are in sight.
        neighbour_edges: float64 [B + 1]; neighbour_codes, neighbour_twin: float64 [B], density of the distance to the
            nearest neighbour among the codes, and the mean of the twins'; along 12 leading axes at most.
        neighbour_ratio: geometric mean of that distance, codes over twins: below 1 the codes are in clumps.
        neighbour_clear: limits; neighbour_p: its p-value.
        separations: float64 [S + 1], edges of the separations of pairs, along the same axes.
        correlation: float64 [S], ξ(r) = DD / RR − 1, pairs of codes over the mean of the twins'.
        correlation_low, correlation_high: float64 [S], between which 95 % of the twins lie.
        correlation_p: p-value of its departure over all separations.
        axis: of `axis_names`, along which the distribution differs most; axis_distance: by how much
            (Kolmogorov–Smirnov, 0…1, in percentiles of a twin); axis_clear: limit of the largest over all axes;
            axis_p: its p-value, of the largest over all axes.
        radius_distance, radius_clear, radius_p: the same of the distance from the mean, in units of the covariance.
        p_value: of the smallest of these five p-values, among the smallest of every twin.
        sentence: what was compared, what is clear and what the test could have seen, in plain words.
        notes: what was left out, one sentence each.
        seconds: that it took.
    """

    plane: Plane | None
    window: Window | None
    twin_of: TwinOf
    codes: int
    points: int
    twins: int
    seed: int
    axis_names: tuple[str, ...]
    inside: int
    inside_twins: float
    inside_p: float
    neighbour_edges: np.ndarray
    neighbour_codes: np.ndarray
    neighbour_twin: np.ndarray
    neighbour_ratio: float
    neighbour_clear: tuple[float, float]
    neighbour_p: float
    separations: np.ndarray
    correlation: np.ndarray
    correlation_low: np.ndarray
    correlation_high: np.ndarray
    correlation_p: float
    axis: int
    axis_distance: float
    axis_clear: float
    axis_p: float
    radius_distance: float
    radius_clear: float
    radius_p: float
    p_value: float
    sentence: str
    notes: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Sampler:
    """A way to draw points of the latent space (R27, R31).

    Args:
        kind: "codes": codes themselves, the yardstick; "cube": uniform in |z_k| < boundary; "box": uniform, each
            component within twice its half-width on both sides of its mean; "ellipses": in the frame of the principal
            axes, uniform in the 2 σ ellipse of each pair of neighbouring axes; "cholesky": the multivariate normal,
            by a Cholesky factor; "principal": the same along the `components` leading principal axes; "truncated":
            the same, within the χ² radius that holds `share` of it; "prior": N(0, I), of variational coders.
        boundary: of the cube, above 0; None for others.
        components: of "principal", 1…M; None: all, or for others.
        share: of "truncated", 0…1; None for others.
    """

    kind: SamplerKind
    boundary: float | None = None
    components: int | None = None
    share: float | None = None


CUBES = (0.5, 2.5, 5.0, 8.0, 10.0, 15.0, 20.0, 30.0, 50.0)
"""Boundaries of the posts' cubes (R27)."""


@dataclass(frozen=True)
class CompareSamplers(_Analysis):
    """Draw, decode and measure samplers side by side. Answers: a stream of SamplerMeasured, then SamplersCompared.

    Args:
        samplers: which; none means all of R27 and R31 that the coder allows, after the codes themselves.
        points: drawn of each for the measures, 100…5000.
        pictures: of each that are sent, 1…100.
        seed: of all draws.
    """

    samplers: tuple[Sampler, ...] = ()
    points: int = 1000
    pictures: int = 20
    seed: int = 0


@dataclass(frozen=True, eq=False)
class SamplerMeasures:
    """What one sampler's points are worth.

    Args:
        sampler: as used; title: in words, with its numbers.
        pictures: uint8 [P, H, W, C], decoded.
        labels: int64 [P], C's; None without a classifier.
        points: that were measured.
        radius: mean |z|.
        mahalanobis: median distance from the mean of the codes, in their covariance.
        inside: share within the Mahalanobis distance that 99 % of the codes have: the populated region.
        confidence: mean probability of C's label; sure: share with 0.9 or more. None without a classifier.
        entropy: of the mean of C's probabilities over log l, 0 (one label) … 1 (all alike); None likewise.
        precision, recall: in C's feature space (Kynkäänniemi et al. 2019, k = 3): the share of samples among the
            images, and of images among the samples; None likewise.
        auc: of a classifier (gradient-boosted trees on whitened codes, cross-validated) that tells the points from
            codes: 0.5 cannot, 1 always.
        mean_error: |mean − mean of the codes| / √(trace of their covariance).
        covariance_error: Frobenius norm of the difference of covariances over that of the codes'.
    """

    sampler: Sampler
    title: str
    pictures: np.ndarray
    labels: np.ndarray | None
    points: int
    radius: float
    mahalanobis: float
    inside: float
    confidence: float | None
    sure: float | None
    entropy: float | None
    precision: float | None
    recall: float | None
    auc: float
    mean_error: float
    covariance_error: float


@dataclass(frozen=True)
class SamplerMeasured(Progress):
    """One more sampler is measured: `done` of `wanted`."""

    measures: SamplerMeasures
    done: int
    wanted: int


@dataclass(frozen=True)
class SamplersCompared(Event):
    """All samplers, in order.

    Args:
        sentence: what the posts' experiments come to here, with the numbers.
        notes: one sentence each, such as which sampler this coder does not have.
    """

    rows: tuple[SamplerMeasures, ...]
    sentence: str
    notes: tuple[str, ...]
    seed: int
    seconds: float


@dataclass(frozen=True)
class CodeStation:
    """The code of the image of this index, 0…N − 1."""

    index: int


@dataclass(frozen=True)
class PlaceStation:
    """A place on chosen axes: the mean of the codes, or a code, with these coordinates in place of its own.

    Args:
        axes: raw components, or principal axes.
        coordinates: pairs (axis, value in its units), such as ((0, -2.5), (3, 0.0)).
        origin: index of a code; None: the mean.
    """

    axes: Axes
    coordinates: tuple[tuple[int, float], ...]
    origin: int | None = None


Station: TypeAlias = CodeStation | PlaceStation


@dataclass(frozen=True)
class MoveAlongCodes(_InPane):
    """Decode a position of the straight path from station to station (R32). Answer: MovedAlongCodes.

    Args:
        stations: one or more; a single one is a place to look at.
        position: 0 is the first station, 1.5 half way from the second to the third; clipped to the path.
    """

    stations: tuple[Station, ...] = ()
    position: float = 0.0


@dataclass(frozen=True)
class MovedAlongCodes(Event):
    """A position of a path, decoded.

    Args:
        position: as used.
        code: the place; `index` None.
        nearest: index of the code that is nearest to it among at most 20 000, by distance in the whole space.
        nearest_distance: how far that one is.
        provenance: in words, such as "50% of the way from image 3 to image 7".
    """

    pane: int
    position: float
    code: CodePictures
    nearest: int
    nearest_distance: float
    provenance: str
    milliseconds: float


@dataclass(frozen=True)
class FollowCodes(_InPane):
    """Decode a whole path, with so many pictures from station to station, 2…60. Answer: CodesFollowed."""

    stations: tuple[Station, ...] = ()
    pictures_a_leg: int = 12

    lane: ClassVar[LaneName] = "analysis"


@dataclass(frozen=True, eq=False)
class CodesFollowed(Event):
    """A whole path.

    Args:
        positions: float64 [P], every station among them.
        pictures: uint8 [P, H, W, C].
        probabilities: float32 [P, l], C's; None without a classifier.
        mahalanobis: float64 [P]; boundary: the distance within which 99 % of the codes lie.
        share_beyond: float64 [P], see `CodePictures`.
    """

    pane: int
    positions: np.ndarray
    pictures: np.ndarray
    probabilities: np.ndarray | None
    mahalanobis: np.ndarray
    boundary: float
    share_beyond: np.ndarray
    milliseconds: float
