"""A workspace that needs more than codes: it says what is missing, and what would bring it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from lsd_studio.engine.api import Engine
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.codes.codes_in_use import MISSING
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.shell.workspace import Workspace
from lsd_studio.ui.widgets.layouts import column


class _MissingWorkspace(Workspace):
    follows_bundle = False
    name = ""

    def __init__(self, engine: Engine, themes: ThemeManager, selection: Selection) -> None:
        super().__init__(engine, themes, selection)
        self.sentence = QLabel(MISSING[self.name])
        self.sentence.setAccessibleName("What is missing")
        self.sentence.setWordWrap(True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setLayout(column(None, self.sentence, None, margin=8 * GRID))

    @property
    def next_step(self) -> str:
        return "Adopt networks, or open a bundle."


class NoDecompose(_MissingWorkspace):
    """In place of Decompose."""

    name = "Decompose"


class NoDenoise(_MissingWorkspace):
    """In place of Denoise."""

    name = "Denoise"
