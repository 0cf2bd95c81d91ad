"""What the window comes back to at the next start."""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.spec import ViewSettings
from lsd_studio.files.json_text import parse_json_object
from lsd_studio.ui.shell.workspace import Workspace


class Beginning(StrEnum):
    """What a person wants to see first."""

    SESSION = "session"
    PAGE = "page"


class LastSession:
    """The place, the bundle and the window as they were left, in the window's settings."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    @property
    def beginning(self) -> Beginning:
        """Whether to begin where the last session ended, or on the start page."""
        stored = str(self._settings.value("begin", Beginning.SESSION))
        return Beginning(stored) if stored in set(Beginning) else Beginning.SESSION

    def choose_beginning(self, beginning: Beginning) -> None:
        """Begin so from the next start on."""
        self._settings.setValue("begin", str(beginning))

    @property
    def place(self) -> str | None:
        """The place in front when the window was closed; None before the first closing."""
        stored = self._settings.value("session/place")
        return stored if isinstance(stored, str) else None

    @property
    def bundle(self) -> Path | None:
        """The bundle that was in use: a path, or the name of one that ships."""
        stored = self._settings.value("session/bundle")
        return Path(stored) if isinstance(stored, str) and stored else None

    @property
    def geometry(self) -> QByteArray | None:
        """Where the window was and how large."""
        stored = self._settings.value("geometry")
        return stored if isinstance(stored, QByteArray) else None

    @property
    def view(self) -> ViewSettings:
        """What the workspace in front showed."""
        try:
            return parse_json_object(str(self._settings.value("session/view", "{}")), "the last view")
        except StudioError:
            return {}

    def keep_view(self, view: ViewSettings) -> None:
        """The workspace in front shows this where the window is closed."""
        self._settings.setValue("session/view", json.dumps(dict(view)))

    def keep(self, place: str, geometry: QByteArray) -> None:
        """The window is closed here."""
        self._settings.setValue("session/place", place)
        self._settings.setValue("geometry", geometry)
        self._settings.sync()

    def keep_bundle(self, bundle: str) -> None:
        """Another bundle is in use now."""
        self._settings.setValue("session/bundle", bundle)

    def keep_workspace(self, name: str, workspace: Workspace) -> None:
        """Let a workspace note what it comes back to."""
        self._within(name, workspace.keep_session)

    def recall_workspace(self, name: str, workspace: Workspace) -> None:
        """Let a workspace come back to what it noted."""
        self._within(name, workspace.recall_session)

    def _within(self, name: str, turn: Callable[[QSettings], None]) -> None:
        self._settings.beginGroup(f"workspaces/{name}")
        try:
            turn(self._settings)
        finally:
            self._settings.endGroup()
