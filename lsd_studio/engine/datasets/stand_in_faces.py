"""Generated colour faces, a stand-in for photographs that cannot be shipped (R24).

Drawn by DiceBear in the style Lorelei by Lisa Wischofsky (CC0 1.0), turned into pixels once and packed.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lsd_studio.engine.datasets.labelled_images import Progress
from lsd_studio.engine.datasets.packed_images import pack_images
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.vocabulary import Split
from lsd_studio.files.writing import write_file

EDGE = 96
FEWEST = 12

HAIR = {
    "black": "0e0e0e",
    "brown": "6a4e35",
    "copper": "b55239",
    "orange": "cb6820",
    "blond": "e6c770",
    "grey": "a7a7a7",
}
"""Colours of the hair, RRGGBB, whose names are the labels."""

SKIN = {"pale": "ffdbac", "fair": "f9d3b4", "tan": "eab38b", "brown": "c68642", "dark": "8d5524"}
GROUND = ("b6e3f4", "c0aede", "d1d4f9", "ffd5dc", "ffdfbf", "bfe3c0")

STYLE = "lorelei.json"
PARTS = ("hair", "head", "eyes", "eyebrows", "nose", "mouth", "glasses", "beard", "earrings", "freckles")
"""Parts whose variant is noted of each face, beside the colours; one that a face does not have is left empty."""

TEST_FACE_EVERY = 6


def make_faces(folder: Path, count: int, seed: int, progress: Progress | None) -> None:
    """Draw faces 96×96×3 and pack them into `folder`, every sixth as a test image.

    Labels are the colours of the hair; all attributes stand in `attributes.csv`. The same seed draws the same faces.

    Raises:
        StudioError: DiceBear or resvg is not installed, there are too few faces for both splits, or the disk is full.
    """
    if count < FEWEST:
        raise StudioError(f"{count} faces are too few: please ask for {FEWEST} or more.")
    draw = _artist()
    names = list(HAIR)
    attributes: list[dict[str, object]] = []
    is_test = np.arange(count) % TEST_FACE_EVERY == TEST_FACE_EVERY - 1
    colours = np.random.default_rng(seed).integers(len(names), size=count)

    def drawn(numbers: NDArray[np.int64], split: Split) -> Iterator[NDArray[np.uint8]]:
        for place, number in enumerate(numbers):
            if progress is not None:
                progress(f"Drawing stand-in faces ({split})", place / len(numbers))
            pixels, found = draw(f"{seed}/{number}", HAIR[names[colours[number]]])
            attributes.append({"split": split, "place": place, **_attributes(found)})
            yield pixels

    splits: tuple[tuple[Split, NDArray[np.bool_]], ...] = (("train", ~is_test), ("test", is_test))
    for split, belongs in splits:
        numbers = np.flatnonzero(belongs)
        labels = colours[numbers].astype(np.int64)
        pack_images(folder, split, drawn(numbers, split), labels, (3, EDGE, EDGE), tuple(names))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(attributes[0]))
    writer.writeheader()
    writer.writerows(attributes)
    write_file(folder / "attributes.csv", text.getvalue().encode())


def _artist() -> Callable[[str, str], tuple[NDArray[np.uint8], Mapping[str, Any]]]:
    """A function that draws the face of a seed with hair of a colour: uint8 [3, 96, 96] and what was chosen."""
    try:
        import dicebear
        import resvg_py
    except ImportError as error:
        raise StudioError(
            "Faces are drawn by DiceBear and resvg, which are not installed: please run "
            "`pip install 'lsd-studio[faces]'`."
        ) from error
    style = dicebear.Style(json.loads(files("dicebear_styles").joinpath(STYLE).read_text("utf-8")))
    options = {"skinColor": list(SKIN.values()), "backgroundColor": list(GROUND), "size": EDGE}

    def draw(seed: str, hair: str) -> tuple[NDArray[np.uint8], Mapping[str, Any]]:
        face = dicebear.Avatar(style, {**options, "hairColor": [hair], "seed": seed})
        png = resvg_py.svg_to_bytes(
            svg_string=face.to_string(), width=EDGE, height=EDGE, skip_system_fonts=True
        )
        with Image.open(io.BytesIO(bytes(png)), formats=["PNG"]) as image:
            pixels = np.asarray(image.convert("RGB"))
        return np.ascontiguousarray(pixels.transpose(2, 0, 1)), face.to_json()["options"]

    return draw


def _attributes(chosen: Mapping[str, Any]) -> dict[str, str]:
    """Names of colours and variants, from the options that DiceBear came to."""
    return {
        "hair_colour": _colour_name(HAIR, chosen.get("hairColor")),
        "skin_colour": _colour_name(SKIN, chosen.get("skinColor")),
        **{part: str(chosen.get(f"{part}Variant", "")) for part in PARTS},
    }


def _colour_name(names: Mapping[str, str], chosen: Sequence[str] | None) -> str:
    return next((name for name, value in names.items() if chosen and chosen[0] == f"#{value}"), "")
