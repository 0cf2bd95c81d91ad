"""Sets of images as arrays in `.npz` and HDF5 files: which arrays are images, which their labels, and of what split."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.data_files.hdf5_files import (
    check_dataset,
    datasets,
    is_text,
    opened_hdf5,
    stored_array,
    texts_of,
)
from lsd_studio.engine.data_files.numpy_files import read_npz
from lsd_studio.engine.data_files.stored_array import MOST_IN_MEMORY, StoredArray
from lsd_studio.engine.datasets.found_images import SPLIT_NAMES, FoundImages
from lsd_studio.engine.datasets.stored_parts import (
    Labels,
    Part,
    found_in_parts,
    labels_of_numbers,
    labels_of_texts,
)
from lsd_studio.engine.errors import StudioError

IMAGE_WORDS = frozenset({"image", "images", "imgs", "img", "pictures", "x", "data"})
LABEL_WORDS = frozenset({"label", "labels", "target", "targets", "class", "classes", "y"})
MOST_CHANNELS = 4
NUMBERS = "buif"
"""Kinds of NumPy's types that are pixels."""

MOST_OF_LABELS = 2**28
"""Bytes of an array of labels."""

MOST_LISTED = 10


def find_in_npz(file: Path, *, labelled: bool) -> FoundImages:
    """The images of an `.npz` file, as MedMNIST's and others.

    Raises:
        StudioError: as `find_in_arrays`, or it is no such file.
    """
    return find_in_arrays(file, read_npz(file), "NumPy arrays", labelled=labelled)


def find_in_hdf5(file: Path, *, labelled: bool) -> FoundImages:
    """The images of an HDF5 file; links are not followed.

    Raises:
        StudioError: as `find_in_arrays`, or it is no such file.
    """
    arrays, refused = _arrays_of_hdf5(file)
    if refused and not any(map(_may_be_images, arrays)):
        raise refused[0]
    return find_in_arrays(file, arrays, "HDF5 arrays", labelled=labelled)


def holds_images(file: Path) -> bool:
    """Whether a file of arrays holds images and no codes, by its arrays' shapes and names alone.

    Whole numbers [N, M] may be codes, or several labels of an image: the latter where images have labels beside them.

    Raises:
        StudioError: it is no such file.
    """
    arrays = read_npz(file) if file.suffix.lower() == ".npz" else _arrays_of_hdf5(file)[0]
    tables = [one for one in arrays if one.is_table and one.shape[1] > 1]
    if not any(map(_may_be_images, arrays)) or any(one.kind == "f" for one in tables):
        return False
    return not tables or all(labels is not None for _, labels in _pairs(file, arrays).values())


def find_in_arrays(file: Path, arrays: Sequence[StoredArray], what: str, *, labelled: bool) -> FoundImages:
    """The images that arrays [N, H, W], [N, H, W, C] or [N, C, H, W] are, and the labels [N] or [N, 1] beside them.

    Names that contain train, val or test, such as `train_images`, `x_test` or `train/images`, say the split.

    Args:
        what: they are, in words.
        labelled: whether labels are needed.

    Raises:
        StudioError: several arrays may be meant, there are none, they do not belong together, hold Python objects, or
            are larger than what is read into memory.
    """
    if not any(map(_may_be_images, arrays)):
        for one in arrays:
            one.refuse_objects(file)
        raise StudioError(
            f"{file} holds no images: please save arrays [N, height, width] or [N, height, width, channels] of them, "
            "and their labels [N]."
        )
    parts = []
    for kind, (images, labels) in _pairs(file, arrays).items():
        known = None if labels is None else _labels(labels.place(file), _values(file, labels, MOST_OF_LABELS))
        parts.append(Part(_pictures(file, images), known, kind, images.name))
    named = ", ".join(part.name for part in parts)
    labels_named = "with their labels" if all(part.labels is not None for part in parts) else "without labels"
    return found_in_parts(str(file), parts, f"Read as {what}: {named}, {labels_named}.", labelled=labelled)


def _pairs(
    file: Path, arrays: Sequence[StoredArray]
) -> dict[str | None, tuple[StoredArray, StoredArray | None]]:
    """The images and labels of each split."""
    kinds = dict.fromkeys(_kind_of(one) for one in arrays if _may_be_images(one))
    pairs = {}
    for kind in kinds:
        own = [one for one in arrays if _kind_of(one) == kind]
        images = _only(file, [one for one in own if _may_be_images(one)], IMAGE_WORDS, "images")
        assert images is not None
        count = images.shape[0]
        rows = [one for one in own if one.shape in ((count,), (count, 1)) and one.kind in f"{NUMBERS}USO"]
        labels = _only(file, rows, LABEL_WORDS, "labels")
        if labels is None and (other := next((one for one in own if _words(one) & LABEL_WORDS), None)):
            raise StudioError(
                f"{other.place(file)}: expected a label for each of the {count} images, found {list(other.shape)}."
            )
        pairs[kind] = images, labels
    return pairs


def _only(file: Path, arrays: Sequence[StoredArray], words: frozenset[str], what: str) -> StoredArray | None:
    """The only array, or the only one that is named so."""
    if len(arrays) < 2:
        return arrays[0] if arrays else None
    named = [one for one in arrays if _words(one) & words]
    if len(named) != 1:
        listed = ", ".join(one.described for one in (named or arrays)[:MOST_LISTED])
        raise StudioError(
            f"{file} holds several arrays that may be the {what}: {listed}; please name one of them {what}."
        )
    return named[0]


def _words(one: StoredArray) -> frozenset[str]:
    return frozenset(re.split(r"[^a-z]+", one.name.lower()))


def _kind_of(one: StoredArray) -> str | None:
    return next((SPLIT_NAMES[word] for word in sorted(_words(one)) if word in SPLIT_NAMES), None)


def _may_be_images(one: StoredArray) -> bool:
    return len(one.shape) in (3, 4) and min(one.shape) > 0 and one.kind in NUMBERS


def _values(file: Path, one: StoredArray, most: int) -> NDArray[Any]:
    one.refuse_objects(file)
    size = prod(one.shape) * one.itemsize
    if size > most and not one.is_mapped:
        raise StudioError(
            f"{one.place(file)}: takes {size} bytes, and at most {most} are read into memory; please save "
            "fewer or smaller images."
        )
    return one.read()


def _pictures(file: Path, one: StoredArray) -> NDArray[Any]:
    """Images [N, H, W] or [N, H, W, C] of N such."""
    if len(one.shape) == 4 and one.shape[3] > MOST_CHANNELS:
        if one.shape[1] > MOST_CHANNELS:
            raise StudioError(
                f"{one.place(file)}: expected images [N, height, width] or with 1 to {MOST_CHANNELS} channels, found "
                f"{list(one.shape)}."
            )
        return np.moveaxis(_values(file, one, MOST_IN_MEMORY), 1, 3)
    return _values(file, one, MOST_IN_MEMORY)


def _labels(where: str, values: NDArray[Any]) -> Labels:
    if values.dtype.kind in NUMBERS:
        return labels_of_numbers(values, where)
    texts = np.char.decode(values, "utf-8", "replace") if values.dtype.kind == "S" else values
    words, places = np.unique(texts, return_inverse=True)
    return labels_of_texts(places.reshape(-1), words.tolist(), where)


def _arrays_of_hdf5(file: Path) -> tuple[list[StoredArray], list[StudioError]]:
    """The arrays of a file, and what is said of those that are refused."""
    arrays, refused = [], []
    with opened_hdf5(file) as opened:
        for path, dataset in datasets(file, opened)[0].items():
            try:
                if is_text(dataset):
                    check_dataset(file, dataset)
                    arrays.append(StoredArray(path, dataset.shape, "U", 1, partial(_texts, file, path)))
                elif dataset.shape:
                    arrays.append(stored_array(file, path, dataset))
            except StudioError as error:
                refused.append(error)
    return arrays, refused


def _texts(file: Path, path: str) -> NDArray[Any]:
    with opened_hdf5(file) as opened:
        places, words = texts_of(file, opened[path])
    return np.array(words, dtype=object)[places]
