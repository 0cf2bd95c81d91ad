"""The colours of the labels, by name."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel

from lsd_studio.ui.app.theme import Theme, ThemeManager
from lsd_studio.ui.widgets.label_colours import edge_colour


class LabelLegend(QLabel):
    """A dot in its colour before every label's name."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._names: tuple[str, ...] = ()
        self.setProperty("role", "caption")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setAccessibleName("Colours of the labels")
        themes.changed.connect(self._apply_theme)

    def show_labels(self, names: tuple[str, ...]) -> None:
        """Name these labels."""
        self._names = names
        self._apply_theme(self._themes.theme)

    @Slot(object)
    def _apply_theme(self, theme: Theme) -> None:
        ground = theme.colour("surface")
        self.setText(
            " &nbsp; ".join(
                f'<span style="color:{edge_colour(label, ground).name()}">●</span>&nbsp;{escape(name)}'
                for label, name in enumerate(self._names)
            )
        )
