"""What codes are coloured by, on all pages that colour them."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QComboBox

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.latent.colouring import Colouring
from lsd_studio.engine.operations.latent import LatentOperations, OpenedLatentSpace
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.label_colours import Classes

Kind = Literal["labels", "one", "column"]
"""The labels, one colour for all, or a column of the file."""

COLOURING = "colouring codes"
"""Key of the task."""

WIDEST = 160
"""Pixels of the box."""


class CodeColours(QObject):
    """The labels at first.

    Attributes:
        kind: of what codes are coloured by; now: by a column.

    Signals:
        changed: codes are coloured by something else.
    """

    changed = Signal()

    def __init__(self, latent: LatentOperations, tasks: Tasks) -> None:
        super().__init__()
        self._latent, self._tasks = latent, tasks
        self.kind: Kind = "labels"
        self.now: Colouring | None = None

    def choose(self, kind: Kind, column: str = "") -> None:
        """Colour codes by something else."""
        self._tasks.cancel(COLOURING)
        if kind == "column":
            self._tasks.deliver(self._latent.colouring(column), self._take, COLOURING)
        else:
            self.kind, self.now = kind, None
            self.changed.emit()

    def forget(self) -> None:
        """There are other codes, with other columns."""
        self.choose("labels")

    def _take(self, found: Colouring) -> None:
        self.kind, self.now = "column", found
        self.changed.emit()


def classes_of(colouring: Colouring) -> Classes:
    """The classes of a colouring, as plots and legends colour them."""
    return Classes(len(colouring.names), colouring.is_ordered, colouring.has_missing)


class ColourBox(QComboBox):
    """A list of what codes can be coloured by."""

    def __init__(self, colours: CodeColours) -> None:
        super().__init__()
        self._colours = colours
        self._choices: list[tuple[Kind, str]] = []
        self.setAccessibleName("Colour")
        self.setToolTip(
            "What codes are coloured by: their labels, nothing as the twin, or any column of the file"
        )
        self.setMaximumWidth(WIDEST)
        self.activated.connect(self._choose)
        colours.changed.connect(self._show)
        self.use_space(None)

    def use_space(self, space: OpenedLatentSpace | None) -> None:
        """Offer the columns of other codes."""
        columns = () if space is None else space.columns
        self._choices = [("labels", ""), ("one", ""), *(("column", name) for name in columns)]
        self.clear()
        self.addItems(["Labels", "One colour", *map(isolated, columns)])
        self._show()

    @Slot(int)
    def _choose(self, place: int) -> None:
        self._colours.choose(*self._choices[place])

    @Slot()
    def _show(self) -> None:
        now = self._colours.now
        choice = (self._colours.kind, "" if now is None else now.column)
        if choice in self._choices:
            self.setCurrentIndex(self._choices.index(choice))
