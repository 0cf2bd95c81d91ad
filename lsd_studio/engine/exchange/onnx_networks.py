"""Networks that others made, from ONNX files: in the places of G, E and C, with gradients where they can be had."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import prod
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.onnx_files import CheckedModel, checked_model, library

log = logging.getLogger(__name__)

Role = Literal["generator", "encoder", "classifier"]
Shape = tuple[int, ...]

TOLERANCE = 1e-4
"""Largest difference of what two libraries compute, relative to the largest number where that is above 1."""

LARGEST_BATCH = 2**29
"""Bytes that a batch may take, where no gradient is asked for."""

TRIED_BATCHES = (1, 3)


class OnnxNetwork(nn.Module):
    """A network in an ONNX file, in the place of one of ours: float32 batches in, what the role asks for out.

    It is turned into torch's operations where that can be done and gives what ONNX Runtime gives, to `TOLERANCE`;
    else it runs in ONNX Runtime, and no gradient can be had.

    Attributes:
        content: the file's bytes, which a bundle keeps as they are.
        latent_dimensions: M.
        batch: the number of items that the file takes at a time, None where that is free.
        obstacle: why no gradient can be had, "" where one can.

    Args:
        content: of the ONNX file; where: names it in errors.
        role: a generator takes codes [N, M] and gives images, an encoder gives the outputs `mean` and `log_sigma`,
            each [N, M], of images, a classifier logits [N, l].
        image_shape: (C, H, W); number_of_labels: l; latent_dimensions: M. Shapes in the file may be flat or have
            further dimensions of 1, such as [N, M, 1, 1].

    Raises:
        StudioError: the file does not pass `checked_model`, or has other inputs or outputs.
    """

    def __init__(
        self,
        content: bytes,
        where: str,
        role: Role,
        *,
        image_shape: Sequence[int],
        number_of_labels: int,
        latent_dimensions: int,
    ) -> None:
        super().__init__()
        self.content, self.role, self.latent_dimensions = content, role, latent_dimensions
        checked = checked_model(content, where)
        image, code = tuple(image_shape), (latent_dimensions,)
        given = code if role == "generator" else image
        _check_shape(where, f"{_ITEMS[role][0]} in", checked.input_shape, given)
        self._input_shape = checked.input_shape
        self._output_shape = {"generator": image, "encoder": code, "classifier": (number_of_labels,)}[role]
        self._places = _places(checked, where, role)
        for place in self._places:
            found = list(checked.outputs.values())[place]
            _check_shape(where, f"{_ITEMS[role][1]} out", found, self._output_shape)
        self.batch = checked.batch
        self._at_once = checked.batch or max(1, LARGEST_BATCH // max(1, checked.cost.bytes))
        self._model = checked.model.SerializeToString()
        self._session = onnx_session(self._model, where)
        self._operations, self.obstacle = self._converted(checked, self._tried(where), where)

    def forward(self, batch: Tensor) -> Tensor | tuple[Tensor, ...]:
        """What the role says, of a batch [N, …].

        Raises:
            StudioError: a gradient is asked for and cannot be had.
        """
        gradient = torch.is_grad_enabled() and batch.requires_grad
        if gradient and self.obstacle:
            raise StudioError(self.obstacle)
        parts = [batch] if gradient and self.batch is None else batch.split(self._at_once)
        results = [self._run(part) for part in parts]
        outputs = tuple(torch.cat(output) for output in zip(*results, strict=True))
        return outputs if self.role == "encoder" else outputs[0]

    def _run(self, batch: Tensor) -> list[Tensor]:
        """What a batch of at most the fixed number gives; where there are fewer, the last is given again."""
        shaped = batch.reshape(len(batch), *self._input_shape)
        if self.batch is not None and 0 < len(batch) < self.batch:
            again = shaped[-1:].expand(self.batch - len(batch), *self._input_shape)
            shaped = torch.cat([shaped, again])
        if self._operations is None:
            found = [torch.from_numpy(values) for values in self._infer(shaped)]
        else:
            found = _outputs(self._operations, shaped)
        return [found[place][: len(batch)].reshape(len(batch), *self._output_shape) for place in self._places]

    def _infer(self, batch: Tensor) -> list[NDArray[np.float32]]:
        return run_onnx(self._session, batch.detach().numpy())

    def _tried(self, where: str) -> list[tuple[Tensor, list[NDArray[np.float32]]]]:
        """Batches of random numbers and what ONNX Runtime makes of them, the same of each item beside others."""
        tried = []
        for count in TRIED_BATCHES if self.batch is None else (self.batch,):
            batch = torch.randn(count, *self._input_shape, generator=torch.Generator().manual_seed(count))
            try:
                found, turned = self._infer(batch), self._infer(batch.roll(1, 0))
            except Exception as error:  # ONNX Runtime's errors share no other base class
                if out_of_memory(error):
                    raise
                raise StudioError(f"{where} fails on a batch of {count}: please export it again.") from error
            for values, again in zip(found, turned, strict=True):
                if len(values) != count or not np.isfinite(values).all():
                    raise StudioError(
                        f"{where}: expected {count} finite results for {count} inputs; please export it again."
                    )
                if deviation(np.roll(again, -1, 0), values) > TOLERANCE:
                    raise StudioError(
                        f"{where} gives an item different results in different batches: please call model.eval() "
                        "before torch.onnx.export."
                    )
            tried.append((batch, found))
        return tried

    def _converted(
        self, checked: CheckedModel, tried: list[tuple[Tensor, list[NDArray[np.float32]]]], where: str
    ) -> tuple[nn.Module | None, str]:
        """The network as torch's operations, or why there are none."""
        converter = library("onnx2pytorch").ConvertModel
        try:
            # Layers draw weights before they take those of the file.
            with torch.random.fork_rng(devices=[]), _converter_silenced():
                operations: nn.Module = converter(checked.model).eval().requires_grad_(False)
            for batch, expected in tried:
                found = _outputs(operations, batch.requires_grad_())
                for ours, theirs in zip(found, expected, strict=True):
                    if deviation(ours.detach().numpy(), theirs) > TOLERANCE:
                        raise ValueError("PyTorch and ONNX Runtime do not agree")
                _check_gradient(batch, found)
        except Exception as error:  # whatever a converter of others raises, the network still runs
            if out_of_memory(error):
                raise
            log.info("%s stays with ONNX Runtime.", where, exc_info=True)
            reason = " ".join(str(error).split())[:160].rstrip(".")
            return None, (
                f"No gradient can be had through {where} ({reason}), which this needs: please export the network with "
                "other layers, or leave this out."
            )
        return operations, ""


def _check_gradient(batch: Tensor, found: list[Tensor]) -> None:
    """Refuse operations through which no gradient comes, such as those that round."""
    random = torch.Generator().manual_seed(0)
    weighed = [(output * torch.randn(output.shape, generator=random)).sum() for output in found]
    (gradient,) = torch.autograd.grad(torch.stack(weighed).sum(), batch, allow_unused=True)
    if gradient is None or not bool(torch.isfinite(gradient).all()) or not bool(gradient.any()):
        raise ValueError("its gradient is 0 or not finite everywhere")


def out_of_memory(error: Exception) -> bool:
    """Whether this says, in the words of Python, C++, PyTorch or ONNX Runtime, that there is no more memory."""
    words = ("bad_alloc", "bad allocation", "allocate memory", "not enough memory", "out of memory")
    return isinstance(error, MemoryError) or any(word in str(error).lower() for word in words)


@contextmanager
def _converter_silenced() -> Iterator[None]:
    """Without the warnings of onnx2pytorch of what may differ from ONNX: that is measured here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="onnx2pytorch")
        yield


def _outputs(operations: nn.Module, batch: Tensor) -> list[Tensor]:
    """The outputs of a converted network, which gives a single one bare."""
    with _converter_silenced():
        found = operations(batch)
    return [found] if isinstance(found, Tensor) else list(found)


def deviation(found: NDArray[np.floating], expected: NDArray[np.floating]) -> float:
    """The largest difference, relative to the largest number expected where that is above 1; infinite by shape."""
    if found.shape != expected.shape or not np.isfinite(found).all():
        return np.inf
    return float(np.abs(found - expected).max() / max(1.0, float(np.abs(expected).max())))


def run_onnx(session: Any, batch: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """All outputs of an ONNX Runtime session with one input."""
    return session.run(None, {session.get_inputs()[0].name: batch})


def onnx_session(model: bytes, where: str) -> Any:
    """A session of ONNX Runtime on the processor.

    Raises:
        StudioError: the library is missing, or refuses the model.
    """
    runtime = library("onnxruntime")
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = torch.get_num_threads()
    try:
        return runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors share no other base class
        if out_of_memory(error):
            raise
        message = " ".join(str(error).split())[:300]
        raise StudioError(f"{where} cannot be run by ONNX Runtime: {message}.") from error


_ITEMS: dict[Role, tuple[str, str]] = {
    "generator": ("codes", "images"),
    "encoder": ("images", "codes"),
    "classifier": ("images", "logits"),
}


def _places(checked: CheckedModel, where: str, role: Role) -> tuple[int, ...]:
    """Which of the file's outputs are wanted."""
    names = list(checked.outputs)
    if role != "encoder":
        if len(names) != 1:
            raise StudioError(f"{where}: expected one output, found {len(names)}.")
        return (0,)
    missing = {"mean", "log_sigma"} - set(names)
    if missing:
        raise StudioError(
            f"{where}: expected outputs named mean and log_sigma (σ = exp(log_sigma)), found "
            f"{', '.join(name[:40] for name in names)}; please name them so when exporting the network."
        )
    return names.index("mean"), names.index("log_sigma")


def _check_shape(where: str, what: str, found: Shape, wanted: Shape) -> None:
    """Refuse shapes that are not the same numbers in the same order."""
    if found == (prod(wanted),) or _squeezed(found) == _squeezed(wanted):
        return
    raise StudioError(f"{where}: expected {what} of shape {_in_words(wanted)}, found {_in_words(found)}.")


def _squeezed(shape: Shape) -> Shape:
    return tuple(size for size in shape if size != 1)


def _in_words(shape: Shape) -> str:
    return f"[N, {', '.join(map(str, shape))}]"
