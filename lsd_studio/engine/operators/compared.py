"""What a comparison of operators finds. Only NumPy and text, so that a window, a file and a notebook can hold it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.vocabulary import Reader

PERCENTILE = 99.0
"""Of the random draws, above which an operator clears them."""

CLEAR = 0.01
"""p-value up to which an operator is said to steer codes."""


@dataclass(frozen=True)
class PairArrival:
    """The share of the images of one (source, target) pair that is read as the target, with its exact interval."""

    source: int
    target: int
    reached: Measure


@dataclass(frozen=True)
class Arrival:
    """What one reader says of the images at the end.

    Attributes:
        reached: the share that it reads as the target, with its exact interval over different codes.
        least_pair: the pair that arrives least; its interval does not know that it was picked.
        random: the share in each random draw.
    """

    reached: Measure
    least_pair: PairArrival
    random: tuple[float, ...]

    @property
    def random_mean(self) -> float:
        """The mean share over the random draws."""
        return math.fsum(self.random) / len(self.random)

    @property
    def random_percentile(self) -> float:
        """Their 99th percentile."""
        return random_percentile(self.random)

    @property
    def clears_random(self) -> bool:
        """Whether more arrive than in the 99th percentile of the random draws."""
        return self.reached.value > self.random_percentile


@dataclass(frozen=True)
class ComparedOperator:
    """An operator over all pairs.

    Attributes:
        name: in `label_operators.OPERATORS`; title: in words.
        arrivals: by "classifier", and by "judge" where the bundle has one.
        style: `picture_style.style_kept` over all images moved, arrived or not, within (source, target).
        random_style: the same correlations in each random draw, without intervals; NaN where there is none.
    """

    name: str
    title: str
    arrivals: dict[Reader, Arrival]
    style: dict[str, Measure]
    random_style: dict[str, tuple[float, ...]]

    @property
    def clears_random(self) -> bool:
        """Whether it does by every reader."""
        return all(arrival.clears_random for arrival in self.arrivals.values())


@dataclass(frozen=True)
class Comparison:
    """Operators on the same images.

    Attributes:
        data: the data set's name.
        pairs: (source, target) labels; images: N moved, each of them once; fitted_on: training codes behind operators.
        draws, images_a_draw: random draws of each operator, and the images of each draw.
        probed_on: of codes without networks, how many others the probe was fitted on that reads them; 0 where networks
            read pictures.
    """

    data: str
    pairs: tuple[tuple[int, int], ...]
    images: int
    fitted_on: int
    draws: int
    images_a_draw: int
    operators: tuple[ComparedOperator, ...]
    probed_on: int = 0

    @property
    def readers(self) -> tuple[Reader, ...]:
        """Who read, the judge first, since no loss saw it."""
        if self.probed_on:
            return ("probe",)
        judged = bool(self.operators) and all("judge" in operator.arrivals for operator in self.operators)
        return ("judge", "classifier") if judged else ("classifier",)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of the numbers, a sentence each."""
        if self.probed_on:
            return self._notes_of_codes
        judged = "judge" in self.readers
        return (
            f"{self.images} test images of {self.data} that fitted nothing, each moved once, over {len(self.pairs)} "
            f"pairs of labels; fitted on {self.fitted_on} training images.",
            "Style is the correlation in pictures within (source, target) over all images moved, arrived or not.",
            f"Random: the same operator in axes turned at random, {self.draws} draws of {self.images_a_draw} images "
            "each; fewer images than the operator's own widen the percentile, so that clearing it is harder.",
            "The least pair is picked among all, which its interval does not know.",
            *(() if judged else ("The bundle has no judge: C alone reads, which marks its own work.",)),
        )

    @property
    def _notes_of_codes(self) -> tuple[str, ...]:
        return (
            f"{self.images} held-out codes of {self.data} that fitted nothing, each moved once, over "
            f"{len(self.pairs)} pairs of labels; operators are built from {self.fitted_on} other codes, and the probe "
            f"that reads, a logistic regression, from {self.probed_on} others again.",
            f"Random: the same operator in axes turned at random, {self.draws} draws of {self.images_a_draw} codes "
            f"each. A p-value is the share of draws in which the best of {len(self.operators)} operators gains as much "
            "over its own random mean.",
            "The least pair is picked among all, which its interval does not know.",
        )

    def p_values(self, reader: Reader) -> tuple[float, ...]:
        """Of each operator: how often the best of all gains as much over its own random mean as this one does.

        The draws turn all operators by the same axes, so the share of draws accounts for how many operators there are.
        Where nothing but noise lies between labels, a turned operator is as good as the operator itself.
        """
        arrivals = [operator.arrivals[reader] for operator in self.operators]
        random = np.array([arrival.random for arrival in arrivals])
        best = (random - random.mean(axis=1, keepdims=True)).max(axis=0)
        gained = [arrival.reached.value - arrival.random_mean for arrival in arrivals]
        return tuple(float(1 + (best >= gain).sum()) / (self.draws + 1) for gain in gained)

    def verdict(self, reader: Reader) -> str:
        """Which operators steer beyond chance, in a sentence; on noise some do once in a hundred times."""
        p_values = self.p_values(reader)
        clear = [
            each.title for each, p_value in zip(self.operators, p_values, strict=True) if p_value <= CLEAR
        ]
        best = f"for the best of {len(p_values)} operators"
        if not clear:
            return f"No operator steers codes better than the same in random axes (p > {CLEAR:g} {best})."
        return f"Beyond chance (p ≤ {CLEAR:g} {best}) codes are steered by: {', '.join(clear)}."

    @property
    def content(self) -> dict[str, Any]:
        """All of it but the single random draws, as JSON values."""
        from lsd_studio.engine.evaluation.intervals import stated  # loads SciPy, which no window may

        return {
            "data": self.data,
            "pairs": [list(pair) for pair in self.pairs],
            "images": self.images,
            "fitted_on": self.fitted_on,
            "random": {
                "draws": self.draws,
                "images_a_draw": self.images_a_draw,
                "percentile": PERCENTILE,
            },
            "notes": list(self.notes),
            "operators": [
                {
                    "name": operator.name,
                    "title": operator.title,
                    "arrived": {
                        reader: {
                            **stated(arrival.reached),
                            "least_pair": {
                                "source": arrival.least_pair.source,
                                "target": arrival.least_pair.target,
                                **stated(arrival.least_pair.reached),
                            },
                            "random_mean": arrival.random_mean,
                            "random_percentile": arrival.random_percentile,
                        }
                        for reader, arrival in operator.arrivals.items()
                    },
                    "style": {name: stated(kept) for name, kept in operator.style.items()},
                    "clears_random": operator.clears_random,
                }
                for operator in self.operators
            ],
        }


def random_percentile(shares: Sequence[float]) -> float:
    """The 99th percentile: of 200 draws the second largest, which one more draw exceeds in 2 of 201 cases."""
    return float(np.percentile(shares, PERCENTILE, method="higher"))
