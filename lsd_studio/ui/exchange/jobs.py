"""Slow work that was started from a menu: how far each piece is, and a button that stops it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFrame

from lsd_studio.engine.scheduler import Call
from lsd_studio.engine.steps import Doing
from lsd_studio.ui.app.theme import GRID
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.controls import outlined_button, progress_bar
from lsd_studio.ui.widgets.eliding_label import ElidingLabel
from lsd_studio.ui.widgets.layouts import column, row

Progress = TypeVar("Progress")
Result = TypeVar("Result")

WIDTH = 20 * GRID


def _as_it_is(step: object) -> Doing | None:
    return step if isinstance(step, Doing) else None


class Jobs(QFrame):
    """A line for each piece of work under way, in the window whatever workspace is in front; hidden without any.

    Attributes:
        tasks: the work; its errors are the window's.
    """

    def __init__(self) -> None:
        super().__init__()
        self.tasks = Tasks(self)
        self.setProperty("role", "notice")
        self.setAccessibleName("Work under way")
        self._lines: dict[str, _Line] = {}
        self._column = column(spacing=GRID // 2, margin=(2 * GRID, GRID // 2, GRID, GRID // 2))
        self.setLayout(self._column)
        self.hide()

    @property
    def names(self) -> tuple[str, ...]:
        """What is under way, such as "Exporting networks"."""
        return tuple(self._lines)

    def start(
        self,
        name: str,
        call: Call[Progress, Result],
        done: Callable[[Result], object],
        *,
        describe: Callable[[Progress], Doing | None] = _as_it_is,
        stopped: str = "Stop, and keep nothing of it",
    ) -> None:
        """Follow a call to its end.

        Args:
            name: what is done, as the line says until more is known; it replaces work of the same name.
            done: takes the result.
            describe: how far a step is; None where it says nothing of that.
            stopped: what stopping it means, as its button's tool tip says.
        """
        self.stop(name)
        line = _Line(name, stopped, call.cancel)
        line.stop.clicked.connect(lambda: self.stop(name))
        self._lines[name] = line
        self._column.addWidget(line)
        self.show()
        self.tasks.run(self._follow(line, call, done, describe), name)

    @Slot(str)
    def stop(self, name: str) -> None:
        """Give up the work of that name."""
        if name in self._lines:
            self._lines[name].give_up()
            self._end(self._lines[name])
        self.tasks.cancel(name)

    async def _follow(
        self,
        line: _Line,
        call: Call[Progress, Result],
        done: Callable[[Result], object],
        describe: Callable[[Progress], Doing | None],
    ) -> None:
        try:
            async for step in call:
                if (doing := describe(step)) is not None:
                    line.show_doing(doing)
            result = await call
        finally:
            if self._lines.get(line.name) is line:
                self._end(line)
        done(result)

    def _end(self, line: _Line) -> None:
        del self._lines[line.name]
        self._column.removeWidget(line)
        line.hide()
        line.deleteLater()
        self.setVisible(bool(self._lines))


class _Line(QFrame):
    def __init__(self, name: str, stopped: str, give_up: Callable[[], None]) -> None:
        super().__init__()
        self.name, self.give_up = name, give_up
        self.words = ElidingLabel(name)
        self.words.setText(f"{name}…")
        self.progress = progress_bar(f"{name}: progress")
        self.progress.setRange(0, 0)
        self.progress.setFixedWidth(WIDTH)
        self.stop = outlined_button("Stop", stopped, name=f"{name}: stop")
        self.setLayout(row((self.words, 1), self.progress, self.stop))

    def show_doing(self, doing: Doing) -> None:
        """Say how far it is."""
        self.words.setText(f"{self.name}: {doing.in_words}")
        self.progress.setRange(0, 1000 if doing.share is not None else 0)
        if doing.share is not None:
            self.progress.setValue(round(1000 * doing.share))
