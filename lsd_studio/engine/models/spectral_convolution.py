"""A stride-1 convolution of small images, computed exactly in Fourier space.

The paper's generator spends four fifths of its arithmetic in one layer: a 5×5 transposed convolution of 7×7 images
(R5). A circular convolution of length 7 + 2 = 9 holds every output pixel free of wrap-around, so the layer is 41
complex products of channel matrices (a 9×9 spectrum of real images) where the sliding window needs 25 · 49 real ones:
a seventh of the arithmetic, with the same result up to rounding. The transforms are products with constant matrices.

Complex numbers of half the length do not exist, so the layer is computed in float32 also under autocast.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SMALLEST_BATCH, SMALLEST_BATCH_HELD = 24, 4
"""From here on the transforms cost less than they save, with the kernel's spectrum made anew or held; below, and on
accelerators, the sliding window is faster."""


def _spectrum_matrices(size: int, kernel_size: int) -> tuple[Tensor, Tensor, Tensor]:
    """Constant matrices of the transforms: image → spectrum, kernel → spectrum, spectrum → image.

    The first two have shapes [bins, size²] and [bins, kernel_size²], complex; the third, [size², bins], holds the
    inverse transform with each bin's weight (1 where a bin is its own mirror image, 2 where it stands for two).
    """
    period = size + kernel_size // 2
    bins = [(u, v) for u in range(period) for v in range(period) if (u, v) <= ((-u) % period, (-v) % period)]
    cpu = torch.device("cpu")  # constants, also where a network is built on the meta device
    frequencies = torch.tensor(bins, dtype=torch.float64, device=cpu)
    mirrored = torch.tensor([(u, v) == ((-u) % period, (-v) % period) for u, v in bins], device=cpu)

    def waves(offsets: Tensor) -> Tensor:
        grid = torch.cartesian_prod(offsets, offsets)
        angle = -2 * math.pi / period * (frequencies @ grid.T)
        return torch.polar(torch.ones_like(angle), angle)

    pixels = waves(torch.arange(size, dtype=torch.float64, device=cpu))
    kernel = waves(torch.arange(kernel_size, dtype=torch.float64, device=cpu) - kernel_size // 2)
    weight = torch.where(mirrored, 1.0, 2.0).to(torch.float64) / period**2
    inverse = pixels.conj().T * weight
    return pixels.to(torch.complex64), kernel.to(torch.complex64), inverse.to(torch.complex64)


class SpectralConvTranspose2d(nn.Module):
    """`nn.ConvTranspose2d(in_channels, out_channels, kernel_size, stride=1, padding=kernel_size // 2)` for one size.

    Parameters have the names, shapes and initial distribution of the layer it stands for, so that weights can be
    exchanged with it. Images must be square of `size` pixels and the kernel odd.

    Args:
        in_channels, out_channels: channels before and after.
        kernel_size: odd edge of the kernel, in pixels.
        size: edge of the images, in pixels.
    """

    to_spectrum: Tensor
    kernel_to_spectrum: Tensor
    from_spectrum: Tensor

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, size: int) -> None:
        super().__init__()
        self.size = size
        self.held_spectrum: Tensor | None = None
        self.kernel_size = kernel_size
        like = nn.ConvTranspose2d(in_channels, out_channels, kernel_size, padding=kernel_size // 2)
        self.weight = nn.Parameter(like.weight.detach())
        assert like.bias is not None
        self.bias = nn.Parameter(like.bias.detach())
        pixels, kernel, inverse = _spectrum_matrices(size, kernel_size)
        for name, matrix in (("to_spectrum", pixels), ("kernel_to_spectrum", kernel)):
            self.register_buffer(name, torch.cat([matrix.real, matrix.imag]).contiguous(), persistent=False)
        self.register_buffer(
            "from_spectrum", torch.cat([inverse.real, -inverse.imag], dim=1).contiguous(), persistent=False
        )

    def hold_spectrum(self) -> None:
        """Keep the kernel's spectrum for inference: the weights may not change from now on."""
        self.held_spectrum = self._kernel_spectrum().detach()

    def plain(self) -> nn.ConvTranspose2d:
        """The layer that it stands for, with the same weights, in the sliding window."""
        into, out = self.weight.shape[:2]
        direct = nn.ConvTranspose2d(into, out, self.kernel_size, padding=self.kernel_size // 2, device="meta")
        direct.load_state_dict(self.state_dict(), assign=True)
        return direct

    def _kernel_spectrum(self) -> Tensor:
        kernel = self.weight.float().permute(2, 3, 0, 1).reshape(self.kernel_size**2, -1)
        return _as_complex(self.kernel_to_spectrum @ kernel, self.weight.shape[0], -1)

    def forward(self, images: Tensor) -> Tensor:
        """[N, in_channels, size, size] → [N, out_channels, size, size], channels last in memory."""
        count, _, height, width = images.shape
        if (height, width) != (self.size, self.size):
            raise ValueError(f"built for {self.size}×{self.size} pixels, got {height}×{width}")
        smallest = SMALLEST_BATCH if self.held_spectrum is None else SMALLEST_BATCH_HELD
        if count < smallest or images.device.type != "cpu":
            return F.conv_transpose2d(images, self.weight, self.bias, padding=self.kernel_size // 2)
        if torch.is_autocast_enabled("cpu"):
            with torch.autocast("cpu", enabled=False):
                return self._in_fourier_space(images.float())
        return self._in_fourier_space(images.float())

    def _in_fourier_space(self, images: Tensor) -> Tensor:
        count, channels, height, width = images.shape
        positions = images.permute(2, 3, 0, 1).reshape(height * width, count * channels)
        spectrum = _as_complex(self.to_spectrum @ positions, count, channels)
        held = self.held_spectrum
        product = torch.bmm(spectrum, self._kernel_spectrum() if held is None else held)
        planes = torch.cat([product.real, product.imag]).flatten(1)
        output = (self.from_spectrum @ planes).view(height, width, count, -1) + self.bias
        return output.permute(2, 3, 0, 1).contiguous(memory_format=torch.channels_last)


def _as_complex(planes: Tensor, rows: int, columns: int) -> Tensor:
    real, imaginary = planes.chunk(2)
    return torch.complex(real, imaginary).view(real.shape[0], rows, columns)
