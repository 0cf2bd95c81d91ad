"""Small pictures of codes, for a plane that shows few of them."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.codes_alone import CodeRows

if TYPE_CHECKING:
    from lsd_studio.engine.latent.dataset import LatentDataset

Picture = NDArray[np.uint8]

Thumbnails: TypeAlias = Mapping[int, Picture | None]
"""Of codes by their index: uint8 [h, w, 3], 64 pixels at most each way; None where a code has no picture."""

MOST_THUMBNAILS = 150
"""Codes whose pictures are shown at a time."""

EDGE = 64
AT_ONCE = 16
"""Pictures that are read before others have their turn."""


def picture_of(of: LatentDataset, index: int) -> Picture | None:
    """The picture of a code, uint8 [H, W, 1 or 3]; None where it has none."""
    if isinstance(of.data, CodeRows):
        return of.data.picture_of(int(of.data.rows[index]))
    return np.ascontiguousarray(of.data.images[index].transpose(1, 2, 0))


def thumbnails(of: LatentDataset, indices: NDArray[np.int64]) -> Generator[Thumbnails, None, None]:
    """Yields the pictures of codes, 16 at a time; larger ones are made smaller, all of their sides alike.

    Raises:
        StudioError: there are more than 150, or there is no such code.
    """
    if len(indices) > MOST_THUMBNAILS:
        raise StudioError(
            f"Pictures of up to {MOST_THUMBNAILS} codes are shown, not {len(indices)}: choose fewer."
        )
    if len(indices) and not (indices.min() >= 0 and indices.max() < len(of.codes)):
        raise StudioError(f"Codes are numbered 0 to {len(of.codes) - 1}: choose among these.")
    for first in range(0, len(indices), AT_ONCE):
        some = indices[first : first + AT_ONCE].tolist()
        yield {index: _small(picture_of(of, index)) for index in some}


def _small(picture: Picture | None) -> Picture | None:
    if picture is None:
        return None
    image = Image.fromarray(picture[..., 0] if picture.shape[2] == 1 else picture).convert("RGB")
    image.thumbnail((EDGE, EDGE))
    return np.asarray(image)
