"""How probable an image is, given the clean one: the noise models read backwards."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from lsd_studio.engine.denoising.noise import Noise

MISFIT = 0.3
"""Standard deviation, on the scale of [−1, 1], by which G's best picture of an image misses a pixel."""

_EXTREME = 1 - 1e-6


@dataclass(frozen=True)
class Likelihood:
    """Each pixel is the clean one with normal noise, clipped to [−1, 1], or, with probability `outliers`, unrelated.

    Clipping is part of the model: a pixel at −1 says only that the noisy value was −1 or less.

    Attributes:
        deviation: standard deviation of the normal noise, of G's own misfit and of the image's noise together.
        outliers: probability that a pixel is unrelated to the clean one.
        black, white: share of the unrelated pixels that are exactly −1 or 1; the rest is uniform between.
    """

    deviation: float
    outliers: float = 0.0
    black: float = 0.0
    white: float = 0.0

    @staticmethod
    def of(noise: Noise) -> Likelihood:
        """The likelihood under a noise."""
        match noise.kind:
            case "gaussian":
                return Likelihood(math.hypot(noise.level, MISFIT))
            case "salt_and_pepper":
                return Likelihood(MISFIT, noise.level, black=0.5, white=0.5)
            case "dropped":
                return Likelihood(MISFIT, noise.level, black=1.0)
            case "rectangles":
                return Likelihood(MISFIT, noise.level)

    def negative_logarithm(self, noisy: Tensor, clean: Tensor) -> Tensor:
        """−ln p of each noisy pixel given the clean one, tensors of one shape in [−1, 1].

        A density per unit of brightness between −1 and 1, a probability at either end.
        """
        offset = (noisy - clean) / self.deviation
        between = -0.5 * offset.square() - math.log(self.deviation * math.sqrt(2 * math.pi))
        at_black = torch.special.log_ndtr((-1 - clean) / self.deviation)
        at_white = torch.special.log_ndtr((clean - 1) / self.deviation)
        unrelated = self.outliers * torch.tensor([(1 - self.black - self.white) / 2, self.black, self.white])
        is_black, is_white = noisy <= -_EXTREME, noisy >= _EXTREME
        inlier = torch.where(is_black, at_black, torch.where(is_white, at_white, between))
        outlier = torch.where(is_black, unrelated[1], torch.where(is_white, unrelated[2], unrelated[0]))
        return -torch.logaddexp(math.log1p(-self.outliers) + inlier, outlier.log())
