"""Random actions on random visible controls of the real program, in a process of its own: `python -m tests.ui.soak`.

At its end it prints what held the window up, and the memory in use after each fifth of the actions, at rest.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QMenu,
    QPushButton,
    QToolButton,
    QWidget,
)

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.scheduler import SETTLED
from lsd_studio.engine.training.settings import TrainingSettings
from lsd_studio.ui.app.application import prepare_application, run
from lsd_studio.ui.app.theme import Choice
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.shell.workspaces import START, WORKSPACES
from tests.cli.small_run import SMALL
from tests.ui.stalls import StallWatch

EVERY = 15
"""Milliseconds from one action to the next."""

PATIENCE = 60
"""Seconds after which memory is read although something is still being worked on."""

REST = 2 * SETTLED
"""Seconds of rest before it is read, in which the engine gives back what it freed."""

LEFT_ALONE = (
    "start training",
    "estimate",
    "folder",
    "trash",
    "save",
    "export",
    "go on",
    "resume",
    "measure",
    "train",
)
"""Words of buttons that take minutes, or lead out of the program."""

KEYS = (
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Space,
    Qt.Key.Key_L,
    Qt.Key.Key_Delete,
    Qt.Key.Key_Tab,
    Qt.Key.Key_F6,
)


class Soak:
    """Does `count` actions that the seed chooses, then closes the window."""

    def __init__(self, count: int, seed: int, bundles: list[Path]) -> None:
        self.watch = StallWatch()
        self.memory: list[int] = []
        self._count = self._left = count
        self._random = np.random.default_rng(seed)
        self._bundles = bundles
        self._asked_to_rest: float | None = None
        self._last_at_work = 0.0
        self._timer = QTimer()
        self._timer.timeout.connect(self._act)
        self._timer.start(EVERY)

    def _act(self) -> None:
        windows = [each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow)]
        if not windows or windows[0].selection.bundle is None:
            return
        window = windows[0]
        close_what_is_over_the_window()
        QTimer.singleShot(4 * EVERY, close_what_is_over_the_window)
        if self._left % max(1, self._count // 5) == 0 and not self._has_rested(window):
            return
        if self._left == 0:
            self._timer.stop()
            window.close()
            return
        self._left -= 1
        deeds = (
            self._visit, self._change_theme, self._resize, self._open, self._press_key, self._undo, self._train
        )  # fmt: skip
        chances = (0.04, 0.02, 0.02, 0.01, 0.1, 0.05, 0.01)
        chosen = self._random.random()
        for deed, up_to in zip(deeds, np.cumsum(chances), strict=True):
            if chosen < up_to:
                self.watch.doing = deed.__name__
                deed(window)
                return
        self._use_control(window)

    def _has_rested(self, window: MainWindow) -> bool:
        """Whether nothing has been worked on for a while, or that takes too long; the memory in use is noted then."""
        now = time.perf_counter()
        if self._asked_to_rest is None:
            self._asked_to_rest = self._last_at_work = now
            if window._engine.is_training:
                window._engine.training.cancel()
        if window._engine.is_training or not window._activity().is_at_rest:
            self._last_at_work = now
        if now - self._last_at_work < REST and now - self._asked_to_rest < PATIENCE:
            return False
        self._asked_to_rest = None
        self.memory.append(memory_in_use())
        return True

    def _visit(self, window: MainWindow) -> None:
        places = (*WORKSPACES, START)
        window.go_to(places[self._random.integers(len(places))].name)

    def _change_theme(self, window: MainWindow) -> None:
        choices = list(Choice)
        window.theme_actions[choices[self._random.integers(len(choices))]].trigger()

    def _resize(self, window: MainWindow) -> None:
        window.resize(*(int(side) for side in self._random.integers((700, 500), (2200, 1300))))

    def _open(self, window: MainWindow) -> None:
        window.open_bundle(self._bundles[self._random.integers(len(self._bundles))])

    def _train(self, window: MainWindow) -> None:
        training = window._engine.training
        try:
            training.start(TrainingSettings(profile="studio", overrides=(*SMALL, "latent_dimensions=10")))
        except StudioError:
            training.cancel()

    def _undo(self, window: MainWindow) -> None:
        (window.undo if self._random.random() < 0.6 else window.redo).trigger()

    def _press_key(self, window: MainWindow) -> None:
        QTest.keyClick(window.focusWidget() or window, KEYS[self._random.integers(len(KEYS))])

    def _use_control(self, window: MainWindow) -> None:
        controls = [each for each in window.findChildren(QWidget) if each.isVisible() and each.isEnabled()]
        if controls:
            self._use(controls[self._random.integers(len(controls))])

    def _use(self, control: QWidget) -> None:
        self.watch.doing = (
            f"{type(control).__name__} {control.accessibleName() or control.objectName()}".strip()
        )
        match control:
            case QAbstractButton():
                words = f"{control.text()} {control.accessibleName()} {control.toolTip()}".lower()
                opens_menu = isinstance(control, QToolButton | QPushButton) and control.menu() is not None
                if not opens_menu and not any(word in words for word in LEFT_ALONE):
                    control.click()
            case QComboBox() if control.count():
                control.setCurrentIndex(int(self._random.integers(control.count())))
            case QAbstractSlider():
                control.setValue(int(self._random.integers(control.minimum(), control.maximum() + 1)))
            case QAbstractSpinBox():
                control.stepBy(int(self._random.integers(-3, 4)))
            case QLineEdit() if not control.isReadOnly():
                control.setText(("", "7", "<b>", "1e999", "x" * 200)[self._random.integers(5)])
            case _:
                self._drag(control)

    def _drag(self, control: QWidget) -> None:
        size = np.array((control.width(), control.height()))
        here, there = (QPoint(*(int(side) for side in self._random.random(2) * size)) for _ in range(2))
        QTest.mousePress(control, Qt.MouseButton.LeftButton, pos=here)
        QTest.mouseMove(control, there)
        QTest.mouseRelease(control, Qt.MouseButton.LeftButton, pos=there)


def close_what_is_over_the_window() -> None:
    """End dialogs and menus; one that runs a loop of its own holds up the timer that opened it, and no other."""
    for other in QApplication.topLevelWidgets():
        if isinstance(other, QDialog) and other.isVisible():
            other.reject()
        elif isinstance(other, QMenu) and other.isVisible():
            other.close()


def memory_in_use() -> int:
    """Resident memory in MiB, where Linux tells it, else 0."""
    pages = Path("/proc/self/statm")
    return int(pages.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20 if pages.is_file() else 0


def main() -> int:
    """Number of actions, seed, and the bundles to switch between."""
    prepare_application()
    bundles = [Path(each) for each in sys.argv[3:]]
    soak = Soak(int(sys.argv[1]), int(sys.argv[2]), bundles)
    code = run(lambda window: window.open_bundle(bundles[0]))
    sys.stdout.write(json.dumps({"stalls": soak.watch.by_cause(), "memory": soak.memory}, indent=1) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
