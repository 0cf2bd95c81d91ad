"""ONNX files that others made, taken in as data: whole in themselves, of plain operators, of a size told in advance.

A file is parsed and checked here and never run before. Operators come from a list: what calls other code, repeats
without a bound, or draws random numbers is not on it. Every value's shape is inferred, so that no small file can ask
for much memory, and every name is replaced, so that none reaches code that is generated from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from math import prod
from types import ModuleType
from typing import Any

import numpy as np

from lsd_studio.engine.errors import StudioError

__all__ = ["LARGEST_ONNX_FILE", "CheckedModel", "checked_model", "library"]

LARGEST_ONNX_FILE = 2**30
"""Bytes."""

LARGEST_VALUE = 2**24
"""Numbers that any value between two layers may have for one image."""

MANY = 1000
"""Images of a batch for which values may have so many times as many numbers as for one, and no more."""

MOST_NODES = 10_000
OLDEST_OPSET = 9

_LAYERS = """
    Abs Add And AveragePool BatchNormalization Cast CastLike Ceil Clip Concat Constant ConstantOfShape Conv
    ConvTranspose DepthToSpace Div Dropout Einsum Elu Equal Erf Exp Expand Flatten Floor Gather GatherElements Gelu
    Gemm GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual GridSample GroupNormalization HardSigmoid HardSwish
    Identity InstanceNormalization LRN LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax LpNormalization
    MatMul Max MaxPool Mean Min Mish Mul Neg Not Or PRelu Pad Pow Range Reciprocal ReduceL2 ReduceMax ReduceMean
    ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Resize Round Selu Shape Sigmoid Sign Sin Cos Size Slice
    Softmax Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tanh ThresholdedRelu Tile Transpose Unsqueeze
    Upsample Where
"""
OPERATORS = frozenset(_LAYERS.split())
"""Of the standard's own domain; layers of feed-forward networks and the arithmetic of shapes."""


@dataclass(frozen=True, eq=False)
class CheckedModel:
    """An ONNX file that passed every check.

    Attributes:
        model: it, parsed, with other names.
        input_shape: of one item, without the batch.
        outputs: the outputs' names in the file, in order, with their shapes for one item.
        largest_value: numbers in the largest value for one item.
    """

    model: Any
    input_shape: tuple[int, ...]
    outputs: dict[str, tuple[int, ...]]
    largest_value: int


def library(name: str) -> ModuleType:
    """A module of the libraries that the extra `onnx` brings.

    Raises:
        StudioError: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise StudioError(
            "ONNX files need libraries that are not installed: please run `pip install 'lsd-studio[onnx]'`."
        ) from error


def checked_model(content: bytes, where: str) -> CheckedModel:
    """The network in the bytes of an ONNX file; `where` names the file in errors.

    It must have one input, float32 [N, …], with N free and all else fixed, and outputs of float32 likewise.

    Raises:
        StudioError: the libraries are missing, or the file is too large, is no ONNX, refers to other files, holds
            operators beyond those of `OPERATORS`, or its shapes cannot be told in advance.
    """
    onnx = library("onnx")
    if len(content) > LARGEST_ONNX_FILE:
        raise StudioError(f"{where}, size: expected at most {LARGEST_ONNX_FILE} bytes, found {len(content)}.")
    try:
        model = onnx.load_model_from_string(content)
    except library("google.protobuf.message").DecodeError as error:
        raise StudioError(f"{where}: expected the ONNX format, found something else.") from error
    _check_parts(onnx, model, where)
    _check_tensors(onnx, model, where)
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError, ValueError) as error:
        told = " ".join(str(error).split())
        raise StudioError(f"{where} is no valid ONNX model: {told[:300].rstrip(' .')}.") from error
    input_shape = _input_shape(onnx, model, where)
    shapes = _inferred_shapes(onnx, model, where, 1)
    for name, shape in _inferred_shapes(onnx, model, where, MANY).items():
        if prod(shape) > MANY * prod(shapes[name]):
            raise StudioError(
                f"{where}: {name[:80]!r} grows faster than the batch; please export a network that treats each image "
                "by itself."
            )
    outputs = {}
    for output in model.graph.output:
        if output.type.tensor_type.elem_type != onnx.TensorProto.FLOAT:
            raise StudioError(f"{where}, output {output.name[:80]}: expected float32; please export it so.")
        outputs[output.name] = shapes[output.name][1:]
    largest = max(map(prod, shapes.values()))
    _rename(model)
    return CheckedModel(model, input_shape, outputs, largest)


def _check_parts(onnx: ModuleType, model: Any, where: str) -> None:
    graph = model.graph
    opsets = {opset.domain: opset.version for opset in model.opset_import}
    newest = onnx.defs.onnx_opset_version()
    if not OLDEST_OPSET <= opsets.get("", 0) <= newest:
        raise StudioError(
            f"{where}: expected opset {OLDEST_OPSET} to {newest}, found {opsets.get('', 'none')}; please export the "
            "network again."
        )
    if len(model.functions) or len(model.training_info) or len(graph.sparse_initializer):
        raise StudioError(
            f"{where} holds functions, training or sparse tensors; please export the network for inference."
        )
    if not 0 < len(graph.node) <= MOST_NODES:
        raise StudioError(f"{where}: expected 1 to {MOST_NODES} layers, found {len(graph.node)}.")
    for node in graph.node:
        name = f"{node.domain}.{node.op_type}".lstrip(".")
        if node.domain not in ("", "ai.onnx") or node.op_type not in OPERATORS:
            raise StudioError(
                f"{where} holds the operator {name[:80]!r}, which is not among those that are taken in; please "
                "export the network without it."
            )
        if any(attribute.HasField("g") or len(attribute.graphs) for attribute in node.attribute):
            raise StudioError(f"{where}, operator {name}: expected no graph inside of it.")


def _check_tensors(onnx: ModuleType, model: Any, where: str) -> None:
    """Refuse weights that lie in other files or are no finite numbers."""
    for tensor in _tensors(model.graph):
        if tensor.data_location == onnx.TensorProto.EXTERNAL or len(tensor.external_data):
            raise StudioError(
                f"{where} refers to another file for its weights; please export it as one file."
            )
        try:
            values = onnx.numpy_helper.to_array(tensor)
        except (ValueError, TypeError, KeyError) as error:
            raise StudioError(f"{where}: a tensor does not hold what it states.") from error
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise StudioError(f"{where}: expected finite weights, found infinite ones or NaN.")


def _tensors(graph: Any) -> Iterator[Any]:
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors


def _input_shape(onnx: ModuleType, model: Any, where: str) -> tuple[int, ...]:
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in weights]
    if len(inputs) != 1:
        raise StudioError(f"{where}: expected one input, found {len(inputs)}.")
    declared = inputs[0].type.tensor_type
    batch, *others = declared.shape.dim or [None]
    if declared.elem_type != onnx.TensorProto.FLOAT or batch is None or not others:
        raise StudioError(f"{where}: expected an input of float32 [N, …]; please export the network so.")
    if batch.HasField("dim_value"):
        raise StudioError(
            f"{where} takes {batch.dim_value} at a time only; please export the network with a free (dynamic) batch."
        )
    if not all(size.dim_value > 0 for size in others):
        raise StudioError(
            f"{where}: expected fixed sizes behind the batch; please export the network with them."
        )
    return tuple(size.dim_value for size in others)


def _inferred_shapes(onnx: ModuleType, model: Any, where: str, batch: int) -> dict[str, tuple[int, ...]]:
    """The shapes of all values for a batch.

    Raises:
        StudioError: one cannot be told without running the network, or is too large.
    """
    single = onnx.ModelProto()
    single.CopyFrom(model)
    del single.graph.value_info[:]
    for value in (*single.graph.input, *single.graph.output):
        if value.type.tensor_type.shape.dim and not value.type.tensor_type.shape.dim[0].HasField("dim_value"):
            value.type.tensor_type.shape.dim[0].dim_value = batch
    try:
        graph = onnx.shape_inference.infer_shapes(single, strict_mode=True, data_prop=True).graph
    except (onnx.shape_inference.InferenceError, ValueError) as error:
        raise StudioError(
            f"{where}: its shapes do not fit each other; please export the network again."
        ) from error
    found = {
        value.name: tuple(size.dim_value for size in value.type.tensor_type.shape.dim)
        for value in (*graph.value_info, *graph.output)
        if value.type.tensor_type.HasField("shape")
        and all(size.HasField("dim_value") for size in value.type.tensor_type.shape.dim)
    }
    for name in (name for node in graph.node for name in node.output if name):
        if name not in found:
            raise StudioError(
                f"{where}: the shape of {name[:80]!r} cannot be told in advance; please export the network with fixed "
                "sizes behind the batch."
            )
        if prod(found[name]) > batch * LARGEST_VALUE:
            raise StudioError(
                f"{where}: {name[:80]!r} would have {prod(found[name]) // batch} numbers for one image, and the most "
                f"that is taken in is {LARGEST_VALUE}."
            )
    return found


def _rename(model: Any) -> None:
    """Give every value and every layer a plain name, and leave out what only describes."""
    names = {"": ""}

    def plain(name: str) -> str:
        return names.setdefault(name, f"value_{len(names)}")

    graph = model.graph
    del (
        graph.value_info[:],
        graph.metadata_props[:],
        model.metadata_props[:],
        graph.quantization_annotation[:],
    )
    graph.name, graph.doc_string, model.doc_string = "network", "", ""
    for tensor in (*graph.input, *graph.output, *graph.initializer):
        tensor.name, tensor.doc_string = plain(tensor.name), ""
    for place, node in enumerate(graph.node):
        node.name, node.doc_string, node.domain = f"layer_{place}", "", ""
        node.input[:] = [plain(name) for name in node.input]
        node.output[:] = [plain(name) for name in node.output]
