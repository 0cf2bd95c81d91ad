"""One seed, and random numbers of their own for each purpose, so that no two draws coincide."""

from __future__ import annotations

import hashlib

import numpy as np

__all__ = ["derived_seed", "random_numbers"]


def random_numbers(seed: int, *purpose: str | int) -> np.random.Generator:
    """The numbers of a seed, 0…2⁶³ − 1, for one purpose: the same for the same words, independent for others.

    They are of the child of the seed's sequence (`SeedSequence.spawn`) that the hash of the purpose names.

    >>> noise, codes = random_numbers(0, "noise"), random_numbers(0, "posterior")
    >>> bool(noise.random() == codes.random())
    False
    """
    child = tuple(np.frombuffer(_digest(*purpose)[:16], "<u4").tolist())
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=child))


def derived_seed(*parts: object) -> int:
    """A 63-bit seed from a run's seed and the names and numbers of what it is for."""
    return int.from_bytes(_digest(*parts)[:8], "little") >> 1


def _digest(*parts: object) -> bytes:
    return hashlib.sha256("/".join(map(str, parts)).encode()).digest()
