"""A report on a latent space: everything the posts' experiments ask of it, measured, drawn and written as tables."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.panels.latent import (
    correlations_panel,
    densities_panel,
    fits_panel,
    layout_panel,
    neighbours_panel,
    pair_counts_panel,
    pair_panel,
    path_panels,
    plane_panel,
    radii_panel,
    sampler_measures_panel,
    samplers_panel,
    variance_panel,
)
from lsd_studio.engine.figures.spec import FigureLook, Line, Panel, PlotFigure
from lsd_studio.engine.latent.codes_alone import CodeRows, NoCoder
from lsd_studio.engine.latent.dataset import LatentDataset
from lsd_studio.engine.latent.island_comparison import compare_islands
from lsd_studio.engine.latent.sampler_comparison import FEWEST_POINTS, compare_samplers
from lsd_studio.engine.latent.statistics.correlations import correlations
from lsd_studio.engine.latent.statistics.densities import axis_densities
from lsd_studio.engine.latent.statistics.embedding import EmbeddingSettings
from lsd_studio.engine.latent.statistics.gaussian_twin import TwinOf
from lsd_studio.engine.latent.statistics.pairs import pair_statistics
from lsd_studio.engine.latent.statistics.paths import CodeStation, PlaceStation, Station
from lsd_studio.engine.latent.statistics.planes import LEADING_PLANE, Plane, Window
from lsd_studio.engine.latent.statistics.principal_axes import SHARES
from lsd_studio.engine.latent.statistics.radius import radial_density
from lsd_studio.engine.latent.statistics.samplers import LEADING
from lsd_studio.engine.latent.twin_comparison import TwinTestSettings, compare_with_twin
from lsd_studio.engine.latent.views import Layout, PlaneView, follow_path, lay_out, plane_view
from lsd_studio.engine.steps import Doing, mapped
from lsd_studio.engine.vocabulary import Split
from lsd_studio.files.folders import make_folder
from lsd_studio.files.writing import write_file
from lsd_studio.percentages import percentage

RADIUS_WIDTHS = (0.5, 0.05)

ZOOMS = (0.25, 0.5, 1.0, 2.5)
"""Halves of the squares around the middle of a plane; the smallest that holds enough points is tested."""

FEWEST_IN_ZOOM = 100
FEWEST_CODES = {"samplers": 2 * FEWEST_POINTS, "embedding": 100}
"""Codes that a part needs; with fewer it is left out, and the report says so."""

NEED_DECODER = ("samplers", "paths")

TWIN_MEASURES = (
    "codes", "points", "twins", "p_value", "neighbour_ratio", "neighbour_p", "correlation_p", "axis_distance", "axis_p",
    "radius_distance", "radius_p", "inside", "inside_twins", "inside_p",
)  # fmt: skip
PAIRS = 3
FITS = 4
LEVELS = (1.0, 2.0, 2.5, 3.0)
COVERAGE = ("measured", "exact", "standard_error")
DPI = 150
WIDTHS = {1: 178.0, 2: 178.0, 3: 280.0}
"""Of figures in mm, by their columns."""

NARROW = 145.0
"""Of a figure with few columns and many rows, in mm."""

PICTURES = 20
"""Of each sampler."""

BINS = 96
"""Columns and rows of a density image, so that single points are seen."""


Slow: TypeAlias = Generator[object, None, dict[str, Any]]
"""A part that yields between its steps, so that the report can be stopped there."""


@dataclass(frozen=True)
class ReportSettings:
    """What the report is of.

    Args:
        coder: as `LatentOperations.open` takes it, or a file of codes as `SpaceOperations.report` does.
        data: data set by name or folder; None: the coder's own.
        split: which images of it; most: how many at most.
        width: of the intervals of the densities (R25).
        embedded: codes that t-SNE lays out; 0 leaves it out.
        island_twins: that are laid out as the raw codes are, to compare islands with; 0 leaves it out.
        twins: that each test draws and measures.
        only: names of `PARTS`; none means all.
    """

    coder: str
    data: str | None = None
    split: Split = "test"
    most: int = 200_000
    width: float = 0.25
    points: int = 1000
    embedded: int = 3000
    island_twins: int = 19
    twins: int = 499
    seed: int = 0
    only: tuple[str, ...] = ()


@dataclass(eq=False)
class Report:
    """The report being made: `page` has its lines as Markdown so far, `folder` takes the files; None writes none."""

    settings: ReportSettings
    folder: Path | None
    codes: LatentDataset
    page: list[str] = field(default_factory=list)

    def draw(
        self,
        name: str,
        title: str,
        panels: Sequence[Panel],
        columns: int,
        caption: str = "",
        width: float | None = None,
    ) -> None:
        """Write a figure as PNG, `width` mm wide or as its columns need, and show it on the page."""
        self.say(f"**{title}.** {caption}".strip(), f"![{title}]({name}.png)")
        if self.folder is None:
            return
        from lsd_studio.engine.figures.drawing import figure_bytes

        figure = PlotFigure(
            name=name,
            title=title,
            panels=tuple(panels),
            source=f"{self.codes.coder.name}, {self.codes.in_words}",
            caption=caption,
            columns=columns,
            wide=True,
        )
        write_file(
            self.folder / f"{name}.png",
            figure_bytes(figure, FigureLook(width=width or WIDTHS[columns], dpi=DPI), "png"),
        )

    def say(self, *paragraphs: str) -> None:
        """Write paragraphs on the page."""
        self.page += [line for paragraph in paragraphs if paragraph for line in (paragraph, "")]

    def tabulate(self, name: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Write a table as CSV; NaN and None are left empty."""
        if self.folder is None:
            return
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_plain(value) for value in row] for row in rows)
        write_file(self.folder / f"{name}.csv", text.getvalue().encode())


def check_report(settings: ReportSettings, folder: Path | None) -> None:
    """Make the folder where it is missing.

    Raises:
        StudioError: it cannot be made, or there is no part of a name.
    """
    if folder is not None:
        make_folder(folder)
    unknown = sorted(set(settings.only) - set(PART_NAMES))
    if unknown:
        raise StudioError(f"There is no part {unknown[0]}: choose from {', '.join(PART_NAMES)}.")


def make_report(
    codes: LatentDataset, settings: ReportSettings, folder: Path | None
) -> Generator[Doing, None, dict[str, Any]]:
    """Measure everything, part by part, and write figures (PNG) and tables (CSV) into the folder; None writes nothing.

    Returns what was found, by part, for JSON.

    Raises:
        StudioError: a number is out of range, or the folder cannot be written to.
    """
    report = Report(settings, folder, codes)
    report.say(
        f"# Latent space of {codes.coder.name}",
        f"{codes.in_words}, codes of {codes.components} components that vary in {codes.principal.rank} directions; "
        f"{codes.coder.provenance}. All draws have seed {settings.seed}.",
        *codes.notes,
    )
    codes.draw_twin(settings.seed)
    found: dict[str, Any] = {"space": _space(codes)}
    parts = [part for part in PARTS if part[0] in (settings.only or PART_NAMES)]
    for place, (name, doing, part) in enumerate(parts):
        at = Doing(doing, 0.1 + 0.9 * place / len(parts))
        yield at
        report.say(f"## {doing}")
        if missing := _missing(name, codes):
            report.say(f"Left out: {missing}")
            found[name] = {"left_out": f"Left out: {missing}"}
        else:
            work = part(report)
            found[name] = (yield from _at(at, work)) if isinstance(work, Generator) else work
    if folder is not None:
        write_file(folder / "report.md", "\n".join(report.page).encode())
    yield Doing("Done", 1.0)
    return found


def _missing(part: str, codes: LatentDataset) -> str:
    """What a part needs and these codes do not have, in a sentence; "" where nothing is missing."""
    fewest = FEWEST_CODES.get(part, 0)
    if len(codes.codes) < fewest:
        return f"it needs {fewest} codes, and there are {len(codes.codes)}."
    if part in NEED_DECODER and isinstance(codes.coder, NoCoder):
        return "it needs a decoder: make a bundle of its networks with `lsd-studio adopt`."
    return ""


def _at(step: Doing, work: Slow) -> Generator[Doing, None, dict[str, Any]]:
    """The work, with every one of its steps reported as this one."""
    return (yield from mapped(work, lambda _: step))


def _densities(of: Report) -> dict[str, Any]:
    shown = axis_densities(of.codes.codes, of.codes.moments, of.settings.width)
    fits = shown.fits
    constant = of.codes.moments.constant
    varying = [k for k in np.argsort(shown.sigma)[::-1].tolist() if not constant[k]]
    out = [one.component for one in shown.outstanding if not constant[one.component]]
    named = (out or varying)[:6]
    of.draw(
        "densities",
        "Density of the codes along each component",
        (densities_panel(shown, named),),
        1,
        "Coloured: components that stand out, or the widest.",
    )
    of.draw(
        "density-fits",
        "Gaussians fitted to components",
        [fits_panel(shown, k) for k in varying[:FITS]],
        2,
        "The widest components.",
    )
    reasons = {one.component: one.reason for one in shown.outstanding}
    fit_columns = "height", "center", "sigma", "center_error", "sigma_error", "error"
    components = range(len(shown.center))
    table: dict[str, Sequence[object] | np.ndarray] = {
        "component": components,
        "mean": shown.center,
        "sigma": shown.sigma,
        "fwhm": shown.fwhm,
        **{f"fit_{name}": getattr(fits, name) for name in fit_columns},
        "stands_out": [reasons.get(k, "") for k in components],
    }
    of.tabulate("components", tuple(table), list(zip(*table.values(), strict=True)))
    fitted = fits.error[np.isfinite(fits.error)]
    of.say(*shown.notes, *(f"- component {k}: {reason}" for k, reason in reasons.items()))
    return {
        "width": shown.curves.width,
        "median_sigma": float(np.median(shown.sigma)),
        "median_fit_error": float(np.median(fitted)) if len(fitted) else None,
        "worst_fit_error": float(fitted.max()) if len(fitted) else None,
        "components_without_fit": int(len(fits.error) - len(fitted)),
        "outstanding": [{"component": k, "reason": reason} for k, reason in reasons.items()],
        "notes": list(shown.notes),
    }


def _radii(of: Report) -> dict[str, Any]:
    shown = [radial_density(of.codes.codes, of.codes.moments, width) for width in RADIUS_WIDTHS]
    of.draw("radii", "Density of the codes against radius", [radii_panel(one) for one in shown], 2)
    for one in shown:
        rows = zip(one.edges[:-1], one.edges[1:], one.density, one.chi, strict=True)
        of.tabulate(f"radii-{one.width:g}", ("from", "to", "density", "chi"), list(rows))
    coarse = shown[0]
    measures = "mean", "sigma", "peak", "least", "largest", "root_of_m", "chi_mean", "root_mean_square"
    of.say(
        f"Radii are {coarse.mean:.2f} ± {coarse.sigma:.2f}, with the peak at {coarse.peak:.2f}; √M is "
        f"{coarse.root_of_m:.2f}, the mean radius of N(0, I) {coarse.chi_mean:.2f}, and centres and widths of the "
        f"components explain {coarse.root_mean_square:.2f}."
    )
    return {name: getattr(coarse, name) for name in measures}


def _variance(of: Report) -> dict[str, Any]:
    shown = of.codes.principal
    of.draw("variance", "Explained variance", (variance_panel(shown),), 1)
    of.say(
        f"The variance is that of {shown.effective:.1f} equal axes; "
        + ", ".join(f"{percentage(share)} needs {shown.needed(share)}" for share in SHARES)
        + "."
    )
    rows = zip(range(len(shown.shares)), shown.variances, shown.shares, shown.shares.cumsum(), strict=True)
    of.tabulate("variance", ("principal_axis", "variance", "share", "share_up_to_it"), list(rows))
    return {
        "leading_share": float(shown.shares[0]),
        "effective_dimensions": shown.effective,
        "axes_needed": {f"{share:g}": shown.needed(share) for share in SHARES},
    }


def _planes(of: Report) -> dict[str, Any]:
    rank = of.codes.principal.rank
    beyond = [Plane("principal", 0, min(17, rank - 1))] if rank > 3 else []  # as in the posts
    planes = [LEADING_PLANE, *beyond, _widest_pair(of)]
    measured: dict[str, Any] = {}
    of.say(
        "Whether lines and voids explain why random points decode badly, the posts' correction of 18 March 2023 leaves "
        "open: beside the codes stands a Gaussian of the same mean, covariance and count, and a test below compares "
        "the two. What both show, mean, covariance and chance suffice for; mean and covariance are structure too."
    )
    for place, plane in enumerate(planes):
        whole = _view(of, plane, bins=BINS)
        window = _zoom(of, plane)
        far = plane_panel(whole, of.codes.data.label_names, f"codes: {whole.inside} points")
        views = [replace(far, parts=(*far.parts, _frame(window)))]
        for twin, title in ((False, "codes"), (True, "Gaussian twin")):
            view = _view(of, plane, window, most_points=2000, twin=twin)
            views.append(
                plane_panel(view, of.codes.data.label_names, f"{title}, zoomed: {view.inside} points")
            )
        of.draw(
            f"plane-{place + 1}",
            f"The plane of {' and '.join(whole.axis_names)}",
            views,
            3,
            "Zoomed: what is within the red frame, in the colours of the labels; the twin has none.",
        )
        measured[f"plane-{place + 1}"] = {"axes": list(whole.axis_names), "zoom": list(window)}
    return measured


def _pairs(of: Report) -> dict[str, Any]:
    shown = correlations(of.codes.moments)
    of.draw("correlations", "Pearson correlations of the components", (correlations_panel(shown),), 1)
    of.tabulate("correlations", [str(k) for k in range(len(shown.matrix))], shown.matrix.tolist())
    panels, rows, coverage = [], [], []
    for first, second, value in shown.strongest[:PAIRS]:
        plane = Plane("components", first, second)
        points = of.codes.projected(plane, twin=False)
        pair = pair_statistics(points, plane, of.codes.axis_names(plane), LEVELS)
        panels.append(pair_panel(pair))
        for one in pair.ellipses:
            measured = one.measured, one.exact, one.standard_error
            rows.append((first, second, value, one.k, *one.semi_axes, one.angle, *measured))
            coverage.append(
                dict(zip(("x", "y", "k", *COVERAGE), (first, second, one.k, *measured), strict=True))
            )
    if panels:
        of.draw(
            "pairs",
            "The pairs that correlate most",
            panels,
            len(panels),
            "Red: ellipses at 1, 2, 2.5 and 3 σ. Black: contours of the density that hold as many of the codes as "
            "these ellipses do of a Gaussian, so that both coincide where the pair is one.",
        )
    columns = "x", "y", "r", "k", "longer_semi_axis", "shorter_semi_axis", "angle_degrees", *COVERAGE
    of.tabulate("ellipses", columns, rows)
    of.say(
        f"{percentage(shown.above_chance)} of the pairs correlate by more than {shown.chance:.3f}, which 1 % of "
        "independent pairs do.",
        *(
            f"- components {one['x']} and {one['y']}, {one['k']:g} σ: "
            f"{percentage(one['measured'], 1)} of the codes inside, "
            f"{percentage(one['exact'], 1)} of a Gaussian (± {percentage(one['standard_error'], 1)})"
            for one in coverage
        ),
    )
    return {
        "strongest": [{"components": [i, j], "r": value} for i, j, value in shown.strongest[:10]],
        "chance": shown.chance,
        "above_chance": shown.above_chance,
        "coverage": coverage,
    }


def _embedding(of: Report) -> Slow:
    points = min(of.settings.embedded, len(of.codes.codes))
    if points < FEWEST_CODES["embedding"]:
        return {}
    panels: list[Panel] = []
    measured: dict[str, Any] = {}
    for leading in (None, *(number for number in LEADING if number < of.codes.principal.rank)):
        settings = EmbeddingSettings(points=points, leading=leading, seed=of.settings.seed)
        start = time.perf_counter()
        layout = yield from lay_out(of.codes, settings)
        name = "raw codes" if leading is None else f"{leading} leading axes"
        panels.append(layout_panel(layout, of.codes.data.label_names, name, named=leading is None))
        measured[name] = {"divergence": layout.divergence, "seconds": time.perf_counter() - start}
        if leading is None:
            raw = layout
            rows = zip(of.codes.rows[layout.indices], layout.labels, *layout.points.T, strict=True)
            of.tabulate(
                "tsne",
                ("row" if isinstance(of.codes.data, CodeRows) else "image", "label", "x", "y"),
                list(rows),
            )
    of.draw(
        "tsne",
        "t-SNE of the codes",
        panels,
        2,
        f"{points} codes, perplexity {settings.perplexity:g}, early exaggeration {settings.early_exaggeration:g}, "
        f"{settings.steps} steps, seed {settings.seed}.",
    )
    used = "points", "perplexity", "early_exaggeration", "steps", "seed"
    found = (yield from _islands(of, raw)) if of.settings.island_twins else {}
    return {**{name: getattr(settings, name) for name in used}, "layouts": measured, **found}


def _islands(of: Report, layout: Layout) -> Slow:
    try:
        found = yield from compare_islands(of.codes, layout, of.settings.island_twins, "codes")
    except StudioError as error:
        of.say(f"Islands are not compared: {error}")
        return {"islands": {"not_measured": str(error)}}
    names = of.codes.data.label_names
    of.draw(
        "islands",
        "Islands of t-SNE, and of a Gaussian laid out alike",
        (
            layout_panel(layout, names, "raw codes", islands=found.islands, doubtful=found.doubtful),
            layout_panel(
                found.twin, names, "the twin with the widest gap", named=False, doubtful=found.twin_islands
            ),
        ),
        2,
        "Solid: islands with a wider gap around them than any of the twins'. Dashed: no evidence, twins have such too.",
    )
    of.say(found.sentence)
    return {
        "islands": {
            "sentence": found.sentence,
            "codes": [len(island.members) for island in found.islands],
            "separations": [island.separation for island in found.islands],
            "doubtful": len(found.doubtful),
            "limit": found.limit,
            "twins": len(found.separations),
            "p_value": found.p_value,
        }
    }


def _twin(of: Report) -> Slow:
    views: list[tuple[str, Plane | None, Window | None]] = [
        ("principal axes 0 and 1", LEADING_PLANE, None),
        ("the same, zoomed", LEADING_PLANE, _zoom(of, LEADING_PLANE)),
        ("two widest components", _widest_pair(of), None),
        ("all principal axes", None, None),
    ]
    twins: list[tuple[str, TwinOf]] = [("one Gaussian", "codes"), ("one a label", "labels")]
    by_view: dict[str, Any] = {}
    panels, rows = [], []
    for name, on, window in views:
        for words, twin_of in twins:
            settings = TwinTestSettings(
                on, window, None, 1000, of.settings.twins, of.settings.seed, twin_of=twin_of
            )
            view = f"{name}, {words}"
            try:
                found = yield from compare_with_twin(of.codes, settings)
            except StudioError as error:
                by_view[view] = {"not_measured": str(error)}
                of.say(f"- {view}: {error}")
                continue
            measured = {"codes": found.codes, "twins": settings.twins, **vars(found.test)}
            by_view[view] = {measure: measured[measure] for measure in TWIN_MEASURES} | {
                "axis": found.axis_names[found.test.axis],
                "sentence": found.sentence,
                "notes": list(found.notes),
            }
            of.say(f"- {view}: {found.sentence}", *found.notes)
            panels += [neighbours_panel(found.test, view), pair_counts_panel(found.test, view)]
            rows.append((view, *(measured[measure] for measure in TWIN_MEASURES)))
    if panels:
        of.draw(
            "gaussian-twin",
            "The codes against Gaussian twins of the same mean and covariance",
            panels,
            2,
            "One Gaussian for all codes, or one a label. Grey: the mean of the twins, and where 95 % of them lie.",
        )
    of.tabulate("gaussian-twin", ("view", *TWIN_MEASURES), rows)
    return by_view


def _samplers(of: Report) -> Slow:
    found = yield from compare_samplers(of.codes, (), of.settings.points, PICTURES, of.settings.seed)
    of.draw("samplers", "Points drawn and decoded", (samplers_panel(found.rows),), 1)
    of.draw(
        "sampler-measures",
        "What drawn points are worth",
        (sampler_measures_panel(found.rows),),
        1,
        f"Of {of.settings.points} points each: share in the populated region, share that C is sure of (0.9 or more), "
        "precision and recall in C's feature space, AUC of trees that tell the points from codes: 0.5 where they "
        "cannot, 1 where they always can. Codes of other images show what can be reached. Points scattered far apart "
        "have wide neighbourhoods and so a high recall whatever they show: read it with precision. Points of a few "
        "principal axes lie flat in all others, which trees always see.",
        NARROW,
    )
    columns = (
        "sampler", "points", "radius", "mahalanobis", "inside", "confidence", "sure", "entropy", "precision",
        "recall", "auc", "mean_error", "covariance_error",
    )  # fmt: skip
    rows = [(row.title, *(getattr(row, name) for name in columns[1:])) for row in found.rows]
    of.tabulate("samplers", columns, rows)
    of.say(_table(columns, rows), found.sentence, *found.notes)
    return {
        "sentence": found.sentence,
        "notes": list(found.notes),
        "rows": [dict(zip(columns, row, strict=True)) for row in rows],
    }


def _paths(of: Report) -> dict[str, Any]:
    last = len(of.codes.codes) - 1
    reach = 3 * float(np.sqrt(of.codes.principal.variances[0]))
    axis = PlaceStation("principal", ((0, -reach),)), PlaceStation("principal", ((0, reach),))
    paths: dict[str, tuple[Station, ...]] = {
        f"from image 0 to image {last}": (CodeStation(0), CodeStation(last)),
        "along principal axis 0, −3 σ to 3 σ": axis,
    }
    measured: dict[str, Any] = {}
    rows: list[tuple[object, ...]] = []
    for place, (name, stations) in enumerate(paths.items()):
        found = follow_path(of.codes, stations, pictures_a_leg=14)
        pictures, *curves = path_panels(found, of.codes.labels_read, name)
        of.draw(f"path-{place + 1}", f"The path {name}", (pictures,), 1)
        of.draw(f"path-{place + 1}-curves", f"What is measured along the path {name}", curves, len(curves))
        rows += [
            (name, *row) for row in zip(found.positions, found.mahalanobis, found.share_beyond, strict=True)
        ]
        measured[name] = {
            "farthest": float(found.mahalanobis.max()),
            "boundary": found.boundary,
            "outside": float((found.mahalanobis > found.boundary).mean()),
        }
    of.tabulate("paths", ("path", "position", "mahalanobis", "share_beyond"), rows)
    return measured


def _space(of: LatentDataset) -> dict[str, Any]:
    return {
        "coder": of.coder.name,
        "provenance": of.coder.provenance,
        "data": of.data.name,
        **({} if isinstance(of.data, CodeRows) else {"split": of.data.split}),
        "codes": len(of.codes),
        "components": of.components,
        "rank": of.principal.rank,
        "constant": np.flatnonzero(of.moments.constant).tolist(),
        "is_variational": of.coder.is_variational,
        "notes": list(of.notes),
    }


def _view(
    of: Report,
    plane: Plane,
    window: Window | None = None,
    most_points: int = 0,
    bins: int = 256,
    *,
    twin: bool = False,
) -> PlaneView:
    return plane_view(of.codes, plane, window, most_points, (bins, bins), twin)


def _widest_pair(of: Report) -> Plane:
    first, second = np.argsort(of.codes.moments.sigma)[::-1][:2].tolist()
    return Plane("components", first, second)


def _zoom(of: Report, plane: Plane) -> Window:
    """The smallest square of `ZOOMS` around the middle of the codes that holds enough of them, or all.

    Where all codes lie closer together than the squares, parts of their extent take the squares' place.
    """
    whole = _view(of, plane)
    raw = plane.axes == "components"
    x, y = (float(of.codes.moments.mean[axis]) if raw else 0.0 for axis in (plane.x, plane.y))
    left, right, bottom, top = whole.extent
    reach = min(right - left, top - bottom) / 2
    for half in [zoom for zoom in ZOOMS if zoom < reach] or [reach / 8, reach / 4, reach / 2]:
        window = x - half, x + half, y - half, y + half
        seen = _view(of, plane, window)
        if seen.inside >= FEWEST_IN_ZOOM:
            return window
    return whole.window


def _frame(window: Window) -> Line:
    left, right, bottom, top = window
    corners = np.array(
        [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)], dtype=float
    )
    return Line("", corners[:, 0], corners[:, 1], "red")


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table as Markdown, numbers in three digits."""

    def cell(value: object) -> str:
        plain = _plain(value)
        text = f"{plain:.3g}" if isinstance(plain, float) else str(plain)
        return text.replace("|", "\\|")

    lines = [columns, ["---"] * len(columns), *([cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _plain(value: object) -> object:
    if value is None or (isinstance(value, float | np.floating) and not np.isfinite(value)):
        return ""
    return value.item() if isinstance(value, np.generic) else value


Part = Callable[[Report], dict[str, Any] | Slow]

PARTS: tuple[tuple[str, str, Part], ...] = (
    ("densities", "Densities along components", _densities),
    ("radii", "Density against radius", _radii),
    ("variance", "Principal axes", _variance),
    ("planes", "Planes, and the Gaussian twin's", _planes),
    ("pairs", "Correlations and ellipses", _pairs),
    ("samplers", "Samplers", _samplers),
    ("gaussian_twin", "The test of the Gaussian twin", _twin),
    ("paths", "Paths", _paths),
    ("embedding", "t-SNE", _embedding),
)

PART_NAMES = tuple(name for name, _, _ in PARTS)
