"""Codes with one label each, ready for a basis: finite, labelled, in an order that means nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.platform.seeds import checked_seed, random_numbers
from lsd_studio.engine.spaces.latent_space import LatentSpace

MOST_NUMBERS = 2**27
"""Numbers of all codes that are taken, which are 1 GiB in float64."""


@dataclass(frozen=True, eq=False)
class LabelledCodes:
    """Codes float64 [N, M] with labels int64 [N], places among `label_names`, each of which occurs.

    Attributes:
        source: of what codes and which column, in words.
        notes: one sentence each on what was left out.
        rows: int64 [N], which code of the space each is.
    """

    codes: NDArray[np.float64]
    labels: NDArray[np.int64]
    label_names: tuple[str, ...]
    source: str
    notes: tuple[str, ...]
    rows: NDArray[np.int64]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Codes of each label, int64 [l]."""
        return np.bincount(self.labels, minlength=len(self.label_names))

    def taken(self, rows: NDArray[np.bool_]) -> LabelledCodes:
        """Some of the codes, in their order, with the same names of labels."""
        return replace(self, codes=self.codes[rows], labels=self.labels[rows], rows=self.rows[rows])


def labelled_codes(
    space: LatentSpace, column: str, seed: int = 0, most_numbers: int = MOST_NUMBERS
) -> LabelledCodes:
    """The finite codes that have a label in a column, shuffled by the seed.

    Of more codes than fit into `most_numbers`, as many as do are drawn.

    Raises:
        StudioError: there is no such column of labels, or fewer than two labels are left.
    """
    chosen = space.label_column(column)
    places = chosen.values.astype(np.int64)
    kept = np.flatnonzero(space.usable & (places >= 0))
    notes = []
    if chosen.missing:
        notes.append(f"{chosen.missing} of {len(space)} codes have no {column} and are left out.")
    order = random_numbers(checked_seed(seed), "rows of a latent space").permutation(len(kept))
    most = max(most_numbers // space.components, 1)
    if len(kept) > most:
        notes.append(f"{most} of {len(kept)} codes are taken, drawn by seed {seed}.")
        order = order[:most]
    rows = kept[order]
    present, labels = np.unique(places[rows], return_inverse=True)
    if len(present) < 2:
        raise StudioError(
            f"The column {column} of {space.file} has one label only, which tells nothing apart: choose another column."
        )
    return LabelledCodes(
        codes=_taken(space.codes, rows),
        labels=labels.reshape(-1).astype(np.int64),
        label_names=tuple(chosen.words[place] for place in present),
        source=f"{space.name}, labels of {column}",
        notes=tuple(notes),
        rows=rows,
    )


def _taken(codes: NDArray[np.floating], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """The rows of codes as float64, read from the disk in the order in which they lie there."""
    taken = np.empty((len(rows), codes.shape[1]))
    order = np.argsort(rows)
    for part in np.array_split(order, max(1, len(order) // 8192)):
        taken[part] = codes[rows[part]]
    return taken
