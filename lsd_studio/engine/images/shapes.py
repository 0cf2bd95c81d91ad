"""Whether images are of the size that networks take, and the one sentence where they are not."""

from __future__ import annotations

from collections.abc import Sequence

from lsd_studio.engine.errors import StudioError


def check_image_shape(found: Sequence[int], taken: Sequence[int], what: str = "These images are of") -> None:
    """Whether images of the shape `found` [C, H, W] fit networks that take `taken` [C, H, W].

    Raises:
        StudioError: they do not; the sentence begins with `what`.
    """
    if tuple(found) != tuple(taken):
        raise StudioError(
            f"{what} {_in_words(found)}, and the networks take {_in_words(taken)}: please choose images that fit them, "
            "or another bundle."
        )


def _in_words(shape: Sequence[int]) -> str:
    if len(shape) != 3:
        return f"the shape {list(shape)}"
    channels, height, width = shape
    return f"{width}×{height} pixels in {channels} channel{'s' if channels > 1 else ''}"
