"""What every page of the Latent space workspace is."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from lsd_studio.engine.messages.core import Event, Request
from lsd_studio.engine.messages.figures import Panel, ViewSettings
from lsd_studio.engine.messages.latent import CompareWithTwin, LatentSpaceOpened
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.latent.twin import TwinMode
from lsd_studio.ui.shell.asking import Asking

__all__ = ["LatentPage"]


class LatentPage(QWidget):
    """One view of the codes. It asks the engine when it is first seen, and again when there are other codes.

    Attributes:
        space: the codes that are looked at; None before there are any.
        twin: how their Gaussian twin is shown; "off" until it is drawn.
        has_twin: whether a twin of this page means anything.

    Signals:
        answered: milliseconds that the engine took, and what it showed, in words.
        guided: what to do next has changed.
    """

    answered = Signal(float, str)
    guided = Signal()
    has_twin = True

    def __init__(self, asking: Asking, themes: ThemeManager) -> None:
        super().__init__()
        self.asking = asking
        self.themes = themes
        self.space: LatentSpaceOpened | None = None
        self.twin: TwinMode = "off"
        self._is_stale = True
        asking.heard.connect(self._hear)

    @property
    def next_step(self) -> str:
        """What a person could do next, in a few words."""
        return ""

    def test(self) -> CompareWithTwin | None:
        """The test of what is looked at against the twin; None where there is nothing to test."""
        return None if self.space is None else CompareWithTwin(plane=None)

    def panels(self) -> tuple[Panel, ...]:
        """What is shown now, as panels of a figure for publication; none while there is nothing."""
        return ()

    @property
    def view_settings(self) -> ViewSettings:
        """What brings the page back to what it shows now."""
        return {}

    def show_view(self, settings: ViewSettings) -> None:
        """Show again of the codes what `view_settings` told once; what is not understood is left as it is."""

    def ask_again(self) -> None:
        """Ask anew for what is shown, of the codes and of the twin where it is shown."""
        self._is_stale = True
        self.refresh()

    def use_space(self, space: LatentSpaceOpened | None) -> None:
        """There are other codes, or none."""
        self.space, self._is_stale = space, True
        self.clear()
        self.refresh()

    def show_twin(self, mode: TwinMode) -> None:
        """Show the twin beside the codes, in turn with them, or not."""
        self.twin = mode
        if not self._is_stale and mode != "off":
            self.ask_twin()

    def refresh(self) -> None:
        """Ask for what is shown, if that is not known yet and the page is in sight."""
        if self._is_stale and self.space is not None and self.isVisible():
            self._is_stale = False
            self.ask()
            if self.twin != "off":
                self.ask_twin()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for what was not asked for yet."""
        super().showEvent(event)
        self.refresh()

    # --- what a page says of itself -------------------------------------------------------------------------------

    def clear(self) -> None:
        """Show nothing: what was shown is of other codes."""

    def ask(self) -> None:
        """Ask the engine for what is shown of the codes."""

    def ask_twin(self) -> None:
        """Ask the engine for the same of the twin."""

    def hear(self, request: Request, event: Event) -> None:
        """Show what the engine answers."""

    @Slot(object, object)
    def _hear(self, request: Request, event: Event) -> None:
        self.hear(request, event)
