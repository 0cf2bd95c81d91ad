"""What the Train workspace shows."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lsd_studio.engine.training.events import StageName
from lsd_studio.ui.shell.view_state import ViewState


class TrainState(ViewState):
    """What is shown of a run; None leaves it as it is.

    Attributes:
        run: the name of its folder.
        stage: whose curves and pictures are shown.
        scale: of the curves' vertical axes.
        smoothing: percent of the past in a smoothed curve.
    """

    run: str | None = None
    stage: StageName | None = None
    scale: Literal["linear", "log"] | None = None
    smoothing: Annotated[int, Field(ge=0, le=99)] | None = None
