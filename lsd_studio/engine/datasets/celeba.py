"""CelebA (Z. Liu et al., 2015), the faces of the posts (R24), where a person has it, read by torchvision."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lsd_studio.engine.datasets.labelled_images import LabelledImages, Progress
from lsd_studio.engine.datasets.packed_images import is_packed, pack_images, read_packed
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.vocabulary import Split

EDGE = 96
"""Pixels a side, as in the posts."""

ATTRIBUTE, LABEL_NAMES = "Smiling", ("not smiling", "smiling")
"""The attribute that labels the faces; CelebA has no classes of its own."""


def load_celeba(folder: Path, split: Split, progress: Progress | None) -> LabelledImages:
    """One split of CelebA, 3×96×96, from `folder`, where its images are cut and packed once.

    Args:
        folder: holds `celeba/img_align_celeba` and the lists beside it, as torchvision lays them out; what is packed
            is stored beside them.

    Raises:
        StudioError: CelebA is not there, an image is damaged, or the disk is full.
    """
    packed = folder / "celeba"
    splits: tuple[Split, ...] = ("train", "test")
    if not is_packed(packed):
        for part in splits:
            _pack(folder, packed, part, progress)
    return read_packed(packed, "celeba", split)


def face_of(image: Image.Image) -> NDArray[np.uint8]:
    """The square in the middle of an aligned image, where the face is, as uint8 [3, 96, 96]."""
    width, height = image.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    square = image.convert("RGB").crop((left, top, left + side, top + side))
    scaled = square.resize((EDGE, EDGE), Image.Resampling.LANCZOS)
    return np.ascontiguousarray(np.asarray(scaled).transpose(2, 0, 1))


def _pack(folder: Path, packed: Path, split: Split, progress: Progress | None) -> None:
    from torchvision.datasets import CelebA

    try:
        faces = CelebA(folder, split=split, target_type="attr", download=False)
    except (RuntimeError, OSError) as error:
        raise StudioError(
            f"CelebA is not in {folder / 'celeba'}: please put its folder img_align_celeba and its lists there, or, "
            f"with gdown installed, run `python -c \"from torchvision.datasets import CelebA; CelebA('{folder}', "
            'download=True)"`.'
        ) from error
    labels = faces.attr[:, faces.attr_names.index(ATTRIBUTE)].numpy().astype(np.int64)

    def cut() -> Iterator[NDArray[np.uint8]]:
        for place in range(len(faces)):
            if progress is not None and place % 500 == 0:
                progress(f"Cutting faces of CelebA ({split})", place / len(faces))
            yield face_of(faces[place][0])

    pack_images(packed, split, cut(), labels, (3, EDGE, EDGE), LABEL_NAMES)
