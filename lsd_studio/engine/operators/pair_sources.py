"""Where the pairs of images come from that an operator is fitted on (R23)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from lsd_studio.engine.vocabulary import PairMeasure


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
    """Pairs from a folder with the subfolders `before` and `after`, whose files are paired by name."""

    folder: Path


@dataclass(frozen=True)
class SequencePairs:
    """Each image of a folder, by name order, paired with the next: the paper's O_Δt (Fig. 1)."""

    folder: Path


PairSource: TypeAlias = MeasuredPairs | FolderPairs | SequencePairs
