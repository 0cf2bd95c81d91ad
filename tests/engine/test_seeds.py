"""Random numbers of one seed: the same for a purpose, independent for others."""

from __future__ import annotations

import numpy as np
import pytest

from lsd_studio.engine.denoising.noise import Noise, corrupt
from lsd_studio.engine.platform.seeds import random_numbers

PURPOSES = [
    ("noise",),
    ("descents",),
    ("draws",),
    ("codes compared",),
    ("sampler", 0),
    ("sampler", 1),
    ("twin test",),
]


@pytest.mark.parametrize("seed", [0, 1, 2**62])
def test_each_purpose_has_numbers_of_its_own_and_none_has_those_of_the_bare_seed(seed: int) -> None:
    drawn = [random_numbers(seed, *purpose).standard_normal(1000) for purpose in PURPOSES]
    again = [random_numbers(seed, *purpose).standard_normal(1000) for purpose in PURPOSES]

    np.testing.assert_array_equal(drawn, again)
    apart = np.corrcoef([*drawn, np.random.default_rng(seed).standard_normal(1000)])
    assert np.abs(apart - np.eye(len(apart))).max() < 5 / 1000**0.5


def test_the_noise_of_an_image_is_not_the_start_of_its_descents() -> None:
    """Both were the normal numbers of the bare seed."""
    grey = np.zeros((1, 1, 28, 28), dtype=np.float32)
    field = corrupt(grey, Noise("gaussian", 0.1), 0).images.ravel()
    start = random_numbers(0, "descents").standard_normal((8, 100), dtype=np.float32).ravel()[: field.size]

    assert abs(np.corrcoef(field, start)[0, 1]) < 5 / field.size**0.5
