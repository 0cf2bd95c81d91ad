from collections.abc import Generator
from typing import Any

import numpy as np

from lsd_studio.engine.basis.frames import principal_directions
from lsd_studio.engine.basis.labelled_frame import informative_complement, with_labels_assigned
from lsd_studio.engine.basis.progress import LabelledFrameProgress
from tests.engine.small_networks import LABELS, LATENT_DIMENSIONS, small_networks

OTHERS = LATENT_DIMENSIONS - LABELS


def planted_codes(count: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Set 1, the directions of its complement, and codes that vary along them in falling order."""
    random = np.random.default_rng(4)
    frame = np.linalg.qr(random.standard_normal((LATENT_DIMENSIONS, LATENT_DIMENSIONS)))[0].T
    strengths = np.concatenate([np.full(LABELS, 5.0), 3 * 0.7 ** np.arange(OTHERS)])
    exact = np.linalg.qr(random.standard_normal((count, LATENT_DIMENSIONS)))[0] * np.sqrt(count)
    return frame[:LABELS] * np.sqrt(LATENT_DIMENSIONS), frame[LABELS:], exact * strengths @ frame


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.sqrt(LATENT_DIMENSIONS)


def test_planted_directions_are_found_strongest_first() -> None:
    set_one, directions, codes = planted_codes()

    found = principal_directions(set_one, codes)

    np.testing.assert_allclose(np.abs(found @ directions.T), np.eye(OTHERS), atol=1e-6)


def test_no_frame_leaves_less_of_the_codes_beyond_its_first_vectors() -> None:
    set_one, _, _ = planted_codes()
    random = np.random.default_rng(0)
    codes = random.standard_normal((300, LATENT_DIMENSIONS)) * np.arange(1, LATENT_DIMENSIONS + 1) + 1

    found = principal_directions(set_one, codes)

    outside = codes - codes @ unit(set_one).T @ unit(set_one)
    best = np.linalg.svd(outside, compute_uv=False) ** 2
    for kept in (1, 7, LABELS):
        np.testing.assert_allclose(((outside @ found[kept:].T) ** 2).sum(), best[kept:].sum(), rtol=1e-9)


def test_each_set_spans_its_principal_directions_and_is_read_as_its_labels() -> None:
    networks = small_networks()
    set_one, directions, codes = planted_codes()

    *steps, vectors = chosen(informative_complement(networks, set_one, codes, enough=lambda: False))

    together = unit(np.concatenate([set_one, vectors]))
    np.testing.assert_allclose(together @ together.T, np.eye(LATENT_DIMENSIONS), atol=1e-12)
    for first in range(0, OTHERS, LABELS):
        part = slice(first, first + LABELS)
        within = unit(vectors[part]) @ directions[part].T
        np.testing.assert_allclose(within @ within.T, np.eye(LABELS), atol=1e-6)
    read = networks.classify(networks.decode(vectors)).argmax(axis=1)
    assert (read == np.arange(OTHERS) % LABELS).sum() == steps[-1].held > steps[0].held


def chosen(ascent: Generator[LabelledFrameProgress, None, np.ndarray]) -> list[Any]:
    """All steps of the ascent, then what it returns."""
    steps: list[Any] = []
    while True:
        try:
            steps.append(next(ascent))
        except StopIteration as finished:
            return [*steps, finished.value]


def test_labels_are_assigned_to_the_vectors_that_are_read_as_them() -> None:
    networks = small_networks()
    codes = np.random.default_rng(2).standard_normal((300, LATENT_DIMENSIONS))
    read = networks.classify(networks.decode(codes))
    of_label = [codes[read[:, label].argmax()] for label in range(LABELS)]

    assigned = with_labels_assigned(networks, np.array(of_label[::-1]))

    labels = networks.classify(networks.decode(assigned)).argmax(axis=1)
    np.testing.assert_array_equal(labels, np.arange(LABELS))
