"""Keeping runs in order: opened from anywhere, renamed, shown in the file manager, thrown away when confirmed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox, QWidget

from lsd_studio.engine.api import Engine
from lsd_studio.engine.scheduler import Call
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.train.runs import TrainRuns

__all__ = ["RunManagement"]


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
        self._engine = engine
        self._tasks = tasks
        self._runs = runs
        self._window = window
        self.dialog: QInputDialog | None = None
        self.question: QMessageBox | None = None
        runs.open_button.clicked.connect(self._open)
        runs.rename.clicked.connect(self._rename)
        runs.folder.clicked.connect(self._show_folder)
        runs.trash.clicked.connect(self._ask_before_trashing)

    @Slot()
    def _open(self) -> None:
        dialog = QFileDialog(self._window, "Open a run, or a folder of runs")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._open_chosen)
        dialog.open()

    @Slot(str)
    def _open_chosen(self, path: str) -> None:
        self.opened.emit(Path(path).resolve())

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
        dialog.textValueSelected.connect(
            lambda name: self._tasks.run(self._done(self._engine.training.rename(run.run, name)))
        )
        dialog.open()
        self.dialog = dialog

    @Slot()
    def _ask_before_trashing(self) -> None:
        chosen = self._runs.selected
        if not chosen or self.question is not None:
            return
        names = ", ".join(run.name for path in chosen if (run := self._runs.summary(path)) is not None)
        question = QMessageBox(self._window)
        question.setIcon(QMessageBox.Icon.Question)
        question.setWindowTitle("Move to the trash")
        question.setTextFormat(Qt.TextFormat.PlainText)
        question.setText(f"Move {names} to the trash?")
        question.setInformativeText("Its checkpoints can be restored from there.")
        yes = question.addButton("Move to the trash", QMessageBox.ButtonRole.AcceptRole)
        question.addButton("Keep", QMessageBox.ButtonRole.RejectRole)
        question.setDefaultButton(yes)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.setProperty("runs", chosen)
        question.finished.connect(self._answered)
        self.question = question
        question.open()

    @Slot(int)
    def _answered(self, result: int) -> None:
        question, self.question = self.question, None
        if question is None:
            return
        if question.buttonRole(question.clickedButton()) == QMessageBox.ButtonRole.AcceptRole:
            runs = tuple(question.property("runs"))
            self._tasks.run(self._done(self._engine.training.trash(runs)))

    async def _done(self, call: Call[Any, Any]) -> None:
        await call
        self.changed.emit()
