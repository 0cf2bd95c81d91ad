"""Fashion-MNIST, KMNIST, EMNIST and CIFAR-10: addresses and checksums from torchvision, files read here.

Torchvision's own readers are not used: CIFAR-10's unpickles what it downloaded, and nothing is ever unpickled here.
"""

from __future__ import annotations

import hashlib
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import platformdirs

from lsd_studio.engine.datasets.downloads import PublishedFile, fetch
from lsd_studio.engine.datasets.idx_format import labelled_images_from_idx
from lsd_studio.engine.datasets.labelled_images import LabelledImages, Progress
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.platform.resources import resource
from lsd_studio.engine.vocabulary import Split

EMNIST_PARTS = ("balanced", "byclass", "bymerge", "digits", "letters", "mnist")
PUBLISHED_SETS = (
    "fashion-mnist",
    "kmnist",
    "emnist",
    *(f"emnist-{part}" for part in EMNIST_PARTS),
    "cifar10",
)
"""Names of the sets that are downloaded; "emnist" alone is "emnist-balanced"."""

DEBIAN_FASHION_MNIST = (Path("/usr/share/datasets/fashion-mnist"), Path("/usr/share/dataset-fashion-mnist"))
"""Where Debian's package dataset-fashion-mnist puts the four files (the first in Debian 12)."""

CIFAR10_ARCHIVE = PublishedFile(
    "cifar-10-binary.tar.gz",
    ("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",),
    "c32a1d4ab5d03f1284b67883e8d87530",
)
"""The binary twin of the pickled archive that torchvision names, from the same page (A. Krizhevsky, 2009)."""


def cache_folder() -> Path:
    """The user's cache of downloaded data sets."""
    return platformdirs.user_cache_path("lsd-studio", appauthor=False) / "datasets"


def is_downloaded(name: str) -> bool:
    """Whether a set in `PUBLISHED_SETS` is in the user's cache, or installed."""
    folder = _folder(name)
    return bool(_installed(name)) or (folder.is_dir() and any(folder.iterdir()))


def shipped_examples(name: str) -> LabelledImages | None:
    """The first test images of a set in `PUBLISHED_SETS`, for looking at it offline; None where none ship.

    Raises:
        StudioError: a shipped file is missing or damaged.
    """
    if name != "fashion-mnist":
        return None
    from torchvision.datasets import FashionMNIST

    images = read_idx_folder(resource("data", name), name, "test", tuple(FashionMNIST.classes))
    note = (
        f"The whole of {name} is not on this machine: these are its first {len(images)} test images, which ship. "
        "Evaluate downloads it."
    )
    return replace(images, notes=(note,))


def load_published_set(name: str, split: Split, progress: Progress | None) -> LabelledImages:
    """One split of a set in `PUBLISHED_SETS`, from the user's cache or, the first time, from the internet.

    Raises:
        StudioError: it could not be downloaded, or a file is damaged.
    """
    folder = _folder(name)
    if name == "cifar10":
        return read_cifar10(fetch(CIFAR10_ARCHIVE, folder, progress), split)
    from torchvision import datasets as torchvision_sets

    if name.startswith("emnist"):
        emnist = torchvision_sets.EMNIST
        archive = PublishedFile("gzip.zip", (emnist.url,), emnist.md5)
        part = name.removeprefix("emnist").removeprefix("-") or "balanced"
        classes = tuple(emnist.classes_split_dict[part])
        return read_emnist(fetch(archive, folder, progress), part, split, classes)
    published = {"fashion-mnist": torchvision_sets.FashionMNIST, "kmnist": torchvision_sets.KMNIST}[name]
    if installed := _installed(name):
        return read_idx_folder(installed[0], name, split, tuple(published.classes))
    prefix = _idx_prefix(split)
    for file_name, md5 in published.resources:
        if file_name.startswith(prefix):
            addresses = tuple(f"{mirror}{file_name}" for mirror in published.mirrors)
            fetch(PublishedFile(file_name, addresses, md5), folder, progress)
    return read_idx_folder(folder, name, split, tuple(published.classes))


def _folder(name: str) -> Path:
    return cache_folder() / ("emnist" if name.startswith("emnist") else name)


def _installed(name: str) -> list[Path]:
    return [place for place in DEBIAN_FASHION_MNIST if name == "fashion-mnist" and place.is_dir()]


def read_idx_folder(folder: Path, name: str, split: Split, label_names: tuple[str, ...]) -> LabelledImages:
    """One split from a folder that holds the two files of it named as MNIST's are.

    Raises:
        StudioError: a file is missing or damaged.
    """
    prefix = _idx_prefix(split)
    paths = (folder / f"{prefix}-images-idx3-ubyte.gz", folder / f"{prefix}-labels-idx1-ubyte.gz")
    try:
        images_file, labels_file = ((str(path), path.read_bytes()) for path in paths)
    except OSError as error:
        raise StudioError(
            f"{error.filename} cannot be read ({error.strerror}): please put it there."
        ) from error
    return labelled_images_from_idx(name, split, images_file, labels_file, label_names)


def read_emnist(archive: Path, part: str, split: Split, label_names: tuple[str, ...]) -> LabelledImages:
    """One split of one part of EMNIST (G. Cohen et al., 2017) from its archive; images 1×28×28.

    The archive stores images transposed, and counts letters from 1: both are undone.

    Args:
        archive: the published `gzip.zip`.
        part: one of `EMNIST_PARTS`.
        label_names: the name of each stored label; for letters the name of the unused label 0 comes first.

    Raises:
        StudioError: the archive is damaged.
    """
    prefix = f"gzip/emnist-{part}-{split}"
    members = (f"{prefix}-images-idx3-ubyte.gz", f"{prefix}-labels-idx1-ubyte.gz")
    try:
        with zipfile.ZipFile(archive) as opened:
            images_file, labels_file = ((member, opened.read(member)) for member in members)
    except (KeyError, OSError, zipfile.BadZipFile) as error:
        raise StudioError(f"{archive} is damaged: please delete it, and try again.") from error
    stored = labelled_images_from_idx(f"emnist-{part}", split, images_file, labels_file, label_names)
    first = 1 if part == "letters" else 0
    return LabelledImages(
        stored.name,
        np.ascontiguousarray(stored.images.swapaxes(2, 3)),
        stored.labels - first,
        label_names[first:],
        stored.checksum,
        split,
    )


def read_cifar10(archive: Path, split: Split) -> LabelledImages:
    """One split of CIFAR-10 from its binary archive: records of one label byte and 3×32×32 pixels.

    Raises:
        StudioError: the archive is damaged.
    """
    folder = "cifar-10-batches-bin"
    parts = [f"data_batch_{number}.bin" for number in range(1, 6)] if split == "train" else ["test_batch.bin"]
    try:
        with tarfile.open(archive) as opened:
            names, *batches = (
                _member(opened, f"{folder}/{member}") for member in ("batches.meta.txt", *parts)
            )
        records = np.frombuffer(b"".join(batches), np.uint8).reshape(-1, 1 + 3 * 32 * 32)
        label_names = tuple(names.decode("ascii").split())
        return LabelledImages(
            "cifar10",
            records[:, 1:].reshape(-1, 3, 32, 32).copy(),
            records[:, 0].astype(np.int64),
            label_names,
            hashlib.sha256(b"".join(batches)).hexdigest(),
            split,
        )
    except (KeyError, OSError, EOFError, ValueError, tarfile.TarError) as error:
        raise StudioError(f"{archive} is damaged: please delete it, and try again.") from error


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    stream = archive.extractfile(name)
    if stream is None:
        raise KeyError(f"{name} is no file")
    return stream.read()


def _idx_prefix(split: Split) -> str:
    return "train" if split == "train" else "t10k"
