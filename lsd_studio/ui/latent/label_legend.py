"""The colours of the labels, by name."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, Slot

from lsd_studio.ui.app.theme import Theme, ThemeManager
from lsd_studio.ui.widgets.label_colours import Classes
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel


class LabelLegend(WrappedLabel):
    """A dot in its colour before every label's name."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__("Colours of the labels")
        self._themes = themes
        self._names: tuple[str, ...] = ()
        self._classes = Classes()
        self.setTextFormat(Qt.TextFormat.RichText)
        themes.changed.connect(self._apply_theme)

    def show_labels(self, names: tuple[str, ...], classes: Classes | None = None) -> None:
        """Name these labels, or other classes."""
        self._names, self._classes = names, classes or Classes(len(names))
        self._apply_theme(self._themes.theme)

    @Slot(object)
    def _apply_theme(self, theme: Theme) -> None:
        colours = self._classes.colours(theme.colour("surface"), theme.colour("muted"))
        self.setText(
            " &nbsp; ".join(
                f'<span style="color:{colour.name()}">●</span>&nbsp;{escape(name)}'
                for colour, name in zip(colours, self._names, strict=True)
            )
        )
