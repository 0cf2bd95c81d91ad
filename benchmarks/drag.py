"""How fast the handle of a path answers a hand, idle and while training runs behind it.

    python benchmarks/drag.py [--bundle BUNDLE] [--images 10] [--moves 300] [--json FILE]

A real window is shown (on the display there is, or set QT_QPA_PLATFORM=offscreen), the Operate workspace takes ten test
images along a path through all labels, and its handle is dragged round the ring by mouse events. From each event to the
end of the repaint of the editor with the decoded images is one measurement. Training is the studio profile on MNIST
through the engine's own lane. Targets on 2 idle cores: p99 ≤ 30 ms idle, ≤ 100 ms while training, ten images at once.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from interaction import PaintWatch, rest, summary, train_beside, wait_until
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from lsd_studio.engine.api import Engine
from lsd_studio.ui.app.application import prepare_application
from lsd_studio.ui.app.settings import open_settings
from lsd_studio.ui.app.theme import ThemeChoice
from lsd_studio.ui.operate.path_editor import PathEditor
from lsd_studio.ui.operate.workspace import OperateWorkspace
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.tasks import asyncio_within_qt

REST = 40
"""Milliseconds between the answer to one movement and the next, as of a hand that moves on."""

STEP = 0.037
"""Legs that the hand goes from one movement to the next; there and back again."""


def mouse(editor: PathEditor, kind: QEvent.Type, where: QPointF) -> None:
    held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
    button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, where, editor.mapToGlobal(where), button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(editor, event)


def hand_to_picture(workspace: OperateWorkspace, moves: int) -> list[float]:
    """Milliseconds from each movement of the mouse to the end of the repaint with its answer."""
    page, watch, found = workspace.path, PaintWatch(), []
    editor = page.editor
    editor.snapping = False
    editor.show_position(0.5)
    editor.installEventFilter(watch)
    workspace.answered.connect(watch.note_answer)
    place, direction = 0.5, STEP
    mouse(editor, QEvent.Type.MouseButtonPress, editor.places.ring.point(place))
    for _ in range(moves):
        if not 0.5 <= place + direction <= editor.path.legs - 0.5:
            direction = -direction
        place += direction
        start = time.perf_counter()
        mouse(editor, QEvent.Type.MouseMove, editor.places.ring.point(place))
        wait_until(lambda start=start: watch.last > watch.answered > start and page.is_up_to_date, 300)
        found.append(1000 * (watch.last - start))
        rest(REST)
    mouse(editor, QEvent.Type.MouseButtonRelease, editor.places.ring.point(place))
    workspace.answered.disconnect(watch.note_answer)
    editor.removeEventFilter(watch)
    return found


def open_path(window: MainWindow, bundle: Path | None, images: int) -> OperateWorkspace:
    """The Operate workspace with one or ten test images on the path through all labels, and its curves drawn."""
    window.show()
    window.open_bundle(bundle)
    wait_until(lambda: window.selection.tests is not None or window.message_bar.isVisible(), 900)
    if window.message_bar.isVisible():
        raise SystemExit(window.message_bar.text)
    workspace = window.go_to("Operate")
    if not isinstance(workspace, OperateWorkspace):
        raise SystemExit("The window has no Operate workspace.")
    page = workspace.path
    page.taken.button("one" if images == 1 else "ten").click()
    wait_until(lambda: page.is_up_to_date and len(page.followed) == 2, 900)
    rest(500)
    return workspace


def measure(bundle: Path | None, images: int, moves: int) -> dict[str, dict[str, float]]:
    prepare_application()
    found: dict[str, dict[str, float]] = {}
    with TemporaryDirectory() as folder, Engine() as engine, asyncio_within_qt():
        settings = open_settings(Path(folder) / "window.ini")
        themes = ThemeChoice(settings)
        window = MainWindow(engine, themes, settings)
        workspace = open_path(window, bundle, images)
        hand_to_picture(workspace, 20)
        found[f"hand_to_picture_idle_{images}_images"] = summary(hand_to_picture(workspace, moves))

        train_beside(engine, Path(folder) / "run")
        found[f"hand_to_picture_while_training_{images}_images"] = summary(hand_to_picture(workspace, moves))
        engine.close()
        window.close()
        window.deleteLater()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path, help="a bundle or a finished run; without it the shipped one")
    parser.add_argument("--images", type=int, choices=(1, 10), default=10, help="images on the path at once")
    parser.add_argument("--moves", type=int, default=300, help="movements of the hand in each part")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    found = measure(options.bundle, options.images, options.moves)
    for name, figures in found.items():
        print(name, "  ".join(f"{key} {value}" for key, value in figures.items()))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
