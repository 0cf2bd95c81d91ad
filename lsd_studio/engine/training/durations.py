"""Seconds in words."""

from __future__ import annotations

__all__ = ["told_duration"]


def told_duration(seconds: float) -> str:
    """Seconds in words: "40 s", "12 min", "3 h 20 min", "6 d 4 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"
