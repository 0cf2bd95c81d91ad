"""The table of an evaluation: of how many each number is one, what was left out and why, what has no number."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from lsd_studio.engine.evaluation.findings import BundleMetrics, Measure
from lsd_studio.engine.evaluation.published_metrics import bundle_metrics
from lsd_studio.engine.operators.path_quality import LegQuality
from lsd_studio.engine.operators.results import MeasuredPath
from lsd_studio.ui.app.theme import BODY, CAPTION, GRID, ThemeManager, font
from lsd_studio.ui.evaluate.table import COLUMN, INTERVAL, ComparisonTable, arrangement
from lsd_studio.ui.evaluate.table_rows import SECTIONS, Row, Unit, cell_words
from lsd_studio.ui.operate.operator_card import rate_in_words
from lsd_studio.ui.operate.path_measurement import measured_in_words

NOTHING = {"value": None, "low": None, "high": None, "count": 8991}
MEASURED = {
    "images": 10_000,
    "classifier_accuracy": {"value": 0.9941, "low": 0.9924, "high": 0.9955, "count": 10_000},
    "lsd_less_baseline": {"lda": {"mean": {"value": -0.028, "low": -0.031, "high": 0.001, "count": 10_000}}},
    "baselines": {"lda": {"left_out": "9 training images are too few for 9 labels."}},
    "paths": {
        "transport": {"endpoint_rate": {"value": 1.0, "low": 0.7169, "high": 1.0, "count": 9}},
        "rotation": {"style": {"slant": {"value": 0.86, "low": 0.85, "high": 0.87, "count": 5638}, "ink": NOTHING}},
    },
    "noise_floor": {"mean": {"signed": {"ks_distance": 0.0012, "ks_by_chance": 0.0004}}},
    "chosen_for": {"amplitude_weight": 40.0, "xi": 0.9},
}  # fmt: skip


@pytest.fixture
def metrics() -> BundleMetrics:
    return bundle_metrics("small <b>", MEASURED)


@pytest.mark.parametrize(
    ("key", "unit", "words"),
    [
        ("classifier_accuracy", "share", ("99.41 %", "99.24 … 99.55")),
        ("lsd_less_baseline.lda.mean", "difference", ("−2.80", "−3.10 … +0.10")),
        ("paths.transport.endpoint_rate", "share", ("100.00 %", "71.69 … 100.00 of 9")),
        ("paths.rotation.style.slant", "correlation", ("0.86", "0.85 … 0.87 of 5638")),
        ("paths.rotation.style.ink", "correlation", ("–", "")),
        ("chosen_for.amplitude_weight", "weight", ("40.0", "")),
        ("baselines.lda.sampled", "share", ("–", "left out")),
        ("reconstruction.psnr", "decibel", ("–", "")),
        ("noise_floor.mean.signed.ks_by_chance", "number", ("< 0.001", "")),
        ("noise_floor.mean.signed.ks_distance", "number", ("0.001", "")),
    ],
)
def test_a_cell_says_of_how_many_it_is(
    metrics: BundleMetrics, key: str, unit: Unit, words: tuple[str, str]
) -> None:
    assert cell_words(metrics, key, unit) == words


def tips(table: ComparisonTable) -> set[str]:
    """All that the table says under the pointer."""
    table.grab()
    rows = [(row, QPointF(0.0, y + 5.0)) for row, y in table._rows()]
    found = {
        table.tip_at(QPointF(left + 5.0, at.y())) for row, at in rows for _, left, *_ in table._cells(row)
    }
    return found | {table.tip_at(at) for _, at in rows}


def test_the_table_says_why_something_was_left_out_as_plain_text(
    metrics: BundleMetrics, qtbot: QtBot, themes: ThemeManager
) -> None:
    table = ComparisonTable(themes)
    qtbot.addWidget(table)
    table.show_columns((metrics,), "mean")
    table.resize(table.minimumSize())
    reason = "9 training images are too few for 9 labels."
    assert f"Linear discriminant analysis\nsmall <b>, mean μ: {reason}" in tips(table)


@pytest.mark.parametrize(
    ("bundles", "width"), [(1, 780), (2, 780), (3, 780), (2, 1100), (3, 1100), (4, 2300)]
)
def test_all_numbers_are_reached_without_scrolling_sideways(
    bundles: int, width: int, metrics: BundleMetrics, qtbot: QtBot, themes: ThemeManager
) -> None:
    table = ComparisonTable(themes)
    qtbot.addWidget(table)
    found: set[str] = set()
    for chosen in ("sampled", "mean"):
        table.show_columns((metrics,) * bundles, chosen)
        assert table.minimumWidth() <= width
        table.resize(width, table.minimumHeight())
        assert table._right() <= width
        found |= tips(table)
    said = [cell_words(metrics, key, row.unit) for row in rows_of_all_sections() for key in keys_of(row)]
    for value, between in said:
        assert any(f"{value}  {between}".strip() in tip for tip in found), (value, between)


def rows_of_all_sections() -> list[Row]:
    return [row for rows in SECTIONS.values() for row in rows]


def keys_of(row: Row) -> list[str]:
    """The keys that the bundle has measures for."""
    keys = {row.key_of("sampled"), row.key_of("mean")}
    return [key for key in keys if key in bundle_metrics("small", MEASURED).measures]


def test_the_narrower_the_table_the_fewer_columns() -> None:
    wide, tall, narrow = (arrangement(width, 2, "mean") for width in (1400, 1000, 780))
    assert (wide.tall, wide.codes) == (False, ("sampled", "mean"))
    assert (tall.tall, tall.codes) == (True, ("sampled", "mean"))
    assert (narrow.tall, narrow.codes) == (True, ("mean",))
    assert narrow.column >= INTERVAL


def leg(images: int, codes: int, share: float = 1.0) -> LegQuality:
    """A leg from 0 to 1 on which that share of so many images arrives."""
    arrived = np.arange(images) < round(share * images)
    return LegQuality(0, 1, arrived, np.ones(images, bool), codes, {}, {})


def test_a_leg_of_one_code_is_one_reading() -> None:
    assert rate_in_words(leg(980, 1), 1) == "1 of 1"
    assert rate_in_words(leg(1000, 1000, 0.627), 1) == "62.7 %"


def test_a_measured_path_is_told_with_what_is_independent_in_it() -> None:
    nothing = Measure(math.nan, math.nan, math.nan, 8991)
    transport = MeasuredPath(
        "mnist", (leg(8991, 9),), Measure(1.0, 0.717, 1.0, 9), Measure(0.997, 0.996, 0.998, 8991),
        dict.fromkeys(("slant", "ink"), nothing),
    )  # fmt: skip
    words = measured_in_words(transport)
    assert "100.0 % arrive (72–100, 9 different codes)" in words
    assert "no style to compare: one picture for all of a label" in words

    rates = np.array([0.62, 0.61, 0.64])
    style = {"slant": Measure(0.86, 0.85, 0.87, 5574), "ink": Measure(-0.1, -0.12, -0.08, 5574)}
    rotation = MeasuredPath(
        "mnist", (leg(8991, 8991),), Measure(*rates, 8991), Measure(0.966, 0.96, 0.97, 8991), style
    )
    words = measured_in_words(rotation)
    assert "62.0 % arrive (61–64)" in words
    assert "kept by 5574, r: slant 0.86, ink −0.10" in words
    assert "8991 images of mnist" in words


def test_a_value_and_its_interval_have_a_gap_between(qtbot: QtBot) -> None:
    small, usual = QFontMetrics(font(CAPTION)), QFontMetrics(font(BODY))
    assert small.horizontalAdvance("99.75 … 99.92 of 8991") + GRID <= INTERVAL
    assert usual.horizontalAdvance("> 99.99 %") + GRID <= COLUMN - INTERVAL
