"""Pictures from moments of the training, so that one can go back through it.

They are kept at steps that a stage's length fixes: early ones at doubling distances, since there everything changes,
later ones at equal distances; at most some fifty a stage. Each moment is one file of 8-bit pictures, C's labels and
probabilities, and counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.counts import Count
from lsd_studio.engine.runs.files import frames_folder
from lsd_studio.engine.runs.tensor_files import read_tensors, write_tensors
from lsd_studio.engine.training.events import StageName

Values = NDArray[np.generic]

REGULAR_FRAMES = 32
LEAST_DISTANCE = 25
GroupTitle = Literal["data", "given", "encoded", "random", "generated"]
GROUPS: tuple[GroupTitle, ...] = ("generated", "data", "given", "encoded", "random")


class _Facts(BaseModel):
    stage: StageName
    step: Count
    total_steps: Count
    confidence: float


@dataclass(frozen=True, eq=False)
class PictureGroup:
    """Pictures of one kind, uint8 [N, H, W, C], with C's label of each, int64 [N], and its probability, float32 [N].

    `labels_given`: int64 [N], the true labels of "data", "given" and "encoded"; None for images from random z.
    """

    title: GroupTitle
    pictures: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    labels_given: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Frame:
    """What a stage's network draws at a moment.

    Attributes:
        groups: of the gan "generated", at a fixed z; of the encoder "data", "encoded" (one draw of each code, the
            same ε in all pictures) and "random", as in Figure 2; of an autoencoder "data", where its task alters them
            "given", "encoded" (the means) and, where it is variational, "random".
        counts: int64 [l], how many of the `counted` images C reads as each label: generated ones (gan) or encoded and
            decoded ones (encoder, autoencoder).
        confidences: float32 [l], mean probability that C gives to the label it reads; NaN where it reads none.
        confidence: mean over all that were counted.
    """

    stage: StageName
    step: int
    total_steps: int
    groups: tuple[PictureGroup, ...]
    counts: NDArray[np.int64]
    confidences: NDArray[np.float32]
    confidence: float

    @property
    def counted(self) -> int:
        """How many images C read."""
        return int(self.counts.sum())


@cache
def picture_steps(total_steps: int) -> frozenset[int]:
    """The steps of a stage after which pictures are drawn: 0, 1, 2, 4, 8 … and then every 32nd part, and the last."""
    distance = max(LEAST_DISTANCE, -(-total_steps // REGULAR_FRAMES))
    doubling = {2**power for power in range(distance.bit_length()) if 2**power < distance}
    chosen = {0, *doubling, *range(distance, total_steps, distance), total_steps}
    return frozenset(step for step in chosen if step <= total_steps)


def frame_file(run: Path, stage: str, step: int) -> Path:
    """Where the pictures of that step are kept."""
    return frames_folder(run, stage) / f"{step:09d}.safetensors"


def stored_frames(run: Path, stage: str) -> tuple[int, ...]:
    """The steps whose pictures are kept, rising."""
    try:
        names = [path.stem for path in frames_folder(run, stage).glob("*.safetensors")]
    except OSError:
        return ()
    return tuple(sorted(int(name) for name in names if name.isdecimal() and len(name) == 9))


def save_frame(path: Path, frame: Frame) -> None:
    """Write pictures to a file, atomically.

    Raises:
        StudioError: the disk is full or not writable.
    """
    tensors: dict[str, np.ndarray] = {"counts": frame.counts, "confidences": frame.confidences}
    for group in frame.groups:
        tensors[f"{group.title}/pictures"] = group.pictures
        tensors[f"{group.title}/labels"] = group.labels
        tensors[f"{group.title}/probabilities"] = group.probabilities
        if group.labels_given is not None:
            tensors[f"{group.title}/labels_given"] = group.labels_given
    facts = {
        "stage": frame.stage,
        "step": frame.step,
        "total_steps": frame.total_steps,
        "confidence": frame.confidence,
    }
    write_tensors(path, tensors, facts)


def load_frame(path: Path) -> Frame:
    """Read pictures back.

    Raises:
        StudioError: there is no such file, or it holds no pictures of a training.
    """
    try:
        facts, tensors = read_tensors(path, _Facts)
        groups = tuple(_group(title, tensors) for title in GROUPS if f"{title}/pictures" in tensors)
        counts, confidences = tensors["counts"], tensors["confidences"]
        if counts.ndim != 1 or counts.shape != confidences.shape:
            raise ValueError("counts")
        _check_kinds((counts,), (confidences,))
        return Frame(
            facts.stage,
            facts.step,
            facts.total_steps,
            groups,
            counts.astype(np.int64),
            confidences.astype(np.float32),
            facts.confidence,
        )
    except (StudioError, ValueError, KeyError) as error:
        raise StudioError(
            f"{path} does not hold readable pictures of a training; choose another moment."
        ) from error


def _group(title: GroupTitle, tensors: Mapping[str, Values]) -> PictureGroup:
    pictures, labels = tensors[f"{title}/pictures"], tensors[f"{title}/labels"]
    probabilities, given = tensors[f"{title}/probabilities"], tensors.get(f"{title}/labels_given")
    whole_numbers = (labels,) if given is None else (labels, given)
    shapes = {values.shape for values in (*whole_numbers, probabilities)}
    if pictures.ndim != 4 or pictures.dtype != np.uint8 or shapes != {pictures.shape[:1]}:
        raise ValueError(title)
    _check_kinds(whole_numbers, (probabilities,))
    return PictureGroup(title, pictures, labels, probabilities, given)


def _check_kinds(whole_numbers: Sequence[Values], numbers: Sequence[Values]) -> None:
    kinds = {values.dtype.kind for values in whole_numbers}, {values.dtype.kind for values in numbers}
    if not (kinds[0] <= {"i", "u"} and kinds[1] == {"f"}):
        raise ValueError("type")
