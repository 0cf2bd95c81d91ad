"""PyTorch's exporter in a process of its own: it takes an interruption for a failure of its own, and goes on."""

from __future__ import annotations

import os
import pickle
import sys
import traceback
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.onnx_files import library
from lsd_studio.engine.platform.limited_process import Limits, run_limited

__all__ = ["Exportable", "exported"]

OPSET = 18
"""Old enough for programs of some years ago."""

LIMITS = Limits(seconds=3600)


@dataclass(frozen=True)
class Exportable:
    """A network on the CPU that is to be exported.

    Attributes:
        network: it; its class can be imported, and its layers are ones that ONNX knows.
        shape: of one item that it takes.
        takes: the name of its input; gives: those of its outputs.
        described: what the file says of itself.
    """

    network: nn.Module
    shape: tuple[int, ...]
    takes: str
    gives: Sequence[str]
    described: Mapping[str, str]


def exported(network: Exportable) -> bytes:
    """The network as an ONNX file, its batch free. An exception that is raised meanwhile ends the process at once.

    Raises:
        StudioError: the program was closed meanwhile.
        RuntimeError: the exporter failed.
    """
    ended = run_limited(__name__, pickle.dumps(network), LIMITS)
    if ended.given_up:
        raise StudioError("The networks were not exported: the program was closed meanwhile.")
    if ended.code != 0 or ended.too_slow:
        raise RuntimeError(ended.output.decode(errors="replace") or f"The exporter ended with {ended.code}.")
    return ended.output


def _onnx_of(asked: Exportable) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter speaks of its own inner life
        program = torch.onnx.export(
            asked.network,
            (torch.zeros(2, *asked.shape),),
            dynamo=True,
            verbose=False,
            input_names=[asked.takes],
            output_names=list(asked.gives),
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            opset_version=OPSET,
        )
    if program is None:
        raise RuntimeError("PyTorch's exporter gives a program where no file is named.")
    model = program.model_proto
    library("onnx").helper.set_model_props(model, dict(asked.described))
    content: bytes = model.SerializeToString()
    return content


def _main() -> int:
    """Answer with the file and 0, or with what went wrong and 1."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # libraries may write lines of their own
    with answers:
        try:
            answers.write(_onnx_of(pickle.load(sys.stdin.buffer)))  # noqa: S301 (of this program alone)
        except Exception:  # whatever it is, it is told where it can be written down
            answers.write(traceback.format_exc().encode())
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main())
