"""Panels of a latent space: densities, planes, pairs, t-SNE, the Gaussian twin, samplers and paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress
from typing import Literal

import numpy as np

from lsd_studio.engine.figures.spec import Axis, Heatmap, Ink, Line, Mosaic, Panel, Part, Points, Rule, Steps
from lsd_studio.engine.latent.sampler_comparison import SamplerMeasures
from lsd_studio.engine.latent.statistics.correlations import Correlations
from lsd_studio.engine.latent.statistics.densities import AxisDensities
from lsd_studio.engine.latent.statistics.islands import Island, curve
from lsd_studio.engine.latent.statistics.pairs import PairStatistics
from lsd_studio.engine.latent.statistics.principal_axes import PrincipalAxes
from lsd_studio.engine.latent.statistics.radius import RadialDensity
from lsd_studio.engine.latent.statistics.twin_test import TwinTest
from lsd_studio.engine.latent.views import FollowedPath, Layout, PlaneView
from lsd_studio.percentages import percentage

NAMED: tuple[Ink, ...] = ("blue", "red", "teal", "orange", "purple", "black")
"""Inks of curves that have a name; more curves than that are not named."""

MOST_CURVES = 64
"""Without a name, so that a file of 256 curves stays readable: spread evenly over the components."""

CLOUD = 20.0
"""Over the square root of the number of points of a cloud: their size, at most the usual one."""

HEADROOM = 1.3
"""Of a curve, so that its legend stands above it."""

MOST_NAMED_LABELS = 20
"""That a legend has room for."""

WIDE = 10.0
"""Two-point correlation past which equal factors are equally far, so that small separations do not hide the others."""

MOST_SAMPLES = 12
"""Decoded points that are shown of each sampler."""

MEASURES = ("inside", "C sure", "precision", "recall", "AUC")


def densities_panel(of: AxisDensities, named: Sequence[int]) -> Panel:
    """Density along each axis: all components in grey, up to six of them named in colours (R25)."""
    middles, density = of.curves.middles, of.curves.density
    chosen = named[: len(NAMED)]
    every = -(-len(density) // MOST_CURVES)
    curves = [
        Line("", middles, density[k], "grey", width=0.4)
        for k in range(0, len(density), every)
        if k not in chosen
    ]
    coloured = [
        Line(f"{_axis_word(of)} {k}", middles, density[k], ink) for k, ink in zip(chosen, NAMED, strict=False)
    ]
    title = f"{_axis_word(of)} value"
    return Panel((*curves, *coloured), Axis(title), Axis("density", f"per unit, width {of.curves.width:g}"))


def fits_panel(of: AxisDensities, component: int) -> Panel:
    """The density along one axis with the Gaussian fitted to it."""
    curves, fits = of.curves, of.fits
    parts: list[Part] = [Steps("codes", curves.edges, curves.density[component], "blue")]
    highest = float(curves.density[component].max())
    if np.isfinite(fits.center[component]):
        highest = max(highest, float(fits.height[component]))
        words = f"Gaussian, error {percentage(fits.error[component], 1)}"
        parts.append(Line(words, curves.middles, of.fitted(component), "red", dash="dashed"))
    reach = 6 * max(float(of.sigma[component]), curves.width)
    center = float(of.center[component])
    return Panel(
        tuple(parts),
        Axis(f"{_axis_word(of)} {component}", limits=(center - reach, center + reach)),
        Axis("density", "per unit", limits=(0.0, HEADROOM * highest)),
    )


def radii_panel(of: RadialDensity) -> Panel:
    """Density against radius, with √M and the χ distribution (R26)."""
    middles = (of.edges[:-1] + of.edges[1:]) / 2
    return Panel(
        (
            Steps("codes", of.edges, of.density, "blue"),
            Line("χ of N(0, I)", middles, of.chi, "grey", dash="dashed"),
            Rule(f"√M = {of.root_of_m:.2f}", of.root_of_m, "bottom", "red", "dotted"),
        ),
        Axis("radius |z|", limits=(0.0, 1.05 * max(of.largest, of.root_of_m + 3))),
        Axis("density", f"per unit, width {of.width:g}"),
    )


def variance_panel(of: PrincipalAxes) -> Panel:
    """Explained variance along the principal axes, one by one and summed up (R28)."""
    axes = np.arange(len(of.shares))
    return Panel(
        (
            Line("each axis", axes, 100 * of.shares, "blue", mark="dot" if len(axes) <= 20 else ""),
            Line("axes up to it", axes, 100 * of.shares.cumsum(), "grey", dash="dashed"),
        ),
        Axis("principal axis"),
        Axis("variance", "%", limits=(0.0, 102.0)),
    )


def plane_panel(of: PlaneView, label_names: Sequence[str], title: str = "") -> Panel:
    """A window on a plane: points in the colours of their labels, or their density (R28)."""
    left, right, bottom, top = of.window
    parts: tuple[Part, ...]
    legend: Literal["right", "none"] = "none"
    if of.density is not None:
        parts = (Heatmap("points", of.density, unit="per unit of area", edges=(left, right, bottom, top)),)
    elif of.points is None or of.labels is None:
        raise ValueError("A plane shows its points or their density.")
    else:
        parts = _labelled(of.points, of.labels, label_names)
        legend = "right" if len(parts) <= MOST_NAMED_LABELS else "none"
    return Panel(
        parts,
        Axis(of.axis_names[0], limits=(left, right)),
        Axis(of.axis_names[1], limits=(bottom, top)),
        title=title,
        aspect=1.0,
        legend=legend,
    )


def correlations_panel(of: Correlations) -> Panel:
    """The Pearson matrix of the components (R30)."""
    axis = Axis("component")
    return Panel((Heatmap("Pearson's r", of.matrix, "signed", ends=(-1.0, 1.0)),), axis, axis)


def pair_panel(of: PairStatistics, title: str = "") -> Panel:
    """The density of a pair with its contours in black and its confidence ellipses in red (R30)."""
    left, right, bottom, top = of.density.window
    lines = [
        Line(f"contour of {percentage(contour.share, 1)}", line[:, 0], line[:, 1])
        for contour in of.contours
        for line in contour.lines
    ]
    ellipses = [
        Line(
            f"ellipse of {ellipse.k:g} σ", ellipse.outline[:, 0], ellipse.outline[:, 1], "red", dash="dashed"
        )
        for ellipse in of.ellipses
    ]
    field = Heatmap("density", of.density.density, unit="per unit of area", edges=(left, right, bottom, top))
    return Panel(
        (field, *lines, *ellipses),
        Axis(of.axis_names[0], limits=(left, right)),
        Axis(of.axis_names[1], limits=(bottom, top)),
        title=title or f"r = {of.correlation:+.2f}".replace("-", "−"),
        aspect=1.0,
        legend="none",
    )


def layout_panel(
    of: Layout,
    label_names: Sequence[str],
    title: str = "",
    *,
    named: bool = True,
    islands: Sequence[Island] = (),
    doubtful: Sequence[Island] = (),
) -> Panel:
    """A layout of t-SNE in the colours of the labels, `named` in it; its axes have no unit (R29).

    Islands are outlined in black, doubtful ones in grey and dashed.
    """
    blank = Axis(ticks=((0.0, ""),))
    solid = [_outline(island) for island in islands]
    dashed = [replace(_outline(island), ink="grey", dash="dashed") for island in doubtful]
    return Panel(
        (*_labelled(of.points, of.labels, label_names), *solid, *dashed),
        blank,
        blank,
        title=title,
        aspect=1.0,
        legend="inside" if named else "none",
    )


def _outline(island: Island) -> Line:
    x, y = curve(island.outline).T
    return Line("", x, y)


def neighbours_panel(of: TwinTest, view: str = "") -> Panel:
    """Distances to the nearest neighbour among the codes, and among the points of their twins on average (R33)."""
    return Panel(
        (
            Steps("codes", of.neighbour_edges, of.neighbour_codes, "blue"),
            Steps("twins, mean", of.neighbour_edges, of.neighbour_twins, "grey", "dashed"),
        ),
        Axis("distance to the nearest neighbour"),
        Axis("density", "per unit"),
        title=_with_p(view, of.neighbour_p),
    )


def pair_counts_panel(of: TwinTest, view: str = "") -> Panel:
    """The two-point correlation of the codes against the mean of their twins, with what single twins have (R33).

    Where codes are many times as close as the twins' points, it is counts over counts, on a logarithmic scale.
    """
    middles = (of.separations[:-1] + of.separations[1:]) / 2
    low, measured, high = of.correlation_low, of.correlation, of.correlation_high
    expected, left = 0.0, Axis("ξ(r) = DD / RR − 1")
    if np.nanmax(measured) > WIDE:
        low, measured, high = (np.where(curve > -1, curve + 1, np.nan) for curve in (low, measured, high))
        expected, left = 1.0, Axis("DD / RR = ξ(r) + 1", logarithmic=True)
    return Panel(
        (
            Line(
                "95 % of the twins",
                middles,
                np.full(len(middles), expected),
                "grey",
                low=low,
                high=high,
                dash="dashed",
            ),
            Line("codes", middles, measured, "blue", mark="dot"),
        ),
        Axis("separation r"),
        left,
        title=_with_p(view, of.correlation_p),
    )


def samplers_panel(rows: Sequence[SamplerMeasures]) -> Panel:
    """Points of each sampler, decoded, a row for each (R27, R31)."""
    shown = min(MOST_SAMPLES, *(len(row.pictures) for row in rows))
    sheet = np.stack([row.pictures[:shown] for row in rows])
    return Panel((Mosaic("decoded", sheet, tuple(row.title for row in rows)),))


def sampler_measures_panel(rows: Sequence[SamplerMeasures]) -> Panel:
    """What the points of each sampler are worth, in numbers, by the measures that there are."""
    values = np.array([[np.nan if value is None else value for value in _measures(row)] for row in rows])
    measured = np.isfinite(values).any(axis=0)
    names = tuple((float(place), row.title) for place, row in enumerate(rows))
    measures = tuple((float(place), name) for place, name in enumerate(compress(MEASURES, measured)))
    matrix = Heatmap("share, or AUC", values[:, measured], ends=(0.0, 1.0), written=True)
    return Panel((matrix,), Axis(ticks=measures), Axis(ticks=names))


def path_panels(of: FollowedPath, label_names: Sequence[str], title: str) -> tuple[Panel, ...]:
    """A path decoded, its distance from the middle of the codes, and what C reads along it (R32)."""
    pictures = Panel((Mosaic("decoded", of.pictures[None]),), title=title)
    where = Axis("position, in stations")
    distance = Panel(
        (
            Line("path", of.positions, of.mahalanobis, "blue", mark="dot"),
            Rule("99 % of the codes", of.boundary, ink="red", dash="dotted"),
        ),
        where,
        Axis("Mahalanobis distance", "σ"),
    )
    if of.probabilities is None:
        return pictures, distance
    read = np.unique(of.probabilities.argmax(axis=1))
    curves = tuple(
        Line(label_names[label] if label < len(label_names) else str(label), of.positions, column, int(label))
        for label, column in ((label, of.probabilities[:, label]) for label in read)
    )
    return pictures, distance, Panel(curves, where, Axis("C's probability", limits=(0.0, 1.02)))


def _with_p(view: str, p_value: float) -> str:
    return f"{view}, p = {p_value:.3g}" if view else f"p = {p_value:.3g}"


def _measures(row: SamplerMeasures) -> tuple[float | None, ...]:
    return row.inside, row.sure, row.precision, row.recall, row.auc


def _labelled(points: np.ndarray, labels: np.ndarray, label_names: Sequence[str]) -> tuple[Part, ...]:
    def name(label: int) -> str:
        return label_names[label] if 0 <= label < len(label_names) else "Gaussian twin"

    size = min(1.0, CLOUD / max(len(points), 1) ** 0.5)
    return tuple(
        Points(name(label), chosen[:, 0], chosen[:, 1], "black" if label < 0 else label, size=size)
        for label, chosen in ((label, points[labels == label]) for label in np.unique(labels).tolist())
    )


def _axis_word(of: AxisDensities) -> str:
    return "component" if of.axes == "components" else "principal axis"
