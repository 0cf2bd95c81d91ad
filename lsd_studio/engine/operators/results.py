"""What comes of images moved along paths and put under operators, and of operators fitted on pairs.

Only NumPy and text, so that a window and a notebook can hold them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.operators.products import Product
from lsd_studio.engine.operators.walks import PathSettings

if TYPE_CHECKING:
    from lsd_studio.engine.bundle import Bundle
    from lsd_studio.engine.operators.label_operators import AffinePath
    from lsd_studio.engine.operators.path_quality import LegQuality
    from lsd_studio.engine.operators.store import Operator


@dataclass(frozen=True, eq=False)
class EncodedImages:
    """Images with their codes, to be moved along paths.

    Args:
        pictures: uint8 [N, H, W, C], as the networks see them.
        codes: float32 [N, M], the means of their posteriors.
        bundle: the one that encoded them.
    """

    pictures: np.ndarray
    codes: np.ndarray
    bundle: Bundle = field(repr=False)


@dataclass(frozen=True, eq=False)
class ImagesOnPath:
    """Images at a position of a path.

    A *position* is a real number: 0 is the first station, 1.5 half way, by angle, from the second to the third.

    Args:
        position: as used: clipped on an open path.
        pictures: uint8 [N, H, W, C].
        probabilities: float32 [N, l], C's.
        squared_norms: float64 [N], ⟨z|z⟩ / M before the code is brought to ⟨z|z⟩ = M: what the operator left of it.
        provenance: what was done, in words, such as "rotation, 2 → 3, 40°".
    """

    position: float
    pictures: np.ndarray
    probabilities: np.ndarray
    squared_norms: np.ndarray
    provenance: str

    @property
    def labels(self) -> np.ndarray:
        """int64 [N], what C reads in each picture."""
        return self.probabilities.argmax(axis=1)


@dataclass(frozen=True, eq=False)
class FollowedPath:
    """Images along a whole path, from position 0 to its end (R39).

    Args:
        positions: float64 [P]; every station is among them.
        probabilities: float32 [P, N, l], C's: the stacked curves.
        squared_norms: float64 [P, N], as in `ImagesOnPath`.
        slant_moved: float64 [P, N], degrees by which the slant of each picture differs from that of its picture at the
            start, 0 or more; NaN where one is empty. A few images have no correlation that means anything (R45): this
            is what can be said of each.
        style: float64 [P, N], of each picture, see `picture_style`.
        pictures: uint8 [P, N, H, W, C].
    """

    path: PathSettings
    positions: np.ndarray
    probabilities: np.ndarray
    squared_norms: np.ndarray
    slant_moved: np.ndarray
    style: Mapping[str, np.ndarray]
    pictures: np.ndarray

    @property
    def stations(self) -> np.ndarray:
        """Which positions are stations, int64 [S] from the start to the end, where a closed path started."""
        return np.flatnonzero(self.positions == np.round(self.positions))

    @property
    def misread(self) -> np.ndarray:
        """Where C reads another label than the station's, bool [P, N]; nothing is aimed at between two stations."""
        labels = self.probabilities.shape[-1]
        aimed = np.array(self.path.visited) % labels
        misread = np.zeros(self.probabilities.shape[:2], dtype=np.bool_)
        misread[self.stations] = self.probabilities[self.stations].argmax(axis=-1) != aimed[:, None]
        return misread


@dataclass(frozen=True, eq=False)
class MeasuredPath:
    """All legs of a path over test images.

    Args:
        data: name of the data set.
        endpoint_rate, monotonicity: of all images, with exact intervals; see `path_quality`.
        style: correlations within legs of slant, ink, width and height before and after, over arrivals (R45).
    """

    data: str
    legs: tuple[LegQuality, ...]
    endpoint_rate: Measure
    monotonicity: Measure
    style: Mapping[str, Measure]

    @property
    def images(self) -> int:
        """How many images were turned."""
        return sum(leg.images for leg in self.legs)


@dataclass(frozen=True, eq=False)
class AnalysedOperator:
    """An operator and what it is like.

    Args:
        operator: its `name` is "" where it has none yet.
        eigenvalues: complex128 [M], of its matrix, by falling magnitude; of an orthogonal one, angles turn planes.
        orthogonal: whether Oᵀ O = I, to rounding.
        invertible: whether it can be undone.
    """

    operator: Operator
    eigenvalues: np.ndarray
    orthogonal: bool
    invertible: bool


@dataclass(frozen=True, eq=False)
class FittedOperator:
    """The operator fitted last, and held-out pairs to look at.

    Args:
        before, applied, after: uint8 [K, H, W, C], K ≤ 10: the pair's first image decoded, the operator applied to it,
            the pair's second image decoded.
        notes: one sentence each on what a reader must know, such as the ridge of an under-determined fit.
    """

    analysed: AnalysedOperator
    before: np.ndarray
    applied: np.ndarray
    after: np.ndarray
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class AppliedOperators:
    """Images under operators, codes brought to ⟨z|z⟩ = M.

    Args:
        pictures: uint8 [N, H, W, C]; probabilities: float32 [N, l], C's.
        notes: one sentence each, such as the imaginary part that a real power left out.
        provenance: what was done, in words.
    """

    factors: Product
    pictures: np.ndarray
    probabilities: np.ndarray
    notes: tuple[str, ...]
    provenance: str

    @property
    def labels(self) -> np.ndarray:
        """int64 [N], what C reads in each picture."""
        return self.probabilities.argmax(axis=1)


@dataclass(frozen=True, eq=False)
class BuiltOperator:
    """An operator of `label_operators.OPERATORS` from a source to a target label, built on training images.

    Args:
        at: its matrix and shift at t, 0…1; bundle: whose codes it acts on.
    """

    name: str
    source: int
    target: int
    at: AffinePath
    bundle: Bundle = field(repr=False)


@dataclass(frozen=True, eq=False)
class MovedImages:
    """Images under an operator at t, codes brought to ⟨z|z⟩ = M.

    Args:
        pictures: uint8 [N, H, W, C]; probabilities: float32 [N, l], C's; judged: the judge's, None without one.
        provenance: what was done, in words.
    """

    t: float
    pictures: np.ndarray
    probabilities: np.ndarray
    judged: np.ndarray | None
    provenance: str


@dataclass(frozen=True, eq=False)
class TracedOperators:
    """Images as they are, and after each of K operators that are applied one after the other.

    Args:
        probabilities: float32 [K + 1, N, l], C's.
        squared_norms: float64 [K + 1, N], ⟨z|z⟩ / M before the code is brought to ⟨z|z⟩ = M.
        style: float64 [K + 1, N], of each picture, see `picture_style`.
        pictures: uint8 [K + 1, N, H, W, C].
        notes: one sentence each, such as the imaginary part that a real power left out.
    """

    probabilities: np.ndarray
    squared_norms: np.ndarray
    style: Mapping[str, np.ndarray]
    pictures: np.ndarray
    notes: tuple[str, ...]
