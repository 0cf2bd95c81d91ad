"""Conditions on the columns beside codes, as a person writes them: `kind = B cell and age > 40`, or a text to look for.

    condition    one or more comparisons, joined by "and" and "or"; "and" binds closer
    comparison   a column, one of = ≠ < ≤ > ≥ (also == != <= >=), and a value, in double quotes if it holds such signs
    text         anything else: found in the values of labels, attributes, names and image paths, whatever its case

A code without a value matches `= no value` alone. Nothing of a condition is executed.
"""

from __future__ import annotations

import difflib
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.data_files.columns import MOST_LABELS, Column
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.spaces.latent_space import LACKS, LatentSpace

Mask = NDArray[np.bool_]

NO_VALUE = "no value"

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "<=": operator.le, ">=": operator.ge, "=": operator.eq,
    "≠": operator.ne, "≤": operator.le, "≥": operator.ge, "<": operator.lt, ">": operator.gt,
}  # fmt: skip
SIGNS = "|".join(COMPARISONS)
"""Longer ones first, so that none is read as its beginning."""

LONGEST = 1000
"""Characters of a condition."""

LISTED = 20
"""Columns or values that a sentence names, at most."""


@dataclass(frozen=True, eq=False)
class Matches:
    """The codes that match a condition.

    Attributes:
        condition: as it was written, without space around it.
        found: bool [N].
    """

    condition: str
    found: Mask

    @cached_property
    def count(self) -> int:
        """How many codes match."""
        return int(self.found.sum())


def matching(columns: Mapping[str, Column], condition: str) -> Matches:
    """The codes that match a condition on the columns beside them.

    Raises:
        StudioError: there are no columns, the condition is empty or too long, or names a column or a value that is not
            there.
    """
    text = condition.strip()
    if not columns:
        raise StudioError(f"These codes have no columns to look in: {LACKS['labels']}.")
    if not text or len(text) > LONGEST:
        raise StudioError(f"A condition has 1 to {LONGEST} characters: write one such as {example(columns)}.")
    heads = list(_head(columns).finditer(text))
    if not heads or heads[0].start() > 0:
        return Matches(text, _holding(columns, text))
    ends = [*(head.start() for head in heads[1:]), len(text)]
    found: Mask | None = None
    each: Mask | None = None
    for head, end in zip(heads, ends, strict=True):
        matched = _compared(
            columns, _column(columns, head["column"]), head["sign"], text[head.end() : end].strip()
        )
        if (head["joint"] or "").lower() == "or" and each is not None:
            found, each = each if found is None else found | each, None
        each = matched if each is None else each & matched
    assert each is not None
    return Matches(text, each if found is None else found | each)


def where(space: LatentSpace, condition: str) -> LatentSpace:
    """The same space, of which only the codes that match are usable, with a note on how many they are.

    Raises:
        StudioError: as `matching`, or no usable code matches.
    """
    matches = matching(space.columns, condition)
    usable = space.usable & matches.found
    if not usable.any():
        raise StudioError(
            f"None of the {space.usable.sum()} codes of {space.file} matches “{matches.condition}”: write another "
            "condition."
        )
    note = f"Of {space.usable.sum()} codes, the {usable.sum()} that match “{matches.condition}” are used."
    return replace(space, usable=usable, notes=(*space.notes, note))


def example(columns: Mapping[str, Column]) -> str:
    """A condition that could be written on the first of these columns; "" without columns."""
    if not columns:
        return ""
    first = next(iter(columns.values()))
    return f"{first.name} = {first.words[0]}" if first.words else f"{first.name} > 0"


def _head(columns: Mapping[str, Column]) -> re.Pattern[str]:
    """What a comparison begins with: the words that join it to the one before, a column, and a sign."""
    names = "|".join(re.escape(name) for name in sorted(columns, key=len, reverse=True))
    return re.compile(rf"(?:\A|\s(?P<joint>and|or)\s+)(?P<column>{names})\s*(?P<sign>{SIGNS})", re.IGNORECASE)


def _column(columns: Mapping[str, Column], name: str) -> Column:
    """The column of a name that was found, whose case may differ."""
    return columns.get(name) or next(
        column for known, column in columns.items() if known.lower() == name.lower()
    )


def _holding(columns: Mapping[str, Column], text: str) -> Mask:
    """Codes with a value that holds a text."""
    looked_for = _unquoted(text)
    if looked_for == text and (sign := re.search(SIGNS, text)):
        _refuse_column(columns, text[: sign.start()].strip())
    searched = [column for column in columns.values() if column.words]
    if not searched:
        raise StudioError(
            f"A text is looked for in labels and names, and there are numbers alone: write {example(columns)}."
        )
    looked_for = looked_for.lower()
    return np.any(
        [_lookup(column, [looked_for in word.lower() for word in column.words]) for column in searched],
        axis=0,
    )


def _compared(columns: Mapping[str, Column], column: Column, sign: str, value: str) -> Mask:
    """Codes whose value in a column compares so with one that was written."""
    known = ~np.isnan(column.values) if column.kind == "numbers" else column.values >= 0
    compare, exact = COMPARISONS[sign], _unquoted(value)
    is_quoted = exact != value
    if not is_quoted:
        _refuse_joined(columns, value)
    if not exact:
        raise StudioError(f"Nothing is compared with {column.name}: write a value after {sign}.")
    if (
        not is_quoted
        and " ".join(exact.split()).lower() == NO_VALUE
        and compare in (operator.eq, operator.ne)
    ):
        return ~known if compare is operator.eq else known
    number = _number(exact)
    if column.kind == "numbers":
        if number is None:
            raise StudioError(f"{column.name} holds numbers, and “{exact}” is none: write one after {sign}.")
        return np.asarray(known & compare(column.values, number))
    if number is not None and (numbers := _numbers(column)) is not None:
        return _lookup(column, compare(numbers, number))
    if compare not in (operator.eq, operator.ne):
        raise StudioError(
            f"{column.name} is compared with “{exact}”, and not both are numbers: write = or ≠ in place of {sign}."
        )
    equal = [word.lower() == exact.lower() for word in column.words]
    if not any(equal):
        _refuse_value(column, exact)
    return known & (_lookup(column, equal) == (compare is operator.eq))


def _lookup(column: Column, hits: Any) -> Mask:
    """Of each code, what is said of the word that it has; False where it has none."""
    return np.append(np.asarray(hits, dtype=bool), False)[column.values]


def _numbers(column: Column) -> NDArray[np.float64] | None:
    """The words of a column as numbers, float64; None unless all are."""
    found = [_number(word) for word in column.words]
    return None if None in found else np.array(found, dtype=np.float64)


def _number(text: str) -> float | None:
    try:
        found = float(text.replace("−", "-"))
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] == '"' else text


def _refuse_joined(columns: Mapping[str, Column], value: str) -> None:
    """Raise a StudioError where a value goes on with a comparison of a column that is not there."""
    if further := re.search(rf"\s(?:and|or)\s+(\S.*?)\s*(?:{SIGNS})", value, re.IGNORECASE):
        _refuse_column(columns, further[1])


def _refuse_column(columns: Mapping[str, Column], name: str) -> None:
    close = difflib.get_close_matches(name, columns, n=1)
    raise StudioError(
        f"There is no column {name or 'before the sign'}"
        + (f"; did you mean {close[0]}?" if close else f": choose one of {_listed(tuple(columns))}.")
    )


def _refuse_value(column: Column, value: str) -> None:
    few = column.words if len(column.words) <= MOST_LABELS else ()
    close = difflib.get_close_matches(value, few, n=1)
    if close:
        raise StudioError(f"{column.name} is nowhere “{value}”; did you mean “{close[0]}”?")
    words = f"it is {_listed(few)}" if few else "search for a part of it without a column"
    raise StudioError(f"{column.name} is nowhere “{value}”: {words}.")


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:LISTED]) + ("…" if len(names) > LISTED else "")
