"""What was recognised in a file of codes, and what of it is to be used."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QComboBox, QDialog, QGridLayout, QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import sentence_of
from lsd_studio.engine.spaces.survey import SpaceSurvey
from lsd_studio.ui.app.theme import GRID
from lsd_studio.ui.codes.codes_in_use import WORKSPACES_OF_CODES, CodesInUse, what_workspaces_do
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.controls import push_button
from lsd_studio.ui.widgets.layouts import column, row, scrolled, title
from lsd_studio.ui.widgets.number_formatting import counted
from lsd_studio.ui.widgets.plain_text import plain_label
from lsd_studio.ui.widgets.text_table import TextTable
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

WIDTH = 88 * GRID
NO_COLUMN = "No labels"
READING = "reading"
"""The task that reads the file."""


class CodesSheet(QDialog):
    """Shows shape, columns, ranges and the first rows of a file, and asks which array and which labels are used.

    Signals:
        wanted: the CodesInUse that a person opens.
    """

    wanted = Signal(object)

    def __init__(self, engine: Engine, file: Path, parent: QWidget) -> None:
        super().__init__(parent)
        self._engine, self._file, self._around = engine, file, parent
        self._survey: SpaceSurvey | None = None
        self.tasks = Tasks(self)
        self.tasks.failed.connect(self._show_error)
        self.setWindowTitle(f"Open codes: {file.name}")
        self.setMinimumWidth(WIDTH)
        self._build()
        self.read(None)

    @property
    def codes(self) -> CodesInUse | None:
        """What would be opened."""
        column_ = self.labels.currentData()
        return None if self._survey is None else CodesInUse(self._survey.space, column_)

    def read(self, array: str | None) -> None:
        """Read the file, with this array as the codes."""
        self.tasks.cancel(READING)
        self.open_button.setEnabled(False)
        self.tasks.deliver(self._engine.spaces.survey(self._file, array), self._show, READING)

    def choose_labels(self, name: str | None) -> None:
        """Let codes be told apart by the column of this name, where there is one."""
        if (place := self.labels.findData(name)) >= 0:
            self.labels.setCurrentIndex(place)

    def _build(self) -> None:
        self.words = WrappedLabel("What was recognised", "statement")
        self.words.setText("Reading the file…")
        self.array, self.labels = QComboBox(), QComboBox()
        choices = QGridLayout()
        choices.setColumnStretch(1, 1)
        for place, (words, box, meaning) in enumerate(
            (
                ("Codes", self.array, "The array that holds a code in each row"),
                ("Labels", self.labels, "The column that tells codes apart"),
            )
        ):
            box.setAccessibleName(words)
            box.setToolTip(meaning)
            choices.addWidget(plain_label(words), place, 0)
            choices.addWidget(box, place, 1)
        self.array.activated.connect(self._choose_array)
        self.labels.currentIndexChanged.connect(self._show_works)
        self.rows = TextTable("The first rows")
        self.notes = WrappedLabel("What it lacks, and what must be known of it")
        works = QGridLayout()
        works.setColumnStretch(1, 1)
        self.works = {}
        for line, name in enumerate(WORKSPACES_OF_CODES):
            label = self.works[name] = WrappedLabel(f"{name}: what it will do")
            works.addWidget(plain_label(name), line, 0, Qt.AlignmentFlag.AlignTop)
            works.addWidget(label, line, 1)
        self.problem = WrappedLabel("What is wrong", "problem")
        self.open_button = push_button("Open", self._open, default=True)
        cancel = push_button("Cancel", self.reject)
        cancel.setAutoDefault(False)
        self._inside = QWidget()
        self._inside.setLayout(
            column(
                self.words,
                choices,
                title("The first rows"),
                self.rows,
                self.notes,
                title("What each workspace will do"),
                works,
                self.problem,
                None,
                margin=(3 * GRID, 2 * GRID, 3 * GRID, GRID),
            )
        )
        self._buttons = row(None, cancel, self.open_button, margin=(3 * GRID, GRID, 3 * GRID, 2 * GRID))
        self.setLayout(column((scrolled(self._inside), 1), self._buttons, spacing=0))

    def _show(self, survey: SpaceSurvey) -> None:
        is_first, chosen = self._survey is None, self.labels.currentData()
        self._survey, space = survey, survey.space
        low, high = (f"{end:.4g}".replace("-", "−") for end in (survey.low, survey.high))
        self.words.setText(
            f"{isolated(space.name)}: {counted(len(space))} codes of {space.components} components, from {low} to "
            f"{high}, and {_columns(len(space.columns))} beside them."
        )
        self.array.clear()
        self.array.addItems(list(space.arrays))
        self.array.setCurrentText(space.array)
        self.array.setEnabled(len(space.arrays) > 1)
        self.labels.blockSignals(True)
        self.labels.clear()
        self.labels.addItem(NO_COLUMN, None)
        for name in space.label_columns:
            self.labels.addItem(f"{name}: {len(space.columns[name].words)} labels", name)
        self.labels.setCurrentIndex(min(1, len(space.label_columns)))
        if not is_first:
            self.choose_labels(chosen)
        self.labels.blockSignals(False)
        heads = [each.name for each in survey.shown]
        rows = [[each.kind for each in survey.shown], [each.span for each in survey.shown]]
        rows += [list(values) for values in zip(*(each.first for each in survey.shown), strict=True)]
        self.rows.show_rows(
            ("", *heads), [(head, *cells) for head, cells in zip(_heads(rows), rows, strict=True)]
        )
        lacks: dict[str, list[str]] = {}
        for name, bring in space.lacks.items():
            lacks.setdefault(bring, []).append(name)
        missing = [f"No {', no '.join(names)}: {bring}." for bring, names in lacks.items()]
        self.notes.setText(" ".join((*space.notes, *missing)))
        self.problem.setText("")
        self.open_button.setEnabled(True)
        self._show_works()
        QTimer.singleShot(0, self, self._fit)  # once the words have asked for their heights

    @Slot()
    def _fit(self) -> None:
        """Be as high as all of it is, or as the window."""
        wanted = self._inside.minimumSizeHint().height() + self._buttons.sizeHint().height()
        self.resize(WIDTH, min(wanted, self._around.height()))

    @Slot()
    def _show_works(self) -> None:
        if (codes := self.codes) is not None:
            for name, words in what_workspaces_do(codes).items():
                self.works[name].setText(words)

    @Slot(int)
    def _choose_array(self, place: int) -> None:
        self.read(self.array.itemText(place))

    @Slot()
    def _open(self) -> None:
        if (codes := self.codes) is not None:
            self.wanted.emit(codes)
            self.accept()

    @Slot(object)
    def _show_error(self, error: Exception) -> None:
        self.words.setText("Nothing was opened.")
        self.problem.setText(sentence_of(error))


def _columns(number: int) -> str:
    return f"{number} column" if number == 1 else f"{number or 'no'} columns"


def _heads(rows: list[list[str]]) -> list[str]:
    return ["is", "range", *(f"row {place}" for place in range(len(rows) - 2))]
