"""The door: requests in, events out, for scripts as for the window."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from lsd_studio.engine.door import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.lanes import Lane
from lsd_studio.engine.messages.bundles import BundleOpened, OpenBundle
from lsd_studio.engine.messages.core import Event, Failed, Request, Working
from lsd_studio.engine.messages.decompose import (
    Decomposed,
    DecomposeDrawing,
    DecomposeImage,
    DecompositionSettings,
    Refine,
    Refining,
    Revise,
    SetTruncation,
    Truncated,
)
from lsd_studio.engine.messages.training import CancelTraining

SaveBundle = Callable[[Path], Path]


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        yield engine


@pytest.fixture
def opened(engine: Engine, save_small_bundle: SaveBundle, tmp_path: Path) -> Engine:
    engine.ask(OpenBundle(save_small_bundle(tmp_path / "small")))
    return engine


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (1, 8, 8), dtype=np.uint8)


def test_importing_the_door_loads_no_torch() -> None:
    code = "import sys, lsd_studio.engine.door; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_opening_a_bundle_tells_what_is_in_it(
    engine: Engine, save_small_bundle: SaveBundle, tmp_path: Path
) -> None:
    answer = engine.ask(OpenBundle(save_small_bundle(tmp_path / "small")))
    assert isinstance(answer, BundleOpened)
    assert answer.name == "small"
    assert answer.label_names == ("left", "right")
    assert answer.vector_pictures.shape == (4, 8, 8, 1)
    assert answer.vector_pictures.dtype == np.uint8


def test_an_image_is_decomposed_as_the_parts_say(
    opened: Engine, pixels: np.ndarray, tmp_path: Path, save_small_bundle: SaveBundle
) -> None:
    from lsd_studio.engine.bundle import open_bundle

    answer = opened.ask(DecomposeImage(pixels, settings=DecompositionSettings(reading="absolute", terms=3)))
    assert isinstance(answer, Decomposed)
    bundle = open_bundle(tmp_path / "small")
    mean, _ = bundle.networks.encode((pixels / 127.5 - 1).astype(np.float32)[None])
    expected = np.linalg.solve(bundle.basis.xi_.T, mean[0].astype(np.float64))
    np.testing.assert_allclose(answer.amplitudes, expected, atol=1e-6)
    assert answer.winner == int(np.abs(expected).argmax())
    assert [part.terms for part in answer.truncations] == [1, 2, 3, 4]
    np.testing.assert_array_equal(answer.slider.picture, answer.truncations[2].picture)
    np.testing.assert_array_equal(answer.picture[..., 0], pixels[0])


def test_a_sample_is_the_same_for_the_same_seed_and_another_for_another(
    opened: Engine, pixels: np.ndarray
) -> None:
    opened.ask(DecomposeImage(pixels))
    answers = [opened.ask(Revise(DecompositionSettings(latent="sample", seed=seed))) for seed in (1, 1, 2)]
    first, same, other = (answer.amplitudes for answer in answers if isinstance(answer, Decomposed))
    np.testing.assert_array_equal(first, same)
    assert not np.allclose(first, other)


def test_terms_outside_their_range_are_clipped(opened: Engine, pixels: np.ndarray) -> None:
    opened.ask(DecomposeImage(pixels))
    for asked, given in ((0, 1), (2, 2), (99, 4)):
        answer = opened.ask(SetTruncation(asked))
        assert isinstance(answer, Truncated)
        assert answer.reconstruction.terms == given


def test_refining_streams_pictures_and_ends_with_a_smaller_error(opened: Engine, pixels: np.ndarray) -> None:
    heard: list[Event] = []
    opened.subscribe(heard.append)
    before = opened.ask(DecomposeImage(pixels))
    after = opened.ask(Refine(steps=24))
    assert isinstance(before, Decomposed)
    assert isinstance(after, Decomposed)
    assert after.refined
    assert after.root_mean_square_error <= before.root_mean_square_error
    steps = [event.step for event in heard if isinstance(event, Refining)]
    assert steps == sorted(steps)
    assert len(steps) == 12


@pytest.mark.parametrize(
    "request_", [DecomposeDrawing(np.zeros((9, 9), np.uint8)), Refine(), CancelTraining()]
)
def test_what_cannot_be_done_is_said_in_one_sentence(engine: Engine, request_: Request) -> None:
    with pytest.raises(StudioError, match=r"one first\.$"):
        engine.ask(request_)


def test_an_image_of_another_size_is_refused_and_the_engine_goes_on(
    opened: Engine, pixels: np.ndarray
) -> None:
    with pytest.raises(StudioError, match="choose an image of that shape"):
        opened.ask(DecomposeImage(np.zeros((1, 9, 9), np.uint8)))
    assert isinstance(opened.ask(DecomposeImage(pixels)), Decomposed)


def test_a_failure_carries_its_traceback(engine: Engine, tmp_path: Path) -> None:
    heard: list[Event] = []
    engine.subscribe(heard.append)
    with pytest.raises(StudioError):
        engine.ask(OpenBundle(tmp_path / "nothing"))
    failure = next(event for event in heard if isinstance(event, Failed))
    assert failure.request == "OpenBundle"
    assert "Traceback" in failure.traceback


def test_a_subscriber_that_fails_does_not_silence_the_others(opened: Engine, pixels: np.ndarray) -> None:
    def fail(event: Event) -> None:
        raise RuntimeError("no")

    opened.subscribe(fail)
    assert isinstance(opened.ask(DecomposeImage(pixels)), Decomposed)


def test_in_a_lane_the_latest_of_each_kind_wins() -> None:
    started, go_on = threading.Event(), threading.Event()
    told: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def work(number: int, request: Request) -> Iterator[Event]:
        started.set()
        go_on.wait(60)
        yield Working(number, request.kind)

    lane = Lane("lsd-test", work, told.put)
    lane.submit(1, SetTruncation(1))
    started.wait(60)
    lane.submit(2, Refine())
    lane.submit(3, SetTruncation(2))
    lane.submit(4, SetTruncation(3))
    lane.submit(5, Refine())
    go_on.set()
    assert [told.get(timeout=60).number for _ in range(3)] == [1, 4, 5]
    lane.close()
    lane.join()
    assert told.empty()


def test_a_refinement_lets_others_in_and_is_given_up_for_another_image() -> None:
    told: queue.SimpleQueue[Event] = queue.SimpleQueue()
    lane: list[Lane] = []

    def work(number: int, request: Request) -> Iterator[Event]:
        if not isinstance(request, Refine):
            yield Working(number, request.kind)
            return
        for step in range(100):
            if step == 2:
                lane[0].submit(2, SetTruncation(1))
            if step == 5:
                lane[0].submit(3, DecomposeDrawing(np.zeros((4, 4), np.uint8)))
            yield Working(number, str(step))

    lane.append(Lane("lsd-test", work, told.put))
    lane[0].submit(1, Refine())
    assert [told.get(timeout=60).number for _ in range(7)] == [1, 1, 1, 2, 1, 1, 3]
    lane[0].close()
    lane[0].join()
    assert told.empty()
