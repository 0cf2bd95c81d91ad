"""Seconds in words, the same in the window and on the command line."""

from __future__ import annotations

LONGEST_DAYS = 1000


def format_duration(seconds: float) -> str:
    """Seconds as people say them: "40 s", "12 min", "3 h 05 min", "6 d 4 h"; from "1 s" to "more than 1000 d"."""
    if not seconds <= LONGEST_DAYS * 86_400:
        return f"more than {LONGEST_DAYS} d"
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes:02d} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"
