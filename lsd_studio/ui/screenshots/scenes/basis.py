"""The Basis workspace: pictures, matrices, samples, audit, comparison, and a basis being built."""

from __future__ import annotations

from collections.abc import Callable

from lsd_studio.ui.basis.build import PAPER_VECTORS
from lsd_studio.ui.basis.orthogonalisations import ORTHOGONALISATIONS
from lsd_studio.ui.basis.workspace import BasisWorkspace
from lsd_studio.ui.screenshots.scenes.waiting import Look, settle, wait, watch
from lsd_studio.ui.shell.main_window import MainWindow

VECTOR = 13
"""The selected vector, or the last one where a bundle has fewer."""

VECTORS = 50
"""Latent vectors averaged in bases that are built here: seconds, where the paper's 5 000 take minutes."""

PAIR = 3, 25
"""The vectors whose inner product is shown, likewise."""


def _visit(window: MainWindow, view: str) -> BasisWorkspace:
    workspace = window.go_to("Basis")
    assert isinstance(workspace, BasisWorkspace)
    wait(window, lambda: workspace.view is not None)
    workspace.stop()
    _watch(window, lambda: not workspace.tasks.is_busy)
    window.selection.look_at_vector(_there(workspace, VECTOR))
    workspace.go_to(view)
    return workspace


def _there(workspace: BasisWorkspace, vector: int) -> int:
    """The vector, or the last one where the basis has fewer."""
    assert workspace.view is not None
    return min(vector, len(workspace.view.eta_gram) - 1)


def _watch(window: MainWindow, done: Callable[[], bool]) -> None:
    watch(window, done)
    window.message_bar.hide()


def _finish(window: MainWindow, workspace: BasisWorkspace) -> None:
    _watch(window, lambda: not workspace.tasks.is_busy)
    if workspace.tasks.is_busy:
        workspace.stop()
        _watch(window, lambda: not workspace.tasks.is_busy)
    settle()


def _products(window: MainWindow) -> None:
    workspace = _visit(window, "products")
    workspace.views.products.pick(*(_there(workspace, vector) for vector in PAIR))
    settle()


def _audit(window: MainWindow) -> None:
    """The paper's orthogonalisation, and what of it repeats; a labelled frame would be turned for minutes."""
    workspace = _visit(window, "audit")
    workspace.show_kind(ORTHOGONALISATIONS[0])
    _watch(window, lambda: not workspace.tasks.is_busy)
    workspace.repeat(VECTORS)
    _finish(window, workspace)


def _compare(window: MainWindow) -> None:
    workspace = _visit(window, "compare")
    workspace.views.compare.measure.click()
    _finish(window, workspace)


def _build(window: MainWindow) -> None:
    workspace = _visit(window, "vectors")
    workspace.strip.vectors.setValue(VECTORS)
    workspace.strip.build.click()
    workspace.strip.vectors.setValue(PAPER_VECTORS)
    _watch(window, lambda: workspace.strip.progress.value() > 400 or not workspace.strip.is_working)


LOOKS: tuple[tuple[str, Look], ...] = (
    ("basis-build", _build),
    ("basis-vectors", lambda window: _finish(window, _visit(window, "vectors"))),
    ("basis-inner-products", _products),
    ("basis-samples", lambda window: _finish(window, _visit(window, "samples"))),
    ("basis-audit", _audit),
    ("basis-compare", _compare),
)
