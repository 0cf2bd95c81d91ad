"""What a network in an ONNX file takes for one image, known from its shapes alone, before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from lsd_studio.engine.errors import StudioError

MOST_BYTES = 2**29
"""That all values between layers and the work of the layers may take for one image."""

MOST_OPERATIONS = 2 * 10**10
"""Multiplications and additions for one image, a second or so on one core."""

WEIGHTS_OF_CUBICS = 64
"""Operations for each number of a resized or a resampled value, at most about."""


@dataclass(frozen=True)
class Value:
    """A value between layers: the NumPy type of its numbers and its shape, batch and all."""

    kind: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def numbers(self) -> int:
        """How many it has."""
        return prod(self.shape)


@dataclass(frozen=True)
class Cost:
    """Bytes that all values and the layers' own work take together, and operations."""

    bytes: int
    operations: int


def cost_of(graph: Any, values: Mapping[str, Value]) -> Cost:
    """What the layers of a graph take, given all its values, those of weights too."""
    total_bytes = total_operations = 0
    for node in graph.node:
        inputs = [values[name] for name in node.input if name]
        outputs = [values[name] for name in node.output if name]
        operations, work = _layer(node, inputs, outputs)
        total_operations += operations + sum(value.numbers for value in (*inputs, *outputs))
        total_bytes += 4 * work + sum(value.numbers * value.kind.itemsize for value in outputs)
    return Cost(total_bytes, total_operations)


def check_integers(
    graph: Any, values: Mapping[str, Value], weights: Mapping[str, np.ndarray], where: str
) -> None:
    """Refuse a division of whole numbers that could end the process: by 0, or of the least number by −1.

    Raises:
        StudioError: the file holds one by what is no weight, or by weights among which is 0 or −1.
    """
    for node in graph.node:
        if node.op_type != "Div" or values[node.output[0]].kind.kind not in "iu":
            continue
        divisor = weights.get(node.input[1])
        if divisor is None or bool(((divisor == 0) | (divisor == -1)).any()):
            raise StudioError(
                f"{where} divides whole numbers by what may be 0 or −1; please export the network without that, such "
                "as with fixed sizes behind the batch."
            )


def _layer(node: Any, inputs: list[Value], outputs: list[Value]) -> tuple[int, int]:
    """Operations of one layer beyond reading and writing, and numbers of its own work."""
    made = outputs[0].numbers if outputs else 0
    attributes = {attribute.name: attribute for attribute in node.attribute}
    match node.op_type:
        case "Conv":
            weight, group = inputs[1].shape, attributes["group"].i if "group" in attributes else 1
            window = prod(weight[1:])
            return made * window, group * window * prod(outputs[0].shape[2:])
        case "ConvTranspose":
            window, given = prod(inputs[1].shape[1:]), inputs[0]
            group = attributes["group"].i if "group" in attributes else 1
            return given.numbers * window, group * window * prod(given.shape[2:])
        case "MatMul":
            return made * inputs[0].shape[-1], 0
        case "Gemm":
            turned = "transA" in attributes and attributes["transA"].i
            return made * inputs[0].shape[0 if turned else 1], 0
        case "Einsum":
            steps = _einsum(attributes["equation"].s.decode("ascii"), inputs)
            return steps, steps if len(inputs) > 2 else sum(value.numbers for value in inputs)
        case "AveragePool" | "MaxPool":
            return made * prod(attributes["kernel_shape"].ints), 0
        case "LRN":
            return made * attributes["size"].i, made
        case "Resize" | "Upsample" | "GridSample":
            return WEIGHTS_OF_CUBICS * (made + inputs[0].numbers), made
        case _:
            return 0, 0


def _einsum(equation: str, inputs: list[Value]) -> int:
    """The product of the sizes of all letters of an equation that the checker passed."""
    sizes: dict[str, int] = {}
    for term, value in zip(equation.replace(" ", "").split("->")[0].split(","), inputs, strict=True):
        for letter, size in zip(term, value.shape, strict=True):
            sizes[letter] = max(size, sizes.get(letter, 1))
    return prod(sizes.values())
