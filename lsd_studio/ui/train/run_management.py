"""Keeping runs in order: opened from anywhere, renamed, shown in the file manager, thrown away when confirmed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QInputDialog, QMessageBox, QWidget

from lsd_studio.engine.api import Engine
from lsd_studio.engine.scheduler import Call
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.train.runs import TrainRuns
from lsd_studio.ui.widgets.dialogs import ask_for_path, ask_whether

TRASH = "Move to the trash"


class RunManagement(QObject):
    """Asks a person, and then the engine.

    Attributes:
        dialog, question: the one that is open, or was last.

    Signals:
        opened: a folder that holds a run, or runs.
        changed: a run has another name, or is in the trash.
    """

    opened = Signal(Path)
    changed = Signal()

    def __init__(self, engine: Engine, tasks: Tasks, runs: TrainRuns, window: QWidget) -> None:
        super().__init__(window)
        self._engine, self._tasks, self._runs, self._window = engine, tasks, runs, window
        self.dialog: QInputDialog | None = None
        self.question: QMessageBox | None = None
        runs.open_button.clicked.connect(self._open)
        runs.rename.clicked.connect(self._rename)
        runs.folder.clicked.connect(self._show_folder)
        runs.trash.clicked.connect(self._ask_before_trashing)

    @Slot()
    def _open(self) -> None:
        title = "Open a run, or a folder of runs"
        ask_for_path(self._window, title, lambda folder: self.opened.emit(folder.resolve()))

    @Slot()
    def _show_folder(self) -> None:
        if (run := self._runs.current) is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(run.run)))

    @Slot()
    def _rename(self) -> None:
        if (run := self._runs.current) is None:
            return
        dialog = QInputDialog(self._window)
        dialog.setWindowTitle("Rename the run")
        dialog.setLabelText("Name of the run")
        dialog.setTextValue(run.name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rename = self._engine.training.rename
        dialog.textValueSelected.connect(lambda name: self._change(rename(run.run, name)))
        dialog.open()
        self.dialog = dialog

    @Slot()
    def _ask_before_trashing(self) -> None:
        chosen = self._runs.selected
        if not chosen:
            return
        names = ", ".join(run.name for path in chosen if (run := self._runs.summary(path)) is not None)
        text, more = f"Move {names} to the trash?", "Its checkpoints can be restored from there."
        self.question = ask_whether(self._window, TRASH, text, more, TRASH, "Keep")
        self.question.setTextFormat(Qt.TextFormat.PlainText)
        self.question.accepted.connect(lambda: self._change(self._engine.training.trash(chosen)))

    def _change(self, call: Call[Any, Any]) -> None:
        self._tasks.deliver(call, lambda done: self.changed.emit())
