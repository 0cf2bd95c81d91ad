"""Lets a handle go along a path by itself."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from lsd_studio.engine.operators.paths import QUARTER
from lsd_studio.ui.operate.label_path import LabelPath

FRAME = 16
"""Milliseconds from one place to the next."""


class PathPlayer(QObject):
    """To and fro on an open path, round and round on a closed one.

    Attributes:
        speed: degrees a second.

    Signals:
        moved: the handle is to be at another place, in legs.
    """

    moved = Signal(float)

    def __init__(self, speed: float, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.speed = speed
        self._path = LabelPath((0, 1))
        self._position, self._direction, self._ticked = 0.0, 1.0, 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME)
        self._timer.timeout.connect(self._advance)

    @property
    def is_playing(self) -> bool:
        """Whether the handle goes by itself."""
        return self._timer.isActive()

    def play(self, path: LabelPath, position: float) -> None:
        """Go along a path from a place on it."""
        self._path, self._position, self._direction = path, position, 1.0
        self._ticked = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        """Stay where the handle is."""
        self._timer.stop()

    @Slot()
    def _advance(self) -> None:
        now = time.perf_counter()
        self._position += self._direction * self.speed / QUARTER * (now - self._ticked)
        self._ticked = now
        if not self._path.closed and not 0 <= self._position <= self._path.legs:
            self._direction = -self._direction
            self._position = self._path.within(self._position)
        self.moved.emit(self._position)
