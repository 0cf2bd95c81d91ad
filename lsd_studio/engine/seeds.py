"""One seed, and random numbers of their own for each purpose, so that no two draws coincide."""

from __future__ import annotations

import hashlib

import numpy as np

__all__ = ["random_numbers", "seed_for"]


def random_numbers(seed: int, *purpose: str | int) -> np.random.Generator:
    """The numbers of a seed, 0…2⁶³ − 1, for one purpose: the same for the same words, independent for others.

    >>> noise, codes = random_numbers(0, "noise"), random_numbers(0, "posterior")
    >>> bool(noise.random() == codes.random())
    False
    """
    return np.random.default_rng(_sequence(seed, purpose))


def seed_for(seed: int, *purpose: str | int) -> int:
    """A seed, 0…2⁶³ − 1, for generators that are not NumPy's; as independent as `random_numbers`."""
    return int(_sequence(seed, purpose).generate_state(1, np.uint64)[0] >> 1)


def _sequence(seed: int, purpose: tuple[str | int, ...]) -> np.random.SeedSequence:
    """The child of the seed's sequence that the purpose names, by its hash in place of a count of children."""
    digest = hashlib.sha256("/".join(map(str, purpose)).encode()).digest()
    return np.random.SeedSequence(seed, spawn_key=tuple(np.frombuffer(digest[:16], "<u4").tolist()))
