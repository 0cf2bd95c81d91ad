"""`lsd-studio operate`: paths and kept operators on an image file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsd_studio.cli import main
from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.datasets import scale_pixels
from lsd_studio.engine.operators.planes import renormalise, rotate
from lsd_studio.engine.operators.store import load_operators


@pytest.fixture
def bundle(tmp_path: Path, save_small_bundle: Callable[[Path], Path]) -> Path:
    return save_small_bundle(tmp_path / "small")


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, (1, 1, 8, 8), dtype=np.uint8)


@pytest.fixture
def image(tmp_path: Path, pixels: np.ndarray) -> Path:
    Image.fromarray(pixels[0, 0]).save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


def test_a_path_is_answered_and_drawn(
    bundle: Path, image: Path, pixels: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "strip.png"
    assert (
        main(
            [
                "operate",
                str(bundle),
                str(image),
                "--path",
                "right,left,right:2",
                "--style",
                "1",
                "--step",
                "45",
                "--out",
                str(out),
                "--json",
                "-",
            ]
        )
        == 0
    )

    found = json.loads(capsys.readouterr().out)
    assert [entry["position"] for entry in found["pictures"]] == [0, 0.5, 1, 1.5, 2]
    assert found["operator"] == "rotation along right → left → right:2, start to end"
    opened = open_bundle(bundle)
    xi = opened.basis.xi_
    code, _ = opened.networks.encode(scale_pixels(pixels))
    own = int(opened.basis.transform(code)[0, :2].argmax())
    assert own == 1
    halfway = rotate(xi[0], xi[3], np.pi / 4, rotate(xi[1], xi[0], np.pi / 2, code))
    expected = opened.networks.classify(opened.networks.decode(renormalise(halfway)))
    np.testing.assert_allclose(found["pictures"][3]["probabilities"], expected[0], atol=1e-4)
    with Image.open(out) as strip:
        assert strip.width == 8 + 6 * (80 + 8)


def test_a_closed_path_of_transport_ends_where_it_began(
    bundle: Path, image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = [
        "operate", str(bundle), str(image), "--path", "left,right", "--kind", "transport", "--loop",
        "--out", str(tmp_path / "walk.gif"),
    ]  # fmt: skip
    assert main([*written, "--json", "-"]) == 0
    pictures = json.loads(capsys.readouterr().out)["pictures"]
    assert len(pictures) == 7
    np.testing.assert_allclose(pictures[0]["probabilities"], pictures[-1]["probabilities"], atol=1e-5)
    with Image.open(tmp_path / "walk.gif") as animation:
        assert getattr(animation, "n_frames", 1) <= 7
    assert main(written) == 0
    assert "slant °" in capsys.readouterr().out


def test_what_was_done_is_kept_and_done_again_and_undone(
    bundle: Path, image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path_of = ["operate", str(bundle), str(image), "--path", "right,left"]
    rotation = ["--kind", "rotation", "--through", "vectors"]
    assert main([*path_of, *rotation, "--keep", "to left"]) == 0
    (kept,) = load_operators(open_bundle(bundle))
    assert (kept.name, kept.description) == ("to left", "rotation along right → left, start to end")
    np.testing.assert_allclose(kept.matrix @ kept.matrix.T, np.eye(4), atol=1e-12)
    capsys.readouterr()

    assert main([*path_of, *rotation, "--json", "-"]) == 0
    path = json.loads(capsys.readouterr().out)
    assert main(["operate", str(bundle), str(image), "--operator", "to left", "--json", "-"]) == 0
    once = json.loads(capsys.readouterr().out)
    np.testing.assert_allclose(
        once["pictures"][1]["probabilities"], path["pictures"][-1]["probabilities"], atol=1e-4
    )
    assert (
        main(
            [
                "operate",
                str(bundle),
                str(image),
                "--operator",
                "to left",
                "--power",
                "-1",
                "--keep",
                "back",
                "--json",
                "-",
            ]
        )
        == 0
    )
    capsys.readouterr()
    back = {operator.name: operator.matrix for operator in load_operators(open_bundle(bundle))}["back"]
    np.testing.assert_allclose(back @ kept.matrix, np.eye(4), atol=1e-12)


def test_a_path_begins_where_images_arrive(
    bundle: Path, image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {}
    for path in ("left,right", "left,right:2"):
        assert main(["operate", str(bundle), str(image), "--path", path, "--json", "-"]) == 0
        told[path] = json.loads(capsys.readouterr().out)["operator"].partition(" along ")[0]
    assert told == {
        "left,right": "rotation with 25 % of the rest through the averages",
        "left,right:2": "rotation with 25 % of the rest",
    }


def test_an_operator_is_fitted_told_beside_simpler_answers_and_kept(
    bundle: Path, image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    random = np.random.default_rng(4)
    for side, brighter in (("before", 0), ("after", 90)):
        (tmp_path / "pairs" / side).mkdir(parents=True)
        for number in range(12):
            pixels = np.clip(random.integers(0, 160, (8, 8)) + brighter, 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pairs" / side / f"{number}.png")
    written = ["operate", str(bundle), str(image), "--fit", str(tmp_path / "pairs"), "--keep", "brighter"]
    assert main([*written, "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    (kept,) = load_operators(open_bundle(bundle))
    errors = found["fit"]["held_out_errors"]
    assert {"least squares", "doing nothing", "one shift for all"} <= errors.keys()
    assert (found["fit"]["pairs"], found["fit"]["held_out"]) == (kept.pairs, kept.held_out) == (10, 2)
    assert (kept.made, kept.held_out_error) == ("least squares", errors["least squares"])
    assert len(found["pictures"]) == 2
    assert main([*written, "--method", "orthogonal"]) == 0
    assert "one shift for all" in capsys.readouterr().out
    assert load_operators(open_bundle(bundle))[0].made == "orthogonal"


def test_operators_are_compared_without_an_image(
    bundle_with_images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = ["operate", str(bundle_with_images), "--compare", "--pairs", "2", "--seed", "3"]
    assert main([*written, "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["seed"], found["random"]["draws"], len(found["pairs"])) == (3, 200, 2)
    by_name = {operator["name"]: operator for operator in found["operators"]}
    assert len(by_name) == 10
    assert by_name["rotation_eta"]["arrived"].keys() == {"classifier"}
    assert by_name["transport"]["style"]["slant"]["value"] is None
    assert main(written) == 0
    assert "Gaussian optimal transport" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (["--path", "left,right", "--json", "-"], "name a file, or compare operators with --compare"),
        (["picture.png", "--compare"], "leave out IMAGE"),
        (["--compare", "--path", "left,right"], "leave out IMAGE, --path"),
        (["picture.png", "--path", "left,right", "--pairs", "3", "--json", "-"], "--pairs are for --compare"),
        (["--compare", "--pairs", "3"], "There are 2 pairs of labels"),
        (["--compare", "--pairs", "0"], "--pairs"),
    ],
)
def test_what_is_compared_and_what_is_moved_are_told_apart(
    bundle_with_images: Path, written: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["operate", str(bundle_with_images), *written]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert sentence in printed.err


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (["--json", "-"], "one of --path, --operator and --fit"),
        (["--path", "left,right", "--operator", "x", "--json", "-"], "one of --path, --operator and --fit"),
        (["--fit", "thickness", "--operator", "x", "--json", "-"], "one of --path, --operator and --fit"),
        (["--fit", "nowhere", "--json", "-"], "missing or no folder"),
        (["--path", "left,right"], "name a file with --out"),
        (
            ["--path", "left,up", "--json", "-"],
            "There is no label 'up': the bundle has left, right; a name with a comma",
        ),
        (
            ["--path", "0,1", "--json", "-"],
            "There is no label '0': the bundle has left, right; a name with a comma",
        ),
        (
            ["--path", "left,right:3", "--json", "-"],
            "There is no set 3 of 'right': the bundle has the sets 1 to 2.",
        ),
        (["--path", "left,right:0", "--json", "-"], "There is no set 0"),
        (["--path", "left,left", "--json", "-"], "to itself"),
        (["--path", "left", "--json", "-"], "at least two stations"),
        (["--path", "left,right", "--out", "walk.avi"], "end the name in one of .png, .gif, .mp4"),
        (["--path", "left,right", "--step", "0", "--json", "-"], "expected degrees from 0.1 to 90"),
        (["--path", "left,right", "--style", "2", "--json", "-"], "expected a share from 0 to 1"),
        (["--operator", "thicker", "--json", "-"], "no operator 'thicker'"),
        (["--path", "left,right", "--keep", "../x"], "cannot name an operator"),
    ],
)
def test_mistakes_are_answered_in_one_sentence(
    bundle: Path, image: Path, written: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["operate", str(bundle), str(image), *written]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert sentence in printed.err
