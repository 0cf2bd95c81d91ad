"""How every method of denoising is drawn: on the window's grounds, and on the white of a figure."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt

from lsd_studio.engine.figures.spec import Dash, Ink, Mark

__all__ = ["INKS", "MethodInk", "ink_of"]


@dataclass(frozen=True)
class MethodInk:
    """How a method is drawn: colours on light, on dark and in a figure, line, symbol, and whether it is shown first."""

    light: str
    dark: str
    printed: Ink
    line: Qt.PenStyle = Qt.PenStyle.SolidLine
    symbol: str = "o"
    width: float = 1.5
    first: bool = True

    @property
    def dash(self) -> Dash:
        """The line in a figure."""
        return DASHES[self.line]

    @property
    def mark(self) -> Mark:
        """The symbol in a figure."""
        return MARKS[self.symbol]


SOLID, DASHED, DOTTED = Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine
DASHES: dict[Qt.PenStyle, Dash] = {SOLID: "solid", DASHED: "dashed", DOTTED: "dotted"}
MARKS: dict[str, Mark] = {"o": "dot", "s": "diamond", "t": "cross"}
INKS = {
    "noisy": MethodInk("#7A818C", "#8A919C", "grey", DOTTED, "o", 1.2),
    "lsd_posterior": MethodInk("#2C5FC9", "#8AB0FF", "blue", SOLID, "o", 3.0),
    "lsd_descent": MethodInk("#2C5FC9", "#8AB0FF", "blue", DOTTED, "o", 1.5, first=False),
    "lsd_saw_noise": MethodInk("#0E8F9E", "#5CD0DE", "teal", SOLID, "o", 2.0),
    "lsd_all_terms": MethodInk("#8A3D94", "#D58FE0", "purple", SOLID, "o", 2.0),
    "lsd_four_terms": MethodInk("#8A3D94", "#D58FE0", "purple", DASHED, "o", 1.2, first=False),
    "lsd_automatic": MethodInk("#5B3FA8", "#AF9BF0", "purple", DOTTED, "o", 1.5),
    "random_automatic": MethodInk("#7A818C", "#8A919C", "grey", DASHED, "t", 1.5),
    "random_four_terms": MethodInk("#7A818C", "#8A919C", "grey", SOLID, "t", 1.2, first=False),
    "random_saw_noise_automatic": MethodInk("#5D7A80", "#8FB4BB", "grey", DASHED, "s", 1.2, first=False),
    "lsd_draws": MethodInk("#B0487A", "#F096BE", 8, DASHED, "o", 1.2, first=False),
    "lsd_saw_noise_automatic": MethodInk("#0E8F9E", "#5CD0DE", "teal", DASHED, "o", 1.2, first=False),
    "lsd_posterior_known": MethodInk("#2C5FC9", "#8AB0FF", "blue", DASHED, "o", 2.0),
    "lsd_descent_known": MethodInk("#2C5FC9", "#8AB0FF", "blue", DOTTED, "o", 1.5, first=False),
    "total_variation": MethodInk("#A67C00", "#E0BE50", "orange", SOLID, "s"),
    "non_local_means": MethodInk("#C8452E", "#FF8D75", "red", SOLID, "s"),
    "principal_components": MethodInk("#2F7D32", "#7CCB7F", 3, SOLID, "s"),
    "principal_components_known": MethodInk("#2F7D32", "#7CCB7F", 3, DASHED, "s"),
    "linear_regression": MethodInk("#B35A00", "#FFB066", "orange", DASHED, "o", 2.0),
    "autoencoder": MethodInk("#1A1D22", "#E9EBEF", "black", SOLID, "t"),
    "bundle": MethodInk("#8A3D94", "#D58FE0", "purple", SOLID, "o", 2.0),
    "bundle_random": MethodInk("#8A3D94", "#D58FE0", "purple", DASHED, "t", 1.5),
    "saw_noise_random": MethodInk("#0E8F9E", "#5CD0DE", "teal", DASHED, "t", 1.5),
    "saw_noise": MethodInk("#0E8F9E", "#5CD0DE", "teal", SOLID, "o", 2.0),
}


def ink_of(method: str) -> MethodInk:
    """How a method is drawn; one that is not known, like what was left alone."""
    return INKS.get(method, INKS["noisy"])
