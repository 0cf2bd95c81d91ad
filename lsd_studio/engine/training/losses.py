"""Parts of losses and measures that several stages share."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

SHARE_OF_COVARIANCES = 0.2


def divergence_from_normal(mean: Tensor, log_sigma: Tensor) -> Tensor:
    """KL(N(μ, σ²) ‖ N(0, I)) of each code in nats, [N], from means and log σ [N, M]."""
    return (0.5 * (mean.square() + (2 * log_sigma).exp() - 1) - log_sigma).sum(1)


def signal_to_noise(images: Tensor, clean: Tensor) -> Tensor:
    """Peak signal-to-noise ratio of each image in [−1, 1] against the clean one, in dB, [N]."""
    error = (images - clean).square().flatten(1).mean(1)
    return 10 * torch.log10(4 / error.clamp(min=1e-12))


def coarse_difference(images: Tensor, others: Tensor) -> Tensor:
    """Mean squared difference of images [N, channels, edge, edge] from others, both averaged to 7 by 7 pixels."""
    return (F.adaptive_avg_pool2d(images, 7) - F.adaptive_avg_pool2d(others, 7)).square().mean()


def uncertainty(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean entropy of readings, and how far their shares of the labels are from those of the images, in nats.

    The second part is the Kullback–Leibler divergence of the mean reading from the shares; both are 0 where each
    picture is read surely and each label as often as it comes.

    Args:
        logits: of the pictures, [N, l].
        labels: of the images, int64 [N].
    """
    entropy = -(logits.softmax(1) * logits.log_softmax(1)).sum(1).mean()
    shares = F.one_hot(labels, logits.shape[1]).float().mean(0)
    return entropy + (torch.xlogy(shares, shares) - shares * logits.softmax(1).mean(0).log()).sum()


def difference_of_moments(features: Tensor, of_images: Tensor) -> Tensor:
    """Squared difference of the means over the images' variance, and a fifth of that of covariances over the images'.

    Both [N, d]; of N draws of one distribution it is about 2/N, not 0, and more for the covariances.
    """
    means = (features.mean(0) - of_images.mean(0)).square().sum() / of_images.var(0).sum()
    of_images_covariance = torch.cov(of_images.T)
    covariances = (torch.cov(features.T) - of_images_covariance).square().sum()
    return means + SHARE_OF_COVARIANCES * covariances / of_images_covariance.square().sum()
