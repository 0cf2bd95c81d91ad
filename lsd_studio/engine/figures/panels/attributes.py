"""Panels of attributes of codes: which readings change when codes are moved along one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lsd_studio.engine.figures.spec import Axis, Heatmap, Panel
from lsd_studio.engine.vocabulary import ATTRIBUTE_WAYS

if TYPE_CHECKING:
    from lsd_studio.engine.spaces.attribute_axes import AttributeAxes, Entanglement

PERCENT = 100.0


def entanglement_panel(found: AttributeAxes, of: Entanglement) -> Panel:
    """Share of readings that changed in %, asked × read; white where directions at random change as many."""
    names = tuple((float(place), name) for place, name in enumerate(found.names))
    changed = np.where(of.is_beyond_chance, PERCENT * of.changed, np.nan)
    matrix = Heatmap("readings changed", changed, unit="%", ends=(0.0, PERCENT), written=True, decimals=0)
    return Panel(
        (matrix,),
        Axis("read", ticks=names),
        Axis("asked", ticks=names),
        title=ATTRIBUTE_WAYS[of.way],
    )
