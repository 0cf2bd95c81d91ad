import re
from copy import deepcopy
from dataclasses import replace
from functools import cache
from itertools import islice, pairwise

import numpy as np
import pytest
import torch

from lsd_studio.engine.basis.latent_sets import (
    NEVER_DRAWN,
    LatentSets,
    _Stream,
    build_basis,
    draw_latents,
)
from lsd_studio.engine.basis.progress import LabelledFrameProgress, LatentSetsProgress
from lsd_studio.engine.datasets import LabelledImages
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.runs.profiles import BasisSettings
from lsd_studio.engine.vocabulary import Source
from tests.engine.small_networks import LABELS, LATENT_DIMENSIONS, small_images, small_networks

VECTORS = 80
SETTINGS = BasisSettings(vectors=VECTORS)


def labelled_draws(images: LabelledImages, source: Source, seed: int, draws: int) -> list[np.ndarray]:
    """The first draws of a source, sorted by the label that C∘G gives them."""
    latents = draw_latents(small_networks(), images, source, seed)
    codes = np.empty((0, LATENT_DIMENSIONS), dtype=np.float32)
    while len(codes) < draws:
        codes = np.concatenate([codes, next(latents).numpy()])
    codes = codes[:draws]
    labels = small_networks().classify(small_networks().decode(codes)).argmax(axis=1)
    return [codes[labels == label].astype(np.float64) for label in range(LABELS)]


def test_the_draws_of_a_label_go_to_its_sets_in_turn_and_eta_is_their_mean() -> None:
    images = small_images("train", 600)
    sets = LatentSets(small_networks(), images, VECTORS, 20_000_000, seed=3)

    *_, last = sets.fill()

    encoded = labelled_draws(images, "encoded", 3, last.draws[0])
    random = labelled_draws(images, "random", 3, last.draws[1])
    for label in range(LABELS):
        parts = [encoded[label][:VECTORS], *(random[label][first : 2 * VECTORS : 2] for first in (0, 1))]
        np.testing.assert_allclose(last.mean[:, label], [part.mean(axis=0) for part in parts], atol=1e-12)
        np.testing.assert_allclose(last.spread[:, label], [part.std(axis=0) for part in parts], atol=1e-9)
    np.testing.assert_array_equal(sets.eta(), last.mean.reshape(-1, LATENT_DIMENSIONS))


@cache
def filled_step_by_step() -> tuple[list[LatentSetsProgress], np.ndarray]:
    """All steps of a gathering, and η as it was after the fourth."""
    sets = LatentSets(small_networks(), small_images("train", 600), VECTORS, 20_000_000, seed=0)
    filling = sets.fill()
    first = list(islice(filling, 4))
    halfway = sets.eta()
    return first + list(filling), halfway


def test_all_sets_grow_alike_and_their_averages_can_be_used_on_the_way() -> None:
    steps, halfway = filled_step_by_step()

    assert all(0 < before.fraction < after.fraction for before, after in pairwise(steps))
    assert (np.ptp(steps[3].counts[1:], axis=0) <= 1).all()
    assert (steps[3].counts > 0).all()
    assert (steps[3].counts < VECTORS).any()
    np.testing.assert_array_equal(halfway, steps[3].mean.reshape(-1, LATENT_DIMENSIONS))
    assert steps[-1].counts.tolist() == [[VECTORS] * LABELS] * 3
    assert steps[-1].fraction == 1


def test_a_set_without_a_vector_is_named() -> None:
    sets = LatentSets(small_networks(), small_images("train", 600), VECTORS, 20_000_000, seed=0)

    with pytest.raises(StudioError, match="Set 1 of label 0 holds no latent vector yet \\(30 of 30"):
        sets.eta()


def test_the_standard_error_and_the_change_of_the_mean_fall_as_the_averages_converge() -> None:
    steps, _ = filled_step_by_step()

    errors = steps[-1].standard_error[1:]
    assert np.isnan(steps[0].standard_error[1:]).all()
    np.testing.assert_allclose(steps[-1].spread[1:].mean(), 1, atol=0.05)
    np.testing.assert_allclose(errors[..., 0].mean(), 1 / np.sqrt(VECTORS), rtol=0.05)
    assert (errors[..., 1] > errors[..., 0]).all()
    moved = [
        np.linalg.norm(step.mean - before.mean, axis=2)[1:]
        for before, step in pairwise(steps)
        if step.draws[1] > before.draws[1]
    ]
    assert moved[0].mean() > moved[1].mean() > moved[2].mean() > 0


def test_the_same_seed_gives_the_same_basis_and_another_seed_another() -> None:
    networks, images = small_networks(), small_images("train", 600)

    first = build_basis(networks, images, SETTINGS, seed=1)
    again = build_basis(networks, images, SETTINGS, seed=1)
    other = build_basis(networks, images, SETTINGS, seed=2)

    np.testing.assert_array_equal(first.xi_, again.xi_)
    assert np.abs(first.eta_ - other.eta_).max() > 0.01
    assert first.orthogonality_error_ <= 1e-12


def test_set_one_classifies_test_images_far_above_chance() -> None:
    networks, test = small_networks(), small_images("test", 500)
    basis = build_basis(
        networks, small_images("train", 2000), BasisSettings(vectors=VECTORS, set_one="symmetric"), seed=0
    )
    mean, _ = networks.encode(test.images.astype(np.float32) / 127.5 - 1)

    signed = basis.transform(mean)[:, :LABELS].argmax(axis=1)

    assert (signed == test.labels).mean() > 0.5


def test_labels_that_cannot_be_filled_are_named_with_their_counts() -> None:
    images = small_images("train", 600)
    settings = BasisSettings(vectors=400, max_draws=1500)

    with pytest.raises(StudioError) as refused:
        build_basis(small_networks(), images, settings, seed=0)

    assert "latent vectors these labels are not filled, nor would they be within 1500" in str(refused.value)
    assert re.search(r"\(\d+ of [48]00\)", str(refused.value))


def networks_that_never_read(label: int) -> Networks:
    networks = small_networks()
    classifier = deepcopy(networks.classifier)
    with torch.no_grad():
        classifier.layers[-1].bias[label] = -1e6
    return replace(networks, classifier=classifier)


@pytest.mark.parametrize(("vectors", "max_draws"), [(1, 20_000_000), (1000, 200_000)])
def test_a_label_that_never_comes_is_waited_for_by_name_and_given_up_early(
    vectors: int, max_draws: int
) -> None:
    """Long before the 20 million draws of the default; with many vectors as soon as its rate must be too small."""
    images = small_images("train", 600)
    sets = LatentSets(networks_that_never_read(7), images, vectors, max_draws, seed=0)
    notes = []
    with pytest.raises(StudioError) as refused:
        notes.extend(step.note for step in sets.fill())

    draws = int(re.match(r"After (\d+) ", str(refused.value))[1])
    assert draws < (NEVER_DRAWN + 250 if vectors == 1 else 10_000)
    assert re.search(
        rf"not filled, nor would they be within {max_draws}: 7 \(0 of \d+\); .*train longer",
        str(refused.value),
    )
    if vectors == 1:
        assert notes[-1].startswith("waiting for 7 (0 of 1)")


def test_a_rare_label_is_waited_for_as_long_as_it_may_come() -> None:
    stream = _Stream("random", iter(()), 1, 9, 2)
    stream.draws, stream.drawn_by_label = 250_000, torch.tensor([249_990, 10])
    assert stream.hopeless(50, 20_000_000).tolist() == [], "450 are needed; some 800 are to be expected"
    assert stream.hopeless(500, 20_000_000).tolist() == [1], (
        "4 500 are needed; not even 2 600 can be expected"
    )


def test_work_ends_when_progress_raises() -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_basis(small_networks(), small_images("train", 600), SETTINGS, seed=0, progress=interrupt)


def test_the_labelled_complement_keeps_eta_and_set_one_and_is_orthogonal() -> None:
    networks, images = small_networks(), small_images("train", 600)
    plain = BasisSettings(vectors=VECTORS, set_one="symmetric")
    events: list[object] = []

    basis = build_basis(
        networks, images, plain.model_copy(update={"complement": "labelled"}), seed=0, progress=events.append
    )
    without = build_basis(networks, images, plain, seed=0)

    ascent = [event for event in events if isinstance(event, LabelledFrameProgress)]
    read = networks.classify(networks.decode(basis.xi_)).argmax(axis=1)
    np.testing.assert_array_equal(basis.eta_, without.eta_)
    np.testing.assert_array_equal(basis.xi_[:LABELS], without.xi_[:LABELS])
    assert basis.orthogonality_error_ <= 1e-12
    assert ascent[-1].held == (read == basis.labels_)[LABELS:].sum() > ascent[0].held
