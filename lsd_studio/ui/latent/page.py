"""What every page of the Latent space workspace is."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from lsd_studio.engine.figures.spec import Panel, ViewSettings
from lsd_studio.engine.latent.statistics.gaussian_twin import TwinOf
from lsd_studio.engine.latent.twin_comparison import TwinTestSettings
from lsd_studio.engine.operations.latent import LatentOperations, OpenedLatentSpace
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.latent.twin import TwinMode, TwinPanes
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.controls import push_button


class LatentPage(QWidget):
    """One view of the codes. It asks the engine when it is first seen, and again when there are other codes.

    Attributes:
        latent, tasks: what answers, and who waits for it: the whole workspace.
        space: the codes that are open; None before there are any.
        twin: how their Gaussian twin is shown; "off" until it is drawn. twin_of: of what it is.
        twin_panes: the views that show it.
        has_twin: whether a twin of this page means anything.

    Signals:
        answered: milliseconds that the engine took, and what it showed, in words.
        guided: what to do next has changed.
        progressed: the key of a task of this page, what is being done in words, and the share that is done, 0…1.
    """

    answered = Signal(float, str)
    guided = Signal()
    progressed = Signal(str, str, float)
    has_twin = True

    def __init__(self, latent: LatentOperations, tasks: Tasks, themes: ThemeManager) -> None:
        super().__init__()
        self.latent = latent
        self.tasks = tasks
        self.themes = themes
        self.space: OpenedLatentSpace | None = None
        self.twin: TwinMode = "off"
        self.twin_of: TwinOf = "codes"
        self.twin_panes: tuple[TwinPanes, ...] = ()
        self._is_stale = True

    @property
    def sides(self) -> tuple[tuple[bool, str], ...]:
        """The codes, and the twin where it is shown: whether it is the twin, and its name; none without codes."""
        both = (False, "Codes"), (True, "Gaussian twin")
        return () if self.space is None else both[: 1 if self.twin == "off" else 2]

    @property
    def next_step(self) -> str:
        """What a person could do next, in a few words."""
        return ""

    def test(self) -> TwinTestSettings | None:
        """The test of what is visible against the twin; None where there is nothing to test."""
        return TwinTestSettings(plane=None) if self.has_twin and self.space is not None else None

    def panels(self) -> tuple[Panel, ...]:
        """What is shown now, as panels of a figure for publication; none while there is nothing."""
        return ()

    @property
    def view_settings(self) -> ViewSettings:
        """What brings the page back to what it shows now."""
        return {}

    def show_view(self, settings: ViewSettings) -> None:
        """Show again of the codes what `view_settings` noted; what is not understood is left as it is."""

    def ask_again(self) -> None:
        """Ask anew for what is shown, of the codes and of the twin where it is shown."""
        self._is_stale = True
        self.refresh()

    def use_space(self, space: OpenedLatentSpace | None) -> None:
        """There are other codes, or none."""
        self.space, self._is_stale = space, True
        self.clear()
        self.refresh()

    def show_twin(self, mode: TwinMode, of: TwinOf = "codes") -> None:
        """Show the twin, one Gaussian or one a label, beside the codes, in turn with them, or not."""
        self.twin, self.twin_of = mode, of
        for panes in self.twin_panes:
            panes.show_mode(mode)
        if not self._is_stale and mode != "off":
            self.ask_twin()

    def refresh(self) -> None:
        """Ask for what is shown, if that is not known yet and the page is visible."""
        if self._is_stale and self.space is not None and self.isVisible():
            self._is_stale = False
            self.ask()
            if self.twin != "off":
                self.ask_twin()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for what was not asked for yet."""
        super().showEvent(event)
        self.refresh()

    def clear(self) -> None:
        """Show nothing: what was shown is of other codes."""

    def ask(self) -> None:
        """Ask the engine for what is shown of the codes."""

    def ask_twin(self) -> None:
        """Ask the engine for the same of the twin."""


class StartedPage(LatentPage):
    """A page whose slow analysis a person starts and stops.

    Attributes:
        run: the button that does both.
        key: of the task; start_words: what the button says while nothing runs.
    """

    key = ""
    start_words = "Start"

    def __init__(self, latent: LatentOperations, tasks: Tasks, themes: ThemeManager) -> None:
        super().__init__(latent, tasks, themes)
        self.run = push_button(self.start_words, self._press, default=True)
        tasks.changed.connect(self._show_controls)

    @property
    def is_running(self) -> bool:
        return self.tasks.is_running(self.key)

    def start(self) -> None:
        """Begin the analysis, in the place of what is shown."""

    def fields(self) -> tuple[QWidget, ...]:
        """What can be chosen while nothing runs."""
        return ()

    def use_space(self, space: OpenedLatentSpace | None) -> None:
        super().use_space(space)
        self._show_controls()

    @Slot()
    def _press(self) -> None:
        if self.is_running:
            self.tasks.cancel(self.key)
        elif self.space is not None:
            self.start()

    @Slot()
    def _show_controls(self) -> None:
        self.run.setText("Stop" if self.is_running else self.start_words)
        self.run.setEnabled(self.space is not None)
        for field in self.fields():
            field.setEnabled(not self.is_running)
