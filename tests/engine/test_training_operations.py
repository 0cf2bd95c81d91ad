"""Training through the engine, as a window asks for it: started, held, stepped, stopped, listed, estimated."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.training.events import Paused, StepDone
from lsd_studio.engine.training.monitoring.broadcasts import (
    CurvesGrown,
    TrainingEnded,
    TrainingReported,
    TrainingStarted,
)
from lsd_studio.engine.training.settings import TrainingSettings
from tests.engine.small_digits import TINY, write_digits

PATIENCE = 120.0

Hear = Callable[[Callable[[object], bool]], object]


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setenv("LSD_STUDIO_DATA", str(tmp_path / "data"))
    with Engine() as engine:
        yield engine


@pytest.fixture
def hear(engine: Engine) -> Hear:
    """Waits for the next event of which the given is true; those before it are gone."""
    events: queue.SimpleQueue[object] = queue.SimpleQueue()
    engine.subscribe(events.put)

    def next_event(wanted: Callable[[object], bool]) -> object:
        while True:
            event = events.get(timeout=PATIENCE)
            assert getattr(event, "error", None) is None, event
            if wanted(event):
                return event

    return next_event


def reports(kind: type) -> Callable[[object], bool]:
    return lambda event: isinstance(event, TrainingReported) and isinstance(event.report, kind)


def test_a_run_is_started_held_stepped_and_stopped(engine: Engine, hear: Hear, tmp_path: Path) -> None:
    digits = write_digits(tmp_path / "digits")
    overrides = (*TINY, "gan.epochs=100000")  # it is still under way when it is stopped
    engine.training.start(TrainingSettings(data=str(digits), overrides=overrides, name="first try"))
    engine.training.pause()
    started = hear(lambda event: isinstance(event, TrainingStarted))
    assert isinstance(started, TrainingStarted)
    assert started.run.parent == tmp_path / "data" / "runs"
    assert engine.training.run(started.run).result().summary.name == "first try"  # it can be read from now on
    assert hear(reports(Paused)).report == Paused("classifier", 0)
    engine.training.step()
    assert hear(reports(StepDone)).report.step == 1
    assert hear(reports(Paused)).report == Paused("classifier", 1)
    grown = hear(lambda event: isinstance(event, CurvesGrown))
    assert {curve.name for curve in grown.curves if curve.scope == "batch"} == {"cross_entropy", "accuracy"}
    assert grown.curves[0].steps[-1] == 1
    listed = engine.training.runs().result()
    assert [(run.name, run.state, run.data) for run in listed.runs] == [("first try", "paused", str(digits))]
    engine.training.resume()
    hear(lambda event: isinstance(event, CurvesGrown) and event.stage == "gan")
    shown = engine.training.pictures(started.run, "gan", 0).result()
    assert (shown.frame.step, shown.label_names, shown.frame.counted) == (0, ("0", "1"), 256)
    engine.training.cancel()
    ended = hear(lambda event: isinstance(event, TrainingEnded))
    assert isinstance(ended, TrainingEnded)
    assert ended.outcome == "cancelled"
    assert engine.training.rename(started.run, "second name").result() == "second name"
    run = engine.training.run(started.run).result()
    assert (run.summary.name, run.summary.state) == ("second name", "stopped")
    assert {curve.stage for curve in run.curves} >= {"classifier", "gan"}


@pytest.mark.parametrize("control", ["pause", "step", "resume", "cancel"])
def test_nothing_is_held_where_nothing_runs(engine: Engine, control: str) -> None:
    with pytest.raises(StudioError, match=r"one first\.$"):
        getattr(engine.training, control)()


def test_a_refused_start_ends_as_failed_with_where_it_happened(engine: Engine) -> None:
    events: queue.SimpleQueue[object] = queue.SimpleQueue()
    engine.subscribe(events.put)
    engine.training.start(TrainingSettings(profile="studioo"))
    ended = events.get(timeout=PATIENCE)
    assert isinstance(ended, TrainingEnded)
    assert ended.outcome == "failed"
    assert isinstance(ended.error, StudioError)
    assert "There is no profile" in str(ended.error)
    assert ended.error.__traceback__ is not None
    assert events.empty()


def test_one_run_at_a_time(engine: Engine, hear: Hear, tmp_path: Path) -> None:
    overrides = (*TINY, "gan.epochs=100000")
    settings = TrainingSettings(data=str(write_digits(tmp_path / "digits")), overrides=overrides)
    engine.training.start(settings)
    with pytest.raises(StudioError, match="under way already"):
        engine.training.start(settings)
    engine.training.cancel()
    assert hear(lambda event: isinstance(event, TrainingEnded)).outcome == "cancelled"


def test_a_closed_engine_trains_nothing() -> None:
    engine = Engine()
    engine.close()
    with pytest.raises(StudioError, match="engine is closed"):
        engine.training.start(TrainingSettings())
