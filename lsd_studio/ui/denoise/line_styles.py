"""How every method of denoising is drawn: on the window's grounds, and on the white of a figure."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor

from lsd_studio.engine.figures.spec import Dash, Ink, Mark
from lsd_studio.ui.app.theme import Theme


@dataclass(frozen=True)
class MethodInk:
    """How a method is drawn: colours on light, on dark and in a figure, line, mark, and whether it is shown first."""

    light: str
    dark: str
    printed: Ink
    dash: Dash = "solid"
    mark: Mark = "dot"
    width: float = 1.5
    first: bool = True

    def colour(self, theme: Theme) -> QColor:
        """Its colour in the window."""
        return QColor(self.dark if theme.name == "dark" else self.light)


INKS = {
    "noisy": MethodInk("#7A818C", "#8A919C", "grey", "dotted", "dot", 1.2),
    "lsd_posterior": MethodInk("#2C5FC9", "#8AB0FF", "blue", "solid", "dot", 3.0),
    "lsd_descent": MethodInk("#2C5FC9", "#8AB0FF", "blue", "dotted", "dot", 1.5, first=False),
    "lsd_saw_noise": MethodInk("#0E8F9E", "#5CD0DE", "teal", "solid", "dot", 2.0),
    "lsd_all_terms": MethodInk("#8A3D94", "#D58FE0", "purple", "solid", "dot", 2.0),
    "lsd_four_terms": MethodInk("#8A3D94", "#D58FE0", "purple", "dashed", "dot", 1.2, first=False),
    "lsd_automatic": MethodInk("#5B3FA8", "#AF9BF0", "purple", "dotted", "dot", 1.5),
    "random_automatic": MethodInk("#7A818C", "#8A919C", "grey", "dashed", "cross", 1.5),
    "random_four_terms": MethodInk("#7A818C", "#8A919C", "grey", "solid", "cross", 1.2, first=False),
    "random_saw_noise_automatic": MethodInk(
        "#5D7A80", "#8FB4BB", "grey", "dashed", "diamond", 1.2, first=False
    ),
    "lsd_draws": MethodInk("#B0487A", "#F096BE", 8, "dashed", "dot", 1.2, first=False),
    "lsd_saw_noise_automatic": MethodInk("#0E8F9E", "#5CD0DE", "teal", "dashed", "dot", 1.2, first=False),
    "lsd_posterior_known": MethodInk("#2C5FC9", "#8AB0FF", "blue", "dashed", "dot", 2.0),
    "lsd_descent_known": MethodInk("#2C5FC9", "#8AB0FF", "blue", "dotted", "dot", 1.5, first=False),
    "total_variation": MethodInk("#A67C00", "#E0BE50", "orange", "solid", "diamond"),
    "non_local_means": MethodInk("#C8452E", "#FF8D75", "red", "solid", "diamond"),
    "principal_components": MethodInk("#2F7D32", "#7CCB7F", 3, "solid", "diamond"),
    "principal_components_known": MethodInk("#2F7D32", "#7CCB7F", 3, "dashed", "diamond"),
    "linear_regression": MethodInk("#B35A00", "#FFB066", "orange", "dashed", "dot", 2.0),
    "autoencoder": MethodInk("#1A1D22", "#E9EBEF", "black", "solid", "cross"),
    "bundle": MethodInk("#8A3D94", "#D58FE0", "purple", "solid", "dot", 2.0),
    "bundle_random": MethodInk("#8A3D94", "#D58FE0", "purple", "dashed", "cross", 1.5),
    "saw_noise_random": MethodInk("#0E8F9E", "#5CD0DE", "teal", "dashed", "cross", 1.5),
    "saw_noise": MethodInk("#0E8F9E", "#5CD0DE", "teal", "solid", "dot", 2.0),
}


def ink_of(method: str) -> MethodInk:
    """How a method is drawn; one that is not known, like what was left alone."""
    return INKS.get(method, INKS["noisy"])
