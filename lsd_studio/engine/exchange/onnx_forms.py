"""ONNX files of several years and exporters, brought to the one form that runtime and converter know best."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from lsd_studio.engine.errors import StudioError

OPSET = 18
"""That older files are brought to."""

_PLAIN_CONSTANTS = {
    "value_int": np.int64,
    "value_ints": np.int64,
    "value_float": np.float32,
    "value_floats": np.float32,
}


def in_one_form(onnx: ModuleType, model: Any, where: str) -> Any:
    """The same network of opset 18 or later, its constants among its weights, without attributes that say a default.

    A converter that does not know an attribute refuses it, and one that takes weights for what they are takes constants
    between layers for what changes. GroupNormalization becomes the plain layers that opset 18 has for it, for the
    inference of shapes does not know it.

    Raises:
        StudioError: the file is of an opset that cannot be brought to 18, or the scale and bias of a normalisation are
            no weights, one a channel.
    """
    (version,) = (opset.version for opset in model.opset_import if opset.domain in ("", "ai.onnx"))
    if version < OPSET:
        try:
            model = onnx.version_converter.convert_version(model, OPSET)
        except Exception as error:  # the converter's errors share no other base class
            raise StudioError(
                f"{where} is of opset {version}, which cannot be brought to {OPSET}: please export the network with "
                f"torch.onnx.export(…, opset_version={OPSET})."
            ) from error
        version = OPSET
    layers = [node for node in model.graph.node if not _is_weight(onnx, model.graph, node)]
    for node in layers:
        _drop_defaults(onnx, node, version)
    kept = [
        onnx.NodeProto.FromString(part.SerializeToString())
        for node in layers
        for part in (
            _groups_normalised(onnx, model.graph, node, where)
            if node.op_type == "GroupNormalization"
            else [node]
        )
    ]
    del model.graph.node[:]
    model.graph.node.extend(kept)
    return model


def _is_weight(onnx: ModuleType, graph: Any, node: Any) -> bool:
    """Whether it is a constant; if so, it is among the weights now."""
    if node.op_type != "Constant":
        return False
    (attribute,) = node.attribute
    if attribute.name == "value":
        tensor = onnx.TensorProto()
        tensor.CopyFrom(attribute.t)
    elif attribute.name in _PLAIN_CONSTANTS:
        value = onnx.helper.get_attribute_value(attribute)
        tensor = onnx.numpy_helper.from_array(np.array(value, _PLAIN_CONSTANTS[attribute.name]))
    else:
        return False
    tensor.name = node.output[0]
    graph.initializer.append(tensor)
    return True


def _groups_normalised(onnx: ModuleType, graph: Any, node: Any, where: str) -> list[Any]:
    """GroupNormalization of opset 21 and later, with scale and bias for each channel, as what it is made of."""
    attributes = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
    weights = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    values, scale, bias = node.input
    groups, channels = attributes["num_groups"], len(np.atleast_1d(weights.get(scale, ())))
    if not 1 <= groups <= channels or channels % groups or bias not in weights:
        raise StudioError(
            f"{where} normalises in {groups} groups, and its weights do not say how; please export the network with "
            f"torch.onnx.export(…, opset_version={OPSET})."
        )
    (result,) = node.output

    def constant(what: str, numbers: Any) -> str:
        graph.initializer.append(onnx.numpy_helper.from_array(np.asarray(numbers), f"{result}: {what}"))
        return f"{result}: {what}"

    made: list[Any] = []

    def layer(operator: str, inputs: list[str], what: str = "", **settings: Any) -> str:
        output = f"{result}: {what}" if what else result
        made.append(onnx.helper.make_node(operator, inputs, [output], **settings))
        return output

    one, zero = (np.full(groups, number, np.float32) for number in (1, 0))
    grouped = layer("Reshape", [values, constant("by group", [0, groups, -1])], "grouped")
    alike = layer(
        "InstanceNormalization",
        [grouped, constant("one", one), constant("zero", zero)],
        "alike",
        epsilon=attributes.get("epsilon", 1e-5),
    )
    apart = layer("Reshape", [alike, constant("by channel", [0, channels, -1])], "apart")
    scaled = layer("Mul", [apart, constant("scale", weights[scale].reshape(-1, 1))], "scaled")
    moved = layer("Add", [scaled, constant("bias", weights[bias].reshape(-1, 1))], "moved")
    layer("Reshape", [moved, layer("Shape", [values], "shape")])
    return made


def _drop_defaults(onnx: ModuleType, node: Any, version: int) -> None:
    known = onnx.defs.get_schema(node.op_type, version).attributes
    for attribute in list(node.attribute):
        if attribute.name not in known:
            continue
        default = known[attribute.name].default_value
        if default.name and onnx.helper.get_attribute_value(default) == onnx.helper.get_attribute_value(
            attribute
        ):
            node.attribute.remove(attribute)
