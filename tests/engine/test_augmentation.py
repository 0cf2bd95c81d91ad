"""Training images changed at random: within bounds, reproducible, and nothing where nothing is asked for."""

from __future__ import annotations

import torch

from lsd_studio.engine.datasets import load_data_set, scale_pixels
from lsd_studio.engine.training.augmentation import distorted, shifted


def digits(count: int = 64) -> torch.Tensor:
    return torch.from_numpy(scale_pixels(load_data_set("mnist", "test").images[:count]))


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_no_strength_and_no_shift_change_nothing() -> None:
    images = digits()
    assert distorted(images, 0.0, seeded()) is images
    assert shifted(images, 0, seeded()) is images


def test_distorted_images_stay_images_of_the_same_kind() -> None:
    images = digits()
    changed = distorted(images, 1.0, seeded())
    assert changed.shape == images.shape
    assert changed.min() >= -1
    assert changed.max() <= 1
    assert (changed[:, :, 0, 0] < -0.9).all()  # the ground stays dark
    assert ((changed - images).abs().amax(dim=(1, 2, 3)) > 0.1).all()  # each is changed
    assert torch.equal(changed, distorted(images, 1.0, seeded()))
    assert not torch.equal(changed, distorted(images, 1.0, seeded(1)))


def test_the_strength_bounds_the_change() -> None:
    images = digits()
    weak, strong = (distorted(images, strength, seeded()) - images for strength in (0.1, 1.0))
    assert weak.square().mean() < strong.square().mean() / 4


def test_strokes_become_both_thinner_and_thicker() -> None:
    images = digits(400)
    inks = (distorted(images, 1.0, seeded()) + 1).mean(dim=(1, 2, 3)) / (images + 1).mean(dim=(1, 2, 3))
    assert inks.min() < 0.7
    assert inks.max() > 1.3
