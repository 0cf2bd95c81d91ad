"""Tensors of a safetensors file, mapped into memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from lsd_studio.engine.data_files.stored_array import StoredArray
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.platform.file_names import utf8_path
from lsd_studio.files.json_text import parse_json
from lsd_studio.files.plain_files import check_plain

LARGEST_FILE = 2**42
TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "<i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "<u1", "BOOL": "|b1",
}  # fmt: skip


def read_safetensors(file: Path) -> list[StoredArray]:
    """The tensors of a file; those of a type that NumPy lacks, such as bfloat16, are left out.

    Raises:
        StudioError: the file is none, is damaged, or has no other tensors.
    """
    check_plain(file, LARGEST_FILE)
    try:
        with utf8_path(file) as place, safe_open(place, framework="numpy") as opened:
            names = list(opened.keys())  # the library has checked that header and file belong together
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            header = parse_json(stream.read(length), file)
    except (SafetensorError, OSError, ValueError) as error:
        raise StudioError(f"{file}: expected the safetensors format, found something else.") from error
    known = [name for name in names if header[name]["dtype"] in TYPES]
    if not known:
        raise StudioError(f"{file} holds no tensors that NumPy knows: please save float32.")
    return [_tensor(file, name, header[name], 8 + length) for name in known]


def _tensor(file: Path, name: str, stated: Any, start: int) -> StoredArray:
    dtype, shape = np.dtype(TYPES[stated["dtype"]]), tuple(stated["shape"])
    place = start + stated["data_offsets"][0]

    def mapped() -> NDArray[Any]:
        return np.memmap(file, dtype, "r", place, shape).view(np.ndarray)

    return StoredArray(name, shape, dtype.kind, dtype.itemsize, mapped, is_mapped=True)
