"""Whether A and B differ in more than what they were drawn by, and a code on its way from one to the other."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFrame

from lsd_studio.engine.latent.group_difference import GroupDifference
from lsd_studio.engine.latent.selection import GroupOperator
from lsd_studio.engine.latent.statistics.paths import Station
from lsd_studio.engine.latent.views import CodeView, PathPlace
from lsd_studio.engine.operations.latent import LatentOperations, OpenedLatentSpace
from lsd_studio.engine.steps import Doing
from lsd_studio.engine.vocabulary import LABEL_OPERATORS
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.latent.code_card import distance_words, show_decoded
from lsd_studio.ui.latent.selection.selected_codes import SelectedCodes
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.controls import slider
from lsd_studio.ui.widgets.layouts import caption, column, row, scroll_to, title
from lsd_studio.ui.widgets.picture_tile import PictureTile
from lsd_studio.ui.widgets.plain_text import capitalised, plain_label
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.side_by_side import SideBySide
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

COMPARING, WAY, MOVING = "comparing A and B", "finding the way from A to B", "moving from A to B"
"""Keys of tasks."""

STEPS = 100
"""Of the slider."""

OPERATORS: tuple[tuple[GroupOperator, str, str], ...] = (
    ("mean_difference", "Mean difference", "Add the mean of B less the mean of A"),
    ("gaussian_transport", "Transport", f"{LABEL_OPERATORS['gaussian_transport']} from A to B"),
)


class GroupCard(QFrame):
    """Hidden until A and B are compared, and again once others are selected.

    Attributes:
        found: what the comparison found; None before one.
    """

    def __init__(
        self, latent: LatentOperations, selected: SelectedCodes, tasks: Tasks, themes: ThemeManager
    ) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._latent, self._selected, self._tasks = latent, selected, tasks
        self._space: OpenedLatentSpace | None = None
        self._stations: tuple[Station, Station] | None = None
        self._nearest = -1
        self.found: GroupDifference | None = None
        self.sentence = WrappedLabel("Whether A and B differ beyond their outlines", role="")
        self.operator = Segments("From A to B", *OPERATORS, value="mean_difference", take=self._ask_way)
        self.slider = slider(
            "Share of the way from A to B", "Moves the code in the middle of A to B", 0, STEPS
        )
        self.slider.valueChanged.connect(self._ask_place)
        self.moved = PictureTile(themes, "moved code")
        self.nearest = PictureTile(themes, "nearest image")
        for tile in (self.moved, self.nearest):
            tile.setMinimumSize(80, 112)
        self.place = caption(name="Where the moved code is")
        self.place.setMinimumWidth(24 * GRID)
        words = column(title("Beyond the outlines"), self.sentence, None, spacing=GRID // 2)
        way = row(plain_label("A"), self.slider, plain_label("B"))
        controls = column(row(self.operator, None), way, self.place, None, spacing=GRID // 2)
        steering = row((controls, 1), self.moved, self.nearest, spacing=GRID)
        inside = SideBySide(words, steering, stretches=(1, 1), spacing=2 * GRID)
        self.setLayout(column(inside, margin=(12, GRID, 12, GRID)))
        selected.changed.connect(self.forget)
        selected.comparison_wanted.connect(self.compare)
        self.forget()

    def use_space(self, space: OpenedLatentSpace | None) -> None:
        """Have room for pictures where there are any."""
        self._space = space
        self.moved.setVisible(space is not None and space.has_decoder)
        self.nearest.setVisible(space is not None and space.has_pictures)

    @Slot()
    def compare(self) -> None:
        """Compare the groups as they are now."""
        self.forget()
        self._tasks.run(self._compare(), COMPARING)

    @Slot()
    def forget(self) -> None:
        """Other codes are selected."""
        for key in (COMPARING, WAY, MOVING):
            self._tasks.cancel(key)
        self.found, self._stations = None, None
        self.hide()

    async def _compare(self) -> None:
        call = self._selected.compare()
        if call is None:
            return
        self.sentence.setText("Comparing A and B…")
        self.show()
        async for step in call:
            if isinstance(step, Doing) and step.share is not None:
                self.sentence.setText(f"{capitalised(step.what)}, {step.share:.0%}…")
        self.found = await call
        self.sentence.setText(self.found.sentence)
        scroll_to(self)
        self._ask_way()

    @Slot()
    def _ask_way(self) -> None:
        chosen = next(operator for operator, _, _ in OPERATORS if operator == self.operator.value)
        call = self._selected.path(chosen)
        if call is not None:
            self._tasks.cancel(WAY)
            self._tasks.deliver(call, self._take_way, WAY)

    def _take_way(self, stations: tuple[Station, Station]) -> None:
        self._stations = stations
        self._ask_place()

    @Slot()
    def _ask_place(self) -> None:
        if self._stations is not None:
            call = self._latent.path_place(self._stations, self.slider.value() / STEPS, "from A to B")
            self._tasks.deliver(call, self._show_place, MOVING)

    def _show_place(self, here: PathPlace) -> None:
        if self._space is None:
            return
        self.place.setText(f"{capitalised(here.name)}: {distance_words(here.code)}")
        if self._space.has_decoder:
            show_decoded(self.moved, here.code, self._space.labels_read, "moved code")
        if self._space.has_pictures and here.nearest != self._nearest:
            self._nearest = here.nearest
            self._tasks.deliver(
                self._latent.code(here.nearest, pane="from A to B"), self._show_nearest, MOVING
            )

    def _show_nearest(self, code: CodeView) -> None:
        if code.original is None:
            self.nearest.clear("no image")
        else:
            self.nearest.show_image(code.original, "nearest image")
