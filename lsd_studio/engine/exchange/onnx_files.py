"""ONNX files of others, read as data: self-contained, of plain operators, of a size known in advance.

A file is parsed and checked here and never run before. Operators come from a list: what calls other code, repeats
without a bound, or draws random numbers is not on it. Every value's shape is inferred, so that no small file can ask
for much memory or time, and every name is replaced, so that none reaches code that is generated from it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.onnx_costs import (
    MOST_BYTES,
    MOST_OPERATIONS,
    Cost,
    Value,
    check_integers,
    cost_of,
)
from lsd_studio.engine.exchange.onnx_forms import OPSET, in_one_form

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
"""ONNX Runtime reads it when it is imported; without it, it keeps a device id and looks for a host (issue 18)."""

LARGEST_ONNX_FILE = 2**30
"""Bytes."""

MANY = 1000
"""Images of a batch for which values may have so many times as many numbers as for one, and no more."""

MOST_NODES = 10_000
MOST_NAMES = 50_000
"""Inputs and outputs of all layers, and weights."""

LARGEST_FIXED_BATCH = 1024

EQUATION = re.compile(rb"[A-Za-z]+(,[A-Za-z]+)*(->[A-Za-z]*)?")
"""Of Einsum; on others the inference of shapes may never end."""
OLDEST_OPSET = 9

_LAYERS = """
    Abs Add And AveragePool BatchNormalization Cast CastLike Ceil Celu Clip Concat Constant ConstantOfShape Conv
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
        model: it, parsed, in the form of `in_one_form`, with other names.
        batch: the number of items that it takes at a time, or None where that is free.
        input_shape: of one item, without the batch.
        outputs: the outputs' names in the file, in order, with their shapes for one item.
        cost: of one item, or of the fixed batch.
    """

    model: Any
    batch: int | None
    input_shape: tuple[int, ...]
    outputs: dict[str, tuple[int, ...]]
    cost: Cost


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


def decoded_model(content: bytes, where: Path | str) -> Any:
    """What the bytes of an ONNX file hold, unchecked.

    Raises:
        StudioError: the libraries are missing, or they are no ONNX.
    """
    try:
        return library("onnx").load_model_from_string(content)
    except library("google.protobuf.message").DecodeError as error:
        raise StudioError(f"{where}: expected the ONNX format, found something else.") from error


def parsed_model(content: bytes, where: str) -> Any:
    """What the bytes of an ONNX file hold, once its parts are few and known; no code of ONNX's own looks at it yet.

    Raises:
        StudioError: the libraries are missing, or the file is too large, is no ONNX, refers to other files, or holds
            operators beyond those of `OPERATORS`.
    """
    onnx = library("onnx")
    if len(content) > LARGEST_ONNX_FILE:
        raise StudioError(f"{where}, size: expected at most {LARGEST_ONNX_FILE} bytes, found {len(content)}.")
    model = decoded_model(content, where)
    _check_parts(onnx, model, where)
    _check_tensors(onnx, model, where)
    return model


def input_of(model: Any, where: str) -> tuple[int | None, tuple[int, ...]]:
    """The batch that a parsed network takes at a time, None where it is free, and the shape of one item.

    Raises:
        StudioError: it has not one input, float32 [N, …] with all but N fixed.
    """
    onnx = library("onnx")
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in weights]
    if len(inputs) != 1:
        raise StudioError(f"{where}: expected one input, found {len(inputs)}.")
    declared = inputs[0].type.tensor_type
    batch, *others = declared.shape.dim or [None]
    if declared.elem_type != onnx.TensorProto.FLOAT or batch is None or not others:
        raise StudioError(f"{where}: expected an input of float32 [N, …]; please export the network so.")
    if not all(size.dim_value > 0 for size in others):
        raise StudioError(
            f"{where}: expected fixed sizes behind the batch; please export the network with them, such as by "
            'torch.onnx.export(…, dynamic_shapes=({0: "batch"},)).'
        )
    fixed = batch.dim_value if batch.HasField("dim_value") else None
    if fixed is not None and not 1 <= fixed <= LARGEST_FIXED_BATCH:
        raise StudioError(
            f"{where} takes {fixed} at a time, and the limit is {LARGEST_FIXED_BATCH}; please export "
            "the network with a free (dynamic) batch."
        )
    return fixed, tuple(size.dim_value for size in others)


def checked_model(content: bytes, where: str) -> CheckedModel:
    """The network in the bytes of an ONNX file; `where` names the file in errors.

    It must have one input, float32 [N, …], with N free or fixed and all else fixed, and outputs of float32 likewise.

    Raises:
        StudioError: as `parsed_model`; or its shapes are not known in advance, it takes more memory or operations than
            `MOST_BYTES` and `MOST_OPERATIONS` for one item, or a division of whole numbers could end the process.
    """
    onnx = library("onnx")
    model = parsed_model(content, where)
    batch, input_shape = input_of(model, where)
    try:
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:  # the checker's errors share no other base class
        message = " ".join(str(error).split())
        if "is deprecated in domain_version" in message:
            raise StudioError(
                f"{where} holds an operator that the standard has withdrawn for its opset; please export the network "
                f"with torch.onnx.export(…, opset_version={OPSET}), or with opset 21 or later."
            ) from error
        raise StudioError(f"{where} is not a valid ONNX model: {message[:300].rstrip(' .')}.") from error
    names = [output.name for output in model.graph.output]
    model = in_one_form(onnx, model, where)
    weights = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    values = _inferred(onnx, model, weights, where, batch or 1)
    check_integers(model.graph, values, weights, where)
    cost = _affordable(cost_of(model.graph, values), batch or 1, where)
    if batch is None:
        for name, value in _inferred(onnx, model, weights, where, MANY).items():
            if value.numbers > MANY * values[name].numbers:
                raise StudioError(
                    f"{where}: {name[:80]!r} grows faster than the batch; please export a network that treats each "
                    "image by itself."
                )
    outputs = {}
    for name in names:
        if values[name].kind != np.float32:
            raise StudioError(f"{where}, output {name[:80]}: expected float32; please export it so.")
        if batch is not None and values[name].shape[:1] != (batch,):
            raise StudioError(
                f"{where}, output {name[:80]}: expected {batch} results for {batch} inputs; please export the network "
                "with a free (dynamic) batch."
            )
        outputs[name] = values[name].shape[1:]
    _rename(model)
    return CheckedModel(model, batch, input_shape, outputs, cost)


def _affordable(cost: Cost, batch: int, where: str) -> Cost:
    """The cost, where a network of that cost is taken in."""
    if cost.bytes > batch * MOST_BYTES:
        raise StudioError(
            f"{where} would take {cost.bytes / batch / 2**20:,.0f} MiB for one image, and the limit is "
            f"{MOST_BYTES / 2**20:,.0f}: please give a smaller network."
        )
    if cost.operations > batch * MOST_OPERATIONS:
        raise StudioError(
            f"{where} would take {cost.operations / batch:.1e} operations for one image, and the most that is taken in "
            f"is {MOST_OPERATIONS:.0e}: please give a smaller network."
        )
    return cost


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
    names = len(graph.initializer) + sum(len(node.input) + len(node.output) for node in graph.node)
    if names > MOST_NAMES:
        raise StudioError(
            f"{where}: expected at most {MOST_NAMES} inputs, outputs and weights of all layers, found {names}."
        )
    for node in graph.node:
        name = f"{node.domain}.{node.op_type}".lstrip(".")
        if node.domain not in ("", "ai.onnx") or node.op_type not in OPERATORS:
            raise StudioError(
                f"{where} holds the operator {name[:80]!r}, which is not supported; please "
                f"export the network {_export_without(onnx, node)}."
            )
        for attribute in node.attribute:
            if attribute.HasField("g") or len(attribute.graphs):
                raise StudioError(f"{where}, operator {name}: expected no graph inside of it.")
            if attribute.name == "equation" and not EQUATION.fullmatch(attribute.s.replace(b" ", b"")):
                raise StudioError(
                    f"{where}: an equation of Einsum cannot be read; please export the network without it."
                )
            if attribute.HasField("sparse_tensor") or len(attribute.sparse_tensors):
                raise StudioError(f"{where}, operator {name}: expected no sparse tensor.")
            if attribute.name == "training_mode" and attribute.i:
                raise StudioError(
                    f"{where} was exported in training mode: please call model.eval() before torch.onnx.export."
                )


def _export_without(onnx: ModuleType, node: Any) -> str:
    """How a network comes without an operator: of an older opset, which writes one that is new in plain ones."""
    domain = "" if node.domain == "ai.onnx" else node.domain
    is_new = onnx.defs.has(node.op_type, domain) and not onnx.defs.has(node.op_type, OPSET, domain)
    return f"with torch.onnx.export(…, opset_version={OPSET})" if is_new else "without it"


def _check_tensors(onnx: ModuleType, model: Any, where: str) -> None:
    """Refuse weights that lie in other files or are no finite numbers."""
    for tensor in _tensors(model.graph):
        if tensor.data_location == onnx.TensorProto.EXTERNAL or len(tensor.external_data):
            raise StudioError(
                f"{where} refers to another file for its weights; please export it as one file, by "
                "torch.onnx.export(…, external_data=False)."
            )
        try:
            values = onnx.numpy_helper.to_array(tensor)
        except (ValueError, TypeError, KeyError) as error:
            raise StudioError(f"{where}: a tensor does not hold the numbers that it declares.") from error
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise StudioError(f"{where}: expected finite weights, found infinite ones or NaN.")


def _tensors(graph: Any) -> Iterator[Any]:
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors


def _inferred(
    onnx: ModuleType, model: Any, weights: dict[str, NDArray[Any]], where: str, batch: int
) -> dict[str, Value]:
    """All values for a batch, those of weights too."""
    single = onnx.ModelProto()
    single.CopyFrom(model)
    del single.graph.value_info[:]
    for value in (*single.graph.input, *single.graph.output):
        if value.type.tensor_type.shape.dim and not value.type.tensor_type.shape.dim[0].HasField("dim_value"):
            value.type.tensor_type.shape.dim[0].dim_value = batch
    try:
        graph = onnx.shape_inference.infer_shapes(single, strict_mode=True, data_prop=True).graph
    except Exception as error:  # what inference raises shares no other base class
        raise StudioError(
            f"{where}: its shapes do not fit each other; please export the network again."
        ) from error
    found = {
        value.name: Value(
            onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type),
            tuple(size.dim_value for size in value.type.tensor_type.shape.dim),
        )
        for value in (*graph.input, *graph.value_info, *graph.output)
        if value.type.tensor_type.HasField("shape")
        and all(size.HasField("dim_value") for size in value.type.tensor_type.shape.dim)
    }
    found |= {name: Value(weight.dtype, weight.shape) for name, weight in weights.items()}
    for name in (name for node in graph.node for name in node.output if name):
        if name not in found:
            raise StudioError(
                f"{where}: the shape of {name[:80]!r} cannot be known in advance; please export the network with fixed "
                "sizes behind the batch."
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
