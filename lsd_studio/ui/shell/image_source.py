"""An image that a workspace takes, and how it is written into the JSON file of a figure and read back."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field
from PySide6.QtGui import QImage

from lsd_studio.engine.images.pictures import EncodedPixels
from lsd_studio.ui.shell.view_state import ViewState
from lsd_studio.ui.widgets.canvas import blank, is_blank
from lsd_studio.ui.widgets.pictures import drawing_from, picture_image, png_bytes

LARGEST_FILE = 4 * 2**20
"""Bytes of an image file that goes into the JSON file of a figure as it is."""

LARGEST_TEXT = 4 * -(-LARGEST_FILE // 3)
"""Characters of such a file as base64."""


@dataclass(frozen=True, eq=False)
class ImageSource:
    """A drawing, or an image from elsewhere in its place.

    Args:
        ink: the drawing.
        image: pixels of a test image uint8 [C, H, W] or as a figure stores them, a file, or a file's bytes; None where
            it is the drawing.
        title: which image it is.
        backdrop: the image as the canvas shows it, as soon as it is known.
        label: the name of its true label; "" where none is known.
    """

    ink: QImage
    image: np.ndarray | EncodedPixels | Path | bytes | None = None
    title: str = "drawing"
    backdrop: QImage | None = None
    label: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is neither a drawing nor an image."""
        return self.image is None and is_blank(self.ink)

    @property
    def is_unread(self) -> bool:
        """Whether it is a file, or the bytes of one, of which nobody knows yet whether they hold an image."""
        return self.backdrop is None and isinstance(self.image, Path | bytes | EncodedPixels)

    @property
    def as_text(self) -> dict[str, str]:
        """Fields of an `ImageState`: the drawing, the pixels or the file itself as base64, and no path.

        Empty where there is no image, or a file that is gone or too large.
        """
        match self.image:
            case None:
                kind, content = "drawing", b"" if self.is_empty else png_bytes(self.ink)
            case np.ndarray() as pixels:
                kind, content = "pixels", png_bytes(picture_image(pixels.transpose(1, 2, 0)))
            case EncodedPixels(png):
                kind, content = "pixels", png
            case bytes() as file:
                kind, content = "file", file
            case Path() as path:
                there = path.is_file() and path.stat().st_size <= LARGEST_FILE
                kind, content = "file", path.read_bytes() if there else b""
        if not content or len(content) > LARGEST_FILE:
            return {}
        return {"image": kind, "title": self.title, "content": base64.b64encode(content).decode()}


class ImageState(ViewState):
    """What a page shows, an image of any source among it.

    Attributes:
        image: what `content` is, as base64: a drawing and pixels as PNG, a file as it is.
        title: which image it is.
    """

    image: Literal["drawing", "pixels", "file"] | None = None
    title: str | None = None
    content: Annotated[str, Field(max_length=LARGEST_TEXT)] | None = None

    @property
    def source(self) -> ImageSource | None:
        """The image; None where there is none or it cannot be read.

        Files and pixels are left to the engine, which reads the formats of `engine.images.files` and no others.
        """
        if self.title is None or self.content is None:
            return None
        try:
            content = base64.b64decode(self.content, validate=True)
        except (binascii.Error, ValueError):
            return None
        match self.image:
            case "file":
                return ImageSource(blank(), content, self.title)
            case "pixels":
                return ImageSource(blank(), EncodedPixels(content), self.title)
            case "drawing":
                ink = drawing_from(content, blank().size())
                return None if ink is None else ImageSource(ink, title=self.title)
            case None:
                return None
