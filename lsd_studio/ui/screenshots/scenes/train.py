"""The Train workspace: a short training on real zeros and ones, held in the middle, and the form of the next one."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PySide6.QtCore import QSize, Qt

from lsd_studio.ui.screenshots.scenes.waiting import Look, settle, test_image, wait
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.train.workspace import TrainWorkspace
from lsd_studio.ui.widgets.pictures import picture_image

LABELS, IMAGES, EDGE, HELD_AFTER = (0, 1), 200, 12, 250
"""Labels that are trained on, images of each, pixels of an edge, and steps of the GAN: enough to draw both."""

TRAINING_MINUTES = 20
"""After which a training that does not come so far is given up; an idle laptop needs one."""

SETTINGS = {
    "latent_dimensions": "4",
    "classifier.epochs": "8",
    "classifier.batch_size": "25",
    "classifier.averaging": "0",
    "gan.epochs": "24",
    "gan.batch_size": "20",
    "gan.learning_rate": "1e-3",
    "gan.averaging": "0",
}


def _watch(window: MainWindow) -> None:
    test_image(window, 0)
    workspace = window.go_to("Train")
    assert isinstance(workspace, TrainWorkspace)
    form, view = workspace.form, workspace.view
    wait(window, lambda: form.is_good and window.selection.tests is not None)
    with TemporaryDirectory() as folder:
        digits = Path(folder) / "zeros-and-ones"
        _write_digits(window, digits)
        workspace.begin()
        form.name.setText("zeros and ones")
        form.choose_data(str(digits))
        for key, text in SETTINGS.items():
            form.rows[key].set_text(text)
        wait(window, lambda: form.is_good)
        form.start.click()
        wait(window, view.pause.isVisible)
    pictures = view.pictures
    wait(
        window,
        lambda: pictures.shown is not None and pictures.shown.frame.step >= HELD_AFTER,
        TRAINING_MINUTES,
    )
    view.pause.click()
    wait(window, lambda: workspace.is_held)
    settle(1500)


def _write_digits(window: MainWindow, folder: Path) -> None:
    """The first images of each label that can be picked, made small, one sub-folder a label."""
    images = window.selection.tests
    assert images is not None
    for label in LABELS:
        (folder / str(label)).mkdir(parents=True)
        for place in np.flatnonzero(images.labels == label)[:IMAGES]:
            picture = picture_image(images.images[place].transpose(1, 2, 0))
            small = picture.scaled(QSize(EDGE, EDGE), mode=Qt.TransformationMode.SmoothTransformation)
            small.save(str(folder / str(label) / f"{place}.png"))


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
