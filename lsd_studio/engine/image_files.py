"""Image files of any common kind, read to 8-bit grey or colour, with what that took in words."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from lsd_studio.engine.errors import StudioError

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "AVIF")
SUFFIXES = frozenset(
    suffix for suffix, image_format in Image.registered_extensions().items() if image_format in FORMATS
)
"""File name endings, in lower case with their dot, of the formats that are read."""

MOST_PIXELS = 100_000_000
FEWEST_PIXELS_A_SIDE = 2

_ORIENTATION = 0x0112
_TURNED = range(2, 9)

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


def read_image(source: Path | str | bytes) -> Picture:
    """Read an image file, given by its path or by its bytes.

    Palettes are resolved, CMYK and other colour spaces turned into RGB, 16 bits and floats into 8, the turn that a
    camera noted is made, and of an animation the first frame is taken.

    Raises:
        StudioError: it is missing, no image of a known format, damaged, smaller than 2 pixels a side, or larger
            than 100 million pixels.
    """
    named = "The picture" if isinstance(source, bytes) else str(source)
    if not isinstance(source, bytes) and not Path(source).is_file():
        raise StudioError(f"{named} is not there or is no file: please name an image file.")
    try:
        with Image.open(
            io.BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS
        ) as image:
            _check_size(image.size, named)
            return _read(image)
    except StudioError:
        raise
    except UnidentifiedImageError as error:
        raise StudioError(
            f"{named} is no image of a known kind: please use {', '.join(FORMATS[:-1])} or {FORMATS[-1]}."
        ) from error
    except Exception as error:  # whatever a decoder trips over in a damaged file
        raise StudioError(
            f"{named} is damaged and cannot be read ({error}): please use an intact copy."
        ) from error


def decode_png(content: bytes, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """uint8 [C, H, W] of a PNG file's bytes, which must be of this shape; C = 1 or 3.

    Raises:
        StudioError: it is no PNG, damaged, or of another size, which is known before it is decoded.
    """
    channels, height, width = shape
    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
            if image.size != (width, height):
                raise StudioError(
                    f"The picture has {image.width}×{image.height} pixels and the bundle's networks take "
                    f"{width}×{height}; open the picture as an image file."
                )
            pixels = np.asarray(image.convert("L" if channels == 1 else "RGB"))
    except StudioError:
        raise
    except Exception as error:  # whatever a decoder trips over in a damaged file
        raise StudioError("The picture that was kept is no intact PNG; open the image anew.") from error
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


def _read(image: Image.Image) -> Picture:
    steps = []
    if getattr(image, "is_animated", False):
        steps.append("took the first frame of several")
    upright = ImageOps.exif_transpose(image)
    if image.getexif().get(_ORIENTATION) in _TURNED:
        steps.append("turned upright as the camera noted")
    mode = upright.mode
    if mode.startswith("I") or mode == "F":
        pixels, step = _eight_bits(np.asarray(upright, dtype=np.float32), mode)
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


def _without_palette(image: Image.Image) -> Image.Image:
    """Grey where every colour that occurs is grey, else RGB; with opacity where the palette has it."""
    plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
    red, green, blue = (np.asarray(plain.getchannel(name)) for name in "RGB")
    if np.array_equal(red, green) and np.array_equal(green, blue):
        return plain.convert("LA" if plain.mode == "RGBA" else "L")
    return plain


def _eight_bits(values: NDArray[Any], mode: str) -> tuple[NDArray[np.uint8], str]:
    """Integers by the range of the bits that they use (8, 10, 12, 14 or 16, as cameras and scanners store them), other
    numbers by their least and greatest, to 0…255.
    """
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        raise ValueError("it holds no finite number")
    low, high = float(finite.min()), float(finite.max())
    if mode != "F" and low >= 0 and high <= 65535:
        bits = next(bits for bits in (8, 10, 12, 14, 16) if high < 2**bits)
        low, high, step = 0.0, 2.0**bits - 1, f"turned {bits} bits into 8"
    else:
        step = f"turned values {low:g}…{high:g} into 8 bits"
    scaled = (np.nan_to_num(values, nan=low, posinf=high, neginf=low) - low) * (255 / max(high - low, 1e-12))
    return np.rint(scaled).astype(np.uint8), step


def flatten_transparency(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Pixels as in `Picture` without opacity, [H, W] or [H, W, 3], and what that took, in words.

    Where a picture is transparent the ground shows that it stands out from: black if it is bright, else white.
    """
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return pixels, ()
    if pixels.shape[2] == 1:
        return pixels[..., 0], ()
    colour = pixels[..., 0] if pixels.shape[2] == 2 else pixels[..., :3]
    alpha = pixels[..., -1]
    if alpha.min() == 255:
        return colour, ()
    opacity = (alpha if colour.ndim == 2 else alpha[..., None]).astype(np.float32) / 255
    drawn = colour * opacity
    bright = float(drawn.mean()) > 127.5 * float(opacity.mean())
    ground, name = (0, "black") if bright else (255, "white")
    return np.rint(drawn + ground * (1 - opacity)).astype(np.uint8), (f"laid on {name} where transparent",)


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
