"""Pictures beside codes: stored with them, or in image files that a column names."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.files import read_image
from lsd_studio.engine.spaces.latent_space import LatentSpace

Pictures = NDArray[np.uint8]


def row_picture(space: LatentSpace, row: int) -> Pictures | None:
    """The picture of a row, uint8 [H, W, C] with C 1 or 3; None where there is none, or none that can be read.

    Files are looked for in the folder of the file of codes and below it, and nowhere else.
    """
    with suppress(StudioError):
        if space.stored_pictures is not None:
            stored = space.stored_pictures[row]
            return _plain(read_image(stored).pixels if isinstance(stored, bytes) else stored)
        column = space.image_paths
        if column is not None and column.values[row] >= 0:
            folder = space.file.resolve().parent
            file = (folder / column.words[int(column.values[row])]).resolve()
            if file.is_relative_to(folder):
                return _plain(read_image(file).pixels)
    return None


def row_pictures(space: LatentSpace, rows: Sequence[int]) -> Pictures:
    """The pictures of rows, uint8 [R, H, W, 3], all in the size of the first; those that are missing are white.

    Raises:
        StudioError: there is no picture of any of them.
    """
    found = [row_picture(space, row) for row in rows]
    first = next((picture for picture in found if picture is not None), None)
    if first is None:
        raise StudioError(
            f"{space.file} has no pictures of these rows: save them as uint8 [N, height, width] in the same file, or a "
            "column of image files that lie beside it."
        )
    height, width = first.shape[:2]
    shown = np.full((len(rows), height, width, 3), 255, dtype=np.uint8)
    for place, picture in enumerate(found):
        if picture is not None:
            image = Image.fromarray(np.broadcast_to(picture, (*picture.shape[:2], 3)))
            shown[place] = np.asarray(ImageOps.pad(image, (width, height), color="white"))
    return shown


def _plain(pixels: Pictures) -> Pictures:
    """Pixels [H, W], or [H, W, C] with or without opacity, as [H, W, 1 or 3]."""
    if pixels.ndim == 2:
        return np.ascontiguousarray(pixels[:, :, None])
    return np.ascontiguousarray(pixels[:, :, : 3 if pixels.shape[2] >= 3 else 1])
