"""Small pictures of codes, fetched in batches and kept for the next view."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from lsd_studio.engine.latent.thumbnails import MOST_THUMBNAILS
from lsd_studio.engine.operations.latent import LatentOperations
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.pictures import picture_image

MOST_KEPT = 20 * MOST_THUMBNAILS
"""Pictures that are kept, at most."""


class CodePictures(QObject):
    """Nothing is fetched twice.

    Args:
        pane: the latest view of each pane wins.

    Attributes:
        known: pictures by the index of their code; None where a code has none.

    Signals:
        came: there are more.
    """

    came = Signal()

    def __init__(self, latent: LatentOperations, tasks: Tasks, pane: str) -> None:
        super().__init__()
        self._latent, self._tasks, self._pane = latent, tasks, pane
        self._key = f"pictures, {pane}"
        self._asked: set[int] = set()
        self.known: dict[int, QImage | None] = {}

    def want(self, indices: np.ndarray) -> None:
        """Fetch what is missing of these codes, int [K]."""
        missing = [index for index in indices.tolist() if index not in self.known]
        if self._tasks.is_running(self._key) and self._asked.issuperset(missing):
            return
        self._tasks.cancel(self._key)
        if missing:
            self._asked = set(missing)
            self._tasks.run(self._fetch(np.array(missing, dtype=np.int64)), self._key)

    def forget(self) -> None:
        """There are other codes."""
        self._tasks.cancel(self._key)
        self.known.clear()

    async def _fetch(self, missing: np.ndarray) -> None:
        call = self._latent.thumbnails(missing, self._pane)
        async for some in call:
            for index, picture in some.items():
                self.known[index] = None if picture is None else picture_image(picture)
            for oldest in list(self.known)[:-MOST_KEPT]:
                del self.known[oldest]
            self.came.emit()
        await call
