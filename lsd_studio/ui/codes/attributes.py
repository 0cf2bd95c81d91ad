"""Attributes of codes: which of the others change when codes are moved along one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.api import Engine
from lsd_studio.engine.figures.panels.attributes import entanglement_panel
from lsd_studio.engine.figures.spec import PlotFigure
from lsd_studio.engine.vocabulary import ATTRIBUTE_WAYS
from lsd_studio.percentages import percentage
from lsd_studio.ui.app.theme import GRID
from lsd_studio.ui.codes.codes_in_use import CodesInUse
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.controls import push_button
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.text_table import TextTable
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

if TYPE_CHECKING:
    from lsd_studio.engine.spaces.attribute_axes import AttributeAxes, Entanglement

MOVING = "moving codes along attributes"
"""The task that measures."""

CHOOSE = "Tick two attributes or more, columns of two values, and press \u201cMeasure\u201d."
TOO_FEW = (
    "Attributes are columns of two values, such as yes and no, and this file has {number}: save two or more in the "
    "same file, and open it again."
)
CHANGED = (
    "A row is the attribute asked, a column the share of codes of which the reading changed; in parentheses where more "
    "than 1\u00a0% of the directions at random change as many."
)
HEADS = ("asked", "probe", "chance", "reached")
TIPS = (
    "The attribute along which codes without it are moved",
    "Held-out codes of which the probe reads the attribute rightly, before any is moved",
    "The same of always naming the more frequent value",
    "Held-out codes without the attribute that are read as having it when they have been moved",
)
MEANINGS = {
    "own": "Along the difference of the averages of codes with it and without it",
    "orthogonal": "Along the orthogonal directions that are nearest to all of them",
    "held": "Along what is left without the directions of those that are held",
}


class AttributesPage(QWidget):
    """Attributes to choose, those to hold, and a table of what moves along.

    Signals:
        answered: milliseconds that the engine took, and what was computed.
    """

    answered = Signal(float, str)

    def __init__(self, engine: Engine, tasks: Tasks) -> None:
        super().__init__()
        self._engine, self._tasks = engine, tasks
        self._codes: CodesInUse | None = None
        self.found: AttributeAxes | None = None
        self.asked, self.held = _ticked("Attributes"), _ticked("Attributes to hold")
        self.asked.itemChanged.connect(self._offer_held)
        self.run = push_button("Measure", self._measure, "Move held-out codes along each attribute")
        self.sentence = WrappedLabel("Which attributes move others along", "statement")
        self.way = Segments(
            "Directions",
            *((way, words.capitalize(), MEANINGS[way]) for way, words in ATTRIBUTE_WAYS.items()),
            value="own",
            take=self._show_way,
        )
        self.table = TextTable("Readings changed, attributes asked by attributes read")
        self.words = caption(name="What the numbers were computed from")
        choices = QWidget()
        choices.setFixedWidth(26 * GRID)
        choices.setLayout(
            column(
                title("Attributes"), (self.asked, 3), title("Hold"), (self.held, 2),
                caption("None ticked: all others."), self.run,
            )
        )  # fmt: skip
        measured = column(row(title("Readings changed"), None, self.way), (self.table, 1), self.words)
        right = column(card(column(self.sentence)), (card(measured), 1), spacing=12)
        self.setLayout(row(card(choices), (right, 1), spacing=12))
        tasks.changed.connect(self._enable)

    def use(self, codes: CodesInUse) -> None:
        """Offer the columns of two values of these codes."""
        self._codes, self.found = codes, None
        self._tasks.cancel(MOVING)
        columns = codes.space.columns
        names = [name for name in codes.space.label_columns if len(columns[name].words) == 2]
        _fill(self.asked, names, set())
        self._offer_held()
        self._say(CHOOSE if len(names) > 1 else TOO_FEW.format(number=len(names) or "none"))

    def figures(self) -> tuple[PlotFigure, ...]:
        """The matrix by each way of making directions."""
        if self.found is None:
            return ()
        return (
            PlotFigure(
                "codes-attributes",
                "Readings changed by moving along attributes",
                tuple(entanglement_panel(self.found, of) for of in self.found.ways),
                self.found.source,
                " ".join((self.found.sentence, *self.found.notes)),
                columns=3,
                wide=True,
                of="codes",
            ),
        )

    @Slot()
    def _offer_held(self) -> None:
        _fill(self.held, _names(self.asked), set(_names(self.held)))
        self._enable()

    @Slot()
    def _enable(self) -> None:
        self.run.setEnabled(len(_names(self.asked)) > 1 and not self._tasks.is_running(MOVING))

    @Slot()
    def _measure(self) -> None:
        if self._codes is not None:
            self._say("Moving codes along attributes\u2026")
            self._tasks.run(self._follow(self._codes), MOVING)

    async def _follow(self, codes: CodesInUse) -> None:
        asked, held = _names(self.asked), _names(self.held)
        self.found = None
        call = self._engine.spaces.attributes(codes.space, asked, held)
        found = self.found = await call
        self.sentence.setText(found.sentence)
        self._show_way()
        self.answered.emit(call.milliseconds, f"{isolated(found.source)} · {len(asked)} attributes")

    @Slot()
    def _show_way(self) -> None:
        found = self.found
        if found is None:
            return
        of = next(each for each in found.ways if each.way == self.way.value)
        heads = (*HEADS, *(isolated(name) for name in found.names))
        tips = (*TIPS, *[CHANGED] * len(found.names))
        self.table.show_rows(heads, [_row(found, of, place) for place in range(len(found.names))], tips)
        self.words.setText(
            " ".join(
                (
                    CHANGED,
                    f"Directions are measured on {found.built_on} codes, probes fitted on {found.probed_on}, and "
                    f"{found.held_out} others moved, in {found.axes} principal axes.",
                    *found.notes,
                )
            )
        )

    def _say(self, words: str) -> None:
        self.sentence.setText(words)
        self.table.show_rows((), ())
        self.words.setText("")


def _row(found: AttributeAxes, of: Entanglement, asked: int) -> tuple[str, ...]:
    read, reached = found.read[asked], of.reached[asked]
    changed = zip(of.changed[asked].tolist(), of.is_beyond_chance[asked].tolist(), strict=True)
    return (
        isolated(found.names[asked]),
        percentage(read.value, 1),
        percentage(found.always[asked], 1),
        f"{percentage(reached.value, 1)} of {reached.count}",
        *(percentage(share, 1) if beyond else f"({percentage(share, 1)})" for share, beyond in changed),
    )


def _ticked(name: str) -> QListWidget:
    made = QListWidget()
    made.setAccessibleName(name)
    return made


def _names(ticked: QListWidget) -> tuple[str, ...]:
    items = map(ticked.item, range(ticked.count()))
    return tuple(item.text() for item in items if item.checkState() is Qt.CheckState.Checked)


def _fill(ticked: QListWidget, names: list[str] | tuple[str, ...], checked: set[str]) -> None:
    ticked.clear()
    for name in names:
        item = QListWidgetItem(name)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if name in checked else Qt.CheckState.Unchecked)
        ticked.addItem(item)
