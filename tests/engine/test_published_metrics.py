"""The metrics that bundles come with, read as data that anyone may have written."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis
from lsd_studio.engine.bundle import keep_evaluation, open_bundle
from lsd_studio.engine.evaluation.published_metrics import bundle_metrics, published_metrics, shipped_metrics

MEASURED = {
    "classifier_accuracy": {"value": 0.9, "low": 0.8, "high": 0.95},
    "transport": {"value": 1.0, "low": 1.0, "high": 1.0},
    "lsd_accuracy": {"mean": {"signed": {"value": 0.7, "low": 0.6, "high": 0.75}}},
    "cumulative_rank": {"mean": [0.7, 1]},
    "trials": 3,
    "profile": "studio",
    "data": {"name": "mnist", "checksum": "0" * 64},
}


def test_numbers_intervals_and_lists_have_dotted_names() -> None:
    metrics = bundle_metrics("mine", MEASURED)

    assert (metrics.bundle, metrics.profile, metrics.data, metrics.trials) == ("mine", "studio", "mnist", 3)
    assert metrics.measures["classifier_accuracy"].value == 0.9
    assert metrics.measures["lsd_accuracy.mean.signed"].high == 0.75
    assert math.isnan(metrics.measures["trials"].low)
    assert metrics.measures["transport"].value == 1.0
    assert math.isnan(metrics.measures["transport"].low)
    assert metrics.series == {"cumulative_rank.mean": (0.7, 1.0)}


def test_reasons_counts_and_what_has_no_number_are_read() -> None:
    metrics = bundle_metrics(
        "new",
        {
            "baselines": {"lda": {"left_out": "too few images."}},
            "slant": {"value": None, "low": None, "high": None, "count": 8991},
            "rate": {"value": 1.0, "low": 1.0, "high": 1.0, "count": 7},
            "odd": {"value": 1.0, "low": "x", "high": 1.0},
            "odder": {"value": 1.0, "low": 0.5, "high": 1.0, "count": "many"},
        },
    )

    assert metrics.left_out == {"baselines.lda": "too few images."}
    assert math.isnan(metrics.measures["slant"].value)
    assert (metrics.measures["rate"].low, metrics.measures["rate"].count) == (1.0, 7)
    assert set(metrics.measures) == {"slant", "rate"}


def test_what_is_no_finite_number_is_left_out() -> None:
    written = """{"a": NaN, "b": {"value": "1", "low": 0, "high": 1}, "c": [1, "x"], "d": true, "e": [], "f": Infinity,
        "profile": ["no"], "data": 7, "g": {"value": 1, "low": 0}, "h": null, "i": 1}"""

    metrics = bundle_metrics("odd", json.loads(written))

    assert set(metrics.measures) == {"data", "g.value", "g.low", "i"}
    assert metrics.series == {}
    assert (metrics.profile, metrics.data, metrics.trials) == ("", "", 0)


def test_a_bundle_has_no_metrics_before_it_is_evaluated_nor_of_another_basis(
    save_small_bundle: Callable[[Path], Path], tmp_path: Path
) -> None:
    bundle = open_bundle(save_small_bundle(tmp_path / "small"))
    assert published_metrics(bundle, "small") is None

    keep_evaluation(bundle.path, MEASURED)
    metrics = published_metrics(bundle, "small")
    assert metrics is not None
    assert metrics.measures["classifier_accuracy"].value == 0.9
    other = QuasiEigenbasis.from_averages(np.random.default_rng(5).standard_normal((4, 4)), 2)
    assert published_metrics(replace(bundle, basis=other), "small") is None

    (bundle.path / "evaluation.json").write_text("[1, 2]")
    assert published_metrics(bundle, "small") is None


@pytest.mark.parametrize("own", [True, False])
def test_the_shipped_bundle_is_compared_with_others_but_not_with_itself(
    own: bool, save_small_bundle: Callable[[Path], Path], tmp_path: Path
) -> None:
    bundle = open_bundle("mnist-studio" if own else save_small_bundle(tmp_path / "small"))
    found = {metrics.bundle: metrics for metrics in shipped_metrics(bundle)}
    assert ("mnist-studio" in found) != own
    if not own:
        assert found["mnist-studio"].measures["classifier_accuracy"].value > 0.98
