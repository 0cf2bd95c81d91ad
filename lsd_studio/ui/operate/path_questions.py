"""What the engine is asked about images on a path, and what it answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from lsd_studio.engine.api import Engine
from lsd_studio.engine.operators.results import EncodedImages, FollowedPath, ImagesOnPath
from lsd_studio.engine.operators.walks import PathSettings
from lsd_studio.engine.scheduler import Call
from lsd_studio.percentages import percentage
from lsd_studio.ui.tasks import Tasks

HANDLE = "handle"
"""The pane of what the handle shows, and the task that asks for it."""

ENCODE, FOLLOW = "encode images", "follow path"
"""Tasks: encoding the images, and the curves."""

FINEST = 10.0
"""Degrees between two points of the curves, at most."""


class PathQuestions(QObject):
    """Asks one question of each kind at a time; what is forgotten is not answered any more.

    Attributes:
        encoded: the test images, with their codes; None before they are, and for the current image of Decompose.
        followed: the whole path by the operator's name.

    Signals:
        images_encoded: `encoded` are there.
        moved: a pane, what it shows (ImagesOnPath), and the milliseconds that it took.
        computing: an operator, and how far its path is, in words.
        path_followed: an operator, and its FollowedPath.
    """

    images_encoded = Signal()
    moved = Signal(str, object, float)
    computing = Signal(str, str)
    path_followed = Signal(str, object)

    def __init__(self, engine: Engine, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._engine, self._tasks = engine, tasks
        self._step = 0.0
        self.encoded: EncodedImages | None = None
        self.followed: dict[str, FollowedPath] = {}

    @property
    def is_encoding(self) -> bool:
        return self._tasks.is_running(ENCODE)

    def is_moving(self, pane: str) -> bool:
        """Whether a pane waits for an answer."""
        return self._tasks.is_running(pane)

    def encode(self, images: np.ndarray) -> None:
        """Encode test images uint8 [N, C, H, W]."""
        self._tasks.deliver(self._engine.operate.encode(images), self._use_encoded, ENCODE)

    def move(self, pane: str, path: PathSettings, position: float) -> None:
        """Ask what the images are at a position of a path."""
        call = self._engine.operate.move(path, position, self.encoded, pane)
        self._tasks.run(self._take_moved(call, pane), pane)

    def forget_stale(self, paths: Mapping[str, PathSettings], step: float) -> tuple[str, ...]:
        """Forget what was followed along other paths than these or in other steps; the operators still to follow."""
        self._tasks.cancel(FOLLOW)
        current = self.followed if step == self._step else {}
        self._step = step
        self.followed = {name: found for name, found in current.items() if found.path == paths[name]}
        return tuple(name for name in paths if name not in self.followed)

    def follow(self, paths: Mapping[str, PathSettings]) -> None:
        """Ask for the whole path under every operator of which it is not known."""
        self._tasks.run(self._follow(paths), FOLLOW)

    def forget_places(self, *panes: str) -> None:
        """What was asked about places of the path before is not shown any more."""
        for pane in panes:
            self._tasks.cancel(pane)

    def forget_images(self) -> None:
        """Other images are selected."""
        self.encoded = None
        self.followed = {}
        for key in (ENCODE, FOLLOW):
            self._tasks.cancel(key)

    async def _take_moved(self, call: Call[Any, ImagesOnPath], pane: str) -> None:
        moved = await call
        self.moved.emit(pane, moved, call.milliseconds)

    def _use_encoded(self, images: EncodedImages) -> None:
        self.encoded = images
        self.images_encoded.emit()

    async def _follow(self, paths: Mapping[str, PathSettings]) -> None:
        """One operator after the other."""
        step = float(self._step / np.ceil(self._step / FINEST))
        for name in [name for name in paths if name not in self.followed]:
            call = self._engine.operate.follow(paths[name], self.encoded, step)
            async for doing in call:
                self.computing.emit(name, f"Computing path… {percentage(doing.share or 0.0)}")
            self.followed[name] = await call
            self.path_followed.emit(name, self.followed[name])
