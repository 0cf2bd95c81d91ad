"""Sets of images in Parquet tables, as Hugging Face's: a column of image files with their bytes, and one of labels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lsd_studio.engine.data_files.arrow_files import (
    MOST_IMAGE_BYTES,
    Numbers,
    Texts,
    is_image,
    opened_arrow,
    plain_filler,
)
from lsd_studio.engine.datasets.found_images import SPLIT_NAMES, FoundImages
from lsd_studio.engine.datasets.stored_parts import (
    Labels,
    Part,
    check_number,
    found_in_parts,
    labels_of_numbers,
    labels_of_texts,
)
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.platform.file_names import readable
from lsd_studio.files.json_text import parse_json

if TYPE_CHECKING:
    import pyarrow

IMAGE_NAMES, LABEL_NAMES = ("image", "img", "images"), ("label", "labels", "class", "target", "y")
MOST_ROWS = 10_000_000
MOST_FILES = 1000


def find_in_parquet(where: Path, files: Sequence[Path], *, labelled: bool) -> FoundImages:
    """The images of the Parquet files of a set, of which names such as `train-00000-of-00001.parquet` say the split.

    Where Hugging Face's description in a file names the labels, these are their names.

    Raises:
        StudioError: pyarrow is not installed, a file is none or damaged, has no such columns or several that may be
            meant, or the images have more bytes than are held in memory.
    """
    if len(files) > MOST_FILES:
        raise StudioError(f"{where} holds {len(files)} files, and at most {MOST_FILES} are read.")
    left, parts, said = MOST_IMAGE_BYTES, [], ""
    for file in files:
        part, size, said = _part(file, left)
        left -= size
        parts.append(part)
    found = found_in_parts(str(where), parts, said, labelled=labelled)
    beside = sum(path.suffix.lower() == where.suffix.lower() for path in where.parent.iterdir())
    if where not in files or beside == 1:
        return found
    note = f"{where.name} alone is read, of {beside} tables in its folder: name the folder for all of them."
    return replace(found, notes=(*found.notes, note))


def holds_images(file: Path) -> bool:
    """Whether a Parquet file has a column of image files with their bytes and none of arrays, such as codes.

    Raises:
        StudioError: pyarrow is not installed, or it is no such file.
    """
    from pyarrow import types

    with opened_arrow(file) as opened:
        kinds = [field.type for field in opened.schema]
    lists = any(types.is_list(kind) or types.is_fixed_size_list(kind) for kind in kinds)
    return any(map(is_image, kinds)) and not lists


def _part(file: Path, most_bytes: int) -> tuple[Part, int, str]:
    """What one file holds, how many bytes of images that is, and how it was read."""
    with opened_arrow(file) as opened:
        schema = opened.schema
        image = _image_column(file, schema)
        label, names = _label_column(file, schema)
        if opened.count > MOST_ROWS:
            raise StudioError(f"{file} says it has {opened.count} rows, and at most {MOST_ROWS} are read.")
        filler = None if label is None else plain_filler(schema.field(label).type, opened.count)
        images: list[bytes | None] = []
        size = 0
        for batch in opened.batches([image] if label is None else [image, label]):
            contents = batch.column(batch.schema.get_field_index(image)).field("bytes")
            size += contents.nbytes
            if size > most_bytes:
                raise StudioError(
                    f"{file} holds images of more than {MOST_IMAGE_BYTES} bytes in all, which are held in memory; "
                    "please save fewer or smaller ones."
                )
            if filler is not None:
                filler.fill(len(images), batch.column(batch.schema.get_field_index(label)))
                check_number(len(filler.words) if isinstance(filler, Texts) else 0, f"{file}, column {label}")
            images += [content or None for content in contents.to_pylist()]
    labels_in = "no labels" if label is None else f"labels in “{label}”"
    said = f"Read as a Parquet table: images in the column “{image}”, {labels_in}."
    kind = next(
        (SPLIT_NAMES[word] for word in re.split(r"[^a-z]+", file.stem.lower()) if word in SPLIT_NAMES), None
    )
    return Part(images, _labels(f"{file}, column {label}", filler, names), kind, file.name), size, said


def _labels(where: str, filler: Numbers | Texts | None, names: Sequence[str]) -> Labels | None:
    if filler is None:
        return None
    if isinstance(filler, Texts):
        return labels_of_texts(filler.places, list(filler.words), where)
    return labels_of_numbers(filler.values, where, names)


def _image_column(file: Path, schema: pyarrow.Schema) -> str:
    found = [field.name for field in schema if is_image(field.type)]
    if not found:
        raise StudioError(
            f"{file} holds no images: please save a column of image files with their bytes, as Hugging Face's data "
            "sets have it."
        )
    return _only(file, found, IMAGE_NAMES, "images")


def _label_column(file: Path, schema: pyarrow.Schema) -> tuple[str | None, tuple[str, ...]]:
    """Name of the column of labels and the labels' own names, where they are known."""
    from pyarrow import types

    described = _class_names(file, schema)
    plain = [
        field.name
        for field in schema
        if not types.is_floating(field.type) and plain_filler(field.type, 0) is not None
    ]
    found = [name for name in plain if name in described] or plain
    if not found:
        return None, ()
    chosen = _only(file, found, LABEL_NAMES, "labels")
    return chosen, described.get(chosen, ())


def _only(file: Path, found: Sequence[str], names: Sequence[str], what: str) -> str:
    """The only column, or the first one that is named so."""
    if len(found) == 1:
        return found[0]
    chosen = next((name for name in names if name in found), None)
    if chosen is None:
        raise StudioError(
            f"{file} has several columns that may be the {what}: {', '.join(found[:20])}; please name one of them "
            f"{names[0]}."
        )
    return chosen


def _class_names(file: Path, schema: pyarrow.Schema) -> dict[str, tuple[str, ...]]:
    """The names of labels by column, as Hugging Face's description of a table has them; what is none is passed over."""
    text = (schema.metadata or {}).get(b"huggingface")
    if text is None:
        return {}
    described = parse_json(text, file)
    found = {}
    for part in ("info", "features"):
        described = described.get(part) if isinstance(described, dict) else None
    for name, feature in described.items() if isinstance(described, dict) else ():
        names = feature.get("names") if isinstance(feature, dict) else None
        if isinstance(names, list) and all(isinstance(each, str) and each for each in names):
            check_number(len(names), f"{file}, column {name}")
            if names and len(set(names)) == len(names):
                found[name] = tuple(map(readable, names))
    return found
