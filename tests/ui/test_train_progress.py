"""How far a run is, from its events alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsd_studio.engine.runs.summary import StageSummary
from lsd_studio.engine.training.events import (
    BasisProgress,
    EpochDone,
    Progressed,
    RunDone,
    StageDone,
    StageStarted,
    StepDone,
    TrainingEvent,
)
from lsd_studio.ui.train.formatting import duration, stage_words
from lsd_studio.ui.train.progress import RunProgress, advanced, merged, stage_statuses

WHOLE: tuple[TrainingEvent, ...] = (
    StageStarted("classifier", 0, 4, "cpu", "32-true"),
    StepDone("classifier", 4, 4, 0, {"cross_entropy": 0.1}, 0.01),
    EpochDone("classifier", 1, 1, {"held_out_accuracy": 0.975}, 1.0),
    StageDone("classifier", {"held_out_accuracy": 0.975}),
    StageStarted("gan", 6, 10, "cpu", "32-true"),
    StepDone("gan", 7, 10, 0, {"generator": 0.7}, 0.01),
    Progressed("gan", 7, 10, 0.5, 90.0, 4000.0),
)


def after(*events: TrainingEvent) -> RunProgress:
    progress = RunProgress()
    for event in events:
        progress = advanced(progress, event)
    return progress


def under_way(progress: RunProgress) -> list[str]:
    return [name for name, stage in progress.stages.items() if stage.state == "under way"]


def test_each_event_moves_its_stage_and_no_other() -> None:
    progress = after(*WHOLE)
    assert under_way(progress) == [progress.latest] == ["gan"]
    assert progress.stages["gan"].step == 7
    statuses = stage_statuses(progress, held=False)
    assert statuses["classifier"].state == "done"
    assert statuses["classifier"].words == "97.5 % held out"
    assert statuses["gan"].fraction == pytest.approx(0.7)
    assert statuses["gan"].words == "7 of 10 · 2 min left"
    assert "encoder" not in statuses


def test_a_run_that_stands_still_looks_held() -> None:
    assert stage_statuses(after(*WHOLE), held=True)["gan"].held
    assert not stage_statuses(after(*WHOLE), held=True)["classifier"].held


def test_the_basis_counts_in_hundredths_and_ends_with_the_run() -> None:
    progress = after(*WHOLE, StageDone("gan", {}), BasisProgress("random latents", 0.9, 0.345))
    assert under_way(progress) == ["basis"]
    assert progress.latest == "gan"
    assert stage_statuses(progress, held=False)["basis"].words == "34 % · random latents"
    done = advanced(progress, RunDone(Path("bundle")))
    assert under_way(done) == []
    assert stage_statuses(done, held=False)["basis"].state == "done"


def test_stages_that_told_nothing_are_as_the_list_has_them() -> None:
    kept = StageSummary("classifier", "done", 9, 9, 1, "taken over from first", {})
    stale = StageSummary("gan", "under way", 1, 10, 1, "", {})
    listed = RunProgress({"classifier": kept, "gan": stale})
    both = merged(listed, after(*WHOLE[4:]))
    assert both.stages["classifier"] is kept
    assert both.stages["gan"].step == 7
    assert both.seconds_left == 4000.0


def test_a_stage_that_was_taken_over_says_from_where() -> None:
    kept = StageSummary("gan", "done", 10, 10, 1, "taken over from first", {})
    assert stage_words(kept) == "taken over from first"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0.2, "1 s"),
        (59.4, "59 s"),
        (89, "89 s"),
        (91, "2 min"),
        (3599, "1 h 00 min"),
        (7260, "2 h 01 min"),
        (200_000, "2 d 7 h"),
    ],
)
def test_times_are_said_as_people_say_them(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words
