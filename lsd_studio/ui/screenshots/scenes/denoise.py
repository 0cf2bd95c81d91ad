"""The Denoise workspace: a test image with Gaussian noise, one with most of its pixels dropped, and the curves."""

from __future__ import annotations

from dataclasses import replace

from lsd_studio.engine.denoising.denoised_image import NoiseChoice
from lsd_studio.ui.denoise.workspace import DenoiseWorkspace
from lsd_studio.ui.screenshots.scenes.waiting import Look, settle, test_image, wait
from lsd_studio.ui.shell.main_window import MainWindow

TEST_IMAGE = 15
"""The test image that is denoised, or the last one where there are fewer."""


def _noised(window: MainWindow, noise: NoiseChoice, level: float) -> DenoiseWorkspace:
    workspace = window.go_to("Denoise")
    assert isinstance(workspace, DenoiseWorkspace)
    number = test_image(window, TEST_IMAGE)
    wait(window, lambda: workspace.picker.grid.model() is not None)
    workspace.show_page("one")
    workspace.look_at_test_image(number)
    settings = replace(workspace.scene.settings, noise=noise, level=level)
    workspace.set_scene(replace(workspace.scene, settings=settings))
    wait(window, lambda: workspace.is_complete)
    settle()
    return workspace


def _curves(window: MainWindow) -> None:
    workspace = _noised(window, "salt_and_pepper", 0.5)
    wait(window, lambda: workspace.curves.measured is not None)
    workspace.show_page("many")
    settle()


LOOKS: tuple[tuple[str, Look], ...] = (
    ("denoise-gaussian", lambda window: _noised(window, "gaussian", 0.8)),
    ("denoise-dropped", lambda window: _noised(window, "dropped", 0.8)),
    ("denoise-curves", _curves),
)
