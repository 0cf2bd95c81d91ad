"""Tables of Parquet and Arrow (Feather): columns of numbers, texts and categories, and of arrays of one length."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.data_files.columns import Column, column_of_words
from lsd_studio.engine.data_files.stored_array import MOST_COLUMNS, MOST_VALUES, StoredArray
from lsd_studio.engine.data_files.table import Table
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.platform.file_names import utf8_path
from lsd_studio.files.plain_files import check_plain

if TYPE_CHECKING:
    import pyarrow

LARGEST_FILE = 2**42
ROWS_AT_ONCE = 8192
MOST_IMAGE_BYTES = 2**30
"""Bytes of all image files in a table, which are held in memory."""

LARGEST_THRIFT = 2**26
"""Bytes of a text in a Parquet file's description of itself, and entries of a list there."""


def read_arrow(file: Path) -> Table:
    """The table in a `.parquet`, `.arrow` or `.feather` file; columns of other kinds are left out and named.

    Raises:
        StudioError: pyarrow is not installed, it is no such file or damaged, or it holds too many values.
    """
    with opened_arrow(file) as opened:
        schema, count = opened.schema, opened.count
        if len(schema) > MOST_COLUMNS or count * len(schema) > MOST_VALUES:
            raise StudioError(
                f"{file} holds {count} rows of {len(schema)} columns: at most {MOST_COLUMNS} columns and {MOST_VALUES} "
                "values are read; please save the codes as .npy."
            )
        fillers = {field.name: _filler(file, field, count) for field in schema}
        if len(fillers) < len(schema):
            raise StudioError(f"{file} has two columns of one name: please rename one of them.")
        known = {name: filler for name, filler in fillers.items() if filler is not None}
        first = 0
        for batch in opened.batches(None):
            if first + len(batch) > count:
                raise _damaged(file)
            for name, filler in known.items():
                filler.fill(first, batch.column(schema.get_field_index(name)))
            first += len(batch)
        if first < count:
            raise _damaged(file)
    left_out = [name for name, filler in fillers.items() if filler is None]
    notes = [f"Columns that hold neither numbers, texts nor arrays are left out: {', '.join(left_out[:20])}."]
    images = [filler.files for filler in known.values() if isinstance(filler, _Images) and any(filler.files)]
    return Table(
        numbers={name: filler.values for name, filler in known.items() if isinstance(filler, Numbers)},
        others=[filler.column(name) for name, filler in known.items() if isinstance(filler, Texts)],
        arrays=[filler.array(name) for name, filler in known.items() if isinstance(filler, _Arrays)],
        notes=notes if left_out else (),
        images=images[0] if images else (),
    )


class Numbers:
    """A column of numbers or truth values, of N rows; `values` float64 [N], NaN where missing."""

    def __init__(self, count: int) -> None:
        self.values = np.full(count, np.nan)

    def fill(self, first: int, values: pyarrow.Array) -> None:
        """Take the values of the rows from `first` on."""
        import pyarrow

        numbers = values.cast(pyarrow.float64(), safe=False)
        self.values[first : first + len(values)] = numbers.to_numpy(zero_copy_only=False)


class Texts:
    """A column of texts or categories, of N rows.

    Attributes:
        places: int64 [N] in `words`, −1 where missing; words: the different ones, in the order of their places.
    """

    def __init__(self, count: int) -> None:
        self.places = np.full(count, -1, np.int64)
        self.words: dict[str, int] = {}

    def fill(self, first: int, values: pyarrow.Array) -> None:
        """Take the values of the rows from `first` on."""
        import pyarrow

        coded = values if pyarrow.types.is_dictionary(values.type) else values.dictionary_encode()
        own = [self.words.setdefault(str(word), len(self.words)) for word in coded.dictionary.to_pylist()]
        places = coded.indices.cast(pyarrow.float64()).to_numpy(zero_copy_only=False)
        missing = np.isnan(places)
        known = np.array([*own, -1])[np.where(missing, len(own), places).astype(np.int64)]
        self.places[first : first + len(values)] = known

    def column(self, name: str) -> Column:
        """The column itself."""
        return column_of_words(name, self.places, list(self.words))


class _Arrays:
    """A column of arrays of one length; a missing one is NaN."""

    def __init__(self, file: Path, count: int) -> None:
        self._file, self._count = file, count
        self._values: NDArray[np.float32] | None = None

    def fill(self, first: int, values: pyarrow.Array) -> None:
        import pyarrow
        import pyarrow.compute

        lengths = pyarrow.compute.list_value_length(values).drop_null().unique().to_pylist()
        if not lengths:
            return
        if self._values is None:
            if self._count * lengths[0] > MOST_VALUES:
                raise StudioError(
                    f"{self._file} holds {self._count} arrays of {lengths[0]} numbers, and at most {MOST_VALUES} "
                    "numbers are read; please save the codes as .npy."
                )
            self._values = np.full((self._count, lengths[0]), np.nan, np.float32)
        if lengths != [self._values.shape[1]]:
            raise StudioError(
                f"{self._file} has a column of arrays of several lengths: codes have one length."
            )
        rows = first + np.flatnonzero(values.is_valid().to_numpy(zero_copy_only=False))
        flat = values.drop_null().flatten().cast(pyarrow.float32(), safe=False)
        self._values[rows] = flat.to_numpy(zero_copy_only=False).reshape(len(rows), -1)

    def array(self, name: str) -> StoredArray:
        values = np.empty((self._count, 0), np.float32) if self._values is None else self._values
        return StoredArray(name, values.shape, "f", 4, lambda: values)


class _Images:
    """A column of image files with their bytes, as Hugging Face's data sets have it."""

    def __init__(self, file: Path, count: int) -> None:
        self._file, self._size = file, 0
        self.files = [b""] * count

    def fill(self, first: int, values: pyarrow.Array) -> None:
        contents = values.field("bytes")
        self._size += contents.nbytes
        if self._size > MOST_IMAGE_BYTES:
            raise StudioError(
                f"{self._file} holds images of more than {MOST_IMAGE_BYTES} bytes in all; please save the codes with "
                "the names of image files."
            )
        for place, content in enumerate(contents.to_pylist(), start=first):
            self.files[place] = content or b""


def is_image(kind: pyarrow.DataType) -> bool:
    """Whether a column of this type holds image files with their bytes, as Hugging Face's data sets have it."""
    from pyarrow import types

    if not types.is_struct(kind) or kind.get_field_index("bytes") < 0:
        return False
    content = kind.field("bytes").type
    return types.is_binary(content) or types.is_large_binary(content)


def plain_filler(kind: pyarrow.DataType, count: int) -> Numbers | Texts | None:
    """What takes the values of a column of this type and so many rows; None where these are no numbers or texts."""
    from pyarrow import types

    if types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind) or types.is_decimal(kind):
        return Numbers(count)
    if types.is_dictionary(kind):
        kind = kind.value_type
    return Texts(count) if types.is_string(kind) or types.is_large_string(kind) else None


def _filler(file: Path, field: pyarrow.Field, count: int) -> Numbers | Texts | _Arrays | _Images | None:
    from pyarrow import types

    kind = field.type
    if is_image(kind):
        return _Images(file, count)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        numbers = types.is_floating(kind.value_type) or types.is_integer(kind.value_type)
        return _Arrays(file, count) if numbers else None
    return plain_filler(kind, count)


@dataclass(frozen=True, eq=False)
class OpenedTable:
    """A table that is open for reading.

    Attributes:
        count: its number of rows.
        batches: gives them a few at a time, each checked before it is used, of the columns with these names or of all.
    """

    schema: pyarrow.Schema
    count: int
    batches: Callable[[Sequence[str] | None], Iterator[pyarrow.RecordBatch]]


@contextmanager
def opened_arrow(file: Path) -> Iterator[OpenedTable]:
    """The table in a `.parquet`, `.arrow` or `.feather` file, known by its schema before anything is unpacked.

    Raises:
        StudioError: pyarrow is not installed, or it is no such file or damaged.
    """
    check_plain(file, LARGEST_FILE)
    try:
        import pyarrow
        import pyarrow.ipc
        import pyarrow.parquet
    except ImportError as error:
        raise StudioError(
            f"{file} needs pyarrow, which is not installed: please run `pip install 'lsd-studio[parquet]'`."
        ) from error
    try:
        with utf8_path(file) as place:
            if file.suffix.lower() == ".parquet":
                with pyarrow.parquet.ParquetFile(
                    place,
                    memory_map=True,
                    thrift_string_size_limit=LARGEST_THRIFT,
                    thrift_container_size_limit=LARGEST_THRIFT,
                ) as opened:
                    yield OpenedTable(
                        opened.schema_arrow, opened.metadata.num_rows, partial(_of_parquet, opened)
                    )
            else:
                with pyarrow.memory_map(place) as mapped, pyarrow.ipc.open_file(mapped) as opened:
                    places = range(opened.num_record_batches)
                    count = sum(opened.get_batch(place).num_rows for place in places)
                    yield OpenedTable(opened.schema, count, partial(_of_arrow, opened))
    except (pyarrow.ArrowException, OSError, ValueError, KeyError) as error:
        raise _damaged(file) from error


def _of_parquet(opened: Any, columns: Sequence[str] | None) -> Iterator[pyarrow.RecordBatch]:
    """Batches so small that images and texts, which may be stored once for many rows, do not fill the memory."""
    metadata = opened.metadata
    largest = 1
    for group in range(metadata.num_row_groups):
        for place in range(metadata.num_columns):
            part = metadata.row_group(group).column(place)
            wanted = columns is None or part.path_in_schema.partition(".")[0] in columns
            if wanted and part.physical_type == "BYTE_ARRAY":
                largest = max(largest, part.total_uncompressed_size)
    rows = max(1, min(ROWS_AT_ONCE, MOST_IMAGE_BYTES // largest))
    yield from map(_checked, opened.iter_batches(rows, columns=columns))


def _of_arrow(opened: Any, columns: Sequence[str] | None) -> Iterator[pyarrow.RecordBatch]:
    for place in range(opened.num_record_batches):
        batch = _checked(opened.get_batch(place))
        yield batch if columns is None else batch.select(columns)


def _checked(batch: pyarrow.RecordBatch) -> pyarrow.RecordBatch:
    batch.validate(full=True)
    return batch


def _damaged(file: Path) -> StudioError:
    return StudioError(f"{file} is no table of Parquet or Arrow, or is damaged: please save it again.")
