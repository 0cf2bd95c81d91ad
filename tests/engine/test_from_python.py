"""What a script or a notebook asks for with one call, in processes and files that are real."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import lsd_studio
from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.spaces.reading import read_latent_space
from tests.engine.small_networks import small_images, small_networks

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60


@pytest.fixture
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A process that is started keeps its files here, and shows its window nowhere."""
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "TMPDIR"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "TMPDIR"))
    return tmp_path


@pytest.mark.skipif(os.name == "nt", reason="a window is not ended by a signal there")
def test_a_window_shows_codes_until_it_is_closed(own_folders: Path) -> None:
    pytest.importorskip("PySide6.QtWidgets")
    random = np.random.default_rng(0)
    codes, kind = random.standard_normal((60, 4)), np.arange(60) % 3

    labels = {"age": random.random(60), "kind": kind}
    process = lsd_studio.open(torch.from_numpy(codes), labels=labels, images=np.zeros((60, 5, 5)))

    (folder,) = (own_folders / "TMPDIR").glob("lsd-studio-*")
    space = read_latent_space(folder / "codes.npz", "codes")
    np.testing.assert_array_equal(space.codes, codes)
    assert (space.label_columns, space.pictures) == (("kind",), (60, 5, 5))
    assert process.args[-4:] == ["--labels", "kind", "--codes", "codes"]
    _wait_until(lambda: _uses_codes(own_folders) or process.poll() is not None)
    process.send_signal(signal.SIGTERM)
    assert _uses_codes(own_folders)
    assert process.wait(PATIENCE) in (128 + signal.SIGTERM, -signal.SIGTERM)
    _wait_until(lambda: not folder.exists())


@pytest.mark.skipif(os.name == "nt", reason="a window is not ended by a signal there")
def test_the_example_of_the_page_runs(own_folders: Path) -> None:
    pytest.importorskip("PySide6.QtWidgets")
    text = (ROOT / "docs" / "own-codes.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    (example,) = (each for each in examples if "lsd_studio.open(" in each)
    names: dict[str, Any] = {}
    exec(compile(example, "own-codes.md", "exec"), names)
    assert names["window"].wait(PATIENCE) in (128 + signal.SIGTERM, -signal.SIGTERM)


def _wait_until(holds: Callable[[], bool]) -> None:
    """Look again and again: a process of its own tells nothing of what it writes and clears."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _uses_codes(folders: Path) -> bool:
    """Whether the window has noted among its recent files that it uses the codes."""
    settings = (file for file in (folders / "XDG_CONFIG_HOME").rglob("*") if file.is_file())
    return any(b"codes.npz" in file.read_bytes() for file in settings)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"codes": np.zeros(5)}, r"Codes are a table \[N, M\]"),
        ({"codes": np.zeros((5, 2)), "labels": np.zeros(4)}, "There are 5 codes and 4 labels"),
        ({"codes": np.zeros((5, 2)), "labels": "kind"}, "not the name of a column"),
        ({"codes": "codes.npz", "images": np.zeros((5, 2, 2))}, "images are in the file"),
    ],
)
def test_what_cannot_be_shown_is_said(own_folders: Path, given: dict[str, object], sentence: str) -> None:
    pytest.importorskip("PySide6.QtWidgets")
    with pytest.raises(StudioError, match=sentence):
        lsd_studio.open(**given)
    assert not list((own_folders / "TMPDIR").glob("lsd-studio-*"))


class WithCodes4D(nn.Module):
    """The small generator, taking codes [N, M, 1, 1]."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = small_networks().generator

    def forward(self, codes: torch.Tensor) -> torch.Tensor:
        return self.generator(codes.flatten(1))


def test_live_networks_become_a_bundle(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")
    data = small_images("train", 600)
    for place, (image, label) in enumerate(zip(data.images, data.labels, strict=True)):
        folder = tmp_path / "digits" / str(label)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[0]).save(folder / f"{place}.png")
    own = small_networks()
    w = 0.1 + 1.2 * np.random.default_rng(1).standard_normal((600, own.latent_dimensions)).astype(np.float32)

    adopted = lsd_studio.adopt(
        WithCodes4D(),
        str(tmp_path / "digits"),
        tmp_path / "theirs",
        codes=(own.latent_dimensions, 1, 1),
        encoder=own.encoder,
        classifier=own.classifier,
        prior=torch.from_numpy(w),
        overrides=(
            "basis.vectors=3", "basis.max_draws=200000", "basis.set_one=gram-schmidt",
            "basis.complement=gram-schmidt",
        ),
    )  # fmt: skip

    assert adopted.trained == ()
    bundle = open_bundle(adopted.bundle)
    samples = bundle.networks.prior.samples
    assert adopted.prior == "known by 600 samples"
    np.testing.assert_allclose(bundle.networks.decode(samples[:4]), own.decode(w[:4]), atol=1e-3)
