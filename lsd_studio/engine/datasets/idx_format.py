"""The IDX format of MNIST and its relatives: big-endian header, then the bytes of one array."""

from __future__ import annotations

import gzip
import hashlib
import io
import struct
import zlib
from math import prod

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.datasets.labelled_images import LabelledImages
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.vocabulary import Split

_UNSIGNED_BYTE = 0x08

LARGEST_IDX = 2**30
"""Bytes of a file, and of what it unpacks to."""


def read_idx(content: bytes, file_name: str) -> NDArray[np.uint8]:
    """The uint8 array in the bytes of an IDX file, gzipped or not; `file_name` names it in errors.

    Raises:
        StudioError: the bytes are no IDX file of unsigned bytes, are cut short, or unpack to too many.
    """
    broken = StudioError(f"{file_name} is damaged or is no IDX file: please replace it by an intact copy.")
    packed = content[:2] == b"\x1f\x8b"
    try:
        with gzip.open(io.BytesIO(content)) if packed else io.BytesIO(content) as stream:
            start = stream.read(4)
            if len(start) < 4 or start[:3] != bytes((0, 0, _UNSIGNED_BYTE)) or start[3] == 0:
                raise broken
            shape = struct.unpack(f">{start[3]}I", stream.read(4 * start[3]))
            size = prod(shape)
            if size > LARGEST_IDX:
                raise StudioError(
                    f"{file_name}: its header says {size} bytes, and at most {LARGEST_IDX} are read into memory; "
                    "please save fewer images."
                )
            values = stream.read(size + 1)
    except (OSError, EOFError, zlib.error, struct.error) as error:
        raise broken from error
    if len(values) != size:
        raise broken
    return np.frombuffer(values, np.uint8).reshape(shape).copy()


def labelled_images_from_idx(
    name: str,
    split: Split,
    images_file: tuple[str, bytes],
    labels_file: tuple[str, bytes],
    label_names: tuple[str, ...],
) -> LabelledImages:
    """One split of a grey data set from its two IDX files, each given as (name, content).

    The first file holds uint8 [N, H, W], the second uint8 [N] with labels 0…l−1.

    Raises:
        StudioError: a file is damaged, or the two do not belong together.
    """
    images = read_idx(images_file[1], images_file[0])
    labels = read_idx(labels_file[1], labels_file[0])
    fits = images.ndim == 3 and len(images) > 0 and labels.shape == images.shape[:1]
    if not fits or labels.max() >= len(label_names):
        raise StudioError(
            f"{images_file[0]} and {labels_file[0]} do not belong together: expected images [N, H, W] and "
            f"N labels 0…{len(label_names) - 1}, found {list(images.shape)} and {list(labels.shape)}."
        )
    checksum = hashlib.sha256(images_file[1] + labels_file[1]).hexdigest()
    return LabelledImages(name, images[:, None], labels.astype(np.int64), label_names, checksum, split)
