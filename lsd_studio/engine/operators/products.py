"""Products of operators: fitted or kept ones to real powers, and turns from one quasi-eigenvector towards another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from lsd_studio.engine.operators.paths import QUARTER, path_through
from lsd_studio.engine.operators.planes import FloatArray, matrix_of, weigh_rest
from lsd_studio.engine.operators.walks import named_kind
from lsd_studio.engine.vocabulary import Through

if TYPE_CHECKING:
    from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors


@dataclass(frozen=True)
class Factor:
    """An operator O^power, power any real number; `name` is that of a kept operator, "" the one fitted last."""

    name: str = ""
    power: float = 1.0


@dataclass(frozen=True)
class Turn:
    """The operator of one leg of a path, or of a part of it: from one vector towards another.

    Args:
        source, target: indices of vectors, 0…M − 1.
        degrees: 90 leads all the way.
        style: as in `walks.PathSettings`; 0 is the transport, which cannot be undone.
        through: as in `walks.PathSettings`.
    """

    source: int
    target: int
    degrees: float = QUARTER
    style: float = 1.0
    through: Through = "vectors"

    @property
    def kind(self) -> str:
        """What it does, in words."""
        return named_kind(self.style, self.through)

    def matrix(self, basis: QuasiEigenvectors) -> FloatArray:
        """The operator written out, float64 [M, M].

        Raises:
            StudioError: vectors that the basis does not have, or the same one twice.
        """
        leg = path_through(basis, (self.source, self.target), through=self.through)
        share = self.degrees / QUARTER
        return matrix_of(
            lambda codes: leg.turn(weigh_rest(leg.anchors[0], self.style, codes), 0, share),
            leg.anchors.shape[1],
        )


Product: TypeAlias = tuple[Factor | Turn, ...]
"""Operators that are applied one after the other, the first one first."""
