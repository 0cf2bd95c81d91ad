"""How figures look: sizes for a column, two columns or a slide, type that is embedded, colours on white."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.spec import (
    LEAST_DPI,
    LEAST_MM,
    MOST_DPI,
    MOST_MM,
    FigureLook,
    FigureStyle,
    Ink,
    PlotFigure,
)
from lsd_studio.palette import SIGNED_ENDS, label_colour

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

MM = 1 / 25.4
"""Inches of a millimetre."""

COLOURS = {
    "black": "#1A1D22",
    "grey": "#7A7F87",
    "blue": "#0077BB",
    "red": "#CC3311",
    "teal": "#009988",
    "orange": "#EE7733",
    "purple": "#7B3F9D",
}
"""Inks by name: Paul Tol's "vibrant" scheme, with a purple, a grey and a soft black."""

SIGNED = (*SIGNED_ENDS[0], "#FFFFFF", *SIGNED_ENDS[1])
SEQUENTIAL = ("#FFFFFF", "#A6D5C8", "#3E8EB5", "#1B2F5E")


@dataclass(frozen=True)
class Style:
    """Sizes of a figure and of what is in it.

    Attributes:
        width: inches; height: inches, None for what the panels need.
        text, small: points, of words and of numbers at ticks.
        line: points, of a curve; hair: of axes.
    """

    width: float
    height: float | None
    text: float
    small: float
    line: float
    hair: float

    @property
    def settings(self) -> dict[RcKeyType, Any]:
        """The same as matplotlib has it; type is embedded whole (42) in PDF and drawn as paths in SVG."""
        return {
            "font.family": "DejaVu Sans",
            "font.size": self.text,
            "axes.titlesize": self.text,
            "axes.labelsize": self.text,
            "xtick.labelsize": self.small,
            "ytick.labelsize": self.small,
            "legend.fontsize": self.small,
            "legend.frameon": False,
            "legend.handlelength": 2.25,
            "legend.borderaxespad": 0.4,
            "legend.labelspacing": 0.3,
            "lines.linewidth": self.line,
            "lines.markersize": 0.5 * self.text,
            "axes.linewidth": self.hair,
            "axes.edgecolor": COLOURS["black"],
            "axes.labelcolor": COLOURS["black"],
            "axes.titlepad": 0.5 * self.text,
            "axes.labelpad": 0.35 * self.text,
            "text.color": COLOURS["black"],
            "text.parse_math": False,
            "text.hinting": "no_hinting",
            "xtick.color": COLOURS["black"],
            "ytick.color": COLOURS["black"],
            "xtick.major.width": self.hair,
            "ytick.major.width": self.hair,
            "xtick.major.size": 0.35 * self.text,
            "ytick.major.size": 0.35 * self.text,
            "xtick.minor.width": 0.7 * self.hair,
            "ytick.minor.width": 0.7 * self.hair,
            "pdf.fonttype": 42,
            "svg.fonttype": "path",
            "svg.hashsalt": "lsd-studio",
            "path.simplify": False,
        }


_STYLES: dict[FigureStyle, Style] = {
    "column": Style(width=86 * MM, height=None, text=8, small=7, line=1.0, hair=0.6),
    "double": Style(width=178 * MM, height=None, text=8, small=7, line=1.0, hair=0.6),
    "slide": Style(width=254 * MM, height=142.9 * MM, text=15, small=13, line=2.0, hair=1.0),
}


def style_of(look: FigureLook, figure: PlotFigure) -> Style:
    """The style of a figure with the look that was asked for.

    Raises:
        StudioError: a side or a resolution out of range.
    """
    for name, side in (("wide", look.width), ("high", look.height)):
        if side is not None and not LEAST_MM <= side <= MOST_MM:
            raise StudioError(
                f"A figure is {LEAST_MM:g} to {MOST_MM:g} mm {name}, not {side:g}: choose a size in this range."
            )
    if not LEAST_DPI <= look.dpi <= MOST_DPI:
        raise StudioError(
            f"A figure has {LEAST_DPI} to {MOST_DPI} dots per inch, not {look.dpi}: choose a number in this range."
        )
    style = _STYLES[look.style or ("double" if figure.wide else "column")]
    return replace(
        style,
        width=style.width if look.width is None else look.width * MM,
        height=style.height if look.height is None else look.height * MM,
    )


def colour_of(ink: Ink) -> str:
    """The colour of an ink on white, as #RRGGBB."""
    return label_colour(ink) if isinstance(ink, int) else COLOURS[ink]
