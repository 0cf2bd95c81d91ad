"""Pictures one after the other in one file: a strip (PNG), an animation (GIF) or a film (MP4)."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.captions import LINE, paint_line
from lsd_studio.files.writing import write_file

Pictures = NDArray[np.uint8]

EDGE = 224
"""Pixels that the longer edge of a small picture is enlarged to in animations, in whole steps."""

TILE = 84
GAP, CAPTION = 8, 34
INK, PAPER = (34, 34, 34), (255, 255, 255)
MOST_TILES_A_ROW = 19
FRAMES_A_SECOND = 12


def check_film(path: Path) -> None:
    """Find out before long work whether `write_film` can write such a file.

    Raises:
        StudioError: the ending is none of .png, .gif and .mp4, the folder is missing, or films need a missing library.
    """
    if path.suffix.lower() not in _WRITERS:
        raise StudioError(f"{path.name} is no film format: end the name in one of {', '.join(SUFFIXES)}.")
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise StudioError(f"{path} cannot be written: please name a file in a folder that exists.")
    if path.suffix.lower() == ".mp4":
        _av()


def write_film(path: Path, pictures: Pictures, captions: Sequence[str]) -> None:
    """Write pictures, uint8 [P, H, W, C] with C 1 or 3, as the ending of `path` says.

    A strip (.png) shows all of them with their captions of up to two lines, cut with … where they are wider than the
    picture, at most 19 in a row; an animation (.gif)
    repeats for ever, at 12 pictures a second like a film (.mp4, H.264). Small pictures are enlarged in whole steps.

    Raises:
        StudioError: as `check_film`, or the disk is full or not writable.
    """
    check_film(path)
    if pictures.shape[-1] == 1:
        pictures = np.repeat(pictures, 3, axis=-1)
    write_file(path.absolute(), _WRITERS[path.suffix.lower()](pictures, captions))


def _strip(pictures: Pictures, captions: Sequence[str]) -> bytes:
    tiles = [Image.fromarray(picture) for picture in _enlarged(pictures, TILE)]
    columns = min(len(tiles), MOST_TILES_A_ROW)
    rows = -(-len(tiles) // columns)
    width, height = tiles[0].width + GAP, tiles[0].height + CAPTION + GAP
    sheet = Image.new("RGB", (GAP + columns * width, GAP + rows * height), PAPER)
    pen = ImageDraw.Draw(sheet)
    for place, (tile, caption) in enumerate(zip(tiles, captions, strict=True)):
        left, top = GAP + place % columns * width, GAP + place // columns * height
        sheet.paste(tile, (left, top))
        for line, words in enumerate(caption.split("\n")):
            below = top + tile.height + 2 + line * LINE
            paint_line(pen, left + tile.width / 2, below, words, INK, tile.width + GAP - 2)
    return _saved(sheet, "PNG")


def _animation(pictures: Pictures, captions: Sequence[str]) -> bytes:
    first, *others = [Image.fromarray(picture) for picture in _enlarged(pictures, EDGE)]
    return _saved(
        first,
        "GIF",
        save_all=True,
        append_images=others,
        duration=1000 // FRAMES_A_SECOND,
        loop=0,
        disposal=1,
    )


def _film(pictures: Pictures, captions: Sequence[str]) -> bytes:
    av, file = _av(), io.BytesIO()
    frames = _enlarged(pictures, EDGE)
    frames = np.pad(frames, ((0, 0), (0, frames.shape[1] % 2), (0, frames.shape[2] % 2), (0, 0)), "edge")
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FRAMES_A_SECOND, options={"crf": "16"})
        stream.height, stream.width, stream.pix_fmt = *frames.shape[1:3], "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return file.getvalue()


_WRITERS: dict[str, Callable[[Pictures, Sequence[str]], bytes]] = {
    ".png": _strip,
    ".gif": _animation,
    ".mp4": _film,
}
SUFFIXES = tuple(_WRITERS)
"""File name endings that can be written."""


def _enlarged(pictures: Pictures, edge: int) -> Pictures:
    times = max(1, edge // max(pictures.shape[1:3]))
    return np.ascontiguousarray(pictures.repeat(times, axis=1).repeat(times, axis=2))


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _av() -> ModuleType:
    try:
        import av
    except ImportError as error:
        raise StudioError(
            "MP4 films need the library PyAV: please run `pip install av`, or end the name in .gif."
        ) from error
    return av
