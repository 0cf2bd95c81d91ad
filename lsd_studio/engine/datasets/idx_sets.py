"""Sets of images as IDX files, MNIST's own: images and labels in files beside each other, known by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from lsd_studio.engine.datasets.found_images import FoundImages
from lsd_studio.engine.datasets.idx_format import LARGEST_IDX, read_idx
from lsd_studio.engine.datasets.stored_parts import Part, found_in_parts, labels_of_numbers
from lsd_studio.engine.errors import StudioError
from lsd_studio.files.plain_files import read_plain

NAME = re.compile(r"(.*?)(train|t10k|test)?([-_.]?)images([-.])idx3-ubyte(\.gz)?", re.IGNORECASE)
KINDS = {"train": "train", "t10k": "test", "test": "test"}


def is_idx_images(name: str) -> bool:
    """Whether a file of this name is one of images, such as `train-images-idx3-ubyte.gz`."""
    return NAME.fullmatch(name) is not None


def find_in_idx(where: Path, files: Sequence[Path], *, labelled: bool) -> FoundImages:
    """The images of IDX files with their labels beside them, such as `train-…` and `t10k-images-idx3-ubyte`.

    Args:
        where: their folder, or one of them, which stands for those of its set beside it.

    Raises:
        StudioError: a file is damaged, or has no labels that fit beside it; or there are those of several sets.
    """
    sets = sorted({_matched(file)[1] for file in files})
    if len(sets) > 1:
        raise StudioError(
            f"{where} holds IDX files of {len(sets)} sets, such as {sets[0]}… and {sets[1]}…: please name one of their "
            "files, such as that of training images."
        )
    by_part = {(_matched(file)[2] or "").lower(): file for file in sorted(files)}
    parts = [_part(file, kind, labelled=labelled) for kind, file in by_part.items()]
    named = ", ".join(part.name for part in parts)
    return found_in_parts(
        str(where), parts, f"Read as IDX files: {named}, with their labels.", labelled=labelled
    )


def of_same_set(file: Path) -> list[Path]:
    """The files of images beside one, itself among them, that are of its set."""
    own = _matched(file)[1]
    beside = [path for path in file.parent.iterdir() if is_idx_images(path.name)]
    return [path for path in beside if _matched(path)[1] == own]


def _matched(file: Path) -> re.Match[str]:
    matched = NAME.fullmatch(file.name)
    assert matched is not None
    return matched


def _part(file: Path, kind: str, *, labelled: bool) -> Part:
    images = read_idx(read_plain(file, LARGEST_IDX, follow_links=True), str(file))
    if images.ndim != 3:
        raise StudioError(f"{file}: expected images [N, height, width], found {list(images.shape)}.")
    stem = file.name.removesuffix(".gz").replace("images", "labels").replace("idx3", "idx1")
    beside = [file.with_name(stem), file.with_name(f"{stem}.gz")]
    labels_file = next((path for path in beside if path.is_file()), None)
    if labels_file is None:
        if labelled:
            raise StudioError(f"{file} needs its labels beside it: please put {stem} or {stem}.gz there.")
        return Part(images, None, KINDS.get(kind), file.name)
    labels = read_idx(read_plain(labels_file, LARGEST_IDX, follow_links=True), str(labels_file))
    if labels.shape != images.shape[:1]:
        raise StudioError(
            f"{file} and {labels_file} do not belong together: {len(images)} images, and labels {list(labels.shape)}."
        )
    return Part(images, labels_of_numbers(labels, str(labels_file)), KINDS.get(kind), file.name)
