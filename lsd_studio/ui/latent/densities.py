"""The Densities page: how the codes spread along every component, and over the distance from the origin (R25, R26)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QLabel

from lsd_studio.engine.figures.panels.latent import densities_panel, radii_panel
from lsd_studio.engine.figures.spec import Panel, ViewSettings
from lsd_studio.engine.latent.statistics.densities import AxisDensities
from lsd_studio.engine.latent.statistics.planes import Axes
from lsd_studio.engine.latent.statistics.radius import RadialDensity
from lsd_studio.engine.operations.latent import LatentOperations
from lsd_studio.engine.scheduler import Call
from lsd_studio.ui.app.theme import GRID, Theme, ThemeManager
from lsd_studio.ui.latent.component_curves import ComponentCurves
from lsd_studio.ui.latent.component_table import ComponentTable
from lsd_studio.ui.latent.page import LatentPage
from lsd_studio.ui.latent.selection.selected_codes import SelectedCodes
from lsd_studio.ui.latent.state import DensitiesState
from lsd_studio.ui.latent.twin import TwinPanes
from lsd_studio.ui.plots.plots import LEAST_PLOT, Plot
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.train.panels import curve_colours
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title
from lsd_studio.ui.widgets.number_boxes import number_box
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.side_by_side import SideBySide

DENSITIES = "counting codes along each axis"
"""Key of the tasks that fetch curves, and what is shown of them."""

GROUPS = "counting selected codes along each axis"
"""Key of the task that fetches those of selected codes."""

WIDTH, LEAST_WIDTH, LARGEST_WIDTH = 0.25, 0.01, 5.0
"""Of the intervals, in units of a component: the posts' own, and between what it can be chosen."""

RADIUS_WIDTHS = "0.5", "0.05"
"""The posts' two widths of the density against radius."""


class DensitiesPage(LatentPage):
    """Curves of all components above, density against radius below, and a table of the components beside them."""

    def __init__(
        self, latent: LatentOperations, tasks: Tasks, themes: ThemeManager, selected: SelectedCodes
    ) -> None:
        super().__init__(latent, tasks, themes)
        self._selected = selected
        selected.changed.connect(self._ask_groups)
        self._shown: dict[bool, AxisDensities] = {}
        self._radii: dict[bool, RadialDensity] = {}
        self._component = -1
        self._build()
        self._lay_out()

    @property
    def shown(self) -> AxisDensities | None:
        return self._shown.get(False)

    @property
    def radii(self) -> RadialDensity | None:
        """The density against radius of the codes that is shown."""
        return self._radii.get(False)

    @property
    def next_step(self) -> str:
        if self.shown is None:
            return "Computing densities…"
        if self.twin == "off":
            return "Point at a curve; switch the Gaussian twin on to see what chance makes of it."
        return "Compare the curves that stand out with the twin's."

    def panels(self) -> tuple[Panel, ...]:
        """Curves and radii of the codes, and of the twin where it is shown."""
        made: list[Panel] = []
        for twin, name in self.sides:
            if (shown := self._shown.get(twin)) is not None:
                named = [each.component for each in shown.outstanding]
                made.append(replace(densities_panel(shown, named), title=name))
            if (radii := self._radii.get(twin)) is not None:
                made.append(replace(radii_panel(radii), title=name))
        return tuple(made)

    @property
    def view_settings(self) -> ViewSettings:
        state = DensitiesState(
            axes=self.axes.value,
            width=self.width_of_intervals.value(),
            radius_width=self.radius_width.value,
            component=self._component,
        )
        return state.model_dump(mode="json")

    def show_view(self, settings: ViewSettings) -> None:
        """Count along the same axes in the same widths, and keep the same component in front."""
        state = DensitiesState.model_validate(settings)
        if state.axes is not None:
            self.axes.set_value(state.axes)
        if state.width is not None:
            with QSignalBlocker(self.width_of_intervals):
                self.width_of_intervals.setValue(state.width)
        if state.radius_width is not None:
            self.radius_width.set_value(state.radius_width)
        components = 0 if self.space is None else self.space.components
        if state.component is not None and -1 <= state.component < components:
            self._component = state.component
        self.ask_again()

    def _build(self) -> None:
        self.axes = Segments(
            "Axes",
            ("components", "Components", "The components z_k as the encoder gives them"),
            ("principal", "Principal axes", "Along the directions of falling variance"),
        )
        self.axes.set_value("components")
        self.axes.chosen.connect(self._ask_again)
        meaning = "Width of the intervals that codes are counted in; the posts take 0.25"
        self.width_of_intervals = number_box(
            "Width of the intervals", LEAST_WIDTH, LARGEST_WIDTH, WIDTH, meaning, decimals=2
        )
        self.width_of_intervals.setSingleStep(0.05)
        self.width_of_intervals.setKeyboardTracking(False)
        self.width_of_intervals.valueChanged.connect(self._ask_again)
        self.radius_width = Segments(
            "Width of the radius' intervals",
            *((width, width, f"Intervals of {width}, as in the posts") for width in RADIUS_WIDTHS),
        )
        self.radius_width.set_value("0.5")
        self.radius_width.chosen.connect(self._ask_radii_again)
        self.curves = {
            twin: ComponentCurves(self.themes, _name("Densities", twin), numbered=not twin)
            for twin in (False, True)
        }
        self.radius_plots = {twin: RadiusPlot(self.themes, _name("Radii", twin)) for twin in (False, True)}
        for curves in self.curves.values():
            curves.pointed.connect(self._point_at)
            curves.picked.connect(self.keep_component)
        for plot in (*self.curves.values(), *self.radius_plots.values()):
            plot.setMinimumHeight(LEAST_PLOT)
        self.twin_panes = TwinPanes(*self.curves.values()), TwinPanes(*self.radius_plots.values())
        self.words = caption(name="The component under the pointer")
        self.words.setMinimumHeight(2 * 2 * GRID)
        self.radius_words = caption(name="Summary of the radii")
        self.radius_words.setTextFormat(Qt.TextFormat.RichText)
        self.table = ComponentTable(self.themes)
        self.table.chosen.connect(self.keep_component)
        self.outstanding = caption(name="Components that stand out")
        self.themes.changed.connect(self._apply_theme)

    def _lay_out(self) -> None:
        curve_panes, radius_panes = self.twin_panes
        curves = column(
            SideBySide(
                row(title("Densities"), None),
                row(None, QLabel("width"), self.width_of_intervals, self.axes),
                stretches=(1, 0),
            ),
            self.words,
            (curve_panes, 1),
        )
        radii = column(
            SideBySide(
                row(title("Density against radius"), None),
                row(None, QLabel("width"), self.radius_width),
                stretches=(1, 0),
            ),
            self.radius_words,
            (radius_panes, 1),
        )
        plots = column((card(curves), 5), (card(radii), 4), spacing=12)
        side = card(column(title("Components"), self.outstanding, (self.table, 1)))
        self.setLayout(column((SideBySide(plots, side, stretches=(1, 0), spacing=12), 1)))

    def clear(self) -> None:
        self._shown, self._radii, self._component = {}, {}, -1
        for twin in (False, True):
            self.curves[twin].clear_densities()
            self.radius_plots[twin].clear_radii()
        self.table.clear()
        self.words.setText("")
        self.radius_words.setText("")
        self.outstanding.setText("")

    def ask(self) -> None:
        self._ask_curves(twin=False)
        self._ask_radii(twin=False)
        self._ask_groups()

    def ask_twin(self) -> None:
        self._ask_curves(twin=True)
        self._ask_radii(twin=True)

    def _ask_curves(self, *, twin: bool) -> None:
        axes: Axes = "principal" if self.axes.value == "principal" else "components"
        call = self.latent.densities(self.width_of_intervals.value(), axes, twin)
        self.tasks.run(self._take_curves(call, twin), DENSITIES)

    async def _take_curves(self, call: Call[Any, AxisDensities], twin: bool) -> None:
        self._shown[twin] = shown = await call
        self._show_curves()
        if not twin:
            self.table.show_densities(shown)
            self._show_outstanding(shown)
            self.answered.emit(call.milliseconds, f"densities at width {shown.curves.width:g}")
            self.guided.emit()
            self.keep_component(self._component)

    @Slot()
    def _ask_groups(self) -> None:
        """Ask for the densities of the selected codes, which are drawn for the component in front."""
        self.tasks.cancel(GROUPS)
        axes: Axes = "principal" if self.axes.value == "principal" else "components"
        call = self._selected.densities(self.width_of_intervals.value(), axes)
        if call is None:
            self.curves[False].show_groups((None, None))
        else:
            self.tasks.deliver(call, self.curves[False].show_groups, GROUPS)

    def _ask_radii(self, *, twin: bool) -> None:
        call = self.latent.radii(float(self.radius_width.value or "0.5"), twin)
        self.tasks.deliver(call, partial(self._take_radii, twin))

    def _take_radii(self, twin: bool, radii: RadialDensity) -> None:
        self._radii[twin] = radii
        self._show_radii()

    @Slot()
    def _ask_again(self) -> None:
        self._component = -1
        for twin, _ in self.sides:
            self._ask_curves(twin=twin)
        self._ask_groups()

    @Slot()
    def _ask_radii_again(self) -> None:
        for twin, _ in self.sides:
            self._ask_radii(twin=twin)

    def _show_curves(self) -> None:
        """Codes and twin on the same axes, so that one glance compares them."""
        curves = [shown.curves for shown in self._shown.values()]
        highest = max(float(each.density.max()) for each in curves)
        low = min(float(each.edges[0]) for each in curves)
        high = max(float(each.edges[-1]) for each in curves)
        own = self._shown.get(False)
        outstanding = () if own is None else tuple(each.component for each in own.outstanding)
        for twin, shown in self._shown.items():
            middles, density = shown.curves.middles, shown.curves.density
            self.curves[twin].show_densities(middles, density, outstanding, (low, high), highest)
            axis = "principal axis" if shown.axes == "principal" else "component"
            self.curves[twin].name_axes(f"value along the {axis} (units of z)", "density (1/z)")

    def _show_radii(self) -> None:
        highest = max(float(max(each.density.max(), each.chi.max())) for each in self._radii.values())
        far = max(each.largest for each in self._radii.values())
        for twin, shown in self._radii.items():
            self.radius_plots[twin].show_radii(shown, far, highest)
        self._apply_theme(self.themes.theme)

    def _show_outstanding(self, shown: AxisDensities) -> None:
        count = len(shown.outstanding)
        words = f"{count} stand out, listed first." if count else "No component stands out: all are alike."
        self.outstanding.setText(" ".join((words, *shown.notes)))

    @Slot(int)
    def _point_at(self, component: int) -> None:
        self._show_component(component if component >= 0 else self._component)

    @Slot(int)
    def keep_component(self, component: int) -> None:
        """Keep a component's curve in front, with its fit and its line in the table; −1 keeps none."""
        self._component = component
        self._show_component(component)
        self.curves[False].keep_room()
        with QSignalBlocker(self.table):
            self.table.choose(component)

    def _show_component(self, component: int) -> None:
        for twin, shown in self._shown.items():
            fit = shown.fitted(component) if component >= 0 else None
            self.curves[twin].show_component(component, fit)
        own = self._shown.get(False)
        if own is None:
            return
        if component < 0:
            self.words.setText(
                "Point at a curve to see its component, click to keep it; Ctrl and the wheel zoom."
            )
        else:
            self.words.setText(component_words(own, component))

    @Slot(object)
    def _apply_theme(self, theme: Theme) -> None:
        shown = self.radii
        if shown is None:
            return
        colours = curve_colours(theme)
        legend = (
            f'<span style="color:{theme.accent}">▬</span> measured &nbsp; '
            f'<span style="color:{colours[1]}">╌</span> χ of N(0, I) &nbsp; '
            f'<span style="color:{theme.muted}">┆</span> √M = {shown.root_of_m:.2f} &nbsp; '
        )
        self.radius_words.setText(
            f"{legend} peak at {shown.peak:.2f}, mean {shown.mean:.2f} ± {shown.sigma:.2f}; centres and widths "
            f"explain {shown.root_mean_square:.2f}; no code below {shown.least:.2f} or above {shown.largest:.2f}."
        )


class RadiusPlot(Plot):
    """Density of codes over their distance from the origin, with what N(0, I) has, and √M."""

    def __init__(self, themes: ThemeManager, name: str) -> None:
        self._measured = pg.PlotDataItem(stepMode="center")
        self._expected = pg.PlotCurveItem()
        self._root = pg.InfiniteLine(0.0, angle=90, movable=False)
        super().__init__(themes, "radius |z| (units of z)", "density (1/z)", name)
        self.setMouseEnabled(x=True, y=False)
        self.getPlotItem().getAxis("left").setWidth(52)
        for item in (self._measured, self._expected, self._root):
            self.addItem(item, ignoreBounds=True)
        self.hint = "Being measured."
        self.clear_radii()

    def show_radii(self, shown: RadialDensity, far: float, highest: float) -> None:
        """Show a density on axes up to a radius and a density."""
        self._measured.setData(shown.edges, shown.density)
        self._expected.setData((shown.edges[1:] + shown.edges[:-1]) / 2, shown.chi)
        self._root.setValue(shown.root_of_m)
        self._root.show()
        self.setXRange(0, 1.02 * max(far, shown.root_of_m), padding=0)
        self.setYRange(0, 1.06 * highest, padding=0)

    def clear_radii(self) -> None:
        self._measured.clear()
        self._expected.setData([], [])
        self._root.hide()

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        soft = theme.colour("accent")
        soft.setAlpha(46)
        self._measured.setPen(pg.mkPen(theme.colour("accent"), width=1.5))
        self._measured.setFillLevel(0.0)
        self._measured.setFillBrush(pg.mkBrush(soft))
        self._expected.setPen(pg.mkPen(curve_colours(theme)[1], width=2, style=Qt.PenStyle.DashLine))
        self._root.setPen(pg.mkPen(theme.colour("muted"), width=1.5, style=Qt.PenStyle.DotLine))


def component_words(shown: AxisDensities, component: int) -> str:
    """A component's centre, width and fit in words, and why it stands out where it does."""
    name = f"Principal axis {component}" if shown.axes == "principal" else f"Component {component}"
    if not np.isfinite(shown.center[component]) or shown.sigma[component] == 0:
        return f"{name} is constant: it has no curve."
    words = (
        f"{name}: centre {shown.center[component]:.2f}, σ {shown.sigma[component]:.2f}, "
        f"FWHM {shown.fwhm[component]:.2f}"
    )
    fits = shown.fits
    if np.isfinite(fits.sigma[component]):
        words += (
            f"; Gaussian fit (dashed) {fits.center[component]:.2f} ± {fits.center_error[component]:.2f}, "
            f"σ {fits.sigma[component]:.2f} ± {fits.sigma_error[component]:.2f}, "
            f"{100 * fits.error[component]:.1f} % of codes off it"
        )
    reason = next((each.reason for each in shown.outstanding if each.component == component), "")
    words = words.replace("-", "−")
    return f"{words}. It stands out: {reason}." if reason else f"{words}."


def _name(words: str, twin: bool) -> str:
    return f"{words} of the Gaussian twin" if twin else f"{words} of the codes"
