"""Networks that are in memory, as the ONNX files that an adoption takes, whatever shapes and ranges they speak in."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

import torch
from torch import Tensor, nn

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.adoption import Given
from lsd_studio.engine.exchange.onnx_exporter import onnx_model
from lsd_studio.engine.exchange.onnx_files import library
from lsd_studio.engine.exchange.onnx_networks import Role


@dataclass(frozen=True)
class Conventions:
    """How networks speak where it is not as bundles do.

    Attributes:
        codes: shape of one code that the generator takes, such as (100,) or (100, 1, 1).
        pixels: darkest and brightest value of the images that the generator gives and the others take.
        channels_last: whether images are [N, H, W, C].
        condition: what the generator takes beside each code, such as a one-hot label; None for nothing.
        log_variance: whether the encoder's second output is log σ² rather than log σ.
    """

    codes: tuple[int, ...]
    pixels: tuple[float, float] = (-1.0, 1.0)
    channels_last: bool = False
    condition: Tensor | None = None
    log_variance: bool = False

    def __post_init__(self) -> None:
        if not self.codes or min(self.codes) < 1:
            raise StudioError(f"Codes have a shape such as (100,) or (100, 1, 1), not {self.codes}.")
        if not self.pixels[0] < self.pixels[1]:
            raise StudioError(
                f"Pixels go from a lower to a higher value, not from {self.pixels[0]} to {self.pixels[1]}."
            )


class _Translated(nn.Module):
    """A network between its own conventions and those of bundles: codes [N, M], images [N, C, H, W] in [−1, 1]."""

    def __init__(self, network: nn.Module, conventions: Conventions) -> None:
        super().__init__()
        self.network, self.conventions = network, conventions

    def outgoing(self, images: Tensor) -> Tensor:
        """Images of the network as bundles have them."""
        low, high = self.conventions.pixels
        images = images.permute(0, 3, 1, 2) if self.conventions.channels_last else images
        return images if (low, high) == (-1, 1) else (images - low) * (2 / (high - low)) - 1

    def incoming(self, images: Tensor) -> Tensor:
        """Images of bundles as the network takes them."""
        low, high = self.conventions.pixels
        images = images if (low, high) == (-1, 1) else (images + 1) * ((high - low) / 2) + low
        return images.permute(0, 2, 3, 1) if self.conventions.channels_last else images


class _Generator(_Translated):
    def __init__(self, network: nn.Module, conventions: Conventions) -> None:
        super().__init__(network, conventions)
        self.condition: Tensor | None
        self.register_buffer("condition", conventions.condition)

    def forward(self, codes: Tensor) -> Tensor:
        shaped = codes.reshape(-1, *self.conventions.codes)
        if self.condition is None:
            return self.outgoing(self.network(shaped))
        beside = self.condition.unsqueeze(0).expand(len(codes), *self.condition.shape)
        return self.outgoing(self.network(shaped, beside))


class _Encoder(_Translated):
    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        mean, spread = self.network(self.incoming(images))[:2]
        log_sigma = spread / 2 if self.conventions.log_variance else spread
        return mean.flatten(1), log_sigma.flatten(1)


class _Classifier(_Translated):
    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.network(self.incoming(images))
        return logits.flatten(1)


WRAPPERS: Mapping[Role, type[_Translated]] = {
    "generator": _Generator,
    "encoder": _Encoder,
    "classifier": _Classifier,
}


def write_live_networks(folder: Path, networks: Mapping[Role, nn.Module], conventions: Conventions) -> Given:
    """Write copies of networks, in evaluation mode on the CPU, to a folder as ONNX files that bundles can be made of.

    Args:
        networks: by role, the generator among them; they stay as they are.

    Raises:
        StudioError: a network does not take what the conventions say, or cannot be exported.
    """
    wrapped = {
        role: WRAPPERS[role](_copied(role, network), conventions).eval() for role, network in networks.items()
    }
    codes = torch.zeros(2, prod(conventions.codes))
    images = _tried("generator", wrapped["generator"], codes)
    if images.ndim != 4:
        raise StudioError(
            f"The generator gives {list(images.shape)} for two codes, and images have four dimensions: wrap it so that "
            "it gives [N, C, H, W], or [N, H, W, C] with channels_last."
        )
    files = {}
    for role, network in wrapped.items():
        given = codes if role == "generator" else images
        _tried(role, network, given)
        files[role] = folder / f"{role}.onnx"
        files[role].write_bytes(onnx_of(role, network, given))
    return Given(files["generator"], files.get("encoder"), files.get("classifier"))


def _copied(role: Role, network: nn.Module) -> nn.Module:
    try:
        return copy.deepcopy(network).cpu()
    except (RuntimeError, TypeError) as error:
        raise StudioError(
            f"The {role} cannot be copied ({error}): give a module without live tensors."
        ) from error


def _tried(role: Role, network: nn.Module, given: Tensor) -> Tensor:
    """What a network gives, the first of its outputs."""
    try:
        with torch.no_grad():
            found = network(given)
    except (
        Exception
    ) as error:  # forward is the caller's own code, which may raise anything: the cause is kept
        shape = list(given.shape[1:])
        raise StudioError(
            f"The {role} fails on items of shape {shape} ({type(error).__name__}: {error}): say by codes, pixels, "
            "channels_last and condition what it takes."
        ) from error
    return found[0] if isinstance(found, tuple) else found


def onnx_of(role: Role, network: nn.Module, given: Tensor) -> bytes:
    """A network as an ONNX file; `given` are two of what it takes.

    Raises:
        StudioError: it cannot be written.
    """
    library("onnx")
    try:
        content: bytes = onnx_model(network, role, given).SerializeToString()
    except torch.onnx.OnnxExporterError as error:
        reason = str(error).strip().splitlines()[:1] or [type(error).__name__]
        raise StudioError(
            f"The {role} cannot be written as ONNX ({reason[0]}): export it yourself with torch.onnx.export, and adopt "
            "the file."
        ) from error
    return content


def code_shape(codes: int | Sequence[int]) -> tuple[int, ...]:
    """The shape of one code, of a number of components or a shape."""
    return (codes,) if isinstance(codes, int) else tuple(codes)
