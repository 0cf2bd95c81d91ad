"""Statistics of ranks against loops that anyone can read."""

from __future__ import annotations

import numpy as np
import pytest

from lsd_studio.engine.decomposition.rank_statistics import floor_curves, rank_statistics
from lsd_studio.engine.evaluation.findings import Read
from lsd_studio.engine.vocabulary import Reading

IMAGES, LABELS, DIMENSIONS = 300, 5, 20


def drawn(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = random.integers(0, LABELS, IMAGES)
    amplitudes = random.standard_normal((IMAGES, DIMENSIONS)) / DIMENSIONS**0.5
    amplitudes[np.arange(IMAGES), labels] += 2.0 / DIMENSIONS**0.5
    return amplitudes, labels


@pytest.mark.parametrize("reading", ["absolute", "signed"])
def test_ranks_ratios_margins_and_confusions_of_each_image(reading: Reading) -> None:
    amplitudes, labels = drawn()
    found = rank_statistics(amplitudes, labels, LABELS, reading)

    weights = np.abs(amplitudes) if reading == "absolute" else amplitudes[:, :LABELS]
    ranks, ratios, confusion = (
        np.zeros_like(found.ranks),
        np.zeros_like(found.ratios),
        np.zeros((LABELS, LABELS)),
    )
    for image, (own, label) in enumerate(zip(weights, labels, strict=True)):
        order = np.argsort(-own)
        rank = int(np.flatnonzero(order == label)[0])
        ranks[rank] += 1
        read = order[0] % LABELS
        confusion[label, read] += 1
        best = [max(own[k] for k in range(len(own)) if k % LABELS == other) for other in range(LABELS)]
        margin = best[label] - max(best[other] for other in range(LABELS) if other != label)
        assert found.margins[image] == pytest.approx(margin)
        assert (found.margins[image] > 0) == (read == label) == bool(found.hits[image])
        if rank < 3 and own[order[0]] > 0:
            for place, ratio in enumerate(own[order] / own[order[0]]):
                clipped = min(max(ratio, found.edges[0]), 1 - 1e-12)
                ratios[rank, place, np.searchsorted(found.edges, clipped, side="right") - 1] += 1
    np.testing.assert_array_equal(found.ranks, ranks)
    np.testing.assert_array_equal(found.confusion, confusion)
    np.testing.assert_array_equal(found.ratios, ratios)
    own = weights[np.arange(IMAGES), labels]
    others = np.delete(weights.ravel(), np.arange(IMAGES) * weights.shape[1] + labels)
    assert found.signal / IMAGES == pytest.approx(own.mean() * DIMENSIONS**0.5)
    assert found.noise / IMAGES == pytest.approx((others**2).mean() * DIMENSIONS)


def test_statistics_of_two_draws_add_up_to_their_means() -> None:
    (first, labels), (second, _) = drawn(0), drawn(1)
    apart = [rank_statistics(amplitudes, labels, LABELS, "signed") for amplitudes in (first, second)]
    both = apart[0] + apart[1]
    read = Read(both, np.full((LABELS, 3), np.nan), floor_curves(both, "signed"))

    assert both.draws == 2
    assert read.accuracy == pytest.approx((apart[0].hits.mean() + apart[1].hits.mean()) / 2)
    np.testing.assert_allclose(read.margins, (apart[0].margins + apart[1].margins) / 2)
    np.testing.assert_array_equal(both.first_read, apart[0].first_read)
    assert read.cumulative[0] == pytest.approx(read.accuracy)
    assert read.density(1, 2) @ np.diff(both.edges) == pytest.approx(1)
    assert not read.density(1, LABELS + 1).any()


def test_amplitudes_of_one_signal_among_unit_noise_follow_their_floor() -> None:
    random = np.random.default_rng(3)
    labels = random.integers(0, LABELS, 20_000)
    amplitudes = random.standard_normal((len(labels), DIMENSIONS)) / DIMENSIONS**0.5
    amplitudes[np.arange(len(labels)), labels] = 2.4 / DIMENSIONS**0.5
    statistics = rank_statistics(amplitudes, labels, LABELS, "absolute")
    read = Read(statistics, np.full((LABELS, 3), np.nan), floor_curves(statistics, "absolute"))

    assert read.floor.amplitude == pytest.approx(2.4, abs=0.02)
    assert read.signal == pytest.approx(2.4)
    assert read.noise == pytest.approx(1, abs=0.01)
    assert read.floor.distance < 0.01
    for true_rank in (1, 2, 3):
        density = read.density(true_rank, 2)
        assert np.abs(density - read.floor.densities[true_rank - 1, 0]).mean() < 0.15
