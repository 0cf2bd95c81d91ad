"""The way from one group of selected codes to the other: by the difference of their means, or by Gaussian transport."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.selection import CodeSelection, GroupOperator
from lsd_studio.engine.latent.statistics.paths import CodeStation, FreeStation, Station
from lsd_studio.engine.vocabulary import LABEL_OPERATORS

if TYPE_CHECKING:
    from lsd_studio.engine.latent.dataset import LatentDataset

MOST_CODES = 20_000
"""Codes of a group that covariances are of, at most."""


def group_path(
    of: LatentDataset, selection: CodeSelection, operator: GroupOperator
) -> tuple[Station, Station]:
    """From the code of A that is nearest to their mean to where the operator from A to B takes it.

    Where there is no B, all codes that are not of A are.

    Raises:
        StudioError: a group has fewer than two codes.
    """
    from lsd_studio.engine.operators.label_operators import gaussian_map, shrunk_covariances

    groups = selection.groups
    members = np.flatnonzero(groups == 1), np.flatnonzero(groups == 2 if selection.counts[1] else groups == 0)
    if min(map(len, members)) < 2:
        raise StudioError("A path goes from two codes or more to as many: select more codes.")
    source, target = (of.codes[rows].mean(axis=0, dtype=np.float64) for rows in members)
    first = int(members[0][np.linalg.norm(of.codes[members[0]] - source, axis=1).argmin()])
    code = of.codes[first].astype(np.float64)
    arrival = code + target - source
    if operator == "gaussian_transport":
        codes = [_some(of.codes, rows) for rows in members]
        matrix, shift = gaussian_map((source, target), shrunk_covariances(*codes))(1.0)
        arrival = matrix @ code + shift
    return CodeStation(first), FreeStation(arrival, f"B by {LABEL_OPERATORS[operator]}")


def _some(codes: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    return codes[rows[:: -(-len(rows) // MOST_CODES)]].astype(np.float64)
