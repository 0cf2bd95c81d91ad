"""What every workspace of the window is."""

from __future__ import annotations

import logging

from PySide6.QtCore import QMimeData, QSettings, Signal
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QWidget

from lsd_studio.engine.api import Engine
from lsd_studio.engine.figures.spec import PlotFigure, ViewSettings
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.shell.view_state import readable
from lsd_studio.ui.tasks import Tasks

log = logging.getLogger(__name__)

HISTORY = 200
"""Steps that can be undone in a workspace."""

NO_VIEW = "The last view cannot be restored: part of what was saved of it is broken."


class Workspace(QWidget):
    """One place of work in the frame; made when it is first visited.

    Attributes:
        history: what Undo and Redo of the window go through while this workspace is in front.
        computed_from: what is shown was computed from, in words.
        follows_bundle: whether that is the bundle in use, rather than something chosen here.

    Signals:
        answered: milliseconds that the engine took, and what is shown was computed from, in words.
        guided: what to do next has changed.
        opened: a person opened something from the disk: a Recent.
        figure_wanted: a person asked for a figure of the paper, by its number.
        denoisers_wanted: a person asked for the training of the bundle's denoisers.
        said: a sentence for a person, such as where a file is.
    """

    answered = Signal(float, str)
    guided = Signal()
    opened = Signal(object)
    figure_wanted = Signal(str)
    denoisers_wanted = Signal()
    said = Signal(str)
    follows_bundle = True

    def __init__(self, engine: Engine, themes: ThemeManager, selection: Selection) -> None:
        super().__init__()
        self.engine = engine
        self.tasks = Tasks(self)
        self.themes = themes
        self.selection = selection
        self.history = QUndoStack(self)
        self.history.setUndoLimit(HISTORY)
        self.computed_from = ""

    @property
    def next_step(self) -> str:
        """What a person could do next, in a few words."""
        return ""

    def figures(self) -> tuple[PlotFigure, ...]:
        """What is shown now as figures for publication, the whole view first; none while there is nothing to show."""
        return ()

    @property
    def view_settings(self) -> ViewSettings:
        """What brings the workspace back to what it shows now."""
        return {}

    def show_view(self, settings: ViewSettings) -> None:
        """Show again what `view_settings` returned once; what is not understood is left as it is."""

    def bring_back(self, settings: ViewSettings) -> bool:
        """Show a view that came from a file or the last session; False where it holds what cannot be shown.

        Its values are those of others, so that whatever a page makes of them is no mistake of the program.
        """
        understood = readable(settings)
        try:
            self.show_view(understood)
        except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError):
            log.exception("a view cannot be shown")
            return False
        return len(understood) == len(settings)

    def keep_session(self, settings: QSettings) -> None:
        """Note what the next session is to come back to, in settings of this workspace's own."""

    def recall_session(self, settings: QSettings) -> None:
        """Come back to what was noted; what is not understood is left as it is."""

    def paste(self, data: QMimeData | None) -> bool:
        """Take an image from the clipboard or a drop; False where there is none in it or none is taken here."""
        return False
