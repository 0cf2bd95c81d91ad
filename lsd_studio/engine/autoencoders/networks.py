"""The two networks of an autoencoder (R24): halving convolutions, and their mirror image.

Images are float32 in [−1, 1], shape [N, channels, edge, edge]; the posts' own size is 96×96×3 with four layers and
M = 256. An edge that is odd is halved upwards and comes back as it was: 28 → 14 → 7 → 4 → 2 and back.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from lsd_studio.engine.networks import validate_image_shape

__all__ = ["Autoencoder", "ConvolutionalDecoder", "ConvolutionalEncoder"]

SLOPE = 0.1
LARGEST_LOG_SIGMA = 6.0


class ConvolutionalEncoder(nn.Module):
    """Images [N, channels, edge, edge] → (mean, log σ), each [N, M]; (mean, None) where it is not variational.

    Each layer halves the edge: convolution 3×3 with stride 2, batch norm, LeakyReLU(0.1). log σ is bounded to ±6 by a
    tanh: without a bound it can diverge.
    """

    def __init__(
        self,
        image_shape: Sequence[int],
        latent_dimensions: int,
        widths: Sequence[int],
        *,
        is_variational: bool,
    ) -> None:
        super().__init__()
        channels, _ = validate_image_shape(image_shape)
        layers: list[nn.Module] = []
        for width_in, width in pairwise((channels, *widths)):
            layers += [
                nn.Conv2d(width_in, width, 3, stride=2, padding=1),
                nn.BatchNorm2d(width),
                nn.LeakyReLU(SLOPE),
            ]
        self.layers = nn.Sequential(*layers, nn.Flatten())
        features = widths[-1] * _edges(image_shape, widths)[-1] ** 2
        self.mean = nn.Linear(features, latent_dimensions)
        self.log_sigma = nn.Linear(features, latent_dimensions) if is_variational else None

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor | None]:
        """Encode a batch."""
        features = self.layers(images)
        if self.log_sigma is None:
            return self.mean(features), None
        bounded = LARGEST_LOG_SIGMA * torch.tanh(self.log_sigma(features) / LARGEST_LOG_SIGMA)
        return self.mean(features), bounded


class ConvolutionalDecoder(nn.Module):
    """Codes [N, M] → images [N, channels, edge, edge] in [−1, 1]: the encoder's layers mirrored, transposed.

    A pixel is tanh(s / 2) of its logit s, that is 2 σ(s) − 1, so that cross-entropy on logits is the loss of what is
    shown.
    """

    def __init__(self, image_shape: Sequence[int], latent_dimensions: int, widths: Sequence[int]) -> None:
        super().__init__()
        channels, _ = validate_image_shape(image_shape)
        edges = _edges(image_shape, widths)
        self.project = nn.Sequential(
            nn.Linear(latent_dimensions, widths[-1] * edges[-1] ** 2),
            nn.Unflatten(1, (widths[-1], edges[-1], edges[-1])),
            nn.BatchNorm2d(widths[-1]),
            nn.LeakyReLU(SLOPE),
        )
        layers: list[nn.Module] = []
        mirrored = zip(pairwise((*reversed(widths), channels)), pairwise(reversed(edges)), strict=True)
        for (width_in, width), (edge_in, edge) in mirrored:
            if layers:
                layers += [nn.BatchNorm2d(width_in), nn.LeakyReLU(SLOPE)]
            odd_one_out = edge - (2 * edge_in - 1)
            layers.append(
                nn.ConvTranspose2d(width_in, width, 3, stride=2, padding=1, output_padding=odd_one_out)
            )
        self.layers = nn.Sequential(*layers)

    def logits(self, codes: Tensor) -> Tensor:
        """The pixels' logits [N, channels, edge, edge]."""
        logits: Tensor = self.layers(self.project(codes))
        return logits

    def forward(self, codes: Tensor) -> Tensor:
        """Decode a batch."""
        return torch.tanh(self.logits(codes) / 2)


class Autoencoder(nn.Module):
    """An encoder and a decoder that are trained together."""

    def __init__(
        self,
        image_shape: Sequence[int],
        latent_dimensions: int,
        widths: Sequence[int],
        *,
        is_variational: bool,
    ) -> None:
        super().__init__()
        channels, edge = validate_image_shape(image_shape)
        self.image_shape = (channels, edge, edge)
        self.encoder = ConvolutionalEncoder(
            image_shape, latent_dimensions, widths, is_variational=is_variational
        )
        self.decoder = ConvolutionalDecoder(image_shape, latent_dimensions, widths)

    def forward(self, images: Tensor) -> Tensor:
        """Images from the means of their codes."""
        decoded: Tensor = self.decoder(self.encoder(images)[0])
        return decoded


def _edges(image_shape: Sequence[int], widths: Sequence[int]) -> list[int]:
    """The edge of the images and of what each layer makes of them."""
    edges = [image_shape[-1]]
    for _ in widths:
        edges.append((edges[-1] + 1) // 2)
    return edges
