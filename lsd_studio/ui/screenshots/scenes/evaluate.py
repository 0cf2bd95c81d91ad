"""The Evaluate workspace: each of its views, of a saved evaluation or a first look."""

from __future__ import annotations

from functools import partial

from lsd_studio.ui.evaluate.workspace import EvaluateWorkspace
from lsd_studio.ui.screenshots.scenes.waiting import Look, settle, test_image, wait
from lsd_studio.ui.shell.main_window import MainWindow


def _look(view: str, window: MainWindow) -> None:
    test_image(window, 0)
    workspace = window.go_to("Evaluate")
    assert isinstance(workspace, EvaluateWorkspace)
    wait(window, lambda: workspace.shown is not None and not workspace.is_working)
    workspace.go_to(view)
    wait(window, lambda: not workspace.tasks.is_busy)
    if view == "figure 5":
        workspace.batch.number.setValue(1)
        workspace.batch.next_error.click()
    settle()


LOOKS: tuple[tuple[str, Look], ...] = tuple(
    (f"evaluate-{view.replace(' ', '-')}", partial(_look, view))
    for view in ("figure 5", "figure 6", "labels", "hardest", "table", "generator")
)
