"""The path editor: labels on a ring, a path through them, and a handle that carries the decoded picture along it."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.operators.paths import QUARTER
from lsd_studio.engine.operators.results import ImagesOnPath
from lsd_studio.percentages import percent
from lsd_studio.ui.app.theme import BODY, Theme, ThemeManager, font
from lsd_studio.ui.operate.anchor_easing import AnchorEasing
from lsd_studio.ui.operate.editor_layout import EditorLayout, Hold, Part
from lsd_studio.ui.operate.label_path import LabelPath
from lsd_studio.ui.operate.path_painting import (
    middle_squares,
    paint_advice,
    paint_anchor,
    paint_handle,
    paint_hint,
    paint_path,
    paint_pictures,
    paint_tag,
    paint_warning,
    paint_words,
)
from lsd_studio.ui.operate.ring import Ring
from lsd_studio.ui.widgets.pictures import picture_image

FINE = 0.1
"""How much of a movement a fine drag (Shift held) makes."""

SNAP = 5 / QUARTER
"""Legs around an anchor within which a snapping handle stands on it."""


ARROWS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1}


class PathEditor(QWidget):
    """A ring of labels that is edited by dragging, and a handle on it.

    Dragging an anchor round the ring reorders the path, dragging it away takes it out; a label from the shelf below is
    dragged onto the ring, or clicked to be visited last. A click on the dashed gap closes the path. The handle follows
    the pointer, at a tenth of its speed while Shift is held.

    Attributes:
        path: the path shown; position: where the handle is on it, in legs.
        shown: what the handle shows.

    Signals:
        handle_moved: the handle is at another place, in legs; emitted while it is dragged.
        handle_settled: a drag or a step of the keyboard is over: place before and after it, in legs.
        path_edited: another path (a `LabelPath`) is wanted, and in words what was done to it.
        play_wanted: Space was pressed.
        repainted: milliseconds from the last movement of the handle to the end of the repaint with its pictures.
    """

    handle_moved = Signal(float)
    handle_settled = Signal(float, float)
    path_edited = Signal(object, str)
    play_wanted = Signal()
    repainted = Signal(float)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.path = self._candidate = LabelPath((0, 1))
        self.position = self._raw = self._before = 0.0
        self._images: list[QImage] = []
        self._names: tuple[str, ...] = ()
        self._misread: dict[int, str] = {}
        self.shown: ImagesOnPath | None = None
        self._decoded: list[QImage] = []
        self._hover: Hold | None = None
        self._held: Hold | None = None
        self._dragging = False
        self._pointer = QPointF()
        self._moved_at: float | None = None
        self._answered = False
        self._scene: QPixmap | None = None
        self._easing = AnchorEasing(self)
        self._easing.moved.connect(self._forget_scene)
        self.step_degrees = 30.0
        self.snapping = True
        self.hint = ""
        self.setMouseTracking(True)
        self.setMinimumSize(320, 384)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Path editor")
        themes.changed.connect(self._forget_scene)

    @property
    def is_dragging(self) -> bool:
        """Whether the handle, an anchor or a label is held."""
        return self._held is not None

    def show_labels(self, pictures: Sequence[np.ndarray], names: tuple[str, ...]) -> None:
        """Offer these labels, each with its decoded vector as uint8 [H, W, C]."""
        self._images = [picture_image(picture) for picture in pictures]
        self._names = names
        self.shown, self._decoded = None, []
        self._forget_scene()

    def show_path(self, path: LabelPath, position: float) -> None:
        """Show a path and put the handle on it, without a signal."""
        if path != self.path:
            self._misread = {}
        self.path = self._candidate = path
        self._raw = self.position = path.within(position)
        self._make_way()

    def show_position(self, position: float) -> None:
        """Put the handle elsewhere, without a signal."""
        self._raw = position
        self._place_handle(self.path.within(position))

    def show_pictures(self, shown: ImagesOnPath) -> None:
        """Show what the images look like where the handle is."""
        self.shown = shown
        self._decoded = [picture_image(picture) for picture in shown.pictures]
        self._answered = True
        self._describe()
        self.update(self.places.handle_room(self.position))
        self.update(self.places.middle_room)

    def show_misread(self, misread: Mapping[int, str]) -> None:
        """Mark the anchors at which C reads another label than theirs: their places on the path, and what it reads."""
        self._misread = dict(misread)
        self._forget_scene()

    def clear(self, hint: str) -> None:
        """Show no picture on the handle, and say what to do."""
        self.shown, self._decoded, self.hint = None, [], hint
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(456, 520)

    @property
    def places(self) -> EditorLayout:
        size, stops = self.size(), len(self._candidate.labels)
        return EditorLayout(size.width(), size.height(), self.path, stops, len(self._images))

    def _hold_at(self, point: QPointF) -> Hold | None:
        return self.places.hold_at(point, self.position) if self._images else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._held, self._pointer = self._hold_at(event.position()), event.position()
        self._before, self._dragging = self.position, False
        if self._held is None:
            return
        if self._held.part is Part.LINE:
            self._raw = self._nearest_round(self._held.position)
            self._settle_handle()
        elif self._held.part is Part.HANDLE:
            self._raw = self.position
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if self._held is None:
            self._show_hover(self._hold_at(point))
        elif self._held.part in (Part.HANDLE, Part.LINE):
            fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._drag_handle(point, FINE if fine else 1.0)
        elif self._held.part in (Part.ANCHOR, Part.SHELF):
            far = (point - self._pointer).manhattanLength() >= QApplication.startDragDistance()
            if self._dragging or far:
                self._dragging = True
                self._drag_label(point)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        held = self._held
        if held is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._held = None
        if held.part in (Part.HANDLE, Part.LINE):
            self.handle_settled.emit(self._before, self.position)
        elif self._dragging:
            self._drop_label(held)
        elif held.part is Part.ANCHOR:
            self.go_to(self._nearest_round(float(held.which)))
        elif held.part is Part.SHELF:
            self._edit(self.path.inserted(len(self.path.labels), held.which), "add a label")
        elif held.part is Part.GAP:
            self.toggle_loop()
        self._dragging = False
        self._show_hover(self._hold_at(event.position()))
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._show_hover(None)

    def _drag_handle(self, point: QPointF, speed: float) -> None:
        self._raw += speed * self.places.ring.turned(self._pointer, point)
        self._pointer = point
        if not self.path.closed:
            margin = 0.5
            self._raw = min(max(self._raw, -margin), self.path.legs + margin)
        self._settle_handle()

    def _nearest_round(self, position: float) -> float:
        """The same place in the round that is the least way from the handle."""
        if not self.path.closed:
            return position
        return position + self.path.legs * round((self.position - position) / self.path.legs)

    def _settle_handle(self) -> None:
        position = self.path.within(self._raw)
        anchor = float(round(position))
        if self.snapping and abs(position - anchor) < SNAP:
            position = anchor
        self._move_handle(position)

    def _drag_label(self, point: QPointF) -> None:
        assert self._held is not None
        self._pointer = point
        self._candidate = self.places.dragged_to(self._held, point)
        self._make_way()

    def _drop_label(self, held: Hold) -> None:
        candidate, self._candidate = self._candidate, self.path
        if held.part is Part.SHELF:
            words = "insert a label"
        else:
            stays = len(candidate.labels) == len(self.path.labels)
            words = "reorder the path" if stays else "remove a label"
        self._edit(candidate, words)
        self._make_way()

    def _edit(self, path: LabelPath, words: str) -> None:
        if path != self.path and path.is_walkable:
            self.path_edited.emit(path, words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step by Δθ, from anchor to anchor, or edit the path around the handle."""
        keys = event.modifiers()
        fine = FINE if keys & Qt.KeyboardModifier.ShiftModifier else 1.0
        by = ARROWS.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape and self._held is not None:
            self._give_up()
        elif by is not None and keys & Qt.KeyboardModifier.AltModifier:
            self.shift_anchor(by)
        elif by is not None and keys & Qt.KeyboardModifier.ControlModifier:
            at = self.position
            self.go_to(math.floor(at + 1e-9) + 1 if by > 0 else math.ceil(at - 1e-9) - 1)
        elif by is not None:
            self.go_to(self.position + by * fine * self.step_degrees / QUARTER)
        elif event.key() == Qt.Key.Key_Home:
            self.go_to(0.0)
        elif event.key() == Qt.Key.Key_End:
            self.go_to(float(self.path.legs))
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_anchor()
        elif event.key() == Qt.Key.Key_L:
            self.toggle_loop()
        elif event.key() == Qt.Key.Key_Space:
            self.play_wanted.emit()
        elif event.text() and event.text() in self._names:
            self.insert_label(self._names.index(event.text()))
        else:
            super().keyPressEvent(event)

    def go_to(self, position: float) -> None:
        """Move the handle to a place, in one step of the history."""
        before = self.position
        self._raw = position
        self._move_handle(self.path.within(position))
        if self.position != before:
            self.handle_settled.emit(before, self.position)

    def shift_anchor(self, by: int) -> None:
        """Take the anchor nearest to the handle one place further."""
        place = self._nearest_anchor()
        if 0 <= place + by < len(self.path.labels):
            self._edit(self.path.moved(place, place + by), "reorder the path")

    def remove_anchor(self) -> None:
        """Take the anchor nearest to the handle out of the path."""
        if len(self.path.labels) > 2:
            self._edit(self.path.removed(self._nearest_anchor()), "remove a label")

    def _nearest_anchor(self) -> int:
        return round(self.position) % len(self.path.labels)

    def insert_label(self, label: int) -> None:
        """Visit a label after the anchor before the handle."""
        place = int(self.path.first_round(self.position)) + 1
        self._edit(self.path.inserted(place, label), "insert a label")

    @Slot()
    def toggle_loop(self) -> None:
        toggled = self.path.toggled()
        self._edit(toggled, "close the loop" if toggled.closed else "open the loop")

    def _give_up(self) -> None:
        held, self._held = self._held, None
        self._candidate, self._dragging = self.path, False
        if held is not None and held.part in (Part.HANDLE, Part.LINE):
            self._move_handle(self._before)
        self._make_way()

    def _move_handle(self, position: float) -> None:
        if position != self.position:
            self._moved_at = time.perf_counter()
            self._place_handle(position)
            self.handle_moved.emit(position)

    def _place_handle(self, position: float) -> None:
        self.update(self.places.handle_room(self.position))
        self.position = position
        self.update(self.places.handle_room(self.position))

    def _make_way(self) -> None:
        """Let the anchors go to their places on the candidate path."""
        self._easing.go_to(self._candidate.labels)
        self._forget_scene()

    def _show_hover(self, hold: Hold | None) -> None:
        if hold == self._hover:
            return
        self._hover = hold
        if hold is None:
            self.setCursor(Qt.CursorShape.ArrowCursor)
        elif hold.part is Part.GAP:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        self._forget_scene()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._scene = None

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._themes.theme
        if self._scene is None:
            self._scene = self._paint_scene(theme)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._scene)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._images:
            return
        ring = self.places.ring
        if event.region().intersects(self.places.middle_room):
            self._paint_middle(painter, theme, ring)
        if not self._dragging:
            self._paint_handle(painter, theme, ring)
        else:
            self._paint_dragged(painter, theme, ring)
        painter.end()
        if self.shown is not None and self._moved_at is not None and self._answered:
            milliseconds = 1000 * (time.perf_counter() - self._moved_at)
            self._moved_at, self._answered = None, False
            self.repainted.emit(milliseconds)

    def _paint_scene(self, theme: Theme) -> QPixmap:
        ratio = self.devicePixelRatioF()
        scene = QPixmap(self.size() * ratio)
        scene.setDevicePixelRatio(ratio)
        scene.fill(theme.colour("surface"))
        painter = QPainter(scene)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._images:
            painter.setPen(theme.colour("muted"))
            painter.setFont(font(BODY))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(self.rect()).adjusted(48, 0, -48, 0), flags, self.hint)
            return scene
        ring, path = self.places.ring, self._candidate
        paint_path(
            painter,
            theme,
            ring,
            path.labels,
            self._easing.places,
            closed=path.closed,
            step=self.step_degrees / QUARTER,
            lit=self._hover is not None and self._hover.part is Part.GAP,
        )
        for place, (label, turn) in enumerate(zip(path.labels, self._easing.places, strict=True)):
            lit = self._hover == Hold(Part.ANCHOR, place, float(place)) and self._held is None
            at = turn * ring.stops
            paint_anchor(painter, theme, self._images[label], ring.square(at, ring.anchor), label, lit=lit)
            paint_tag(painter, ring.tag(at), label, self._names[label])
            if path == self.path and place in self._misread:
                paint_warning(painter, theme, ring.tag(at))
        self._paint_shelf(painter, theme)
        return scene

    def _paint_shelf(self, painter: QPainter, theme: Theme) -> None:
        places = self.places
        paint_advice(painter, theme, self.height() - places.shelf_height, self.width(), self._advice())
        for label, image in enumerate(self._images):
            lit = self._hover == Hold(Part.SHELF, label)
            paint_anchor(painter, theme, image, places.shelf_square(label), label, lit=lit)

    def _advice(self) -> str:
        match self._hover:
            case Hold(Part.SHELF, label):
                return f"Drag {isolated(self._names[label])} onto the ring, or click to append it"
            case Hold(Part.ANCHOR, place) if place in self._misread:
                return f"{isolated(self._names[self.path.labels[place]])}: {self._misread[place]}"
            case Hold(Part.ANCHOR, place):
                name = isolated(self._names[self.path.labels[place]])
                return f"Drag {name} around the ring to reorder, off the ring to remove it"
            case Hold(Part.GAP):
                return "Click to close the path into a loop"
            case Hold(Part.HANDLE):
                return "Drag the picture along the path; hold Shift for a tenth of the speed"
            case _:
                return "Drag labels onto the ring"

    def _paint_middle(self, painter: QPainter, theme: Theme, ring: Ring) -> None:
        if self.shown is None:
            paint_hint(painter, theme, ring, self.hint)
            return
        first, second, degrees = self.path.leg_at(self.position)
        words = f"{{}} → {{}}   {degrees:.0f}°"
        if self.path.closed and (rounds := math.floor(self.position / self.path.legs)):
            words += f"   round {rounds + 1}".replace("-", "−")
        how_surely, label = _reading(self.shown)
        squares = middle_squares(ring, len(self._decoded), self._decoded[0].width())
        paint_pictures(painter, theme, squares, self._decoded, self.shown.labels.tolist())
        between, read = (self._names[first], self._names[second]), (self._names[label],)
        for top, line, names, dot in (
            (squares[0].top() - 26, words, between, None),
            (squares[-1].bottom() + 6, f"{{}}  {how_surely}", read, label),
        ):
            paint_words(painter, theme, ring.centre.x(), top, line, names, ring.chord(top + 10), dot)

    def _paint_handle(self, painter: QPainter, theme: Theme, ring: Ring) -> None:
        image = self._decoded[0] if self._decoded else None
        active = self._held is not None or (self._hover is not None and self._hover.part is Part.HANDLE)
        paint_handle(painter, theme, ring, self.position, image, active=active or self.hasFocus())
        covered = ring.square(self.position, ring.handle)
        for label, turn in zip(self._candidate.labels, self._easing.places, strict=True):
            tag = ring.tag(turn * ring.stops)
            if tag.intersects(covered):
                paint_tag(painter, tag, label, self._names[label])

    def _paint_dragged(self, painter: QPainter, theme: Theme, ring: Ring) -> None:
        assert self._held is not None
        label = self._held.which if self._held.part is Part.SHELF else self.path.labels[self._held.which]
        edge = ring.anchor * 1.15
        square = QRectF(self._pointer.x() - edge / 2, self._pointer.y() - edge / 2, edge, edge)
        gone = self._held.part is Part.ANCHOR and len(self._candidate.labels) < len(self.path.labels)
        paint_anchor(painter, theme, self._images[label], square, label, lit=True, faint=gone)

    def _describe(self) -> None:
        assert self.shown is not None
        first, second, degrees = self.path.leg_at(self.position)
        how_surely, label = _reading(self.shown)
        self.setAccessibleDescription(
            f"{degrees:.0f} degrees from {self._names[first]} to {self._names[second]}; "
            f"the classifier reads {self._names[label]}  {how_surely}"
        )

    @Slot()
    def _forget_scene(self) -> None:
        self._scene = None
        self.update()


def _reading(shown: ImagesOnPath) -> tuple[str, int]:
    """What C says: of one image how surely and its label, of several how often the most frequent is read."""
    labels = shown.labels
    if len(labels) == 1:
        label = int(labels[0])
        return percent(float(shown.probabilities[0, label])), label
    values, counts = np.unique(labels, return_counts=True)
    most = int(values[counts.argmax()])
    return f"{counts.max()} of {len(labels)}", most
