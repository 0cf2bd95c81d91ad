"""Names in sentences, whichever side they are written from."""

from __future__ import annotations

from unicodedata import bidirectional

FROM_THE_RIGHT = ("R", "AL", "AN")
"""Classes of letters in Unicode's bidirectional algorithm (UAX #9)."""


def isolated(name: str) -> str:
    """A name for use among other words: one that is written from the right would turn the order of those around it."""
    if not any(bidirectional(letter) in FROM_THE_RIGHT for letter in name):
        return name
    return f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}"
