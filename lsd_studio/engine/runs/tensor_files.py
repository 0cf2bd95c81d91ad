"""Files of tensors and JSON facts that a run stores: checkpoints, curves, pictures; anyone may have written them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from pydantic import BaseModel
from safetensors import SafetensorError, safe_open

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.platform.file_names import utf8_path
from lsd_studio.engine.runs.files import write_in_run
from lsd_studio.files.json_text import json_bytes, parse_json, validated
from lsd_studio.files.plain_files import check_plain

Facts = TypeVar("Facts", bound=BaseModel)

LARGEST_FILE = 2**34
"""Bytes that such a file may have."""


def write_tensors(file: Path, tensors: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]) -> None:
    """Write tensors with JSON facts beside them to a file of a run, atomically.

    Raises:
        StudioError: the disk is full or not writable.
    """
    contiguous = {name: np.ascontiguousarray(values) for name, values in tensors.items()}
    stated = {"facts": json_bytes(facts, indent=None).decode()}
    write_in_run(file, safetensors.numpy.save(contiguous, stated))


def read_facts_of(file: Path, kind: type[Facts]) -> Facts:
    """The JSON facts that stand beside the tensors of a file, without these.

    Raises:
        StudioError: it is no plain file of tensors with such facts.
    """
    check_plain(file, LARGEST_FILE)
    try:
        with utf8_path(file) as place, safe_open(place, framework="numpy") as opened:
            text = (opened.metadata() or {}).get("facts")
    except (SafetensorError, OSError, ValueError) as error:
        raise StudioError(f"{file}: expected the safetensors format, found something else.") from error
    if text is None:
        raise StudioError(f"{file}: expected facts beside its tensors, found none.")
    return validated(kind, parse_json(text, file, may_be_infinite=True), file)


def read_tensors(file: Path, kind: type[Facts]) -> tuple[Facts, dict[str, NDArray[np.generic]]]:
    """The facts of a file, and its tensors by name.

    Raises:
        StudioError: as `read_facts_of`, or a tensor has a type that NumPy does not know.
    """
    facts = read_facts_of(file, kind)
    try:
        with utf8_path(file) as place, safe_open(place, framework="numpy") as opened:
            return facts, {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 (no mapping)
    except (SafetensorError, OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise StudioError(f"{file}: expected tensors that NumPy can hold, found others.") from error
