"""What a figure's JSON or the last session says of a view, before a workspace takes it up."""

from __future__ import annotations

from lsd_studio.engine.figures.spec import ViewSettings

__all__ = ["readable"]

LARGEST_NUMBER = 2**31 - 1
"""That Qt's controls take."""
MOST_ENTRIES = 100_000
LONGEST_TEXT = 10_000


def readable(settings: ViewSettings) -> dict[str, object]:
    """The settings without those that no control can show: numbers, texts or lists beyond its bounds, or no JSON."""
    return {name: value for name, value in settings.items() if _is_readable(value)}


def _is_readable(value: object) -> bool:
    match value:
        case None:
            return True
        case int() | float():
            return abs(value) <= LARGEST_NUMBER
        case str():
            return len(value) <= LONGEST_TEXT
        case dict():
            return len(value) <= MOST_ENTRIES and all(map(_is_readable, value.values()))
        case list() | tuple():
            return len(value) <= MOST_ENTRIES and all(map(_is_readable, value))
    return False
