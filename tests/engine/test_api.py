"""The engine as scripts and the window see it."""

from __future__ import annotations

import gc
import queue
import subprocess
import sys
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.training.monitoring.broadcasts import TrainingEnded
from lsd_studio.engine.training.settings import TrainingSettings

SaveBundle = Callable[[Path], Path]


def test_importing_the_interface_loads_no_torch() -> None:
    code = "import sys, lsd_studio.engine.api; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_opening_a_bundle_tells_what_is_in_it(
    engine: Engine, save_small_bundle: SaveBundle, tmp_path: Path
) -> None:
    answer = engine.bundles.open(save_small_bundle(tmp_path / "small")).result()
    assert answer.name == "small"
    assert answer.label_names == ("left", "right")
    assert answer.vector_pictures.shape == (4, 8, 8, 1)
    assert answer.vector_pictures.dtype == np.uint8


def test_who_shows_no_vectors_learns_the_same_of_a_bundle(engine: Engine) -> None:
    opened = engine.bundles.open("mnist-studio").result()
    used = engine.bundles.use("mnist-studio").result()
    assert vars(used).items() <= vars(opened).items()
    assert set(vars(opened)) - set(vars(used)) == {"vector_pictures", "vector_labels", "vector_probabilities"}


def test_a_bundle_is_let_go_of_although_calls_with_it_failed(
    engine: Engine, save_small_bundle: SaveBundle, tmp_path: Path
) -> None:
    """At once, without a collection of garbage, which would halt the window's thread."""
    engine.bundles.open(save_small_bundle(tmp_path / "one")).result()
    bundle = engine.session.open_bundle()
    held = weakref.ref(bundle), weakref.ref(bundle.networks)
    gc.disable()
    try:
        with pytest.raises(StudioError, match="choose two labels") as failed:
            engine.label_operators.build("mean_difference", 1, 1, "mnist").result()
        del bundle
        engine.bundles.open(save_small_bundle(tmp_path / "two")).result()
        assert [each() for each in held] == [None, None], failed.value
    finally:
        gc.enable()


def test_a_subscriber_that_fails_does_not_silence_the_others(engine: Engine) -> None:
    def fail(event: object) -> None:
        raise RuntimeError("no")

    heard: queue.SimpleQueue[object] = queue.SimpleQueue()
    engine.subscribe(fail)
    engine.subscribe(heard.put)
    engine.training.start(TrainingSettings(profile="studioo"))
    assert isinstance(heard.get(timeout=60), TrainingEnded)
