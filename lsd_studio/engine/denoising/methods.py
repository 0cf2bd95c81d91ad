"""Every way to denoise that is compared, by name: those of the method, and its baselines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.denoising.baselines import (
    Parameters,
    PrincipalComponents,
    autoencode,
    non_local_means,
    total_variation,
)
from lsd_studio.engine.denoising.descent import descended_codes
from lsd_studio.engine.denoising.kit import Kit
from lsd_studio.engine.denoising.latent import AUTOMATIC, DRAWS, denoise, denoise_by_draws
from lsd_studio.engine.denoising.likelihood import Likelihood
from lsd_studio.engine.denoising.noise import Array, Corrupted, Noise
from lsd_studio.engine.denoising.posterior import DESCENTS, posterior_mean

Family = Literal["none", "lsd", "classical", "learned"]

MASKED_KINDS = ("dropped", "rectangles")
"""Noise of which one may know where it hit."""


@dataclass(frozen=True)
class Method:
    """A way to denoise.

    Attributes:
        name: in results; title: for people.
        family: "none" leaves the image as it is; "lsd" is ours, "classical" needs no training but parameters or
            principal components, "learned" is a network of its own.
        knows_where: whether it is told which pixels the noise hit.
        run: noisy images and their noise → denoised images.
    """

    name: str
    title: str
    family: Family
    run: Callable[[Corrupted, Noise], Array]
    knows_where: bool = False


def methods(
    bundle: Bundle,
    kit: Kit | None,
    components: PrincipalComponents | None,
    parameters: Mapping[Noise, Parameters],
    seed: int,
) -> tuple[Method, ...]:
    """All methods that a bundle has, ours first.

    Args:
        kit: the trained denoisers; without them there is no encoder that saw noise and no autoencoder.
        components: of training images; without them there is no PCA.
        parameters: of the classical baselines, for every noise that is asked about.
        seed: of the draws.
    """
    basis, own = bundle.basis, bundle.networks
    dimensions = own.latent_dimensions
    saw_noise = None if kit is None else kit.networks
    start = own if saw_noise is None else saw_noise

    def descended(noisy: Corrupted, noise: Noise) -> Array:
        codes = descended_codes(start, noisy.images, start.encode(noisy.images)[0], Likelihood.of(noise))
        return own.decode(codes)

    def descended_knowing(noisy: Corrupted, noise: Noise) -> Array:
        codes = start.encode(noisy.images)[0]
        likelihood = Likelihood.of(Noise(noise.kind, 0))
        return own.decode(descended_codes(start, noisy.images, codes, likelihood, known=noisy.known))

    def averaged(noisy: Corrupted, noise: Noise) -> Array:
        return posterior_mean(start, noisy.images, Likelihood.of(noise), seed=seed)

    def averaged_knowing(noisy: Corrupted, noise: Noise) -> Array:
        likelihood = Likelihood.of(Noise(noise.kind, 0))
        return posterior_mean(start, noisy.images, likelihood, known=noisy.known, seed=seed)

    found = [
        Method("noisy", "Noisy image", "none", lambda noisy, _: noisy.images),
        Method("lsd_four_terms", "LSD, n = 4", "lsd", lambda noisy, _: denoise(own, basis, noisy.images, 4).images),
        Method(
            "lsd_all_terms", "LSD, n = M", "lsd",
            lambda noisy, _: denoise(own, basis, noisy.images, dimensions).images,
        ),
        Method(
            "lsd_automatic", "LSD, n by the noise floor", "lsd",
            lambda noisy, _: denoise(own, basis, noisy.images, AUTOMATIC).images,
        ),
        Method(
            "lsd_draws", f"LSD, {DRAWS} draws averaged", "lsd",
            lambda noisy, _: denoise_by_draws(own, basis, noisy.images, dimensions, seed=seed).images,
        ),
    ]  # fmt: skip
    if saw_noise is not None:
        found += [
            Method(
                "lsd_saw_noise", "LSD, E saw noise", "lsd",
                lambda noisy, _: denoise(saw_noise, basis, noisy.images, dimensions).images,
            ),
            Method(
                "lsd_saw_noise_automatic", "LSD, E saw noise, n by the noise floor", "lsd",
                lambda noisy, _: denoise(saw_noise, basis, noisy.images, AUTOMATIC).images,
            ),
        ]  # fmt: skip
    found += [
        Method("lsd_descent", "LSD, descent on z", "lsd", descended),
        Method("lsd_descent_known", "LSD, descent on z, told where", "lsd", descended_knowing, knows_where=True),
        Method("lsd_posterior", f"LSD, {DESCENTS} descents averaged", "lsd", averaged),
        Method(
            "lsd_posterior_known", f"LSD, {DESCENTS} descents averaged, told where", "lsd", averaged_knowing,
            knows_where=True,
        ),
        Method(
            "total_variation", "Total variation", "classical",
            lambda noisy, noise: total_variation(noisy.images, parameters[noise].weight),
        ),
        Method(
            "non_local_means", "Non-local means", "classical",
            lambda noisy, noise: non_local_means(
                noisy.images, parameters[noise].strength, parameters[noise].deviation
            ),
        ),
    ]  # fmt: skip
    if components is not None:
        found += [
            Method(
                "principal_components", "PCA truncation", "classical",
                lambda noisy, noise: components.truncate(noisy.images, parameters[noise].terms),
            ),
            Method(
                "principal_components_known", "PCA, told where", "classical",
                lambda noisy, _: components.fill(noisy.images, noisy.known), knows_where=True,
            ),
        ]  # fmt: skip
    if kit is not None:
        autoencoder = kit.autoencoder
        found.append(
            Method(
                "autoencoder", "Denoising autoencoder", "learned",
                lambda noisy, _: autoencode(autoencoder, noisy.images),
            )
        )  # fmt: skip
    return tuple(found)
