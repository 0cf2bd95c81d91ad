"""Training images changed at random, so that C also reads pictures that were not drawn like those of the data set."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

ROTATION = math.radians(20)
SHEAR = 0.3
LOG_SCALE = 0.25
TRANSLATION = 0.15
"""Of half the edge."""

STROKE, BLUR, LOG_GAMMA, CONTRAST = 0.8, 0.8, 0.5, 0.4


def shifted(images: Tensor, largest: int, random: torch.Generator) -> Tensor:
    """The images [N, channels, h, w], each moved by up to `largest` pixels each way; background (−1) comes in."""
    if not largest:
        return images
    count, _, height, width = images.shape
    padded = F.pad(images, [largest] * 4, value=-1)
    down, right = torch.randint(0, 2 * largest + 1, (2, count, 1), generator=random).to(padded.device)
    rows = down + torch.arange(height, device=padded.device)
    columns = right + torch.arange(width, device=padded.device)
    image = torch.arange(count, device=padded.device)[:, None, None]
    return padded[image, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def distorted(images: Tensor, strength: float, random: torch.Generator) -> Tensor:
    """The images, each turned, sheared, scaled and moved, its strokes thickened or thinned, blurred, its greys changed.

    Each amount is uniform between none and its largest, both ways; of the largest, `strength` is the share.

    Args:
        images: float32 [N, channels, h, w] in [−1, 1], background −1.
        strength: 0 (nothing is changed) to 1.

    Returns:
        Images of the same shape and range.
    """
    if not strength:
        return images
    amounts = strength * (2 * torch.rand((10, len(images)), generator=random) - 1).to(images)
    turn, shear, across, along, right, down, stroke, blur, gamma, contrast = amounts
    ink = _mapped(
        (images + 1) / 2,
        ROTATION * turn,
        SHEAR * shear,
        torch.exp(LOG_SCALE * across),
        torch.exp(LOG_SCALE * along),
        TRANSLATION * torch.stack([right, down], dim=1),
    )
    ink = _with_strokes(ink, STROKE * _for_each(stroke))
    share = BLUR * _for_each(blur).abs()
    ink = (1 - share) * ink + share * F.avg_pool2d(ink, 3, stride=1, padding=1)
    ink = ink.clamp(min=1e-6) ** torch.exp(LOG_GAMMA * _for_each(gamma))
    return 2 * ink * (1 - CONTRAST * _for_each(contrast).clamp(min=0)) - 1


def _mapped(ink: Tensor, turn: Tensor, shear: Tensor, across: Tensor, along: Tensor, moved: Tensor) -> Tensor:
    cosine, sine = torch.cos(turn), torch.sin(turn)
    rows = torch.stack(
        [
            torch.stack([across * cosine, across * (shear * cosine - sine), moved[:, 0]], dim=1),
            torch.stack([along * sine, along * (shear * sine + cosine), moved[:, 1]], dim=1),
        ],
        dim=1,
    )
    return F.grid_sample(ink, F.affine_grid(rows, list(ink.shape), align_corners=False), align_corners=False)


def _with_strokes(ink: Tensor, amount: Tensor) -> Tensor:
    """Thicker by a share of what widening by a pixel each way adds, or thinner by that of narrowing."""
    wider, narrower = F.max_pool2d(ink, 3, 1, 1), -F.max_pool2d(-ink, 3, 1, 1)
    return ink + amount.clamp(min=0) * (wider - ink) - (-amount).clamp(min=0) * (ink - narrower)


def _for_each(values: Tensor) -> Tensor:
    return values[:, None, None, None]
