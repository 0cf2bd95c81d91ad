"""The first page of Operate: images moved along a path of labels, by both operators."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent, QUndoStack
from PySide6.QtWidgets import QLabel, QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.api import Engine
from lsd_studio.engine.figures.spec import PlotFigure
from lsd_studio.engine.operations.bundles import OpenedBundle
from lsd_studio.engine.operators.paths import QUARTER
from lsd_studio.engine.operators.results import EncodedImages, FollowedPath, ImagesOnPath
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.operate.figures import path_figures
from lsd_studio.ui.operate.label_path import LabelPath
from lsd_studio.ui.operate.path_controls import PathControls
from lsd_studio.ui.operate.path_editor import PathEditor
from lsd_studio.ui.operate.path_measurement import PathMeasurement
from lsd_studio.ui.operate.path_player import PathPlayer
from lsd_studio.ui.operate.path_questions import HANDLE, PathQuestions
from lsd_studio.ui.operate.path_views import ROTATION, TRANSPORT, PathViews
from lsd_studio.ui.operate.state import TEN, PathState, Snapshot
from lsd_studio.ui.shell.change import Change
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.layouts import card, column, tool_button
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.side_by_side import SideBySide
from lsd_studio.ui.widgets.timers import delay

REST = 60
"""Milliseconds after the last movement when the transport is asked too."""

MARK = 12
"""Milliseconds after an answer when the markers follow, so that the picture comes first."""

CALM = 300
"""Milliseconds after the last edit when the curves are asked for."""

FIRST_LABELS = 10
"""Labels on the path at first; the others are on the shelf."""

MOVE_HANDLE, CHANGE_STYLE = "move the handle", "change the style that is kept"
"""Steps of the history."""

LOADING = "The engine is loading. The labels appear here when it is ready."
NO_BUNDLE = "No bundle is open. Open one from the menu at the top left."
NO_IMAGES = "Loading test images…"
NO_CURRENT = "No current image: draw in Decompose, or choose test images."


class PathPage(QWidget):
    """The path editor, and beside it what both operators make of the images along the path.

    Attributes:
        state: the path, and the images on it.
        here: what the handle shows.

    Signals:
        answered: milliseconds that the engine took, and what is shown was computed from, in words.
        guided: what to do next has changed.
        subject_changed: other images are selected.
    """

    answered = Signal(float, str)
    guided = Signal()
    subject_changed = Signal()

    def __init__(
        self,
        engine: Engine,
        tasks: Tasks,
        themes: ThemeManager,
        selection: Selection,
        history: QUndoStack,
    ) -> None:
        super().__init__()
        self._selection, self._history = selection, history
        self._questions = PathQuestions(engine, tasks, self)
        self._questions.images_encoded.connect(self._use_images)
        self._questions.moved.connect(self._show_moved)
        self._questions.path_followed.connect(self._show_followed)
        self.state = PathState(LabelPath((0, 1)))
        self.here: ImagesOnPath | None = None
        self._names: tuple[str, ...] = ()
        self._shuffles = 0
        self._before: PathState | None = None
        self._rest = delay(self, REST, self._ask_beside)
        self._calm = delay(self, CALM, self._ask_curves)
        self._mark = delay(self, MARK, self._show_place)
        self._playing_since: PathState | None = None
        self.measurement = PathMeasurement(engine, tasks, themes)
        self._build(themes)
        self._lay_out()
        selection.bundle_changed.connect(self._use_bundle)
        selection.tests_changed.connect(self._use_tests)
        selection.image_changed.connect(self._use_current)
        self.editor.clear(LOADING)
        if selection.bundle is not None:
            self._use_bundle(selection.bundle)

    @property
    def is_up_to_date(self) -> bool:
        """Whether what the handle shows answers the last question."""
        asking = self._questions.is_encoding or self._questions.is_moving(HANDLE)
        return self.here is not None and not asking

    @property
    def followed(self) -> dict[str, FollowedPath]:
        """The curves shown, by operator: transport, rotation."""
        return self._questions.followed

    @property
    def next_step(self) -> str:
        if self._selection.bundle is None:
            return "Wait for the bundle, or open one."
        if self.here is None:
            return "Choose test images, or draw in Decompose and choose Current."
        if self._history.count() == 0:
            return "Drag the picture around the ring; drag labels to change the path."
        if not self.measurement.is_done:
            return "Measure the path on test images, or take a snapshot to compare."
        return "Try another order of labels, or keep less of the style."

    @property
    def images(self) -> np.ndarray | None:
        """The selected images as the networks see them, uint8 [N, H, W, C]; None while there are none."""
        if self.state.taken == "current":
            image = self._selection.image
            return None if image is None else image.picture[None]
        return None if self.encoded is None else self.encoded.pictures

    @property
    def has_images(self) -> bool:
        return self.images is not None

    @property
    def encoded(self) -> EncodedImages | None:
        """What the engine is to operate on, as it takes it: None is the current image."""
        return self._questions.encoded

    def show_state(self, state: PathState) -> None:
        """Show a state and ask the engine about it, without a step in the history."""
        before, self.state = self.state, state
        self._show_controls()
        self._mark.stop()
        if state.path != before.path:
            self.editor.show_path(state.path, state.position)
            if self.player.is_playing:
                self.player.play(state.path, state.position)
        else:
            self.editor.show_position(state.position)
        other_images = (state.taken, state.numbers) != (before.taken, before.numbers)
        if state.settings != before.settings:
            self._show_path()
        self._show_place()
        if other_images:
            self._forget_images()
        elif replace(state.settings, style=before.style) != before.settings:
            self._questions.forget_places(HANDLE, TRANSPORT)
        if other_images or (state.settings, state.step) != (before.settings, before.step):
            self._follow_later()
        self._ask()

    def snapshot(self, name: str) -> Snapshot | None:
        """What is shown now, to come back to; None while nothing is."""
        here, tests = self.here, self._selection.tests
        if here is None:
            return None
        data_set, sure = "" if tests is None else tests.name, here.probabilities.max(axis=1)
        return Snapshot(name, self.state, data_set, here.pictures, here.labels, sure, here.provenance)

    def figures(self) -> tuple[PlotFigure, ...]:
        """The path and what the handle shows, as figures for publication."""
        bundle = self._selection.bundle
        if bundle is None:
            return ()
        step = self.state.step
        source = f"{self.state.images_in_words} · {bundle.name} · Δθ = {step:g}°"
        return path_figures(self.here, self.followed, step, self._names, source, self.views.measured)

    def return_to(self, snapshot: Snapshot) -> None:
        """Come back to a snapshot, in one step of the history; where other test images are in use since, with those
        selected now.
        """
        bundle, tests, state = self._selection.bundle, self._selection.tests, snapshot.state
        if bundle is None:
            return
        is_the_same = tests is not None and tests.name == snapshot.data_set
        if not is_the_same or not state.fits(bundle.number_of_labels, len(tests.labels) if tests else 0):
            state = replace(state, numbers=self.state.numbers)
        self._change(state, f"restore {snapshot.name}")

    @Slot()
    def toggle_play(self) -> None:
        """Let the handle go along the path by itself, or stop it; the whole way is one step of the history."""
        if self.player.is_playing:
            self.player.stop()
            if self._playing_since is not None:
                self._push(self._playing_since, "play")
        elif self._selection.bundle is not None:
            self._playing_since = self.state
            self.player.play(self.state.path, self.state.position)
        self.controls.show_playing(self.player.is_playing)

    def showEvent(self, event: QShowEvent) -> None:
        """Let the keys go to the path."""
        self.editor.setFocus()

    def _build(self, themes: ThemeManager) -> None:
        self.editor = PathEditor(themes)
        self.editor.handle_moved.connect(self._drag)
        self.editor.handle_settled.connect(self._settle)
        self.editor.path_edited.connect(self._edit_path)
        self.editor.play_wanted.connect(self.toggle_play)
        self.editor.repainted.connect(self._show_latency)
        self.taken = Segments(
            "Images",
            ("one", "One", "Move one test image along the path"),
            ("ten", "Ten", "Move ten test images along the path, as in Figure 8"),
            ("current", "Current", "Move the current image of Decompose along the path"),
        )
        self.taken.chosen.connect(partial(self._choose, "taken", "choose other images"))
        self.shuffle = tool_button("Other images", "Choose other test images of the first label")
        self.shuffle.clicked.connect(self._shuffle)
        themed_icon(self.shuffle, "mdi6.dice-multiple-outline", themes)
        self.player = PathPlayer(QUARTER, self)
        self.player.moved.connect(self._go_to)
        self.controls = PathControls(themes)
        self.controls.style_slider.sliderPressed.connect(self._hold)
        self.controls.style_slider.sliderReleased.connect(partial(self._release, CHANGE_STYLE))
        self.controls.style_moved.connect(self._set_style)
        self.controls.step_chosen.connect(partial(self._choose, "step", "change the step"))
        self.controls.through.chosen.connect(partial(self._choose, "through", "change the stations"))
        self.controls.speed_chosen.connect(partial(setattr, self.player, "speed"))
        self.controls.snap.toggled.connect(partial(setattr, self.editor, "snapping"))
        self.controls.loop.clicked.connect(self._toggle_loop)
        self.controls.play.clicked.connect(self.toggle_play)
        self.latency = QLabel(self.editor)
        self.latency.setProperty("role", "caption")
        self.latency.setAccessibleName("From hand to picture")
        self.latency.setToolTip("From the movement of the hand to the picture on the screen")
        self.measurement.finished.connect(self.guided)
        self.views = PathViews(themes, self.measurement)
        for part in self.views.along:
            part.place_wanted.connect(self._scrub)
            part.place_settled.connect(partial(self._release, MOVE_HANDLE))
        self._questions.computing.connect(self.views.say)
        self.view = Segments(
            "Along the path",
            ("curves", "Curves", "C's probabilities along the path"),
            ("film", "Figure 8", "Every image at every step Δθ"),
        )
        self.view.set_value("curves")
        self.view.chosen.connect(self.show_along)

    def _lay_out(self) -> None:
        editing = card(column((self.editor, 1), self.controls))
        self.setLayout(column(SideBySide(editing, self.views, stretches=(17, 24), spacing=2 * GRID)))

    @Slot(float)
    def _drag(self, position: float) -> None:
        if self.player.is_playing:
            self.toggle_play()
        self._move(position)

    def _move(self, position: float) -> None:
        self.state = replace(self.state, position=position)
        self._ask()

    @Slot(float, float)
    def _settle(self, before: float, after: float) -> None:
        self._push(replace(self.state, position=before), MOVE_HANDLE)

    @Slot(object, str)
    def _edit_path(self, path: LabelPath, words: str) -> None:
        self._change(replace(self.state, path=path, position=path.within(self.state.position)), words)

    @Slot()
    def _hold(self) -> None:
        """A drag begins, if none is under way: all of it becomes one step of the history."""
        self._before = self._before or self.state

    def _release(self, words: str) -> None:
        before, self._before = self._before, None
        if before is not None:
            self._push(before, words)

    @Slot(float)
    def _scrub(self, place: float) -> None:
        self._hold()
        self._go_to(place)

    @Slot(float)
    def _go_to(self, place: float) -> None:
        self.editor.show_position(place)
        self._move(self.editor.position)

    @Slot()
    def _shuffle(self) -> None:
        self._shuffles += 1
        self._change(replace(self.state, numbers=self._some_numbers()), "choose other images")

    @Slot(float)
    def _set_style(self, style: float) -> None:
        before = self.state
        self.show_state(replace(before, style=style))
        if self._before is None:
            self._push(before, CHANGE_STYLE)

    def _choose(self, field: str, words: str, value: Any) -> None:
        self._change(replace(self.state, **{field: value}), words)

    @Slot()
    def _toggle_loop(self) -> None:
        self.editor.toggle_loop()
        self._show_controls()

    @Slot(str)
    def show_along(self, view: str) -> None:
        """Show along the path C's probabilities ("curves") or every image at every step ("film")."""
        self.view.set_value(view)
        self.views.show_film(alone=view == "film")

    def _change(self, state: PathState, words: str) -> None:
        before = self.state
        self.show_state(state)
        self._push(before, words)

    def _push(self, before: PathState, words: str) -> None:
        if before != self.state:
            self._history.push(Change(self.show_state, before, self.state, words))
            self.guided.emit()

    def _ask(self) -> None:
        """Ask for the pictures at the handle; images that are not encoded yet are encoded first."""
        state, tests = self.state, self._selection.tests
        if self._selection.bundle is None:
            return
        if self.has_images:
            self._questions.move(HANDLE, state.settings, state.position)
            self._rest.start()
        elif state.taken == "current":
            self._empty(NO_CURRENT)
        elif tests is None or not state.places:
            self._empty(NO_IMAGES)
        elif not self._questions.is_encoding:
            self._questions.encode(tests.images[list(state.places)])

    @Slot()
    def _use_images(self) -> None:
        self.subject_changed.emit()
        self._ask()
        if not self._calm.isActive():
            self._calm.start()

    def _forget_images(self) -> None:
        """Other images are selected."""
        self._questions.forget_images()
        self._questions.forget_places(HANDLE, TRANSPORT)
        if self.state.taken == "current":
            self.subject_changed.emit()

    @Slot()
    def _ask_beside(self) -> None:
        if self.editor.is_dragging:
            self._rest.start()
        elif self.has_images and not self._questions.is_moving(TRANSPORT):
            self._questions.move(TRANSPORT, self.state.beside[TRANSPORT], self.state.position)

    def _follow_later(self) -> None:
        for name in self._questions.forget_stale(self.state.beside, self.state.step):
            self.views.clear(name, "Computing path…")
            if name == ROTATION:
                self.editor.show_misread({})
        self._calm.start()

    @Slot()
    def _ask_curves(self) -> None:
        if self.has_images and self.window().isVisible():
            self._questions.follow(self.state.beside)

    @Slot(str, object, float)
    def _show_moved(self, pane: str, moved: ImagesOnPath, milliseconds: float) -> None:
        if pane == TRANSPORT:
            self.views.transport.show_here(moved)
            return
        self.here = moved
        if not self._mark.isActive():
            self._mark.start()
        self.editor.show_pictures(moved)
        self.views.rotation.show_here(moved)
        if self.player.is_playing:
            self._ask_beside()
        bundle = self._selection.bundle
        name = isolated(bundle.name) if bundle is not None else ""
        self.answered.emit(milliseconds, f"{self.state.images_in_words} · {name} · {moved.provenance}")

    @Slot(str, object)
    def _show_followed(self, name: str, followed: FollowedPath) -> None:
        self.views.show_followed(name, followed, self.state.step)
        if name == ROTATION:
            self.editor.show_misread(self._read_otherwise(followed))

    def _read_otherwise(self, followed: FollowedPath) -> dict[int, str]:
        """The stations at which C reads another label than theirs, and in words what it reads."""
        read_as = {}
        for place, at in enumerate(followed.stations[: len(self.state.path.labels)]):
            read = followed.probabilities[at].argmax(axis=-1)[followed.misread[at]].tolist()
            if read:
                images = followed.probabilities.shape[1]
                names = ", ".join(isolated(self._names[label]) for label in sorted(set(read)))
                read_as[place] = f"C reads {names}" + (f" in {len(read)} of {images}" if images > 1 else "")
        return read_as

    @Slot(object)
    def _use_bundle(self, bundle: OpenedBundle) -> None:
        self.here = None
        self._forget_images()
        self._rest.stop()
        self._calm.stop()
        self._names = bundle.label_names
        labels = bundle.number_of_labels
        self.editor.show_labels(list(bundle.vector_pictures[:labels]), bundle.label_names)
        self._history.clear()
        usual = bundle.usual_path
        path = LabelPath(tuple(range(min(labels, FIRST_LABELS))))
        self.state = PathState(path, style=usual.style, through=usual.through)
        self._show_controls()
        self.editor.show_path(self.state.path, 0.0)
        self._show_path()
        self._use_tests()

    @Slot()
    def _use_tests(self) -> None:
        """Take images of this test set along; places in the one before mean nothing in it, nor do steps to undo."""
        if self._selection.tests is None or self._selection.bundle is None:
            self._empty(NO_IMAGES)
            return
        self._history.clear()
        self.state = replace(self.state, numbers=self._some_numbers())
        self._forget_images()
        self._show_controls()
        self._show_place()
        self._follow_later()
        self._ask()

    @Slot()
    def _use_current(self) -> None:
        if self.state.taken == "current":
            self._forget_images()
            self._follow_later()
            self._ask()

    def _some_numbers(self) -> tuple[int, ...]:
        """Places in the test set of ten images of the path's first label, other ones after each shuffle."""
        tests = self._selection.tests
        assert tests is not None
        candidates = np.flatnonzero(tests.labels == self.state.path.labels[0])
        if len(candidates) == 0:
            candidates = np.arange(len(tests.labels))
        random = np.random.default_rng(self._shuffles)
        return tuple(int(number) for number in random.permutation(candidates)[:TEN])

    def _empty(self, hint: str) -> None:
        self.here = None
        self.editor.clear(hint)
        for name in (TRANSPORT, ROTATION):
            self.views.clear(name, "")

    def _show_controls(self) -> None:
        state = self.state
        self.taken.set_value(state.taken)
        self.shuffle.setEnabled(state.taken != "current" and self._selection.tests is not None)
        self.controls.show_state(state)
        self.editor.step_degrees = state.step

    def _show_path(self) -> None:
        bundle = self._selection.bundle
        assert bundle is not None
        self.views.show_path(self.state, self._names, bundle.data_set)

    def _show_place(self) -> None:
        self.views.show_place(self.state.path.first_round(self.state.position))

    @Slot(float)
    def _show_latency(self, milliseconds: float) -> None:
        self.latency.setText(f"{milliseconds:.0f} ms")
        self.latency.adjustSize()
