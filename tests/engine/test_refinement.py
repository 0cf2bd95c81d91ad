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
