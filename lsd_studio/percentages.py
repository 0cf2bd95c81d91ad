"""Probabilities in words, the same in the window and on the command line."""

from __future__ import annotations


def percent(probability: float) -> str:
    """A probability as people read it, never rounded up to certainty."""
    if probability >= 0.9995:
        return "> 99.9 %"
    return f"{100 * probability:.1f} %"
