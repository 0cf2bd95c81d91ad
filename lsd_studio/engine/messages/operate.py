"""Operators on codes: images taken along a path of labels, operators fitted on pairs, powers and compositions.

A path's *stations* are quasi-eigenvectors, named by their index 0…M − 1 (set outer, label inner: below l they are
the labels of set 1). A *position* on it is a real number: 0 is the first station, 1.5 half way, by angle, from the
second to the third; one leg is a quarter turn, 90 degrees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal, TypeAlias

import numpy as np

from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.messages.choices import Method, PairMeasure, Through
from lsd_studio.engine.messages.core import Event, LaneName, Progress, Request

QUARTER = 90.0
"""Degrees that a leg of a path counts: between quasi-eigenvectors it is a quarter turn in the plane of the two."""

Subject = Literal["glass", "carried"]
"""Whose codes are operated on: the image under the glass, or the images taken along with `CarryImages`."""


@dataclass(frozen=True)
class PathSettings:
    """A path and what comes along on it.

    Args:
        stations: indices of vectors in the order in which they are visited, two or more, neighbours different.
        closed: whether it goes on from the last station to the first. On a closed path positions may be any real
            number (the second time round other components may have changed places); on an open one they are clipped.
        style: how much of what is not the label comes along, 0…1. 1 is the true rotation (R21), which keeps every
            other component; 0 is the paper's transport (Eq. 11, R20), after which all codes are one up to sign.
        through: what the stations stand for. Averages are not orthogonal: a leg is their own angle, and position and
            degrees count it as a share of 90.
    """

    stations: tuple[int, ...]
    closed: bool = False
    style: float = 1.0
    through: Through = "vectors"


@dataclass(frozen=True)
class CarryImages(Request):
    """Encode images, uint8 [N, C, H, W] 0…255, N ≤ 100, to be taken along paths. Answer: ImagesCarried."""

    images: np.ndarray


@dataclass(frozen=True)
class ImagesCarried(Event):
    """The images that `Subject` "carried" now means.

    Args:
        pictures: uint8 [N, H, W, C], as the networks see them.
        vectors: int64 [N], the set-1 vector with the largest amplitude of each.
        milliseconds: from the lane taking up the request to this answer.
    """

    pictures: np.ndarray
    vectors: np.ndarray
    milliseconds: float


@dataclass(frozen=True)
class MoveAlongPath(Request):
    """Show the subject's images at a position of a path; a newer position for the same `pane` replaces one that waits.

    An image starts at the first station that is the set-1 vector of its largest amplitude, where its picture is its own
    (with its code at norm √M, R22), and is moved from there, ahead or back. Where no station is its own, it is first
    turned onto the first station. Answer: MovedAlongPath.
    """

    path: PathSettings
    position: float
    subject: Subject = "glass"
    pane: int = 0

    @property
    def kind(self) -> str:
        """One for each pane, so that two operators can be looked at side by side."""
        return f"MoveAlongPath {self.pane}"


@dataclass(frozen=True)
class MovedAlongPath(Event):
    """Images at a position of a path.

    Args:
        position: as used: clipped on an open path.
        pictures: uint8 [N, H, W, C].
        probabilities: float32 [N, l], C's.
        squared_norms: float64 [N], ⟨z|z⟩ / M before the code is brought to ⟨z|z⟩ = M: what the operator left of it.
        provenance: what was done, in words, such as "rotation, 2 → 3, 40°".
        milliseconds: from the lane taking up the request to this answer.
    """

    pane: int
    position: float
    pictures: np.ndarray
    probabilities: np.ndarray
    squared_norms: np.ndarray
    provenance: str
    milliseconds: float

    @property
    def labels(self) -> np.ndarray:
        """int64 [N], what C reads in each picture."""
        return self.probabilities.argmax(axis=1)


@dataclass(frozen=True)
class FollowPath(Request):
    """Take the subject's images along the whole path, a step of so many degrees at a time. Answer: PathFollowed."""

    lane: ClassVar[LaneName] = "analysis"

    path: PathSettings
    subject: Subject = "glass"
    step: float = 10.0
    pane: int = 0

    @property
    def kind(self) -> str:
        """One for each pane."""
        return f"FollowPath {self.pane}"


@dataclass(frozen=True)
class PathFollowed(Event):
    """The subject's images along the whole path, from position 0 to its end (R39).

    Args:
        positions: float64 [P]; every station is among them.
        probabilities: float32 [P, N, l], C's: the stacked curves.
        squared_norms: float64 [P, N], as in `MovedAlongPath`.
        slant_moved: float64 [P, N], degrees by which the slant of each picture differs from that of its picture at the
            start, 0 or more; NaN where one is empty. A few images have no correlation that means anything (R45): this
            is what can be said of each.
        pictures: uint8 [P, N, H, W, C].
        step: degrees between neighbouring positions, at most.
        seconds: that it took.
    """

    pane: int
    path: PathSettings
    positions: np.ndarray
    probabilities: np.ndarray
    squared_norms: np.ndarray
    slant_moved: np.ndarray
    pictures: np.ndarray
    step: float
    seconds: float


@dataclass(frozen=True)
class MeasurePath(Request):
    """Measure every leg of a path over test images (R39): those whose label the leg starts from are turned to its end.

    `source` names the data set or its folder; at most `images_a_leg` are taken for each leg. The stations must be of
    set 1. Answers: a stream of PathMeasuring, then PathMeasured.
    """

    lane: ClassVar[LaneName] = "analysis"

    path: PathSettings
    source: str
    images_a_leg: int = 10_000
    pane: int = 0

    @property
    def kind(self) -> str:
        """One for each pane."""
        return f"MeasurePath {self.pane}"


@dataclass(frozen=True)
class LegMeasured:
    """One leg over test images.

    Args:
        source, target: labels.
        images: how many were taken; codes: how many different ones they end at, see `PathMeasured.endpoint_rate`.
        endpoint_rate: share that C reads as the target at the end.
        monotonicity: share whose probability of the target falls by no more than 0.01 from one 30° step to the next.
    """

    source: int
    target: int
    images: int
    codes: int
    endpoint_rate: float
    monotonicity: float


@dataclass(frozen=True)
class PathMeasuring(Progress):
    """A measurement under way: the legs so far, of so many."""

    pane: int
    legs: tuple[LegMeasured, ...]
    of: int


@dataclass(frozen=True)
class PathMeasured(Event):
    """All legs of a path over test images.

    Args:
        data: name of the data set.
        images: how many were turned.
        endpoint_rate, monotonicity: of all images, with exact intervals; see `path_quality`.
        style: correlations within legs of slant, ink, width and height before and after, over arrivals (R45).
        seconds: that it took.
    """

    pane: int
    path: PathSettings
    data: str
    legs: tuple[LegMeasured, ...]
    images: int
    endpoint_rate: Measure
    monotonicity: Measure
    style: Mapping[str, Measure]
    seconds: float


@dataclass(frozen=True)
class MeasuredPairs:
    """Pairs of training images of one label that are far apart in a measured property and alike otherwise.

    Args:
        source: data set by name or folder.
        measure: "thickness" of the stroke in pixels (thin to thick) or "slant" in degrees (upright to slanted).
        labels: whose images are paired; none means all.
    """

    source: str
    measure: PairMeasure
    labels: tuple[int, ...] = ()


@dataclass(frozen=True)
class FolderPairs:
    """Pairs from a folder with the sub-folders `before` and `after`, whose files are paired by name."""

    folder: Path


@dataclass(frozen=True)
class SequencePairs:
    """Each image of a folder, by name order, paired with the next: the paper's O_Δt (Fig. 1)."""

    folder: Path


Pairs: TypeAlias = MeasuredPairs | FolderPairs | SequencePairs


@dataclass(frozen=True)
class FitOperator(Request):
    """Fit an operator on pairs of codes (R23) and keep it as the unnamed one. Answer: OperatorFitted."""

    lane: ClassVar[LaneName] = "analysis"

    pairs: Pairs
    method: Method = "orthogonal"
    seed: int = 0


@dataclass(frozen=True)
class Factor:
    """An operator O^power, power any real number; `name` is that of a kept operator, "" the one fitted last."""

    name: str = ""
    power: float = 1.0


@dataclass(frozen=True)
class Turn:
    """The operator of one leg, or of a part of it: from one vector towards another.

    Args:
        source, target: indices of vectors, 0…M − 1.
        degrees: 90 leads all the way.
        style: as in `PathSettings`; 0 is the transport, which cannot be undone.
        through: as in `PathSettings`.
    """

    source: int
    target: int
    degrees: float = 90.0
    style: float = 1.0
    through: Through = "vectors"


@dataclass(frozen=True)
class OperatorInfo:
    """What is known of an operator.

    Args:
        name: "" for the one that has no name yet.
        method: how it was made: fitted by a `Method`, or "composed" of others.
        description: what it was made from, in words.
        eigenvalues: complex128 [M], by falling magnitude; angles of an orthogonal one are its planes' rotations.
        orthogonal: whether Oᵀ O = I, to rounding.
        invertible: whether it can be undone; `reason` says in one sentence why not, "" where it can.
        pairs, held_out: numbers of pairs it was fitted on and tested on; 0 where it was composed.
        fit_error, held_out_error: mean |z_j − O z_i|² / mean |z_j|² on each; None where nothing was held out.
        identity_error: the same on the held-out pairs with O = I: what doing nothing gives.
    """

    name: str
    method: str
    description: str
    eigenvalues: np.ndarray
    orthogonal: bool
    invertible: bool
    reason: str
    pairs: int
    held_out: int
    fit_error: float | None
    held_out_error: float | None
    identity_error: float | None


@dataclass(frozen=True)
class OperatorFitted(Event):
    """The operator fitted last, and held-out pairs to look at.

    Args:
        before, applied, after: uint8 [K, H, W, C], K ≤ 10: the pair's first image decoded, the operator applied to it,
            the pair's second image decoded.
        notes: one sentence each on what a reader must know, such as the ridge of an under-determined fit.
        seconds: that it took.
    """

    operator: OperatorInfo
    before: np.ndarray
    applied: np.ndarray
    after: np.ndarray
    notes: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class ApplyOperator(Request):
    """Apply operators one after the other to the subject's codes; the first factor first. Answer: OperatorApplied."""

    factors: tuple[Factor | Turn, ...]
    subject: Subject = "glass"


@dataclass(frozen=True)
class OperatorApplied(Event):
    """The subject's images under operators, codes brought to ⟨z|z⟩ = M.

    Args:
        pictures: uint8 [N, H, W, C]; probabilities: float32 [N, l], C's.
        notes: one sentence each, such as the imaginary part that a real power left out.
        provenance: what was done, in words.
        milliseconds: from the lane taking up the request to this answer.
    """

    factors: tuple[Factor | Turn, ...]
    pictures: np.ndarray
    probabilities: np.ndarray
    notes: tuple[str, ...]
    provenance: str
    milliseconds: float

    @property
    def labels(self) -> np.ndarray:
        """int64 [N], what C reads in each picture."""
        return self.probabilities.argmax(axis=1)


@dataclass(frozen=True)
class KeepOperator(Request):
    """Keep a product of operators in the open bundle under a name; one with this name is replaced.

    Names are up to 60 small letters a–z, digits, spaces, "-" and "_". What belongs to a shipped bundle is kept in the
    user's own folder. Answer: OperatorsListed.
    """

    name: str
    factors: tuple[Factor | Turn, ...] = field(default=(Factor(),))


@dataclass(frozen=True)
class ForgetOperator(Request):
    """Remove an operator from the open bundle. Answer: OperatorsListed."""

    name: str


@dataclass(frozen=True)
class ListOperators(Request):
    """Ask which operators the open bundle keeps. Answer: OperatorsListed."""


@dataclass(frozen=True)
class OperatorsListed(Event):
    """The operators that the open bundle keeps, by name."""

    operators: tuple[OperatorInfo, ...]
