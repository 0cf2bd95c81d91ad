"""Probabilities and shares in words, the same in the window and on the command line."""

from __future__ import annotations


def percent(probability: float) -> str:
    """A probability as people read it, never rounded up to certainty."""
    if probability >= 0.9995:
        return "> 99.9 %"
    return percentage(probability, 1)


def percentage(share: float, digits: int = 0) -> str:
    """A share of 1, in per cent."""
    return f"{100 * share:.{digits}f} %"
