"""Pictures of every workspace, always the same: for the documentation and for looking at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QIODevice, QSaveFile
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.ui.app.application import prepare_application
from lsd_studio.ui.app.settings import open_settings
from lsd_studio.ui.app.theme import Choice, ThemeChoice
from lsd_studio.ui.screenshots.scenes import LOOKS
from lsd_studio.ui.screenshots.scenes.waiting import Look, settle, wait
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.tasks import asyncio_within_qt

SIZES = ((1280, 800), (2560, 1440))

PAUSE, PAUSES = 50, 20
"""Milliseconds after which two pictures must be the same, and how often they are compared; a training never rests."""


@dataclass(frozen=True)
class Screenshots:
    """The files that were made, and by the name of each look that was left out why it was."""

    made: tuple[Path, ...]
    missing: Mapping[str, str]


def save_screenshots(
    directory: Path,
    bundle: Path | None = None,
    progress: Callable[[str, float], None] | None = None,
    looks: Sequence[tuple[str, Look]] = LOOKS,
) -> Screenshots:
    """Render every workspace to PNG files in a folder, light and dark, at 1280×800 and 2560×1440.

    What cannot be shown of this bundle, such as its test images where they are not available, is left out. A fixed test
    image and a fixed drawn digit are decomposed, so that the pictures change only with the program or the bundle (None:
    the one that is shipped). `progress` is called with the name of each picture that is made and
    the share of them that are, 0…1; `looks` are what the pictures show.

    Raises:
        StudioError: the bundle cannot be opened, or a file cannot be written.

    """
    application = prepare_application()
    made: list[Path] = []
    missing: dict[str, str] = {}
    with (
        TemporaryDirectory() as folder,
        _runs_below(folder),
        Engine() as engine,
        asyncio_within_qt(),
    ):
        settings = open_settings(Path(folder) / "window.ini")
        themes = ThemeChoice(settings)
        window = MainWindow(engine, themes, settings)
        window.show()
        try:
            window.open_bundle(bundle)
            wait(window, lambda: window.selection.bundle is not None)
            with suppress(StudioError):  # without its data, what needs none is shown all the same
                wait(window, lambda: window.decompose.picker.grid.model() is not None)
            for name, look in looks:
                window.message_bar.hide()
                try:
                    look(window)
                except StudioError as error:
                    missing[name] = str(error)
                    continue
                for choice in (Choice.LIGHT, Choice.DARK):
                    themes.choose(choice)
                    for width, height in SIZES:
                        window.resize(width, height)
                        application.processEvents()
                        made.append(_save(window, directory / f"{name}-{choice}-{width}x{height}.png"))
                        if progress is not None:
                            progress(made[-1].name, len(made) / (len(looks) * 2 * len(SIZES)))
        finally:
            engine.close()  # a training that is held would make the window ask before it closes
            window.close()
            window.deleteLater()
    return Screenshots(tuple(made), missing)


@contextmanager
def _runs_below(folder: str) -> Iterator[None]:
    """Keep the runs that are trained for the pictures out of the user's own data folder."""
    before = os.environ.get("LSD_STUDIO_DATA")
    os.environ["LSD_STUDIO_DATA"] = folder
    try:
        yield
    finally:
        if before is None:
            del os.environ["LSD_STUDIO_DATA"]
        else:
            os.environ["LSD_STUDIO_DATA"] = before


def _save(window: MainWindow, path: Path) -> Path:
    """Write the window's picture, whole or not at all."""
    file = QSaveFile(str(path))
    written = file.open(QIODevice.OpenModeFlag.WriteOnly) and _resting_picture(window).save(file, "PNG")
    if not (written and file.commit()):
        raise StudioError(f"{path} cannot be written ({file.errorString()}); please choose another folder.")
    return path


def _resting_picture(window: MainWindow) -> QPixmap:
    """The window when nothing in it moves any more."""
    picture = _picture(window)
    for _ in range(PAUSES):
        settle(PAUSE)
        before, picture = picture, _picture(window)
        if picture.toImage() == before.toImage():
            break
    return picture


def _picture(window: MainWindow) -> QPixmap:
    """The window, and the dialog that is open in its middle."""
    picture, dialog = window.grab(), QApplication.activeModalWidget()
    if dialog is not None:
        painter = QPainter(picture)
        painter.fillRect(picture.rect(), QColor(0, 0, 0, 96))
        painter.drawPixmap((window.rect().center() - dialog.rect().center()), dialog.grab())
        painter.end()
    return picture
