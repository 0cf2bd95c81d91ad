"""A basis as it is shown: its matrices, its decoded vectors, its audit; importing it loads neither torch nor SciPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lsd_studio.engine.basis.measures import Audit
from lsd_studio.engine.vocabulary import Complement, SetOne


@dataclass(frozen=True, eq=False)
class DecodedVectors:
    """The vectors of η or of ξ, decoded, and what C says of each; set outer, label inner.

    Args:
        pictures: uint8 [M, H, W, C].
        labels: int64 [M], C's label; probabilities: float32 [M], of that label.
        own_probabilities: float32 [M], of the label that the vector belongs to.
        kept: bool [M], whether C's label is the vector's own.
    """

    pictures: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    own_probabilities: np.ndarray
    kept: np.ndarray


@dataclass(frozen=True, eq=False)
class BasisView:
    """A basis with its matrices, its decoded vectors and its audit. Vector k has label k mod l and set k div l + 1.

    Args:
        key: names it.
        title: how ξ was made, in words.
        bundle: the bundle whose networks it belongs to.
        in_use: whether it is the basis that all workspaces decompose over now.
        vectors: V asked for; seed: of the draws.
        counts: int64 [n, l], vectors averaged; less than V where the gathering was stopped.
        eta_gram, xi_gram: float64 [M, M], ⟨η|η⟩ and ⟨ξ|ξ⟩ (Fig. 4c, 4d).
        overlap: float64 [M, M], ⟨ξ_i|η_j⟩, row i, column j; by Gram–Schmidt nothing is left of the diagonal.
        eta, xi: the vectors decoded.
        audit: what of it is signal and what is noise.
    """

    key: str
    title: str
    bundle: str
    in_use: bool
    set_one: SetOne
    complement: Complement
    vectors: int
    seed: int
    counts: np.ndarray
    label_names: tuple[str, ...]
    eta_gram: np.ndarray
    xi_gram: np.ndarray
    overlap: np.ndarray
    eta: DecodedVectors
    xi: DecodedVectors
    audit: Audit

    @property
    def number_of_labels(self) -> int:
        """l, the number of labels."""
        return len(self.label_names)

    @property
    def is_full(self) -> bool:
        """Whether every set holds V vectors."""
        return bool((self.counts >= self.vectors).all())
