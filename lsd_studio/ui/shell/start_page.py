"""The start page: four ways to begin."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from lsd_studio.engine.api import Engine
from lsd_studio.engine.operations.bundles import OpenedBundle
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.shell.recent import Recent
from lsd_studio.ui.shell.recent_menu import ICONS, words
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.shell.workspace import Workspace
from lsd_studio.ui.widgets.canvas import DrawingCanvas, blank
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title
from lsd_studio.ui.widgets.pictures import paint_picture, picture_image
from lsd_studio.ui.widgets.plain_text import button_words, tip_words

__all__ = ["StartPage"]

PAUSE = 800
"""Milliseconds for which a pen rests before a drawing counts as done; a digit can have several strokes."""

SHOWN = 4
"""How many of the things opened lately are shown."""

WIDTH = 1040, 1360
"""Pixels that the page takes at most, in a small window and in a large one."""

WHAT = "See what a generative model makes of an image, and take it apart into vectors that carry labels."
DRAW = "Lift the pen for a moment and the digit is decomposed. You can draw while the engine is loading."
LOADING = "The bundle is being opened; meanwhile you can draw."
TRAIN = "A classifier, a generator, an encoder and the basis, on MNIST or on a folder of your own images."
TOUR = "What the window shows and where to press, in six stops."
NOTHING = "Bundles, runs and images that you open are listed here."


class StartPage(Workspace):
    """A canvas to draw on at once, bundles, training, the tour, and what was opened lately.

    Signals:
        drawn: an ink drawing, when the pen has rested.
        bundle_named: a shipped bundle's name; bundle_wanted: one is to be chosen from the disk.
        run_wanted: the form of a new training run; tour_wanted: the guided tour.
        recent_wanted: a Recent.
    """

    drawn = Signal(object)
    bundle_named = Signal(str)
    bundle_wanted = Signal()
    run_wanted = Signal()
    tour_wanted = Signal()
    recent_wanted = Signal(object)

    def __init__(self, engine: Engine, themes: ThemeManager, selection: Selection) -> None:
        super().__init__(engine, themes, selection)
        self._shipped: list[QPushButton] = []
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self._hand_over)
        self._build()
        self._lay_out()
        selection.bundle_changed.connect(self._show_bundle)
        if selection.bundle is not None:
            self._show_bundle(selection.bundle)

    @property
    def next_step(self) -> str:
        """What a person could do next, in a few words."""
        return "Draw a digit, or take the tour."

    def show_recent(self, recents: tuple[Recent, ...]) -> None:
        """List what was opened lately."""
        while (item := self._list.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for each in recents[:SHOWN]:
            button = QToolButton()
            button.setText(button_words(each.name))
            button.setToolTip(tip_words(words(each)))
            button.setAccessibleName(f"Open {each.name}, {words(each)}")
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.clicked.connect(partial(self.recent_wanted.emit, each))
            themed_icon(button, ICONS[each.kind], self.themes)
            self._list.addWidget(button)
        if not recents:
            self._list.addWidget(caption(NOTHING))

    def _build(self) -> None:
        self.canvas = DrawingCanvas(self.themes)
        self.canvas.stroke_begun.connect(self._pause.stop)
        self.canvas.stroke_ended.connect(self._pause.start)
        self.strip = _Strip(self.themes)
        self.bundle_words = caption(LOADING, "The bundle in use")
        self.choose_bundle = QPushButton("Open another…")
        self.choose_bundle.setToolTip("Open a bundle or a finished run from the disk")
        self.choose_bundle.clicked.connect(self.bundle_wanted)
        self.new_run = QPushButton("New run")
        self.new_run.setToolTip("Show the form of a new training run")
        self.new_run.clicked.connect(self.run_wanted)
        self.begin_tour = QPushButton("Begin")
        self.begin_tour.setToolTip("Take the guided tour")
        self.begin_tour.clicked.connect(self.tour_wanted)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self._lately = card(column(title("Recent"), self._list, None))
        self._bundle_row = row(None, self.choose_bundle)
        self.show_recent(())

    def _lay_out(self) -> None:
        name = QLabel("LSD Studio")
        name.setProperty("role", "display")
        what = QLabel(WHAT)
        what.setProperty("role", "statement")
        what.setWordWrap(True)
        drawing = column(title("Draw a digit"), self.canvas, caption(DRAW))
        drawing.setStretch(1, 1)
        bundle = column(title("Open a bundle"), self.strip, self.bundle_words, self._bundle_row)
        right = column(
            card(bundle),
            _offer("Train your own", TRAIN, self.new_run),
            _offer("Take the tour", TOUR, self.begin_tour),
            self._lately,
        )
        right.setStretch(3, 1)
        right.setSpacing(2 * GRID)
        both = row(card(drawing), right)
        both.setSpacing(2 * GRID)
        both.setStretch(0, 9)
        both.setStretch(1, 11)
        inside = self._inside = QWidget()
        inside.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        content = column(name, what, both)
        content.setSpacing(GRID)
        content.insertSpacing(2, 2 * GRID)
        inside.setLayout(content)
        centred = row(None, inside, None)
        centred.setStretch(1, 100)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 3 * GRID)
        whole.addStretch(1)
        whole.addLayout(centred)
        whole.addStretch(2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the canvas be large where there is room."""
        self._inside.setMaximumWidth(min(WIDTH[1], max(WIDTH[0], round(0.55 * self.width()))))
        self.canvas.prefer(min(560, max(288, self.height() - 258)))

    @Slot()
    def _hand_over(self) -> None:
        ink: QImage = self.canvas.ink_image
        self.canvas.show_image(blank(), None)
        self.drawn.emit(ink)

    @Slot(object)
    def _show_bundle(self, bundle: OpenedBundle) -> None:
        self.strip.show_pictures(
            [picture_image(each) for each in bundle.vector_pictures[: bundle.number_of_labels]]
        )
        self.bundle_words.setText(
            f"{bundle.name} is open: trained on {bundle.data_set}, profile {bundle.profile}. "
            "Above, its vectors of set 1, one a label, decoded."
        )
        for button in self._shipped:
            button.deleteLater()
        self._shipped = []
        for name in bundle.shipped:
            if name != bundle.name:
                button = QPushButton(button_words(f"Open {name}"))
                button.setToolTip("A bundle that ships with LSD Studio")
                button.clicked.connect(partial(self.bundle_named.emit, name))
                self._bundle_row.insertWidget(1 + len(self._shipped), button)
                self._shipped.append(button)


class _Strip(QWidget):
    """Pictures in a row."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._pictures: list[QImage] = []
        self.setAccessibleName("The labelled vectors of the bundle, decoded")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self.update)

    def show_pictures(self, pictures: list[QImage]) -> None:
        self._pictures = pictures
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(40 * 10, 48)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        count = len(self._pictures) or 10
        step = min(48 + GRID / 2, (self.width() - 1) / count)
        edge = min(step - GRID / 2, self.height() - 1)
        line = self._themes.theme.colour("line")
        for place in range(count):
            image = self._pictures[place] if self._pictures else None
            paint_picture(painter, image, QRectF(place * step, 0, edge, edge), line)


def _offer(name: str, what: str, button: QPushButton) -> QFrame:
    """A way to begin: what it is, and a button."""
    beside = row(caption(what), button)
    beside.setStretch(0, 1)
    return card(column(title(name), beside))
