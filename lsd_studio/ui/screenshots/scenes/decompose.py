"""The Decompose workspace: a drawn digit, and a test image."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF

from lsd_studio.ui.screenshots.scenes.waiting import Look, settle, test_image, wait
from lsd_studio.ui.shell.main_window import MainWindow

TEST_IMAGE = 18
"""The test image that is decomposed, or the last one where there are fewer."""


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
    window.go_to("Decompose")
    draw(window, two())
    wait(window, lambda: window.decompose.shown is not None and not window.decompose.tasks.is_busy)
    settle()


def _pick_test_image(window: MainWindow) -> None:
    window.go_to("Decompose")
    number = test_image(window, TEST_IMAGE)
    window.decompose.look_at_test_image(number)
    title = f"test image {number}"
    wait(window, lambda: window.decompose.shown is not None and window.decompose.shown.title == title)
    wait(window, lambda: not window.decompose.tasks.is_busy)
    settle()


LOOKS: tuple[tuple[str, Look], ...] = (
    ("decompose-drawing", _draw_a_two),
    ("decompose-test-image", _pick_test_image),
)
