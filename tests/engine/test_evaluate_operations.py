"""Evaluating the open bundle through the engine: kept, looked at, measured, stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsd_studio.engine.api import Engine
from lsd_studio.engine.bundle import keep_evaluation
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.findings import Evaluating
from lsd_studio.engine.steps import Doing

SaveBundle = Callable[[Path], Path]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def bundle(save_small_bundle: SaveBundle, tmp_path: Path) -> Path:
    return save_small_bundle(tmp_path / "small")


@pytest.fixture
def engine(bundle: Path) -> Iterator[Engine]:
    with Engine() as engine:
        engine.bundles.open(bundle).result()
        yield engine


@pytest.fixture
def images(tmp_path: Path) -> str:
    """A folder of random images that fit the bundle: 20 of each label for training, 6 for testing."""
    random = np.random.default_rng(0)
    for split, each in (("train", 20), ("test", 6)):
        for label in ("left", "right"):
            place = tmp_path / "images" / split / label
            place.mkdir(parents=True)
            for number in range(each):
                pixels = random.integers(0, 256, (8, 8), dtype=np.uint8)
                Image.fromarray(pixels).save(place / f"{number:02}.png")
    return str(tmp_path / "images")


def test_a_bundle_is_compared_with_the_metrics_that_it_and_the_shipped_ones_come_with(
    engine: Engine, bundle: Path
) -> None:
    published = engine.evaluate.published().result()
    assert published.own is None
    assert "mnist-studio" in [metrics.bundle for metrics in published.others]

    keep_evaluation(bundle, {"classifier_accuracy": {"value": 0.9, "low": 0.8, "high": 0.95}})

    own = engine.evaluate.published().result().own
    assert own is not None
    assert (own.bundle, own.measures["classifier_accuracy"].high) == ("small", 0.95)


def test_a_first_look_reads_the_means_and_is_kept_apart_from_what_is_measured(
    engine: Engine, images: str, bundle: Path
) -> None:
    steps: list[Doing | Evaluating] = []
    look = engine.evaluate.measure(images, whole=False).result(steps.append)
    assert look.images.shape == (12, 1, 8, 8)
    assert look.label_names == ("left", "right")
    assert look.findings.trials == 0
    assert {latent for latent, _ in look.findings.reads} == {"mean"}
    assert (look.metrics.bundle, look.metrics.profile, look.metrics.data) == ("small", "small", images)
    shares = [step.share for step in steps if isinstance(step, Evaluating)]
    assert len(shares) > 1
    assert shares == sorted(shares)

    again: list[Doing | Evaluating] = []
    assert engine.evaluate.measure(images, whole=False).result(again.append).findings.measured == (
        look.findings.measured
    )
    assert again[0] == Doing("reading the test images", 0.0)
    assert not any(isinstance(step, Evaluating) for step in again)
    assert not (bundle / "evaluations").exists()


def test_what_was_measured_is_kept_and_takes_the_place_of_a_first_look(engine: Engine, images: str) -> None:
    steps: list[Doing | Evaluating] = []
    measured = engine.evaluate.measure(images, trials=3).result(steps.append)
    assert measured.findings.trials == measured.metrics.trials == 3
    assert not measured.not_stored
    assert isinstance(steps[-1], Evaluating)
    assert len(steps[-1].per_trial["lsd_accuracy.signed"]) == 3
    assert steps[-1].per_trial == {
        name.removeprefix("per_trial."): values
        for name, values in measured.metrics.series.items()
        if name.startswith("per_trial.")
    }

    kept = engine.evaluate.measure(images, whole=False, trials=3).result()
    assert kept.findings.measured == measured.findings.measured
    assert engine.evaluate.measure(images, whole=False, trials=2).result().findings.trials == 0


def test_an_evaluation_is_published_with_its_bundle_where_that_is_asked(
    engine: Engine, images: str, bundle: Path
) -> None:
    measured = engine.evaluate.measure(images, trials=1, stored=False).result()
    assert not (bundle / "evaluations").exists()
    assert engine.evaluate.published().result().own is None

    engine.evaluate.publish(measured).result()

    assert engine.evaluate.published().result().own == replace(measured.metrics, bundle="small")
    steps: list[Doing | Evaluating] = []
    again = engine.evaluate.measure(images, trials=1).result(steps.append)
    assert again.findings.measured == measured.findings.measured
    assert not any(isinstance(step, Evaluating) for step in steps)


def test_what_cannot_be_kept_is_returned_with_the_reason(engine: Engine, images: str, bundle: Path) -> None:
    (bundle / "evaluations").write_text("in the way")
    measured = engine.evaluate.measure(images, trials=1).result()
    assert measured.findings.trials == 1
    assert "cannot be made" in measured.not_stored


def test_an_evaluation_ends_when_its_bundle_is_closed(
    engine: Engine, images: str, bundle: Path, save_small_bundle: SaveBundle, tmp_path: Path
) -> None:
    other = save_small_bundle(tmp_path / "other")
    call = engine.evaluate.measure(images, trials=100_000)

    def open_other(at: Doing | Evaluating) -> None:
        if isinstance(at, Evaluating) and at.doing == "trial 1 of 100000":
            engine.bundles.open(other).result()

    with pytest.raises(asyncio.CancelledError):
        call.result(open_other)
    assert not (bundle / "evaluations").exists()
    assert engine.evaluate.measure(images, whole=False).result().metrics.bundle == "other"


def test_a_newer_evaluation_takes_the_place_of_one_under_way(engine: Engine, images: str) -> None:
    older = engine.evaluate.measure(images, trials=100_000)
    newer = engine.evaluate.measure(images, whole=False)
    assert newer.result().findings.trials == 0
    with pytest.raises(asyncio.CancelledError):
        older.result()


@pytest.mark.parametrize(
    ("trials", "data", "sentence"), [(0, "", "one trial"), (1, "nowhere", "no data set")]
)
def test_what_cannot_be_evaluated_is_refused_in_a_sentence(
    engine: Engine, images: str, trials: int, data: str, sentence: str
) -> None:
    with pytest.raises(StudioError, match=sentence):
        engine.evaluate.measure(data or images, trials=trials).result()
