import warnings

import numpy as np

from lsd_studio.engine.images.pictures import pictures


def test_pixels_are_scaled_clipped_and_put_channels_last() -> None:
    pixels = np.array([-2.0, -1.0, 0.0, 1.0, np.inf, -np.inf], np.float32).reshape(1, 2, 3)

    assert pictures(pixels)[..., 0].tolist() == [[0, 0, 128], [255, 255, 0]]


def test_what_is_no_number_is_a_chequered_field_and_no_warning() -> None:
    pixels = np.zeros((2, 1, 4, 4), np.float32)
    pixels[1, :, :, 2:] = np.nan

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = pictures(pixels)

    assert (made[0] == 128).all()
    assert (made[1, :, :2] == 128).all()
    assert made[1, :2, 2:, 0].tolist() == [[0, 255], [255, 0]]
