"""A set of images as the pages of a TIFF stack, with its labels in a table beside it."""

from __future__ import annotations

from pathlib import Path

from lsd_studio.engine.data_files.delimited_text import read_delimited
from lsd_studio.engine.datasets.found_images import FoundImages
from lsd_studio.engine.datasets.stored_parts import (
    Labels,
    Part,
    found_in_parts,
    labels_of_numbers,
    labels_of_texts,
)
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.files import read_pages

MOST_BYTES = 2**31
TABLES = (".csv", ".tsv")
LABEL_NAMES = ("label", "labels", "class", "target", "y")


def table_beside(file: Path) -> Path | None:
    """The table of the same name as a stack."""
    return next((path for ending in TABLES if (path := file.with_suffix(ending)).is_file()), None)


def find_in_stack(file: Path, *, labelled: bool) -> FoundImages:
    """The pages of a TIFF stack, labelled by the column `label`, or the only one, of a `.csv` or `.tsv` beside it.

    Raises:
        StudioError: it is none or damaged, its pages have more bytes than are held in memory, or there are no labels,
            one for each page in their order.
    """
    table = table_beside(file)
    if table is None and labelled:
        raise StudioError(
            f"{file} needs its labels beside it: please save {file.stem}.csv there, with a column label and a line for "
            "each page."
        )
    pages = read_pages(file, MOST_BYTES)
    labels = None if table is None else _labels(table, len(pages))
    said = "without labels" if table is None else f"labelled by {table.name}"
    return found_in_parts(
        str(file),
        [Part(pages, labels, None, file.name)],
        f"Read as a stack of pages, {said}.",
        labelled=labelled,
    )


def _labels(file: Path, pages: int) -> Labels:
    table = read_delimited(file, 1)
    texts = {column.name: column for column in table.others}
    names = [*table.numbers, *texts]
    chosen = names[0] if len(names) == 1 else next((name for name in LABEL_NAMES if name in names), None)
    if chosen is None:
        raise StudioError(
            f"{file} has the columns {', '.join(names[:20])}: please name that of the labels {LABEL_NAMES[0]}."
        )
    where = f"{file}, column {chosen}"
    values = table.numbers.get(chosen)
    count = len(texts[chosen].values) if values is None else len(values)
    if count != pages:
        raise StudioError(f"{where}: expected a label for each of {pages} pages, found {count}.")
    if values is not None:
        return labels_of_numbers(values, where)
    return labels_of_texts(texts[chosen].values, texts[chosen].words, where)
