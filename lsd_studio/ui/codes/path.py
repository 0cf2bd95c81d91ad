"""Held-out codes on their way from label to label: what a probe reads, the nearest rows, and an operator to save."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QWidget

from lsd_studio.engine.api import Engine
from lsd_studio.engine.operators.filming import place_on_path
from lsd_studio.engine.operators.walks import PathSettings
from lsd_studio.engine.spaces.latent_space import LatentSpace
from lsd_studio.engine.vocabulary import LABEL_OPERATORS
from lsd_studio.percentages import percentage
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.controls import outlined_button
from lsd_studio.ui.widgets.dialogs import ask_for_new
from lsd_studio.ui.widgets.layouts import caption, column, row, title
from lsd_studio.ui.widgets.picture_rows import PictureRows
from lsd_studio.ui.widgets.plain_text import capitalised, plain_label
from lsd_studio.ui.widgets.text_table import TextTable

if TYPE_CHECKING:
    from lsd_studio.engine.spaces.code_operators import CodesOperator
    from lsd_studio.engine.spaces.code_paths import FollowedCodes
    from lsd_studio.engine.spaces.probed_codes import ProbedCodes

FOLLOWING = "following the path"
"""The task that takes codes along the path."""

SAVED = "Operators (*.safetensors)"
SAVING = (
    "Write matrix and shift of the operator whose line is chosen above, between these labels, in the units of the "
    "codes, with what is known of it as JSON beside it"
)

HEADS = ("at", "read as", "arrived, 95 % interval", "within the data", "nearest row of that label")
TIPS = (
    "Degrees of 90 from label to label, by the rotation through the averages",
    "What the probe reads in most of the codes that are moved, and their share",
    "Share that is read as the label at which they are",
    "Share whose nearest code of the first two thirds is no farther than for 99 % of the codes that were not moved",
    "For the code in the middle of its label: the nearest of the codes that the probe was fitted on or operators built "
    "from, and how far it is in standard deviations",
)


class CodesPath(QWidget):
    """Two labels, what is measured between them, and the pictures of the nearest rows where there are any.

    Attributes:
        operator: the name of the one that is saved.
    """

    def __init__(self, engine: Engine, tasks: Tasks, themes: ThemeManager) -> None:
        super().__init__()
        self._engine, self._tasks = engine, tasks
        self._of: tuple[LatentSpace, ProbedCodes] | None = None
        self.operator = "mean_difference"
        self.source, self.target = QComboBox(), QComboBox()
        for box, name in ((self.source, "From label"), (self.target, "To label")):
            box.setAccessibleName(name)
            box.activated.connect(self._ask)
        self.table = TextTable("Places of the path")
        self.pictures = PictureRows(themes, "Pictures of the nearest rows")
        self.pictures.setMinimumHeight(120)
        self.words = caption(name="Which codes are moved")
        self.save = outlined_button("", SAVING, self._ask_where, name="Save the operator")
        self.choose(self.operator)
        choice = row(plain_label("From"), self.source, plain_label("to"), self.target, None, self.save)
        self.setLayout(column(title("A path"), choice, self.table, self.pictures, self.words))

    def use(self, space: LatentSpace, of: ProbedCodes) -> None:
        """Offer the labels of codes that a probe reads, and take those of the first to the second."""
        self._of = space, of
        for box, place in ((self.source, 0), (self.target, 1)):
            box.clear()
            box.addItems(list(of.label_names))
            box.setCurrentIndex(place)
        self._ask()

    @Slot(str)
    def choose(self, operator: str) -> None:
        """Offer another operator to be saved."""
        self.operator = operator
        self.save.setText(f"Save {LABEL_OPERATORS[operator]}…")

    @Slot()
    def _ask_where(self) -> None:
        between = f"{self.source.currentText()} to {self.target.currentText()}"
        ask_for_new(self, "Save the operator", self.save_operator, f"{between}.safetensors", (SAVED,))

    def save_operator(self, file: Path) -> None:
        """Write the operator between the labels to a file."""
        if self._of is not None:
            stations = self.source.currentIndex(), self.target.currentIndex()
            call = self._engine.spaces.operator(self._of[1], self.operator, *stations, file)
            self._tasks.deliver(call, partial(self._tell_saved, file))

    def _tell_saved(self, file: Path, made: CodesOperator) -> None:
        self.words.setText(
            f"{capitalised(LABEL_OPERATORS[made.name])} is in {file}: {percentage(made.arrived.value)} of "
            f"{made.arrived.count} held-out codes of {made.source} arrive at {made.target}."
        )

    def _ask(self) -> None:
        stations = self.source.currentIndex(), self.target.currentIndex()
        self._tasks.cancel(FOLLOWING)
        self.save.setEnabled(stations[0] != stations[1])
        if self._of is None or stations[0] == stations[1]:
            self.words.setText("Choose two labels.")
            return
        self._tasks.run(self._follow(*self._of, stations), FOLLOWING)

    async def _follow(self, space: LatentSpace, of: ProbedCodes, stations: tuple[int, int]) -> None:
        found = await self._engine.spaces.follow(of, PathSettings(stations, through="averages"))
        names = of.label_names
        called = [names[station] for station in stations]
        places = range(len(found.positions))
        self.table.show_rows(HEADS, [_row(found, place, called, names, space) for place in places], TIPS)
        self.words.setText(
            f"{found.codes} held-out codes of {called[0]} are moved; row {found.row} is the one in their middle."
        )
        self.pictures.setVisible(space.has_pictures)
        if space.has_pictures:
            shown = await self._engine.spaces.pictures(space, (found.row, *found.nearest.tolist()))
            self.pictures.show_rows(("held out", shown[:1], None), ("nearest", shown[1:], None))


def _row(
    found: FollowedCodes, place: int, called: Sequence[str], names: Sequence[str], space: LatentSpace
) -> tuple[str, ...]:
    most = int(found.read[place].argmax())
    arrived = ""
    if place == len(found.positions) - 1:
        share = found.arrived[0]
        ends = f"{percentage(share.low, 1)} … {percentage(share.high, 1)}"
        arrived = f"{percentage(share.value, 1)} ({ends} of {share.count})"
    nearest = space.row(int(found.nearest[place]))
    said = ", ".join(str(value) for name, value in nearest.items() if name != "row")
    return (
        place_on_path(called, float(found.positions[place])),
        f"{names[most]} ({percentage(float(found.read[place, most]))})",
        arrived,
        percentage(float(found.near[place])),
        f"{nearest['row']} at {found.distances[place]:.1f} σ" + (f": {said}" if said else ""),
    )
