"""Image files of any common kind, read to 8-bit grey or colour, with what that took in words.

An image by itself is scaled by its own numbers; one of a set by the set's `PixelRule`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.pixel_rule import Ground, Look, PixelRule, bits_of
from lsd_studio.engine.images.shapes import check_image_shape
from lsd_studio.engine.platform.file_names import readable

Image.init()
FORMATS = tuple(
    known for known in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "AVIF") if known in Image.OPEN
)
"""The formats that are read, of these the ones that the installed Pillow knows: AVIF came with 11.3."""
SUFFIXES = frozenset(
    suffix for suffix, image_format in Image.registered_extensions().items() if image_format in FORMATS
)
"""File name endings, in lower case with their dot, of the formats that are read."""

ImageSource = Path | bytes | NDArray[Any]
"""An image file by its path or its bytes, or pixels [H, W] or [H, W, 1…4] of truth values or numbers."""

MOST_PIXELS = 100_000_000
FEWEST_PIXELS_A_SIDE = 2

_ORIENTATION = 0x0112
_TURNED = range(2, 9)
_ON_THE_SIDE = range(5, 9)

# Pillow's own limit warns on standard error before it refuses; MOST_PIXELS is checked instead, before decoding.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as it was read.

    Attributes:
        pixels: uint8 [H, W] grey, [H, W, 2] grey and opacity, [H, W, 3] RGB, or [H, W, 4] RGB and opacity.
        steps: what reading it took, in words.
    """

    pixels: NDArray[np.uint8]
    steps: tuple[str, ...] = ()


def read_image(
    source: ImageSource | str, rule: PixelRule | None = None, named: str = "The picture"
) -> Picture:
    """Read an image file, given by its path or by its bytes, or pixels that are at hand.

    Palettes are resolved, CMYK and other colour spaces turned into RGB, the turn that a camera noted is made, and of an
    animation the first frame is taken. 16 bits and floats become 8 bits by the rule of the image's set, or else by its
    own numbers.

    Args:
        named: what bytes and pixels are called in errors.

    Raises:
        StudioError: it is missing, no image of a known format, damaged, smaller than 2 pixels a side, or larger
            than 100 million pixels.
    """
    if isinstance(source, np.ndarray):
        return _of_pixels(source, rule, named)
    with _opened(source, named) as image:
        return _read(image, rule)


def read_pages(source: Path, most_bytes: int) -> list[NDArray[Any]]:
    """The pages of an image file as pixels, such as the images of a TIFF stack; more than 8 bits are kept.

    Raises:
        StudioError: as `read_image`, or the pages have more than `most_bytes` in all.
    """
    pages: list[NDArray[Any]] = []
    left = most_bytes
    with _opened(source) as image:
        for page in ImageSequence.Iterator(image):
            _check_size(page.size, f"{readable(source)}, page {len(pages) + 1},")
            left -= page.width * page.height * (4 if _is_deep(page.mode) else len(page.getbands()))
            if left < 0:
                raise StudioError(
                    f"{readable(source)} has pages of more than {most_bytes} bytes in all, which are held in memory: "
                    "please split it, or scale its pages down."
                )
            pages.append(np.array(page) if _is_deep(page.mode) else _read(page, None).pixels)
    return pages


def look_at(source: ImageSource, named: str = "The picture") -> Look:
    """What the rule of a set needs to know of one image; plain 8-bit images are not decoded.

    Raises:
        StudioError: as `read_image`.
    """
    if isinstance(source, np.ndarray):
        return _look_at_pixels(source, named)
    with _opened(source, named) as image:
        size = image.size[::-1] if image.getexif().get(_ORIENTATION) in _ON_THE_SIDE else image.size
        if image.mode in ("1", "L", "RGB") and "transparency" not in image.info:
            return Look(size, colour=image.mode == "RGB")
        if _is_deep(image.mode):
            limits = _limits(np.asarray(image, dtype=np.float32))
            is_real = image.mode == "F"
            return Look(size, False, integers=None if is_real else limits, floats=limits if is_real else None)
        pixels = _read(image, None).pixels
    return _look(pixels, size)


def _look(pixels: NDArray[np.uint8], size: tuple[int, int]) -> Look:
    planes = pixels.shape[2] if pixels.ndim == 3 else 1
    if planes in (1, 3) or pixels[..., -1].min() == 255:
        return Look(size, colour=planes >= 3)
    drawn, opacity = _drawn(pixels)
    return Look(size, planes >= 3, drawn=float(drawn.mean()), opacity=float(opacity.mean()))


@contextmanager
def _opened(source: Path | str | bytes, named: str = "") -> Iterator[Image.Image]:
    """An image file whose size is checked; whatever goes wrong with it, also later in the block, is one sentence."""
    if not isinstance(source, bytes):
        named = readable(source)
    if not isinstance(source, bytes) and not Path(source).is_file():
        raise StudioError(f"{named} does not exist or is no file: please name an image file.")
    if (len(source) if isinstance(source, bytes) else Path(source).stat().st_size) == 0:
        raise StudioError(f"{named} is empty (0 bytes): please use an intact copy.")
    try:
        with Image.open(
            io.BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS
        ) as image:
            _check_size(image.size, named)
            yield image
    except StudioError:
        raise
    except UnidentifiedImageError as error:
        raise StudioError(
            f"{named} is no image of a known kind: please use {', '.join(FORMATS[:-1])} or {FORMATS[-1]}."
        ) from error
    except Exception as error:  # whatever a decoder trips over in a damaged file
        raise StudioError(f"{named} is damaged and cannot be read: please use an intact copy.") from error


def decode_png(content: bytes, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """uint8 [C, H, W] of a PNG file's bytes, which must be of this shape; C = 1 or 3.

    Raises:
        StudioError: it is no PNG, damaged, or of another size, which is known before it is decoded.
    """
    channels, height, width = shape
    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
            check_image_shape((channels, image.height, image.width), shape, "This picture is of")
            pixels = np.asarray(image.convert("L" if channels == 1 else "RGB"))
    except StudioError:
        raise
    except Exception as error:  # whatever a decoder trips over in a damaged file
        raise StudioError("The stored picture is not an intact PNG: open the image again.") from error
    return pixels.reshape(height, width, channels).transpose(2, 0, 1)


def _check_size(size: tuple[int, int], named: str) -> None:
    width, height = size
    if min(size) < FEWEST_PIXELS_A_SIDE:
        raise StudioError(
            f"{named} has {width}×{height} pixels, too few to show anything: "
            f"please use at least {FEWEST_PIXELS_A_SIDE} a side."
        )
    if width * height > MOST_PIXELS:
        raise StudioError(
            f"{named} has {width}×{height} pixels, more than {MOST_PIXELS // 1_000_000} million: "
            "please scale it down."
        )


def _read(image: Image.Image, rule: PixelRule | None) -> Picture:
    steps = []
    if getattr(image, "is_animated", False):
        steps.append("took the first frame of several")
    upright = ImageOps.exif_transpose(image)
    if image.getexif().get(_ORIENTATION) in _TURNED:
        steps.append("turned upright as the camera noted")
    mode = upright.mode
    if _is_deep(mode):
        pixels, step = _eight_bits(np.asarray(upright, dtype=np.float32), mode, rule)
        return Picture(pixels, (*steps, step))
    if mode == "P":
        plain = _without_palette(upright)
        steps.append("resolved the palette")
    elif mode == "1":
        plain = upright.convert("L")
    elif mode in ("L", "RGB", "LA", "RGBA"):
        plain = (
            upright.convert(f"{mode}A")
            if "transparency" in upright.info and mode in ("L", "RGB")
            else upright
        )
    elif mode in ("La", "PA", "RGBa", "RGBX"):
        plain = upright.convert({"La": "LA", "PA": "RGBA", "RGBa": "RGBA", "RGBX": "RGB"}[mode])
    else:
        plain = upright.convert("RGB")
        steps.append(f"turned {mode} into RGB")
    return Picture(np.array(plain), tuple(steps))


def _of_pixels(values: NDArray[Any], rule: PixelRule | None, named: str) -> Picture:
    _check_size(values.shape[1::-1], named)
    kind = values.dtype.kind
    steps: tuple[str, ...] = ()
    if kind == "b":
        values = values.astype(np.uint8) * np.uint8(255)
    elif values.dtype != np.uint8:
        _limits_of_pixels(values, named)
        values, step = _eight_bits(values.astype(np.float32), "F" if kind == "f" else "I", rule)
        steps = (step,)
    return Picture(values[..., 0] if values.shape[2:] == (1,) else values, steps)


def _look_at_pixels(values: NDArray[Any], named: str) -> Look:
    look = _look(_of_pixels(values, None, named).pixels, values.shape[1::-1])
    if values.dtype == np.uint8 or values.dtype.kind == "b":
        return look
    limits = _limits_of_pixels(values, named)
    is_real = values.dtype.kind == "f"
    return replace(look, integers=None if is_real else limits, floats=limits if is_real else None)


def _limits_of_pixels(values: NDArray[Any], named: str) -> tuple[float, float]:
    try:
        return _limits(values.astype(np.float32))
    except ValueError as error:
        raise StudioError(f"{named} holds no finite number: please leave it out.") from error


def _without_palette(image: Image.Image) -> Image.Image:
    """Grey where every colour that occurs is grey, else RGB; with opacity where the palette has it."""
    plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
    red, green, blue = (np.asarray(plain.getchannel(name)) for name in "RGB")
    if np.array_equal(red, green) and np.array_equal(green, blue):
        return plain.convert("LA" if plain.mode == "RGBA" else "L")
    return plain


def _is_deep(mode: str) -> bool:
    """Whether numbers of this mode have more than 8 bits."""
    return mode.startswith("I") or mode == "F"


def _limits(values: NDArray[Any]) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        raise ValueError("it holds no finite number")
    return float(finite.min()), float(finite.max())


def _eight_bits(values: NDArray[Any], mode: str, rule: PixelRule | None) -> tuple[NDArray[np.uint8], str]:
    """Numbers as 0…255: by the set's rule, where it has one for their kind, or by their own.

    Their own are for integers the range of the bits that they use, for other numbers their least and greatest.
    """
    own = _limits(values)
    kept = None if rule is None else rule.floats if mode == "F" else rule.integers
    low, high = kept or (own if mode == "F" else bits_of(*own))
    if kept is not None:
        step = f"turned values {low:g}…{high:g} into 8 bits, as in all images of the set"
    elif mode == "F" or low < 0 or high > 65535:
        step = f"turned values {low:g}…{high:g} into 8 bits"
    else:
        step = f"turned {int(high).bit_length()} bits into 8"
    scaled = (np.nan_to_num(values, nan=low, posinf=high, neginf=low) - low) * (255 / max(high - low, 1e-12))
    return np.rint(np.clip(scaled, 0, 255)).astype(np.uint8), step


def flatten_transparency(
    pixels: NDArray[np.uint8], ground: Ground | None = None
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Pixels as in `Picture` without opacity, [H, W] or [H, W, 3], and what that took, in words.

    Where a picture is transparent the ground shows: that of its set, or else the one that it stands out from, black
    if it is bright, else white.
    """
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return pixels, ()
    if pixels.shape[2] == 1:
        return pixels[..., 0], ()
    if pixels[..., -1].min() == 255:
        return pixels[..., 0] if pixels.shape[2] == 2 else pixels[..., :3], ()
    drawn, opacity = _drawn(pixels)
    if ground is None:
        ground = "black" if float(drawn.mean()) > 127.5 * float(opacity.mean()) else "white"
    laid = drawn + (0 if ground == "black" else 255) * (1 - opacity)
    return np.rint(laid).astype(np.uint8), (f"laid on {ground} where transparent",)


def _drawn(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Colour times opacity, and opacity 0…1, of pixels [H, W, 2] or [H, W, 4]."""
    colour = pixels[..., 0] if pixels.shape[2] == 2 else pixels[..., :3]
    alpha = pixels[..., -1]
    opacity = (alpha if colour.ndim == 2 else alpha[..., None]).astype(np.float32) / np.float32(255)
    return np.multiply(colour, opacity, dtype=np.float32), opacity


def match_channels(pixels: NDArray[np.uint8], channels: int) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Opaque pixels [H, W] or [H, W, 3] as grey [H, W] for one channel, else as [H, W, channels]."""
    if channels == 1:
        if pixels.ndim == 2:
            return pixels, ()
        return np.asarray(Image.fromarray(pixels).convert("L")), ("turned colour into grey",)
    if pixels.ndim == 2:
        return np.repeat(pixels[..., None], channels, axis=2), (f"repeated grey in {channels} channels",)
    if pixels.shape[2] != channels:
        raise ValueError(f"{pixels.shape[2]} channels cannot become {channels}")
    return pixels, ()
