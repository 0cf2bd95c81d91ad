"""What all tests share: Qt without a display, and one small bundle of untrained networks."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # two processes test at once, see pyproject.toml


class QtBlocker:
    """Makes Qt impossible to import, as on a machine that does not have it."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] in ("PySide6", "shiboken6", "PyQt6", "qtpy"):
            raise ImportError(f"{name} is blocked: the engine must do without Qt")
        return None


signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job's children would ignore Ctrl-C
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

if os.environ.get("LSD_STUDIO_WITHOUT_QT"):
    sys.meta_path.insert(0, QtBlocker())


@pytest.fixture
def save_small_bundle() -> Callable[[Path], Path]:
    """Writes a bundle of untrained networks: 2 labels, M = 4, grey images of 8 × 8 pixels; always the same weights."""

    def save(path: Path) -> Path:
        import torch

        from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis
        from lsd_studio.engine.bundle import DataRecord, Facts, StageRecord, save_bundle
        from lsd_studio.engine.models.inference import Networks
        from lsd_studio.engine.models.networks import Classifier, Discriminator, Encoder, Generator
        from lsd_studio.engine.runs.profiles import Profile

        shape = (1, 8, 8)
        profile = Profile(
            name="small", latent_dimensions=4, notes={"a 'quoted' key": 'a "quoted" text\nin 2 lines'}
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            networks = Networks(
                Generator(4, shape),
                Encoder(shape, 4, profile.encoder.trunk, profile.encoder.heads),
                Classifier(shape, 2, profile.classifier.widths),
                shape,
                2,
                4,
            )
            discriminator = Discriminator(shape)
        eta = np.random.default_rng(0).standard_normal((4, 4))
        save_bundle(
            path,
            profile=profile,
            networks=networks,
            discriminator=discriminator,
            basis=QuasiEigenbasis.from_averages(eta, 2),
            facts=Facts(
                data=DataRecord(name="two-labels", checksum="0" * 64, images=10, held_out=2),
                label_names=("left", "right"),
                seeds={"training": 1},
                device="cpu",
                precision="float32",
                stages=(
                    StageRecord(name="gan", epochs=1, steps=3, seconds=0.5, history={"loss": (1.0, 0.5)}),
                ),
            ),
        )
        return path

    return save


@pytest.fixture
def bundle_with_images(save_small_bundle: Callable[[Path], Path], tmp_path: Path) -> Path:
    """The small bundle, as if it was trained on the images of a folder that is there."""
    import json

    from PIL import Image

    from lsd_studio.engine.bundle.reading import read_manifest
    from lsd_studio.engine.datasets import load_data_set

    random = np.random.default_rng(0)
    for split, count in (("train", 30), ("test", 4)):
        for label in ("left", "right"):
            folder = tmp_path / "halves" / split / label
            folder.mkdir(parents=True)
            for place in range(count):
                pixels = random.integers(0, 60, (8, 8), dtype=np.uint8)
                pixels[:, slice(0, 4) if label == "left" else slice(4, 8)] += 180
                Image.fromarray(pixels).save(folder / f"{place:02}.png")
    path = save_small_bundle(tmp_path / "small")
    training = load_data_set(str(tmp_path / "halves"), "train")
    manifest = json.loads((path / "manifest.json").read_text())
    assert training.reading is not None
    manifest["data"] |= {
        "name": str(tmp_path / "halves"),
        "checksum": training.checksum,
        "reading": training.reading.model_dump(mode="json"),
    }
    (path / "manifest.json").write_text(json.dumps(manifest))
    assert read_manifest(path).data.checksum == training.checksum
    return path
