"""Every way to denoise that is compared, by name: those of the method, and its baselines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.denoising.baselines import (
    Parameters,
    PrincipalComponents,
    autoencode,
    non_local_means,
    total_variation,
)
from lsd_studio.engine.denoising.descent import DESCENTS, descended_codes, posterior_mean
from lsd_studio.engine.denoising.kit import Kit
from lsd_studio.engine.denoising.latent import (
    AUTOMATIC,
    DRAWS,
    Terms,
    denoise,
    denoise_by_draws,
    random_basis,
)
from lsd_studio.engine.denoising.likelihood import Likelihood
from lsd_studio.engine.denoising.linear_regression import LinearRegression
from lsd_studio.engine.denoising.noise import Array, Corrupted, Noise
from lsd_studio.engine.models.inference import Networks

Mask = NDArray[np.bool_]
Family = Literal["none", "lsd", "control", "generator", "classical", "learned"]

MASKED_KINDS = ("dropped", "rectangles")
"""Noise of which one may know where it hit."""


@dataclass(frozen=True)
class Method:
    """A way to denoise.

    Attributes:
        name: in results; title: for people.
        family: "none" leaves the image as it is; "lsd" truncates in ξ, "control" in a random orthogonal basis, and
            "generator" uses E and G but no basis: all terms of any basis are the code itself. "classical" needs no
            training but parameters, principal components or a regression; "learned" is a network of its own.
        knows_where: whether it is given which pixels the noise hit.
        run: noisy images and their noise → denoised images.
    """

    name: str
    title: str
    family: Family
    run: Callable[[Corrupted, Noise], Array]
    knows_where: bool = False


def control_of(name: str) -> str:
    """The name of the method that does in a random orthogonal basis what this one does in ξ."""
    return name.replace("lsd_", "random_", 1)


def methods(
    bundle: Bundle,
    kit: Kit | None,
    components: PrincipalComponents | None,
    parameters: Mapping[Noise, Parameters],
    seed: int,
    regressions: Mapping[Noise, LinearRegression] | None = None,
) -> tuple[Method, ...]:
    """All methods that a bundle has, ours first.

    Args:
        kit: the trained denoisers; without them there is no encoder that saw noise and no autoencoder.
        components: of training images; without them there is no PCA.
        parameters: of the classical baselines, for every noise that is asked about.
        seed: of the draws and of the random basis.
        regressions: from noisy to clean pixels, for every noise that is asked about; without them there is none.
    """
    own, dimensions = bundle.networks, bundle.networks.latent_dimensions
    saw_noise = None if kit is None else kit.networks
    start = own if saw_noise is None else saw_noise
    basis, control = bundle.basis, random_basis(bundle.basis, seed)

    def descended(noisy: Corrupted, likelihood: Likelihood, known: Mask | None) -> Array:
        codes, _ = start.encode(noisy.images)
        return own.decode(descended_codes(start, noisy.images, codes, likelihood, known=known))

    def averaged(noisy: Corrupted, likelihood: Likelihood, known: Mask | None) -> Array:
        return posterior_mean(start, noisy.images, likelihood, known=known, seed=seed)

    def descents(
        name: str, title: str, restore: Callable[[Corrupted, Likelihood, Mask | None], Array]
    ) -> tuple[Method, Method]:
        """A descent that knows kind and level of the noise, and one that is given where it hit instead."""
        return (
            Method(
                name, title, "generator", lambda noisy, noise: restore(noisy, Likelihood.of(noise), None)
            ),
            Method(
                f"{name}_known", f"{title}, told where", "generator",
                lambda noisy, noise: restore(noisy, Likelihood.of(Noise(noise.kind, 0)), noisy.known),
                knows_where=True,
            ),
        )  # fmt: skip

    def truncations(networks: Networks, name: str, title: str, terms: Terms) -> tuple[Method, Method]:
        """A truncation in ξ, and its control."""
        return (
            Method(
                f"lsd_{name}", f"Truncation in ξ, {title}", "lsd",
                lambda noisy, _: denoise(networks, basis, noisy.images, terms),
            ),
            Method(
                f"random_{name}", f"Truncation in a random basis, {title}", "control",
                lambda noisy, _: denoise(networks, control, noisy.images, terms),
            ),
        )  # fmt: skip

    found = [
        Method("noisy", "Noisy image", "none", lambda noisy, _: noisy.images),
        *truncations(own, "four_terms", "n = 4", 4),
        *truncations(own, "automatic", "n by the noise floor", AUTOMATIC),
        Method(
            "lsd_all_terms", "E and G, all terms", "generator",
            lambda noisy, _: denoise(own, basis, noisy.images, dimensions),
        ),
        Method(
            "lsd_draws", f"E and G, {DRAWS} draws averaged", "generator",
            lambda noisy, _: denoise_by_draws(own, basis, noisy.images, seed=seed),
        ),
    ]  # fmt: skip
    if saw_noise is not None:
        found += [
            *truncations(saw_noise, "saw_noise_automatic", "n by the noise floor, E saw noise", AUTOMATIC),
            Method(
                "lsd_saw_noise", "E that saw noise and G, all terms", "generator",
                lambda noisy, _: denoise(saw_noise, basis, noisy.images, dimensions),
            ),
        ]  # fmt: skip
    found += [
        *descents("lsd_descent", "Descent on z", descended),
        *descents("lsd_posterior", f"{DESCENTS} descents averaged", averaged),
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
    if regressions:
        found.append(
            Method(
                "linear_regression", "Linear regression", "classical",
                lambda noisy, noise: regressions[noise].restore(noisy.images),
            )
        )  # fmt: skip
    if kit is not None:
        autoencoder = kit.autoencoder
        found.append(
            Method(
                "autoencoder", "Denoising autoencoder", "learned",
                lambda noisy, _: autoencode(autoencoder, noisy.images),
            )
        )  # fmt: skip
    return tuple(found)
