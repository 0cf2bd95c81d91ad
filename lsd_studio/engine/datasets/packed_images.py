"""Large image sets as one file a split, 8-bit pixels that are mapped into memory rather than read.

A folder with `train.safetensors` and `test.safetensors`, each with `labels` int64 [N] and `images` uint8 [N, C, H, W],
and the names of the labels in its metadata. 100 000 images 96×96×3 are 2.8 GB on the disk; of these the system keeps in
memory what it has room for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter
from safetensors import SafetensorError, safe_open

from lsd_studio.engine.datasets.labelled_images import LabelledImages
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.platform.file_names import utf8_path
from lsd_studio.engine.vocabulary import Split
from lsd_studio.files.json_text import parse_json, validated
from lsd_studio.files.plain_files import check_plain
from lsd_studio.files.writing import unwritable, whole_file

LABEL_NAMES = TypeAdapter(tuple[str, ...])
LARGEST_FILE = 2**40
"""Bytes that a split may have."""


def is_packed(folder: Path) -> bool:
    """Whether the folder holds packed images."""
    return packed_file(folder, "train").is_file() and packed_file(folder, "test").is_file()


def packed_file(folder: Path, split: Split) -> Path:
    """Where the images of a split are."""
    return folder / f"{split}.safetensors"


def pack_images(
    folder: Path,
    split: Split,
    images: Iterable[NDArray[np.uint8]],
    labels: NDArray[np.int64],
    image_shape: tuple[int, int, int],
    label_names: tuple[str, ...],
) -> None:
    """Write a split, image by image, one [C, H, W] for each label; an interrupted writing leaves nothing that is read.

    Raises:
        StudioError: the disk is full or not writable.
    """
    target = packed_file(folder, split)
    header = _header(labels, image_shape, label_names)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(target, error) from error
    with whole_file(target) as file:
        file.write(len(header).to_bytes(8, "little") + header + labels.astype("<i8").tobytes())
        for image in images:
            file.write(np.ascontiguousarray(image, np.uint8).tobytes())


def read_packed(folder: Path, name: str, split: Split) -> LabelledImages:
    """One split of packed images; `name` is that of the data set.

    Raises:
        StudioError: the file is missing, damaged, or holds no labelled images.
    """
    file = packed_file(folder, split)
    try:
        check_plain(file, LARGEST_FILE)
        with utf8_path(file) as place, safe_open(place, framework="numpy") as opened:
            named = parse_json((opened.metadata() or {})["label_names"], file)
            label_names = validated(LABEL_NAMES, named, file)
            labels = opened.get_tensor("labels")
            shape = tuple(opened.get_slice("images").get_shape())
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            start = 8 + length + parse_json(stream.read(length), file)["images"]["data_offsets"][0]
            stream.seek(0)
            checksum = hashlib.file_digest(stream, "sha256").hexdigest()
        images = np.memmap(file, np.uint8, mode="c", offset=start, shape=shape)
        return LabelledImages(name, images.view(np.ndarray), labels, label_names, checksum, split)
    except (OSError, StudioError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise StudioError(
            f"{file} holds no readable images: please make it again, or put an intact copy there."
        ) from error


def _header(
    labels: NDArray[np.int64], image_shape: tuple[int, int, int], label_names: tuple[str, ...]
) -> bytes:
    pixels, size = labels.size * 8, labels.size * prod(image_shape)
    described = {
        "__metadata__": {"label_names": json.dumps(label_names)},
        "labels": {"dtype": "I64", "shape": [labels.size], "data_offsets": [0, pixels]},
        "images": {
            "dtype": "U8",
            "shape": [labels.size, *image_shape],
            "data_offsets": [pixels, pixels + size],
        },
    }
    text = json.dumps(described).encode()
    return text + b" " * (-len(text) % 8)
