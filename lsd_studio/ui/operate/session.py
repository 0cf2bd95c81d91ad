"""What Operate comes back to at the next start: the path, and the snapshots with their pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Self

import numpy as np
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, model_validator

from lsd_studio.ui.operate.state import TEN, OperateState, PathState, Snapshot
from lsd_studio.ui.shell.view_state import ViewState

Edge = Annotated[int, Field(ge=1, le=4096)]


class NotedSnapshot(BaseModel):
    """A `Snapshot` as text.

    Attributes:
        shape: of the pictures, [N, H, W, C]; pictures: their bytes, uint8.
        labels: what C reads in each; probabilities: of it, 0…1.
    """

    model_config = ConfigDict(frozen=True)

    name: Annotated[str, Field(max_length=1000)]
    state: PathState
    data_set: Annotated[str, Field(max_length=1000)]
    provenance: Annotated[str, Field(max_length=1000)]
    shape: tuple[Annotated[int, Field(ge=1, le=TEN)], Edge, Edge, Annotated[int, Field(ge=1, le=3)]]
    pictures: Base64Bytes
    labels: tuple[Annotated[int, Field(ge=0)], ...]
    probabilities: tuple[Annotated[float, Field(ge=0, le=1)], ...]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        counts = {self.shape[0], len(self.labels), len(self.probabilities)}
        if len(self.pictures) != math.prod(self.shape) or len(counts) > 1 or self.shape[3] == 2:
            raise ValueError("pictures and what is read in them do not go together")
        return self

    @staticmethod
    def of(snapshot: Snapshot) -> NotedSnapshot:
        pictures = np.ascontiguousarray(snapshot.pictures)
        return NotedSnapshot.model_construct(
            name=snapshot.name,
            state=snapshot.state,
            data_set=snapshot.data_set,
            provenance=snapshot.provenance,
            shape=pictures.shape,
            pictures=pictures.tobytes(),
            labels=tuple(snapshot.labels.tolist()),
            probabilities=tuple(snapshot.probabilities.tolist()),
        )

    @property
    def snapshot(self) -> Snapshot:
        return Snapshot(
            self.name,
            self.state,
            self.data_set,
            np.frombuffer(self.pictures, np.uint8).reshape(self.shape),
            np.array(self.labels, dtype=np.int64),
            np.array(self.probabilities),
            self.provenance,
        )


class OperateSession(ViewState):
    """What the workspace showed, and of which bundle.

    Attributes:
        bundle: its folder.
        view: what was shown; snapshots: in the order in which they were taken.
    """

    bundle: str = ""
    view: OperateState = OperateState()
    snapshots: tuple[NotedSnapshot, ...] = ()

    def snapshots_of(self, labels: int, images: int) -> Sequence[Snapshot]:
        """Those that can be shown with so many labels and test images."""
        return [
            each.snapshot
            for each in self.snapshots
            if each.state.fits(labels, images) and max(each.labels) < labels
        ]
