import numpy as np

from lsd_studio.engine.datasets import scale_pixels
from lsd_studio.engine.decomposition.refinement import refine, refined_codes
from tests.engine.small_networks import small_images, small_networks


def test_refinement_lowers_the_error_of_every_image_and_keeps_its_label() -> None:
    networks = small_networks()
    images = scale_pixels(small_images("test", 20).images)
    mean, _ = networks.encode(images)
    labels = networks.classify(images).argmax(axis=1)
    kept_at_first = networks.classify(networks.decode(mean)).argmax(axis=1) == labels

    steps = list(refine(networks, images, mean, steps=30))

    decoded = networks.decode(steps[-1].codes)
    errors = ((decoded - images) ** 2).mean(axis=(1, 2, 3))
    assert [step.step for step in steps] == list(range(31))
    np.testing.assert_allclose(steps[-1].values, errors, atol=1e-5)
    assert (steps[-1].values <= steps[0].values)[kept_at_first].all()
    assert steps[-1].values.mean() < 0.7 * steps[0].values.mean()
    assert (networks.classify(decoded).argmax(axis=1) == labels)[kept_at_first].all()
    np.testing.assert_array_equal(refined_codes(networks, images, mean, steps=30), steps[-1].codes)


def test_no_step_gives_the_codes_back() -> None:
    networks = small_networks()
    images = scale_pixels(small_images("test", 2).images)
    mean, _ = networks.encode(images)

    np.testing.assert_array_equal(refined_codes(networks, images, mean, steps=0), mean)


def test_many_images_at_once_are_refined_as_each_alone() -> None:
    """Losses add up over images, and Adam steps on each number by itself: what differs is how sums are rounded."""
    networks = small_networks()
    images = scale_pixels(small_images("test", 12).images)
    mean, _ = networks.encode(images)

    together = refined_codes(networks, images, mean)
    alone = np.concatenate([refined_codes(networks, images[[at]], mean[[at]]) for at in range(len(images))])
    beside_others = refined_codes(networks, images[::-1], mean[::-1])[::-1]

    for codes in (alone, beside_others):
        np.testing.assert_allclose(together, codes, atol=2e-3)
        pictures, others = networks.decode(together), networks.decode(codes)
        np.testing.assert_allclose(pictures, others, atol=2e-3)
    assert np.abs(together - mean).max() > 0.5
