"""A plain port of the authors' GAN training loop, the reference that our speed is measured against (R1–R5).

float32, batch 25, torch's own layers, weights drawn with σ = 0.02 as theirs; D's loss sends gradients through G's
graph as the published code does not cut it, the fake batch is generated again for G's loss, and both losses are
computed once more after the steps to be logged.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

BATCH = 25


class ReferenceLoop:
    """Generator, discriminator, their optimisers and one `step` on 25 images [25, 1, 28, 28] in [−1, 1].

    Args:
        optimiser: made of parameters, rate and (β₁, β₂). The authors have optimistic Adam; PyTorch's is faster.
    """

    def __init__(
        self, latent_dimensions: int = 100, optimiser: Callable[..., torch.optim.Optimizer] = torch.optim.Adam
    ) -> None:
        self.latent_dimensions = latent_dimensions
        self.generator = nn.Sequential(
            nn.Linear(latent_dimensions, 7 * 7 * 256),
            nn.BatchNorm1d(7 * 7 * 256),
            nn.ReLU(),
            nn.Unflatten(1, (256, 7, 7)),
            nn.ConvTranspose2d(256, 128, 5, padding=2),
            nn.BatchNorm2d(128),
            nn.ReLU(),
            nn.ConvTranspose2d(128, 64, 4, stride=2, padding=1),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.ConvTranspose2d(64, 1, 4, stride=2, padding=1),
            nn.Hardtanh(),
        )
        self.discriminator = nn.Sequential(
            nn.Conv2d(1, 64, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Dropout(0.25),
            nn.Conv2d(64, 128, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Dropout(0.25),
            nn.Flatten(),
            nn.Linear(7 * 7 * 128, 1),
        )
        for layer in (*self.generator, *self.discriminator):
            if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
                nn.init.normal_(layer.weight, std=0.02)
                assert layer.bias is not None
                nn.init.zeros_(layer.bias)
        self.of_generator = optimiser(self.generator.parameters(), 2e-4, (0.5, 0.99))
        self.of_discriminator = optimiser(self.discriminator.parameters(), 2e-4, (0.5, 0.99))

    def _discriminator_loss(self, images: Tensor, codes: Tensor) -> Tensor:
        real = self.discriminator(images)
        fake = self.discriminator(self.generator(codes))
        return F.binary_cross_entropy_with_logits(
            real, torch.ones_like(real)
        ) + F.binary_cross_entropy_with_logits(fake, torch.zeros_like(fake))

    def _generator_loss(self, codes: Tensor) -> Tensor:
        verdict = self.discriminator(self.generator(codes))
        return F.binary_cross_entropy_with_logits(verdict, torch.ones_like(verdict))

    def step(self, images: Tensor) -> tuple[float, float]:
        codes = torch.randn(len(images), self.latent_dimensions)
        self.of_discriminator.zero_grad()
        self._discriminator_loss(images, codes).backward(inputs=list(self.discriminator.parameters()))
        self.of_discriminator.step()
        self.of_generator.zero_grad()
        self._generator_loss(codes).backward()
        self.of_generator.step()
        with torch.no_grad():
            return float(self._discriminator_loss(images, codes)), float(self._generator_loss(codes))
