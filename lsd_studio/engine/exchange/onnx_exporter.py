"""PyTorch's exporter in a process of its own: it takes an interruption for a failure of its own, and goes on.

The process is given the folder of the bundle, and reads its networks there as everyone does.
"""

from __future__ import annotations

import copy
import json
import os
import sys
import traceback
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.onnx_files import library
from lsd_studio.engine.exchange.onnx_networks import Role
from lsd_studio.engine.models.spectral_convolution import SpectralConvTranspose2d
from lsd_studio.engine.platform.limited_process import Limits, run_limited

OPSET = 18
"""Old enough for programs of some years ago."""

LIMITS = Limits(seconds=3600)

REFUSED = 2
"""How the process ends where its answer is a sentence for a person."""

NETWORKS: dict[Role, tuple[str, tuple[str, ...]]] = {
    "generator": ("codes", ("images",)),
    "encoder": ("images", ("mean", "log_sigma")),
    "classifier": ("images", ("logits",)),
}
"""Input and outputs of each file."""


def exported(bundle: Path, role: Role, described: Mapping[str, str]) -> bytes:
    """A network of a bundle's folder as an ONNX file, its batch free; `described` is what the file says of itself.

    An exception that is raised meanwhile ends the process at once.

    Raises:
        StudioError: the bundle is no longer there or damaged, or the program was closed meanwhile.
        RuntimeError: the exporter failed.
    """
    asked = {"bundle": str(bundle.absolute()), "role": role, "described": dict(described)}
    ended = run_limited(__name__, json.dumps(asked).encode(), LIMITS)
    if ended.given_up:
        raise StudioError("The networks were not exported: the program was closed meanwhile.")
    if ended.code == REFUSED:
        raise StudioError(ended.output.decode(errors="replace"))
    if ended.code != 0 or ended.too_slow:
        raise RuntimeError(ended.output.decode(errors="replace") or f"The exporter ended with {ended.code}.")
    return ended.output


def onnx_model(network: nn.Module, role: Role, items: Tensor) -> Any:
    """A network in evaluation mode as ONNX's own `ModelProto`, its batch free; `items` are two of what it takes.

    Raises:
        RuntimeError: the exporter failed, with its `OnnxExporterError`.
    """
    takes, gives = NETWORKS[role]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter speaks of its own inner life
        program = torch.onnx.export(
            network,
            (items,),
            dynamo=True,
            verbose=False,
            input_names=[takes],
            output_names=list(gives),
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            opset_version=OPSET,
        )
    if program is None:
        raise RuntimeError("PyTorch's exporter gives a program where no file is named.")
    return program.model_proto


def _onnx_of(bundle: Path, role: Role, described: Mapping[str, str]) -> bytes:
    networks = open_bundle(bundle).networks
    codes, images = (networks.latent_dimensions,), networks.image_shape
    shape = {"codes": codes, "images": images}[NETWORKS[role][0]]
    model = onnx_model(plain(getattr(networks, role)), role, torch.zeros(2, *shape))
    library("onnx").helper.set_model_props(model, dict(described))
    return model.SerializeToString()


def plain(network: nn.Module) -> nn.Module:
    """A copy with plain convolutions in the place of those in Fourier space."""
    whole = copy.deepcopy(network).cpu().eval()
    for module in whole.modules():
        for name, layer in module.named_children():
            if isinstance(layer, SpectralConvTranspose2d):
                setattr(module, name, layer.plain())
    return whole


def _main() -> int:
    """Answer with the file and 0, with a sentence for a person and 2, or with what went wrong and 1."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # libraries may write lines of their own
    with answers:
        try:
            asked = json.load(sys.stdin)
            answers.write(_onnx_of(Path(asked["bundle"]), asked["role"], asked["described"]))
        except StudioError as error:
            answers.write(str(error).encode())
            return REFUSED
        except Exception:  # whatever it is, the other process reports it
            answers.write(traceback.format_exc().encode())
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main())
