"""The quasi-eigenbasis: built, shown, audited, compared with others over the same η, used and saved (R11–R15, R35)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from lsd_studio.engine.messages.choices import Complement, SetOne
from lsd_studio.engine.messages.core import Event, LaneName, Progress, Request
from lsd_studio.engine.operations.bundles import OpenedBundle

Source = Literal["encoded", "random"]
"""Where latent vectors come from: training images, encoded with sampled z (step 4a), or z ~ N(0, I) (step 4b)."""


@dataclass(frozen=True)
class _Analysis(Request):
    lane: ClassVar[LaneName] = "analysis"


@dataclass(frozen=True)
class ShowBasis(_Analysis):
    """Describe a basis: its matrices, its decoded vectors, its audit. Answer: BasisShown.

    Args:
        basis: the key of a basis that the engine has told of; None: the one in use.
    """

    basis: str | None = None


@dataclass(frozen=True)
class BuildBasis(_Analysis):
    """Gather latent sets with the bundle's networks, average them to η, and make ξ (R11–R13).

    What is None is taken from the bundle's profile, the seed from its last basis. The bundle stays as it is until
    the basis is used or saved. Answers: a stream of SetsFilled and FrameTurned, then BasisShown. `FinishBasis` ends
    the gathering with what there is; `Stop("BuildBasis")` gives it up.

    Args:
        vectors: V, latent vectors averaged for each set and label, 1 or more.
        seed: of all draws, 0 or more.
    """

    vectors: int | None = None
    seed: int | None = None
    set_one: SetOne | None = None
    complement: Complement | None = None


@dataclass(frozen=True)
class FinishBasis(_Analysis):
    """Stop gathering, and make a basis of the averages so far. Answers: as of BuildBasis.

    Of the kind BuildBasis, so it ends the one under way, or takes up what a stopped one has left. Failed, where some
    label has no vector yet: the sentence names it.
    """

    @property
    def kind(self) -> str:
        """The building's."""
        return "BuildBasis"


@dataclass(frozen=True)
class OrthogonaliseAnew(_Analysis):
    """Make another ξ of the η that a basis has, in seconds. Answers: FrameTurned where there is an ascent, BasisShown.

    Args:
        basis: the key of the basis; None: the one in use.
    """

    set_one: SetOne
    complement: Complement
    basis: str | None = None


@dataclass(frozen=True)
class CompareBases(_Analysis):
    """Lay all orthogonalisations side by side over the same η (R13, R36, R40, R42).

    Measured on held-out training images, which neither the networks nor η have seen. Answers: a stream of
    BasisMeasured, one as each is done, and FrameTurned, then BasesCompared.

    Args:
        basis: the key of the basis whose η is taken; None: the one in use.
        images: how many held-out images, at most.
        seed: of the draws of z.
    """

    basis: str | None = None
    images: int = 2000
    seed: int = 0


@dataclass(frozen=True)
class RepeatBasis(_Analysis):
    """Build a basis again with another seed, and see which directions repeat (R35).

    Answers: a stream of SetsFilled and FrameTurned, then BasisRepeated.

    Args:
        basis: the key of the basis; None: the one in use.
        seed: None: the next after its own.
        vectors: V of the repetition; None: as it has itself.
    """

    basis: str | None = None
    seed: int | None = None
    vectors: int | None = None


@dataclass(frozen=True)
class SampleLabels(_Analysis):
    """Draw latent vectors until each label (by C∘G) has some, decoded, with their densities (Fig. 3).

    Answers: a stream of SamplesDrawn, then SamplesShown. One kind for each source: `SampleLabels encoded` and
    `SampleLabels random`.

    Args:
        source: of the latent vectors.
        each: pictures a label, 1…1200 (30 × 40).
        seed: of the draws.
    """

    source: Source
    each: int = 1200
    seed: int = 0

    @property
    def kind(self) -> str:
        """One for each source."""
        return f"SampleLabels {self.source}"


@dataclass(frozen=True)
class UseBasis(Request):
    """Use a basis with the bundle's networks from now on, without saving it. Answer: BasisUsed.

    The files of the bundle stay as they are, and opening the bundle again brings its own basis back.
    """

    basis: str


@dataclass(frozen=True)
class SaveBasis(Request):
    """Save the bundle's networks with this basis as a new bundle. Answer: BasisSaved.

    Args:
        basis: the key of the basis.
        path: of the new bundle's folder: none yet, or an empty one.
    """

    lane: ClassVar[LaneName] = "loading"

    basis: str
    path: Path


@dataclass(frozen=True, eq=False)
class SetsFilled(Progress):
    """Latent sets being filled, after one more batch. All sets grow alike: encoded and random batches alternate.

    Args:
        draws: latent vectors drawn so far from either source, (encoded, random).
        wanted: V.
        counts: int64 [n, l], vectors held of the V wanted; row 0 is set 1 (encoded), the others are random.
        mean: float32 [n, l, M], the running mean, so η as it is now; 0 where there is no vector yet.
        spread: float32 [n, l, M], the standard deviation of each component so far.
        standard_error: float32 [n, l, 2], median and largest over components of σ/√count, what the running mean is
            off by; NaN below two vectors.
        change: float32 [n, l], by how much the mean has moved since the event before, as a length.
        latents_per_second: from the first batch to this one, both sources.
        fraction: share of the vectors wanted that are held, 0…1.
    """

    draws: tuple[int, int]
    wanted: int
    counts: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    standard_error: np.ndarray
    change: np.ndarray
    latents_per_second: float
    fraction: float


@dataclass(frozen=True)
class FrameTurned(Progress):
    """A step of the ascent that turns vectors until C∘G reads each as its label (R36, R42).

    Args:
        step: of at most steps.
        held: of `vectors`, read as their label.
        least_probability: of the label of the least sure vector.
    """

    step: int
    steps: int
    held: int
    vectors: int
    least_probability: float


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
class Audit:
    """What of η is signal and what is sampling noise, and what became of it in ξ (R35).

    Args:
        condition_number: κ(η), largest by smallest singular value.
        singular_values: float64 [M], of η, falling.
        noise_edge: (√M + √(M − l)) / √V, the largest singular value that sets of pure sampling noise have.
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


@dataclass(frozen=True, eq=False)
class BasisView:
    """A basis as it is looked at. Vector k belongs to label k mod l and to set k div l + 1.

    Args:
        key: names it in requests, as long as the bundle's networks are in use.
        title: how ξ was made, in words.
        bundle: the bundle whose networks it belongs to.
        in_use: whether it is the basis that all workspaces decompose over now.
        vectors: V asked for; seed: of the draws.
        counts: int64 [n, l], vectors averaged; less than V where the gathering was stopped.
        eta_gram, xi_gram: float64 [M, M], ⟨η|η⟩ and ⟨ξ|ξ⟩ (Fig. 4c, 4d).
        overlap: float64 [M, M], ⟨ξ_i|η_j⟩, row i, column j; by Gram–Schmidt nothing is left of the diagonal.
        eta, xi: the vectors decoded.
        audit: what of it is signal and what is noise.
        milliseconds: that the last step took.
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
    milliseconds: float

    @property
    def number_of_labels(self) -> int:
        """l, the number of labels."""
        return len(self.label_names)

    @property
    def is_full(self) -> bool:
        """Whether every set holds V vectors."""
        return bool((self.counts >= self.vectors).all())


@dataclass(frozen=True)
class BasisShown(Event):
    """A basis that was asked for or has just been made."""

    view: BasisView


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


@dataclass(frozen=True)
class BasisMeasured(Progress):
    """One more orthogonalisation is measured: `done` of `wanted`."""

    measures: Measures
    done: int
    wanted: int


@dataclass(frozen=True)
class BasesCompared(Event):
    """All orthogonalisations over the same η, side by side; the paper's first."""

    rows: tuple[Measures, ...]


@dataclass(frozen=True, eq=False)
class BasisRepeated(Event):
    """Which directions come again with another seed (R35).

    Args:
        key: of the basis that was repeated; twin: the key of its repetition.
        seed, vectors: of the repetition.
        eta_cosines, xi_cosines: float64 [M], |cos| of each η and each ξ with its twin, 0…1.
        chance: median |cos| of two random directions of M dimensions.
        sentence: in plain words, what repeats and what does not.
    """

    key: str
    twin: str
    seed: int
    vectors: int
    eta_cosines: np.ndarray
    xi_cosines: np.ndarray
    chance: float
    sentence: str


@dataclass(frozen=True, eq=False)
class SamplesDrawn(Progress):
    """More latent vectors, decoded, for the mosaics that are not full yet.

    Args:
        pictures: uint8 [B, H, W, C], the new ones; labels: int64 [B], C's label of each, their mosaic.
        counts: int64 [l], pictures that each label has now, of `each` wanted.
        draws: latent vectors drawn so far.
    """

    source: Source
    pictures: np.ndarray
    labels: np.ndarray
    counts: np.ndarray
    each: int
    draws: int


@dataclass(frozen=True, eq=False)
class LatentDensities:
    """Densities of the latent vectors of each label, to be held against N(0, 1) (Fig. 3b, 3c).

    Args:
        edges: float64 [B + 1], of bins of `width`, symmetric about 0 and wide enough for all values.
        pooled: float64 [l, B], over all components of all vectors of a label; integrates to 1.
        components: float32 [l, M, B], of each component alone; integrates to 1.
        normal: float64 [B], that of N(0, 1), averaged over each bin.
        means, spreads: float64 [l], of the pooled values.
        component_means, component_spreads: float64 [l, M].
        counts: int64 [l], vectors of each label.
    """

    edges: np.ndarray
    width: float
    pooled: np.ndarray
    components: np.ndarray
    normal: np.ndarray
    means: np.ndarray
    spreads: np.ndarray
    component_means: np.ndarray
    component_spreads: np.ndarray
    counts: np.ndarray


@dataclass(frozen=True, eq=False)
class SamplesShown(Event):
    """All mosaics of one source are full, or 20 draws for each picture wanted were made.

    Args:
        counts: int64 [l], pictures of each label; fewer than `each` for a label that is too rare.
        densities: of the same latent vectors.
    """

    source: Source
    counts: np.ndarray
    each: int
    draws: int
    seed: int
    densities: LatentDensities


@dataclass(frozen=True)
class BasisUsed(Event):
    """The bundle with the basis is in use."""

    opened: OpenedBundle


@dataclass(frozen=True)
class BasisSaved(Event):
    """A new bundle holds the basis."""

    path: Path
