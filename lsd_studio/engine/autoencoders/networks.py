"""The two networks of an autoencoder (R24): halving convolutions, and their mirror image.

Images are float32 in [−1, 1], shape [N, channels, edge, edge]; the posts' own size is 96×96×3 with four layers and
M = 256. An edge that is odd is halved upwards and comes back as it was: 28 → 14 → 7 → 4 → 2 and back. The posts'
networks have no batch normalisation, so that the Gaussian components of their codes are a puzzle; here it is a choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from lsd_studio.engine.models.networks import validate_image_shape

SLOPE = 0.1
LARGEST_LOG_SIGMA = 6.0


class _PixelConv2d(nn.Conv2d):
    """A convolution of images of one pixel, in float32 under autocast too.

    oneDNN's bfloat16 gradient of such a kernel is memory that nobody wrote (seen with PyTorch 2.14 on AVX512-BF16).
    """

    def forward(self, input: Tensor) -> Tensor:
        if not input.is_cpu:
            return super().forward(input)
        with torch.autocast("cpu", enabled=False):
            return super().forward(input.float())


class _PixelConvTranspose2d(nn.ConvTranspose2d):
    """Its transpose, in float32 for the same reason."""

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:
        if not input.is_cpu:
            return super().forward(input, output_size)
        with torch.autocast("cpu", enabled=False):
            return super().forward(input.float(), output_size)


class ConvolutionalEncoder(nn.Module):
    """Images [N, channels, edge, edge] → (mean, log σ), each [N, M]; (mean, None) where it is not variational.

    Each layer halves the edge: convolution 3×3 with stride 2, batch norm if asked for, LeakyReLU(0.1). log σ is bounded
    to ±6 by a tanh: without a bound it can diverge.
    """

    def __init__(
        self,
        image_shape: Sequence[int],
        latent_dimensions: int,
        widths: Sequence[int],
        *,
        is_variational: bool,
        batch_normalisation: bool = True,
    ) -> None:
        super().__init__()
        channels, _ = validate_image_shape(image_shape)
        layers: list[nn.Module] = []
        edges = _edges(image_shape, widths)
        for edge, (width_in, width) in zip(edges, pairwise((channels, *widths)), strict=False):
            convolution = _PixelConv2d if edge == 1 else nn.Conv2d
            layers.append(convolution(width_in, width, 3, stride=2, padding=1))
            layers += _activation(width, batch_normalisation)
        self.layers = nn.Sequential(*layers, nn.Flatten())
        features = widths[-1] * edges[-1] ** 2
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

    def __init__(
        self,
        image_shape: Sequence[int],
        latent_dimensions: int,
        widths: Sequence[int],
        *,
        batch_normalisation: bool = True,
    ) -> None:
        super().__init__()
        channels, _ = validate_image_shape(image_shape)
        edges = _edges(image_shape, widths)
        self.project = nn.Sequential(
            nn.Linear(latent_dimensions, widths[-1] * edges[-1] ** 2),
            nn.Unflatten(1, (widths[-1], edges[-1], edges[-1])),
            *_activation(widths[-1], batch_normalisation),
        )
        layers: list[nn.Module] = []
        mirrored = zip(pairwise((*reversed(widths), channels)), pairwise(reversed(edges)), strict=True)
        for (width_in, width), (edge_in, edge) in mirrored:
            if layers:
                layers += _activation(width_in, batch_normalisation)
            convolution = _PixelConvTranspose2d if edge == 1 else nn.ConvTranspose2d
            odd_one_out = edge - (2 * edge_in - 1)
            layers.append(convolution(width_in, width, 3, stride=2, padding=1, output_padding=odd_one_out))
        self.layers = nn.Sequential(*layers)

    def logits(self, codes: Tensor) -> Tensor:
        """The pixels' logits [N, channels, edge, edge]."""
        return self.layers(self.project(codes))

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
        batch_normalisation: bool = True,
    ) -> None:
        super().__init__()
        channels, edge = validate_image_shape(image_shape)
        self.image_shape = (channels, edge, edge)
        self.encoder = ConvolutionalEncoder(
            image_shape,
            latent_dimensions,
            widths,
            is_variational=is_variational,
            batch_normalisation=batch_normalisation,
        )
        self.decoder = ConvolutionalDecoder(
            image_shape, latent_dimensions, widths, batch_normalisation=batch_normalisation
        )

    def forward(self, images: Tensor) -> Tensor:
        """Images from the means of their codes."""
        return self.decoder(self.encoder(images)[0])


def _activation(width: int, batch_normalisation: bool) -> list[nn.Module]:
    activation = nn.LeakyReLU(SLOPE)
    return [nn.BatchNorm2d(width), activation] if batch_normalisation else [activation]


def _edges(image_shape: Sequence[int], widths: Sequence[int]) -> list[int]:
    """The edge of the images and of what each layer makes of them."""
    edges = [image_shape[-1]]
    for _ in widths:
        edges.append((edges[-1] + 1) // 2)
    return edges
