"""The pictures of the workspaces, and that the window starts without what it does not need."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QImage

from lsd_studio.ui.screenshots.rendering import SIZES, save_screenshots
from lsd_studio.ui.screenshots.scenes import LOOKS

QUICK = (
    "basis-vectors",
    "decompose-drawing",
    "evaluate-figure-5",
    "denoise-gaussian",
    "operate-one",
)
"""One look for each workspace but Train, whose look trains; its own tests look at it."""


def test_every_workspace_is_rendered_in_both_themes_and_sizes(
    mnist_sized_bundle: Path, tmp_path: Path
) -> None:
    looks = [(name, look) for name, look in LOOKS if name in QUICK]
    assert len(looks) == len(QUICK)
    made = save_screenshots(tmp_path, mnist_sized_bundle, looks=looks).made
    assert sorted(made) == sorted(tmp_path.glob("*.png"))
    assert len(made) == len(QUICK) * 2 * len(SIZES)
    for path in made:
        image = QImage(str(path))
        assert f"{image.width()}x{image.height()}" in path.stem
        assert (image.width(), image.height()) in SIZES


def test_a_small_bundle_without_its_data_is_shown_as_far_as_it_can_be(
    save_small_bundle: Callable[[Path], Path], tmp_path: Path
) -> None:
    """It has 4 vectors and no test image, where a larger one is looked at by fixed numbers (issue 12)."""
    shown = ("basis-vectors", "basis-inner-products", "decompose-test-image")
    looks = [(name, look) for name, look in LOOKS if name in shown]
    pictures = save_screenshots(tmp_path, save_small_bundle(tmp_path / "small"), looks=looks)
    assert len(pictures.made) == 2 * 2 * len(SIZES)
    assert list(pictures.missing) == ["decompose-test-image"]
    assert "are not available" in pictures.missing["decompose-test-image"]


def test_the_window_is_imported_without_torch() -> None:
    code = "import sys, lsd_studio.ui.app.application; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
