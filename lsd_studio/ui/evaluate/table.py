"""The paper's numbers beside those of this bundle and of the shipped ones, each with its interval and its profile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.evaluation.findings import BundleMetrics, Latent
from lsd_studio.ui.app.theme import BODY, CAPTION, GRID, Theme, ThemeManager, font
from lsd_studio.ui.evaluate.formatting import LATENTS, share
from lsd_studio.ui.evaluate.table_rows import NOTHING, READING, SECTIONS, Row, cell_words, left_out
from lsd_studio.ui.widgets.painting import paint_line
from lsd_studio.ui.widgets.plain_text import show_name_tip

ROW, TALL_ROW, SECTION, HEAD = 26, 40, 34, 68
"""Pixels: heights of rows, of rows with the interval below the value, and of heads."""

NAME, LEAST_NAME, PAPER = 320, 200, 84
"""Pixels: widths of what stands before the columns."""

COLUMN, INTERVAL, LEAST_COLUMN, WIDEST_COLUMN = 236, 156, 100, 340
"""Pixels: widths of a column with value and interval side by side, of its part for the interval, and of any column."""

LEFT, MIDDLE, RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
BOTTOM = Qt.AlignmentFlag.AlignBottom


@dataclass(frozen=True)
class Arrangement:
    """How the table makes do with its width.

    Attributes:
        name, column: widths in pixels.
        tall: whether intervals are below their values, and names take two lines.
        codes: what each bundle has a column for.
    """

    name: float
    column: float
    tall: bool
    codes: tuple[Latent, ...]


def arrangement(width: float, bundles: int, chosen: Latent) -> Arrangement:
    """How so many bundles have room: intervals go below their values, then only the chosen codes have a column."""
    both: tuple[Latent, ...] = ("sampled", "mean")
    ways = (
        (False, both, NAME, COLUMN),
        (True, both, LEAST_NAME, INTERVAL),
        (True, (chosen,), LEAST_NAME, LEAST_COLUMN),
    )
    bundles, room = max(1, bundles), width - PAPER - GRID
    fitting = (way for way in ways if way[2] + bundles * len(way[1]) * way[3] <= room)
    tall, codes, name, column = next(fitting, ways[-1])
    columns = bundles * len(codes)
    names = min(float(NAME), max(float(name), room - columns * max(column, INTERVAL)))
    return Arrangement(names, min((room - names) / columns, WIDEST_COLUMN), tall, codes)


class ComparisonTable(QWidget):
    """Rows of measures, columns of bundles; every bundle has one for sampled z and one for the mean μ, or, where there
    is little room, one for those that are chosen.
    """

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.columns: tuple[BundleMetrics, ...] = ()
        self._chosen: Latent = "sampled"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        themes.changed.connect(self.update)

    def show_columns(self, columns: tuple[BundleMetrics, ...], chosen: Latent = "sampled") -> None:
        """Show the metrics of these bundles, the one in use first; `chosen` are the codes where not both have room."""
        self.columns, self._chosen = columns, chosen
        self._fit()
        accuracies = [
            f"{metrics.bundle} {row.name}: {share(metrics.measures[key].value)}"
            for metrics in columns
            for row in SECTIONS[READING]
            if (key := row.key_of("sampled")) in metrics.measures
        ]
        self.setAccessibleName("; ".join(accuracies) or "Not measured yet")
        self.update()

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as the rows are at this width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        columns = LEAST_COLUMN * max(1, len(self.columns))
        high = HEAD + sum(SECTION + self._row_height * len(rows) for rows in SECTIONS.values()) + GRID
        self.setMinimumSize(LEAST_NAME + PAPER + columns + GRID, high)
        self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        """Say as a tool tip all there is to the number under the pointer."""
        return show_name_tip(event, self, self.tip_at) or super().event(event)

    def tip_at(self, place: QPointF) -> str:
        """Of which bundle and codes the number at a place is, with its interval, or why it was left out."""
        for row, y in self._rows():
            if not y <= place.y() < y + self._row_height:
                continue
            for metrics, left, codes, key in self._cells(row):
                if left <= place.x() < left + self._arranged.column:
                    value, between = cell_words(metrics, key, row.unit)
                    of = f"{isolated(metrics.bundle)}, {' and '.join(LATENTS[code] for code in codes)}"
                    said = left_out(metrics, key) or f"{value}  {between}".strip()
                    return f"{row.name}\n{of}: {said}"
            return row.name
        return ""

    @property
    def _arranged(self) -> Arrangement:
        return arrangement(self.width(), len(self.columns), self._chosen)

    @property
    def _row_height(self) -> int:
        return TALL_ROW if self._arranged.tall else ROW

    def _rows(self) -> Iterator[tuple[Row, float]]:
        """Every row, and where it begins."""
        y = float(HEAD)
        for rows in SECTIONS.values():
            y += SECTION
            for row in rows:
                yield row, y
                y += self._row_height

    def _lefts(self) -> Iterator[tuple[BundleMetrics, float]]:
        """Every bundle, and where its columns begin."""
        of = self._arranged
        for place, metrics in enumerate(self.columns):
            yield metrics, of.name + PAPER + place * len(of.codes) * of.column

    def _cells(self, row: Row) -> Iterator[tuple[BundleMetrics, float, tuple[Latent, ...], str]]:
        """The numbers of a row: of a bundle, where, of which codes, and by which key. One of both codes stands between
        their columns; one of the codes that have no column of their own stands in that of the others.
        """
        of = self._arranged
        keys: dict[Latent, str] = {"sampled": row.key_of("sampled"), "mean": row.key_of("mean")}
        for metrics, left in self._lefts():
            if keys["sampled"] == keys["mean"]:
                shift = 0.5 * (len(of.codes) - 1)
                yield metrics, left + shift * of.column, ("sampled", "mean"), keys["mean"]
                continue
            for place, code in enumerate(of.codes):
                shown = row.only if row.only and len(of.codes) == 1 else code
                yield metrics, left + place * of.column, (shown,), keys[shown]

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._themes.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_heads(painter, theme)
        y = float(HEAD)
        for name, rows in SECTIONS.items():
            painter.setFont(font(BODY, bold=True))
            painter.setPen(theme.colour("text"))
            paint_line(painter, QRectF(0, y, self.width(), SECTION - 4), name, BOTTOM)
            y += SECTION + self._row_height * len(rows)
        for row, y in self._rows():
            self._paint_row(painter, theme, row, y)

    def _paint_heads(self, painter: QPainter, theme: Theme) -> None:
        of = self._arranged
        painter.setFont(font(CAPTION))
        painter.setPen(theme.colour("muted"))
        painter.drawText(QRectF(of.name, 0, PAPER - GRID, HEAD - 8), BOTTOM | RIGHT, "paper")
        painter.drawText(QRectF(0, 0, of.name, HEAD - 8), BOTTOM | LEFT, "small: 95 % interval and count")
        for place, (metrics, left) in enumerate(self._lefts()):
            across = QRectF(left + GRID, 0, len(of.codes) * of.column - GRID, 20)
            painter.setFont(font(BODY, bold=place == 0))
            painter.setPen(theme.colour("text"))
            paint_line(painter, across, metrics.bundle, RIGHT | MIDDLE)
            painter.setFont(font(CAPTION))
            painter.setPen(theme.colour("muted"))
            if metrics.profile:
                paint_line(painter, across.translated(0, 20), f"profile {metrics.profile}", RIGHT | MIDDLE)
            for half, code in enumerate(of.codes):
                trials = f", {metrics.trials} trials" if code == "sampled" and metrics.trials else ""
                cell = QRectF(left + half * of.column + GRID, 0, of.column - GRID, HEAD - 8)
                paint_line(painter, cell, f"{LATENTS[code]}{trials}", BOTTOM | RIGHT)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawLine(QPointF(0, HEAD - 2), QPointF(self._right(), HEAD - 2))

    def _right(self) -> float:
        of = self._arranged
        return of.name + PAPER + len(of.codes) * of.column * max(1, len(self.columns))

    def _paint_row(self, painter: QPainter, theme: Theme, row: Row, y: float) -> None:
        of, high = self._arranged, self._row_height
        painter.setPen(QPen(theme.colour("line"), 0.5))
        painter.drawLine(QPointF(0, y + high), QPointF(self._right(), y + high))
        painter.setFont(font(BODY))
        painter.setPen(theme.colour("text"))
        wrapped = Qt.TextFlag.TextWordWrap if of.tall else Qt.TextFlag.TextSingleLine
        painter.drawText(QRectF(GRID, y, of.name - GRID, high), MIDDLE | wrapped, row.name)
        painter.setPen(theme.colour("text" if row.paper else "muted"))
        painter.drawText(QRectF(of.name, y, PAPER - GRID, high), MIDDLE | RIGHT, row.paper or NOTHING)
        for metrics, left, codes, key in self._cells(row):
            value, between = cell_words(metrics, key, row.unit)
            if len(codes) == 1 and codes[0] not in of.codes:
                between = f"{between} · {LATENTS[codes[0]].split()[-1]}".removeprefix(" · ")
            cell = QRectF(left + GRID, y, of.column - GRID, high)
            self._paint_cell(painter, theme, cell, (value, between))

    def _paint_cell(self, painter: QPainter, theme: Theme, cell: QRectF, words: tuple[str, str]) -> None:
        """Paint a value and what is small beside it, or below it."""
        tall, (value, between) = self._arranged.tall, words
        half = cell.height() / 2
        large = cell.adjusted(0, 3, 0, -half) if tall and between else cell
        if not tall:
            large = cell.adjusted(0, 0, -INTERVAL, 0)
        painter.setFont(font(CAPTION))
        painter.setPen(theme.colour("muted"))
        paint_line(painter, cell.adjusted(0, half, 0, -3) if tall else cell, between, MIDDLE | RIGHT)
        painter.setFont(font(BODY))
        painter.setPen(theme.colour("muted" if value == NOTHING else "text"))
        painter.drawText(large, MIDDLE | RIGHT, value)
