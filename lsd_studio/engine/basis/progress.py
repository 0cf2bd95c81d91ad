"""How far a basis is that is being built; importing it loads neither torch nor SciPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

LARGEST_NUMBER_OF_STEPS = 300
"""Steps after which the ascent of a labelled frame ends, whatever C reads."""


@dataclass(frozen=True, eq=False)
class LatentSetsProgress:
    """Latent sets being filled, after one more batch; set outer, label inner, set 1 in row 0.

    Attributes:
        draws: latent vectors drawn so far, (encoded, random).
        wanted: V, the vectors that each label and set needs.
        counts: int64 [n, l], vectors held.
        mean: float64 [n, l, M], the running mean; 0 where there is no vector.
        spread: float64 [n, l, M], the standard deviation of each component.
        seconds: since the first batch was begun.
        note: the labels that all others wait for, with their counts, in words; empty where there are none.
    """

    draws: tuple[int, int]
    wanted: int
    counts: NDArray[np.int64]
    mean: FloatArray
    spread: FloatArray
    seconds: float
    note: str = ""

    @property
    def fraction(self) -> float:
        """The share of the vectors needed that are held, 0…1."""
        return float(self.counts.sum() / (self.wanted * self.counts.size))

    @property
    def latents_per_second(self) -> float:
        """From the first batch to this one, both sources."""
        return sum(self.draws) / self.seconds

    @property
    def standard_error(self) -> FloatArray:
        """Median and largest σ/√count over the components of each mean, float64 [n, l, 2]; NaN below 2 vectors."""
        counts = np.where(self.counts < 2, np.nan, self.counts)
        errors = self.spread / np.sqrt(counts)[..., None]
        return np.stack([np.median(errors, axis=-1), errors.max(axis=-1)], axis=-1)


@dataclass(frozen=True)
class LabelledFrameProgress:
    """A step of the ascent: `held` of `vectors` are read as their label, the least sure with `least_probability`."""

    step: int
    held: int
    vectors: int
    least_probability: float

    @property
    def fraction(self) -> float:
        """The share of the steps that may be taken, 0…1."""
        return self.step / LARGEST_NUMBER_OF_STEPS


BasisStep = LatentSetsProgress | LabelledFrameProgress
