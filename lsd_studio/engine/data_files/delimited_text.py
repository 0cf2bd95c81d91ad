"""Tables as text (CSV, TSV): separator and decimal sign are found, and stated."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from math import nan
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.data_files.columns import MISSING, column_of_words
from lsd_studio.engine.data_files.stored_array import MOST_VALUES
from lsd_studio.engine.data_files.table import Table
from lsd_studio.engine.errors import StudioError
from lsd_studio.files.plain_files import check_plain

LARGEST_FILE = 2**31
LONGEST_LINE = 2**20
MOST_COLUMNS = 10_000
LOOKED_AT = 100
"""Rows from which separator and decimal sign are found."""

SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas"}
WITH_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")
WITH_POINT = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")


@dataclass(frozen=True)
class _Form:
    """How the text of a table is written; `first` is the number of its first line of values."""

    separator: str
    decimal: str
    names: tuple[str, ...]
    first: int


def read_delimited(file: Path, fewest_columns: int = 2) -> Table:
    """The table in a text file.

    Where the first line does not name the columns, see `_are_names`, their names are 0, 1, 2 …

    Args:
        fewest_columns: that make it a table.

    Raises:
        StudioError: it is no UTF-8 text, its lines have unequal numbers of values, or there are too many of them.
    """
    check_plain(file, LARGEST_FILE)
    form = _found_form(file, fewest_columns)
    are_numbers, count = _survey(file, form)
    columns = len(form.names)
    if count * columns > MOST_VALUES:
        raise StudioError(
            f"{file} holds {count} rows of {columns} values, and at most {MOST_VALUES} values are read as text; please "
            "save the codes as .npy or .npz."
        )
    numbers = {place: np.empty(count) for place in range(columns) if are_numbers[place]}
    places = {place: np.empty(count, np.int32) for place in range(columns) if not are_numbers[place]}
    words: dict[int, dict[str, int]] = {place: {} for place in places}
    for row, cells in enumerate(_rows(file, form)):
        for place, values in numbers.items():
            values[row] = _number(cells[place], form.decimal)
        for place, texts in places.items():
            texts[row] = words[place].setdefault(cells[place].strip(), len(words[place]))
    others = [column_of_words(form.names[place], places[place], list(words[place])) for place in places]
    note = f"Columns are separated by {SEPARATORS[form.separator]}, and decimals have a {form.decimal}."
    return Table({form.names[place]: values for place, values in numbers.items()}, others, notes=(note,))


def _found_form(file: Path, fewest_columns: int) -> _Form:
    candidates = []
    for separator in SEPARATORS:
        with _opened(file) as text:
            head = list(islice(csv.reader(_lines(file, text), delimiter=separator), LOOKED_AT))
        head = [cells for cells in head if cells]
        if head and len({len(cells) for cells in head}) == 1 and len(head[0]) >= fewest_columns:
            candidates.append((separator, head))
    if not candidates:
        raise StudioError(
            f"{file} is no table: expected lines of equally many values, separated by tabs, semicolons or commas."
        )
    separator, head = max(candidates, key=lambda candidate: len(candidate[1][0]) > 1)
    if len(head[0]) > MOST_COLUMNS:
        raise StudioError(f"{file} has {len(head[0])} columns, and at most {MOST_COLUMNS} are read.")
    cells = [cell.strip() for line in head for cell in line]
    with_comma = separator != "," and any(map(WITH_COMMA.fullmatch, cells))
    if with_comma and any(map(WITH_POINT.fullmatch, cells)):
        raise StudioError(
            f"{file} has decimals with a comma and with a point: please save it with one of them."
        )
    decimal = "comma" if with_comma else "point"
    first = [cell.strip() for cell in head[0]]
    is_named = _are_names(first, head[1:], decimal)
    names = tuple(name or "index" for name in first) if is_named else tuple(map(str, range(len(first))))
    if len(set(names)) < len(names):
        raise StudioError(f"{file} has two columns of one name: please rename one of them.")
    return _Form(separator, decimal, names, int(is_named))


def _are_names(first: list[str], others: list[list[str]], decimal: str) -> bool:
    """Whether a first line names the columns: no number in it, a text above numbers, or numbers that count columns."""
    numbers = [cell for cell in first if _is_number(cell, decimal) and cell not in MISSING]
    if not numbers or numbers in ([str(place + start) for place in range(len(numbers))] for start in (0, 1)):
        return True
    texts = [place for place, cell in enumerate(first) if cell == "" or not _is_number(cell, decimal)]
    return any(
        cells[place].strip() not in MISSING and _is_number(cells[place], decimal)
        for place in texts
        for cells in others
    )


def _survey(file: Path, form: _Form) -> tuple[NDArray[np.bool_], int]:
    """Which columns hold numbers only, and the number of rows."""
    count, are_numbers = 0, np.ones(len(form.names), dtype=bool)
    has_value = np.zeros(len(form.names), dtype=bool)
    for cells in _rows(file, form):
        count += 1
        for place in np.flatnonzero(are_numbers):
            cell = cells[place].strip()
            if cell not in MISSING:
                has_value[place] = True
                are_numbers[place] = _is_number(cell, form.decimal)
    return are_numbers & has_value, count


def _rows(file: Path, form: _Form) -> Iterator[list[str]]:
    with _opened(file) as text:
        reader = csv.reader(_lines(file, text), delimiter=form.separator)
        for cells in islice(filter(None, reader), form.first, None):
            if len(cells) != len(form.names):
                raise StudioError(
                    f"{file}, line {reader.line_num}: expected {len(form.names)} values, found {len(cells)}."
                )
            yield cells


@contextmanager
def _opened(file: Path) -> Iterator[TextIO]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            yield text
    except (UnicodeDecodeError, csv.Error) as error:
        raise StudioError(f"{file} is no table in UTF-8 text: please save it as one.") from error


def _lines(file: Path, text: TextIO) -> Iterator[str]:
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise StudioError(
                f"{file} has a line of more than {LONGEST_LINE} characters, as no table of codes has."
            )
        yield line


def _is_number(cell: str, decimal: str) -> bool:
    try:
        _number(cell, decimal)
    except ValueError:
        return False
    return "_" not in cell


def _number(cell: str, decimal: str) -> float:
    cell = cell.strip()
    if cell in MISSING:
        return nan
    return float(cell.replace(",", ".") if decimal == "comma" else cell)
