"""A folder or file of labelled images as a data set: labels, size and channels are read from it (R10)."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.data_files.stored_array import MOST_IN_MEMORY
from lsd_studio.engine.datasets.folder_files import find_files
from lsd_studio.engine.datasets.folder_reading import POSITIONAL, FolderReading, bounds_for_testing, place_of
from lsd_studio.engine.datasets.found_images import FoundImage, FoundImages
from lsd_studio.engine.datasets.labelled_images import LabelledImages, Progress
from lsd_studio.engine.datasets.set_files import find_in_file, tables_in
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.files import match_channels
from lsd_studio.engine.images.framing import Framing
from lsd_studio.engine.images.pixel_rule import PixelRule, find_rule
from lsd_studio.engine.platform.file_names import readable, text_of_path
from lsd_studio.engine.vocabulary import Split

TEST_IMAGE_EVERY = 6
"""By the positional rule every sixth image of a label is for testing."""


def find_images(path: Path, *, labelled: bool) -> FoundImages:
    """The images of a folder with one sub-folder a label, or of a file or folder as `set_files` knows them.

    Raises:
        StudioError: it holds no such images, or is refused.
    """
    if path.is_dir() and not tables_in(path):
        return find_files(path, labelled=labelled)
    return find_in_file(path, labelled=labelled)


def load_image_set(
    folder: Path,
    split: Split,
    progress: Progress | None,
    *,
    labelled: bool = True,
    reading: FolderReading | None = None,
    framing: Framing | None = None,
) -> LabelledImages:
    """One split of the images of a folder or file.

    A folder holds one sub-folder a label, or folders of two splits, which each hold them (`find_files`); a file holds
    images and their labels (`find_in_file`). Where it does not say the split, an image's content does
    (`FolderReading`). All images become 8-bit pixels by one rule. Images of all labels are interleaved in proportion,
    so that any stretch of them shows every label.

    Args:
        folder: or a file.
        labelled: whether two labels are needed. Where not, images may lie in the folder itself, or in those of the
            splits, and are all called unlabelled; or there may be one label only.
        reading: how it was read before; None: this is found, from the images of both splits.
        framing: how images of another size come to one; None: as `reading` says, and else all must have one size.

    Returns:
        The images with the reading in use, and notes on what was left out, what the rule does, and whether it has
        changed since `reading`.

    Raises:
        StudioError: there are too few labels or a label without images, a file cannot be read, images differ in
            size, or the labels of the splits differ.
    """
    found = find_images(folder, labelled=labelled)
    if reading is not None and reading.split == "positional" and found.recognised:
        reading = None  # a file was never read by position
    if reading is not None and reading.split == "positional":
        return _as_before(folder, found, split, progress, reading)
    digests = []
    for count, file in enumerate(found.images, start=1):
        digests.append(file.digest())
        if progress is not None:
            progress(f"Looking at {readable(folder.name)}", count / len(found.images))
    now = _reading_of(found, digests, reading, framing)
    tests = _test_images(found, digests, now)
    chosen = [place for place, is_test in enumerate(tests) if is_test == (split == "test")]
    if not chosen:
        raise StudioError(
            f"All images of {readable(folder)} are for {'training' if split == 'test' else 'testing'}: please add "
            "others, or say by folders named train and test which are for what."
        )
    order = _interleaved([found.images[place] for place in chosen])
    files = [found.images[chosen[place]] for place in order]
    checksum = hashlib.sha256()
    for place in order:
        checksum.update(
            f"{found.labels[found.images[chosen[place]].label]}\0{digests[chosen[place]]}\0".encode()
        )
    assert now.pixels is not None
    if found.recognised:
        _check_memory(files, now, folder)
    images, framed = _read(files, now.pixels, folder, progress, now.framing)
    return LabelledImages(
        text_of_path(folder),
        images,
        np.array([file.label for file in files], dtype=np.int64),
        found.labels,
        checksum.hexdigest(),
        split,
        reading=now,
        notes=(
            *_on_change(folder, reading, now),
            *now.pixels.sentences,
            *((now.framing.sentence,) if framed and now.framing is not None else ()),
            *_on_copies(digests, tests),
            *found.notes,
        ),
    )


def _check_memory(files: Sequence[FoundImage], reading: FolderReading, path: Path) -> None:
    """Refuse small files that unpack to more pixels than are held in memory."""
    framing, pixels = reading.framing, reading.pixels
    width, height = files[0].look().size if framing is None else (framing.width, framing.height)
    size = len(files) * width * height * (1 if pixels is None else pixels.channels)
    if size > MOST_IN_MEMORY:
        raise StudioError(
            f"{readable(path)} holds {len(files)} images of {width}×{height} pixels, which take {size} bytes, and at "
            f"most {MOST_IN_MEMORY} are held in memory: please choose a smaller size for them."
        )


def _reading_of(
    found: FoundImages, digests: list[str], kept: FolderReading | None, framing: Framing | None
) -> FolderReading:
    """How the folder is to be read: as it was, where that is known."""
    whole = hashlib.sha256()
    listed = sorted(
        f"{file.split or ''}\0{found.labels[file.label]}\0{digest}"
        for file, digest in zip(found.images, digests, strict=True)
    )
    whole.update("\0".join(listed).encode())
    says_split = found.images[0].split is not None
    framing = framing or (None if kept is None else kept.framing)
    pixels = _rule_of(found, framing) if kept is None or kept.pixels is None else kept.pixels
    places: defaultdict[str, list[float]] = defaultdict(list)
    for file, digest in zip(found.images, digests, strict=True):
        places[found.labels[file.label]].append(place_of(digest))
    return FolderReading(
        split="folders" if says_split else "content",
        test_below={}
        if says_split
        else bounds_for_testing(places, None if kept is None else kept.test_below),
        pixels=pixels,
        framing=framing,
        checksum=whole.hexdigest(),
        images=len(found.images),
    )


def _rule_of(found: FoundImages, framing: Framing | None) -> PixelRule:
    looks = [file.look() for file in found.images]
    for file, look in zip(found.images, looks, strict=True):
        if framing is None and look.size != looks[0].size:
            raise _unequal(file, look.size, found.images[0], looks[0].size)
    return find_rule(looks)


def _test_images(found: FoundImages, digests: list[str], reading: FolderReading) -> list[bool]:
    """Whether each image is for testing."""
    if reading.split == "folders":
        return [file.split == "test" for file in found.images]
    return [
        place_of(digest) < reading.test_below[found.labels[file.label]]
        for file, digest in zip(found.images, digests, strict=True)
    ]


def _on_change(folder: Path, kept: FolderReading | None, now: FolderReading) -> tuple[str, ...]:
    if kept is None or kept.checksum is None or kept.checksum == now.checksum:
        return ()
    counted = f"{kept.images} images then, {now.images} now" if kept.images != now.images else "other images"
    seen = (
        "no test image was trained on"
        if kept.split == now.split == "content"
        else "test images may have been trained on"
    )
    return (f"{readable(folder)} has changed since it was trained on ({counted}); {seen}.",)


def _on_copies(digests: list[str], tests: list[bool]) -> tuple[str, ...]:
    trained_on = {digest for digest, is_test in zip(digests, tests, strict=True) if not is_test}
    copies = sum(is_test and digest in trained_on for digest, is_test in zip(digests, tests, strict=True))
    if not copies:
        return ()
    return (f"{copies} of {sum(tests)} test images are copies of training images.",)


def _as_before(
    folder: Path, found: FoundImages, split: Split, progress: Progress | None, reading: FolderReading
) -> LabelledImages:
    """A split as it was read before readings were kept: by position, each image by itself, and no deeper folders."""
    files = _split_by_place(found, split)
    if not files:
        raise StudioError(f"{readable(folder)} holds no image for {split}ing: please put the images back.")
    checksum = _checksum_of_contents(files)
    notes = found.notes
    if reading.checksum is not None:
        training = checksum if split == "train" else _checksum_of_contents(_split_by_place(found, "train"))
        if training != reading.checksum:
            notes = (
                f"{readable(folder)} has changed since it was trained on; test images may have been trained on.",
                *notes,
            )
    return LabelledImages(
        text_of_path(folder),
        _read(files, None, folder, progress)[0],
        np.array([file.label for file in files], dtype=np.int64),
        found.labels,
        checksum,
        split,
        reading=POSITIONAL,
        notes=notes,
    )


def _split_by_place(found: FoundImages, split: Split) -> list[FoundImage]:
    """The files of a split where every sixth of a label is for testing, interleaved."""
    by_label: defaultdict[int, list[FoundImage]] = defaultdict(list)
    for file in found.images:
        if file.is_shallow:
            by_label[file.label].append(file)
    chosen = []
    for files in by_label.values():
        for place, file in enumerate(files):
            last_alone = len(files) < TEST_IMAGE_EVERY and place == len(files) - 1
            is_test = last_alone or place % TEST_IMAGE_EVERY == TEST_IMAGE_EVERY - 1
            if (file.split or ("test" if is_test else "train")) == split:
                chosen.append(file)
    return [chosen[place] for place in _interleaved(chosen)]


def _checksum_of_contents(files: Sequence[FoundImage]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.content())
    return digest.hexdigest()


def _read(
    files: Sequence[FoundImage],
    rule: PixelRule | None,
    folder: Path,
    progress: Progress | None,
    framing: Framing | None = None,
) -> tuple[NDArray[np.uint8], int]:
    """The pixels uint8 [N, C, H, W], and how many images were changed to fit.

    Without a rule each image is read by itself, and most decide on C.
    """
    pictures, framed = [], 0
    for count, file in enumerate(files, start=1):
        flat = file.read(rule)
        pictures.append(flat if framing is None else framing.framed(flat))
        framed += pictures[-1] is not flat
        if pictures[-1].shape[:2] != pictures[0].shape[:2]:
            raise _unequal(file, pictures[-1].shape[1::-1], files[0], pictures[0].shape[1::-1])
        if progress is not None:
            progress(f"Reading images of {readable(folder.name)}", count / len(files))
    if rule is not None:
        return _planes(pictures, rule.channels), framed
    kinds = Counter(picture.ndim for picture in pictures)
    return _planes(pictures, 3 if kinds[3] > kinds[2] else 1), framed


def _planes(pictures: list[NDArray[np.uint8]], channels: int) -> NDArray[np.uint8]:
    """Pictures as uint8 [N, C, H, W]; the list is emptied on the way, so that large sets are in memory once."""
    planes = np.empty((len(pictures), channels, *pictures[0].shape[:2]), np.uint8)
    while pictures:
        matched, _ = match_channels(pictures.pop(), channels)
        planes[len(pictures)] = matched if channels == 1 else np.moveaxis(matched, 2, 0)
    return planes


def _interleaved(files: Sequence[FoundImage]) -> list[int]:
    """Places of files, ordered by how far into its own label each is."""
    counts = Counter(file.label for file in files)
    seen: Counter[int] = Counter()
    keys = []
    for place, file in enumerate(files):
        keys.append(((seen[file.label] + 0.5) / counts[file.label], file.label, place))
        seen[file.label] += 1
    return [place for _, _, place in sorted(keys)]


def _unequal(
    file: FoundImage, size: Sequence[int], first: FoundImage, first_size: Sequence[int]
) -> StudioError:
    return StudioError(
        f"{file.name} has {'×'.join(map(str, size))} pixels and {first.name} has "
        f"{'×'.join(map(str, first_size))}: please choose how they are fitted to one size."
    )
