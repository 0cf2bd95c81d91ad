"""The curves of a stage, thinned: memory and file stay small however many steps are pushed.

A stage's steps are dealt into at most `BINS` bins of equal width. Where a step falls beyond the last bin, neighbouring
bins are merged in pairs and the width doubles, so what a bin holds is the smallest, the largest and the mean value of
its steps, exactly, from the first step to the last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, Field

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.counts import MOST, Count
from lsd_studio.engine.runs.tensor_files import read_tensors, write_tensors

BINS = 2048
PUSHED_AT_ONCE = 256
LARGEST_NUMBER_OF_CURVES = 100


class _Facts(BaseModel):
    names: Annotated[list[str], Field(max_length=LARGEST_NUMBER_OF_CURVES)]
    step: Count
    width: Annotated[int, Field(ge=1, le=MOST)]


class ThinnedHistory:
    """Named curves over steps 1, 2, 3 … that share their bins; values that are not finite are left out.

    Attributes:
        names: of the curves, in the order of the columns of what follows.
        step: the last step that was pushed.
        width: steps a bin, a power of two.
    """

    def __init__(self, names: Sequence[str] = (), bins: int = BINS) -> None:
        self.names: tuple[str, ...] = ()
        self.step = 0
        self.width = 1
        self._lowest = np.full((bins, 0), np.nan, np.float32)
        self._highest = self._lowest.copy()
        self._sums = np.zeros((bins, 0))
        self._counts = np.zeros((bins, 0), np.int64)
        self._pushed: list[tuple[int, list[float]]] = []
        self._add_curves(names)

    def push(self, step: int, values: Mapping[str, float]) -> None:
        """Take in the values of one step; a name that is new begins a curve."""
        if any(name not in self.names for name in values):
            self._take_in()
            self._add_curves([name for name in values if name not in self.names])
        self._pushed.append((step, [values.get(name, np.nan) for name in self.names]))
        self.step = step
        if len(self._pushed) == PUSHED_AT_ONCE:
            self._take_in()

    def extend(self, steps: ArrayLike, values: ArrayLike) -> None:
        """Take in many steps at once: rising whole numbers [n], and their values [n, curves]."""
        self._take_in()
        rising, rows = np.asarray(steps, np.int64), np.asarray(values, np.float64)
        if not len(rising):
            return
        self.step = int(rising[-1])
        while (self.step - 1) // self.width >= len(self._counts):
            self._merge_pairs()
        places = (rising - 1) // self.width
        begins = np.flatnonzero(np.diff(places, prepend=-1))
        bins = places[begins]
        finite = np.isfinite(rows)
        known = np.where(finite, rows, np.nan).astype(np.float32)
        self._lowest[bins] = np.fmin(self._lowest[bins], np.fmin.reduceat(known, begins))
        self._highest[bins] = np.fmax(self._highest[bins], np.fmax.reduceat(known, begins))
        self._sums[bins] += np.add.reduceat(np.where(finite, rows, 0.0), begins)
        self._counts[bins] += np.add.reduceat(finite.astype(np.int64), begins)

    def _take_in(self) -> None:
        pushed, self._pushed = self._pushed, []
        if pushed:
            self.extend([step for step, _ in pushed], [row for _, row in pushed])

    def truncate(self, step: int) -> None:
        """Forget every bin with a step after `step`, as where a run goes on from a checkpoint before its end."""
        self._take_in()
        if step >= self.step:
            return
        full = step // self.width
        self._lowest[full:] = self._highest[full:] = np.nan
        self._sums[full:] = self._counts[full:] = 0
        self.step = step

    def curve(
        self, name: str
    ) -> tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """The middle step, the lowest, the highest and the mean value of each bin that holds any, [n] each."""
        self._take_in()
        column = self.names.index(name)
        (bins,) = np.nonzero(self._counts[:, column])
        first = bins * self.width + 1
        last = np.minimum((bins + 1) * self.width, self.step)
        mean = self._sums[bins, column] / self._counts[bins, column]
        return (
            (first + last) / 2,
            self._lowest[bins, column],
            self._highest[bins, column],
            mean.astype(np.float32),
        )

    def copy(self) -> ThinnedHistory:
        """A history of its own with the same curves."""
        self._take_in()
        return deepcopy(self)

    def save(self, path: Path) -> None:
        """Write the history to a file, atomically.

        Raises:
            StudioError: the disk is full or not writable.
        """
        self._take_in()
        used = min(len(self._counts), -(-self.step // self.width))
        tensors: dict[str, NDArray[Any]] = {
            "lowest": self._lowest[:used],
            "highest": self._highest[:used],
            "sums": self._sums[:used],
            "counts": self._counts[:used],
        }
        write_tensors(path, tensors, {"names": self.names, "step": self.step, "width": self.width})

    @classmethod
    def load(cls, path: Path, bins: int = BINS) -> ThinnedHistory:
        """Read a history; where there is no file, an empty one.

        Raises:
            StudioError: the file is no history.
        """
        history = cls(bins=bins)
        if not path.exists():
            return history
        try:
            facts, tensors = read_tensors(path, _Facts)
            used = -(-facts.step // facts.width)
            parts = [tensors.get(name, np.empty(0)) for name in ("lowest", "highest", "sums", "counts")]
            kinds = [np.float32, np.float32, np.float64, np.int64]
            if used > bins or any(
                part.shape != (used, len(facts.names)) or part.dtype != kind
                for part, kind in zip(parts, kinds, strict=True)
            ):
                raise StudioError(f"{path}: expected curves of {facts.step} steps.")
        except StudioError as error:
            raise StudioError(
                f"{path} is not a readable history of a run; move it away, its curves will begin anew."
            ) from error
        names = facts.names
        history._add_curves(names)
        history.step, history.width = facts.step, facts.width
        history._lowest[:used], history._highest[:used], history._sums[:used], history._counts[:used] = parts
        return history

    def _add_curves(self, names: Sequence[str]) -> None:
        if not names:
            return
        wider = [(0, 0), (0, len(names))]
        self.names = (*self.names, *names)
        self._lowest = np.pad(self._lowest, wider, constant_values=np.nan)
        self._highest = np.pad(self._highest, wider, constant_values=np.nan)
        self._sums = np.pad(self._sums, wider)
        self._counts = np.pad(self._counts, wider)

    def _merge_pairs(self) -> None:
        half = len(self._counts) // 2
        for values, merge, empty in (
            (self._lowest, np.fmin, np.nan),
            (self._highest, np.fmax, np.nan),
            (self._sums, np.add, 0),
            (self._counts, np.add, 0),
        ):
            values[:half] = merge(values[0::2], values[1::2])
            values[half:] = empty
        self.width *= 2
