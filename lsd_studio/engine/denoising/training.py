"""The two small trainings on corrupted images: a denoising autoencoder, and an encoder that saw noise.

Both are minutes on one core; every random draw comes from the seed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.datasets import LabelledImages, scale_pixels
from lsd_studio.engine.denoising.autoencoder import DenoisingAutoencoder
from lsd_studio.engine.denoising.noise import corrupt_at_random
from lsd_studio.engine.exchange.onnx_networks import OnnxNetwork
from lsd_studio.engine.runs.new_networks import new_encoder
from lsd_studio.engine.training.optimisers import adam, average_of, learning_rate_factor

AUTOENCODER_STEPS, ENCODER_STEPS = 1400, 700
AUTOENCODER_CYCLE, ENCODER_CYCLE = 0.875, 0.7
"""The share of the one-cycle schedule that the steps go through: averaged weights stand for its slow end."""

BATCH = 100
AUTOENCODER_RATE, ENCODER_RATE = 3e-3, 5e-4
AVERAGING = 0.99

PICTURE_WEIGHT, LABEL_WEIGHT, KL_WEIGHT, AMPLITUDE_WEIGHT = 600.0, 30.0, 0.05, 40.0
"""Of the encoder's loss: those of the studio profile, with the squared error in the place of the hinge too."""

LARGEST_GRADIENT = 100.0

Loss = Callable[[Tensor, Tensor, Tensor, torch.Generator], Tensor]
"""Of noisy images, clean ones and their labels; what it draws comes from the generator."""


@dataclass(frozen=True, eq=False)
class TrainingStep:
    """After `step` of `steps`: the network as it would be kept, its loss, the seconds of processor time so far."""

    step: int
    steps: int
    network: nn.Module
    loss: float
    seconds: float


def train_autoencoder(
    training: LabelledImages, seed: int, steps: int = AUTOENCODER_STEPS
) -> Iterator[TrainingStep]:
    """Train a denoising autoencoder on corrupted images against the clean ones, by squared error."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = DenoisingAutoencoder(training.image_shape)

    def loss(noisy: Tensor, clean: Tensor, labels: Tensor, random: torch.Generator) -> Tensor:
        return F.mse_loss(network(noisy), clean)

    yield from _train(network, loss, training, (AUTOENCODER_RATE, AUTOENCODER_CYCLE), steps, seed)


def train_encoder(
    bundle: Bundle, training: LabelledImages, seed: int, steps: int = ENCODER_STEPS
) -> Iterator[TrainingStep]:
    """Continue training a bundle's E with corrupted images going in and the clean ones asked of G, which stays.

    The loss is that of the encoder's own training (`training.stages.EncoderStage`): squared error of G(z) against the
    clean image, cross-entropy of C(G(z)), KL, and the cross-entropy on the amplitudes of set 1, here of the basis. So
    its codes live in the same latent space and can be decomposed over the same ξ. Where E came from others as ONNX,
    there are no weights to continue from, and the profile's encoder starts from new ones.
    """
    networks, basis = bundle.networks, bundle.basis
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder = new_encoder(bundle.profile, networks.image_shape)
    if not isinstance(networks.encoder, OnnxNetwork):
        encoder.load_state_dict(networks.encoder.state_dict())
    unit_axes = basis.xi_[: basis.number_of_labels] / np.sqrt(basis.xi_.shape[1])
    axes = torch.from_numpy(np.ascontiguousarray(unit_axes, dtype=np.float32))

    def loss(noisy: Tensor, clean: Tensor, labels: Tensor, random: torch.Generator) -> Tensor:
        mean, log_sigma = encoder(noisy)
        codes = mean + log_sigma.exp() * torch.randn(mean.shape, generator=random)
        decoded = networks.generator(codes)
        kl = (0.5 * (mean.square() + (2 * log_sigma).exp() - 1) - log_sigma).sum(1).mean()
        amplitudes = codes @ axes.T
        own = F.one_hot(labels, amplitudes.shape[1]).bool()
        return (
            PICTURE_WEIGHT * F.mse_loss(decoded, clean)
            + LABEL_WEIGHT * F.cross_entropy(networks.classifier(decoded), labels)
            + KL_WEIGHT * kl
            + AMPLITUDE_WEIGHT * F.cross_entropy(torch.where(own, amplitudes, amplitudes.abs()), labels)
        )

    yield from _train(encoder, loss, training, (ENCODER_RATE, ENCODER_CYCLE), steps, seed)


def _train(
    network: nn.Module,
    loss_of: Loss,
    training: LabelledImages,
    cycle: tuple[float, float],
    steps: int,
    seed: int,
) -> Iterator[TrainingStep]:
    random, drawn = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    rate, share = cycle
    optimiser, average = adam(network.parameters(), rate, (0.9, 0.99)), average_of(network, AVERAGING)
    started = time.process_time()
    for step in range(1, steps + 1):
        for group in optimiser.param_groups:
            group["lr"] = rate * learning_rate_factor("one-cycle", share * step / steps)
        chosen = training.take(random.integers(len(training), size=BATCH))
        clean = scale_pixels(chosen.images)
        noisy = corrupt_at_random(clean, random).images
        optimiser.zero_grad()
        loss = loss_of(
            torch.from_numpy(noisy), torch.from_numpy(clean), torch.from_numpy(chosen.labels), drawn
        )
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), LARGEST_GRADIENT)
        optimiser.step()
        average.update_parameters(network)
        yield TrainingStep(step, steps, average.module, loss.item(), time.process_time() - started)
