"""Steering measured on real networks with a judge: turns, walk, style and samples, against the parts done by hand."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest
import torch

from lsd_studio.engine.datasets import scale_pixels
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.fidelity import fidelity
from lsd_studio.engine.evaluation.frechet import frechet_distance
from lsd_studio.engine.evaluation.steering import steering_steps
from lsd_studio.engine.evaluation.steering_findings import Steering
from lsd_studio.engine.operators.planes import rotate
from lsd_studio.engine.steps import finished
from tests.engine.small_networks import (
    LABELS,
    judged_networks,
    small_basis,
    small_images,
    small_networks,
)

TEST = small_images("test", 120)


@cache
def found() -> Steering:
    return finished(steering_steps(judged_networks(), small_basis(), TEST))


def test_turns_are_the_true_rotation_and_intervals_count_images() -> None:
    networks, xi = judged_networks(), small_basis().xi_
    codes = networks.encode(scale_pixels(TEST.images))[0]
    arrived = np.zeros((len(TEST), LABELS))
    for image, label in enumerate(TEST.labels):
        others = [other for other in range(LABELS) if other != label]
        turned = np.stack([rotate(xi[label], xi[other], np.pi / 2, codes[image]) for other in others])
        read = networks.judge_images(networks.decode(turned))
        assert read is not None
        arrived[image, others] = read.argmax(axis=1) == others

    by_judge = found().arrivals["judge"]

    assert found().turns == LABELS - 1
    assert by_judge.share.value == pytest.approx(arrived.sum(axis=1).mean() / 9, abs=2e-3)
    assert by_judge.share.count == found().style["slant"].count == len(TEST)
    assert by_judge.counts.sum() == 9 * len(TEST)
    source, target, least = by_judge.least_pair
    assert source != target
    assert least.value == np.nanmin(by_judge.pairs)
    assert least.count == (TEST.labels == source).sum()


def test_the_walk_starts_at_the_reconstruction_and_visits_every_label() -> None:
    networks, zeros = judged_networks(), scale_pixels(TEST.images[TEST.labels == 0])
    drawn = networks.decode(networks.encode(zeros)[0])

    walk = found().arrivals["classifier"].walk

    assert len(walk) == LABELS
    assert walk[0].value == pytest.approx((networks.classify(drawn).argmax(axis=1) == 0).mean())
    assert walk[0].count == len(zeros)
    least = found().arrivals["classifier"].least_station
    assert least is not None
    assert least[1].value == min(station.value for station in walk)


def test_reconstructions_and_random_samples_are_compared() -> None:
    networks, pixels = judged_networks(), scale_pixels(TEST.images)
    psnr, _ = fidelity(networks.decode(networks.encode(pixels)[0]), pixels)
    assert found().psnr.value == pytest.approx(psnr.mean())
    for name, reader in (("classifier", networks.classifier), ("judge", networks.judge)):
        samples = found().arrivals[name].samples
        assert samples is not None
        assert reader is not None
        assert (samples.to_images.count, samples.between_halves.count) == (len(TEST), len(TEST) // 2)
        features = networks.features(pixels, reader)
        grey = networks.features(np.zeros_like(pixels), reader)
        assert 0 < samples.to_images.value < frechet_distance(grey, features)


def test_features_are_what_the_last_layer_reads() -> None:
    networks, pixels = judged_networks(), scale_pixels(TEST.images[:5])
    last = networks.classifier.layers[-1]
    assert isinstance(last, torch.nn.Linear)
    logits = last(torch.from_numpy(networks.features(pixels, networks.classifier)))
    np.testing.assert_allclose(logits.softmax(dim=1).numpy(), networks.classify(pixels), atol=1e-5)


def test_who_marks_their_own_work_is_said() -> None:
    measured = found().measured(TEST.label_names)
    assert json.loads(json.dumps(measured, allow_nan=False)) == measured
    assert measured["classifier"]["in_the_losses"] is True
    assert measured["judge"]["in_the_losses"] is False
    assert any("marks its own work" in note for note in found().notes)

    alone = finished(steering_steps(small_networks(), small_basis(), TEST.take(np.arange(30)), turns=2))
    assert list(alone.arrivals) == ["classifier"]
    assert any("no judge" in note for note in alone.notes)


def test_fewer_turns_are_drawn_by_the_seed() -> None:
    few = TEST.take(np.arange(30))
    first, again, other = (
        finished(steering_steps(judged_networks(), small_basis(), few, turns=2, seed=seed))
        .arrivals["judge"]
        .counts
        for seed in (1, 1, 2)
    )
    assert first.sum() == 2 * len(few)
    assert not np.diagonal(first).any()
    assert (first == again).all()
    assert (first != other).any()


def test_without_the_first_label_there_is_no_walk() -> None:
    others = TEST.take(np.flatnonzero(TEST.labels != 0))
    without = finished(steering_steps(small_networks(), small_basis(), others, turns=1))
    assert without.arrivals["classifier"].least_station is None
    assert "walk" in without.left_out
    assert "walk" not in without.measured(TEST.label_names)["classifier"]


def test_too_few_images_are_refused() -> None:
    with pytest.raises(StudioError, match="four test images"):
        finished(steering_steps(judged_networks(), small_basis(), TEST.take(np.arange(3))))
