"""One seed, and random numbers of their own for each purpose, so that no two draws coincide."""

from __future__ import annotations

import hashlib

import numpy as np

__all__ = ["random_numbers"]


def random_numbers(seed: int, *purpose: str | int) -> np.random.Generator:
    """The numbers of a seed, 0…2⁶³ − 1, for one purpose: the same for the same words, independent for others.

    They are of the child of the seed's sequence (`SeedSequence.spawn`) that the hash of the purpose names.

    >>> noise, codes = random_numbers(0, "noise"), random_numbers(0, "posterior")
    >>> bool(noise.random() == codes.random())
    False
    """
    digest = hashlib.sha256("/".join(map(str, purpose)).encode()).digest()
    child = tuple(np.frombuffer(digest[:16], "<u4").tolist())
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=child))
