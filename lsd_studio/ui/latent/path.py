"""The Paths page: from one code to another, or between places on chosen axes, dragged and decoded at once (R32)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QLabel

from lsd_studio.engine.figures.panels.latent import path_panels
from lsd_studio.engine.figures.spec import Panel, ViewSettings
from lsd_studio.engine.latent.views import CodeView, FollowedPath, PathPlace, PlacedCode, PlaneView
from lsd_studio.engine.operations.latent import LatentOperations, OpenedLatentSpace
from lsd_studio.engine.scheduler import Call
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import GRID, Theme, ThemeManager
from lsd_studio.ui.latent.code_card import distance_words, show_decoded
from lsd_studio.ui.latent.page import LatentPage
from lsd_studio.ui.latent.path_end import PathEnd
from lsd_studio.ui.latent.plane_axes import PlaneAxes
from lsd_studio.ui.latent.plane_pane import PlanePane
from lsd_studio.ui.latent.plane_path import PlanePath
from lsd_studio.ui.latent.selection.selected_codes import SelectedCodes
from lsd_studio.ui.latent.state import PathsState
from lsd_studio.ui.operate.film_strip import FilmStrip
from lsd_studio.ui.operate.path_curves import MeasuresPlot, SharesPlot
from lsd_studio.ui.plots.cloud_plot import Overlay
from lsd_studio.ui.shell.change import Change
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.controls import slider
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title, tool_button
from lsd_studio.ui.widgets.number_boxes import whole_number_box
from lsd_studio.ui.widgets.picture_tile import PictureTile
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.side_by_side import SideBySide
from lsd_studio.ui.widgets.timers import delay

HANDLE, WHOLE = "handle of the path", "whole path"
ENDS = ("end A of the path", "end B of the path")
"""What is asked for: panes of the engine, and keys of the tasks that wait for it."""

ANYWHERE = 1e6
"""Reach of a search for the nearest code, wherever it is."""

CALM = 180
"""Milliseconds after the last change of an end when the whole path is decoded."""

BOX = 12 * GRID
"""Pixels of a code's number at the most, so that both have room below the plane."""

STEPS = 1000
"""Of the slider."""

PICTURES = 12


class PathsPage(LatentPage):
    """A plane with a path on it, and beside it what its handle, its ends and all of it decode to.

    Attributes:
        path: with its ends and its handle; here: what the handle shows; followed: the whole path as it is shown.
    """

    has_twin = False

    def __init__(
        self,
        latent: LatentOperations,
        tasks: Tasks,
        themes: ThemeManager,
        selected: SelectedCodes,
        history: QUndoStack,
    ) -> None:
        super().__init__(latent, tasks, themes)
        self._selected, self._history = selected, history
        self.path = PlanePath()
        self._before: PlanePath | None = None
        self.here: PathPlace | None = None
        self.followed: FollowedPath | None = None
        self._places_ends = self._keeps_path = False
        self._shuffles = 0
        self._calm = delay(self, CALM, self._follow)
        self._build()
        self._lay_out()
        themed_icon(self.shuffle, "mdi6.dice-multiple-outline", themes)
        themes.changed.connect(self._apply_theme)
        self._apply_theme(themes.theme)

    @property
    def next_step(self) -> str:
        if self.here is None:
            return "Computing path…"
        return "Drag the handle or the ends A and B, or move them with arrow keys."

    @property
    def view_settings(self) -> ViewSettings:
        return PathsState(plane=self.axes.plane, path=self.path).model_dump(mode="json")

    def show_view(self, settings: ViewSettings) -> None:
        """Go the same path on the same plane."""
        state = PathsState.model_validate(settings)
        plane, path = state.plane, state.path
        if plane is None or path is None or self.space is None:
            return
        if max(path.codes) >= self.space.count or not 0 <= path.position <= 1:
            return
        self.axes.choose(plane)
        self.path, self._keeps_path = path, True
        self.kind.set_value(path.kind)
        for box in self.numbers:
            box.setEnabled(path.kind == "codes")
        self.ask_again()

    def panels(self) -> tuple[Panel, ...]:
        if self.followed is None or self.space is None:
            return ()
        return path_panels(self.followed, self.space.labels_read, "From A to B")

    def _build(self) -> None:
        shared = self.latent, self.tasks, self.themes
        self.pane = PlanePane(*shared, "Plane of the path", "plane of the path", selected=self._selected)
        self.pane.seen.connect(self._seen)
        self._targets = [
            pg.TargetItem((0, 0), size=20, symbol="o", label=words, labelOpts={"offset": (8, -16)})
            for words in ("A", "B")
        ]
        self._handle = pg.TargetItem((0, 0), size=16, symbol="d")
        self._handle.setZValue(30)
        for end, target in enumerate(self._targets):
            target.sigPositionChanged.connect(partial(self._drag_end, end))
        self._handle.sigPositionChanged.connect(self._drag_handle)
        for target in (*self._targets, self._handle):
            target.setVisible(False)
            self.pane.addItem(target, ignoreBounds=True)
            target.sigPositionChangeFinished.connect(self._settle)
        self.kind = Segments(
            "Ends of the path",
            ("codes", "Codes", "From the code of one image to that of another"),
            (
                "places",
                "Places on the axes",
                "Between places on both axes, all else at the mean of the codes",
            ),
        )
        self.kind.set_value("codes")
        self.kind.chosen.connect(self._choose_kind)
        self.axes = PlaneAxes()
        self.axes.changed.connect(self.ask)
        self.shuffle = tool_button("Other ends", "Take other codes, or places, at random")
        self.shuffle.clicked.connect(self._shuffle)
        self.end_keys = [PathEnd(letter) for letter in "AB"]
        for end, keys in enumerate(self.end_keys):
            keys.held.connect(self._targets[end].setMouseHover)
            keys.moved.connect(partial(self._step_end, end))
            keys.settled.connect(self._settle)
        self.numbers = [
            whole_number_box(
                f"Code at end {end}",
                0,
                0,
                0,
                f"Number of the code at end {end}; or move {end} over the plane",
            )
            for end in "AB"
        ]
        for end, box in enumerate(self.numbers):
            box.setPrefix("code ")
            box.setMaximumWidth(BOX)
            box.setKeyboardTracking(False)
            box.valueChanged.connect(partial(self._go_to_code, end))
        self.slider = slider("Place on the path", "", 0, STEPS)
        self.slider.setPageStep(STEPS // PICTURES)
        self.slider.setSingleStep(STEPS // 100)
        self.slider.valueChanged.connect(self._slide)
        self.slider.sliderReleased.connect(self._settle)
        self.middle = PictureTile(self.themes, "")
        self.middle.marked = True
        self.middle.setMinimumSize(96, 116)
        self.tiles = [PictureTile(self.themes, words) for words in "AB"]
        for tile in self.tiles:
            tile.setMinimumSize(64, 98)
        self.words = caption(name="Where the handle is")
        self.words.setMinimumHeight(4 * GRID)
        self.film = FilmStrip(self.themes, "Pictures along the path")
        self.film.setMinimumHeight(44)
        self.shares = SharesPlot(self.themes, "C's probabilities along the path")
        self.distances = MeasuresPlot(
            self.themes,
            "Mahalanobis distance",
            "Mahalanobis distance along the path",
            (("place on the path", "accent"), ("99 % of the codes are below", "muted")),
        )
        self.distances.getAxis("left").setTickSpacing()
        for plot, bottom, left in (
            (self.shares, "", "C's probability"),
            (self.distances, "share of the way from A to B; grey: 99 % of codes", "distance"),
        ):
            plot.name_axes(bottom, left)
            plot.getAxis("bottom").showLabel(bool(bottom))
            plot.setXRange(0.0, 1.0, padding=0.002)
            plot.setMinimumHeight(52)
        for part in (self.film, self.shares, self.distances):
            part.place_wanted.connect(self._want)
            part.place_settled.connect(self._settle)

    def _lay_out(self) -> None:
        ends = self.end_keys[0], self.numbers[0], self.end_keys[1], self.numbers[1]
        plane = column(
            row(title("Path"), None, self.kind, self.shuffle),
            (self.pane, 1),
            SideBySide(self.axes, row(None, *ends), stretches=(1, 0)),
        )
        along = column(
            (row((self.tiles[0], 3), (self.middle, 5), (self.tiles[1], 3)), 5),
            self.words,
            row(QLabel("A"), self.slider, QLabel("B")),
            (self.film, 2),
            (self.shares, 3),
            (self.distances, 3),
        )
        self.setLayout(row((card(plane), 6), (card(along), 5), spacing=12))

    def use_space(self, space: OpenedLatentSpace | None) -> None:
        self.pane.use_space(space)
        self.axes.use(2 if space is None else space.components)
        for box in self.numbers:
            with QSignalBlocker(box):
                box.setMaximum(0 if space is None else space.count - 1)
        super().use_space(space)

    def clear(self) -> None:
        self.path, self.here, self.followed, self._before = PlanePath(), None, None, None
        self._keeps_path = False
        self.kind.set_value("codes")
        for target in (*self._targets, self._handle):
            target.setVisible(False)
        for tile, words in zip((*self.tiles, self.middle), ("A", "B", ""), strict=True):
            tile.clear(words)
        self.film.clear()
        self.shares.clear_shares()
        for which in range(2):
            self.distances.clear_curve(which)
        self.words.setText("")

    @Slot()
    def ask(self) -> None:
        if self.space is not None:
            self._places_ends = True
            self.pane.show_plane(self.axes.plane)

    @Slot(object, float)
    def _seen(self, event: PlaneView, milliseconds: float) -> None:
        """Place the ends on a plane that has just come into sight."""
        if not self._places_ends:
            return
        self._places_ends = False
        left, right, bottom, top = event.extent
        middle = (bottom + top) / 2
        spread = (left + 0.2 * (right - left), middle), (left + 0.8 * (right - left), middle)
        if self.path.kind == "codes" and self.path.is_known:
            self._go_to_codes()
            return
        if not self._keeps_path:
            self.path = replace(self.path, places=spread, codes=(-1, -1))
        self._keeps_path = False
        self._apply_places()

    def _apply_places(self) -> None:
        """Have codes found at the ends, or places decoded there, whatever was asked for before."""
        for end in (0, 1):
            self.tasks.cancel(ENDS[end])
            self._ask_end(end)
        self._show_path()

    def _ask_end(self, end: int) -> None:
        plane, place = self.axes.plane, self.path.places[end]
        if self.path.kind == "codes":
            found = self.latent.point_at(plane, place, (ANYWHERE, ANYWHERE), pane=ENDS[end])
            self.tasks.run(self._take_end(end, found, by_hand=True), ENDS[end])
        else:
            there = self.latent.path_place((self.path.station(end, plane),), pane=ENDS[end])
            self.tasks.deliver(there, lambda shown: self._show_end(end, shown.code), ENDS[end])
            self._ask_path()

    def _go_to_code(self, end: int, code: int) -> None:
        """Put an end where a code is."""
        found = self.latent.code_on_plane(code, self.axes.plane, pane=ENDS[end])
        self.tasks.run(self._take_end(end, found), ENDS[end])

    def _go_to_codes(self) -> None:
        for end, code in enumerate(self.path.codes):
            self.tasks.cancel(ENDS[end])
            self._go_to_code(end, code)

    async def _take_end(
        self, end: int, call: Call[Any, PlacedCode | None] | Call[Any, PlacedCode], *, by_hand: bool = False
    ) -> None:
        """A code was found at an end; while that end is dragged, it stays under the hand."""
        found = await call
        if found is None or found.code.index is None:
            return
        is_held = by_hand and (self._targets[end].moving or self.end_keys[end].is_moving)
        place = self.path.places[end] if is_held else found.place
        self.path = self.path.with_place(end, place, found.code.index)
        self._show_end(end, found.code)
        with QSignalBlocker(self.numbers[end]):
            self.numbers[end].setValue(found.code.index)
        self._show_path()
        self._ask_path()

    def _ask_path(self) -> None:
        """Ask for what is at the handle, and a moment later for the whole path."""
        self._ask_handle()
        self._calm.start()

    def _ask_handle(self) -> None:
        if self.path.is_known:
            stations = self.path.stations(self.axes.plane)
            place = self.latent.path_place(stations, self.path.position, pane=HANDLE)
            self.tasks.run(self._take_handle(place), HANDLE)

    @Slot()
    def _follow(self) -> None:
        if self.path.is_known and self.space is not None and self.window().isVisible():
            call = self.latent.follow_path(self.path.stations(self.axes.plane), PICTURES)
            self.tasks.deliver(call, self._show_followed, WHOLE)

    def _drag_end(self, end: int, target: pg.TargetItem) -> None:
        self._move_end(end, (target.pos().x(), target.pos().y()))

    def _step_end(self, end: int, right: float, up: float) -> None:
        """Move an end by shares of the visible part."""
        (x, y), view = self.path.places[end], self.pane.plotItem.vb.viewRect()
        self._move_end(end, (x + right * view.width(), y + up * view.height()))

    def _move_end(self, end: int, place: tuple[float, float]) -> None:
        self._remember()
        self.path = self.path.with_place(end, place, self.path.codes[end])
        self._show_path()
        self._ask_end(end)

    @Slot()
    def _drag_handle(self) -> None:
        """Put the handle at the place of the path that is nearest to the pointer."""
        self._remember()
        start, end = (np.array(place) for place in self.path.places)
        way, place = end - start, self._handle.pos()
        length = float(way @ way)
        share = float(way @ (np.array((place.x(), place.y())) - start)) / length if length else 0.0
        self._move(min(max(share, 0.0), 1.0))

    @Slot(int)
    def _slide(self, value: int) -> None:
        self._remember()
        self._move(value / STEPS)
        if not self.slider.isSliderDown():
            self._settle()

    @Slot(float)
    def _want(self, position: float) -> None:
        self._remember()
        self._move(position)

    def _move(self, position: float) -> None:
        self.path = replace(self.path, position=position)
        self._show_path()
        self._ask_handle()

    @Slot()
    def _settle(self) -> None:
        """A drag is over: it is one step of the history, and an end goes to its code."""
        before, self._before = self._before, None
        if before is None or before == self.path:
            return
        for end in (0, 1):
            moved = before.places[end] != self.path.places[end]
            if moved and self.path.kind == "codes" and self.path.codes[end] >= 0:
                self._go_to_code(end, self.path.codes[end])
        stayed = before.places == self.path.places
        words = "move along the path" if stayed else "move an end of the path"
        self._history.push(Change(self._return_to, before, self.path, words))

    def _remember(self) -> None:
        if self._before is None:
            self._before = self.path

    def _return_to(self, path: PlanePath) -> None:
        """Come back to a path of the history."""
        self.path = path
        self.kind.set_value(path.kind)
        if path.kind == "codes" and path.is_known:
            self._go_to_codes()
        else:
            self._apply_places()
        self._show_path()

    @Slot(str)
    def _choose_kind(self, kind: str) -> None:
        self._remember()
        self.path = replace(self.path, kind="places" if kind == "places" else "codes", codes=(-1, -1))
        for box in self.numbers:
            box.setEnabled(kind == "codes")
        self._apply_places()

    @Slot()
    def _shuffle(self) -> None:
        """Take ends anywhere in the middle of the codes, other ones each time."""
        if self.pane.shown is None:
            return
        self._shuffles += 1
        left, right, bottom, top = self.pane.shown.extent
        random = np.random.default_rng(self._shuffles).uniform(0.25, 0.75, 4)
        x, y = left + random[:2] * (right - left), bottom + random[2:] * (top - bottom)
        places = (float(x[0]), float(y[0])), (float(x[1]), float(y[1]))
        self.path = replace(self.path, places=places, codes=(-1, -1))
        self._apply_places()

    def _show_path(self) -> None:
        ends = self.path.places
        for target, place in zip((*self._targets, self._handle), (*ends, self.path.handle), strict=True):
            with QSignalBlocker(target):
                target.setPos(*place)
            target.setVisible(True)
        self.pane.show_overlays((Overlay(np.array(ends), "accent", 2.0),))
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(STEPS * self.path.position))
        for part in (self.film, self.shares, self.distances):
            part.show_place(self.path.position)

    def _show_end(self, end: int, code: CodeView) -> None:
        assert self.space is not None
        whose = "AB"[end] if code.index is None else f"{'AB'[end]}: code {code.index}"
        show_decoded(self.tiles[end], code, self.space.labels_read, whose)
        what = "a place on the axes" if code.index is None else f"code {code.index}"
        self.end_keys[end].describe(self.path.places[end], what)

    async def _take_handle(self, call: Call[Any, PathPlace]) -> None:
        here = await call
        if self.space is None:
            return
        self.here, way = here, f"{100 * here.position:.0f} % of the way"
        show_decoded(self.middle, here.code, self.space.labels_read, way)
        self.words.setText(
            f"{here.name}: {distance_words(here.code)} Nearest is code {here.nearest}, "
            f"{here.nearest_distance:.2f} away."
        )
        self.answered.emit(call.milliseconds, here.name)
        self.guided.emit()

    def _show_followed(self, event: FollowedPath) -> None:
        self.followed = event
        self.film.show_pictures(event.positions, event.pictures[:, None])
        if event.probabilities is not None:
            self.shares.show_shares(event.positions, event.probabilities)
        self.shares.setVisible(event.probabilities is not None)
        self.distances.show_curve(0, event.positions, event.mahalanobis)
        self.distances.show_curve(1, event.positions, np.full(len(event.positions), event.boundary))

    @Slot(object)
    def _apply_theme(self, theme: Theme) -> None:
        accent, surface = theme.colour("accent"), theme.colour("surface")
        ends = [(target, accent, surface, theme.colour("raised")) for target in self._targets]
        for target, edge, inside, under in (*ends, (self._handle, surface, accent, accent)):
            target.setPen(pg.mkPen(edge, width=2))
            target.setBrush(pg.mkBrush(inside))
            target.setHoverPen(pg.mkPen(theme.colour("text"), width=2))
            target.setHoverBrush(pg.mkBrush(under))
        for target in self._targets:
            target.label().setColor(theme.text)
