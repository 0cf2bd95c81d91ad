import numpy as np
import pytest
import torch

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.labelled_frame import LabelledFrameProgress
from lsd_studio.engine.latent_sets import LATENTS_PER_BATCH, LatentSetsProgress, build_basis
from lsd_studio.engine.profiles import BasisSettings
from tests.engine.small_networks import LABELS, LATENT_DIMENSIONS, small_images, small_networks

VECTORS = 80
SETTINGS = BasisSettings(vectors=VECTORS)


def test_random_sets_are_the_means_of_the_first_draws_of_each_label_in_order() -> None:
    networks, images = small_networks(), small_images("train", 600)
    events: list[LatentSetsProgress] = []

    basis = build_basis(networks, images, SETTINGS, seed=3, progress=events.append)

    random = torch.Generator().manual_seed(3)
    encoded_draws = events[[event.source for event in events].index("random") - 1].draws
    remaining = encoded_draws
    while remaining > 0:
        for chosen in torch.randperm(600, generator=random).split(LATENTS_PER_BATCH):
            if remaining > 0:
                torch.randn(len(chosen), LATENT_DIMENSIONS, generator=random)
                remaining -= len(chosen)
    batches = events[-1].draws // LATENTS_PER_BATCH
    codes = torch.cat(
        [torch.randn(LATENTS_PER_BATCH, LATENT_DIMENSIONS, generator=random) for _ in range(batches)]
    ).numpy()
    labels = networks.classify(networks.decode(codes)).argmax(axis=1)
    for label in range(LABELS):
        of_label = codes[labels == label].astype(np.float64)
        for set_index in (0, 1):
            expected = of_label[set_index * VECTORS : (set_index + 1) * VECTORS].mean(axis=0)
            np.testing.assert_allclose(
                basis.eta_[(set_index + 1) * LABELS + label], expected, atol=1e-12, rtol=0
            )


def test_progress_ends_with_every_set_full_and_with_the_spread_of_standard_normal_codes() -> None:
    events: list[LatentSetsProgress] = []

    basis = build_basis(
        small_networks(), small_images("train", 600), SETTINGS, seed=0, progress=events.append
    )

    encoded = [event for event in events if event.source == "encoded"][-1]
    random = events[-1]
    assert encoded.counts.tolist() == [[VECTORS] * LABELS]
    assert encoded.draws > 600
    assert random.counts.tolist() == [[VECTORS] * LABELS] * 2
    assert encoded.fraction == random.fraction == 1
    np.testing.assert_allclose(
        random.mean_norm, np.linalg.norm(basis.eta_[LABELS:], axis=1).reshape(2, LABELS)
    )
    np.testing.assert_allclose(random.spread, 1, atol=0.15)


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

    assert "After 1500 encoded latent vectors" in str(refused.value)
    assert " of 400)" in str(refused.value)


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
