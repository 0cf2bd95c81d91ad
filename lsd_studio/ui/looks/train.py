"""The Train workspace: a short training on MNIST, held in the middle, and the form of the next one."""

from __future__ import annotations

from lsd_studio.ui.looks.waiting import Look, settle, wait
from lsd_studio.ui.main_window import MainWindow
from lsd_studio.ui.train_workspace import TrainWorkspace

__all__ = ["LOOKS"]

HELD_AFTER = 60
"""Steps of the GAN."""

SETTINGS = {
    "classifier.epochs": "1",
    "classifier.averaging": "0",
    "gan.epochs": "1",
    "gan.batch_size": "25",
    "gan.learning_rate": "1e-3",
    "gan.averaging": "0",
}


def _watch(window: MainWindow) -> None:
    workspace = window.go_to("Train")
    assert isinstance(workspace, TrainWorkspace)
    form, view = workspace.form, workspace.view
    wait(window, lambda: form.is_good)
    workspace.begin()
    form.name.setText("first look")
    for key, text in SETTINGS.items():
        form.rows[key].set_text(text)
    wait(window, lambda: form.is_good)
    form.start.click()
    wait(window, lambda: view.pictures.shown is not None and view.pictures.shown.step >= HELD_AFTER)
    view.pause.click()
    wait(window, lambda: workspace.is_held)
    settle(1500)


def _prepare(window: MainWindow) -> None:
    workspace = window.go_to("Train")
    assert isinstance(workspace, TrainWorkspace)
    workspace.view.stop.click()
    wait(window, workspace.view.resume.isVisible)
    workspace.begin()
    workspace.form.unfold("encoder")
    workspace.form.rows["encoder.kl_weight"].set_text("0.1")
    wait(window, lambda: workspace.form.is_good)
    settle()


LOOKS: tuple[tuple[str, Look], ...] = (("train-gan", _watch), ("train-new-run", _prepare))
