"""What is looked at in Decompose, and how it is written into the JSON file of a figure and read back."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtGui import QImage

from lsd_studio.engine.messages.pixels import EncodedPixels
from lsd_studio.ui.widgets.canvas import blank, is_blank
from lsd_studio.ui.widgets.pictures import drawing_from, picture_image, png_bytes

__all__ = ["Sight", "sight_from", "sight_settings"]

LARGEST_FILE = 4 * 2**20
"""Bytes of an image file that goes into the JSON file of a figure as it is."""

LARGEST_TEXT = 4 * -(-LARGEST_FILE // 3)
"""Characters of such a file as base64."""


@dataclass(frozen=True, eq=False)
class Sight:
    """What is looked at: a drawing, or an image from elsewhere in its place.

    Args:
        ink: the drawing.
        image: pixels of a test image uint8 [C, H, W] or as a figure keeps them, a file, or a file's bytes; None where
            it is the drawing.
        title: which image it is.
        backdrop: the image as the canvas shows it, as soon as it is known.
    """

    ink: QImage
    image: np.ndarray | EncodedPixels | Path | bytes | None = None
    title: str = "drawing"
    backdrop: QImage | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look at."""
        return self.image is None and is_blank(self.ink)


def sight_settings(sight: Sight) -> Mapping[str, object]:
    """A sight as text: the drawing, the pixels or the file itself as base64, and no path.

    Empty where there is nothing to look at, or a file that is gone or too large.
    """
    match sight.image:
        case None:
            kind, content = "drawing", b"" if sight.is_empty else png_bytes(sight.ink)
        case np.ndarray() as pixels:
            kind, content = "pixels", png_bytes(picture_image(pixels.transpose(1, 2, 0)))
        case EncodedPixels(png):
            kind, content = "pixels", png
        case bytes() as source:
            kind, content = "file", source
        case Path() as path:
            there = path.is_file() and path.stat().st_size <= LARGEST_FILE
            kind, content = "file", path.read_bytes() if there else b""
    if not content or len(content) > LARGEST_FILE:
        return {}
    return {"image": kind, "title": sight.title, "content": base64.b64encode(content).decode()}


def sight_from(settings: Mapping[str, object]) -> Sight | None:
    """The sight that `sight_settings` told once; None where it told none or it cannot be read.

    Files and pixels are left to the engine, which reads the formats of `engine.image_files` and no others.
    """
    kind, title, text = (settings.get(name) for name in ("image", "title", "content"))
    if not isinstance(title, str) or not isinstance(text, str) or len(text) > LARGEST_TEXT:
        return None
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    match kind:
        case "file":
            return Sight(blank(), content, title)
        case "pixels":
            return Sight(blank(), EncodedPixels(content), title)
        case "drawing":
            ink = drawing_from(content, blank().size())
            return None if ink is None else Sight(ink, title=title)
        case _:
            return None
