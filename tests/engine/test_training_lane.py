"""Training through the door, as a window asks for it: started, held, stepped, stopped, listed, estimated."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lsd_studio.engine.door import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.messages.core import Event, Failed
from lsd_studio.engine.messages.training import (
    CancelTraining,
    CurvesGrown,
    Paused,
    PauseTraining,
    ResumeTraining,
    StartTraining,
    StepDone,
    StepTraining,
    TrainingEnded,
    TrainingReported,
    TrainingStarted,
)
from tests.engine.small_digits import TINY, write_digits

PATIENCE = 120.0

Hear = Callable[[Callable[[Event], bool]], Event]


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setenv("LSD_STUDIO_DATA", str(tmp_path / "data"))
    with Engine() as engine:
        yield engine


@pytest.fixture
def hear(engine: Engine) -> Hear:
    """Waits for the next event of which the given is true; those before it are gone."""
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    engine.subscribe(events.put)

    def next_event(wanted: Callable[[Event], bool]) -> Event:
        while True:
            event = events.get(timeout=PATIENCE)
            assert not isinstance(event, Failed), event.traceback
            if wanted(event):
                return event

    return next_event


def reports(kind: type) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, TrainingReported) and isinstance(event.report, kind)


def test_a_run_is_started_held_stepped_and_stopped(engine: Engine, hear: Hear, tmp_path: Path) -> None:
    digits = write_digits(tmp_path / "digits")
    overrides = (*TINY, "gan.epochs=100000")  # it is still under way when it is stopped
    engine.submit(StartTraining(data=str(digits), overrides=overrides, name="first try"))
    engine.submit(PauseTraining())
    started = hear(lambda event: isinstance(event, TrainingStarted))
    assert isinstance(started, TrainingStarted)
    assert started.run.parent == tmp_path / "data" / "runs"
    assert hear(reports(Paused)).report == Paused("classifier", 0)
    engine.submit(StepTraining())
    assert hear(reports(StepDone)).report.step == 1
    assert hear(reports(Paused)).report == Paused("classifier", 1)
    grown = hear(lambda event: isinstance(event, CurvesGrown))
    assert {curve.name for curve in grown.curves if curve.scope == "batch"} == {"cross_entropy", "accuracy"}
    assert grown.curves[0].steps[-1] == 1
    listed = engine.training.runs().result()
    assert [(run.name, run.state, run.data) for run in listed.runs] == [("first try", "paused", str(digits))]
    engine.submit(ResumeTraining())
    hear(lambda event: isinstance(event, CurvesGrown) and event.stage == "gan")
    shown = engine.training.pictures(started.run, "gan", 0).result()
    assert (shown.step, shown.label_names, shown.counted) == (0, ("0", "1"), 256)
    engine.submit(CancelTraining())
    ended = hear(lambda event: isinstance(event, TrainingEnded))
    assert isinstance(ended, TrainingEnded)
    assert ended.outcome == "cancelled"
    assert engine.training.rename(started.run, "second name").result() == "second name"
    run = engine.training.run(started.run).result()
    assert (run.summary.name, run.summary.state) == ("second name", "stopped")
    assert {curve.stage for curve in run.curves} >= {"classifier", "gan"}


@pytest.mark.parametrize("request_", [PauseTraining(), StepTraining(), ResumeTraining(), CancelTraining()])
def test_nothing_is_held_where_nothing_runs(engine: Engine, request_) -> None:
    with pytest.raises(StudioError, match="start one first"):
        engine.ask(request_)


def test_a_refused_start_ends_as_failed(engine: Engine) -> None:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    engine.subscribe(events.put)
    engine.submit(StartTraining(profile="studioo"))
    failed, ended = events.get(timeout=PATIENCE), events.get(timeout=PATIENCE)
    assert isinstance(failed, Failed)
    assert "There is no profile" in failed.sentence
    assert isinstance(ended, TrainingEnded)
    assert ended.outcome == "failed"
