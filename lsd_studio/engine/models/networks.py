"""The four networks of the method, generator, discriminator, classifier, encoder (R5–R7), and the judge, ours.

Image edge, channels, labels and latent dimensions are arguments everywhere; images are float32 in [−1, 1], shape
[N, channels, edge, edge], edge a multiple of 4. Weights start from a normal distribution with σ = 0.02 where the
authors' code does so (generator and discriminator), else from PyTorch's default.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.models.spectral_convolution import SpectralConvTranspose2d
from lsd_studio.engine.vocabulary import Halvings, Heads, Trunk

LARGEST_SPECTRAL_EDGE = 12
FEWEST_HALVINGS, LARGEST_SEED_EDGE, LARGEST_WIDTH = 2, 8, 256


def validate_image_shape(image_shape: Sequence[int]) -> tuple[int, int]:
    """(channels, edge) of images [channels, edge, edge].

    Raises:
        StudioError: the images are not square, or their edge is no multiple of 4 of at least 8 pixels.
    """
    channels, height, width = image_shape
    if height != width or height % 4 or height < 8:
        raise StudioError(
            "The networks take square images whose edge is a multiple of 4 and at least 8 pixels, "
            f"not {width}×{height}; resize the images first."
        )
    return channels, height


def number_of_halvings(edge: int, halvings: Halvings) -> int:
    """How often the networks halve images of this edge.

    >>> tuple(number_of_halvings(edge, "growing") for edge in (8, 28, 32, 48, 64, 128))
    (2, 2, 2, 3, 3, 4)
    """
    number = FEWEST_HALVINGS
    while halvings == "growing" and edge >> number > LARGEST_SEED_EDGE and edge % (2 << number) == 0:
        number += 1
    return number


class ByteDropout(nn.Module):
    """Dropout whose mask is drawn from NumPy's random bytes: torch draws CPU masks serially, which is slow.

    The probability of dropping is rounded to 1/256. `reseed` before each training step makes the masks a function
    of that step alone.
    """

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.threshold = round(probability * 256)
        self.random = np.random.Generator(np.random.SFC64(0))

    def reseed(self, seed: int) -> None:
        self.random = np.random.Generator(np.random.SFC64(seed))

    def forward(self, values: Tensor) -> Tensor:
        if not self.training or self.threshold == 0:
            return values
        if values.is_meta:
            return values * torch.empty_like(values)
        drawn = torch.from_numpy(np.frombuffer(self.random.bytes(values.numel()), dtype=np.uint8).copy())
        kept = drawn.ge_(self.threshold).to(values.device, values.dtype).mul_(256 / (256 - self.threshold))
        return values * torch.as_strided(kept, values.shape, values.stride())


class Generator(nn.Module):
    """Latent vectors [N, M] → images [N, channels, edge, edge] in [−1, 1] (R5).

    Args:
        halvings: the edge is 2 ** halvings times that of what z is projected to; the paper has 2.
    """

    def __init__(
        self, latent_dimensions: int, image_shape: Sequence[int], halvings: int = FEWEST_HALVINGS
    ) -> None:
        super().__init__()
        channels, edge = validate_image_shape(image_shape)
        self.seed_edge = edge >> halvings
        widths = _widths(halvings)[::-1]
        self.project = nn.Linear(latent_dimensions, 256 * self.seed_edge**2)
        self.project_norm = nn.BatchNorm1d(256 * self.seed_edge**2)
        self.refine = _same_size_convolution(256, widths[0], 5, self.seed_edge)
        layers: list[nn.Module] = []
        for width, narrower in pairwise((*widths, channels)):
            layers += [
                nn.BatchNorm2d(width),
                nn.ReLU(),
                nn.ConvTranspose2d(width, narrower, 4, stride=2, padding=1),
            ]
        self.upsample = nn.Sequential(*layers, nn.Hardtanh())
        _draw_weights(self)

    def forward(self, codes: Tensor) -> Tensor:
        seeds = torch.relu(self.project_norm(self.project(codes)))
        seeds = seeds.view(-1, 256, self.seed_edge, self.seed_edge)
        return self.upsample(self.refine(seeds))


class Discriminator(nn.Module):
    """Images [N, channels, edge, edge] → logits [N]: real or generated, of `halvings` convolutions (R5)."""

    def __init__(self, image_shape: Sequence[int], halvings: int = FEWEST_HALVINGS) -> None:
        super().__init__()
        channels, edge = validate_image_shape(image_shape)
        widths = _widths(halvings)
        layers: list[nn.Module] = []
        for width, wider in pairwise((channels, *widths)):
            layers += [
                nn.Conv2d(width, wider, 4, stride=2, padding=1),
                nn.LeakyReLU(0.2),
                ByteDropout(0.25),
            ]
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(widths[-1] * (edge >> halvings) ** 2, 1))
        _draw_weights(self)

    def reseed(self, seed: int) -> None:
        """Make the dropout masks of the next forward passes a function of `seed` alone."""
        for place, layer in enumerate(self.layers):
            if isinstance(layer, ByteDropout):
                layer.reseed(seed + place)

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.layers(images)
        return logits.squeeze(1)


class Classifier(nn.Module):
    """Images [N, channels, edge, edge] → logits [N, l]: three convolutions, each halved (R6)."""

    def __init__(self, image_shape: Sequence[int], number_of_labels: int, widths: Sequence[int]) -> None:
        super().__init__()
        channels, edge = validate_image_shape(image_shape)
        layers: list[nn.Module] = []
        for width in widths:
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
            channels, edge = width, edge // 2
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * edge**2, number_of_labels))

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images)


class Judge(nn.Module):
    """Images [N, channels, edge, edge] → logits [N, l]; ours, of another architecture than the classifier.

    Five normalised convolutions with SiLU, of which two halve the image, and the mean over what is left of it, where
    the classifier has three without normalisation and reads every place by itself: what deceives one need not deceive
    the other.
    """

    def __init__(self, image_shape: Sequence[int], number_of_labels: int, widths: Sequence[int]) -> None:
        super().__init__()
        channels, _ = validate_image_shape(image_shape)
        whole, half, quarter = widths
        layers: list[nn.Module] = []
        for width, stride in ((whole, 1), (half, 2), (half, 1), (quarter, 2), (quarter, 1)):
            layers += [
                nn.Conv2d(channels, width, 3, stride=stride, padding=1, bias=False),
                nn.BatchNorm2d(width),
                nn.SiLU(),
            ]
            channels = width
        self.layers = nn.Sequential(
            *layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(quarter, number_of_labels)
        )

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.layers(images)
        return logits


class Encoder(nn.Module):
    """Images [N, channels, edge, edge] → (mean, log σ) of the posterior, each [N, M] (R7).

    Args:
        trunk: "paper", the three layers of R7; ours: "residual", two halving convolutions and a residual block, half
            the arithmetic and more depth; "deep", a convolution on the grid before each halving, and two such blocks.
        heads: "text", Linear and batch norm; "authors", the same and LeakyReLU(0.01), which keeps most means
            positive and σ at 1 or more; "free", a mean without bound and log σ in [−3, 0].
        halvings: 2 as R7 has it, or more, each a convolution beyond those of the trunk.
    """

    def __init__(
        self,
        image_shape: Sequence[int],
        latent_dimensions: int,
        trunk: Trunk,
        heads: Heads,
        halvings: int = FEWEST_HALVINGS,
    ) -> None:
        super().__init__()
        channels, edge = validate_image_shape(image_shape)
        self.latent_dimensions = latent_dimensions
        self.heads = heads
        last = edge >> halvings
        further = [
            layer for _ in range(halvings - FEWEST_HALVINGS) for layer in _convolution(128, 128, 4, stride=2)
        ]
        if trunk == "paper":
            self.trunk = nn.Sequential(
                nn.ConvTranspose2d(channels, 64, 4, stride=1, padding=1),
                nn.BatchNorm2d(64),
                nn.LeakyReLU(0.01),
                nn.Conv2d(64, 128, 4, stride=2, padding=1),
                nn.BatchNorm2d(128),
                nn.LeakyReLU(0.01),
                nn.Conv2d(128, 128, 4, stride=2, padding=1),
                *further,
                nn.Flatten(),
            )
        elif trunk == "deep":
            self.trunk = nn.Sequential(
                *_convolution(channels, 32, 3, stride=1),
                *_convolution(32, 64, 4, stride=2),
                *_convolution(64, 64, 3, stride=1),
                *_convolution(64, 128, 4, stride=2),
                *further,
                _ResidualBlock(128, last),
                _ResidualBlock(128, last),
                nn.Flatten(),
            )
        else:
            self.trunk = nn.Sequential(
                nn.Conv2d(channels, 64, 4, stride=2, padding=1),
                nn.BatchNorm2d(64),
                nn.LeakyReLU(0.1),
                nn.Conv2d(64, 128, 4, stride=2, padding=1),
                nn.BatchNorm2d(128),
                nn.LeakyReLU(0.1),
                *further,
                _ResidualBlock(128, last),
                nn.Flatten(),
            )
        features = 128 * last**2
        self.mean = _head(features, latent_dimensions, heads)
        self.log_sigma = _head(features, latent_dimensions, heads)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        features = self.trunk(images)
        mean, log_sigma = self.mean(features), self.log_sigma(features)
        if self.heads == "free":
            log_sigma = 1.5 * (torch.tanh(log_sigma) - 1)
        return mean, log_sigma


def _widths(halvings: int) -> tuple[int, ...]:
    """Channels at half the edge, a quarter, and so on: twice as many each time, 256 at most."""
    return tuple(min(64 << place, LARGEST_WIDTH) for place in range(halvings))


def _convolution(in_channels: int, out_channels: int, kernel_size: int, stride: int) -> list[nn.Module]:
    return [
        nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.LeakyReLU(0.1),
    ]


class _ResidualBlock(nn.Module):
    def __init__(self, width: int, edge: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            _same_size_convolution(width, width, 3, edge),
            nn.BatchNorm2d(width),
            nn.LeakyReLU(0.1),
            _same_size_convolution(width, width, 3, edge),
            nn.BatchNorm2d(width),
        )
        self.activation = nn.LeakyReLU(0.1)

    def forward(self, values: Tensor) -> Tensor:
        return self.activation(values + self.layers(values))


def _same_size_convolution(in_channels: int, out_channels: int, kernel_size: int, edge: int) -> nn.Module:
    """A stride-1 transposed convolution of images with this edge: in Fourier space where that is faster."""
    if edge <= LARGEST_SPECTRAL_EDGE:
        return SpectralConvTranspose2d(in_channels, out_channels, kernel_size, edge)
    return nn.ConvTranspose2d(in_channels, out_channels, kernel_size, padding=kernel_size // 2)


def _head(features: int, latent_dimensions: int, heads: str) -> nn.Sequential:
    layers: list[nn.Module] = [nn.Linear(features, latent_dimensions), nn.BatchNorm1d(latent_dimensions)]
    return nn.Sequential(*layers, nn.LeakyReLU(0.01)) if heads == "authors" else nn.Sequential(*layers)


def _draw_weights(network: nn.Module) -> None:
    if torch.get_default_device().type == "meta":
        return  # there is nothing to draw into, and torch would load its compiler for it, seconds long
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d | SpectralConvTranspose2d):
            nn.init.normal_(module.weight, std=0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
