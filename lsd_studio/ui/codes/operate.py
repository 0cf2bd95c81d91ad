"""Operate of codes: held-out ones moved from label to label, as a probe reads them (R20, R21, R23), and attributes."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from lsd_studio.engine.api import Engine
from lsd_studio.engine.figures.panels.compared_operators import arrivals_panel
from lsd_studio.engine.figures.spec import PlotFigure
from lsd_studio.engine.operators.compared import Comparison
from lsd_studio.engine.spaces.latent_space import LatentSpace
from lsd_studio.percentages import percentage
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.codes.attributes import AttributesPage
from lsd_studio.ui.codes.codes_in_use import CodesInUse
from lsd_studio.ui.codes.path import CodesPath
from lsd_studio.ui.codes.workspace import LabelledCodesWorkspace
from lsd_studio.ui.operate.compared.table import OperatorTable
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel


class CodesOperateWorkspace(LabelledCodesWorkspace):
    """The verdict in words, a line for each operator, and a path from one label to another; or several attributes."""

    def __init__(self, engine: Engine, themes: ThemeManager, selection: Selection) -> None:
        self.found: Comparison | None = None
        self._space: LatentSpace | None = None
        self.sentence = WrappedLabel("Which operators steer beyond chance", "statement")
        self.table = OperatorTable(themes)
        self.notes = caption(name="What the numbers were computed from")
        body = QWidget()
        self.beside = column(spacing=0)
        inside = column(title("Operators from label to label"), self.table, self.notes)
        body.setLayout(column(card(column(self.sentence)), card(inside), (card(self.beside), 1), spacing=12))
        self.page = Segments(
            "Page",
            ("labels", "Labels", "Operators from label to label"),
            ("attributes", "Attributes", "Several columns of two values, and which of them move each other"),
            value="labels",
            take=self._turn_to,
        )
        head = QWidget()
        head.setLayout(row(self.page, None))
        super().__init__(engine, themes, selection, body, head)
        self.path = CodesPath(engine, self.tasks, themes)
        self.beside.addWidget(self.path)
        self.table.chosen.connect(self.path.choose)
        self.attributes = AttributesPage(engine, self.tasks)
        self.attributes.answered.connect(self.answered)
        selection.codes_changed.connect(self._use_attributes)
        self._use_attributes(selection.codes)

    async def compute(self, codes: CodesInUse, labels: str) -> float:
        probed = self.engine.spaces.probe(codes.space, labels)
        of = await self.followed(probed)
        call = self.engine.spaces.compare_operators(of)
        found = self.found = await self.followed(call)
        self.sentence.setText(found.verdict("probe"))
        self.table.show_comparison(found, of.label_names)
        self.notes.setText(
            " ".join(
                (
                    f"The probe reads {percentage(of.read.value, 1)} of {of.read.count} held-out codes as their label "
                    "before any is moved.",
                    *found.notes,
                    *of.notes,
                )
            )
        )
        self.path.use(codes.space, of)
        return probed.milliseconds + call.milliseconds

    @Slot(str)
    def _turn_to(self, page: str) -> None:
        self.show_aside(self.attributes if page == "attributes" else None)

    @Slot(object)
    def _use_attributes(self, codes: CodesInUse | None) -> None:
        if codes is not None and codes.space is not self._space:
            self._space = codes.space
            self.attributes.use(codes)

    def figures(self) -> tuple[PlotFigure, ...]:
        if self.found is None:
            return self.attributes.figures()
        return (
            *self.attributes.figures(),
            PlotFigure(
                "codes-operators",
                "Operators from label to label",
                (arrivals_panel(self.found),),
                self.found.data,
                " ".join((self.found.verdict("probe"), *self.found.notes)),
                wide=True,
                of="codes",
            ),
        )
