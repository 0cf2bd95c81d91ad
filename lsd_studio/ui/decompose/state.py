"""What the Decompose workspace shows."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lsd_studio.engine.operations.decompose import Latent
from lsd_studio.engine.vocabulary import Reading
from lsd_studio.ui.shell.image_source import ImageState


class DecomposeState(ImageState):
    """An image, and how it is decomposed.

    Attributes:
        latent, seed, reading, terms: as in `DecompositionSettings`.
        refined: whether the code is refined after the encoder.
        vector: the one that is selected in all workspaces; None leaves it.
    """

    latent: Latent = "mean"
    seed: Annotated[int, Field(ge=0)] = 0
    reading: Reading | None = None
    terms: Annotated[int, Field(ge=1)] = 1
    refined: bool = False
    vector: Annotated[int, Field(ge=0)] | None = None
