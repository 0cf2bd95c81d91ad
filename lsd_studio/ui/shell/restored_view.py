"""What a figure's JSON or the last session says of a view, before a workspace takes it up."""

from __future__ import annotations

import math
from collections.abc import Mapping

from lsd_studio.engine.messages.figures import ViewSettings

__all__ = ["readable"]

LARGEST = 2**31 - 1
"""The largest number that Qt's controls take."""


def readable(settings: ViewSettings) -> dict[str, object]:
    """The settings without those that hold a number too large for any control, or one that is not finite."""
    return {name: value for name, value in settings.items() if _is_readable(value)}


def _is_readable(value: object) -> bool:
    if isinstance(value, int | float):
        return math.isfinite(value) and abs(value) <= LARGEST
    if isinstance(value, Mapping):
        return all(_is_readable(each) for each in value.values())
    if isinstance(value, list | tuple):
        return all(_is_readable(each) for each in value)
    return True
