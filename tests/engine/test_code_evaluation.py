"""Labelled codes read by LSD and by baselines, on codes that fitted nothing."""

from __future__ import annotations

import numpy as np
import pytest

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.spaces import code_evaluation
from lsd_studio.engine.spaces.code_evaluation import evaluate_codes
from lsd_studio.engine.spaces.labelled_codes import LabelledCodes
from lsd_studio.engine.steps import finished


def labelled(codes: np.ndarray, labels: np.ndarray) -> LabelledCodes:
    return LabelledCodes(
        codes, labels, tuple(map(str, range(labels.max() + 1))), "a test", (), np.arange(len(codes))
    )


def on_axes(random: np.random.Generator, offset: float = 0.0, count: int = 900) -> LabelledCodes:
    """Three classes, each on an axis of its own of eight."""
    labels = random.permutation(np.arange(count) % 3)
    return labelled(random.standard_normal((count, 8)) + 3 * np.eye(8)[labels] + offset, labels)


def test_classes_on_axes_are_read_as_well_as_the_best_classifier_reads_them() -> None:
    found = finished(evaluate_codes(on_axes(np.random.default_rng(0))))

    assert found["split"] == {"training": 600, "held_out": 300, "seed": 0}
    signed = found["lsd_accuracy"]["from_zero"]["signed"]
    assert signed["value"] > 0.95
    assert signed["count"] == 300
    assert signed["p_value"] == 0.001
    assert signed["by_chance"] == pytest.approx(1 / 3)
    assert abs(signed["value"] - found["baselines"]["lda"]["value"]) < 0.02
    assert found["baselines"]["most_frequent_label"]["value"] == pytest.approx(1 / 3)
    assert found["audit"]["directions"] == 2
    assert "LSD from zero, signed 9" in found["sentence"]


def test_codes_far_from_zero_are_read_from_their_mean() -> None:
    found = finished(evaluate_codes(on_axes(np.random.default_rng(1), offset=20.0)))

    assert found["lsd_accuracy"]["from_mean"]["signed"]["value"] > 0.95


def test_held_out_codes_fitted_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Labels of held-out codes that are all wrong change what is measured, and nothing that is fitted."""
    of = on_axes(np.random.default_rng(2))
    held = code_evaluation._held_out(of)
    wrong = labelled(of.codes, np.where(held, (of.labels + 1) % 3, of.labels))
    monkeypatch.setattr(code_evaluation, "_held_out", lambda _: held)

    found = finished(evaluate_codes(wrong))

    assert found["lsd_accuracy"]["from_zero"]["signed"]["value"] < 0.05
    assert found["baselines"]["lda"]["value"] < 0.05
    assert found["audit"]["directions"] == 2


def test_noise_is_read_once_in_a_hundred(monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdict over all readers, at 1 %, over 60 data sets with labels of unequal counts."""
    monkeypatch.setattr(code_evaluation, "DEALINGS", 199)
    random = np.random.default_rng(3)
    verdicts = 0
    for _ in range(60):
        labels = np.concatenate([np.arange(3).repeat(3), random.choice(3, p=(0.6, 0.3, 0.1), size=81)])
        codes = random.standard_normal((90, 6))
        read = code_evaluation._read_by_lsd(
            labelled(codes[:60], labels[:60]), labelled(codes[60:], labels[60:]), "from_zero", np.zeros(6)
        )
        _, p_values = code_evaluation._beyond_chance(read, labels[60:], random)
        verdicts += min(p_values.values()) <= 0.01

    assert verdicts <= 4  # of binomial(60, 0.01) in 99.97 %


def test_too_few_codes() -> None:
    with pytest.raises(StudioError, match="A third of 12 codes is too little to measure on"):
        finished(evaluate_codes(on_axes(np.random.default_rng(4), count=12)))
