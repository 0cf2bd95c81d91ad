"""Recent bundles, files of codes, runs and images."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Signal

from lsd_studio.engine.errors import StudioError
from lsd_studio.files.json_text import parse_json

KEPT = 8
"""How many are remembered."""

KEY = "recent"


class Kind(StrEnum):
    """What was opened."""

    BUNDLE = "bundle"
    CODES = "codes"
    IMAGE = "image"
    RUN = "run"


@dataclass(frozen=True)
class Recent:
    """Something that was opened: a path, or the name of a bundle that ships."""

    kind: Kind
    where: str

    @property
    def name(self) -> str:
        """What people call it."""
        return Path(self.where).name or self.where

    @property
    def is_shipped(self) -> bool:
        """Whether it is one of the bundles that come with the installation."""
        return self.kind is Kind.BUNDLE and not Path(self.where).is_absolute()

    @property
    def is_there(self) -> bool:
        """Whether it can still be found."""
        return self.is_shipped or Path(self.where).exists()


class RecentFiles(QObject):
    """The latest first, in the window's settings; nothing but names and paths is stored.

    Signals:
        changed: there are others now.
    """

    changed = Signal()

    def __init__(self, settings: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._all = _read(settings)

    @property
    def all(self) -> tuple[Recent, ...]:
        """Recent things, the latest first."""
        return self._all

    def note(self, recent: Recent) -> None:
        """Something was opened just now."""
        self._keep((recent, *(each for each in self._all if each != recent))[:KEPT])

    def forget(self, recent: Recent) -> None:
        """List this no more."""
        self._keep(tuple(each for each in self._all if each != recent))

    def clear(self) -> None:
        """Forget all."""
        self._keep(())

    def _keep(self, recents: tuple[Recent, ...]) -> None:
        if recents != self._all:
            self._all = recents
            self._settings.setValue(KEY, json.dumps([[each.kind, each.where] for each in recents]))
            self.changed.emit()


def _read(settings: QSettings) -> tuple[Recent, ...]:
    """What the settings hold; whatever is not of this form is as if it were not there."""
    try:
        stored = parse_json(str(settings.value(KEY, "[]")), "the list of recent files")
    except StudioError:
        return ()
    found = []
    for pair in stored if isinstance(stored, list) else []:
        match pair:
            case [str(kind), str(where)] if kind in set(Kind):
                found.append(Recent(Kind(kind), where))
    return tuple(found[:KEPT])
