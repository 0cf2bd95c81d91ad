"""One name or folder in, labelled images out."""

from __future__ import annotations

import difflib
from pathlib import Path

from lsd_studio.engine.datasets.celeba import load_celeba
from lsd_studio.engine.datasets.folder_reading import POSITIONAL, FolderReading
from lsd_studio.engine.datasets.image_sets import load_image_set
from lsd_studio.engine.datasets.labelled_images import LabelledImages, Progress
from lsd_studio.engine.datasets.mnist import load_mnist
from lsd_studio.engine.datasets.packed_images import is_packed, read_packed
from lsd_studio.engine.datasets.published_sets import (
    PUBLISHED_SETS,
    cache_folder,
    is_downloaded,
    load_published_set,
)
from lsd_studio.engine.datasets.set_files import SUFFIXES, is_set_file
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.framing import Framing
from lsd_studio.engine.platform.file_names import path_named, text_of_path
from lsd_studio.engine.vocabulary import Split

CELEBA, STAND_IN_FACES = "celeba", "stand-in-faces"
DATA_SETS = ("mnist", *PUBLISHED_SETS, CELEBA, STAND_IN_FACES)
"""Names of the data sets that need no path."""


def stand_in_folder() -> Path:
    """Where the stand-in faces are kept, once they are made."""
    return cache_folder() / STAND_IN_FACES


def is_available(source: str) -> bool:
    """Whether a data set can be read without downloading anything."""
    return source not in PUBLISHED_SETS or is_downloaded(source)


def load_data_set(
    source: str,
    split: Split,
    progress: Progress | None = None,
    *,
    labelled: bool = True,
    reading: FolderReading | None = None,
    framing: Framing | None = None,
) -> LabelledImages:
    """The training or test split of a labelled image set (R10).

    Args:
        source: "mnist", which ships with the package; a set of `PUBLISHED_SETS`, downloaded once and kept in the
            user's cache; "celeba", where it was put there; "stand-in-faces", once they are made; or the path of a
            folder of images with one sub-folder a label, of packed images, or of a file of images (`set_files`).
        progress: called with what is being done and the share of it that is done, 0…1.
        labelled: whether a folder or file needs labels, at least two; see `load_image_set`.
        reading: how it was read before, see `reading_kept`; None: this is found.
        framing: how images of a folder or file that have another size come to one.

    Raises:
        StudioError: the source is unknown, cannot be downloaded, or is damaged; the sentence says what to do.
    """
    if source == "mnist":
        return load_mnist(split)
    if source in PUBLISHED_SETS:
        return load_published_set(source, split, progress)
    if source == CELEBA:
        return load_celeba(cache_folder(), split, progress)
    if source == STAND_IN_FACES:
        if not is_packed(stand_in_folder()):
            raise StudioError(
                "The stand-in faces have not been made yet: please run `lsd-studio faces` once."
            )
        return read_packed(stand_in_folder(), source, split)
    folder = path_named(source).expanduser()
    if is_packed(folder):
        return read_packed(folder, text_of_path(folder), split)
    if folder.is_dir() or is_set_file(folder):
        return load_image_set(folder, split, progress, labelled=labelled, reading=reading, framing=framing)
    near = difflib.get_close_matches(source.lower(), DATA_SETS, n=1)
    advice = (
        f"did you mean {near[0]}?"
        if near
        else f"please give a folder of images, a file ({', '.join(SUFFIXES)} or IDX) or one of {', '.join(DATA_SETS)}."
    )
    if folder.is_file():
        raise StudioError(
            f"{folder} is no file of labelled images: please give {', '.join(SUFFIXES)} or IDX, or a folder of images."
        )
    raise StudioError(f"There is no data set and no folder named {source}: {advice}")


def has_framing(source: str) -> bool:
    """Whether a source is a folder or file of images that may have any size."""
    return source not in DATA_SETS and is_own(source) and not is_packed(path_named(source).expanduser())


def is_own(source: str) -> bool:
    """Whether a source is a folder, or a file of images."""
    path = path_named(source).expanduser()
    return path.is_dir() or is_set_file(path)


def is_same_source(first: str, second: str) -> bool:
    """Whether two names of data sets, folders or files mean the same."""
    if first == second:
        return True
    return (
        is_own(first)
        and is_own(second)
        and path_named(first).expanduser().samefile(path_named(second).expanduser())
    )


def reading_kept(
    name: str, checksum: str, reading: FolderReading | None, source: str
) -> FolderReading | None:
    """How the data set was read that something was trained on, from what it keeps of it, for reading `source` so.

    Args:
        name, checksum: of the training images; reading: what is kept of how a folder was read, if anything.
        source: what is to be read; where it is another, it is not compared with what was trained on.

    Returns:
        None where it was no folder or file; the positional rule where it was and nothing is kept.
    """
    if name in DATA_SETS:
        return None
    kept = reading or POSITIONAL
    if not is_same_source(source, name):
        return kept.model_copy(update={"checksum": None})
    return kept.model_copy(update={"checksum": checksum}) if kept.split == "positional" else kept
