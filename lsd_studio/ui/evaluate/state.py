"""What the Evaluate workspace shows."""

from __future__ import annotations

from typing import Literal

from lsd_studio.engine.evaluation.findings import Latent
from lsd_studio.engine.vocabulary import Reading
from lsd_studio.ui.shell.view_state import ViewState

View = Literal["figure 5", "figure 6", "labels", "hardest", "table", "generator"]


class EvaluateState(ViewState):
    """What is shown of an evaluation; None leaves it as it is.

    Attributes:
        view: the one in front.
        latent, reading: the codes, and how they are read.
        batch: of test images, counted from 1.
        only: true label and label read of the hardest images shown; None: those of all labels.
    """

    view: View | None = None
    latent: Latent | None = None
    reading: Reading | None = None
    batch: int | None = None
    only: tuple[int, int] | None = None
