"""A folder of images with one sub-folder a label as a data set: labels, size and channels are read from it (R10)."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.datasets.labelled_images import UNLABELLED, LabelledImages, Progress, Split
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.image_files import SUFFIXES, flatten_transparency, match_channels, read_image

TEST_IMAGE_EVERY = 6
"""Where a folder does not say which images are for testing, every sixth of a label is."""


def load_image_folder(
    folder: Path, split: Split, progress: Progress | None, *, labelled: bool = True
) -> LabelledImages:
    """One split of a folder of images.

    The folder holds one sub-folder a label, or `train` and `test`, which each hold them. Without these two every
    sixth image of each label, by sorted names, is a test image. Names are sorted with numbers in them as numbers.
    Images of all labels are interleaved in proportion, so that any stretch of them shows every label. Most images'
    kind, grey or colour, is taken for all. Hidden files and files that are not named like images are passed over.

    Args:
        labelled: whether two labels are needed. Where not, images may lie in the folder itself, or in `train` and
            `test`, and are all called unlabelled; or there may be one label only.

    Raises:
        StudioError: there are too few labels or a label without images, a file cannot be read or lies outside
            the folder, images differ in size, or the labels of `train` and `test` differ.
    """
    files_by_label = _files_by_label(folder, split, labelled)
    files = _interleaved(list(files_by_label.values()))
    digest = hashlib.sha256()
    pictures = []
    for count, (path, _) in enumerate(files, start=1):
        digest.update(_content(path))
        pictures.append(flatten_transparency(read_image(path).pixels)[0])
        if pictures[-1].shape[:2] != pictures[0].shape[:2]:
            raise StudioError(
                f"{path} has {_size(pictures[-1])} pixels and {files[0][0]} has {_size(pictures[0])}: "
                "please bring all images to one size."
            )
        if progress is not None:
            progress(f"Reading images of {folder.name}", count / len(files))
    kinds = Counter(picture.ndim for picture in pictures)
    planes = _planes(pictures, 3 if kinds[3] > kinds[2] else 1)
    labels = np.array([label for _, label in files], dtype=np.int64)
    return LabelledImages(str(folder), planes, labels, tuple(files_by_label), digest.hexdigest(), split)


def _planes(pictures: list[NDArray[np.uint8]], channels: int) -> NDArray[np.uint8]:
    """Pictures as uint8 [N, C, H, W]; the list is emptied on the way, so that large sets are in memory once."""
    planes = np.empty((len(pictures), channels, *pictures[0].shape[:2]), np.uint8)
    while pictures:
        matched, _ = match_channels(pictures.pop(), channels)
        planes[len(pictures)] = matched if channels == 1 else np.moveaxis(matched, 2, 0)
    return planes


def _files_by_label(folder: Path, split: Split, labelled: bool) -> dict[str, list[Path]]:
    given = {name: folder / name for name in ("train", "test")}
    if not all(path.is_dir() for path in given.values()):
        files_by_label = _of_labels(folder, folder, labelled)
        return {label: _part(files, split) for label, files in files_by_label.items()}
    splits = {name: _of_labels(path, folder, labelled) for name, path in given.items()}
    differing = sorted(set(splits["train"]) ^ set(splits["test"]), key=_natural)
    if differing:
        raise StudioError(
            f"The label {differing[0]} is in only one of {given['train']} and {given['test']}: "
            "please give both the same sub-folders."
        )
    return splits[split]


def _of_labels(place: Path, root: Path, labelled: bool) -> dict[str, list[Path]]:
    """The image files of each label in `place`, none of which may lie outside of `root`."""
    labels = [path for path in _entries(place) if path.is_dir()]
    if not labels and not labelled:
        return {UNLABELLED[0]: _image_files(place, root, f"{place} holds no image: please add some.")}
    if len(labels) < 2 and labelled:
        found = f"only {labels[0].name}" if labels else "none"
        raise StudioError(
            f"{place} needs a sub-folder of images for each of at least two labels, found {found}; images without "
            "labels can be looked at in Latent space, and autoencoders can be trained on them."
        )
    return {
        label.name: _image_files(
            label, root, f"{label} holds no image: please add images or remove the sub-folder."
        )
        for label in labels
    }


def _image_files(place: Path, root: Path, where_none: str) -> list[Path]:
    files = [path for path in _entries(place) if path.suffix.lower() in SUFFIXES]
    if not files:
        raise StudioError(where_none)
    for path in files:
        if not path.resolve().is_relative_to(root.resolve()):
            raise StudioError(f"{path} is a link out of {root}: please put the image itself there.")
    return files


def _part(files: list[Path], split: Split) -> list[Path]:
    if len(files) < 2:
        raise StudioError(
            f"{files[0].parent} holds one image: at least two are needed, one to train on and one to test with."
        )
    test = set(range(TEST_IMAGE_EVERY - 1, len(files), TEST_IMAGE_EVERY)) or {len(files) - 1}
    return [path for place, path in enumerate(files) if (place in test) == (split == "test")]


def _interleaved(files_by_label: list[list[Path]]) -> list[tuple[Path, int]]:
    """Files with their labels 0…l−1, ordered by how far into their own label each is."""
    placed = [
        ((place + 0.5) / len(files), label, path)
        for label, files in enumerate(files_by_label)
        for place, path in enumerate(files)
    ]
    return [(path, label) for _, label, path in sorted(placed, key=lambda entry: entry[:2])]


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(
            (path for path in folder.iterdir() if path.name[0] != "."), key=lambda path: _natural(path.name)
        )
    except OSError as error:
        raise StudioError(
            f"{folder} cannot be read ({error.strerror}): please check its permissions."
        ) from error


def _natural(name: str) -> tuple[list[str | int], str]:
    """Sorts 2 before 10; text and numbers alternate, so that like is compared with like."""
    parts = re.split(r"([0-9]+)", name.lower())
    return [int(part) if index % 2 else part for index, part in enumerate(parts)], name


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StudioError(f"{path} cannot be read ({error.strerror}): please repair or remove it.") from error


def _size(pixels: NDArray[np.uint8]) -> str:
    return f"{pixels.shape[1]}×{pixels.shape[0]}"
