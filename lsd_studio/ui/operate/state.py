"""What the Operate workspace shows, and what of it can be undone: a path and the images on it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np

from lsd_studio.engine.operators.paths import QUARTER
from lsd_studio.engine.operators.products import Product, Turn
from lsd_studio.engine.operators.walks import AS_FOUND, PathSettings
from lsd_studio.engine.vocabulary import Reader, Through
from lsd_studio.ui.operate.label_path import LabelPath
from lsd_studio.ui.shell.view_state import ViewState

Taken = Literal["one", "ten", "current"]
"""Which images are moved: one test image, ten as in Figure 8, or the current image of Decompose."""

TEN = 10

STEPS = (5.0, 10.0, 15.0, 30.0, 45.0, 90.0)
"""Degrees that a step may have."""


@dataclass(frozen=True)
class PathState:
    """A path, the handle on it, and the images that are moved along it.

    Args:
        path: labels in order; position: of the handle, in legs.
        style: how much of the rest of the code is kept, 0 (transport) … 1 (rotation).
        step: Δθ in degrees.
        through: whether the path leads through the labels' ξ or their averages η.
        taken: which images; numbers: places in the test set, of which one or all are taken.
    """

    path: LabelPath
    position: float = 0.0
    style: float = AS_FOUND.style
    step: float = 30.0
    through: Through = AS_FOUND.through
    taken: Taken = "one"
    numbers: tuple[int, ...] = ()

    @property
    def places(self) -> tuple[int, ...]:
        """Places in the test set of the images; none for the current image."""
        return {"one": self.numbers[:1], "ten": self.numbers, "current": ()}[self.taken]

    def fits(self, labels: int, images: int) -> bool:
        """Whether it can be shown with so many labels and test images; one from a file need not."""
        return (
            self.path.is_walkable
            and all(0 <= label < labels for label in self.path.labels)
            and all(0 <= number < images for number in self.numbers)
            and bool(self.numbers)
            and len(self.numbers) <= TEN
            and 0 <= self.style <= 1
            and (self.path.closed or 0 <= self.position <= self.path.legs)
            and math.isfinite(self.position)
            and self.step in STEPS
        )

    @property
    def settings(self) -> PathSettings:
        """The path as the engine takes it."""
        return PathSettings(self.path.labels, self.path.closed, self.style, self.through)

    @property
    def beside(self) -> dict[str, PathSettings]:
        """The path under the operators that stand beside the handle: the paper's transport, and the rotation as set."""
        return {"transport": replace(self.settings, style=0.0), "rotation": self.settings}

    @property
    def images_in_words(self) -> str:
        """Which images are moved."""
        if self.taken == "current":
            return "current image"
        return f"test image {self.numbers[0]}" if self.taken == "one" else f"{len(self.numbers)} test images"

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The legs from the start of the path to the handle, as operators; the rest is weighed once, at the start."""
        place, stations = self.path.first_round(self.position), self.path.stations
        turns: list[Turn] = []
        for leg, (source, target) in enumerate(pairwise(stations)):
            degrees = QUARTER * min(max(place - leg, 0.0), 1.0)
            if degrees > 0:
                turns.append(Turn(source, target, degrees, 1.0 if turns else self.style, self.through))
        return tuple(turns)


def setting_in_words(path: PathSettings) -> str:
    """How a path is walked, such as "25 % of the rest, through η"."""
    kept = {0.0: "nothing", 1.0: "all"}.get(path.style, f"{100 * path.style:.0f} %")
    return f"{kept} of the rest, through {'ξ' if path.through == 'vectors' else 'η'}"


class ComparedState(ViewState):
    """What is shown of the operators compared; None leaves it as it is.

    Attributes:
        style: the measure of style; reader: who says what arrived.
        operator: the one that is chosen, by its name in the engine.
    """

    style: Literal["slant", "ink", "width", "height"] | None = None
    reader: Reader | None = None
    operator: str | None = None


class OperateState(ViewState):
    """What is shown; None leaves it as it is.

    Attributes:
        page: the one in front.
        along: what is shown along the path, C's probabilities or the images at every step.
        path: the path, the handle on it and its images.
        factors: the operators that are applied.
        compared: what is shown of the operators compared.
    """

    page: Literal["path", "operators", "fitted", "snapshots"] | None = None
    along: Literal["curves", "film"] | None = None
    path: PathState | None = None
    factors: Product = ()
    compared: ComparedState = ComparedState()


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A state that a person wants to come back to, and what was seen then.

    Args:
        data_set: the test images that `state.numbers` counts in.
        pictures: uint8 [N, H, W, C]; labels: int64 [N], C's.
        provenance: what the pictures were made from, in words.
    """

    name: str
    state: PathState
    data_set: str
    pictures: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    provenance: str
