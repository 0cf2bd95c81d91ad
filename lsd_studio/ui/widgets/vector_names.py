"""How vectors are called: by label α and set i, set outer and label inner (R13)."""

from __future__ import annotations

from collections.abc import Sequence

from lsd_studio.bidirectional import isolated


def vector_name(symbol: str, vector: int, label_names: Sequence[str]) -> str:
    """A vector's short name, such as "ξ(3, 1)"; sets are counted from 1 as in the paper."""
    return f"{symbol}({isolated(label_names[vector % len(label_names)])}, {vector // len(label_names) + 1})"


def vector_words(vector: int, label_names: Sequence[str]) -> str:
    """A vector in words, such as "label 3, set 1"."""
    return f"label {isolated(label_names[vector % len(label_names)])}, set {vector // len(label_names) + 1}"
