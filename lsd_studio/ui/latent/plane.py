"""The Planes page: codes on any two axes at any zoom, with the picture of the code under the pointer (R28)."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, Slot
from PySide6.QtWidgets import QSizePolicy, QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.figures.panels.latent import plane_panel, variance_panel
from lsd_studio.engine.figures.spec import Panel, ViewSettings
from lsd_studio.engine.latent.statistics.gaussian_twin import TwinOf
from lsd_studio.engine.latent.statistics.planes import Window
from lsd_studio.engine.latent.statistics.principal_axes import PrincipalAxes
from lsd_studio.engine.latent.twin_comparison import TwinTestSettings
from lsd_studio.engine.latent.views import CodeView, PlaneView
from lsd_studio.engine.operations.latent import LatentOperations, OpenedLatentSpace
from lsd_studio.engine.operations.second_space import SecondSpaceOperations
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.latent.beside.second_space import SecondSpace
from lsd_studio.ui.latent.code_card import CodeCard
from lsd_studio.ui.latent.code_colours import CodeColours, ColourBox, classes_of
from lsd_studio.ui.latent.label_legend import LabelLegend
from lsd_studio.ui.latent.page import LatentPage
from lsd_studio.ui.latent.plane_axes import PlaneAxes
from lsd_studio.ui.latent.plane_pane import PlanePane
from lsd_studio.ui.latent.selection.code_filter import those_that_match
from lsd_studio.ui.latent.selection.selected_codes import SelectedCodes
from lsd_studio.ui.latent.state import PlanesState
from lsd_studio.ui.latent.twin import TwinMode, TwinPanes
from lsd_studio.ui.plots.panel_plot import PanelPlot
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.eliding_label import ElidingLabel
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title
from lsd_studio.ui.widgets.number_formatting import counted
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.side_column import side_column

SIDE = 34 * GRID
"""Pixels of the column beside the picture."""

CORRECTION = (
    "The blog posts on autoencoders read filaments around voids in such zooms; their author’s correction of 18 March "
    "2023 says that these need not be why random points decode badly. What the Gaussian twin shows too, mean, "
    "covariance and chance suffice for; mean and covariance are structure as well."
)
ZOOMS = (
    ("all", "All", "All codes"),
    ("5", "±5", "The square from −5 to 5"),
    ("1", "±1", "The square from −1 to 1"),
    ("0.25", "±0.25", "The square from −0.25 to 0.25, the closest of the posts"),
)
HINT = "Point at the plane to decode the nearest code."


class PlanesPage(LatentPage):
    """One large plane, and beside it its axes, the variance, and what is under the pointer."""

    def __init__(
        self,
        latent: LatentOperations,
        tasks: Tasks,
        themes: ThemeManager,
        selected: SelectedCodes,
        colours: CodeColours,
        second: SecondSpaceOperations,
    ) -> None:
        super().__init__(latent, tasks, themes)
        self._selected, self._colours = selected, colours
        self._variance: PrincipalAxes | None = None
        self._window: Window | None = None
        self.beside = SecondSpace(second, tasks)
        self._build()
        self._lay_out()

    @property
    def next_step(self) -> str:
        if self.own.shown is None:
            return "Loading the plane…"
        if self.twin == "off":
            return "Zoom with Ctrl and the wheel; switch the Gaussian twin on before believing a filament."
        return "Zoom to ±0.25 and compare; then test the visible codes."

    def test(self) -> TwinTestSettings | None:
        """The test of the plane and the visible window."""
        return None if self.own.shown is None else TwinTestSettings(self.axes.plane, self.own.window_in_sight)

    def panels(self) -> tuple[Panel, ...]:
        """The plane of the codes, of the twin or the second space where they are shown, and the variance."""
        if self.space is None:
            return ()
        now = self._colours.now
        names = self.space.label_names if now is None else now.names
        shown = [((self.other if twin else self.own).shown, name) for twin, name in self.sides]
        planes = [
            plane_panel(event, names, those_that_match(name, event.condition))
            for event, name in shown
            if event is not None
        ]
        variance = () if self._variance is None else (variance_panel(self._variance),)
        beside, now_beside = self.second.shown, self.beside.now
        if beside is not None and now_beside is not None and self.twin == "off":
            planes.append(plane_panel(beside, names, those_that_match(now_beside.name, beside.condition)))
        return (*planes, *variance)

    @property
    def view_settings(self) -> ViewSettings:
        state = PlanesState(
            plane=self.axes.plane,
            zoom=self.zoom.value,
            window=self.own.window_in_sight if self.own.is_zoomed else None,
            colours=self._colours.kind,
            column=None if self._colours.now is None else self._colours.now.column,
            second=self.beside.wanted,
        )
        return state.model_dump(mode="json")

    def show_view(self, settings: ViewSettings) -> None:
        """Show the same part of the same plane in the same colours."""
        state = PlanesState.model_validate(settings)
        if state.plane is None:
            return
        self.axes.choose(state.plane)
        if state.colours in ("labels", "one"):
            self._colours.choose(state.colours)
        elif self.space is not None and state.column in self.space.columns:
            self._colours.choose("column", state.column)
        if state.zoom is not None:
            self.zoom.set_value(state.zoom)
        elif state.window is not None:
            self.zoom.release()
        self._window = state.window
        self.ask_again()
        if state.second is not None and state.second != self.beside.wanted:
            self.beside.open(state.second)

    def _build(self) -> None:
        shared = self.latent, self.tasks, self.themes
        self.own = PlanePane(
            *shared, "Codes on a plane", "plane", selected=self._selected, colours=self._colours
        )
        self.second = PlanePane(
            *shared,
            "The second space on a plane",
            "plane of the second space",
            selected=self._selected,
            colours=self._colours,
        )
        for pane in (self.own, self.second):
            pane.draw_with(self._selected)
            pane.found.connect(partial(self._show_code, "Code"))
        self.other = PlanePane(*shared, "The Gaussian twin on a plane", "plane of the twin", twin=True)
        self.other.found.connect(partial(self._show_code, "Point of the twin"))
        self.own.seen.connect(self._report_view)
        self.second.seen.connect(lambda event, _: self.beside.say(event))
        self.beside.changed.connect(self._show_second)
        for pane, words in ((self.own, "Code"), (self.other, "Twin's point"), (self.second, "Code")):
            pane.looked.connect(self._mark_zoom)
            pane.setToolTip(f"{words}s: Ctrl and the wheel zoom, a drag moves, Home shows all")
        for other in (self.other, self.second):
            self.own.move_with(other)
            other.move_with(self.own)
        self.second_words = caption()
        self.second_pane = QWidget()
        self.second_pane.setLayout(column(self.second_words, (self.second, 1), spacing=2))
        self.twin_panes = (TwinPanes(self.own, self.other),)
        self.axes = PlaneAxes(stacked=True)
        self.axes.changed.connect(self._show_plane)
        self.zoom = Segments("Zoom", *ZOOMS, value="all", take=self._zoom)
        self.colours = ColourBox(self._colours)
        self._colours.changed.connect(self._show_colours)
        self.words = ElidingLabel("Number of visible codes")
        self.legend = LabelLegend(self.themes)
        self.correction = caption(CORRECTION, "The posts' own correction")
        self.variance = PanelPlot(self.themes, "Variance along the principal axes")
        self.variance.setMinimumHeight(112)
        self.variance.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.variance_words = caption(name="How much variance the axes hold")
        self.code = CodeCard(self.themes, "Under the pointer", HINT)

    def _lay_out(self) -> None:
        head = row(self.zoom, self.colours, None, self.words)
        planes = row((self.twin_panes[0], 1), (self.second_pane, 1), spacing=16)
        plane = column(head, (planes, 1), self.legend, self.correction)
        side = column(
            title("Axes"), self.axes, self.beside, (self.variance, 1), self.variance_words, self.code
        )
        self.setLayout(row((card(plane), 1), side_column(side, SIDE), spacing=12))

    def use_space(self, space: OpenedLatentSpace | None) -> None:
        for pane in (self.own, self.other, self.second):
            pane.use_space(space)
        self.beside.use_space(space)
        self.axes.use(2 if space is None else space.components)
        self.colours.use_space(space)
        self.code.use_space(space)
        super().use_space(space)
        self._show_colours()

    def clear(self) -> None:
        self._variance = None
        self.variance.show_panel(Panel(()))
        self.variance_words.setText("")
        self.words.setText("")
        self.code.clear()

    def ask(self) -> None:
        self.own.show_plane(self.axes.plane, self._window)
        self._window = None
        self.tasks.deliver(self.latent.variance(), self._show_variance)

        self._show_second()

    def ask_twin(self) -> None:
        self.other.show_plane_of(self.own)

    def show_twin(self, mode: TwinMode, of: TwinOf = "codes") -> None:
        super().show_twin(mode, of)
        self._show_second()

    @Slot()
    def _show_second(self) -> None:
        """Show the second space where one is open, and the twin does not take its place."""
        now = self.beside.now
        is_shown = now is not None and self.twin == "off"
        self.second_pane.setVisible(is_shown)
        self.twin_panes[0].show_mode(self.twin)
        if now is not None and is_shown:
            self.twin_panes[0].name_codes()
            self.second_words.setText(f"{isolated(now.name)}, turned to the codes")
            self.second.show_plane_of(self.own, second=True)

    def _show_variance(self, variance: PrincipalAxes) -> None:
        self._variance = variance
        self.variance.show_panel(variance_panel(variance))
        notes = () if self.space is None else self.space.notes
        self.variance_words.setText(" ".join((variance_words(variance), *notes)))

    @Slot()
    def _show_plane(self) -> None:
        if self.space is None:
            return
        self.zoom.set_value("all")
        self.own.show_plane(self.axes.plane)
        self._show_second()
        if self.twin != "off":
            self.other.show_plane_of(self.own)

    @Slot(str)
    def _zoom(self, zoom: str) -> None:
        if zoom == "all":
            self.own.show_all()
        else:
            half = float(zoom)
            self.own.show_rect(QRectF(-half, -half, 2 * half, 2 * half))

    @Slot(bool)
    def _mark_zoom(self, whole: bool) -> None:
        """A hand has zoomed: none of the zooms that are offered is shown, or all codes are."""
        if whole:
            self.zoom.set_value("all")
        else:
            self.zoom.release()

    @Slot()
    def _show_colours(self) -> None:
        for pane in (self.own, self.second):
            pane.colour_labels(self._colours.kind != "one")
        self.legend.setVisible(self._colours.kind != "one")
        now, space = self._colours.now, self.space
        if now is not None:
            self.legend.show_labels(now.names, classes_of(now))
        else:
            self.legend.show_labels(() if space is None else space.label_names)

    @Slot(object, float)
    def _report_view(self, event: PlaneView, milliseconds: float) -> None:
        self.words.setText(self.own.sight)
        axes = "principal axes" if event.plane.axes == "principal" else "components"
        words = f"{axes} {event.plane.x} and {event.plane.y}, {counted(event.inside)} visible"
        self.answered.emit(milliseconds, words)
        self.guided.emit()

    def _show_code(self, whose: str, code: CodeView) -> None:
        if self.space is not None:
            self.code.show_code(code, self.space, whose)


def variance_words(shown: PrincipalAxes) -> str:
    """How many axes hold most of the variance, in words."""
    parts = [f"{100 * share:.0f} %: {shown.needed(share)}" for share in (0.5, 0.8, 0.95)]
    return f"Axes that hold {', '.join(parts)}. Effective number of axes: {shown.effective:.1f}."
