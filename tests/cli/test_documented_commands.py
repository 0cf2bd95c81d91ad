"""The `lsd-studio` commands that README and the documentation print are run: the same words and options, on a small
bundle and a small slice of digits, with fewer draws. One whose words and options are all another's is not run twice.

What takes long is run elsewhere, on small digits too: `train`, `evaluate` and `basis --vectors` in
test_train.py and test_basis.py, `denoise --data` in test_denoise.py; what `denoise --train`, `export --onnx`
and `adopt` call, in tests/engine/test_denoising_kit.py and test_onnx.py; what `screenshots` and `faces` call,
in tests/ui/test_screenshots.py and tests/engine/test_packed_images.py. That all of them are understood as
they are printed, test_readme.py and test_documentation.py see.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from lsd_studio.cli import main
from tests.cli.small_run import ROOT
from tests.engine.small_digits import write_digits

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
ELSEWHERE = (
    {"train"},
    {"evaluate"},
    {"basis", "--vectors"},
    {"denoise", "--data"},
    {"denoise", "--train"},
    {"export", "--onnx"},
    {"adopt"},
    {"faces"},
    {"screenshots"},
)
BUNDLES = ("mnist-studio", "mnist-paper", "mnist-autoencoder", "mnist-variational", "theirs")
OUTPUTS = ("--out", "--json", "--report", "--archive", "--onnx", "--vectors", "--figure")
LESS = {
    "latent": ("--number", "40", "--points", "20", "--only", "densities", "pairs"),
    "figures": ("--only", "4b", "--images", "30", "--dpi", "50"),
}  # fmt: skip


def documented() -> list[list[str]]:
    """The commands that are run here: none whose words and options are among another's."""
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    lines = sorted({line.strip() for block in blocks for line in block.splitlines()})
    written = [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("lsd-studio ")]
    here = {_shape(words): words for words in written if not any(each <= _shape(words) for each in ELSEWHERE)}
    return [words for shape, words in here.items() if not any(shape < other for other in here)]


def _shape(words: list[str]) -> frozenset[str]:
    """The command and its options, with the values that make another command."""
    options = {word for word in words if word.startswith("--")}
    kinds = {word for option, word in pairwise(words) if option == "--kind"}
    images = {"IMAGE"} if words[2:3] and words[2].endswith(".png") else set()
    return frozenset({words[0], *options, *kinds, *images})


@pytest.fixture
def place(save_small_bundle: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all that the commands name, as the working directory; what users keep is kept in it too."""
    monkeypatch.setenv("LSD_STUDIO_DATA", str(tmp_path / "kept"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    save_small_bundle(tmp_path / "RUN")
    digits = write_digits(tmp_path / "digits")
    for name in ("zero", "seven", "two", "noisy"):
        Image.open(next((digits / "0").iterdir())).save(f"{name}.png")
    assert main(["export", "RUN", "--archive", "shared.zip"]) == 0
    return tmp_path


def small(words: list[str]) -> list[str]:
    """The same command on the small bundle, with less to do."""
    written = [
        "RUN" if word in BUNDLES and option != "--name" else word for option, word in pairwise(["", *words])
    ]
    for option, word in (("--data", "digits"), ("--path", "0,1"), ("--archive", "other.zip")):
        if option in written:
            written[written.index(option) + 1] = word
    measured = words[0] in LESS or (words[0] == "denoise" and not words[2].endswith(".png"))
    if measured and "--data" not in words:
        written += ["--data", "digits"]
    return [*written, *LESS.get(words[0], ())]


@pytest.mark.parametrize("documented_words", documented(), ids=" ".join)
def test_a_documented_command_does_what_it_says(
    documented_words: list[str], place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = small(documented_words)
    assert main(words) == 0, capsys.readouterr().err
    for option, word in pairwise(words):
        assert option not in OUTPUTS or word == "-" or Path(word).exists()
