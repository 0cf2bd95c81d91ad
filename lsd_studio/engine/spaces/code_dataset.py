"""Codes of a file as the data set of codes that all views of a latent space are of."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.datasets.labelled_images import UNLABELLED
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.codes_alone import CodeRows, NoCoder
from lsd_studio.engine.latent.dataset import LatentDataset
from lsd_studio.engine.latent.statistics.moments import Codes, row_blocks
from lsd_studio.engine.platform.seeds import checked_seed, random_numbers
from lsd_studio.engine.spaces.latent_space import LatentSpace
from lsd_studio.engine.spaces.reading import read_latent_space
from lsd_studio.engine.spaces.row_pictures import row_picture

NO_LABEL = "no label"

MOST_NUMBERS = 2**28
"""Numbers of all codes that are looked at, which are 1 GiB in float32."""


def code_dataset(space: LatentSpace, column: str | None, most: int, seed: int = 0) -> LatentDataset:
    """The usable codes as float32, with the labels of a column; those that have none are labelled "no label".

    Of more codes than `most`, or than fit into 2²⁸ numbers, so many are drawn by the seed, in their order.

    Raises:
        StudioError: `most` is below 1, there is no such column of labels, or there are too few codes.
    """
    if most < 1:
        raise StudioError(f"One code or more can be looked at, not {most}.")
    rows = np.flatnonzero(space.usable)
    notes = list(space.notes)
    most = min(most, max(MOST_NUMBERS // space.components, 1))
    if len(rows) > most:
        notes.append(f"{most} of {len(rows)} codes are drawn, by seed {seed}.")
        drawn = random_numbers(checked_seed(seed), "rows of a latent space").permutation(len(rows))[:most]
        rows = rows[np.sort(drawn)]
    labels = np.zeros(len(rows), dtype=np.int64)
    names: tuple[str, ...] = UNLABELLED
    if column is not None:
        chosen = space.label_column(column)
        labels, names = chosen.values[rows].astype(np.int64), chosen.words
        if (missing := labels < 0).any():
            labels[missing], names = len(names), (*names, NO_LABEL)
            notes.append(
                f"{missing.sum()} of {len(rows)} codes have no {column}; their label is “{NO_LABEL}”."
            )
    data = CodeRows(
        name=space.name,
        rows=rows,
        labels=labels,
        label_names=names,
        picture_of=partial(row_picture, space),
        has_pictures=space.has_pictures,
        has_stored_pictures=space.read_pictures is not None,
        columns={name: column.taken(rows) for name, column in space.columns.items()},
        arrays=tuple(name for name in space.arrays if name != space.array),
        read_array=lambda name: read_latent_space(space.file, name).codes,
    )
    coder = NoCoder(space.file.stem, f"codes read from {space.file.name}")
    return LatentDataset(coder, data, _taken(space.codes, rows), tuple(notes))


def _taken(codes: NDArray[np.floating], rows: NDArray[np.int64]) -> Codes:
    """The rows of codes as float32: what is mapped from a file as it is, where it is all of it."""
    if len(rows) == len(codes) and codes.dtype == np.float32:
        return np.asarray(codes)
    taken = np.empty((len(rows), codes.shape[1]), dtype=np.float32)
    for part in row_blocks(len(rows)):
        taken[part] = codes[rows[part]]
    return taken
