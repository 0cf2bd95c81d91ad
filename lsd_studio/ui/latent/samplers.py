"""The Samplers page: points drawn in every way of the posts, decoded and measured side by side (R27, R31)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QScrollArea, QSizePolicy, QToolTip, QWidget

from lsd_studio.engine.figures.panels.latent import sampler_measures_panel, samplers_panel
from lsd_studio.engine.figures.spec import Panel, ViewSettings
from lsd_studio.engine.latent.sampler_comparison import MeasuredSampler, SamplerComparison, SamplerMeasures
from lsd_studio.engine.latent.statistics.samplers import Sampler
from lsd_studio.engine.operations.latent import LatentOperations
from lsd_studio.engine.scheduler import Call
from lsd_studio.ui.app.theme import BODY, CAPTION, Theme, ThemeManager, font
from lsd_studio.ui.latent.page import StartedPage
from lsd_studio.ui.latent.state import SamplersState
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.label_colours import edge_colour
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title
from lsd_studio.ui.widgets.number_boxes import whole_number_box
from lsd_studio.ui.widgets.pictures import picture_image
from lsd_studio.ui.widgets.plain_text import tip_words

SAMPLERS = "measuring samplers"
"""Key of the task that measures, and what is shown of it."""

PICTURES = 24
IDLE = (
    "Random points of the latent space, drawn in every way of the blog posts on autoencoders: in cubes, in the box and "
    "the ellipses of the "
    "codes, and from the normal of their mean and covariance. Press “Compare” to decode and measure them."
)

HEAD, NAME, CELL, GAP = 40.0, 232.0, 66.0, 4.0
"""Pixels: of the head, of a sampler's name, of a measure, and between pictures."""

LEAST_ROW, LARGEST_ROW = 44.0, 80.0


@dataclass(frozen=True)
class _Column:
    """A measure: what it is called, what it means, its attribute of SamplerMeasures, and how it is written."""

    name: str
    meaning: str
    attribute: str
    words: Callable[[float], str]


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


COLUMNS = (
    _Column("mean\nradius", "Mean distance from the origin, in units of z", "radius", "{:.1f}".format),
    _Column(
        "populated\nregion",
        "Share of points within the Mahalanobis distance that 99 % of the codes have",
        "inside",
        _percent,
    ),
    _Column(
        "C is\nsure", "Share of decoded pictures in which C gives a label 90 % or more", "sure", _percent
    ),
    _Column(
        "precision",
        "Share of decoded pictures that lie among the images, in C’s features (Kynkäänniemi et al. 2019, k = 3)",
        "precision",
        _percent,
    ),
    _Column(
        "recall", "Share of images that lie among the decoded pictures, in C’s features", "recall", _percent
    ),
    _Column(
        "AUC\ntold apart",
        "How well a classifier tells the points from codes: 0.5 it cannot, 1 always",
        "auc",
        "{:.3f}".format,
    ),
)


class SamplerTable(QWidget):
    """A row for each sampler: its name, as many pictures as have room, framed in the colour of what C reads, measures.

    The arrow keys go from row to row; all measures of a row come up where the pointer rests on it.

    Attributes:
        rows: the samplers shown, in order.
    """

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.rows: tuple[SamplerMeasures, ...] = ()
        self._images: list[list[QImage]] = []
        self._at = -1
        self._room = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("Samplers and their measures")
        themes.changed.connect(self.update)

    def show_rows(self, rows: Sequence[SamplerMeasures]) -> None:
        known = len(self.rows) if tuple(rows[: len(self.rows)]) == self.rows else 0
        self.rows = tuple(rows)
        fresh = [[picture_image(picture) for picture in each.pictures] for each in self.rows[known:]]
        self._images = [*self._images[:known], *fresh]
        self._fit()

    def fill(self, height: int) -> None:
        """Use so many pixels of height where the rows need fewer."""
        if height != self._room:
            self._room = height
            self._fit()

    def sizeHint(self) -> QSize:
        return QSize(960, round(HEAD + len(self.rows) * self._row()))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(NAME + len(COLUMNS) * CELL + 3 * LEAST_ROW), self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None or not self.rows:
            super().keyPressEvent(event)
            return
        self._point_at(min(max(self._at + step, 0), len(self.rows) - 1))
        self.setAccessibleDescription(measure_words(self.rows[self._at]))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        self._point_at(self._row_at(place))
        under = self._column_at(place)
        if place.y() < HEAD:
            words = COLUMNS[under].meaning if under >= 0 else ""
        else:
            words = measure_words(self.rows[self._at]) if self._at >= 0 else ""
        QToolTip.showText(event.globalPosition().toPoint(), tip_words(words), self)

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(-1)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._themes.theme, QPainter(self)
        painter.setFont(font(CAPTION))
        painter.setPen(theme.colour("muted"))
        bottom = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        for place, measure in enumerate(COLUMNS):
            left = self.width() - (len(COLUMNS) - place) * CELL
            painter.drawText(QRectF(left, 0, CELL - 4, HEAD - 6), bottom, measure.name)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawLine(QPointF(0, HEAD - 1), QPointF(self.width(), HEAD - 1))
        for place in range(len(self.rows)):
            self._paint_row(painter, theme, place)

    def _paint_row(self, painter: QPainter, theme: Theme, place: int) -> None:
        each, high = self.rows[place], self._row()
        line = QRectF(0, HEAD + place * high, self.width(), high)
        if place == self._at:
            painter.fillRect(line, theme.colour("raised"))
        painter.setPen(theme.colour("text"))
        painter.setFont(font(BODY, bold=each.sampler.kind == "codes"))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(QRectF(4, line.top() + 2, NAME - 16, high - 4), flags, each.title)
        self._paint_pictures(painter, theme, place, line)
        painter.setFont(font(BODY))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for number, measure in enumerate(COLUMNS):
            left = self.width() - (len(COLUMNS) - number) * CELL
            value: float | None = getattr(each, measure.attribute)
            painter.setPen(theme.colour("muted" if value is None else "text"))
            text = "–" if value is None else measure.words(value)
            painter.drawText(QRectF(left, line.top(), CELL - 4, high), right, text)
        painter.setPen(QPen(theme.colour("line"), 0.5))
        painter.drawLine(line.bottomLeft(), line.bottomRight())

    def _paint_pictures(self, painter: QPainter, theme: Theme, place: int, line: QRectF) -> None:
        edge = float(int(line.height() - 2 * GAP))
        room = self.width() - NAME - len(COLUMNS) * CELL
        many = min(len(self._images[place]), int(room // (edge + GAP)))
        labels, ground = self.rows[place].labels, theme.colour("surface")
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for number in range(many):
            square = QRectF(NAME + number * (edge + GAP), float(int(line.top() + GAP)), edge, edge)
            image = self._images[place][number]
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, image.width() > edge)
            painter.drawImage(square, image)
            frame = theme.colour("line") if labels is None else edge_colour(int(labels[number]), ground)
            painter.setPen(QPen(frame, 1.5))
            painter.drawRect(square)

    def _fit(self) -> None:
        self.updateGeometry()
        self.update()

    def _row(self) -> float:
        if not self.rows:
            return LEAST_ROW
        return min(max((self._room - HEAD) / len(self.rows), LEAST_ROW), LARGEST_ROW)

    def _row_at(self, place: QPointF) -> int:
        row = int((place.y() - HEAD) // self._row())
        return row if place.y() >= HEAD and row < len(self.rows) else -1

    def _column_at(self, place: QPointF) -> int:
        number = int((place.x() - self.width() + len(COLUMNS) * CELL) // CELL)
        return number if 0 <= number < len(COLUMNS) else -1

    def _point_at(self, row: int) -> None:
        if row != self._at:
            self._at = row
            self.update()


def measure_words(each: SamplerMeasures) -> str:
    """All that was measured of a sampler, in words."""
    parts = [
        f"{each.title}: {each.points} points",
        f"mean radius {each.radius:.2f}",
        f"median Mahalanobis distance {each.mahalanobis:.2f}",
        f"{_percent(each.inside)} in the populated region",
    ]
    if each.confidence is not None and each.sure is not None:
        parts.append(f"C’s confidence {_percent(each.confidence)}, sure of {_percent(each.sure)}")
    if each.entropy is not None:
        parts.append(f"entropy of the labels {each.entropy:.2f} of 1")
    if each.precision is not None and each.recall is not None:
        parts.append(f"precision {_percent(each.precision)}, recall {_percent(each.recall)}")
    parts.append(f"AUC {each.auc:.3f}")
    parts.append(f"error of the mean {each.mean_error:.3f}, of the covariance {each.covariance_error:.3f}")
    return "; ".join(parts) + "."


class SamplersPage(StartedPage):
    """A table that fills while samplers are measured, the codes themselves first as the yardstick.

    Attributes:
        compared: the comparison that is shown, once it is whole.
    """

    has_twin = False
    key, start_words = SAMPLERS, "Compare"

    def __init__(self, latent: LatentOperations, tasks: Tasks, themes: ThemeManager) -> None:
        super().__init__(latent, tasks, themes)
        self._rows: list[SamplerMeasures] = []
        self.compared: SamplerComparison | None = None
        self.table = SamplerTable(themes)
        self._area = QScrollArea()
        self._area.setWidget(self.table)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setStyleSheet("QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }")
        self._area.viewport().installEventFilter(self)
        self.points = whole_number_box("Points of each sampler", 100, 5000, 1000)
        self.points.setSingleStep(500)
        self.seed = whole_number_box("Seed of all draws", 0, 2**31 - 1, 0)
        self.sentence = QLabel(IDLE)
        self.sentence.setWordWrap(True)
        self.sentence.setAccessibleName("What the comparison of samplers says")
        self.notes = caption(name="Notes on the samplers")
        self.notes.hide()
        head = row(
            title("Samplers"), None, QLabel("points"), self.points, QLabel("seed"), self.seed, self.run
        )
        self.setLayout(column(card(column(head, self.sentence, self.notes, (self._area, 1)))))
        self._show_controls()

    @property
    def next_step(self) -> str:
        if self.is_running:
            return "See the first rows while the others are measured."
        if not self._rows:
            return "Press Compare to see which random points decode well."
        return "Hover over a row for all of its measures."

    def panels(self) -> tuple[Panel, ...]:
        """The pictures of all samplers, and their measures."""
        if not self._rows:
            return ()
        return samplers_panel(self._rows), sampler_measures_panel(self._rows)

    @property
    def view_settings(self) -> ViewSettings:
        points, seed = self.points.value(), self.seed.value()
        if self.compared is not None and self.compared.rows:
            points, seed = self.compared.rows[0].points, self.compared.seed
        return SamplersState(points=points, seed=seed, compared=bool(self._rows)).model_dump(mode="json")

    def show_view(self, settings: ViewSettings) -> None:
        """Compare anew with the same draws."""
        state = SamplersState.model_validate(settings)
        for box, value in ((self.points, state.points), (self.seed, state.seed)):
            if value is not None:
                box.setValue(value)
        if state.compared and self.space is not None:
            self.start()

    def start(self, samplers: tuple[Sampler, ...] = ()) -> None:
        """Draw, decode and measure; none means all that the coder allows."""
        self.tasks.cancel(SAMPLERS)
        self.clear()
        call = self.latent.compare_samplers(samplers, self.points.value(), PICTURES, self.seed.value())
        self.tasks.run(self._follow(call), SAMPLERS)
        self.guided.emit()

    def fields(self) -> tuple[QWidget, ...]:
        return self.points, self.seed

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the rows grow with the room that they have."""
        if event.type() is QEvent.Type.Resize:
            self.table.fill(self._area.viewport().height())
        return super().eventFilter(watched, event)

    def clear(self) -> None:
        self._rows, self.compared = [], None
        self.table.show_rows(())
        self.sentence.setText(IDLE)
        self.notes.hide()

    async def _follow(self, call: Call[MeasuredSampler, SamplerComparison]) -> None:
        async for step in call:
            self._rows.append(step.measures)
            self.table.show_rows(self._rows)
            words = f"measuring samplers, {step.done} of {step.wanted}"
            self.progressed.emit(SAMPLERS, words, step.done / step.wanted)
        self.compared = compared = await call
        self.sentence.setText(compared.sentence)
        self.notes.setText(" ".join(compared.notes))
        self.notes.setVisible(bool(compared.notes))
        points = compared.rows[0].points if compared.rows else 0
        words = f"{len(compared.rows)} samplers, {points} points each, seed {compared.seed}"
        self.answered.emit(call.milliseconds, words)
        self.guided.emit()
