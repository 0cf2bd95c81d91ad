"""Refinement: gradient steps on a code that bring G(z) nearer to an image whose label C keeps (R41)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from lsd_studio.engine.models.code_descent import CodeStep, descend_on_codes
from lsd_studio.engine.models.inference import Networks

STEPS = 50
LEARNING_RATE = 0.1
BETAS = 0.9, 0.999
LABEL_WEIGHT = 0.01
LARGEST_ERROR = 4.0  # of pixels in [−1, 1]


def refine(
    networks: Networks, images: NDArray[np.float32], codes: NDArray[np.floating], steps: int = STEPS
) -> Iterator[CodeStep]:
    """Refine codes [N, M] of images [N, C, H, W] in [−1, 1] by `steps` steps of Adam, rate 0.1 falling to 0.

    The loss of each image is its mean squared error per pixel and a small cross-entropy towards the label that C
    gives the image. A code that keeps this label goes before one that does not, then the one of less error.
    Yields the best codes after every step with their mean squared error per pixel, on the scale of [−1, 1].
    """
    device = networks.device
    targets = torch.from_numpy(np.ascontiguousarray(images, dtype=np.float32)).to(device)
    with torch.no_grad():
        labels = networks.classifier(targets).argmax(dim=1)

    def judge(moving: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        decoded = networks.generator(moving)
        logits = networks.classifier(decoded)
        errors = (decoded - targets).square().flatten(1).mean(dim=1)
        crossed = functional.cross_entropy(logits, labels, reduction="none")
        ranked = errors + LARGEST_ERROR * (logits.argmax(dim=1) != labels)
        return errors + LABEL_WEIGHT * crossed, ranked, errors

    return descend_on_codes(codes, judge, steps, LEARNING_RATE, BETAS, device)


def refined_codes(
    networks: Networks, images: NDArray[np.float32], codes: NDArray[np.floating], steps: int = STEPS
) -> NDArray[np.float32]:
    """The last codes [N, M] of `refine`."""
    *_, last = refine(networks, images, codes, steps)
    return last.codes
