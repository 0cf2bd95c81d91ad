"""A plane of two axes of a latent space, shown by the engine window by window (R28)."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, Signal, Slot
from PySide6.QtGui import QShowEvent

from lsd_studio.engine.latent.colouring import Colouring
from lsd_studio.engine.latent.selection import How, SelectedPoints
from lsd_studio.engine.latent.statistics.planes import FEWEST_BINS, MOST_BINS, MOST_POINTS, Plane, Window
from lsd_studio.engine.latent.thumbnails import MOST_THUMBNAILS
from lsd_studio.engine.latent.views import PlacedCode, PlaneView
from lsd_studio.engine.operations.latent import LatentOperations, OpenedLatentSpace
from lsd_studio.engine.scheduler import Call
from lsd_studio.engine.spaces.conditions import Matches
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.latent.code_colours import CodeColours, classes_of
from lsd_studio.ui.latent.selection.code_filter import CodeFilter
from lsd_studio.ui.latent.selection.code_pictures import CodePictures
from lsd_studio.ui.latent.selection.selected_codes import SelectedCodes
from lsd_studio.ui.plots.outlined_plot import OutlinedPlot
from lsd_studio.ui.plots.point_cloud import FEW
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.label_colours import Classes
from lsd_studio.ui.widgets.number_formatting import counted
from lsd_studio.ui.widgets.timers import delay

CELL = 2
"""Pixels of a cell of the density image, each way."""

FRAME = 12
"""Milliseconds after the view has moved when the engine is asked for it."""


class PlanePane(OutlinedPlot):
    """Codes, or those of the twin, on a plane; whatever part of it is visible.

    Args:
        pane: its name: the latest view of each pane wins, and no two share one.
        selected: the codes that stand out, and colours: what codes are coloured by, where it shows codes.

    Attributes:
        shown: what is visible.

    Signals:
        seen: the PlaneView that is shown from now on, and the milliseconds that it took.
        found: the CodeView under the pointer.
    """

    seen = Signal(object, float)
    found = Signal(object)

    def __init__(
        self,
        latent: LatentOperations,
        tasks: Tasks,
        themes: ThemeManager,
        name: str,
        pane: str,
        *,
        twin: bool = False,
        selected: SelectedCodes | None = None,
        colours: CodeColours | None = None,
    ) -> None:
        super().__init__(themes, name)
        self._latent, self._tasks, self._pane, self._is_twin = latent, tasks, pane, twin
        self._plane: Plane | None = None
        self.shown: PlaneView | None = None
        self._fit_view = self._goes_along = False
        self._frame = delay(self, FRAME, self._ask_for_view)
        self.plotItem.vb.sigRangeChanged.connect(self._look_later)
        self.plotItem.vb.sigResized.connect(self._look_later)
        self.hovered.connect(self._hover)
        self._selected_codes = selected
        self._colours, self._labels = colours, 0
        self._filter: CodeFilter | None = None
        self._thumbnails = CodePictures(latent, tasks, pane)
        self._thumbnails.came.connect(self._show_thumbnails)
        self._has_thumbnails = False
        self._shown_colouring: Colouring | None = None
        self._shown_among: Matches | None = None
        if selected is not None:
            selected.changed.connect(self._ask_selected)
        if colours is not None:
            colours.changed.connect(self._look_later)

    @property
    def window_in_sight(self) -> Window:
        """Left, right, bottom and top of the view, in the units of the axes."""
        rect = self.plotItem.vb.viewRect()
        return rect.left(), rect.right(), rect.top(), rect.bottom()

    @property
    def sight(self) -> str:
        """How many codes are visible, and how they are painted."""
        if self.shown is None:
            return ""
        how = "as a density" if self.shown.inside > FEW else "each as a point"
        if self.shown.counted < self.shown.inside:
            how = f"as a density of {counted(self.shown.counted)} evenly drawn"
        if self._few(self.shown) is not None:
            how = "as pictures"
        matching = " matching" if self.shown.condition else ""
        return f"{counted(self.shown.inside)} of {counted(self.shown.count)}{matching} visible, {how}"

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with the colours and the condition that were chosen meanwhile."""
        super().showEvent(event)
        now = None if self._colours is None else self._colours.now
        if now is not self._shown_colouring or self._among is not self._shown_among:
            self._look_later()

    def use_space(self, space: OpenedLatentSpace | None) -> None:
        """Show other codes, or none."""
        self._plane, self.shown = None, None
        self.clear_codes()
        self._labels = 0 if space is None else len(space.label_names)
        self.use_labels(self._labels)
        self._thumbnails.forget()
        self._has_thumbnails = space is not None and space.has_pictures and self._filter is not None

    def draw_with(self, selected: SelectedCodes) -> None:
        """Let outlines that are drawn here select codes, a condition leave codes out, and few codes be pictures."""
        self._filter = selected.filter
        selected.filter.changed.connect(self._look_later)
        self.use_tool(selected.tool)
        selected.tool_changed.connect(self.use_tool)
        self.outlined.connect(self._outline_codes)
        self.escaped.connect(selected.clear)

    def show_plane(self, plane: Plane, window: Window | None = None) -> None:
        """Show another plane, all of it or a part."""
        self._leave_for(plane, fit_view=window is None)
        if window is not None:
            self.show_rect(_rect(window))
            self._frame.start()
            return
        self._ask_for(plane, None)

    def show_plane_of(self, other: PlanePane, *, second: bool = False) -> None:
        """Show the part of a plane that another pane shows, of the second space or the same."""
        plane = other._plane
        self._leave_for(None if plane is None else replace(plane, second=second), fit_view=False)
        self.look_as(other)
        self._frame.start()

    def _leave_for(self, plane: Plane | None, *, fit_view: bool) -> None:
        """Show another plane from now on; answers about the one before are not waited for."""
        self._tasks.cancel(self._pane)
        self._plane, self._fit_view = plane, fit_view
        self.mark(None)
        self._ask_selected()

    @property
    def _among(self) -> Matches | None:
        return None if self._filter is None else self._filter.now

    @Slot(object, str)
    def _outline_codes(self, outline: Any, how: How) -> None:
        if self._selected_codes is not None and self._plane is not None:
            self._selected_codes.outline(self._plane, outline, how)

    @Slot()
    def _ask_selected(self) -> None:
        key = f"selected, {self._pane}"
        self._tasks.cancel(key)
        self._show_thumbnails()
        self.show_none_selected()
        if self._selected_codes is not None and self._plane is not None:
            call = self._selected_codes.points(self._plane, self._pane)
            if call is not None:
                self._tasks.deliver(call, self._show_selected, key)

    def _show_selected(self, found: SelectedPoints) -> None:
        self.show_selected(found.points, found.groups)

    def _few(self, event: PlaneView) -> np.ndarray | None:
        """Indices of the visible codes, where these are so few that they are shown as pictures."""
        few = self._has_thumbnails and 0 < event.inside <= MOST_THUMBNAILS
        return event.indices if few else None

    @Slot()
    def _show_thumbnails(self) -> None:
        """Show the pictures that are known of the few codes that are visible, and fetch the others."""
        event, known = self.shown, self._thumbnails.known
        few = None if event is None else self._few(event)
        if event is None or few is None or event.points is None or event.labels is None:
            self.pictures.show_pictures(())
            return
        now = None if self._selected_codes is None else self._selected_codes.now
        groups = np.full(len(few), -1) if now is None else now.groups[few].astype(np.int64) - 1
        images = [known.get(index) for index in few.tolist()]
        self.show_pictures(event.points, event.labels, groups, images, _rect(event.window))
        self._thumbnails.want(few)

    def move_with(self, other: PlanePane) -> None:
        """Show the same part as another pane, wherever that is moved, as long as both show one plane."""
        other.plotItem.vb.sigRangeChanged.connect(partial(self._go_along, other))
        other.looked.connect(partial(self._hold_along, other))

    def _hold_along(self, other: PlanePane, *_: object) -> None:
        if self._shows_plane_of(other):
            self.hold_as(other)

    def _go_along(self, other: PlanePane, *_: object) -> None:
        if self._shows_plane_of(other) and not other._fit_view and self.isVisible() and not other._goes_along:
            self._goes_along = True
            self.look_as(other)
            self._goes_along = False

    def _shows_plane_of(self, other: PlanePane) -> bool:
        """Whether both show one plane, of whichever space."""
        one, two = self._plane, other._plane
        return one is not None and two is not None and replace(one, second=two.second) == two

    @Slot()
    def _look_later(self) -> None:
        if self._plane is not None and not self._fit_view and not self._frame.isActive():
            self._frame.start()

    @Slot()
    def _ask_for_view(self) -> None:
        if self._plane is not None and self.isVisible():
            self._ask_for(self._plane, self.window_in_sight)

    def _ask_for(self, plane: Plane, window: Window | None) -> None:
        colouring, among = None if self._colours is None else self._colours.now, self._among
        call = self._latent.plane(
            plane, window, MOST_POINTS, self._bins(), self._is_twin, self._pane, colouring, among
        )
        self._tasks.run(self._take_view(call, colouring, among), self._pane)

    def _bins(self) -> tuple[int, int]:
        box = self.plotItem.vb
        columns, rows = (
            min(max(round(edge / CELL), FEWEST_BINS), MOST_BINS) for edge in (box.width(), box.height())
        )
        return columns, rows

    @Slot(float, float)
    def _hover(self, x: float, y: float) -> None:
        if self._plane is None or self.shown is None:
            return
        if math.isnan(x):
            self.mark(None)
            return
        call = self._latent.point_at(
            self._plane, (x, y), self.reach(), self._is_twin, self._pane, self._among
        )
        self._tasks.deliver(call, self._show_found, self._pane)

    def _show_found(self, found: PlacedCode | None) -> None:
        self.mark(None if found is None else found.place)
        if found is not None:
            self.found.emit(found.code)

    async def _take_view(
        self, call: Call[Any, PlaneView], colouring: Colouring | None, among: Matches | None
    ) -> None:
        self.shown = event = await call
        self._shown_colouring, self._shown_among = colouring, among
        self.hold_classes(Classes(self._labels) if colouring is None else classes_of(colouring))
        extent = _rect(event.extent)
        self.name_axes(*event.axis_names)
        self.show_others(event.other_points)
        if event.points is not None and event.labels is not None:
            self.show_points(event.points, event.labels, extent)
        elif event.density is not None and event.majority is not None:
            window = _rect(event.window)
            cell = window.width() * window.height() / event.density.size
            self.show_density(event.density * cell, event.majority, window, extent)
        self._show_thumbnails()
        if self._fit_view:
            self._fit_view = False
            self.show_all()
        self.seen.emit(event, call.milliseconds)


def _rect(window: Window) -> QRectF:
    left, right, bottom, top = window
    return QRectF(left, bottom, right - left, top - bottom)
