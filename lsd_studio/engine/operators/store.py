"""Operators saved under names: in the folder `operators` of their bundle, one safetensors file each, never unpickled.

A file holds the matrix, the shift of an affine operator and, as JSON, what it was made from. Operators of a bundle that
ships with the program or whose folder may not be written to are saved in the user's own folder under the bundle's hash.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
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
from lsd_studio.engine.vocabulary import Reader
from lsd_studio.files.folders import make_folder
from lsd_studio.files.json_text import Strict, parse_json, validated
from lsd_studio.files.plain_files import read_plain
from lsd_studio.files.writing import write_file

FORMAT = 1
SUFFIX = ".safetensors"
ROOM_FOR_TEXT = 2**20
"""Bytes that a file may have beyond its matrix."""

Made = Literal["least squares", "orthogonal", "composed", "from label to label"]
Way = Literal["power", "straight"]
"""How an operator goes from the identity to itself: by its real powers, or straight, (1 − t) z + t z′."""
Error = Annotated[float, Field(ge=0, allow_inf_nan=False)] | None
Finite = Annotated[float, Field(allow_inf_nan=False)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
OF_THE_FILE = frozenset({"format", "bundle", "encoder"})
"""What a file states that an operator does not."""


class StatedMeasure(Strict):
    """A share or a correlation with its 95 % interval, and how many independent things it counts; None: not defined."""

    value: Finite | None
    low: Finite | None
    high: Finite | None
    count: Annotated[int, Field(ge=0, lt=2**63)]


class MeasuredOperator(Strict):
    """What operators of one kind did to test images, each from one label to another, over so many pairs.

    Attributes:
        arrived: by the reader; style: by its measure, see `compared.ComparedOperator`.
        clears_random: whether more arrive than by chance.
    """

    data: Annotated[str, Field(max_length=1000)]
    pairs: Annotated[int, Field(ge=1, lt=2**63)]
    images: Annotated[int, Field(ge=1, lt=2**63)]
    arrived: dict[Reader, StatedMeasure]
    style: dict[Annotated[str, Field(max_length=100)], StatedMeasure]
    clears_random: bool


@dataclass(frozen=True, eq=False)
class Operator:
    """A linear or affine operator on codes, and what it was made from.

    Attributes:
        name: "" for one that has none yet.
        matrix: float64 [M, M], O with z′ = O z + b.
        made: by which method it was fitted, or "composed" of others.
        description: what it was made from, in words.
        pairs, held_out: numbers of pairs it was fitted and tested on; 0 where it was composed.
        fit_error, held_out_error, identity_error, shift_error, label_shift_error: as in `fitted.Fit`; None where
            nothing was measured.
        shift: float64 [M], b; None where there is none.
        way: how it goes from the identity to itself.
        measured: what its like did to test images over all pairs of labels; None where that was not compared.
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
    shift: FloatArray | None = None
    way: Way = "power"
    measured: MeasuredOperator | None = None


class _Record(Strict):
    format: Literal[1]
    bundle: Hash
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
    way: Way = "power"
    measured: MeasuredOperator | None = None
    encoder: Hash | None = None


def save_operator(bundle: Bundle, operator: Operator) -> Path:
    """Write an operator beside its bundle's files, in place of one of the same name; returns the file.

    Raises:
        StudioError: its name cannot be one, or the disk is full or not writable.
    """
    check_name(operator.name)
    folder = operators_folder(bundle)
    make_folder(folder, "please make room for operators")
    file = folder / f"{operator.name}{SUFFIX}"
    write_file(file, _content(operator, _stated(bundle, operator)))
    return file


def share_operator(bundle: Bundle, name: str, file: Path) -> Path:
    """Write an operator to a file for others, and beside it as JSON what is stated of it; returns the JSON file.

    Raises:
        StudioError: there is no such operator, the file has no name of one, or a disk is full or not writable.
    """
    if file.suffix != SUFFIX:
        raise StudioError(f"{file} cannot hold an operator: give it the ending {SUFFIX}.")
    operator = load_operator(bundle, name)
    stated = _stated(bundle, operator)
    beside = file.with_suffix(".json")
    write_file(file, _content(operator, stated))
    write_file(beside, (stated.model_dump_json(indent=1) + "\n").encode())
    return beside


def add_operator(bundle: Bundle, file: Path) -> Operator:
    """Save an operator that someone shared in a bundle, whose encoder must be the one that it was made with.

    Raises:
        StudioError: it is no operator, it is one on codes of another encoder, or the bundle has one of its name.
    """
    stated, operator = _parse(file, bundle)
    if stated.bundle != bundle.hash and stated.encoder != _encoder_of(bundle):
        raise StudioError(
            f"{file} acts on codes of another encoder than this bundle's: open the bundle that it was made with."
        )
    if operator.name in _names(bundle):
        raise StudioError(f"The bundle has an operator {operator.name!r} already: remove that one first.")
    save_operator(bundle, operator)
    return operator


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
    record, operator = _parse(file, bundle)
    if record.name != file.stem:
        raise StudioError(
            f"{file}, field name: expected {file.stem!r}, found {record.name!r}; rename the file."
        )
    if record.bundle != bundle.hash:
        raise StudioError(
            f"{file} was made with another bundle, or before this one was built again: fit it again."
        )
    return operator


def _parse(file: Path, bundle: Bundle) -> tuple[_Record, Operator]:
    """What is stated in a file of an operator, and the operator, on codes as long as the bundle's."""
    dimensions = bundle.networks.latent_dimensions
    content = read_plain(file, 8 * dimensions**2 + ROOM_FOR_TEXT)
    try:
        found = safetensors.numpy.load(content)
        matrix, text, shift = found["matrix"], found["stated"].tobytes(), found.get("shift")
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StudioError(f"{file}: expected an operator of LSD Studio, found something else.") from error
    record = validated(_Record, parse_json(text, file), file)
    tensors: dict[str, tuple[np.ndarray, tuple[int, ...]]] = {"matrix": (matrix, (dimensions, dimensions))}
    if shift is not None:
        tensors["shift"] = shift, (dimensions,)
    for name, (tensor, shape) in tensors.items():
        if tensor.shape != shape or tensor.dtype != np.float64 or not np.isfinite(tensor).all():
            raise StudioError(f"{file}, tensor {name}: expected finite float64 {list(shape)}.")
    stated = {name: getattr(record, name) for name in _Record.model_fields if name not in OF_THE_FILE}
    return record, Operator(matrix=matrix, shift=shift, **stated)


def _stated(bundle: Bundle, operator: Operator) -> _Record:
    stated = {name: getattr(operator, name) for name in _Record.model_fields if name not in OF_THE_FILE}
    return _Record(format=FORMAT, bundle=bundle.hash, encoder=_encoder_of(bundle), **stated)


def _content(operator: Operator, stated: _Record) -> bytes:
    content: dict[str, np.ndarray] = {
        "matrix": np.ascontiguousarray(operator.matrix, dtype=np.float64),
        "stated": np.frombuffer(stated.model_dump_json().encode(), dtype=np.uint8),
    }
    if operator.shift is not None:
        content["shift"] = np.ascontiguousarray(operator.shift, dtype=np.float64)
    return safetensors.numpy.save(content)


def _encoder_of(bundle: Bundle) -> str:
    return bundle.manifest.record_of("encoder").sha256
