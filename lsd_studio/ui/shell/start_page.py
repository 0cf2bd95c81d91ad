"""The start page: five ways to begin."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.api import Engine
from lsd_studio.engine.operations.bundles import OpenedBundle
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.shell.recent import Recent
from lsd_studio.ui.shell.recent_menu import ICONS, words
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.shell.workspace import Workspace
from lsd_studio.ui.widgets.canvas import DrawingCanvas, blank
from lsd_studio.ui.widgets.controls import push_button
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title
from lsd_studio.ui.widgets.pictures import paint_picture, picture_image
from lsd_studio.ui.widgets.plain_text import button_words, tip_words
from lsd_studio.ui.widgets.side_by_side import SideBySide
from lsd_studio.ui.widgets.timers import delay

PAUSE = 800
"""Milliseconds for which a pen rests before a drawing counts as done; a digit can have several strokes."""

SHOWN = 4
"""How many recent things are shown."""

WIDTH = 1040, 1360
"""Pixels that the page takes at most, in a small window and in a large one."""

SHARES = 9, 11
"""Of the width, for the canvas and for the other ways to begin."""

WHAT = "See what a generative model makes of an image, and take it apart into vectors that carry labels."
DRAW = "Lift the pen for a moment and the drawing is decomposed."
LOADING = "The bundle is being opened; meanwhile you can draw."
TRAIN = "A classifier, a generator, an encoder and the basis, on MNIST or on a folder of your own images."
CODES = "Of any model, from a file of arrays or a table: their basis, their readings, their paths."
TOUR = "What the window shows and where to press, in six stops."
NOTHING = "Bundles, runs and images that you open are listed here."


class StartPage(Workspace):
    """A canvas to draw on at once, bundles, training, codes of one's own, the tour, and recent files.

    Signals:
        drawn: an ink drawing, when the pen has rested.
        bundle_named: a shipped bundle's name; bundle_wanted: one is to be chosen from the disk.
        run_wanted: the form of a new training run; codes_wanted: a file of codes is to be chosen.
        tour_wanted: the guided tour.
        recent_wanted: a Recent.
    """

    drawn = Signal(object)
    bundle_named = Signal(str)
    bundle_wanted = Signal()
    run_wanted = Signal()
    codes_wanted = Signal()
    tour_wanted = Signal()
    recent_wanted = Signal(object)

    def __init__(self, engine: Engine, themes: ThemeManager, selection: Selection) -> None:
        super().__init__(engine, themes, selection)
        self._shipped: list[QPushButton] = []
        self._pause = delay(self, PAUSE, self._hand_over)
        self._build()
        self._lay_out()
        selection.bundle_changed.connect(self._show_bundle)
        if selection.bundle is not None:
            self._show_bundle(selection.bundle)

    @property
    def next_step(self) -> str:
        return f"Draw a {self.selection.subject}, or take the tour."

    def show_recent(self, recents: tuple[Recent, ...]) -> None:
        """List recent files."""
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
        self.choose_bundle = push_button(
            "Open another…", self.bundle_wanted, "Open a bundle or a finished run from the disk"
        )
        self.new_run = push_button("New run", self.run_wanted, "Show the form of a new training run")
        self.choose_codes = push_button(
            "Open codes…", self.codes_wanted, "Open a file of codes, with labels or without"
        )
        self.begin_tour = push_button("Begin", self.tour_wanted, "Take the guided tour")
        self._list = column(spacing=0)
        self._lately = card(column(title("Recent"), self._list, None))
        self._shipped_row = row(None)
        self.show_recent(())

    def _lay_out(self) -> None:
        name = QLabel("LSD Studio")
        name.setProperty("role", "display")
        what = QLabel(WHAT)
        what.setProperty("role", "statement")
        what.setWordWrap(True)
        self._to_draw = title(f"Draw a {self.selection.subject}")
        drawing = column(self._to_draw, self.canvas, caption(DRAW), None)
        choices = SideBySide(self._shipped_row, row(None, self.choose_bundle), stretches=(1, 0))
        bundle = column(title("Open a bundle"), self.strip, self.bundle_words, choices)
        offers = (
            _offer("Train your own", TRAIN, self.new_run),
            _offer("Bring codes of your own", CODES, self.choose_codes),
            _offer("Take the tour", TOUR, self.begin_tour),
        )
        right = column(
            card(bundle),
            card(column(*offers, spacing=2 * GRID)),
            (self._lately, 1),
            spacing=2 * GRID,
        )
        both = row((card(drawing), SHARES[0]), (right, SHARES[1]), spacing=2 * GRID)
        inside = self._inside = QWidget()
        inside.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        content = column(name, what, both)
        content.insertSpacing(2, 2 * GRID)
        inside.setLayout(content)
        whole = column(None, row(None, (inside, 100), None), None, None, margin=3 * GRID)
        self.setLayout(whole)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the canvas be large where there is room."""
        widest = min(WIDTH[1], max(WIDTH[0], round(0.55 * self.width())))
        self._inside.setMaximumWidth(widest)
        card_width = SHARES[0] / sum(SHARES) * (min(widest, self.width() - 6 * GRID) - 2 * GRID)
        self.canvas.prefer(min(560, round(card_width) - 3 * GRID - 2, max(288, self.height() - 258)))

    @Slot()
    def _hand_over(self) -> None:
        ink: QImage = self.canvas.ink_image
        self.canvas.show_image(blank(), None)
        self.drawn.emit(ink)

    @Slot(object)
    def _show_bundle(self, bundle: OpenedBundle) -> None:
        self.canvas.ask_for(bundle.subject)
        self._to_draw.setText(f"Draw a {bundle.subject}")
        self.strip.show_pictures(
            [picture_image(each) for each in bundle.vector_pictures[: bundle.number_of_labels]]
        )
        self.bundle_words.setText(
            f"{isolated(bundle.name)} is open: trained on {isolated(bundle.data_set)}, profile "
            f"{isolated(bundle.profile)}. "
            "Above, its vectors of set 1, one a label, decoded."
        )
        for button in self._shipped:
            button.deleteLater()
        self._shipped = []
        for name in bundle.shipped:
            if name != bundle.name:
                button = push_button(
                    button_words(f"Open {name}"),
                    partial(self.bundle_named.emit, name),
                    "A bundle that ships with LSD Studio",
                )
                self._shipped_row.insertWidget(1 + len(self._shipped), button)
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


def _offer(name: str, what: str, button: QPushButton) -> QHBoxLayout:
    """A way to begin: what it is, and a button."""
    return row((column(title(name), caption(what), spacing=0), 1), button)
