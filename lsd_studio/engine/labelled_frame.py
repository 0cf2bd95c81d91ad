"""Quasi-eigenvectors outside set 1 that the generator and the classifier give their own label (R42)."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import scipy.linalg
import scipy.optimize
import torch
from numpy.typing import NDArray
from torch import Tensor

from lsd_studio.engine.inference import Networks

LARGEST_NUMBER_OF_STEPS = 300
LEARNING_RATE = 0.02
PROBABILITY_ENOUGH = 0.99


@dataclass(frozen=True)
class LabelledFrameProgress:
    """A step of the ascent: `held` of `vectors` are read as their label, the least sure with `least_probability`."""

    step: int
    held: int
    vectors: int
    least_probability: float

    @property
    def fraction(self) -> float:
        """The share of the steps that may be taken, 0…1."""
        return self.step / LARGEST_NUMBER_OF_STEPS


def labelled_frame(
    networks: Networks, set_one: NDArray[np.float64], seed: int
) -> Generator[LabelledFrameProgress, None, NDArray[np.float64]]:
    """Choose the sets 2…n jointly in the orthogonal complement of set 1.

    A random orthonormal frame of the complement is given labels by the best assignment of its vectors, of
    either sign, to the places (label, set). Then it is rotated as a whole to raise the mean log-probability that
    C∘G gives each vector its label: the rotation is the Cayley transform of a skew-symmetric matrix, which Adam
    moves, so the frame stays orthonormal at every step. It ends when each label is read with probability 0.99,
    or after 300 steps.

    Args:
        networks: G and C, differentiated with respect to the codes.
        set_one: [l, M], orthogonal vectors of squared norm M.
        seed: of the first frame.

    Returns:
        float64 [M − l, M], vectors of squared norm M, set outer and label inner.
    """
    number_of_labels, latent_dimensions = set_one.shape
    complement = scipy.linalg.null_space(set_one).T * np.sqrt(latent_dimensions)
    size = len(complement)
    if size == 0:
        return complement
    targets = torch.arange(size, device=networks.device) % number_of_labels
    rotation, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((size, size)))
    frame = torch.from_numpy(with_labels_assigned(networks, rotation @ complement))
    skew = torch.zeros(size, size, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([skew], lr=LEARNING_RATE)
    for step in range(LARGEST_NUMBER_OF_STEPS + 1):
        vectors = _rotation(skew) @ frame
        logits = networks.classifier(networks.generator(vectors.float().to(networks.device)))
        log_probabilities = logits.log_softmax(dim=1).gather(1, targets[:, None]).squeeze(1)
        least = log_probabilities.detach().min().exp().item()
        held = int((logits.argmax(dim=1) == targets).sum())
        yield LabelledFrameProgress(step, held, size, least)
        if least >= PROBABILITY_ENOUGH or step == LARGEST_NUMBER_OF_STEPS:
            break
        optimiser.zero_grad()
        (-log_probabilities.mean()).backward()
        optimiser.step()
    return vectors.detach().numpy()


def _rotation(skew: Tensor) -> Tensor:
    generator = skew - skew.T
    identity = torch.eye(len(skew), dtype=skew.dtype)
    return torch.linalg.solve(identity - generator, identity + generator)


def with_labels_assigned(networks: Networks, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """The vectors [K, M] in the order and with the signs in which C∘G reads them best as 0…l − 1, 0…l − 1, …

    The order has the largest sum of log-probabilities of those labels (the assignment problem).
    """
    size = len(vectors)
    signed = np.stack([vectors, -vectors])
    probabilities = networks.classify(networks.decode(signed.reshape(2 * size, -1))).reshape(2, size, -1)
    scores = np.log(probabilities + np.finfo(np.float32).tiny)
    labels = np.arange(size) % networks.number_of_labels
    chosen, places = scipy.optimize.linear_sum_assignment(scores.max(axis=0)[:, labels], maximize=True)
    ordered = np.empty_like(vectors)
    ordered[places] = signed[scores.argmax(axis=0)[chosen, labels[places]], chosen]
    return ordered
