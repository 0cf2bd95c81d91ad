"""The paper's numbers beside those of this bundle and of the shipped ones, each with its interval and its profile."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lsd_studio.engine.evaluation.findings import BundleMetrics, Latent
from lsd_studio.ui.app.theme import BODY, CAPTION, GRID, Theme, ThemeManager, font
from lsd_studio.ui.evaluate.formatting import origin, share
from lsd_studio.ui.widgets.painting import paint_line
from lsd_studio.ui.widgets.plain_text import tip_words

Unit = Literal["share", "difference", "weight", "number", "correlation", "decibel", "seconds"]

ROW, SECTION, HEAD, NAME, PAPER, COLUMN, INTERVAL = 26, 34, 60, 320, 84, 236, 156
"""Pixels: heights of rows, and widths of what stands in them; an interval has its part of a column."""


@dataclass(frozen=True)
class _Row:
    """A measure: its name, where it is found, and what the paper says.

    The key's "*" is "sampled" for sampled codes and "mean" for means; codes play no part in one without it. `only` is
    the one of the two columns that has a number.
    """

    name: str
    key: str
    paper: str = ""
    unit: Unit = "share"
    only: Literal["", "sampled", "mean"] = ""

    def key_of(self, latent: Latent) -> str:
        """Where the measure is found for these codes; "" where it is not taken."""
        return self.key.replace("*", latent) if self.only in ("", latent) else ""


NOISE_FLOOR: tuple[tuple[str, str, Unit], ...] = (
    ("Amplitude over noise {}", "amplitude", "number"),
    ("Ranked first {}, measured", "first", "share"),
    ("Ranked first {}, noise floor", "first_by_floor", "share"),
    ("KS distance {}", "ks_distance", "number"),
    ("KS distance {}, 5 % chance level", "ks_by_chance", "number"),
)
READING = "Reading labels"
SECTIONS = {
    READING: (
        _Row("C on the images themselves", "classifier_accuracy", "98.9 %"),
        _Row("C∘G∘E, encoded and decoded", "reconstruction_accuracy.*", "≈ 94 %"),
        _Row("LSD, largest |c|, any set", "lsd_accuracy.*.any_set", "≈ 92 %"),
        _Row("LSD, largest |c|, only set 1 counts", "lsd_accuracy.*.set_one"),
        _Row("LSD, largest signed c of set 1", "lsd_accuracy.*.signed"),
        _Row("True label among the first four of all, |c|", "among_first_four.*.absolute", "98.9 %"),
        _Row("… of set 1 alone, signed c", "among_first_four.*.signed"),
        _Row("Largest |c| belongs to set 1", "set_one_share", "99 %", only="sampled"),
        _Row("Amplitude loss weight in E's training", "chosen_for.amplitude_weight", "0", "weight"),
    ),
    "Baselines on the same codes": (
        _Row("Nearest class mean", "baselines.nearest_class_mean.*"),
        _Row("Linear discriminant analysis", "baselines.lda.*"),
        _Row("Logistic regression", "baselines.logistic_regression.*"),
        *(
            _Row(f"LSD minus {name}, paired", f"lsd_less_baseline.{key}.*", unit="difference")
            for name, key in (
                ("nearest class mean", "nearest_class_mean"),
                ("discriminant analysis", "lda"),
                ("logistic regression", "logistic_regression"),
            )
        ),
    ),
    "Noise floor: one signal among noise, as strong as measured": tuple(
        _Row(name.format(by), f"noise_floor.*.{reading}.{key}", unit=unit)
        for reading, by in (("absolute", "by |c|"), ("signed", "by signed c"))
        for name, key, unit in NOISE_FLOOR
    ),
    "Reconstructions G(μ) compared with the images": (
        _Row("SSIM", "reconstruction.ssim", unit="number", only="mean"),
        _Row("PSNR", "reconstruction.psnr", unit="decibel", only="mean"),
        _Row("SSIM after refinement", "reconstruction.refined.ssim", unit="number", only="mean"),
        _Row("PSNR after refinement", "reconstruction.refined.psnr", unit="decibel", only="mean"),
    ),
    "Paths from each label to the next": (
        _Row("Weight of the loss that trained turns", "chosen_for.turn_weight", "0", "weight"),
        _Row("Transport: C reads the target at the end", "paths.transport.endpoint_rate", only="mean"),
        _Row("Rotation: C reads the target at the end", "paths.rotation.endpoint_rate", only="mean"),
        _Row("Rotation: target probability only rises", "paths.rotation.monotonicity", only="mean"),
        _Row(
            "Half through averages: C reads the target",
            "paths.half_through_averages.endpoint_rate",
            only="mean",
        ),
        *(
            _Row(
                f"{operator}: {measure} preserved, r in pictures",
                f"paths.{key}.style.{measure}",
                unit="correlation",
                only="mean",
            )
            for operator, key in (("Rotation", "rotation"), ("Half", "half_through_averages"))
            for measure in ("slant", "ink", "width", "height")
        ),
    ),
    "Basis": (
        _Row("ξ that C reads as their own label", "basis.xi_label_rate", "≈ 20 of 100"),
        _Row("ξ chosen because C reads their own label", "chosen_for.xi", "0 of 100"),
        _Row("Error with a fifth of the terms", "basis.truncation.own", unit="number", only="mean"),
        _Row(
            "… with random directions beyond set 1",
            "basis.truncation.random_complement",
            unit="number",
            only="mean",
        ),
        _Row(
            "… along principal axes of the images",
            "basis.truncation.principal_axes",
            unit="number",
            only="mean",
        ),
    ),
}
NOTHING = "–"


class ComparisonTable(QWidget):
    """Rows of measures, columns of bundles; every bundle has one for sampled z and one for the mean μ."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.columns: tuple[BundleMetrics, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        themes.changed.connect(self.update)

    def show_columns(self, columns: tuple[BundleMetrics, ...]) -> None:
        """Show the metrics of these bundles, the one in use first."""
        self.columns = columns
        high = HEAD + sum(SECTION + ROW * len(rows) for rows in SECTIONS.values()) + GRID
        self.setMinimumSize(NAME + PAPER + 2 * COLUMN * max(1, len(columns)), high)
        accuracies = [
            f"{metrics.bundle} {row.name}: {share(metrics.measures[key].value)}"
            for metrics in columns
            for row in SECTIONS[READING]
            if (key := row.key_of("sampled")) in metrics.measures
        ]
        self.setAccessibleName("; ".join(accuracies) or "Not measured yet")
        self.setToolTip(_reasons(columns))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._themes.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_heads(painter, theme)
        y = float(HEAD)
        for name, rows in SECTIONS.items():
            painter.setFont(font(BODY, bold=True))
            painter.setPen(theme.colour("text"))
            place = QRectF(0, y, self.width(), SECTION - 4)
            painter.drawText(place, Qt.AlignmentFlag.AlignBottom, name)
            y += SECTION
            for each in rows:
                self._paint_row(painter, theme, each, y)
                y += ROW

    def _column(self) -> float:
        room = self.width() - NAME - PAPER - GRID
        return min(room / (2 * max(1, len(self.columns))), 340)

    def _paint_heads(self, painter: QPainter, theme: Theme) -> None:
        painter.setFont(font(CAPTION))
        painter.setPen(theme.colour("muted"))
        bottom = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(NAME, 0, PAPER - GRID, HEAD - 8), bottom, "paper")
        painter.drawText(
            QRectF(0, 0, NAME, HEAD - 8),
            Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft,
            "small: 95 % interval and count",
        )
        wide = self._column()
        for place, metrics in enumerate(self.columns):
            left = NAME + PAPER + 2 * place * wide
            painter.setFont(font(BODY, bold=place == 0))
            painter.setPen(theme.colour("text"))
            head = QRectF(left + 2 * GRID, 0, 2 * wide - 2 * GRID, 20)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            paint_line(painter, head, origin(metrics), right)
            painter.setFont(font(CAPTION))
            painter.setPen(theme.colour("muted"))
            for half, code in enumerate((f"sampled z{_trials(metrics)}", "mean μ")):
                cell = QRectF(left + half * wide, 0, wide, HEAD - 8)
                painter.drawText(cell, bottom, code)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawLine(QPointF(0, HEAD - 2), QPointF(self._right(), HEAD - 2))

    def _right(self) -> float:
        return NAME + PAPER + 2 * self._column() * max(1, len(self.columns))

    def _paint_row(self, painter: QPainter, theme: Theme, each: _Row, y: float) -> None:
        painter.setPen(QPen(theme.colour("line"), 0.5))
        painter.drawLine(QPointF(0, y + ROW), QPointF(self._right(), y + ROW))
        painter.setFont(font(BODY))
        painter.setPen(theme.colour("text"))
        painter.drawText(QRectF(GRID, y, NAME, ROW), Qt.AlignmentFlag.AlignVCenter, each.name)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.setPen(theme.colour("text" if each.paper else "muted"))
        painter.drawText(QRectF(NAME, y, PAPER - GRID, ROW), right, each.paper or "–")
        wide = self._column()
        for place, metrics in enumerate(self.columns):
            left = NAME + PAPER + 2 * place * wide
            sampled, mean = each.key_of("sampled"), each.key_of("mean")
            cells = [(0.5, mean)] if sampled == mean else [(0.0, sampled), (1.0, mean)]
            for shift, key in cells:
                cell = QRectF(left + shift * wide, y, wide, ROW)
                self._paint_cell(painter, theme, cell, cell_words(metrics, key, each.unit))

    def _paint_cell(self, painter: QPainter, theme: Theme, cell: QRectF, words: tuple[str, str]) -> None:
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        value, between = words
        painter.setFont(font(CAPTION))
        painter.setPen(theme.colour("muted"))
        painter.drawText(cell, flags, between)
        painter.setFont(font(BODY))
        painter.setPen(theme.colour("muted" if value == NOTHING else "text"))
        painter.drawText(cell.adjusted(0, 0, -INTERVAL, 0), flags, value)


def cell_words(metrics: BundleMetrics, key: str, unit: Unit) -> tuple[str, str]:
    """A measure, and its interval with the number of independent things where they are not all test images."""
    measure = metrics.measures.get(key)
    if measure is None:
        return NOTHING, "left out" if left_out(metrics, key) else ""
    if math.isnan(measure.value):
        return NOTHING, ""
    factor, digits, suffix = {
        "share": (100, 2, " %"),
        "difference": (100, 2, ""),
        "weight": (1, 1, ""),
        "number": (1, 3, ""),
        "correlation": (1, 2, ""),
        "decibel": (1, 2, " dB"),
        "seconds": (1, 2, " s"),
    }[unit]
    sign = "+" if unit == "difference" else ""
    value = (
        share(measure.value) if unit == "share" else _signed(factor * measure.value, digits, sign) + suffix
    )
    if unit == "number" and 0 <= measure.value < 0.0005:
        value = "< 0.001"
    between = ""
    if not math.isnan(measure.low):
        between = " … ".join(_signed(factor * end, digits, sign) for end in (measure.low, measure.high))
    images = metrics.measures.get("images")
    if measure.count and images is not None and measure.count != images.value:
        between += f" of {measure.count}"
    return value, between


def _reasons(columns: tuple[BundleMetrics, ...]) -> str:
    """What the shown bundles left out and why, a line each, as plain text."""
    lines = [
        f"{metrics.bundle}, {place.rpartition('.')[2].replace('_', ' ')} left out: {reason}"
        for metrics in columns
        for place, reason in metrics.left_out.items()
    ]
    return tip_words("\n".join(lines))


def left_out(metrics: BundleMetrics, key: str) -> str:
    """Why a measure was left out; "" where it was not, or nobody said why."""
    parts = key.split(".")
    places = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((metrics.left_out[place] for place in places if place in metrics.left_out), "")


def _signed(value: float, digits: int, sign: str) -> str:
    return f"{value:{sign}.{digits}f}".replace("-", "−")


def _trials(metrics: BundleMetrics) -> str:
    return f", {metrics.trials} trials" if metrics.trials else ""
