"""The Latent space workspace: each of its pages, with the Gaussian twin where it tells most."""

from __future__ import annotations

import numpy as np

from lsd_studio.engine.latent.selection import GROUPS
from lsd_studio.ui.latent.workspace import LatentWorkspace
from lsd_studio.ui.screenshots.scenes.waiting import Look, settle, wait, watch
from lsd_studio.ui.shell.main_window import MainWindow

CODES, STEPS = 1000, 350
"""Of the t-SNE that is shown: what can be waited for."""

POINTS = 200
"""Of each sampler, likewise."""

ANGLES = np.linspace(0, 2 * np.pi, 60)
"""Of the corners of an outline."""

CLOSE = "1"
"""The zoom at which the codes are shown beside the twin, half the edge of the square."""


def _visit(window: MainWindow, view: str) -> LatentWorkspace:
    workspace = window.go_to("Latent space")
    assert isinstance(workspace, LatentWorkspace)
    wait(window, lambda: workspace.space is not None)
    workspace.show_twin("off")
    workspace.go_to(view)
    _finish(window, workspace)
    return workspace


def _finish(window: MainWindow, workspace: LatentWorkspace) -> None:
    settle()
    wait(window, lambda: not workspace.tasks.is_busy)
    settle()


def _watch(window: MainWindow, workspace: LatentWorkspace) -> None:
    watch(window, lambda: not workspace.is_working)
    workspace.stop.click()
    _finish(window, workspace)


def _densities(window: MainWindow) -> None:
    page = _visit(window, "densities").pages.densities
    assert page.shown is not None
    page.keep_component(page.shown.outstanding[0].component if page.shown.outstanding else 0)
    settle()


def _planes(window: MainWindow) -> None:
    workspace = _visit(window, "planes")
    centre = workspace.pages.planes.own.plotItem.vb.viewRect().center()
    workspace.pages.planes.own.hovered.emit(centre.x(), centre.y())
    _finish(window, workspace)


def _twin(window: MainWindow) -> None:
    workspace = _visit(window, "planes")
    workspace.pages.planes.zoom.button(CLOSE).click()
    workspace.show_twin("beside")
    _finish(window, workspace)
    workspace.verdict.run.click()
    _finish(window, workspace)


def _selection(window: MainWindow) -> None:
    """Two groups on the leading plane, left and right, compared, and a code half way between them."""
    workspace = _visit(window, "planes")
    plot, view = workspace.pages.planes.own, workspace.pages.planes.own.plotItem.vb.viewRect()
    across, up = np.cos(ANGLES) * view.height() / 8, np.sin(ANGLES) * view.height() / 4
    for group, side in zip(GROUPS, (-1, 1), strict=True):
        workspace.selection_bar.group.button(group).click()
        centre = view.center().x() + side * view.height() / 3
        plot.outlined.emit(np.stack([centre + across, view.center().y() + up], axis=1), "replace")
        _finish(window, workspace)
    workspace.selection_bar.compare.click()
    _finish(window, workspace)
    workspace.groups.slider.setValue(50)
    _finish(window, workspace)


def _embedding(window: MainWindow) -> None:
    workspace = _visit(window, "embedding")
    workspace.pages.embedding.points.setValue(CODES)
    workspace.pages.embedding.steps.setValue(STEPS)
    workspace.pages.embedding.start()
    _watch(window, workspace)


def _samplers(window: MainWindow) -> None:
    workspace = _visit(window, "samplers")
    workspace.pages.samplers.points.setValue(POINTS)
    workspace.pages.samplers.run.click()
    _watch(window, workspace)


LOOKS: tuple[tuple[str, Look], ...] = (
    ("latent-densities", _densities),
    ("latent-planes", _planes),
    ("latent-twin", _twin),
    ("latent-selection", _selection),
    ("latent-pairs", lambda window: _visit(window, "pairs")),
    ("latent-t-sne", _embedding),
    ("latent-samplers", _samplers),
    ("latent-paths", lambda window: _visit(window, "paths")),
)
