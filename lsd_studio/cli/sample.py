"""What a machine without a display is shown: one digit of the shipped test images, decomposed into a picture."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lsd_studio.cli.answers import print_table
from lsd_studio.cli.decompose import name_terms
from lsd_studio.cli.plain_text import plain
from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.operations.decompose import DecomposedImage

SAMPLE = 0
TILE = 112
MARGIN = 16
CAPTION = 18
BARS_HEIGHT = 180
BARS_SHOWN = 20
INK = (34, 34, 34)
PAPER = (255, 255, 255)
POSITIVE = (0, 119, 187)
NEGATIVE = (204, 51, 17)

COMMANDS = (
    ("lsd-studio decompose mnist-studio IMAGE… --json -", "decompose your own images"),
    ("lsd-studio evaluate mnist-studio --json -", "measure the shipped bundle"),
    ("lsd-studio train --out RUN", "train your own models"),
    ("lsd-studio basis RUN", "build a run's basis again"),
    ("lsd-studio operate mnist-studio IMAGE --path 0,1,2 --out strip.png", "turn a digit into others"),
    ("lsd-studio denoise mnist-studio IMAGE --out clean.png", "denoise a picture in every way"),
    ("lsd-studio screenshots DIR", "see the window in pictures"),
)


def show_sample(place: str) -> None:
    """Decompose a test image with the bundle at `place` into a PNG and a table, and name what needs no display.

    Raises:
        StudioError: the bundle or its data set cannot be opened, or the picture can be written nowhere.
    """
    with Engine() as engine:
        opened = engine.bundles.open(place).result()
        data = engine.bundles.test_images(opened.data_set).result()
        found = engine.decompose.image(data.images[SAMPLE]).result()
    names = opened.label_names
    path = _write(draw_decomposition(found, names))
    what = f"test image {SAMPLE} of {data.name}, a {names[int(data.labels[SAMPLE])]}"
    print(plain(f"So here is {what}, in {path}:\n"))
    rows = [
        (f"{part.terms} terms", names[part.label], f"{part.probability:.1%}", term)
        for part, term in zip(
            found.truncations, name_terms(names, found.amplitudes, found.ranking), strict=False
        )
    ]
    rows.insert(0, ("the image", names[found.label], f"{found.probability:.1%}", ""))
    print_table(("decoded from", "read as", "surely", "largest amplitudes (label, set)"), rows)
    print("\nThese work here:")
    print_table(("", ""), COMMANDS)


def draw_decomposition(found: DecomposedImage, names: Sequence[str]) -> Image.Image:
    """The image, its truncated reconstructions with what C reads in each, and its largest amplitudes as bars."""
    tiles = [("image", found.picture, names[found.label])]
    tiles += [(f"n = {part.terms}", part.picture, names[part.label]) for part in found.truncations]
    width = MARGIN + len(tiles) * (TILE + MARGIN)
    height = 4 * MARGIN + 3 * CAPTION + TILE + BARS_HEIGHT
    sheet = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=14)
    for place, (caption, pixels, name) in enumerate(tiles):
        left = MARGIN + place * (TILE + MARGIN)
        sheet.paste(_picture(pixels).resize((TILE, TILE), Image.Resampling.NEAREST), (left, MARGIN))
        pen.text((left, MARGIN + TILE + 2), f"{caption}: reads {name}", INK, font)
    _draw_bars(
        pen, font, names, found, (MARGIN, 2 * MARGIN + TILE + CAPTION, width - MARGIN, height - MARGIN)
    )
    return sheet


def _draw_bars(
    pen: ImageDraw.ImageDraw,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    names: Sequence[str],
    found: DecomposedImage,
    box: tuple[int, int, int, int],
) -> None:
    left, top, right, bottom = box
    pen.text((left, top), f"largest amplitudes c, of {len(found.amplitudes)} (below: label, set)", INK, font)
    top, bottom = top + CAPTION + MARGIN // 2, bottom - CAPTION
    shown = [int(vector) for vector in found.ranking[:BARS_SHOWN]]
    reach = max(float(np.abs(found.amplitudes[shown]).max()), 1e-9)
    zero, half = (top + bottom) / 2, (bottom - top) / 2
    step = (right - left) / len(shown)
    pen.line((left, zero, right, zero), INK)
    for place, vector in enumerate(shown):
        value = float(found.amplitudes[vector])
        x, y = left + place * step, zero - half * value / reach
        colour = POSITIVE if value > 0 else NEGATIVE
        pen.rectangle((x + 4, min(y, zero), x + step - 4, max(y, zero)), colour)
        set_, label = divmod(vector, len(names))
        pen.text((x + 4, bottom + 2), f"{names[label]}, {set_ + 1}", INK, font)


def _picture(values: np.ndarray) -> Image.Image:
    return Image.fromarray(values[..., 0] if values.shape[2] == 1 else values).convert("RGB")


def _write(picture: Image.Image) -> Path:
    """Save under a free name in the current folder or, where that cannot be, in the one for temporary files."""
    for folder in (Path.cwd(), Path(tempfile.gettempdir())):
        for number in range(1, 1000):
            path = folder / ("lsd-studio-sample.png" if number == 1 else f"lsd-studio-sample-{number}.png")
            try:
                descriptor = os.open(
                    path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o644
                )
            except FileExistsError:
                continue
            except OSError:
                break
            try:
                with os.fdopen(descriptor, "wb") as file:
                    picture.save(file, "PNG")
            except OSError:
                path.unlink(missing_ok=True)
                break
            return path
    raise StudioError(
        "the picture could be written neither here nor to the temporary folder: please make room."
    )
