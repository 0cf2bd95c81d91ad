"""Networks of images [channels, height, width] as a profile has them, with weights that are drawn anew."""

from __future__ import annotations

from collections.abc import Sequence

from lsd_studio.engine.models.networks import Discriminator, Encoder, Generator, number_of_halvings
from lsd_studio.engine.runs.profiles import Profile


def new_generator(profile: Profile, image_shape: Sequence[int]) -> Generator:
    """G (R5)."""
    return Generator(profile.latent_dimensions, image_shape, _halvings(profile, image_shape))


def new_discriminator(profile: Profile, image_shape: Sequence[int]) -> Discriminator:
    """D (R5)."""
    return Discriminator(image_shape, _halvings(profile, image_shape))


def new_encoder(profile: Profile, image_shape: Sequence[int]) -> Encoder:
    """E (R7)."""
    trunk, heads = profile.encoder.trunk, profile.encoder.heads
    return Encoder(image_shape, profile.latent_dimensions, trunk, heads, _halvings(profile, image_shape))


def _halvings(profile: Profile, image_shape: Sequence[int]) -> int:
    return number_of_halvings(image_shape[1], profile.halvings)
