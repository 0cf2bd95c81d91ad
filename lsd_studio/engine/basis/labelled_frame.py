"""Quasi-eigenvectors outside set 1 that the generator and the classifier give their own label (R36, R42)."""

from __future__ import annotations

from collections.abc import Callable, Generator

import numpy as np
import scipy.linalg
import scipy.optimize
import torch
from numpy.typing import NDArray
from torch import Tensor

from lsd_studio.engine.basis.frames import principal_directions
from lsd_studio.engine.basis.progress import LARGEST_NUMBER_OF_STEPS, LabelledFrameProgress
from lsd_studio.engine.models.inference import Networks

Enough = Callable[[], bool]
"""Whether the frame is to be kept as it is now, asked before each step."""

LEARNING_RATE = 0.02
PROBABILITY_ENOUGH = 0.99


def labelled_frame(
    networks: Networks, set_one: NDArray[np.float64], seed: int, enough: Enough
) -> Generator[LabelledFrameProgress, None, NDArray[np.float64]]:
    """Choose the sets 2…n jointly in the orthogonal complement of set 1.

    A random orthonormal frame of the complement is given labels (`with_labels_assigned`) and turned as a whole until
    C reads them (`turned_to_labels`).

    Args:
        set_one: [l, M], orthogonal vectors of squared norm M.
        seed: of the first frame.
        enough: ends the turning with the frame as it is.

    Returns:
        float64 [M − l, M], vectors of squared norm M, set outer and label inner.
    """
    complement = scipy.linalg.null_space(set_one).T * np.sqrt(set_one.shape[1])
    size = len(complement)
    if size == 0:
        return complement
    rotation, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((size, size)))
    first = with_labels_assigned(networks, rotation @ complement)
    return (yield from turned_to_labels(networks, first, size, enough))


def informative_complement(
    networks: Networks, set_one: NDArray[np.float64], codes: NDArray[np.floating], enough: Enough
) -> Generator[LabelledFrameProgress, None, NDArray[np.float64]]:
    """Choose the sets 2…n so that each holds as much of encoded images as is left, and C reads its vectors as labels.

    Set 2 spans the l strongest principal directions of the complement of set 1, set 3 the next l, and so on. What
    images hold of a set depends only on the space that it spans, so within it the vectors are free: they are given
    labels (`with_labels_assigned`) and turned until C reads them (`turned_to_labels`).

    Args:
        set_one: [l, M], orthogonal vectors of squared norm M.
        codes: [N, M], posterior means of training images.
        enough: ends the turning with the frame as it is.

    Returns:
        float64 [M − l, M], vectors of squared norm M, set outer and label inner, the strongest set first.
    """
    labels, dimensions = set_one.shape
    directions = principal_directions(set_one, codes) * np.sqrt(dimensions)
    for first in range(0, len(directions), labels):
        directions[first : first + labels] = with_labels_assigned(
            networks, directions[first : first + labels]
        )
    return (yield from turned_to_labels(networks, directions, labels, enough))


def turned_to_labels(
    networks: Networks, vectors: NDArray[np.float64], together: int, enough: Enough
) -> Generator[LabelledFrameProgress, None, NDArray[np.float64]]:
    """Turn orthogonal vectors [K, M] of equal norm until C∘G reads them as 0…l − 1, 0…l − 1, …

    Each `together` of them are turned within the space that they span, to raise the mean log-probability of the
    labels: the rotation is the Cayley transform of a skew-symmetric matrix, which Adam moves, so they stay orthogonal
    at every step. It ends when each label is read with probability 0.99, after 300 steps, or when that is `enough`.
    """
    size = len(vectors)
    if size == 0:
        return vectors
    places = torch.arange(size)
    targets = (places % networks.number_of_labels).to(networks.device)
    turned_together = (places[:, None] // together == places // together).double()
    frame = torch.from_numpy(vectors)
    skew = torch.zeros(size, size, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([skew], lr=LEARNING_RATE)
    for step in range(LARGEST_NUMBER_OF_STEPS + 1):
        turned = _rotation(skew * turned_together) @ frame
        logits = networks.classifier(networks.generator(turned.float().to(networks.device)))
        log_probabilities = logits.log_softmax(dim=1).gather(1, targets[:, None]).squeeze(1)
        least = log_probabilities.detach().min().exp().item()
        held = int((logits.argmax(dim=1) == targets).sum())
        yield LabelledFrameProgress(step, held, size, least)
        if least >= PROBABILITY_ENOUGH or step == LARGEST_NUMBER_OF_STEPS or enough():
            break
        optimiser.zero_grad()
        (-log_probabilities.mean()).backward()
        optimiser.step()
    return turned.detach().numpy()


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
