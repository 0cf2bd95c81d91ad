"""A person's own noisy image, prepared without touching its noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.images.files import Picture, read_image
from lsd_studio.engine.images.geometry import border
from lsd_studio.engine.images.pixel_rule import PixelRule
from lsd_studio.engine.images.preparation import PreparedImage, prepare_image


def prepare_noisy_for(bundle: Bundle, source: Path | bytes) -> PreparedImage:
    """A noisy image file, or the bytes of one, as a bundle's networks take it.

    Raises:
        StudioError: it cannot be read.
    """
    rule = bundle.pixel_rule
    picture = read_image(source, rule)
    return prepare_noisy(picture, bundle.networks.image_shape, like_mnist=bundle.made_from_ink, rule=rule)


def prepare_noisy(
    picture: Picture,
    image_shape: tuple[int, int, int],
    *,
    like_mnist: bool,
    rule: PixelRule | None = None,
) -> PreparedImage:
    """A picture cut and scaled to the networks' size, its noise left in it.

    For networks trained on bright ink on black, a picture whose ground (the median of its border) is bright is
    inverted. It is not centred: noise and ink cannot be separated before denoising.
    """
    prepared = prepare_image(picture, image_shape, like_mnist=False, rule=rule)
    pixels = prepared.pixels
    if like_mnist and float(np.median(border(np.moveaxis(pixels, 0, -1)))) > 0:
        return PreparedImage(-pixels, (*prepared.steps, "inverted: dark on light"))
    return prepared
