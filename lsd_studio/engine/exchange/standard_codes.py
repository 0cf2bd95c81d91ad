"""Networks of others whose codes are not N(0, I), made to take and give codes z that are (`Prior`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.onnx_files import decoded_model, library
from lsd_studio.engine.models.prior import NORMAL, Prior, PriorRecord
from lsd_studio.engine.platform.seeds import random_numbers
from lsd_studio.engine.spaces.reading import read_latent_space
from lsd_studio.engine.vocabulary import USUAL_EXTENTS
from lsd_studio.files.json_text import first_fault

FloatArray = NDArray[np.float64]

MOST_NUMBERS = 2**25
"""Of the samples that are kept, 128 MiB."""

SAMPLES_A_DIMENSION = 10
"""Fewer do not tell a covariance."""

LEAST_VARIANCE = 1e-9
"""Of a direction, as a share of the largest."""

NEAREST_THE_BOUND = 1 - 1e-6
"""As far from the middle of an interval as an encoder's code counts; z is 4.9 there."""

TINY = 1e-12

INVERSE_ERROR_FUNCTION = (
    (2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503, -0.00417768164,
     0.246640727, 1.50140941),
    (-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
     1.00167406, 2.83297682),
)  # fmt: skip
"""Polynomials of Giles (2012), "Approximating the erfinv function", single precision: of w − 5/2 below w = 5, and of
√w − 3 from there, with w = −ln(1 − x²)."""


@dataclass(frozen=True, eq=False)
class StandardCodes:
    """How z ~ N(0, I) becomes the codes that networks of others know, and back.

    Attributes:
        prior: what the bundle keeps.
        mean, root: float64 [M] and [M, M], of the samples and the symmetric root of their covariance; None where the
            prior is not known by samples.
    """

    prior: Prior = NORMAL
    mean: FloatArray | None = None
    root: FloatArray | None = None

    def generator(self, content: bytes, dimensions: int, where: str) -> bytes:
        """A generator's ONNX file as one that takes z [N, M]."""
        stated = self.prior.record
        if stated is None:
            return content
        onnx, model = library("onnx"), decoded_model(content, where)
        weights = {tensor.name for tensor in model.graph.initializer}
        (given,) = (value for value in model.graph.input if value.name not in weights)
        name, shape = given.name, given.type.tensor_type.shape.dim
        layers, z = _Layers(onnx, model.graph, f"{name} of z"), f"{name}: z"
        match stated.kind:
            case "uniform":
                middle, half = _middle_and_half(stated)
                centred = layers.add("Erf", layers.add("Mul", z, math.sqrt(0.5)))
                codes = layers.add("Add", layers.add("Mul", centred, half), middle)
            case "sphere":
                codes = layers.add(
                    "Div", layers.add("Mul", z, float(stated.radius or 0)), layers.length(z, dimensions)
                )
            case "samples":
                codes = layers.add("Add", layers.add("MatMul", z, self.root), self.mean)
        sizes = [size.dim_value for size in shape][1:]
        layers.nodes.append(
            onnx.helper.make_node("Reshape", [codes, layers.constant([-1, *sizes], np.int64)], [name])
        )
        given.name = z
        del shape[1:]
        shape.add().dim_value = dimensions
        nodes = [*layers.nodes, *model.graph.node]
        _replace_nodes(model.graph, nodes)
        return bytes(model.SerializeToString())

    def encoder(self, content: bytes, dimensions: int, where: str) -> bytes:
        """An encoder's ONNX file as one that gives mean and log σ of z; in an interval and on a sphere to first order.

        There no σ is wider than that of N(0, I), and codes of an interval are cut off shortly before its ends, where
        z would be infinite.
        """
        stated = self.prior.record
        onnx, model = library("onnx"), decoded_model(content, where)
        outputs = {value.name: value for value in model.graph.output}
        if stated is None or not {"mean", "log_sigma"} <= set(outputs):
            return content
        names = {name: f"{name} as given" for name in ("mean", "log_sigma")}
        for node in model.graph.node:
            node.input[:] = [names.get(name, name) for name in node.input]
            node.output[:] = [names.get(name, name) for name in node.output]
        layers = _Layers(onnx, model.graph, "standard")
        flat = layers.constant([-1, dimensions], np.int64)
        mean, log_sigma = (layers.add("Reshape", given, flat) for given in names.values())
        match stated.kind:
            case "uniform":
                middle, half = _middle_and_half(stated)
                share = layers.add("Mul", layers.add("Sub", mean, middle), 1 / half)
                z = layers.add("Mul", layers.inverse_error_function(share), math.sqrt(2))
                steepest = math.log(half * math.sqrt(2 / math.pi))
                flatter = layers.add("Mul", layers.add("Mul", z, z), 0.5)
                spread = layers.add("Add", layers.add("Sub", log_sigma, steepest), flatter)
                spread = layers.add("Min", spread, 0.0)
            case "sphere":
                scaled = layers.add("Mul", layers.length(mean, dimensions), dimensions**-0.5)
                z = layers.add("Div", mean, scaled)
                spread = layers.add("Min", layers.add("Sub", log_sigma, layers.add("Log", scaled)), 0.0)
            case "samples":
                assert self.root is not None
                inverse = np.linalg.inv(self.root)
                z = layers.add("MatMul", layers.add("Sub", mean, self.mean), inverse)
                variance = layers.add("Exp", layers.add("Mul", log_sigma, 2.0))
                mixed = layers.add("MatMul", variance, inverse**2)
                spread = layers.add("Mul", layers.add("Log", mixed), 0.5)
        for name, found in (("mean", z), ("log_sigma", spread)):
            layers.nodes.append(onnx.helper.make_node("Identity", [found], [name]))
            shape = outputs[name].type.tensor_type.shape.dim
            del shape[1:]
            shape.add().dim_value = dimensions
        _replace_nodes(model.graph, [*model.graph.node, *layers.nodes])
        return bytes(model.SerializeToString())


def standard_codes(asked: str, dimensions: int, seed: int) -> StandardCodes:
    """What is asked for by the name of a prior.

    Args:
        asked: "normal"; "uniform", which is on [−1, 1], or "uniform:2" on [−2, 2], "uniform:0,1" on [0, 1]; "sphere",
            of radius √M, or "sphere:1" of radius 1; or the path of a file of codes that were drawn.
        dimensions: M.
        seed: of the choice among more samples than are kept.

    Raises:
        StudioError: it is none, or the samples are too few or too thin to tell a covariance.
    """
    kind, _, text = asked.partition(":")
    if kind == "normal" and not text:
        return StandardCodes()
    if kind in ("uniform", "sphere"):
        return StandardCodes(Prior(_record(kind, text, asked, dimensions)))
    return _of_samples(Path(asked), dimensions, seed)


def _record(kind: str, text: str, asked: str, dimensions: int) -> PriorRecord:
    try:
        extent = (text or USUAL_EXTENTS[kind]).split(",")
        numbers = [math.sqrt(dimensions) if number == "√M" else float(number) for number in extent]
        match kind, numbers:
            case "uniform", [bound]:
                stated = {"low": -bound, "high": bound}
            case "uniform", [low, high]:
                stated = {"low": low, "high": high}
            case "sphere", [radius]:
                stated = {"radius": radius}
            case _:
                raise ValueError("too many numbers")
        return PriorRecord.model_validate({"kind": kind, **stated})
    except ValidationError as error:
        raise StudioError(f"The prior {asked[:80]}: {first_fault(error)}.") from error
    except ValueError as error:
        raise StudioError(
            f"The prior {asked[:80]!r} cannot be read: write it as uniform, uniform:2, uniform:0,1, sphere or sphere:1."
        ) from error


def _of_samples(file: Path, dimensions: int, seed: int) -> StandardCodes:
    if not file.exists():
        raise StudioError(
            f"The prior {str(file)[:200]} is neither normal, uniform, sphere nor a file of codes: please choose one."
        )
    codes = read_latent_space(file).codes
    if codes.shape[1] != dimensions:
        raise StudioError(
            f"{file} holds codes of {codes.shape[1]} numbers, and the generator takes {dimensions}: please give codes "
            "that were made for it."
        )
    if len(codes) < SAMPLES_A_DIMENSION * dimensions or dimensions**2 * SAMPLES_A_DIMENSION > MOST_NUMBERS:
        raise StudioError(
            f"{file} holds {len(codes)} codes of {dimensions} numbers; a prior is known by "
            f"{SAMPLES_A_DIMENSION * dimensions} of them or more, {MOST_NUMBERS} numbers in all at most."
        )
    most = MOST_NUMBERS // dimensions
    if len(codes) > most:
        chosen = random_numbers(seed, "samples of the prior").choice(len(codes), most, replace=False)
        codes = codes[np.sort(chosen)]
    values = np.asarray(codes, np.float64)
    if not np.isfinite(values).all():
        raise StudioError(
            f"{file}: expected finite codes, found infinite ones or NaN: please leave those out."
        )
    mean = values.mean(axis=0)
    variances, axes = np.linalg.eigh(np.cov(values, rowvar=False, ddof=0))
    if not variances[0] > LEAST_VARIANCE * variances[-1]:
        raise StudioError(
            f"{file}: the codes do not vary along some direction, so no z can be told from them: please take codes, or "
            "a generator, without it."
        )
    root = (axes * np.sqrt(variances)) @ axes.T
    samples = ((values - mean) @ ((axes / np.sqrt(variances)) @ axes.T)).astype(np.float32)
    return StandardCodes(Prior(PriorRecord(kind="samples", samples=len(samples)), samples), mean, root)


def _middle_and_half(stated: PriorRecord) -> tuple[float, float]:
    assert stated.low is not None
    assert stated.high is not None
    return (stated.low + stated.high) / 2, (stated.high - stated.low) / 2


class _Layers:
    """Layers of ONNX, of operators that every opset since 9 has alike; `nodes` are those that were added."""

    def __init__(self, onnx: Any, graph: Any, name: str) -> None:
        self.nodes: list[Any] = []
        self._onnx, self._graph, self._name = onnx, graph, name
        self._made = 0

    def add(self, operator: str, *inputs: str | float | NDArray[Any] | None) -> str:
        """The name of what a layer gives of values, by name, and of numbers."""
        names = [each if isinstance(each, str) else self.constant(each) for each in inputs]
        made = self._new()
        self.nodes.append(self._onnx.helper.make_node(operator, names, [made]))
        return made

    def constant(self, values: Any, kind: type[Any] = np.float32) -> str:
        """The name of numbers."""
        made = self._new()
        self._graph.initializer.append(self._onnx.numpy_helper.from_array(np.asarray(values, kind), made))
        return made

    def length(self, values: str, dimensions: int) -> str:
        """‖values‖ [N, 1] of [N, M]."""
        squared = self.add("MatMul", self.add("Mul", values, values), np.ones((dimensions, 1)))
        return self.add("Sqrt", self.add("Add", squared, TINY))

    def inverse_error_function(self, values: str) -> str:
        """erf⁻¹ of values, cut off before −1 and 1."""
        inside = self.add("Min", self.add("Max", values, -NEAREST_THE_BOUND), NEAREST_THE_BOUND)
        room = self.add("Mul", self.add("Sub", 1.0, inside), self.add("Add", inside, 1.0))
        w = self.add("Abs", self.add("Log", room))
        middle, tail = INVERSE_ERROR_FUNCTION
        near = self._polynomial(middle, self.add("Sub", w, 2.5))
        far = self._polynomial(tail, self.add("Sub", self.add("Sqrt", w), 3.0))
        return self.add("Mul", self.add("Where", self.add("Less", w, 5.0), near, far), inside)

    def _polynomial(self, factors: Sequence[float], of: str) -> str:
        first, *others = factors
        found = self.add("Mul", of, first)
        for factor in others[:-1]:
            found = self.add("Mul", self.add("Add", found, factor), of)
        return self.add("Add", found, others[-1])

    def _new(self) -> str:
        self._made += 1
        return f"{self._name} {self._made}"


def _replace_nodes(graph: Any, nodes: Sequence[Any]) -> None:
    kept = [type(node).FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(kept)
