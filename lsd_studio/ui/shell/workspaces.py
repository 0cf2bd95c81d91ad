"""The workspaces in their order; each is made when it is first visited."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from importlib import import_module

from lsd_studio.engine.api import Engine
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.shell.workspace import Workspace


@dataclass(frozen=True)
class Place:
    """Where a workspace is found.

    Args:
        name: as the rail shows it.
        icon: Material Design icon.
        module, kind: of its class.
    """

    name: str
    icon: str
    module: str
    kind: str

    def make(self, engine: Engine, themes: ThemeManager, selection: Selection) -> Workspace:
        """Import the workspace and make it."""
        workspace: Workspace = getattr(import_module(self.module), self.kind)(engine, themes, selection)
        return workspace


WORKSPACES = (
    Place("Train", "mdi6.chart-line", "lsd_studio.ui.train.workspace", "TrainWorkspace"),
    Place("Basis", "mdi6.axis-arrow", "lsd_studio.ui.basis.workspace", "BasisWorkspace"),
    Place("Decompose", "mdi6.chart-bar", "lsd_studio.ui.decompose.workspace", "DecomposeWorkspace"),
    Place("Evaluate", "mdi6.target", "lsd_studio.ui.evaluate.workspace", "EvaluateWorkspace"),
    Place("Denoise", "mdi6.blur", "lsd_studio.ui.denoise.workspace", "DenoiseWorkspace"),
    Place("Operate", "mdi6.rotate-orbit", "lsd_studio.ui.operate.workspace", "OperateWorkspace"),
    Place("Latent space", "mdi6.scatter-plot", "lsd_studio.ui.latent.workspace", "LatentWorkspace"),
)

OF_CODES = {
    place.name: place
    for place in (
        Place("Basis", "mdi6.axis-arrow", "lsd_studio.ui.codes.basis", "CodesBasisWorkspace"),
        Place("Decompose", "mdi6.chart-bar", "lsd_studio.ui.codes.missing", "NoDecompose"),
        Place("Evaluate", "mdi6.target", "lsd_studio.ui.codes.evaluate", "CodesEvaluateWorkspace"),
        Place("Denoise", "mdi6.blur", "lsd_studio.ui.codes.missing", "NoDenoise"),
        Place("Operate", "mdi6.rotate-orbit", "lsd_studio.ui.codes.operate", "CodesOperateWorkspace"),
    )
}
"""What stands in the place of a workspace while codes that came alone are in use, by its name."""

START = Place("Start", "mdi6.home-outline", "lsd_studio.ui.shell.start_page", "StartPage")
"""Where a first session begins; it stands apart in the rail."""


async def import_workspaces() -> None:
    """Import all workspaces on another thread, so that no first visit has the window wait for it."""
    for place in WORKSPACES:
        await asyncio.to_thread(import_module, place.module)
