"""The Train workspace: a short training on some real digits, held in the middle, and the form of the next one."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from lsd_studio.ui.looks.waiting import Look, settle, wait
from lsd_studio.ui.main_window import MainWindow
from lsd_studio.ui.pictures import picture_image
from lsd_studio.ui.train_workspace import TrainWorkspace

__all__ = ["LOOKS"]

IMAGES, HELD_AFTER = 600, 160
"""Images that are trained on, and steps of the GAN."""

TRAINING_MINUTES = 20
"""After which a training that does not come so far is given up; an idle laptop needs one."""

SETTINGS = {
    "classifier.epochs": "12",
    "classifier.batch_size": "50",
    "classifier.averaging": "0",
    "gan.epochs": "30",
    "gan.batch_size": "25",
    "gan.learning_rate": "3e-4",
    "gan.averaging": "0.5",
}


def _watch(window: MainWindow) -> None:
    workspace = window.go_to("Train")
    assert isinstance(workspace, TrainWorkspace)
    form, view = workspace.form, workspace.view
    wait(window, lambda: form.is_good and window.selection.tests is not None)
    with TemporaryDirectory() as folder:
        _write_digits(window, Path(folder))
        workspace.begin()
        form.name.setText("six hundred digits")
        form.choose_data(folder)
        for key, text in SETTINGS.items():
            form.rows[key].set_text(text)
        wait(window, lambda: form.is_good)
        form.start.click()
        wait(window, view.pause.isVisible)
    pictures = view.pictures
    wait(window, lambda: pictures.shown is not None and pictures.shown.step >= HELD_AFTER, TRAINING_MINUTES)
    view.pause.click()
    wait(window, lambda: workspace.is_held)
    settle(1500)


def _write_digits(window: MainWindow, folder: Path) -> None:
    """The first of the images that can be picked, one sub-folder a label."""
    images = window.selection.tests
    assert images is not None
    for place in range(IMAGES):
        label = folder / images.label_names[int(images.labels[place])]
        label.mkdir(exist_ok=True)
        picture_image(images.images[place].transpose(1, 2, 0)).save(str(label / f"{place}.png"))


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
