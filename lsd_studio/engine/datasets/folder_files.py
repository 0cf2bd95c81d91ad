"""Which files of a folder are images of which label and split, and what is left out, counted and said.

shapes/circle/001.png               one sub-folder a label; images may lie deeper in it
shapes/train/circle/001.png         train, training; test, testing, val, valid, validation, in any letter case
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from lsd_studio.engine.datasets.found_images import (
    SPLIT_NAMES,
    FoundImage,
    FoundImages,
    natural_order,
    validation_note,
)
from lsd_studio.engine.datasets.labelled_images import UNLABELLED
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.files import SUFFIXES
from lsd_studio.engine.platform.file_names import readable
from lsd_studio.engine.vocabulary import Split

LITTER = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
"""What systems leave in folders, in small letters; so are names that begin with a dot."""

RUN_FILE, MANIFEST, REPORT = "run.json", "manifest.json", "report.md"
RUN_FOLDERS = frozenset({"checkpoints", "history", "pictures", "bundle"})
LARGEST_LOOKED_AT = 1 << 16
DEEPEST = 100
"""Folders in each other that are read."""

OWN_MARK = re.compile(rb'"format": ?"lsd-studio-|^# Latent space of ')

TOO_DEEP = ("folder too deep", "folders too deep")
OWN_OUTPUT = ("folder of LSD Studio's own output", "folders of LSD Studio's own output")
NO_IMAGES = ("file that is not named like an image", "files that are not named like images")
NOT_REGULAR = ("image that is no regular file", "images that are no regular files")
LINKS_OUT = ("link out of the folder", "links out of the folder")
LINKS_NOWHERE = ("link that leads nowhere", "links that lead nowhere")
BESIDE_LABELS = ("image beside the folders of labels", "images beside the folders of labels")
BESIDE_SPLITS = ("image beside the folders of splits", "images beside the folders of splits")


@dataclass(frozen=True)
class _Branch:
    """A folder with the images and folders in it, sorted."""

    path: Path
    images: tuple[Path, ...]
    branches: tuple[_Branch, ...]

    def all_images(self) -> list[Path]:
        """Its images, then those of the folders in it."""
        return [*self.images, *(image for branch in self.branches for image in branch.all_images())]


@dataclass(frozen=True)
class _Part:
    """A folder of images for one split; `kind` is that of `SPLIT_NAMES`, or None where the folder is the whole."""

    branch: _Branch
    split: Split | None = None
    kind: str | None = None

    def has_labels(self) -> bool:
        """Whether its folders are labels rather than folders beside its images."""
        return len(self.branch.branches) > (1 if self.branch.images else 0)


def find_files(folder: Path, *, labelled: bool) -> FoundImages:
    """The images of a folder by label and split.

    Sub-folders are labels, and so are those of folders named for two splits (`SPLIT_NAMES`). Validation images are
    for testing where no others are, and else for training, of which a part is held out for choices. A folder that
    holds nothing but one folder of folders stands for that. Links to what lies in the folder are followed. Hidden
    files and what systems leave behind are passed over.

    Args:
        labelled: whether two labels are needed. Where not, images without folders of labels are called unlabelled.

    Raises:
        StudioError: there are too few labels or a label without images, the folder cannot be read, or labels differ
            between splits.
    """
    walk = _Walk(folder)
    root = walk.branch(folder, ())
    while not root.images and len(root.branches) == 1 and len(root.branches[0].branches) > 1:
        root = root.branches[0]
    parts = _parts(root, walk.left_out)
    if labelled or (all(part.has_labels() for part in parts) and not _differing(parts)):
        files, labels = _with_labels(parts, walk.left_out, labelled=labelled)
    else:
        files = [_found(part, image, part.branch, 0) for part in parts for image in part.branch.all_images()]
        labels = UNLABELLED
    for split in sorted({part.split or "" for part in parts}):
        if not any((file.split or "") == split for file in files):
            empty = next(part.branch.path for part in parts if (part.split or "") == split)
            raise StudioError(f"{readable(empty)} holds no image: please add some{_besides(walk.left_out)}.")
    left_out = _counted(walk.left_out)
    notes = (*_validation_note(parts), *((f"Left out: {left_out}.",) if left_out else ()))
    return FoundImages(tuple(files), labels, notes)


class _Walk:
    """Reads a folder and what lies in it; `left_out` counts by kind what no image is made of."""

    def __init__(self, root: Path) -> None:
        self.left_out: Counter[tuple[str, str]] = Counter()
        self._root = root.resolve()

    def branch(self, folder: Path, above: tuple[Path, ...]) -> _Branch:
        """The folder as it is read; `above` are the real paths of those that it lies in."""
        here = (*above, folder.resolve())
        images, branches = [], []
        try:
            for path in _entries(folder):
                if self._is_left_out(path, here):
                    continue
                if path.is_dir():
                    branches.append(self.branch(path, here))
                else:
                    images.append(path)
        except OSError as error:
            raise StudioError(
                f"{readable(folder)} cannot be read ({error.strerror}): please check its permissions."
            ) from error
        return _Branch(folder, tuple(images), tuple(branches))

    def _is_left_out(self, path: Path, here: tuple[Path, ...]) -> bool:
        """Whether no image is made of it; then it is counted."""
        if path.is_symlink() and not self._leads_inside(path):
            return True
        reason = None
        if path.is_dir():
            if path.resolve() in here:
                reason = LINKS_NOWHERE
            elif len(here) > DEEPEST:
                reason = TOO_DEEP
            elif _is_own_output(path):
                reason = OWN_OUTPUT
        elif path.suffix.lower() not in SUFFIXES:
            reason = NO_IMAGES
        elif not path.is_file():
            reason = NOT_REGULAR
        if reason is not None:
            self.left_out[reason] += 1
        return reason is not None

    def _leads_inside(self, link: Path) -> bool:
        try:
            target = link.resolve(strict=True)
        except (OSError, RuntimeError):  # RuntimeError: a link to itself, before Python 3.13
            self.left_out[LINKS_NOWHERE] += 1
            return False
        if not target.is_relative_to(self._root):
            self.left_out[LINKS_OUT] += 1
            return False
        return True


def _parts(root: _Branch, left_out: Counter[tuple[str, str]]) -> list[_Part]:
    kinds = {branch.path: SPLIT_NAMES.get(branch.path.name.lower()) for branch in root.branches}
    found = set(kinds.values())
    if "train" not in found or not found & {"test", "val"}:
        return [_Part(root)]
    testing = "test" if "test" in found else "val"
    parts: list[_Part] = []
    left_out[BESIDE_SPLITS] += len(root.images)
    for branch in sorted(root.branches, key=lambda branch: kinds[branch.path] != "train"):
        kind = kinds[branch.path]
        if kind is None:
            left_out[BESIDE_SPLITS] += len(branch.all_images())
        else:
            parts.append(_Part(branch, "test" if kind == testing else "train", kind))
    return parts


def _with_labels(
    parts: list[_Part], left_out: Counter[tuple[str, str]], *, labelled: bool
) -> tuple[list[FoundImage], tuple[str, ...]]:
    for part in parts:
        folders = part.branch.branches
        if labelled and len({readable(label.path.name) for label in folders}) < 2:
            found = f"only {readable(folders[0].path.name)}" if folders else "none"
            raise StudioError(
                f"{readable(part.branch.path)} needs a sub-folder of images for each of at least two labels, found "
                f"{found}{_besides(left_out, len(part.branch.images))}; images without labels can be looked at in "
                "Latent space, and autoencoders can be trained on them."
            )
        for label in folders:
            if not label.all_images():
                raise StudioError(
                    f"{readable(label.path)} holds no image: please add images or remove the sub-folder."
                )
        left_out[BESIDE_LABELS] += len(part.branch.images)
    if differing := _differing(parts):
        places = " and ".join(readable(part.branch.path) for part in parts)
        raise StudioError(
            f"The label {differing[0]} is in only one of {places}: please give both the same sub-folders."
        )
    names = {readable(label.path.name) for part in parts for label in part.branch.branches}
    labels = tuple(sorted(names, key=natural_order))
    files = [
        _found(part, image, label, labels.index(readable(label.path.name)))
        for part in parts
        for label in part.branch.branches
        for image in label.all_images()
    ]
    return sorted(files, key=lambda file: file.label), labels


def _found(part: _Part, image: Path, folder: _Branch, label: int) -> FoundImage:
    shallow = image.parent == folder.path and (
        part.kind is None or part.branch.path.name == part.kind != "val"
    )
    return FoundImage(image, readable(image), label, part.split, shallow)


def _differing(parts: list[_Part]) -> list[str]:
    """Labels that are not in every split."""
    names = [
        {readable(label.path.name) for part in parts if part.split == split for label in part.branch.branches}
        for split in {part.split for part in parts}
    ]
    everywhere = names[0].intersection(*names[1:])
    return sorted(names[0].union(*names[1:]) - everywhere, key=natural_order)


def _validation_note(parts: list[_Part]) -> tuple[str, ...]:
    joined = [part.branch.path.name for part in parts if part.kind == "val" and part.split == "train"]
    return (validation_note(joined[0]),) if joined else ()


def _besides(left_out: Counter[tuple[str, str]], loose: int = 0) -> str:
    counted = _counted(left_out + Counter({BESIDE_LABELS: loose}))
    return f" (left out: {counted})" if counted else ""


def _counted(left_out: Counter[tuple[str, str]]) -> str:
    return ", ".join(f"{count} {kind[count > 1]}" for kind, count in left_out.items() if count)


def _is_own_output(folder: Path) -> bool:
    """Whether the folder is a run, a part of one, a bundle, denoisers or a report, by the file that says so."""
    if folder.name in RUN_FOLDERS and (folder.parent / RUN_FILE).is_file():
        return True
    if (folder / RUN_FILE).is_file():
        return all(path.name in RUN_FOLDERS for path in folder.iterdir() if path.is_dir())
    for name in (MANIFEST, REPORT):
        if (folder / name).is_file():
            with (folder / name).open("rb") as file:
                if OWN_MARK.search(file.read(LARGEST_LOOKED_AT)):
                    return True
    return False


def _entries(folder: Path) -> list[Path]:
    return sorted(
        (path for path in folder.iterdir() if not is_litter(path.name)),
        key=lambda path: natural_order(path.name),
    )


def is_litter(name: str) -> bool:
    """Whether a file or folder of this name is hidden, or something that systems leave behind."""
    return name.startswith(".") or name.lower() in LITTER
