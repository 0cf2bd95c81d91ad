"""A report on a latent space: everything the posts' experiments ask of it, measured, drawn and written as tables.

It asks the engine through its door and draws what comes back, so that it says what the window shows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from lsd_studio.engine.desks.sampler_comparison import FEWEST_POINTS
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.drawing import figure_bytes
from lsd_studio.engine.messages.choices import Split
from lsd_studio.engine.messages.core import Event, Request
from lsd_studio.engine.messages.figures import FigureLook, Line, Panel, PlotFigure
from lsd_studio.engine.messages.latent import (
    LEADING,
    CodesFollowed,
    CodeStation,
    ComparedWithTwin,
    CompareSamplers,
    CompareWithTwin,
    CorrelationsShown,
    DensitiesShown,
    DrawTwin,
    EmbedCodes,
    Embedded,
    EmbeddingSettings,
    FollowCodes,
    LatentSpaceOpened,
    OpenLatentSpace,
    PairShown,
    PlaceStation,
    Plane,
    PlaneShown,
    RadiiShown,
    SamplersCompared,
    ShowCorrelations,
    ShowDensities,
    ShowPair,
    ShowRadii,
    ShowVariance,
    Station,
    TwinOf,
    VarianceShown,
    ViewPlane,
    Window,
)
from lsd_studio.engine.messages.panels.latent import (
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
from lsd_studio.files.folders import make_folder
from lsd_studio.files.writing import write_file

__all__ = ["PART_NAMES", "Asked", "ReportStep", "make_report"]

RADIUS_WIDTHS = (0.5, 0.05)

ZOOMS = (0.25, 0.5, 1.0, 2.5)
"""Halves of the squares around the middle of a plane; the smallest that holds enough points is tested."""

FEWEST_IN_ZOOM = 100
FEWEST_CODES = {"samplers": 2 * FEWEST_POINTS, "embedding": 100}
"""Codes that a part needs; with fewer it is left out, and the report says so."""

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

BINS = 96
"""Columns and rows of a density image, so that single points are seen."""

Answer = TypeVar("Answer", bound=Event)


@dataclass(frozen=True)
class Asked:
    """What the report is of.

    Args:
        coder: as `OpenLatentSpace` takes it.
        data: data set by name or folder; None: the coder's own.
        split: which images of it; most: how many at most.
        width: of the intervals of the densities (R25).
        points: of each sampler.
        embedded: codes that t-SNE lays out; 0 leaves it out.
        twins: that each test draws and measures.
        seed: of all draws.
        only: names of `PARTS`; none means all.
    """

    coder: str
    data: str | None = None
    split: Split = "test"
    most: int = 200_000
    width: float = 0.25
    points: int = 1000
    embedded: int = 3000
    twins: int = 499
    seed: int = 0
    only: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class ReportStep:
    """What is being done, in words, and the share that is done, 0…1; `found` is the whole result at the end."""

    doing: str
    share: float
    found: dict[str, Any] | None = None


@dataclass(eq=False)
class Report:
    """The report being made.

    Attributes:
        ask: answers requests.
        asked: what the report is of.
        folder: takes the files; None writes none.
        opened: the latent space.
        page: lines of the report as Markdown, so far.
    """

    ask: Callable[[Request], Event]
    asked: Asked
    folder: Path | None
    opened: LatentSpaceOpened
    page: list[str] = field(default_factory=list)

    def answer(self, request: Request, kind: type[Answer]) -> Answer:
        """The engine's answer to a request."""
        event = self.ask(request)
        if not isinstance(event, kind):
            raise TypeError(f"{type(request).__name__} was answered with {type(event).__name__}.")
        return event

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
        figure = PlotFigure(
            name=name,
            title=title,
            panels=tuple(panels),
            source=f"{self.opened.name}, {self.opened.count} images of {self.opened.data} ({self.opened.split})",
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


def make_report(ask: Callable[[Request], Event], asked: Asked, folder: Path | None) -> Iterator[ReportStep]:
    """Measure everything, part by part, and write figures (PNG) and tables (CSV) into the folder.

    Args:
        ask: answers requests, as `Engine.ask`.
        asked: what the report is of.
        folder: is made where it is missing; None writes nothing.

    Raises:
        StudioError: the coder or the data set cannot be opened, a number is out of range, or the folder cannot be
            written to.
    """
    if folder is not None:
        make_folder(folder)
    unknown = sorted(set(asked.only) - set(PART_NAMES))
    if unknown:
        raise StudioError(f"There is no part {unknown[0]}: choose of {', '.join(PART_NAMES)}.")
    yield ReportStep("Encoding the images", 0.0)
    opened = ask(OpenLatentSpace(asked.coder, asked.data, asked.split, asked.most))
    if not isinstance(opened, LatentSpaceOpened):
        raise TypeError(f"OpenLatentSpace was answered with {type(opened).__name__}.")
    report = Report(ask, asked, folder, opened)
    report.say(
        f"# Latent space of {opened.name}",
        f"{opened.count} images of {opened.data} ({opened.split}), codes of {opened.components} components that vary "
        f"in {opened.rank} directions; {opened.provenance}. All draws have seed {asked.seed}.",
        *opened.notes,
    )
    report.ask(DrawTwin(asked.seed))
    found: dict[str, Any] = {"space": _space(opened)}
    parts = [part for part in PARTS if part[0] in (asked.only or PART_NAMES)]
    for place, (name, doing, part) in enumerate(parts):
        yield ReportStep(doing, 0.1 + 0.9 * place / len(parts))
        report.say(f"## {doing}")
        fewest = FEWEST_CODES.get(name, 0)
        if opened.count < fewest:
            left_out = f"Left out: it needs {fewest} codes, and there are {opened.count}."
            report.say(left_out)
            found[name] = {"left_out": left_out}
        else:
            found[name] = part(report)
    if folder is not None:
        write_file(folder / "report.md", "\n".join(report.page).encode())
    yield ReportStep("Done", 1.0, found)


def _densities(of: Report) -> dict[str, Any]:
    shown = of.answer(ShowDensities(of.asked.width), DensitiesShown)
    varying = [k for k in np.argsort(shown.sigma)[::-1].tolist() if k not in of.opened.constant]
    out = [one.component for one in shown.outstanding if one.component not in of.opened.constant]
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
    columns = (
        "component", "mean", "sigma", "fwhm", "fit_height", "fit_center", "fit_sigma", "fit_center_error",
        "fit_sigma_error", "fit_error", "stands_out",
    )  # fmt: skip
    of.tabulate(
        "components",
        columns,
        [
            (
                k, shown.center[k], shown.sigma[k], shown.fwhm[k], shown.fit_height[k], shown.fit_center[k],
                shown.fit_sigma[k], shown.fit_center_error[k], shown.fit_sigma_error[k], shown.fit_error[k],
                reasons.get(k, ""),
            )
            for k in range(len(shown.center))
        ],
    )  # fmt: skip
    fitted = shown.fit_error[np.isfinite(shown.fit_error)]
    of.say(*shown.notes, *(f"- component {k}: {reason}" for k, reason in reasons.items()))
    return {
        "width": shown.width,
        "median_sigma": float(np.median(shown.sigma)),
        "median_fit_error": float(np.median(fitted)) if len(fitted) else None,
        "worst_fit_error": float(fitted.max()) if len(fitted) else None,
        "components_without_fit": int(len(shown.fit_error) - len(fitted)),
        "outstanding": [{"component": k, "reason": reason} for k, reason in reasons.items()],
        "notes": list(shown.notes),
    }


def _radii(of: Report) -> dict[str, Any]:
    shown = [of.answer(ShowRadii(width), RadiiShown) for width in RADIUS_WIDTHS]
    of.draw("radii", "Density of the codes against radius", [radii_panel(one) for one in shown], 2)
    for one in shown:
        rows = zip(one.edges[:-1], one.edges[1:], one.density, one.chi, strict=True)
        of.tabulate(f"radii-{one.width:g}", ("from", "to", "density", "chi"), list(rows))
    coarse = shown[0]
    of.say(
        f"Radii are {coarse.mean:.2f} ± {coarse.sigma:.2f}, with the peak at {coarse.peak:.2f}; √M is "
        f"{coarse.root_of_m:.2f}, the mean radius of N(0, I) {coarse.chi_mean:.2f}, and centres and widths of the "
        f"components explain {coarse.root_mean_square:.2f}."
    )
    return {
        "mean": coarse.mean,
        "sigma": coarse.sigma,
        "peak": coarse.peak,
        "least": coarse.least,
        "largest": coarse.largest,
        "root_of_m": coarse.root_of_m,
        "chi_mean": coarse.chi_mean,
        "root_mean_square": coarse.root_mean_square,
    }


def _variance(of: Report) -> dict[str, Any]:
    shown = of.answer(ShowVariance(), VarianceShown)
    of.draw("variance", "Explained variance", (variance_panel(shown),), 1)
    of.say(
        f"The variance is that of {shown.effective:.1f} equal axes; "
        + ", ".join(f"{share:.0%} needs {number}" for share, number in shown.needed)
        + "."
    )
    rows = zip(range(len(shown.shares)), shown.variances, shown.shares, shown.shares.cumsum(), strict=True)
    of.tabulate("variance", ("principal_axis", "variance", "share", "share_up_to_it"), list(rows))
    return {
        "leading_share": float(shown.shares[0]),
        "effective_dimensions": shown.effective,
        "axes_needed": {f"{share:g}": number for share, number in shown.needed},
    }


def _planes(of: Report) -> dict[str, Any]:
    raw = _widest_pair(of)
    planes = [
        Plane("principal", 0, 1),
        *([Plane("principal", *_spread(of))] if of.opened.rank > 3 else []),
        raw,
    ]
    told: dict[str, Any] = {}
    of.say(
        "Whether lines and voids explain why random points decode badly, the posts' correction of 18 March 2023 leaves "
        "open: beside the codes stands a Gaussian of the same mean, covariance and count, and a test below compares "
        "the two. What both show, mean, covariance and chance suffice for; mean and covariance are structure too."
    )
    for place, plane in enumerate(planes):
        whole = of.answer(ViewPlane(plane=plane, most_points=0, bins=(BINS, BINS)), PlaneShown)
        window = _zoom(of, plane)
        far = plane_panel(whole, of.opened.label_names, f"codes: {whole.inside} points")
        views = [replace(far, parts=(*far.parts, _frame(window)))]
        for twin, title in ((False, "codes"), (True, "Gaussian twin")):
            view = of.answer(ViewPlane(plane=plane, window=window, most_points=2000, twin=twin), PlaneShown)
            views.append(plane_panel(view, of.opened.label_names, f"{title}, zoomed: {view.inside} points"))
        of.draw(
            f"plane-{place + 1}",
            f"The plane of {' and '.join(whole.axis_names)}",
            views,
            3,
            "Zoomed: what is within the red frame, in the colours of the labels; the twin has none.",
        )
        told[f"plane-{place + 1}"] = {"axes": list(whole.axis_names), "zoom": list(window)}
    return told


def _pairs(of: Report) -> dict[str, Any]:
    shown = of.answer(ShowCorrelations(), CorrelationsShown)
    of.draw("correlations", "Pearson correlations of the components", (correlations_panel(shown),), 1)
    of.tabulate("correlations", [str(k) for k in range(len(shown.matrix))], shown.matrix.tolist())
    panels, rows, coverage = [], [], []
    for first, second, value in shown.strongest[:PAIRS]:
        pair = of.answer(ShowPair(plane=Plane("components", first, second), levels=LEVELS), PairShown)
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
        f"{shown.above_chance:.0%} of the pairs correlate by more than {shown.chance:.3f}, which 1 % of independent "
        "pairs do.",
        *(
            f"- components {one['x']} and {one['y']}, {one['k']:g} σ: {one['measured']:.1%} of the codes inside, "
            f"{one['exact']:.1%} of a Gaussian (± {one['standard_error']:.1%})"
            for one in coverage
        ),
    )
    return {
        "strongest": [{"components": [i, j], "r": value} for i, j, value in shown.strongest[:10]],
        "chance": shown.chance,
        "above_chance": shown.above_chance,
        "coverage": coverage,
    }


def _embedding(of: Report) -> dict[str, Any]:
    points = min(of.asked.embedded, of.opened.count)
    if points < FEWEST_CODES["embedding"]:
        return {}
    panels: list[Panel] = []
    told: dict[str, Any] = {}
    for leading in (None, *(number for number in LEADING if number < of.opened.rank)):
        settings = EmbeddingSettings(points=points, leading=leading, seed=of.asked.seed)
        done = of.answer(EmbedCodes(settings), Embedded)
        name = "raw codes" if leading is None else f"{leading} leading axes"
        panels.append(layout_panel(done.layout, of.opened.label_names, name, named=leading is None))
        told[name] = {"divergence": done.layout.divergence, "seconds": done.seconds}
        if leading is None:
            rows = zip(done.layout.indices, done.layout.labels, *done.layout.points.T, strict=True)
            of.tabulate("tsne", ("image", "label", "x", "y"), list(rows))
    of.draw(
        "tsne",
        "t-SNE of the codes",
        panels,
        2,
        f"{points} codes, perplexity {settings.perplexity:g}, early exaggeration {settings.early_exaggeration:g}, "
        f"{settings.steps} steps, seed {settings.seed}.",
    )
    return {
        "points": points,
        "perplexity": settings.perplexity,
        "early_exaggeration": settings.early_exaggeration,
        "steps": settings.steps,
        "seed": settings.seed,
        "layouts": told,
    }


def _twin(of: Report) -> dict[str, Any]:
    plane = Plane("principal", 0, 1)
    views: list[tuple[str, Plane | None, Window | None]] = [
        ("principal axes 0 and 1", plane, None),
        ("the same, zoomed", plane, _zoom(of, plane)),
        ("two widest components", _widest_pair(of), None),
        ("all principal axes", None, None),
    ]
    twins: list[tuple[str, TwinOf]] = [("one Gaussian", "codes"), ("one a label", "labels")]
    told: dict[str, Any] = {}
    panels, rows = [], []
    for name, on, window in views:
        for words, twin_of in twins:
            request = CompareWithTwin(on, window, None, 1000, of.asked.twins, of.asked.seed, twin_of=twin_of)
            view = f"{name}, {words}"
            try:
                found = of.answer(request, ComparedWithTwin)
            except StudioError as error:
                told[view] = {"not_measured": str(error)}
                of.say(f"- {view}: {error}")
                continue
            told[view] = {measure: getattr(found, measure) for measure in TWIN_MEASURES} | {
                "axis": found.axis_names[found.axis],
                "sentence": found.sentence,
                "notes": list(found.notes),
            }
            of.say(f"- {view}: {found.sentence}", *found.notes)
            panels += [neighbours_panel(found, view), pair_counts_panel(found, view)]
            rows.append((view, *(getattr(found, measure) for measure in TWIN_MEASURES)))
    if panels:
        of.draw(
            "gaussian-twin",
            "The codes against Gaussian twins of the same mean and covariance",
            panels,
            2,
            "One Gaussian for all codes, or one a label. Grey: the mean of the twins, and where 95 % of them lie.",
        )
    of.tabulate("gaussian-twin", ("view", *TWIN_MEASURES), rows)
    return told


def _samplers(of: Report) -> dict[str, Any]:
    request = CompareSamplers(points=of.asked.points, seed=of.asked.seed)
    found = of.answer(request, SamplersCompared)
    of.draw("samplers", "Points drawn and decoded", (samplers_panel(found.rows),), 1)
    of.draw(
        "sampler-measures",
        "What drawn points are worth",
        (sampler_measures_panel(found.rows),),
        1,
        f"Of {of.asked.points} points each: share in the populated region, share that C is sure of (0.9 or more), "
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
    last = of.opened.count - 1
    axis = PlaceStation("principal", ((0, -_reach(of)),)), PlaceStation("principal", ((0, _reach(of)),))
    paths: dict[str, tuple[Station, ...]] = {
        f"from image 0 to image {last}": (CodeStation(0), CodeStation(last)),
        "along principal axis 0, −3 σ to 3 σ": axis,
    }
    told: dict[str, Any] = {}
    rows: list[tuple[object, ...]] = []
    for place, (name, stations) in enumerate(paths.items()):
        found = of.answer(FollowCodes(stations=stations, pictures_a_leg=14), CodesFollowed)
        pictures, *curves = path_panels(found, of.opened.labels_read, name)
        of.draw(f"path-{place + 1}", f"The path {name}", (pictures,), 1)
        of.draw(f"path-{place + 1}-curves", f"What is measured along the path {name}", curves, len(curves))
        rows += [
            (name, *row) for row in zip(found.positions, found.mahalanobis, found.share_beyond, strict=True)
        ]
        told[name] = {
            "farthest": float(found.mahalanobis.max()),
            "boundary": found.boundary,
            "outside": float((found.mahalanobis > found.boundary).mean()),
        }
    of.tabulate("paths", ("path", "position", "mahalanobis", "share_beyond"), rows)
    return told


def _space(opened: LatentSpaceOpened) -> dict[str, Any]:
    return {
        "coder": opened.name,
        "provenance": opened.provenance,
        "data": opened.data,
        "split": opened.split,
        "codes": opened.count,
        "components": opened.components,
        "rank": opened.rank,
        "constant": list(opened.constant),
        "is_variational": opened.is_variational,
        "notes": list(opened.notes),
    }


def _widest_pair(of: Report) -> Plane:
    first, second = np.argsort(of.opened.sigma)[::-1][:2].tolist()
    return Plane("components", first, second)


def _spread(of: Report) -> tuple[int, int]:
    """The posts' planes past the leading ones: axes 0 and 17, or the last one with variance."""
    return 0, min(17, of.opened.rank - 1)


def _zoom(of: Report, plane: Plane) -> Window:
    """The smallest square of `ZOOMS` around the middle of the codes that holds enough of them, or all.

    Where all codes lie closer together than the squares, parts of their extent take the squares' place.
    """
    whole = of.answer(ViewPlane(plane=plane, most_points=0), PlaneShown)
    raw = plane.axes == "components"
    x, y = (float(of.opened.mean[axis]) if raw else 0.0 for axis in (plane.x, plane.y))
    left, right, bottom, top = whole.extent
    reach = min(right - left, top - bottom) / 2
    for half in [zoom for zoom in ZOOMS if zoom < reach] or [reach / 8, reach / 4, reach / 2]:
        window = x - half, x + half, y - half, y + half
        seen = of.answer(ViewPlane(plane=plane, window=window, most_points=0), PlaneShown)
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


def _reach(of: Report) -> float:
    shown = of.answer(ShowVariance(), VarianceShown)
    return 3 * float(np.sqrt(shown.variances[0]))


def _plain(value: object) -> object:
    if value is None or (isinstance(value, float | np.floating) and not np.isfinite(value)):
        return ""
    return value.item() if isinstance(value, np.generic) else value


Part = Callable[[Report], Mapping[str, Any]]

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
