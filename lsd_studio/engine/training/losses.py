"""Parts of losses and measures that several stages share."""

from __future__ import annotations

import torch
from torch import Tensor


def divergence_from_normal(mean: Tensor, log_sigma: Tensor) -> Tensor:
    """KL(N(μ, σ²) ‖ N(0, I)) of each code in nats, [N], from means and log σ [N, M]."""
    return (0.5 * (mean.square() + (2 * log_sigma).exp() - 1) - log_sigma).sum(1)


def signal_to_noise(images: Tensor, clean: Tensor) -> Tensor:
    """Peak signal-to-noise ratio of each image in [−1, 1] against the clean one, in dB, [N]."""
    error = (images - clean).square().flatten(1).mean(1)
    return 10 * torch.log10(4 / error.clamp(min=1e-12))
