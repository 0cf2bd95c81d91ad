"""How a folder of images is read, found once and kept with what was trained on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import Field

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.framing import Framing
from lsd_studio.engine.images.pixel_rule import PixelRule
from lsd_studio.files.json_text import Strict

TEST_SHARE = 1 / 6
"""Where a folder does not say which images are for testing, about this share of each label is."""

Place = Annotated[float, Field(ge=0, le=1)]


class FolderReading(Strict):
    """How a folder of images is split and read.

    An image's place is a number 0…1 that its content alone determines (`place_of`); images of a label whose place is
    below the label's bound are for testing. So, with these bounds kept, an image stays in its split whatever files
    come or go and whatever they are called, copies of an image are in one split, and what was trained on never becomes
    a test image.

    Attributes:
        split: "content", as above; "folders": folders say it; "positional": every sixth by sorted names, as before
            readings were kept.
        test_below: the bound of each label, by name, where `split` is "content".
        pixels: the rule by which images become 8-bit pixels; None: each by itself, as before readings were kept.
        framing: how images of another size come to one; None where all have one size.
        checksum: SHA-256 over the images of both splits with their labels; None where it is not known.
        images: how many these are.
    """

    split: Literal["content", "folders", "positional"]
    test_below: dict[str, Place] = Field(default_factory=dict)
    pixels: PixelRule | None = None
    framing: Framing | None = None
    checksum: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    images: Annotated[int, Field(ge=0)] = 0


POSITIONAL = FolderReading(split="positional")
"""How folders were read before readings were kept."""


def place_of(digest: str) -> float:
    """The place 0…1 of an image in its label's order: the first 48 bits of the SHA-256 (hexadecimal) of its file."""
    return int(digest[:12], 16) / 2**48


def bounds_for_testing(
    places: Mapping[str, Iterable[float]], kept: Mapping[str, float] | None = None
) -> dict[str, float]:
    """The bound of each label below which images are for testing: a kept one, or one near a sixth of its places.

    One near a sixth leaves each label an image, and its copies, for testing and one for training.

    Raises:
        StudioError: a label without a kept bound has no two different images.
    """
    bounds = {}
    for label, of_label in places.items():
        if kept is not None and label in kept:
            bounds[label] = kept[label]
            continue
        different = sorted(set(of_label))
        if len(different) < 2:
            raise StudioError(
                f"{label} holds one image, or copies of one: at least two different ones are needed, one to train on "
                "and one to test with."
            )
        bounds[label] = min(max(TEST_SHARE, different[1]), different[-1])
    return bounds
