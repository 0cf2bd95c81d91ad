"""Pictures of every workspace, always the same: for the documentation and for looking at."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QEventLoop, QPointF, QTimer
from PySide6.QtWidgets import QApplication

from lsd_studio.engine.door import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.ui.application import prepare_application
from lsd_studio.ui.bridge import EngineBridge
from lsd_studio.ui.main_window import MainWindow
from lsd_studio.ui.settings import open_settings
from lsd_studio.ui.theme import Choice, ThemeManager

SIZES = ((1280, 800), (2560, 1440))
TEST_IMAGE = 18
"""The test image that is decomposed."""

PATIENCE = 120_000
"""Milliseconds after which an engine that does not answer is given up."""


def save_screenshots(
    directory: Path, bundle: Path | None = None, progress: Callable[[str, float], None] | None = None
) -> tuple[Path, ...]:
    """Render every workspace to PNG files in a folder, light and dark, at 1280×800 and 2560×1440.

    A fixed test image and a fixed drawn digit are decomposed, so that the pictures change only with the program or
    the bundle (None: the one that is shipped). `progress` is called with the name of each picture that is made and
    the share of them that are, 0…1.

    Raises:
        StudioError: the bundle cannot be opened, the engine does not answer, or a file cannot be written.

    """
    application = prepare_application()
    made: list[Path] = []
    with TemporaryDirectory() as folder, Engine() as engine:
        settings = open_settings(Path(folder) / "window.ini")
        themes = ThemeManager(settings)
        bridge = EngineBridge(engine)
        window = MainWindow(bridge, themes, settings)
        window.show()
        try:
            window.open_bundle(bundle)
            _wait(window, lambda: window.decompose.picker.grid.model() is not None)
            for name, look in LOOKS:
                look(window)
                for choice in (Choice.LIGHT, Choice.DARK):
                    themes.choose(choice)
                    for width, height in SIZES:
                        window.resize(width, height)
                        application.processEvents()
                        made.append(_save(window, directory / f"{name}-{choice}-{width}x{height}.png"))
                        if progress is not None:
                            progress(made[-1].name, len(made) / (len(LOOKS) * 2 * len(SIZES)))
        finally:
            bridge.detach()
            window.close()
            window.deleteLater()
    return tuple(made)


def draw(window: MainWindow, stroke: list[QPointF], width: float = 24) -> None:
    """Draw one stroke on the canvas, in the drawing's pixels (0…280)."""
    canvas = window.decompose.canvas
    canvas.begin_stroke(stroke[0], width)
    for point in stroke[1:]:
        canvas.continue_stroke(point, width)
    canvas.end_stroke()


def two() -> list[QPointF]:
    """A stroke that reads 2."""
    turn = [math.radians(angle) for angle in range(190, 400, 10)]
    arc = [QPointF(138 + 52 * math.cos(angle), 100 + 48 * math.sin(angle)) for angle in turn]
    return [*arc, QPointF(96, 212), QPointF(120, 204), QPointF(150, 210), QPointF(198, 206)]


def _draw_a_two(window: MainWindow) -> None:
    draw(window, two())
    _wait(window, lambda: window.decompose.shown is not None)
    _settle(window)


def _pick_test_image(window: MainWindow) -> None:
    window.decompose.look_at_test_image(TEST_IMAGE)
    title = f"test image {TEST_IMAGE}"
    _wait(window, lambda: window.decompose.shown is not None and window.decompose.shown.title == title)
    _settle(window)


def _settle(window: MainWindow) -> None:
    loop = QEventLoop()
    QTimer.singleShot(300, loop.quit)
    loop.exec()


def _wait(window: MainWindow, done: Callable[[], bool]) -> None:
    loop, look, patience = QEventLoop(), QTimer(), QTimer()
    look.timeout.connect(lambda: loop.quit() if done() or window.message_bar.isVisible() else None)
    look.start(20)
    patience.setSingleShot(True)
    patience.timeout.connect(loop.quit)
    patience.start(PATIENCE)
    loop.exec()
    if not done():
        raise StudioError(
            window.message_bar.text or "The engine did not answer in two minutes; please try again."
        )


def _save(window: MainWindow, path: Path) -> Path:
    QApplication.processEvents()
    if not window.grab().save(str(path)):
        raise StudioError(f"{path} cannot be written; please choose another folder.")
    return path


LOOKS = (("decompose-drawing", _draw_a_two), ("decompose-test-image", _pick_test_image))
