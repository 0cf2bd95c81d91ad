"""The table of an evaluation: of how many each number is one, what was left out and why, what has no number."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from lsd_studio.engine.evaluation.findings import BundleMetrics, Measure
from lsd_studio.engine.evaluation.published_metrics import bundle_metrics
from lsd_studio.engine.operators.path_quality import LegQuality
from lsd_studio.engine.operators.results import MeasuredPath
from lsd_studio.ui.app.theme import BODY, CAPTION, GRID, ThemeManager, font
from lsd_studio.ui.evaluate.table import COLUMN, INTERVAL, ComparisonTable, Unit, cell_words
from lsd_studio.ui.operate.operator_card import rate_in_words
from lsd_studio.ui.operate.path_measurement import measured_in_words
from lsd_studio.ui.widgets.plain_text import tip_words

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


def test_the_table_says_why_something_was_left_out_as_plain_text(
    metrics: BundleMetrics, qtbot: QtBot, themes: ThemeManager
) -> None:
    table = ComparisonTable(themes)
    qtbot.addWidget(table)
    table.show_columns((metrics,))
    table.resize(table.minimumSize())
    assert not table.grab().isNull()
    assert table.toolTip() == tip_words(
        "small <b>, lda left out: 9 training images are too few for 9 labels."
    )


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
