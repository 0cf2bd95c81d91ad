"""Every profile, in every precision, on one or three channels and 8 to 64 pixels, ends in a bundle that works."""

from __future__ import annotations

from contextlib import suppress
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from lsd_studio.engine.autoencoders.coders import load_coder
from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.datasets import LabelledImages, scale_pixels
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.profiles import load_profile
from lsd_studio.engine.training.events import EpochDone, RunDone
from lsd_studio.engine.training.plan import Plan
from lsd_studio.engine.training.stage_settings import run_stages_of, stages_of
from lsd_studio.engine.training.whole_run import train_run
from tests.engine.small_digits import TINY, small_digits

METHOD = ("paper", "authors", "studio")
AUTOENCODERS = ("autoencoder", "variational-autoencoder")
PRECISIONS = ("float32", "bfloat16")
CHANNELS = (1, 3)
EDGES = (8, 16, 28, 64)

QUICK = ("classifier.learning_rate=4e-3", "basis.vectors=1")
QUICK_PAPER = ("gan.beta_1=0.5", "gan.epochs=30", "encoder.epochs=4")
"""The paper's momentum of 0.9 takes longer to draw both labels."""

SHORT = (
    "latent_dimensions=4",
    "classifier.epochs=1",
    "classifier.batch_size=4",
    "gan.epochs=1",
    "gan.batch_size=4",
    "encoder.epochs=1",
    "encoder.batch_size=4",
)
FEW = (
    "classifier.averaging=0",
    "classifier.epochs=2",
    "gan.epochs=8",
    "gan.averaging=0",
    "gan.learning_rate=1e-3",
    "basis.max_draws=3000",
)
SHORT_STUDIO = ("judge.epochs=1", "joint.epochs=1")
SHORT_AUTOENCODER = (
    "classifier.epochs=1",
    "classifier.batch_size=20",
    "autoencoder.epochs=1",
    "autoencoder.batch_size=20",
)


def digits(channels: int, edge: int, images_a_label: int = 100) -> LabelledImages:
    """Zeros and ones with pixels that are repeated, and with colours of their own where there are three channels."""
    small = small_digits(images_a_label=images_a_label)
    places = np.arange(edge) * 8 // edge
    pixels = small.images[:, :, places][:, :, :, places]
    if channels == 3:
        shares = np.array([255, 230, 200], np.uint16)[:, None, None]
        pixels = (pixels.astype(np.uint16) * shares // 255).astype(np.uint8)
    return LabelledImages("digits", pixels, small.labels, small.label_names, "0" * 64, "train")


def negatives(channels: int, edge: int, images_a_label: int = 20) -> LabelledImages:
    """A half that is lighter than grey, or darker, under noise."""
    random = np.random.default_rng(0)
    labels = np.arange(2 * images_a_label) % 2
    lighter = np.where(np.arange(edge) < edge // 2, 60, -60)[None, None, :, None]
    noise = random.normal(0, 30, (len(labels), channels, edge, edge))
    pixels = 127 + lighter * (1 - 2 * labels)[:, None, None, None] + noise
    return LabelledImages(
        "negatives",
        pixels.clip(0, 255).astype(np.uint8),
        labels,
        ("light above", "light below"),
        "0" * 64,
        "train",
    )


def train(
    run: Path, data: LabelledImages, profile: str, *overrides: str, seed: int = 3, with_basis: bool = True
):
    chosen = load_profile(profile, overrides)
    stages = run_stages_of(chosen) if with_basis else stages_of(chosen)
    return list(train_run(Plan(chosen, data.name, seed, stages, device="cpu"), run, data))


def check_bundle(run: Path, data: LabelledImages, precision: str) -> None:
    """It opens, says what it was trained in, and decomposes and draws images."""
    bundle = open_bundle(run)
    assert bundle.manifest.precision == {"float32": "32-true", "bfloat16": "bf16-mixed"}[precision]
    images = scale_pixels(data.images[:3])
    mean, _ = bundle.networks.encode(images)
    again = bundle.networks.decode(bundle.basis.inverse_transform(bundle.basis.transform(mean)))
    assert again.shape == images.shape
    assert np.isfinite(again).all()
    np.testing.assert_allclose(bundle.basis.inverse_transform(bundle.basis.transform(mean)), mean, atol=1e-4)


@pytest.mark.parametrize(
    ("profile", "precision", "channels"),
    [(*case, CHANNELS[place % 2]) for place, case in enumerate(product(METHOD, PRECISIONS))],
)
def test_the_method_ends_in_a_bundle(tmp_path, profile, precision, channels):
    data = digits(channels, 8)
    quick = {"paper": QUICK_PAPER, "studio": SHORT_STUDIO}.get(profile, ())
    asked = (*TINY, *QUICK, f"precision={precision}", *quick)
    assert isinstance(train(tmp_path / "run", data, profile, *asked)[-1], RunDone)
    check_bundle(tmp_path / "run", data, precision)


@pytest.mark.parametrize(
    ("profile", "precision", "channels", "edge"), product(AUTOENCODERS, PRECISIONS, CHANNELS, EDGES)
)
def test_an_autoencoder_ends_in_a_bundle(tmp_path, profile, precision, channels, edge):
    data = digits(channels, edge, images_a_label=15)
    events = train(tmp_path / "run", data, profile, *SHORT_AUTOENCODER, f"precision={precision}")
    assert isinstance(events[-1], RunDone)
    coder = load_coder(tmp_path / "run")
    codes, _ = coder.encode(data.images[:3])
    assert coder.decode(codes).shape == (3, channels, edge, edge)
    assert np.isfinite(coder.decode(codes)).all()


@pytest.mark.parametrize(("precision", "edge"), product(PRECISIONS, EDGES[1:]))
def test_larger_images_go_through_every_stage(tmp_path, precision, edge):
    """Few steps of three profiles by turns; what they come to is the slow test's."""
    place = EDGES.index(edge) + PRECISIONS.index(precision)
    data = digits(CHANNELS[place % 2], edge, images_a_label=6)
    profile = METHOD[place % 3]
    asked = (*SHORT, *(SHORT_STUDIO if profile == "studio" else ()), f"precision={precision}")
    events = train(tmp_path / "run", data, profile, *asked, with_basis=False)
    stages = stages_of(load_profile(profile))
    assert stages[-1] == ("joint" if profile == "studio" else "encoder")
    assert tuple(event.stage for event in events if isinstance(event, EpochDone)) == stages


@pytest.mark.slow
@pytest.mark.parametrize(
    ("profile", "precision", "channels", "edge"), product(METHOD, PRECISIONS, CHANNELS[1:], EDGES[1:])
)
def test_larger_images_end_in_a_bundle(tmp_path, profile, precision, channels, edge):
    """So few steps that G draws both labels with some seeds alone: the first of these."""
    data, asked = negatives(channels, edge), (*SHORT, *QUICK, *FEW, f"precision={precision}")
    asked = (*asked, *(SHORT_STUDIO if profile == "studio" else ()))
    for seed in range(12):
        with suppress(StudioError):
            assert isinstance(train(tmp_path / str(seed), data, profile, *asked, seed=seed)[-1], RunDone)
            return check_bundle(tmp_path / str(seed), data, precision)
    pytest.fail("G draws one label alone, whatever the seed")
