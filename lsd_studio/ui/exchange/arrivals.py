"""What is dropped on the window or pasted, recognised for what it is and led to where it belongs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, QUrl

from lsd_studio.engine.api import Engine
from lsd_studio.ui.shell.pasting import local_files
from lsd_studio.ui.shell.recent import Kind, Recent

if TYPE_CHECKING:
    from lsd_studio.engine.exchange.recognition import Recognised
    from lsd_studio.ui.shell.main_window import MainWindow

MOST_FILES = 3
"""Of those that come at once; as many as there are networks of a bundle."""

RECOGNISING = "recognising"
"""The task that waits for what a file is."""


class Arrivals(QObject):
    """Leads what comes from outside into the window."""

    def __init__(self, engine: Engine, window: MainWindow) -> None:
        super().__init__(window)
        self._engine, self._window = engine, window

    def take(self, data: QMimeData | None) -> bool:
        """Take files, or an image without one; False where there is neither."""
        if files := local_files(data):
            self.take_files(files)
            return True
        return self._take_image(data)

    def take_files(self, files: Sequence[Path]) -> None:
        """Recognise files or folders, and go where they belong."""
        self._window.tasks.cancel(RECOGNISING)
        self._window.tasks.run(self._recognise(files[:MOST_FILES]), RECOGNISING)

    def _take_image(self, data: QMimeData | None) -> bool:
        """Give an image to the workspace in front, or to Decompose where that takes none."""
        window = self._window
        if window.workspace.paste(data):
            return True
        if window.decompose.paste(data):
            window.go_to("Decompose")
            return True
        return False

    async def _recognise(self, files: Sequence[Path]) -> None:
        calls = [self._engine.exchange.recognise(file) for file in files]
        self.lead([await call for call in calls])

    def lead(self, found: Sequence[Recognised]) -> None:
        """Go where files belong: networks together, else where the first one does."""
        window, first = self._window, found[0]
        match first.kind:
            case "archive":
                window.exchange.import_archive(first.path)
            case "autoencoder":
                window.explore(first.path)
            case "bundle":
                window.open_bundle(first.path)
            case "codes":
                window.show_codes(first.path)
            case "run":
                window.recent.note(Recent(Kind.RUN, str(first.path)))
                window.train().open_folder(first.path)
            case "figure":
                window.figures.open(first.path)
            case "image":
                data = QMimeData()
                data.setUrls([QUrl.fromLocalFile(str(first.path))])
                self._take_image(data)
            case "images":
                window.train().begin()
                window.train().form.choose_data(str(first.path))
            case "operator":
                window.exchange.add_operator(first.path)
            case "network":
                window.exchange.choose_networks().add(found)
