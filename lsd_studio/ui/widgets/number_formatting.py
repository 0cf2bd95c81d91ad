"""Numbers as they are written everywhere in the window."""

from __future__ import annotations


def counted(number: float) -> str:
    """A whole number with narrow gaps between its thousands, at which no line breaks."""
    return f"{number:,.0f}".replace(",", "\u202f")


def signed_number(value: float, digits: int = 2) -> str:
    """A number with its sign."""
    return f"{value:+.{digits}f}".replace("-", "−")
