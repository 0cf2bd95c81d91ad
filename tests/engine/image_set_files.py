"""Small sets of pictures in the files that people have, written by other programs' own writers."""

from __future__ import annotations

import gzip
import io
import json
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def drawn(count: int, labels: int = 2, edge: int = 8, seed: int = 0) -> tuple[NDArray, NDArray]:
    """Pictures uint8 [N, edge, edge] that differ, a bar at another place for each label 0…, and the labels [N]."""
    random = np.random.default_rng(seed)
    images = random.integers(0, 60, (count, edge, edge), dtype=np.uint8)
    numbers = np.arange(count) % labels
    for image, label in zip(images, numbers, strict=True):
        image[:, 2 + 2 * label] = 240
    return images, numbers


def png(pixels: NDArray) -> bytes:
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


def write_medmnist(file: Path, train: int = 24, val: int = 6, test: int = 10) -> Path:
    arrays = {}
    for seed, (split, count) in enumerate((("train", train), ("val", val), ("test", test))):
        images, labels = drawn(count, seed=seed)
        arrays |= {f"{split}_images": images, f"{split}_labels": labels[:, None].astype(np.uint8)}
    np.savez_compressed(file, **arrays)
    return file


def write_parquet(
    file: Path,
    images: Sequence[bytes | None],
    labels: NDArray | list,
    names: Sequence[str] = (),
    **ways: object,
) -> Path:
    """As Hugging Face's `Dataset.to_parquet` does: a struct of bytes and path, and its description in the schema."""
    import pyarrow
    from pyarrow import parquet

    struct_of_image = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    rows = [
        None if one is None else {"bytes": one, "path": f"{place}.png"} for place, one in enumerate(images)
    ]
    table = pyarrow.table({"image": pyarrow.array(rows, struct_of_image), "label": pyarrow.array(labels)})
    if names:
        label = {"names": list(names), "_type": "ClassLabel"}
        described = {"info": {"features": {"image": {"_type": "Image"}, "label": label}}}
        table = table.replace_schema_metadata({"huggingface": json.dumps(described)})
    file.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(table, file, **{"row_group_size": 10, **ways})
    return file


def write_idx(file: Path, array: NDArray) -> Path:
    content = (
        struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
        + array.astype(np.uint8).tobytes()
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(content) if file.suffix == ".gz" else content)
    return file


def write_tiff(file: Path, pages: Sequence[NDArray], compression: str | None = "tiff_lzw") -> Path:
    first, *others = map(Image.fromarray, pages)
    first.save(file, save_all=True, append_images=others, compression=compression)
    return file
