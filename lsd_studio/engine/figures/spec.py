"""Figures for publication: a plot described without drawing it, drawn by the engine to files or to PNG, and read back.

A `PlotFigure` is data and words alone. Whoever has a plot fills one in, and the engine draws it, always on white, in
colours that people with any common colour vision can distinguish:

    figure = PlotFigure(
        name="losses",
        title="Losses of the classifier",
        panels=(Panel((Line("training", steps, losses, "blue"),), Axis("step"), Axis("cross-entropy", "nats")),),
        source="run seven, step 2000",
    )
    engine.figures.save(figure, Path("losses.pdf")).result()
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from lsd_studio.engine.vocabulary import Reading

Ink: TypeAlias = int | Literal["black", "grey", "blue", "red", "teal", "orange", "purple"]
"""A colour: that of a label by its number 0, 1, 2, …, or one of seven that can be distinguished on white."""

Dash = Literal["solid", "dashed", "dotted", "dashdot"]
Mark = Literal["", "dot", "ring", "cross", "diamond"]
PAPER_FIGURES = (
    "2a", "2b", "2c", "3a", "3b", "3c", "4a", "4b", "4c", "4d", "5a", "5b", "5c",
    "6a", "6b", "6c", "6d", "6e", "6f", "7b", "8",
)  # fmt: skip
"""Numbers of the paper's figures; Figures 1 and 7a are schemes without data."""

CODE_FIGURES = ("3b", "4c", "4d", "planes", "spectrum")
"""What can be drawn of codes alone: by its number where the paper has it."""

WIDE_FIGURES = ("3a", "3b", "3c", "7b", "8")
"""Those of them that need two columns of a journal."""

FigureFormat = Literal["pdf", "svg", "png"]
FORMATS: tuple[FigureFormat, ...] = ("pdf", "svg", "png")

FigureStyle = Literal["column", "double", "slide"]
"""For one column of a journal (86 mm), for two (178 mm), or for a slide (254 mm, 16 : 9)."""

LEAST_MM, MOST_MM = 20.0, 1000.0
"""Sides of a figure in mm."""

LEAST_DPI, MOST_DPI = 50, 1200
"""Dots per inch of a figure as PNG."""

MOST_PIXELS = 100_000_000
"""Pixels of a figure as PNG: drawing them takes about 1 GB of memory."""

FigureOrigin = Literal["bundle", "codes", "run"]
"""What a figure is computed from: the bundle in use, the codes of the latent space in use, or a run alone."""

ViewSettings: TypeAlias = Mapping[str, object]
"""What brings a workspace to what it shows: names with values that JSON can hold."""


@dataclass(frozen=True)
class Axis:
    """One axis of a panel.

    Args:
        title: what it shows; unit: "" where there is none.
        logarithmic: whether equal factors are equally far.
        limits: the ends; None takes what the data need.
        ticks: places with their words, none where they are ""; () leaves them to the drawing.
    """

    title: str = ""
    unit: str = ""
    logarithmic: bool = False
    limits: tuple[float, float] | None = None
    ticks: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Line:
    """A curve through [N] points, with a band from `low` to `high` where they are given. NaN leaves a gap."""

    name: str
    x: np.ndarray
    y: np.ndarray
    ink: Ink = "black"
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    dash: Dash = "solid"
    mark: Mark = ""
    width: float = 1.0


@dataclass(frozen=True, eq=False)
class Points:
    """[N] points, `size` times as large as usual, with error bars from `low` to `high` where they are given."""

    name: str
    x: np.ndarray
    y: np.ndarray
    ink: Ink = "black"
    mark: Mark = "dot"
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    size: float = 1.0


@dataclass(frozen=True, eq=False)
class Bars:
    """[N] bars from 0 to `heights` at `x`, `width` wide in units of the axis; one ink for all, or one for each."""

    name: str
    x: np.ndarray
    heights: np.ndarray
    ink: Ink | tuple[Ink, ...] = "blue"
    width: float = 0.8
    low: np.ndarray | None = None
    high: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Steps:
    """A histogram: [B] heights between [B + 1] edges."""

    name: str
    edges: np.ndarray
    heights: np.ndarray
    ink: Ink = "black"
    dash: Dash = "solid"


@dataclass(frozen=True)
class Rule:
    """A straight line through the whole panel: at a height of the left axis, or at a place of the bottom one."""

    name: str
    value: float
    axis: Literal["left", "bottom"] = "left"
    ink: Ink = "black"
    dash: Dash = "dashed"


@dataclass(frozen=True, eq=False)
class Heatmap:
    """A matrix [R, C] in colours, with their scale beside it; NaN stays white.

    Args:
        name: what the values are, as the scale says it, with `unit`.
        values: row 0 is at the top, or at the bottom where `edges` are given.
        colours: "signed" for values on both sides of 0, which is white; "sequential" from white upwards.
        ends: of the colours; None: the largest magnitude, or 0 and the largest value.
        linear_within: for signed values, the magnitude up to which colours grow linearly, and beyond it by equal
            factors; None: linearly all the way.
        edges: left, right, bottom and top of the matrix in units of the axes; None: row and column i are at i.
        group: rows and columns between two thin lines; 0 for none.
        written: whether each value is written in its cell; decimals: of the written ones.
    """

    name: str
    values: np.ndarray
    colours: Literal["signed", "sequential"] = "sequential"
    unit: str = ""
    ends: tuple[float, float] | None = None
    linear_within: float | None = None
    edges: tuple[float, float, float, float] | None = None
    group: int = 0
    written: bool = False
    decimals: int = 2


@dataclass(frozen=True, eq=False)
class Mosaic:
    """Pictures uint8 [R, C, H, W, K] with K = 1 or 3, in rows and columns, and what they are called.

    Args:
        rows, columns: names, [R] and [C] of them, or () for none.
        marked: bool [R, C], pictures in a red frame; None for none.
        block: columns between two wider gaps; 0 for none.
        gap: pixels of the pictures between two of them.
    """

    name: str
    pictures: np.ndarray
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    marked: np.ndarray | None = None
    block: int = 0
    gap: int = 2


Part: TypeAlias = Line | Points | Bars | Steps | Rule | Heatmap | Mosaic


@dataclass(frozen=True, eq=False)
class Panel:
    """One pair of axes and what is drawn in it, the first part lowest; a mosaic has a panel of its own.

    Args:
        title: above it.
        legend: whether the names of lines, points and bars are shown in it; beside it where it is "right".
        aspect: height over width.
        width: in units of the other panels' widths.
    """

    parts: tuple[Part, ...]
    bottom: Axis = Axis()
    left: Axis = Axis()
    title: str = ""
    legend: Literal["inside", "right", "none"] = "inside"
    aspect: float = 0.72
    width: float = 1.0


@dataclass(frozen=True, eq=False)
class PlotFigure:
    """A figure: panels row by row, `columns` of them in a row.

    Args:
        name: of its files, such as "figure-5c": small letters, digits and hyphens.
        title: what it shows, in a few words.
        panels: one or more.
        source: what it was computed from, in words.
        caption: what a reader needs to know, in sentences below it.
        columns: panels in a row.
        wide: whether it needs two columns of a journal.
        number: in the paper, such as "5c"; "" for a plot that is not there.
        settings: how it was computed: names with values that JSON can hold.
        of: what it was computed from.
    """

    name: str
    title: str
    panels: tuple[Panel, ...]
    source: str
    caption: str = ""
    columns: int = 1
    wide: bool = False
    number: str = ""
    settings: Mapping[str, object] = field(default_factory=dict)
    of: FigureOrigin = "bundle"


@dataclass(frozen=True)
class FigureLook:
    """How a figure is drawn.

    Args:
        style: None takes "double" for a wide figure and "column" for another.
        width, height: in mm, `LEAST_MM` to `MOST_MM`; None takes the style's width, and the height that panels need.
        dpi: of PNG, `LEAST_DPI` to `MOST_DPI`, with `MOST_PIXELS` at most; pictures inside PDF and SVG have at least
            600, or what fits into as many pixels.
    """

    style: FigureStyle | None = None
    width: float | None = None
    height: float | None = None
    dpi: int = 300


DEFAULT_LOOK = FigureLook()
"""A figure for one column of a journal."""


@dataclass(frozen=True)
class FigureInputs:
    """What figures of the paper are computed from.

    Args:
        data: test images by name or folder; None takes the data set that the bundle was trained on.
        images: how many test images at most, the first ones; None takes all.
        trials: draws of each test image.
        reading: None takes the reading of the bundle's profile.
        samples: latent vectors of each label and source, 1…1200.
    """

    data: str | None = None
    images: int | None = None
    trials: int = 20
    seed: int = 0
    reading: Reading | None = None
    samples: int = 1200


@dataclass(frozen=True)
class NumberedFigure:
    """A figure of the paper, such as "5c", to be computed for the open bundle."""

    number: str
    inputs: FigureInputs = FigureInputs()


@dataclass(frozen=True)
class FigureView:
    """Where a figure was looked at: the name of a workspace, and what brings it to that view again."""

    workspace: str
    settings: ViewSettings = field(default_factory=dict)
