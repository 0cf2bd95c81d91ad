"""Networks of others as a list of layers in a JSON file with their weights in a safetensors file; nothing is executed.

The layers are those of `torch.nn` by their own names and arguments, from a closed list, one after the other as in
`nn.Sequential`, whose `state_dict` the weights are. Sizes are known before anything is made.
"""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Annotated, Literal

import torch
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.onnx_costs import MOST_BYTES, MOST_OPERATIONS
from lsd_studio.engine.exchange.onnx_networks import Role
from lsd_studio.engine.exchange.state_dicts import with_weights
from lsd_studio.files.json_text import parse_json_object, validated
from lsd_studio.files.plain_files import read_plain

FORMAT = "lsd-studio-network"
LARGEST_DESCRIPTION = 2**20
MOST_WEIGHTS = 2**28
"""Numbers, 1 GiB."""

Size = Annotated[int, Field(ge=1, le=2**20)]
Kernel = Annotated[int, Field(ge=1, le=64)]
Padding = Annotated[int, Field(ge=0, le=64)]
Number = Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]
Epsilon = Annotated[float, Field(gt=0, le=1)]


def _plain_name(name: str) -> str:
    if name in ("", ".", "..") or any(sign in name for sign in "/\\:\0"):
        raise ValueError("expected the name of a file in the same folder, without a path")
    return name


FileName = Annotated[str, Field(max_length=200), AfterValidator(_plain_name)]


class _Layer(BaseModel):
    """A layer, whose fields are the arguments of its class in `torch.nn`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str

    def module(self) -> nn.Module:
        arguments = self.model_dump(exclude={"type"}, exclude_none=True)
        made: nn.Module = getattr(nn, self.type)(**arguments)
        return made


class _Linear(_Layer):
    type: Literal["Linear"]
    in_features: Size
    out_features: Size
    bias: bool = True


class _AnyConvolution(_Layer):
    in_channels: Size
    out_channels: Size
    kernel_size: Kernel
    stride: Kernel = 1
    padding: Padding = 0
    dilation: Kernel = 1
    groups: Size = 1
    bias: bool = True


class _Convolution(_AnyConvolution):
    type: Literal["Conv2d"]


class _TransposedConvolution(_AnyConvolution):
    type: Literal["ConvTranspose2d"]
    output_padding: Padding = 0


class _Normalisation(_Layer):
    type: Literal["BatchNorm1d", "BatchNorm2d"]
    num_features: Size
    eps: Epsilon = 1e-5
    affine: bool = True


class _InstanceNormalisation(_Layer):
    type: Literal["InstanceNorm2d"]
    num_features: Size
    eps: Epsilon = 1e-5
    affine: bool = False


class _GroupNormalisation(_Layer):
    type: Literal["GroupNorm"]
    num_groups: Size
    num_channels: Size
    eps: Epsilon = 1e-5
    affine: bool = True


class _Activation(_Layer):
    type: Literal["ReLU", "Tanh", "Sigmoid", "Hardtanh", "SiLU", "GELU", "Softplus", "Identity"]


class _LeakyReLU(_Layer):
    type: Literal["LeakyReLU"]
    negative_slope: Number = 0.01


class _ELU(_Layer):
    type: Literal["ELU"]
    alpha: Number = 1.0


class _PReLU(_Layer):
    type: Literal["PReLU"]
    num_parameters: Size = 1


class _Dropout(_Layer):
    type: Literal["Dropout", "Dropout2d"]
    p: Annotated[float, Field(ge=0, le=1)] = 0.5


class _Flatten(_Layer):
    type: Literal["Flatten"]


class _Unflatten(_Layer):
    type: Literal["Unflatten"]
    unflattened_size: Annotated[tuple[Size, ...], Field(min_length=1, max_length=3)]

    def module(self) -> nn.Module:
        return nn.Unflatten(1, self.unflattened_size)


class _Upsample(_Layer):
    type: Literal["Upsample"]
    scale_factor: Annotated[int, Field(ge=1, le=16)]
    mode: Literal["nearest", "bilinear"] = "nearest"


class _Pooling(_Layer):
    type: Literal["MaxPool2d", "AvgPool2d"]
    kernel_size: Kernel
    stride: Kernel | None = None
    padding: Padding = 0


class _Mean(_Layer):
    type: Literal["AdaptiveAvgPool2d"]
    output_size: Literal[1]


class _PixelShuffle(_Layer):
    type: Literal["PixelShuffle"]
    upscale_factor: Annotated[int, Field(ge=1, le=16)]


Layer = Annotated[
    _Linear | _Convolution | _TransposedConvolution | _Normalisation | _InstanceNormalisation | _GroupNormalisation
    | _Activation | _LeakyReLU | _ELU | _PReLU | _Dropout | _Flatten | _Unflatten | _Upsample | _Pooling | _Mean
    | _PixelShuffle,
    Field(discriminator="type"),
]  # fmt: skip


class NetworkDescription(BaseModel):
    """What a described network is.

    Attributes:
        role: a generator gives images [C, H, W], an encoder 2M numbers, means and then log σ, a classifier logits.
        input: shape of one item, such as [100], [100, 1, 1] or [1, 28, 28].
        layers: in their order.
        weights: the safetensors file in the same folder; None: that of the same name.
        prefix: before the names of the weights, such as "main." of "main.0.weight".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["lsd-studio-network"]
    role: Role
    input: Annotated[tuple[Size, ...], Field(min_length=1, max_length=3)]
    layers: Annotated[tuple[Layer, ...], Field(min_length=1, max_length=1000)]
    weights: FileName | None = None
    prefix: Annotated[str, Field(max_length=200)] = ""


class _Encoder(nn.Module):
    """Layers whose output is means and log σ in one."""

    def __init__(self, layers: nn.Module) -> None:
        super().__init__()
        self.layers = layers

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        both: Tensor = self.layers(images)
        return both.flatten(1).chunk(2, dim=1)


def read_description(file: Path) -> NetworkDescription:
    """The description in a JSON file; its weights are not read.

    Raises:
        StudioError: it is none; the sentence names the field.
    """
    return validated(NetworkDescription, parse_json_object(read_plain(file, LARGEST_DESCRIPTION), file), file)


def read_described_network(file: Path) -> tuple[NetworkDescription, nn.Module]:
    """A described network with its weights, in evaluation mode.

    Raises:
        StudioError: as `read_description`; or the layers do not fit each other, would take more memory or operations
            than an ONNX file may, or the weights are not those of the layers.
    """
    stated = read_description(file)
    layers = _made(stated, file)
    weights = file.with_name(stated.weights or f"{file.stem}.safetensors")
    if not weights.exists():
        raise StudioError(
            f"{file} keeps its weights in {weights.name}, which is not beside it: please put it there."
        )
    whole = with_weights(layers, weights, stated.prefix)
    return stated, _Encoder(whole).eval() if stated.role == "encoder" else whole


def _made(stated: NetworkDescription, file: Path) -> nn.Sequential:
    """The layers without memory for their weights, once their sizes are known to fit."""
    layers: list[nn.Module] = []
    with torch.device("meta"), FlopCounterMode(display=False) as counter, torch.inference_mode():
        numbers, weights = prod(stated.input), 0
        _check_size(numbers, weights, f"{file}, input")
        values = torch.empty(2, *stated.input)
        for place, layer in enumerate(stated.layers):
            where = f"{file}, layer {place} ({layer.type})"
            given = list(values.shape[1:])
            try:
                made = layer.module().eval()
                _check_channels(made, given)
                values = made(values)
            except (
                RuntimeError,
                ValueError,
                IndexError,
            ) as error:  # what PyTorch says of sizes that do not fit
                raise StudioError(
                    f"{where} does not take what comes before, [N, {_sizes(given)}]: please check it."
                ) from error
            layers.append(made)
            numbers += values.numel() // 2
            weights += sum(parameter.numel() for parameter in made.parameters())
            _check_size(numbers, weights, where)
            if counter.get_total_flops() / 2 > MOST_OPERATIONS:
                raise StudioError(
                    f"{where}: up to here the network would take more than {MOST_OPERATIONS:.0e} operations for one "
                    "item: please give a smaller one."
                )
    _check_output(stated.role, list(values.shape[1:]), file)
    return nn.Sequential(*layers)


def _check_channels(layer: nn.Module, given: list[int]) -> None:
    """What PyTorch checks of some layers only once they have memory."""
    for name in ("in_channels", "num_features", "num_channels"):
        if getattr(layer, name, given[0]) != given[0]:
            raise ValueError(name)


def _check_size(numbers: int, weights: int, where: str) -> None:
    if 4 * numbers > MOST_BYTES or weights > MOST_WEIGHTS:
        raise StudioError(
            f"{where}: up to here the network is too large to be taken in: please give a smaller one."
        )


def _check_output(role: Role, shape: list[int], file: Path) -> None:
    fits = {"generator": len(shape) == 3, "encoder": prod(shape) % 2 == 0, "classifier": True}[role]
    if not fits:
        wanted = "images [C, H, W]" if role == "generator" else "as many means as log σ, in one"
        raise StudioError(f"{file}: the last layer gives [N, {_sizes(shape)}], and a {role} gives {wanted}.")


def _sizes(shape: list[int]) -> str:
    return ", ".join(map(str, shape))
