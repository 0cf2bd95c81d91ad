"""Refinement: gradient steps on a code that bring G(z) nearer to the image at hand, label kept by C (R41)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from lsd_studio.engine.models.inference import Networks

STEPS = 50
LEARNING_RATE = 0.1
BETA_1, BETA_2 = 0.9, 0.999
LABEL_WEIGHT = 0.01
LARGEST_ERROR = 4.0  # of pixels in [−1, 1]


@dataclass(frozen=True, eq=False)
class RefinementStep:
    """The best codes after `step` of `steps` steps.

    Attributes:
        codes: float32 [N, M], of all codes so far that keep C's label of the image, the one of least error.
        errors: float32 [N], mean squared error of G(codes) per pixel, on the scale of [−1, 1].
    """

    step: int
    steps: int
    codes: NDArray[np.float32]
    errors: NDArray[np.float32]


def refine(
    networks: Networks, images: NDArray[np.float32], codes: NDArray[np.floating], steps: int = STEPS
) -> Iterator[RefinementStep]:
    """Refine codes [N, M] of images [N, C, H, W] in [−1, 1] by `steps` steps of Adam, rate 0.1 falling to 0.

    The loss of each image is its mean squared error per pixel and a small cross-entropy towards the label that C
    gives the image. A code that keeps this label goes before one that does not, then the one of less error.
    Yields the best codes after every step, the first ones as step 0.

    Adam is written out, since torch's own loads torch's compiler, which holds up the first refinement by seconds.
    """
    device = networks.device
    targets = torch.from_numpy(np.ascontiguousarray(images, dtype=np.float32)).to(device)
    with torch.no_grad():
        labels = networks.classifier(targets).argmax(dim=1)
    moving = torch.from_numpy(np.array(codes, dtype=np.float32)).to(device).requires_grad_()
    best = moving.detach().clone()
    errors_held = torch.zeros(len(best), device=device)
    least = torch.full_like(errors_held, torch.inf)
    first_moment, second_moment = torch.zeros_like(best), torch.zeros_like(best)
    for step in range(steps + 1):
        decoded = networks.generator(moving)
        logits = networks.classifier(decoded)
        errors = (decoded - targets).square().flatten(1).mean(dim=1)
        with torch.no_grad():
            ranked = errors + LARGEST_ERROR * (logits.argmax(dim=1) != labels)
            better = ranked < least
            best[better], least[better] = moving[better], ranked[better]
            errors_held[better] = errors[better]
        yield RefinementStep(step, steps, best.cpu().numpy().copy(), errors_held.cpu().numpy().copy())
        if step == steps:
            return
        crossed = functional.cross_entropy(logits, labels, reduction="none")
        (slope,) = torch.autograd.grad((errors + LABEL_WEIGHT * crossed).sum(), moving)
        first_moment.lerp_(slope, 1 - BETA_1)
        second_moment.lerp_(slope.square(), 1 - BETA_2)
        rate = LEARNING_RATE * (1 + math.cos(math.pi * step / (steps + 1))) / 2
        mean = first_moment / (1 - BETA_1 ** (step + 1))
        spread = (second_moment / (1 - BETA_2 ** (step + 1))).sqrt()
        with torch.no_grad():
            moving -= rate * mean / (spread + 1e-8)


def refined_codes(
    networks: Networks, images: NDArray[np.float32], codes: NDArray[np.floating], steps: int = STEPS
) -> NDArray[np.float32]:
    """The last codes [N, M] of `refine`."""
    *_, last = refine(networks, images, codes, steps)
    return last.codes
