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
    assert "linear_regression" in gaussian["methods"]
    assert "Truncation in ξ" in gaussian["verdict"]


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
    assert 0 < entry["noise"]["certainty"] <= 1
    with Image.open(tmp_path / "out.png") as image:
        sheet = np.asarray(image)
    assert sheet.shape == (10, 10 * len(entry["read"]))
    np.testing.assert_array_equal(sheet[:8, :8], noisy)


def test_the_noise_of_own_images_is_what_their_owner_says(
    trained_run: Path, digits: Path, lsd_studio: Command, tmp_path: Path
) -> None:
    noisy = np.random.default_rng(0).integers(0, 256, (10, 8), dtype=np.uint8)
    Image.fromarray(noisy).save(tmp_path / "noisy.png")
    denoise = ("denoise", trained_run, tmp_path / "noisy.png", "--data", digits)

    said = lsd_studio(*denoise, "--noise", "rectangles", "--level", "0.3", "--json", "-")
    half_said = lsd_studio(*denoise, "--noise", "rectangles")
    too_much = lsd_studio(*denoise, "--noise", "rectangles", "--level", "0.9")

    assert said.returncode == 0, said.stderr
    (entry,) = json.loads(said.stdout)
    assert entry["noise"] == {"kind": "rectangles", "level": 0.3, "certainty": None}
    assert "noisy.png: cut to the 8×8 pixels in the middle" in said.stderr
    assert "linear_regression" in entry["read"]
    assert half_said.returncode == too_much.returncode == 2
    assert "--noise and --level go together" in half_said.stderr
    assert "please choose one from 0 to 0.75" in too_much.stderr


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
