"""Networks are tried on two codes when they are opened: finite weights may still give results that are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.models.inference import Networks

CODES = 2

LARGEST_RESULT = 1e6
"""Beyond it, pixels, codes and amplitudes are those of no trained network, and what is computed of them overflows."""


def check_results(networks: Networks, path: Path) -> None:
    """Refuse networks that give no numbers, or huge ones, for two random codes and the images of these.

    Raises:
        StudioError: naming the network of the bundle at `path`.
    """
    random = np.random.default_rng(0)
    codes = random.standard_normal((CODES, networks.latent_dimensions), dtype=np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        images = networks.decode(codes)
        check_size(images, f"{path}: the generator's images")
        mean, log_sigma = networks.encode(images)
        check_size(mean, f"{path}: the encoder's codes")
        check_size(np.exp(log_sigma), f"{path}: the encoder's σ")
        check_size(networks.classify(images), f"{path}: the classifier's probabilities")


def check_size(values: NDArray[np.floating], what: str) -> None:
    """Refuse values that are no numbers or beyond `LARGEST_RESULT`.

    Raises:
        StudioError: saying what they are.
    """
    if not np.isfinite(values).all() or float(np.abs(values).max(initial=0)) > LARGEST_RESULT:
        raise StudioError(
            f"{what} are not all numbers up to {LARGEST_RESULT:g}, so nothing can be computed with this bundle: please "
            "get it again or train it anew."
        )
