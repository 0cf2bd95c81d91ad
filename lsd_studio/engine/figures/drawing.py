"""A description of a figure, drawn with matplotlib.

No state of matplotlib is used but its settings, which are set for the moment of drawing: figures can be drawn on any
thread, one after the other.
"""

from __future__ import annotations

import io
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize, SymLogNorm
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter, NullFormatter, NullLocator

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.long_names import cut_names, slant_names
from lsd_studio.engine.figures.plain_names import with_plain_names, with_text
from lsd_studio.engine.figures.spec import (
    MOST_PIXELS,
    Axis,
    Bars,
    FigureFormat,
    FigureLook,
    Heatmap,
    Line,
    Mosaic,
    Panel,
    Part,
    PlotFigure,
    Points,
    Rule,
    Steps,
)
from lsd_studio.engine.figures.style import SEQUENTIAL, SIGNED, Style, colour_of, style_of
from lsd_studio.engine.platform.fonts import fonts_for, with_escapes

PICTURES_DPI = 600
"""Of pictures and matrices inside PDF and SVG, so that their pixels keep sharp edges."""

BLOCK_GAP = 12
"""Pixels of the pictures between two blocks of columns, beside the usual gap."""

MARGIN = 0.04
"""Inches around everything."""

ROOM = 1.0
"""Inches that a row of panels has at first for words, before the figure is cut to what it needs."""

ROUNDING = 1e-9
"""Share of a scale of colours by which values may miss its ends."""

FAR = 2.0
"""Factor between the end of a logarithmic scale and the power of ten before it, from which both have room."""

MARKS = {"": "", "dot": "o", "ring": "o", "cross": "x", "diamond": "D"}
DASHES = {"solid": "-", "dashed": (0, (4, 2.5)), "dotted": (0, (1, 1.5)), "dashdot": (0, (6, 2, 1, 2))}

NOTEBOOK_DPI = 150

_ONE_AT_A_TIME = threading.Lock()


class ShownFigure(Figure):
    """A figure that a notebook shows, even where nothing has imported pyplot, which would have taught it to."""

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.savefig(file, format="png", dpi=NOTEBOOK_DPI)
        return file.getvalue()


def draw_plot(figure: PlotFigure, look: FigureLook | None = None) -> ShownFigure:
    """Draw a figure; what comes back can be changed and saved as any of matplotlib's.

    Raises:
        StudioError: a look out of range, or a description without panels.
    """
    style = style_of(look or FigureLook(), figure)
    figure = with_plain_names(figure)
    with _settings(style, figure):
        return _drawn(with_text(figure, with_escapes), style)


def figure_bytes(figure: PlotFigure, look: FigureLook, kind: FigureFormat) -> bytes:
    """A figure as a file's content; the same description and look give the same bytes.

    Raises:
        StudioError: as `draw_plot`, or a PNG of more than `MOST_PIXELS`; pictures inside PDF and SVG have fewer dots
            per inch where they would be more.
    """
    figure = with_plain_names(figure)
    style, file = style_of(look, figure), io.BytesIO()
    with _settings(style, figure):
        drawn = _drawn(with_text(figure, with_escapes), style)
        most = _most_dpi(drawn)
        if kind == "png":
            if look.dpi > most:
                raise StudioError(_too_many_pixels(drawn, look.dpi, most))
            drawn.savefig(file, format=kind, dpi=look.dpi, metadata={"Title": figure.title, "Software": None})
        else:
            dated = {"pdf": "CreationDate", "svg": "Date"}[kind]
            drawn.savefig(
                file,
                format=kind,
                dpi=min(max(look.dpi, PICTURES_DPI), most),
                metadata={"Title": figure.title, dated: None},
            )
    return file.getvalue()


def _most_dpi(drawn: Figure) -> int:
    """The largest number of dots per inch with which the figure has at most `MOST_PIXELS`."""
    width, height = drawn.get_size_inches()
    return int(math.sqrt(MOST_PIXELS / (width * height)))


def _too_many_pixels(drawn: Figure, dpi: int, most: int) -> str:
    width, height = (round(side * dpi) for side in drawn.get_size_inches())
    million = MOST_PIXELS // 1_000_000
    return (
        f"This figure would have {width} × {height} pixels, more than {million} million: choose at most {most} dots "
        "per inch, a smaller size, or PDF."
    )


def _legend_name(name: str) -> str | None:
    """A name as matplotlib shows it, which hides those that begin with an underscore."""
    return f"\N{HAIR SPACE}{name}" if name.startswith("_") else name or None


@contextmanager
def _settings(style: Style, figure: PlotFigure) -> Iterator[None]:
    with _ONE_AT_A_TIME, mpl.rc_context({**style.settings, "font.family": _families(figure)}):
        yield


def _families(figure: PlotFigure) -> list[str]:
    """Names of the fonts that have the letters of a figure; matplotlib takes each letter from the first that has it."""
    words: list[str] = []

    def note(text: str) -> str:
        words.append(text)
        return text

    with_text(figure, note)
    first, *others = fonts_for("".join(words))
    for file in others:
        fontManager.addfont(file)
    return [FontProperties(fname=file).get_name() for file in (first, *others)]


def _drawn(figure: PlotFigure, style: Style) -> ShownFigure:
    if not figure.panels:
        raise StudioError("There is nothing to draw yet: wait until the view shows something.")
    columns = min(figure.columns, len(figure.panels))
    rows = -(-len(figure.panels) // columns)
    fitted = style.height is None
    heights = [
        max(_aspect(panel) * panel.width for panel in figure.panels[row * columns : (row + 1) * columns])
        for row in range(rows)
    ]
    roomy = sum(heights) * style.width / columns + ROOM * rows
    drawn = ShownFigure(
        figsize=(style.width, style.height or roomy),
        layout=ConstrainedLayoutEngine(compress=True, w_pad=MARGIN, h_pad=MARGIN, wspace=0.03, hspace=0.03),
    )
    widths = [max(panel.width for panel in figure.panels[column::columns]) for column in range(columns)]
    grid = drawn.subplots(rows, columns, squeeze=False, width_ratios=widths, height_ratios=heights).ravel()
    for axes, panel in zip(grid, figure.panels, strict=False):
        _draw_panel(axes, panel, style, boxed=fitted)
    for axes in grid[len(figure.panels) :]:
        axes.set_visible(False)
    if fitted:
        _cut_to_height(drawn)
    return drawn


def _aspect(panel: Panel) -> float:
    """Height over width of what is drawn in a panel."""
    for part in panel.parts:
        if isinstance(part, Mosaic):
            rows, columns, height, width = part.pictures.shape[:4]
            return rows * (height + part.gap) / (columns * (width + part.gap))
        if isinstance(part, Heatmap) and part.edges is None:
            return len(part.values) / part.values.shape[1]
    return panel.aspect


def _cut_to_height(drawn: Figure) -> None:
    """Cut away what is empty above and below the panels, whose widths and aspects fix all the rest."""
    drawn.draw_without_rendering()
    drawn.draw_without_rendering()
    whole, used = drawn.get_figheight(), drawn.get_tightbbox()
    drawn.set_layout_engine("none")
    needed, bottom = used.height + 2 * MARGIN, used.y0 - MARGIN
    places = [axes.get_position(original=True) for axes in drawn.axes]
    drawn.set_figheight(needed)
    for axes, place in zip(drawn.axes, places, strict=True):
        axes.set_position(
            (place.x0, (place.y0 * whole - bottom) / needed, place.width, place.height * whole / needed)
        )


def _draw_panel(axes: Axes, panel: Panel, style: Style, *, boxed: bool) -> None:
    if panel.title:
        axes.set_title(panel.title)
    for part in panel.parts:
        _draw_part(axes, part, style)
    pictured = any(isinstance(part, Mosaic) for part in panel.parts)
    celled = any(isinstance(part, Heatmap) and part.edges is None for part in panel.parts)
    if boxed and not (pictured or celled):
        axes.set_box_aspect(panel.aspect)
    _name_axis(axes, "x", panel.bottom, style, pictured=pictured)
    _name_axis(axes, "y", panel.left, style, pictured=pictured)
    named = [
        part for part in panel.parts if isinstance(part, Line | Points | Bars | Steps | Rule) and part.name
    ]
    if panel.legend != "none" and len(named) > 1:
        handles, labels = axes.get_legend_handles_labels()
        usual_size = 1 / max((part.size for part in named if isinstance(part, Points)), default=1.0)
        if panel.legend == "right":
            axes.legend(handles, labels, loc="center left", bbox_to_anchor=(1.0, 0.5), markerscale=usual_size)
        else:
            axes.legend(handles, labels, loc="best", markerscale=usual_size)


def _name_axis(axes: Axes, side: str, named: Axis, style: Style, *, pictured: bool) -> None:
    words = f"{named.title} ({named.unit})" if named.unit else named.title
    axis = axes.xaxis if side == "x" else axes.yaxis
    axis.set_label_text(words)
    if pictured:
        return
    if named.logarithmic:
        (axes.set_xscale if side == "x" else axes.set_yscale)("log")
        axis.set_major_formatter(FuncFormatter(lambda value, _: _plain(value)))
        axis.set_minor_formatter(NullFormatter())
    if named.ticks:
        worded = [(place, text) for place, text in named.ticks if text]
        axis.set_major_locator(FixedLocator([place for place, _ in worded]))
        names = cut_names([text for _, text in worded])
        axis.set_major_formatter(FixedFormatter(names))
        axis.set_minor_locator(NullLocator())
        if side == "x":
            slant_names(axes, names, style)
    if named.limits is not None:
        (axes.set_xlim if side == "x" else axes.set_ylim)(*named.limits)


def _draw_part(axes: Axes, part: Part, style: Style) -> None:
    match part:
        case Line():
            _draw_line(axes, part, style)
        case Points():
            _draw_points(axes, part, style)
        case Bars():
            inks = part.ink if isinstance(part.ink, tuple) else (part.ink,) * len(part.x)
            axes.bar(
                part.x, part.heights, part.width, color=[colour_of(ink) for ink in inks], label=_legend_name(part.name),
                yerr=_errors(part.heights, part.low, part.high), error_kw={"linewidth": style.hair, "capsize": 2},
            )  # fmt: skip
        case Steps():
            axes.stairs(
                part.heights, part.edges, color=colour_of(part.ink), linestyle=DASHES[part.dash],
                linewidth=style.line, label=_legend_name(part.name),
            )  # fmt: skip
        case Rule():
            along = axes.axhline if part.axis == "left" else axes.axvline
            along(
                part.value, color=colour_of(part.ink), linestyle=DASHES[part.dash], linewidth=style.line,
                label=_legend_name(part.name),
            )  # fmt: skip
        case Heatmap():
            _draw_heatmap(axes, part, style)
        case Mosaic():
            _draw_mosaic(axes, part, style)


def _draw_line(axes: Axes, part: Line, style: Style) -> None:
    colour = colour_of(part.ink)
    if part.low is not None and part.high is not None:
        axes.fill_between(part.x, part.low, part.high, color=colour, alpha=0.2, linewidth=0)
    axes.plot(
        part.x, part.y, color=colour, linestyle=DASHES[part.dash], linewidth=part.width * style.line,
        marker=MARKS[part.mark], markerfacecolor="none" if part.mark == "ring" else colour,
        markeredgewidth=style.hair, label=_legend_name(part.name),
    )  # fmt: skip


def _draw_points(axes: Axes, part: Points, style: Style) -> None:
    colour = colour_of(part.ink)
    ring = part.mark == "ring"
    axes.errorbar(
        part.x, part.y, yerr=_errors(part.y, part.low, part.high), linestyle="none", color=colour,
        marker=MARKS[part.mark], markersize=part.size * (0.9 if ring else 0.5) * style.text,
        markerfacecolor="none" if ring else colour,
        markeredgewidth=style.line if ring or part.mark == "cross" else 0.0,
        elinewidth=style.hair, capsize=0.25 * style.text, label=_legend_name(part.name),
    )  # fmt: skip


def _errors(values: np.ndarray, low: np.ndarray | None, high: np.ndarray | None) -> np.ndarray | None:
    return None if low is None or high is None else np.stack([values - low, high - values])


def _draw_heatmap(axes: Axes, part: Heatmap, style: Style) -> None:
    colours = SIGNED if part.colours == "signed" else SEQUENTIAL
    known = part.values[np.isfinite(part.values)]
    largest = float(np.abs(known).max()) if known.size else 1.0
    low, high = part.ends or ((-largest, largest) if part.colours == "signed" else (0.0, largest))
    rounding = ROUNDING * (high - low)
    beyond_low, beyond_high = bool((known < low - rounding).any()), bool((known > high + rounding).any())
    norm = (
        Normalize(low, high)
        if part.linear_within is None
        else SymLogNorm(part.linear_within, vmin=low, vmax=high)
    )
    image = axes.imshow(
        part.values,
        cmap=LinearSegmentedColormap.from_list(part.colours, list(colours), 256),
        norm=norm,
        interpolation="nearest",
        extent=part.edges,
        origin="upper" if part.edges is None else "lower",
        aspect="equal" if part.edges is None else "auto",
    )
    extend = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}
    bar = axes.figure.colorbar(
        image, ax=axes, label=f"{part.name} ({part.unit})" if part.unit else part.name, pad=0.03, aspect=25,
        extend=extend[beyond_low, beyond_high],
    )  # fmt: skip
    bar.outline.set_linewidth(style.hair)
    if part.linear_within is not None:
        places = _signed_decades(part.linear_within, low, high)
        bar.set_ticks(places, labels=[_plain(place) for place in places])
        bar.minorticks_off()
    if part.group:
        rows, columns = part.values.shape
        for place in range(part.group, rows, part.group):
            axes.axhline(place - 0.5, color=colour_of("grey"), linewidth=0.5 * style.hair)
        for place in range(part.group, columns, part.group):
            axes.axvline(place - 0.5, color=colour_of("grey"), linewidth=0.5 * style.hair)
    if part.written:
        for (row, column), value in np.ndenumerate(part.values):
            if not np.isfinite(value):
                continue
            colour = "white" if value - low > 0.6 * (high - low) else colour_of("black")
            axes.text(
                column,
                row,
                f"{value:.{part.decimals}f}",
                ha="center",
                va="center",
                color=colour,
                fontsize=style.small,
            )


def _signed_decades(least: float, low: float, high: float) -> list[float]:
    """0, powers of ten from `least` on both sides, and the ends in two digits where they are far from those."""
    powers = range(math.ceil(math.log10(least)), math.floor(math.log10(max(-low, high))) + 1)
    both = [0.0, *(sign * 10.0**power for power in powers for sign in (-1, 1))]
    places = [place for place in both if low <= place <= high]
    ends = (
        math.copysign(_two_digits(abs(end)), end)
        for end in (low, high)
        if powers and abs(end) > FAR * 10.0 ** powers[-1]
    )
    return sorted({*places, *ends})


def _two_digits(value: float) -> float:
    """The largest number of two digits that is not above a positive one."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return math.floor(value / unit) * unit


def _plain(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _draw_mosaic(axes: Axes, part: Mosaic, style: Style) -> None:
    rows, columns, height, width = part.pictures.shape[:4]
    lefts = np.arange(columns) * (width + part.gap)
    if part.block:
        lefts += np.arange(columns) // part.block * BLOCK_GAP
    tops = np.arange(rows) * (height + part.gap)
    sheet = np.full((tops[-1] + height, lefts[-1] + width, 3), 255, np.uint8)
    for row, top in enumerate(tops):
        for column, left in enumerate(lefts):
            sheet[top : top + height, left : left + width] = part.pictures[row, column]
    axes.imshow(sheet, interpolation="auto")
    axes.spines[:].set_visible(False)
    axes.tick_params(
        length=0, pad=0.3 * style.text, top=False, labeltop=bool(part.columns), labelbottom=False
    )
    names = cut_names(part.columns or ())
    axes.set_xticks(lefts + (width - 1) / 2 if names else [], names)
    axes.set_yticks(tops + (height - 1) / 2 if part.rows else [], cut_names(part.rows or ()))
    slant_names(axes, names, style, above=True)
    if part.columns:
        axes.xaxis.set_label_position("top")
        axes.xaxis.labelpad = 0.6 * style.text
    if part.marked is not None:
        for row, column in np.argwhere(part.marked):
            corner = lefts[column] + 0.5, tops[row] + 0.5
            axes.add_patch(
                Rectangle(
                    corner, width - 2, height - 2, fill=False, color=colour_of("red"), linewidth=style.line
                )
            )
