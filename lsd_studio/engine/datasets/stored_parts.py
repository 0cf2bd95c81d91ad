"""Images stored together with their labels, in one part or in parts for training and testing, as a set of images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.datasets.found_images import FoundImage, FoundImages, natural_order, validation_note
from lsd_studio.engine.datasets.labelled_images import UNLABELLED
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.files import ImageSource
from lsd_studio.engine.platform.file_names import readable
from lsd_studio.engine.vocabulary import Split

MOST_LABELS = 1000


@dataclass(frozen=True, eq=False)
class Labels:
    """The labels of N images: `places` int64 [N] in `words`, −1 where an image has none."""

    places: NDArray[np.int64]
    words: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Part:
    """Images that are stored together.

    Attributes:
        images: N of them, None where one is missing.
        labels: theirs; None where there are none.
        kind: "train", "test", "val", or None where that is not said.
        name: what it is called in errors and notes.
    """

    images: Sequence[ImageSource | None] | NDArray[Any]
    labels: Labels | None
    kind: str | None
    name: str


def labels_of_numbers(values: NDArray[Any], where: str, names: Sequence[str] = ()) -> Labels:
    """Labels that are whole numbers or truth values [N], missing where NaN; with `names`, places in these.

    Raises:
        StudioError: they are no whole numbers, or there are too many different ones.
    """
    numbers = values.reshape(-1).astype(np.float64)
    known = np.isfinite(numbers) & (numbers >= 0 if names else True)
    found = numbers[known]
    if not (found == np.rint(found)).all() or (names and found.max(initial=0) >= len(names)):
        expected = f"0…{len(names) - 1}" if names else "whole numbers or names"
        raise StudioError(f"{where}: expected labels that are {expected}, found {_odd(found, names)}.")
    distinct, places = np.unique(found, return_inverse=True)
    check_number(len(distinct), where)
    all_places = np.full(len(numbers), -1, np.int64)
    all_places[known] = found.astype(np.int64) if names else places.reshape(-1)
    return Labels(all_places, tuple(names) or tuple(f"{number:.0f}" for number in distinct))


def labels_of_texts(places: NDArray[Any], words: Sequence[str], where: str) -> Labels:
    """Labels that are texts, given as places in words; "" is none.

    Raises:
        StudioError: there are too many different ones.
    """
    check_number(len(words), where)
    named = [readable(word.strip()) for word in words]
    distinct = tuple(sorted(set(named) - {""}, key=natural_order))
    renumbered = np.array([distinct.index(name) if name else -1 for name in named] + [-1], np.int64)
    return Labels(renumbered[np.where(places < 0, len(named), places)], distinct)


def found_in_parts(where: str, parts: Sequence[Part], recognised: str, *, labelled: bool) -> FoundImages:
    """The images of all parts, split as the parts say: validation images as those of a folder are (`find_files`).

    Images that are missing or have no label are left out, and so are parts that say no split beside some that do.

    Args:
        where: what the whole is called in errors.
        labelled: whether two labels are needed.

    Raises:
        StudioError: there are no images or too few labels, or a label is in one split only.
    """
    has_labels = all(part.labels is not None for part in parts)
    if labelled and not has_labels:
        nameless = next(part.name for part in parts if part.labels is None)
        raise StudioError(
            f"{where} holds no labels for {nameless}: please save one for each image beside them."
        )
    words = _words(parts) if has_labels else UNLABELLED
    present = [(part, _present(part, words if has_labels else None)) for part in parts]
    kept = [(part, places) for part, places in present if (places >= 0).any()]
    if not kept:
        raise StudioError(f"{where} holds no images{' that have a label' if has_labels else ''}.")
    missing = sum(int((places < 0).sum()) for _, places in present)
    notes = [f"Left out: {missing} images that are missing, or have no label."] if missing else []
    kinds = {part.kind for part, _ in kept}
    testing = "test" if "test" in kinds else "val"
    is_split = {"train", testing} <= kinds
    if is_split and None in kinds:
        notes.append(
            f"Left out: {', '.join(part.name for part, _ in kept if part.kind is None)}, of no split."
        )
        kept = [(part, places) for part, places in kept if part.kind is not None]
    if is_split and testing == "test" and "val" in kinds:
        notes.append(validation_note(next(part.name for part, _ in kept if part.kind == "val")))
    images: list[FoundImage] = []
    for part, places in sorted(kept, key=lambda one: one[0].kind != "train"):
        split: Split | None = None if not is_split else "test" if part.kind == testing else "train"
        for place, (source, label) in enumerate(zip(part.images, places.tolist(), strict=True)):
            if label >= 0:
                assert source is not None
                images.append(FoundImage(source, f"{where}, image {place} of {part.name}", label, split))
    return _checked(FoundImages(tuple(images), words, tuple(notes), recognised), where, labelled=labelled)


def _present(part: Part, words: Sequence[str] | None) -> NDArray[np.int64]:
    """Places of the labels of a part in the words of all, −1 for an image that is left out."""
    if part.labels is None or words is None:
        places = np.zeros(len(part.images), np.int64)
    else:
        numbers = {word: number for number, word in enumerate(words)}
        own = np.array([numbers[word] for word in part.labels.words] + [-1], np.int64)
        places = own[part.labels.places]
    if not isinstance(part.images, np.ndarray):
        places[[image is None for image in part.images]] = -1
    return places


def _words(parts: Sequence[Part]) -> tuple[str, ...]:
    lists = [part.labels.words for part in parts if part.labels is not None]
    if len(set(lists)) == 1:
        return lists[0]
    return tuple(sorted({word for words in lists for word in words}, key=natural_order))


def _checked(found: FoundImages, where: str, *, labelled: bool) -> FoundImages:
    """The images with those labels only that occur, once each is known to occur in all splits."""
    counts = Counter((image.split, image.label) for image in found.images)
    splits, labels = {split for split, _ in counts}, sorted({label for _, label in counts})
    for label in labels:
        if any((split, label) not in counts for split in splits):
            raise StudioError(
                f"{where}: the label {found.labels[label]} is in only one of its splits: please give both the same "
                "labels."
            )
    if labelled and len(labels) < 2:
        raise StudioError(
            f"{where} has the label {found.labels[labels[0]]} only: at least two labels are needed; images without "
            "labels can be looked at in Latent space, and autoencoders can be trained on them."
        )
    if len(labels) == len(found.labels):
        return found
    renumbered = {label: number for number, label in enumerate(labels)}
    images = tuple(
        FoundImage(image.source, image.name, renumbered[image.label], image.split) for image in found.images
    )
    return FoundImages(images, tuple(found.labels[label] for label in labels), found.notes, found.recognised)


def _odd(found: NDArray[np.float64], names: Sequence[str]) -> str:
    odd = found[found != np.rint(found)]
    return f"{odd[0] if len(odd) else found.max():g}"


def check_number(count: int, where: str) -> None:
    """Refuse so many different values as labels.

    Raises:
        StudioError: there are too many.
    """
    if count > MOST_LABELS:
        raise StudioError(
            f"{where}: {count} different values are no labels, of which there are at most {MOST_LABELS}: please save "
            "labels that repeat."
        )
