"""What the pictures of the workspaces show: for each workspace a table of looks."""

from __future__ import annotations

from lsd_studio.ui.screenshots.scenes import (
    basis,
    decompose,
    denoise,
    evaluate,
    latent,
    operate,
    shell,
    train,
)
from lsd_studio.ui.screenshots.scenes.waiting import Look

__all__ = ["LOOKS"]

LOOKS: tuple[tuple[str, Look], ...] = (
    *basis.LOOKS,
    *decompose.LOOKS,
    *denoise.LOOKS,
    *evaluate.LOOKS,
    *latent.LOOKS,
    *operate.LOOKS,
    *train.LOOKS,
    *shell.LOOKS,
)
