"""Pixels as a figure's or a session's JSON keeps them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EncodedPixels:
    """An image of the size that the networks take as a PNG file's bytes, which the engine decodes."""

    png: bytes
