"""The `lsd-studio` commands that README and the documentation print are run: the same words and options, on a small run
and a small slice of digits, with fewer draws and epochs. What says no more than another of them is not run twice.

Networks of an epoch draw too few digits for a basis: a whole run, to its basis, is that of the fixture `trained_run`.
What takes longest is run elsewhere: `study` in test_study.py, `denoise --data` in test_denoise.py, `operate --compare`
in test_operate.py, `evaluate --generator` in test_generator.py, and what `denoise --train` and `screenshots` call in
tests/engine/test_denoising_kit.py and tests/ui/test_screenshots.py.
That all commands are understood as they are printed, test_readme.py and test_documentation.py see.
"""

from __future__ import annotations

import re
import shlex
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsd_studio.cli import main
from lsd_studio.engine.bundle import open_bundle
from tests.cli.small_run import ROOT

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
ELSEWHERE = (
    {"study"},
    {"denoise", "--data"},
    {"denoise", "--train"},
    {"operate", "--compare"},
    {"evaluate", "--generator"},
    {"screenshots"},
)
FACES = {"faces", "stand-in-faces", "FACES"}
"""Commands with one of these words follow from one another."""

BUNDLES = (
    "mnist-studio",
    "fashion-studio",
    "mnist-paper",
    "mnist-autoencoder",
    "mnist-variational",
    "theirs",
)
OUTPUTS = ("--out", "--json", "--report", "--archive", "--onnx", "--vectors", "--figure")
CODER = (
    "autoencoder.latent_dimensions=4", "autoencoder.epochs=1", "autoencoder.batch_size=20",
    "classifier.epochs=1", "classifier.batch_size=20",
)  # fmt: skip
NETWORKS = (
    "latent_dimensions=4", "classifier.epochs=1", "classifier.batch_size=20", "gan.epochs=1", "gan.batch_size=20",
    "encoder.epochs=1", "encoder.batch_size=20", "judge.epochs=0", "joint.epochs=0",
)  # fmt: skip
BASIS = (
    "basis.vectors=3", "basis.max_draws=200000", "basis.set_one=gram-schmidt", "basis.complement=gram-schmidt",
)  # fmt: skip
LESS = {
    "latent": ("--number", "40", "--points", "20", "--only", "densities", "pairs"),
    "figures": ("--only", "4b", "--images", "30", "--dpi", "50"),
    "evaluate": ("--trials", "2"),
    "adopt": ("--set", "classifier.epochs=5", "classifier.batch_size=20", "encoder.epochs=1", *BASIS),
}  # fmt: skip


def documented() -> list[list[str]]:
    """The commands, in the order of the pages."""
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    lines = dict.fromkeys(line.strip() for block in blocks for line in block.splitlines())
    written = [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("lsd-studio ")]
    return [words for words in written if not any(each <= set(words) for each in ELSEWHERE)]


def distinct() -> list[list[str]]:
    """None whose words and options are among another's, and none of the faces."""
    here = {_shape(words): words for words in documented() if not FACES & set(words)}
    return [words for shape, words in here.items() if not any(shape < other for other in here)]


def _shape(words: list[str]) -> frozenset[str]:
    """The command and its options, with the values that make another command."""
    options = {word for word in words if word.startswith("--")}
    values = {
        word for option, word in pairwise(words) if option in ("--kind", "--profile", "--from", "--stages")
    }
    settings = {word.partition("=")[0] for word in words if "=" in word}
    images = {"IMAGE"} if words[2:3] and words[2].endswith(".png") else set()
    return frozenset({words[0], *options, *values, *settings, *images})


@pytest.fixture
def place(trained_run: Path, digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all that the commands name, as the working directory; what users keep is kept in it too."""
    monkeypatch.setenv("LSD_STUDIO_DATA", str(tmp_path / "kept"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    shutil.copytree(trained_run, "RUN")
    (tmp_path / "digits").symlink_to(digits)
    for name in ("zero", "seven", "two", "noisy"):
        Image.open(next((digits / "train" / "0").iterdir())).save(f"{name}.png")
    random, kind = np.random.default_rng(0), np.arange(300) % 3
    z, selection = random.standard_normal((300, 6)) + 3 * np.eye(6)[kind], np.array(["A", "B", ""])[kind]
    glasses, male, beard = random.integers(2, size=(3, 300)).astype(bool)
    columns = {"kind": kind, "selection": selection, "glasses": glasses, "male": male, "beard": beard}
    np.savez("codes.npz", z=z, age=random.uniform(1, 90, 300), **columns)
    return tmp_path


def prepare(words: list[str]) -> None:
    """Make what the command is about, and what the commands before it made."""
    if words[0] == "import":
        assert main(["export", "RUN", "--archive", "shared.zip"]) == 0
    if words[0] == "adopt":
        assert main(["export", "RUN", "--onnx", "."]) == 0
        for letter, name in (("G", "generator"), ("E", "encoder"), ("C", "classifier")):
            Path(f"{name}.onnx").rename(f"{letter}.onnx")
        dimensions = open_bundle("RUN").manifest.latent_dimensions
        np.save("w.npy", np.random.default_rng(0).standard_normal((100_000, dimensions)))
    if "CODER" in words and "--from" in words:
        train = ["train", "--profile", "autoencoder", "--data", "digits", "--out", "CODER", "--set", *CODER]
        assert main(train) == 0


def small(words: list[str]) -> list[str]:
    """The same command on the small run, with less to do."""
    written = [
        "RUN" if word in BUNDLES and option != "--name" else word for option, word in pairwise(["", *words])
    ]
    new = "NEW" if words[0] == "train" else "OWN"
    for option, word in (("--data", "digits"), ("--path", "0,1"), ("--archive", "other.zip"), ("--out", new)):
        if option in written and (option != "--out" or words[0] in ("train", "adopt")):
            written[written.index(option) + 1] = word
    if "--vectors" in written and words[0] == "basis":
        written[written.index("--vectors") + 1] = "5"
    return [*written, *_less(words)]


def _less(words: list[str]) -> tuple[str, ...]:
    if words[0] == "train":
        return _less_training(words)
    alone = "--groups" in words or (words[0] in ("evaluate", "figures") and "codes.npz" in words)
    return () if alone else LESS.get(words[0], ())


def _less_training(words: list[str]) -> tuple[str, ...]:
    data = () if {"--data", "--from"} & set(words) else ("--data", "digits")
    if "autoencoder" in " ".join(words):
        return (*data, "--set", *CODER)
    if "--from" in words:
        return ("--set", "encoder.epochs=4")
    stages = () if {"--stages", "--estimate"} & set(words) else ("--stages", "classifier", "gan", "encoder")
    return (*data, *stages, "--set", *NETWORKS)


@pytest.mark.parametrize("documented_words", distinct(), ids=" ".join)
def test_a_documented_command_does_what_it_says(
    documented_words: list[str], place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(documented_words)
    words = small(documented_words)
    assert main(words) == 0, capsys.readouterr().err
    for option, word in pairwise(words):
        assert option not in OUTPUTS or words[0] == "basis" or word == "-" or Path(word).exists()


@pytest.mark.usefixtures("place")
def test_the_documented_faces_are_drawn_and_trained_on(capsys: pytest.CaptureFixture[str]) -> None:
    draw, *trainings = (words for words in documented() if FACES & set(words))
    assert main([*draw, "--count", "60"]) == 0, capsys.readouterr().err
    for words in trainings:
        assert main([*words, "--set", "autoencoder.epochs=1"]) == 0, capsys.readouterr().err
