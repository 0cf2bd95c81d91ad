"""A small denoising autoencoder: the learned baseline that knows nothing of latent space."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lsd_studio.engine.models.networks import validate_image_shape

WIDTHS = (16, 32, 64)


class DenoisingAutoencoder(nn.Module):
    """Noisy images [N, C, edge, edge] in [−1, 1] → clean ones, the same shape.

    Two halving convolutions and their mirror images, two convolutions between them, and two bridges that add what was
    there before each halving.
    """

    def __init__(self, image_shape: Sequence[int]) -> None:
        super().__init__()
        channels, _ = validate_image_shape(image_shape)
        fine, middle, coarse = WIDTHS
        self.enter = nn.Conv2d(channels, fine, 3, padding=1)
        self.down = nn.Conv2d(fine, middle, 4, stride=2, padding=1)
        self.further_down = nn.Conv2d(middle, coarse, 4, stride=2, padding=1)
        self.think = nn.Sequential(
            nn.Conv2d(coarse, coarse, 3, padding=1), nn.ReLU(), nn.Conv2d(coarse, coarse, 3, padding=1)
        )
        self.up = nn.ConvTranspose2d(coarse, middle, 4, stride=2, padding=1)
        self.further_up = nn.ConvTranspose2d(middle, fine, 4, stride=2, padding=1)
        self.leave = nn.Conv2d(fine, channels, 3, padding=1)

    def forward(self, images: Tensor) -> Tensor:
        """Denoise a batch."""
        fine = torch.relu(self.enter(images))
        middle = torch.relu(self.down(fine))
        coarse = torch.relu(self.further_down(middle))
        coarse = torch.relu(coarse + self.think(coarse))
        middle = torch.relu(middle + self.up(coarse))
        fine = torch.relu(fine + self.further_up(middle))
        return torch.nn.functional.hardtanh(self.leave(fine))
