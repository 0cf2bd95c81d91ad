"""JSON that others may have written: read within bounds, checked against a model, refused in one sentence."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from lsd_studio.engine.errors import StudioError
from lsd_studio.files.plain_files import read_plain

Checked = TypeVar("Checked")

LARGEST_JSON = 32 * 2**20
"""Bytes that a JSON file may have where its reader knows no tighter bound."""

MOST_LEVELS = 50
MOST_DIGITS = 20
"""Of a whole number: enough for 64 bits."""
LONGEST_NAME = 100
"""Characters of a field's name that a sentence repeats."""


class Strict(BaseModel):
    """What a file holds: frozen, and with no fields but its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _Fault(str):
    """Stands in a parsed value where something is that may not be; goes on "expected …"."""

    __slots__ = ()


def read_json(
    file: Path,
    kind: type[Checked] | TypeAdapter[Checked],
    *,
    largest: int = LARGEST_JSON,
    follow_links: bool = True,
    advice: str = "",
) -> Checked:
    """The JSON in a plain file, checked against a model or type.

    Args:
        file: to read; kind: what it must be.
        largest: bytes that it may have.
        follow_links: whether it may be a link.
        advice: what to do where it is refused, without its full stop.

    Raises:
        StudioError: it cannot be read, is too large, no JSON within bounds, or not what `kind` asks for; the sentence
            names the file and, where one is at fault, the field.
    """
    content = read_plain(file, largest, follow_links=follow_links)
    return validated(kind, parse_json(content, file, advice=advice), file, advice=advice)


def parse_json(
    content: bytes | str, where: Path | str, *, may_be_infinite: bool = False, advice: str = ""
) -> Any:
    """The value of a JSON text in UTF-8, of at most 50 levels, no field twice, whole numbers of at most 20 digits.

    Args:
        content: the text; where: its file, or what it is, for the sentence.
        may_be_infinite: take NaN and Infinity, which JSON does not know and Python writes.
        advice: what to do where it is refused, without its full stop.

    Raises:
        StudioError: it is anything else.
    """
    faults: list[_Fault] = []

    def fault(text: str) -> _Fault:
        faults.append(_Fault(text))
        return faults[-1]

    def number(text: str) -> float | _Fault:
        value = float(text)
        if may_be_infinite or math.isfinite(value):
            return value
        return fault(f"finite numbers, found {text[:LONGEST_NAME]}")

    def whole_number(text: str) -> int | _Fault:
        if len(text.lstrip("-")) <= MOST_DIGITS:
            return int(text)
        return fault(f"numbers of at most {MOST_DIGITS} digits, found one of {len(text)}")

    def fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        once: dict[str, Any] = {}
        for name, inner in pairs:
            once[name] = fault("it once, found it again") if name in once else inner
        return once

    try:
        value = json.loads(
            content if isinstance(content, str) else content.decode("utf-8-sig"),
            parse_float=number,
            parse_constant=number,
            parse_int=whole_number,
            object_pairs_hook=fields,
        )
    except RecursionError as error:
        raise StudioError(f"{where}: expected {_LEVELS}{_then(advice)}") from error
    except ValueError as error:
        raise StudioError(
            f"{where}: expected JSON text, found something else or only a part of it{_then(advice)}"
        ) from error
    if _is_deep(value):
        raise StudioError(f"{where}: expected {_LEVELS}{_then(advice)}")
    for found in faults[:1]:
        raise StudioError(f"{where}, {_in_words(_place_of(found, value))}: expected {found}{_then(advice)}")
    return value


def parse_json_object(
    content: bytes | str, where: Path | str, *, may_be_infinite: bool = False
) -> dict[str, Any]:
    """The JSON object in a text; bounds and arguments as in `parse_json`.

    Raises:
        StudioError: it is anything else.
    """
    value = parse_json(content, where, may_be_infinite=may_be_infinite)
    if not isinstance(value, dict):
        raise StudioError(f"{where}: expected a JSON object.")
    return value


def json_bytes(value: Any, *, indent: int | None = 1, ascii_only: bool = False) -> bytes:
    """A value as JSON text in UTF-8; bytes of a file's name that are no text stand there as escapes, and come back.

    Raises:
        StudioError: it holds a number that is not finite.
    """
    try:
        text = json.dumps(value, indent=indent, ensure_ascii=ascii_only, allow_nan=False)
    except ValueError as error:
        raise StudioError(
            "the result holds a number that is not finite, which JSON cannot hold: use another bundle or other images."
        ) from error
    return text.encode(errors="backslashreplace")


def validated(
    kind: type[Checked] | TypeAdapter[Checked],
    value: Any,
    where: Path | str,
    *,
    advice: str = "",
    table: str = "a JSON object",
) -> Checked:
    """A parsed value as the model or type that it must be; `table` is what an object of its file is called.

    Raises:
        StudioError: it is not; the sentence names `where`, the first field at fault and what was expected.
    """
    try:
        if isinstance(kind, TypeAdapter):
            return kind.validate_python(value)
        if issubclass(kind, BaseModel):
            return kind.model_validate(value)
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        raise StudioError(f"{where}, {first_fault(error, table)}{_then(advice)}") from error
    except RecursionError as error:
        raise StudioError(f"{where}: expected {_LEVELS}{_then(advice)}") from error


def first_fault(error: ValidationError, table: str = "a JSON object") -> str:
    """The first field that did not validate, and what was expected of it, without a full stop; see `expected`."""
    first = error.errors(include_url=False, include_input=False)[0]
    words = expected(first, table)
    return f"{_in_words(first['loc'])}: {words[:1].lower()}{words[1:]}"


def expected(fault: ErrorDetails, table: str = "a JSON object") -> str:
    """What a field should have been, in words of this program: "expected …", or those of its own check.

    Args:
        fault: as pydantic tells it; table: what an object is called.
    """
    kind, bounds = fault["type"], fault.get("ctx", {})
    if kind == "value_error":
        return " ".join(fault["msg"].removeprefix("Value error, ").split()).removesuffix(".")
    if kind in _OBJECTS:
        return f"expected {table}"
    return f"expected {_EXPECTED.get(kind, 'another value').format_map(bounds)}"


_OBJECTS = frozenset({"model_type", "model_attributes_type", "dataclass_type", "dict_type", "mapping_type"})

_EXPECTED = {
    "missing": "a value, found none",
    "extra_forbidden": "no field of this name",
    "none_required": "null",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "a number below {lt}",
    "less_than_equal": "at most {le}",
    "string_type": "text",
    "string_too_short": "text of length {min_length} or more",
    "string_too_long": "text of length {max_length} or less",
    "string_pattern_mismatch": "text of the form {pattern}",
    "literal_error": "{expected}",
    "enum": "{expected}",
    "tuple_type": "a list, such as [16, 32, 64]",
    "list_type": "a list",
    "too_short": "a list of length {min_length} or more",
    "too_long": "a list of length {max_length} or less",
    **dict.fromkeys(
        ("datetime_type", "datetime_parsing", "datetime_from_date_parsing", "timezone_aware"),
        "a date and time",
    ),
    "union_tag_not_found": "a field {discriminator}",
    "union_tag_invalid": "{discriminator} to be one of {expected_tags}",
}
"""By the kind of a fault as pydantic names it, with its bounds."""

_LEVELS = f"at most {MOST_LEVELS} levels, found more"


def _then(advice: str) -> str:
    return f"; {advice}." if advice else "."


def _in_words(place: Sequence[int | str] | None) -> str:
    field = ".".join(str(part) for part in place or () if part != "[key]")
    if not field:
        return "as a whole"
    return f"field {field}" if len(field) <= LONGEST_NAME else f"field {field[:LONGEST_NAME]}…"


def _place_of(fault: _Fault, value: Any) -> tuple[int | str, ...] | None:
    """The fields and positions that lead to a fault in a value of few levels."""
    if value is fault:
        return ()
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, inner in parts:
        place = _place_of(fault, inner)
        if place is not None:
            return (part, *place)
    return None


def _is_deep(value: Any) -> bool:
    containers = [value]
    for _ in range(MOST_LEVELS + 1):
        containers = [each for each in containers if isinstance(each, dict | list)]
        if not containers:
            return False
        containers = [
            inner for each in containers for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return True
