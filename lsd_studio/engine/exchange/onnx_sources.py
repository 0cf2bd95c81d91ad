"""ONNX files as people have them: with their weights beside them, with pixels of other scales; made whole and alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.onnx_files import LARGEST_ONNX_FILE, decoded_model, library
from lsd_studio.engine.exchange.pickles import refuse_pickle
from lsd_studio.files.plain_files import read_plain


def read_model(file: Path) -> bytes:
    """An ONNX file in one, with the weights that it keeps in files beside it.

    Those are plain files of the same folder, named without a path, that hold all that is asked of them; together with
    the file itself they are at most `LARGEST_ONNX_FILE`.

    Raises:
        StudioError: a file cannot be read, is too large, is a pickle or no ONNX, or keeps its weights elsewhere.
    """
    refuse_pickle(file)
    file = file.resolve()
    content = read_plain(file, LARGEST_ONNX_FILE)
    model, tensors = decoded_model(content, file), library("onnx").TensorProto
    outside = [tensor for tensor in model.graph.initializer if tensor.data_location == tensors.EXTERNAL]
    if not outside:
        return content
    beside: dict[str, bytes] = {}
    for tensor in outside:
        stated = {entry.key: entry.value for entry in tensor.external_data}
        name = stated.get("location", "")
        if name not in beside:
            room = LARGEST_ONNX_FILE - len(content) - sum(map(len, beside.values()))
            beside[name] = _beside(file, name, room)
        tensor.raw_data = _part(beside[name], stated, file)
        tensor.data_location = tensors.DEFAULT
        del tensor.external_data[:]
    if model.ByteSize() > LARGEST_ONNX_FILE:
        raise StudioError(f"{file}: expected at most {LARGEST_ONNX_FILE} bytes with its weights.")
    return model.SerializeToString()


def _beside(file: Path, name: str, largest: int) -> bytes:
    """The content of a plain file in the folder of `file`."""
    if not name or name in (".", "..") or any(sign in name for sign in "/\\:\0"):
        raise StudioError(
            f"{file} keeps its weights in {name[:80]!r}, and only a file of its own folder is read; please export it "
            "as one file, by torch.onnx.export(…, external_data=False)."
        )
    if not (file.parent / name).exists():
        raise StudioError(
            f"{file} keeps its weights in {name[:80]!r}, which is not beside it: please put it there, or export the "
            "network as one file, by torch.onnx.export(…, external_data=False)."
        )
    return read_plain(file.parent / name, largest)


def _part(content: bytes, stated: dict[str, str], file: Path) -> bytes:
    """The bytes of one tensor."""
    try:
        start = int(stated.get("offset", "0"))
        length = int(stated.get("length", str(len(content) - start)))
    except ValueError:
        start = length = -1
    if not (0 <= start <= start + length <= len(content)):
        raise StudioError(
            f"{file} and the file with its weights do not fit each other: please get both again."
        )
    return content[start : start + length]


def with_float_output(content: bytes, where: str) -> bytes:
    """A network whose only output is uint8 as one of float32, still from 0 to 255; any other as it is.

    Where whole numbers come from rounding or cutting off just before the output, that is left out, so that a gradient
    passes.
    """
    onnx, model = library("onnx"), decoded_model(content, where)
    kinds = [output.type.tensor_type.elem_type for output in model.graph.output]
    if kinds != [onnx.TensorProto.UINT8]:
        return content
    made = {name: node for node in model.graph.node for name in node.output}
    name = model.graph.output[0].name
    while name in made and made[name].op_type in ("Cast", "Round", "Floor", "Ceil") and made[name].input:
        name = made[name].input[0]
    output = f"{name} in float32"
    model.graph.node.append(onnx.helper.make_node("Cast", [name], [output], to=onnx.TensorProto.FLOAT))
    return _with_output(model, output)


def with_scaled_output(content: bytes, highest: float, where: str) -> bytes:
    """A network of one output with pixels from 0 to `highest` as one with pixels in [−1, 1], black at −1."""
    onnx, model = library("onnx"), decoded_model(content, where)
    name = model.graph.output[0].name
    for operator, number, made in (
        ("Mul", 2 / highest, f"{name} from 0 to 2"),
        ("Sub", 1.0, f"{name} in [-1, 1]"),
    ):
        model.graph.initializer.append(onnx.numpy_helper.from_array(np.float32(number), f"{made}: by"))
        model.graph.node.append(onnx.helper.make_node(operator, [name, f"{made}: by"], [made]))
        name = made
    return _with_output(model, name)


def _with_output(model: Any, name: str) -> bytes:
    """The network with another value, of the same shape in float32, as its output."""
    output = model.graph.output[0]
    output.name = name
    output.type.tensor_type.elem_type = library("onnx").TensorProto.FLOAT
    return model.SerializeToString()
