import json
from pathlib import Path

import numpy as np
from PIL import Image

from tests.cli.small_run import Command


def test_curves_of_a_small_run_with_their_baselines(
    trained_run: Path, digits: Path, lsd_studio: Command
) -> None:
    finished = lsd_studio("denoise", trained_run, "--data", digits, "--number", 2, "--json", "-")

    assert finished.returncode == 0, finished.stderr
    result = json.loads(finished.stdout)
    assert result["images"] == 2
    assert set(result["kinds"]) == {"gaussian", "salt_and_pepper", "dropped", "rectangles"}
    gaussian = result["kinds"]["gaussian"]
    assert {"noisy", "lsd_descent", "total_variation", "non_local_means", "principal_components"} <= set(
        gaussian["methods"]
    )
    assert len(gaussian["methods"]["noisy"]["psnr"]) == len(gaussian["levels"])
    assert set(gaussian["methods"]["noisy"]["label_kept"][0]) == {"value", "low", "high"}
    assert "LSD" in gaussian["verdict"]


def test_own_images_are_denoised_into_a_picture(
    trained_run: Path, lsd_studio: Command, tmp_path: Path
) -> None:
    noisy = np.random.default_rng(0).integers(0, 256, (8, 8), dtype=np.uint8)
    Image.fromarray(noisy).save(tmp_path / "noisy.png")

    finished = lsd_studio(
        "denoise", trained_run, tmp_path / "noisy.png", "--out", tmp_path / "out.png", "--json", "-"
    )

    assert finished.returncode == 0, finished.stderr
    (entry,) = json.loads(finished.stdout)
    assert entry["noise"]["kind"] in ("gaussian", "salt_and_pepper", "dropped", "rectangles")
    with Image.open(tmp_path / "out.png") as image:
        sheet = np.asarray(image)
    assert sheet.shape == (10, 10 * len(entry["read"]))
    np.testing.assert_array_equal(sheet[:8, :8], noisy)


def test_figure_seven_and_what_cannot_be_done(trained_run: Path, lsd_studio: Command, tmp_path: Path) -> None:
    drawn = lsd_studio("denoise", trained_run, "--figure", tmp_path / "figure.png")
    nowhere = lsd_studio("denoise", trained_run, "--figure", tmp_path / "missing" / "figure.png")
    pointless = lsd_studio("denoise", trained_run, "--out", tmp_path / "out.png")

    assert drawn.returncode == 0, drawn.stderr
    with Image.open(tmp_path / "figure.png") as image:
        assert image.width > 100
    assert nowhere.returncode == 2
    assert pointless.returncode == 2
    assert "--out is for images" in pointless.stderr
