import numpy as np
import pytest
import scipy.integrate
import scipy.stats

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.label_densities import label_latents, latent_densities
from lsd_studio.engine.vocabulary import Source
from tests.engine.small_networks import LABELS, LATENT_DIMENSIONS, small_images, small_networks


@pytest.mark.parametrize("source", ["encoded", "random"])
def test_a_mosaic_of_each_label_is_filled_with_what_c_reads_as_it(source: Source) -> None:
    networks = small_networks()

    batches = list(label_latents(networks, small_images("train", 600), source, each=40, seed=0))

    codes = np.concatenate([batch.codes for batch in batches])
    images = np.concatenate([batch.images for batch in batches])
    labels = np.concatenate([batch.labels for batch in batches])
    assert batches[-1].counts.tolist() == np.bincount(labels, minlength=LABELS).tolist() == [40] * LABELS
    assert all((batch.counts <= 40).all() for batch in batches)
    assert batches[-1].draws > 40 * LABELS
    np.testing.assert_allclose(images, networks.decode(codes), atol=1e-5)
    np.testing.assert_array_equal(networks.classify(images).argmax(axis=1), labels)


def test_a_label_that_is_too_rare_ends_the_search() -> None:
    networks = small_networks()
    only_one = small_images("train", 600).take(small_images("train", 600).labels == 1)

    batches = list(label_latents(networks, only_one, "encoded", each=3, seed=0))

    assert batches[-1].counts.min() < 3
    assert batches[-1].draws < 20 * 3 * LABELS + 1000


@pytest.mark.parametrize("each", [0, 1201])
def test_a_mosaic_has_at_most_30_by_40_pictures(each: int) -> None:
    with pytest.raises(StudioError, match="1 to 1200 pictures a label"):
        next(label_latents(small_networks(), small_images("train", 600), "random", each, seed=0))


def test_densities_are_histograms_of_each_label_and_component() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 900)
    codes = random.normal(labels[:, None], 1 + np.arange(4) / 4, (900, 4))

    found = latent_densities(codes, labels, 3, width=0.5)

    assert found.edges[0] == -found.edges[-1] <= codes.min()
    np.testing.assert_allclose(np.diff(found.edges), 0.5)
    for label in range(3):
        chosen = codes[labels == label]
        np.testing.assert_allclose(
            found.pooled[label], np.histogram(chosen, found.edges, density=True)[0], rtol=1e-6
        )
        for component in range(4):
            expected, _ = np.histogram(chosen[:, component], found.edges, density=True)
            np.testing.assert_allclose(found.components[label, component], expected, rtol=1e-6)
        assert (found.means[label], found.spreads[label]) == pytest.approx((chosen.mean(), chosen.std()))
    np.testing.assert_array_equal(found.counts, np.bincount(labels))


def test_the_normal_density_is_averaged_over_bins() -> None:
    found = latent_densities(np.zeros((1, LATENT_DIMENSIONS)), np.zeros(1, dtype=np.int64), 1)

    first = len(found.normal) // 2
    over_a_bin, _ = scipy.integrate.quad(scipy.stats.norm.pdf, 0, 0.25)
    assert found.normal[first] == pytest.approx(over_a_bin / 0.25)
    assert found.normal.sum() * found.width == pytest.approx(1, abs=1e-4)


def test_a_label_without_a_vector_has_no_density() -> None:
    found = latent_densities(np.ones((2, 3)), np.array([0, 2]), 3)

    assert found.counts.tolist() == [1, 0, 1]
    assert (found.pooled[1] == 0).all()
    assert np.isnan(found.means[1])
