"""A selection of codes as a column of labels beside them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.data_files.columns import Column
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.group_difference import seen_words
from lsd_studio.engine.latent.selection import GROUPS, CodeSelection
from lsd_studio.engine.spaces.latent_space import LatentSpace

DRAWN = "selection"
OTHERS = "others"


def with_drawn_labels(space: LatentSpace, rows: NDArray[np.int64], selection: CodeSelection) -> LatentSpace:
    """The same codes with the column "selection", in the place of one before, and a note on how it was drawn.

    Where there is no B, all codes that were shown and are not of A are "others".

    Args:
        rows: int64 [N], which code of the space each code of the selection is.

    Raises:
        StudioError: no code is selected.
    """
    if selection.is_empty:
        raise StudioError("No codes are selected: draw a box or a lasso around some first.")
    drawn = selection.groups.astype(np.int64) - 1
    words: tuple[str, ...] = GROUPS
    if not all(selection.counts):
        words = (GROUPS[0] if selection.counts[0] else GROUPS[1], OTHERS)
        drawn = np.where(drawn >= 0, 0, 1)
    values = np.full(len(space), -1, dtype=np.int64)
    values[rows] = drawn
    on = " and ".join(map(seen_words, selection.seen))
    drawn_on = (f"drawn around these codes on {on}",) if on else ()
    taken = tuple(f"taken from those that match “{condition}”" for condition in selection.conditions)
    note = (
        f"The labels of {DRAWN} were {' and '.join((*drawn_on, *taken))}: that they are told apart "
        f"{'there' if on else 'so'} was chosen, not found."
    )
    kept = tuple(each for each in space.notes if not each.startswith(f"The labels of {DRAWN} were "))
    columns = {**space.columns, DRAWN: Column(DRAWN, "labels", values, words)}
    return replace(space, columns=columns, notes=(*kept, note))
