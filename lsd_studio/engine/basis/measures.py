"""A basis as it is shown, and what is measured of it and its latent vectors; importing it loads no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lsd_studio.engine.vocabulary import Complement, SetOne


@dataclass(frozen=True, eq=False)
class Audit:
    """What of η is signal and what is sampling noise, and what became of it in ξ (R35).

    Args:
        condition_number: κ(η), largest by smallest singular value.
        singular_values: float64 [M], of η, falling; where counts of averaged vectors differ, of η with the noise of all
            averages made as large.
        noise_edge: what the largest singular value of pure sampling noise exceeds in one case of a hundred.
        directions_above_noise: singular values above the edge.
        effective_rank: exp of the entropy of the singular values' shares (Roy & Vetterli 2007), 1…M.
        residuals: float64 [M], |R_kk|, the length that each η adds to those before it, paper's order.
        sampling_scales: float64 [M], the length that sampling noise alone would add there.
        above_noise: bool [M], whether the residual is longer than 99 % of noise residuals are.
        cosines: float64 [M], cosine of each ξ with its η.
        orthogonality_error: largest entry of |⟨ξ|ξ⟩ / M − I|.
        sentence: in plain words: which vectors carry labels, and which are noise.
    """

    condition_number: float
    singular_values: np.ndarray
    noise_edge: float
    directions_above_noise: int
    effective_rank: float
    residuals: np.ndarray
    sampling_scales: np.ndarray
    above_noise: np.ndarray
    cosines: np.ndarray
    orthogonality_error: float
    sentence: str


@dataclass(frozen=True)
class Accuracies:
    """Shares of images whose label is found, 0…1 (R16).

    Args:
        set_one: the largest |c| is on the set-1 vector of the label (the authors' code).
        any_set: it is on any vector of the label (the paper's text).
        signed: the largest c with its sign over set 1 is the label's.
    """

    set_one: float
    any_set: float
    signed: float


@dataclass(frozen=True)
class Measures:
    """What one orthogonalisation does to accuracy, labels and truncation.

    Args:
        key: of the basis; title: how ξ was made, in words.
        images: held-out training images that it was measured on.
        mean, sampled: LSD accuracy with the posterior's mean, and with one draw of z an image.
        eta_kept, xi_kept: of `vectors`, those that C∘G gives their own label.
        orthogonality_error: largest entry of |⟨ξ|ξ⟩ / M − I|.
        truncation_terms: terms of the truncation whose error follows, 20 or M where that is less.
        truncation_error: mean squared pixel error, on [−1, 1], of that truncation against all terms, both decoded
            from the mean codes (R36).
        one_term_kept: share of images whose one-term truncation C gives the image's label.
        cosine_range: least and largest cosine of a ξ of set 1 with its η.
    """

    key: str
    title: str
    set_one: SetOne
    complement: Complement
    images: int
    mean: Accuracies
    sampled: Accuracies
    eta_kept: int
    xi_kept: int
    vectors: int
    orthogonality_error: float
    truncation_terms: int
    truncation_error: float
    one_term_kept: float
    cosine_range: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Repetition:
    """Which directions repeat with another seed (R35).

    Args:
        key: of the basis that was repeated; twin: the key of its repetition.
        seed, vectors: of the repetition.
        xi_cosines: float64 [M], |cos| of each ξ with its twin, 0…1.
        chance: median |cos| of two random directions of M dimensions.
        sentence: in plain words, what repeats and what does not.
    """

    key: str
    twin: str
    seed: int
    vectors: int
    xi_cosines: np.ndarray
    chance: float
    sentence: str


@dataclass(frozen=True, eq=False)
class LatentDensities:
    """Densities of the latent vectors of each label, to be held against N(0, 1) (Fig. 3b, 3c).

    Args:
        edges: float64 [B + 1], of bins of `width`, symmetric about 0 and wide enough for all values.
        pooled: float64 [l, B], over all components of all vectors of a label; integrates to 1.
        components: float32 [l, M, B], of each component alone; integrates to 1.
        normal: float64 [B], that of N(0, 1), averaged over each bin.
        means, spreads: float64 [l], of the pooled values.
        counts: int64 [l], vectors of each label.
    """

    edges: np.ndarray
    width: float
    pooled: np.ndarray
    components: np.ndarray
    normal: np.ndarray
    means: np.ndarray
    spreads: np.ndarray
    counts: np.ndarray


@dataclass(frozen=True, eq=False)
class DecodedVectors:
    """The vectors of η or of ξ, decoded, and what C says of each; set outer, label inner.

    Args:
        pictures: uint8 [M, H, W, C].
        labels: int64 [M], C's label; probabilities: float32 [M], of that label.
        kept: bool [M], whether C's label is the vector's own.
    """

    pictures: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    kept: np.ndarray


@dataclass(frozen=True, eq=False)
class BasisView:
    """A basis with its matrices, its decoded vectors and its audit. Vector k has label k mod l and set k div l + 1.

    Args:
        title: how ξ was made, in words.
        bundle: the bundle whose networks it belongs to.
        in_use: whether it is the basis that all workspaces decompose over now.
        vectors: V asked for; seed: of the draws.
        counts: int64 [n, l], vectors averaged; less than V where the gathering was stopped.
        eta_gram, xi_gram: float64 [M, M], ⟨η|η⟩ and ⟨ξ|ξ⟩ (Fig. 4c, 4d).
        overlap: float64 [M, M], ⟨ξ_i|η_j⟩, row i, column j; by Gram–Schmidt nothing is left of the diagonal.
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
