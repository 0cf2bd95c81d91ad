"""Operators saved under names: in the folder `operators` of their bundle, one safetensors file each, never unpickled.

A file holds the matrix and, as JSON, what the operator was made from. Operators of a bundle that ships with the program
or whose folder may not be written to are saved in the user's own folder under the bundle's hash.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import platformdirs
import safetensors
import safetensors.numpy
from pydantic import Field

from lsd_studio.engine.bundle import Bundle, ships
from lsd_studio.engine.bundle.manifest import OPERATORS
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.operators.names import NAME, check_name
from lsd_studio.engine.operators.planes import FloatArray
from lsd_studio.files.folders import make_folder
from lsd_studio.files.json_text import Strict, parse_json, validated
from lsd_studio.files.plain_files import read_plain
from lsd_studio.files.writing import write_file

FORMAT = 1
SUFFIX = ".safetensors"
ROOM_FOR_TEXT = 2**20
"""Bytes that a file may have beyond its matrix."""

Made = Literal["least squares", "orthogonal", "composed"]
Error = Annotated[float, Field(ge=0, allow_inf_nan=False)] | None


@dataclass(frozen=True, eq=False)
class Operator:
    """A linear operator on codes, and what it was made from.

    Attributes:
        name: "" for one that has none yet.
        matrix: float64 [M, M], O with z′ = O z.
        made: by which method it was fitted, or "composed" of others.
        description: what it was made from, in words.
        pairs, held_out: numbers of pairs it was fitted and tested on; 0 where it was composed.
        fit_error, held_out_error, identity_error, shift_error, label_shift_error: as in `fitted.Fit`; None where
            nothing was measured.
    """

    name: str
    matrix: FloatArray
    made: Made
    description: str
    pairs: int = 0
    held_out: int = 0
    fit_error: float | None = None
    held_out_error: float | None = None
    identity_error: float | None = None
    shift_error: float | None = None
    label_shift_error: float | None = None


class _Record(Strict):
    format: Literal[1]
    bundle: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    name: Annotated[str, Field(pattern=f"^{NAME.pattern}$")]
    made: Made
    description: Annotated[str, Field(max_length=10_000)]
    pairs: Annotated[int, Field(ge=0, lt=2**63)]
    held_out: Annotated[int, Field(ge=0, lt=2**63)]
    fit_error: Error
    held_out_error: Error
    identity_error: Error
    shift_error: Error = None
    label_shift_error: Error = None


def save_operator(bundle: Bundle, operator: Operator) -> Path:
    """Write an operator beside its bundle's files, in place of one of the same name; returns the file.

    Raises:
        StudioError: its name cannot be one, or the disk is full or not writable.
    """
    check_name(operator.name)
    fields = asdict(operator)
    matrix = np.ascontiguousarray(fields.pop("matrix"), dtype=np.float64)
    record = _Record(format=FORMAT, bundle=bundle.hash, **fields).model_dump_json()
    folder = operators_folder(bundle)
    make_folder(folder, "please make room for operators")
    file = folder / f"{operator.name}{SUFFIX}"
    content: dict[str, np.ndarray] = {
        "matrix": matrix,
        "stated": np.frombuffer(record.encode(), dtype=np.uint8),
    }
    write_file(file, safetensors.numpy.save(content))
    return file


def load_operator(bundle: Bundle, name: str) -> Operator:
    """The operator of this name.

    Raises:
        StudioError: none has it, or its file does not validate; the sentence names the file and what was expected.
    """
    file = operators_folder(bundle) / f"{check_name(name)}{SUFFIX}"
    if not os.path.lexists(file):
        known = ", ".join(_names(bundle)) or "none is saved yet"
        raise StudioError(f"There is no operator {name!r} ({known}): check its name.")
    return _read(file, bundle)


def load_operators(bundle: Bundle) -> tuple[Operator, ...]:
    """All operators of a bundle, by name.

    Raises:
        StudioError: a file does not validate.
    """
    return tuple(load_operator(bundle, name) for name in _names(bundle))


def remove_operator(bundle: Bundle, name: str) -> None:
    """Remove the operator of this name.

    Raises:
        StudioError: there is none, or its file cannot be removed.
    """
    file = operators_folder(bundle) / f"{check_name(name)}{SUFFIX}"
    try:
        file.unlink()
    except OSError as error:
        raise StudioError(
            f"The operator {name!r} could not be removed ({error.strerror}): check {file}."
        ) from error


def operators_folder(bundle: Bundle) -> Path:
    """The folder in which a bundle's operators are saved.

    Raises:
        StudioError: in the bundle stands something else under its name, such as a link.
    """
    if ships(bundle.path) or not os.access(bundle.path, os.W_OK):
        return platformdirs.user_data_path("lsd-studio", appauthor=False) / OPERATORS / bundle.hash[:24]
    folder = bundle.path / OPERATORS
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise StudioError(f"{folder} is no plain folder: please remove it from the bundle.")
    return folder


def _names(bundle: Bundle) -> list[str]:
    folder = operators_folder(bundle)
    if not folder.is_dir():
        return []
    stems = {file.stem for file in folder.iterdir() if file.suffix == SUFFIX}
    return sorted(stem for stem in stems if NAME.fullmatch(stem))


def _read(file: Path, bundle: Bundle) -> Operator:
    dimensions = bundle.networks.latent_dimensions
    content = read_plain(file, 8 * dimensions**2 + ROOM_FOR_TEXT)
    try:
        found = safetensors.numpy.load(content)
        matrix, text = found["matrix"], found["stated"].tobytes()
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StudioError(f"{file}: expected an operator of LSD Studio, found something else.") from error
    record = validated(_Record, parse_json(text, file), file)
    if (
        matrix.shape != (dimensions, dimensions)
        or matrix.dtype != np.float64
        or not np.isfinite(matrix).all()
    ):
        raise StudioError(f"{file}, tensor matrix: expected finite float64 {[dimensions, dimensions]}.")
    if record.name != file.stem:
        raise StudioError(
            f"{file}, field name: expected {file.stem!r}, found {record.name!r}; rename the file."
        )
    if record.bundle != bundle.hash:
        raise StudioError(
            f"{file} was made with another bundle, or before this one was built again: fit it again."
        )
    return Operator(matrix=matrix, **record.model_dump(exclude={"format", "bundle"}))
