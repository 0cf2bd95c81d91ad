"""One seed, and random numbers of their own for each purpose, so that no two draws coincide."""

from __future__ import annotations

import hashlib

import numpy as np

from lsd_studio.engine.errors import StudioError


def checked_seed(seed: int) -> int:
    """The seed, where it is one.

    Raises:
        StudioError: it is below 0, or has more than 63 bits.
    """
    if not 0 <= seed < 2**63:
        raise StudioError(
            f"A seed is a whole number from 0 to 2⁶³ − 1, not {seed}: choose one in this range."
        )
    return seed


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
