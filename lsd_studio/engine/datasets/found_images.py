"""The images of a set as they were found, in files, in a table or in arrays, each with its label and split."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.files import ImageSource, flatten_transparency, look_at, read_image
from lsd_studio.engine.images.pixel_rule import Look, PixelRule
from lsd_studio.engine.platform.file_names import readable
from lsd_studio.engine.vocabulary import Split

SPLIT_NAMES = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("test", "testing"), "test"),
    **dict.fromkeys(("val", "valid", "validation"), "val"),
}
"""Names of folders, arrays and files that say which split their images belong to, in small letters."""


@dataclass(frozen=True, eq=False)
class FoundImage:
    """An image.

    Attributes:
        source: what it is read from: an image file, the bytes of one, or pixels.
        name: what it is called in errors.
        label: index of its label.
        split: what it is for, where that is said; None where its content will say it.
        is_shallow: whether it lies in its label's folder itself and no folder of validation images, which is all
            that was read before folders were read deep.
    """

    source: ImageSource
    name: str
    label: int
    split: Split | None
    is_shallow: bool = True

    def content(self) -> bytes:
        """The bytes that tell it from others: those of its file, or its pixels with their shape and type.

        Raises:
            StudioError: its file cannot be read.
        """
        if isinstance(self.source, bytes):
            return self.source
        if isinstance(self.source, Path):
            try:
                return self.source.read_bytes()
            except OSError as error:
                raise StudioError(
                    f"{self.name} cannot be read ({error.strerror}): please repair or remove it."
                ) from error
        pixels = np.ascontiguousarray(self.source, self.source.dtype.newbyteorder("<"))
        return f"{pixels.dtype.str}{pixels.shape}".encode() + pixels.tobytes()

    def look(self) -> Look:
        """What the rule of its set needs to know of it.

        Raises:
            StudioError: it cannot be read.
        """
        return look_at(self.source, self.name)

    def read(self, rule: PixelRule | None) -> NDArray[np.uint8]:
        """Its pixels uint8 [H, W] or [H, W, 3], opaque, by the rule of its set or by its own numbers.

        Raises:
            StudioError: it cannot be read.
        """
        pixels = read_image(self.source, rule, self.name).pixels
        return flatten_transparency(pixels, None if rule is None else rule.ground)[0]

    def digest(self) -> str:
        """SHA-256 (hexadecimal) of its content."""
        return hashlib.sha256(self.content()).hexdigest()


@dataclass(frozen=True, eq=False)
class FoundImages:
    """The images of a set, by label.

    Attributes:
        labels: their names, readable and in NFC.
        notes: one sentence each on what was left out, or taken otherwise than might be thought.
        recognised: one sentence on how a file of images was understood; "" for a folder of image files.
    """

    images: tuple[FoundImage, ...]
    labels: tuple[str, ...]
    notes: tuple[str, ...]
    recognised: str = ""


def validation_note(name: str) -> str:
    """That images for validation, of this name, are trained on."""
    return (
        f"Images of {readable(name)} are trained on too: the last sixth of all training images is held out for "
        "choices."
    )


def natural_order(name: str) -> tuple[list[str | int], str]:
    """Sorts 2 before 10; text and numbers alternate, so that like is compared with like."""
    parts = re.split(r"([0-9]+)", name.lower())
    return [int(part) if index % 2 else part for index, part in enumerate(parts)], name
