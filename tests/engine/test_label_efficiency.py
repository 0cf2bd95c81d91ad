"""Readers fitted on few labelled codes, against the same done by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.datasets import LabelledImages, scale_pixels
from lsd_studio.engine.evaluation.label_efficiency import (
    balanced_order,
    label_efficiency,
    label_measures,
    read_with,
)
from lsd_studio.engine.steps import finished

LABELS = np.array([0] * 6 + [1] * 3 + [2] * 4)


def test_labels_take_turns_as_long_as_they_last() -> None:
    order = balanced_order(LABELS, np.random.default_rng(0))
    assert sorted(order) == list(range(len(LABELS)))
    for first in (3, 6, 9):
        assert np.bincount(LABELS[order[:first]]).tolist() == [first // 3] * 3
    assert np.bincount(LABELS[order[:11]]).tolist() == [4, 3, 4]
    assert (balanced_order(LABELS, np.random.default_rng(1)) != order).any()


def three_clouds(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    return 3 * np.eye(5)[labels] + random.standard_normal((count, 5)), labels


@pytest.mark.parametrize("reading", ["signed", "absolute"])
def test_lsd_reads_by_the_frame_nearest_to_the_averages(reading: str) -> None:
    codes, labels = three_clouds(30, 0)
    test_codes, _ = three_clouds(200, 1)
    read = read_with(codes, labels, test_codes, number_of_labels=3, set_one="symmetric", reading=reading)
    averages = np.stack([codes[labels == label].mean(axis=0) for label in range(3)])
    values, vectors = np.linalg.eigh(averages @ averages.T)
    frame = vectors / np.sqrt(values) @ vectors.T @ averages
    amplitudes = test_codes @ frame.T
    by_hand = (np.abs(amplitudes) if reading == "absolute" else amplitudes).argmax(axis=1)
    np.testing.assert_array_equal(read["lsd"], by_hand)
    lda = LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto").fit(codes, labels)
    np.testing.assert_array_equal(read["shrunk_lda"], lda.predict(test_codes))
    assert set(read) == {"lsd", "nearest_class_mean", "shrunk_lda", "logistic_regression"}


def test_a_reader_that_cannot_be_fitted_on_so_few_is_missing() -> None:
    codes, labels = three_clouds(30, 0)
    read = read_with(codes[:3], labels[:3], codes, number_of_labels=3, set_one="symmetric", reading="signed")
    assert "shrunk_lda" not in read
    assert "lsd" in read
    two = read_with(codes[:2], labels[:2], codes, number_of_labels=3, set_one="symmetric", reading="signed")
    assert "lsd" not in two


def test_of_a_bundle_and_paired_on_the_same_images(
    tmp_path: Path, save_small_bundle: Callable[[Path], Path]
) -> None:
    bundle = open_bundle(save_small_bundle(tmp_path / "small"))
    random = np.random.default_rng(0)

    def images(count: int, split) -> LabelledImages:
        pixels = random.integers(0, 256, (count, 1, 8, 8), dtype=np.uint8)
        labels = np.arange(count) % 2
        return LabelledImages("noise", pixels, labels, bundle.manifest.label_names, "0" * 64, split)

    training, test = images(40, "train"), images(25, "test")
    found = finished(label_efficiency(bundle, test, training, (40, 6, 41), seed=3))
    assert list(found) == [6, 40]
    again = finished(label_efficiency(bundle, test, training, (6,), seed=3))
    np.testing.assert_array_equal(found[6]["lsd"], again[6]["lsd"])
    codes = bundle.networks.encode(scale_pixels(training.images))[0]
    read = read_with(
        codes, training.labels, bundle.networks.encode(scale_pixels(test.images))[0],
        number_of_labels=2, set_one=bundle.profile.basis.set_one, reading=bundle.profile.reading,
    )  # fmt: skip
    np.testing.assert_array_equal(found[40]["lsd"], read["lsd"] == test.labels)
    measures = label_measures(found)
    assert measures["40.lsd"] == found[40]["lsd"].mean()
    difference = found[40]["lsd"].mean() - found[40]["shrunk_lda"].mean()
    assert measures["40.lsd_less_shrunk_lda"] == pytest.approx(difference)
