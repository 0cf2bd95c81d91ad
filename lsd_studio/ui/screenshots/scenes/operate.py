"""The Operate workspace: one image and ten along a path, a loop, operators fitted and compared, snapshots."""

from __future__ import annotations

from lsd_studio.ui.operate.label_path import LabelPath
from lsd_studio.ui.operate.workspace import OperateWorkspace
from lsd_studio.ui.screenshots.scenes.waiting import Look, settle, test_image, wait
from lsd_studio.ui.shell.main_window import MainWindow

LABEL = 3
"""Whose strokes the fitted operator thickens, or the last label where there are fewer."""

LOOP = (3, 8, 0, 6, 5)
"""Labels that are walked around; all of them where there are fewer."""


def operate(window: MainWindow) -> OperateWorkspace:
    """The workspace, in front and with its curves."""
    test_image(window, 0)
    workspace = window.go_to("Operate")
    assert isinstance(workspace, OperateWorkspace)
    workspace.go_to("path")
    wait(window, lambda: workspace.path.is_up_to_date and len(workspace.path.followed) == 2)
    return workspace


def _labels(window: MainWindow) -> int:
    bundle = window.selection.bundle
    assert bundle is not None
    return len(bundle.label_names)


def _loop_of(window: MainWindow) -> tuple[int, ...]:
    labels = _labels(window)
    return LOOP if max(LOOP) < labels else tuple(range(labels))


def _one(window: MainWindow) -> None:
    workspace = operate(window)
    workspace.path.editor.go_to(3.5)
    wait(window, lambda: workspace.path.is_up_to_date)
    settle(600)


def _ten(window: MainWindow) -> None:
    workspace = operate(window)
    page = workspace.path
    page.taken.button("ten").click()
    page.view.button("film").click()
    page.editor.go_to(5.5)
    wait(window, lambda: page.is_up_to_date and len(page.followed) == 2)
    settle(600)
    workspace.keep_snapshot()


def _loop(window: MainWindow) -> None:
    workspace = operate(window)
    page = workspace.path
    page.view.button("curves").click()
    page.editor.path_edited.emit(LabelPath(_loop_of(window), closed=True), "take another path")
    page.shuffle.click()
    page.editor.go_to(0.5)
    wait(window, lambda: page.is_up_to_date and len(page.followed) == 2)
    settle(900)
    workspace.keep_snapshot()


def _fitted(window: MainWindow) -> None:
    workspace = operate(window)
    workspace.go_to("fitted")
    workspace.fitted.form.label.setCurrentIndex(1 + min(LABEL, _labels(window) - 1))
    workspace.fitted.form.fit.click()
    wait(window, lambda: workspace.fitted.applied is not None)
    settle(600)


def _operators(window: MainWindow) -> None:
    """The comparison that is stored, or how to begin one: it takes minutes."""
    workspace = operate(window)
    workspace.go_to("operators")
    wait(window, lambda: not workspace.tasks.is_busy)
    settle(600)


def _snapshots(window: MainWindow) -> None:
    workspace = operate(window)
    workspace.path.taken.button("one").click()
    for style in (0, 100):
        workspace.path.controls.style_slider.setValue(style)
        wait(window, lambda: workspace.path.is_up_to_date)
        workspace.keep_snapshot()
    workspace.go_to("snapshots")
    settle()


LOOKS: tuple[tuple[str, Look], ...] = (
    ("operate-one", _one),
    ("operate-ten", _ten),
    ("operate-loop", _loop),
    ("operate-fitted", _fitted),
    ("operate-operators", _operators),
    ("operate-snapshots", _snapshots),
)
