"""A whole run on a small real slice: parted, watched, branched, tried before it starts, told by its folder."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from lsd_studio.durations import format_duration
from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.facts import checkpoint_file, read_facts
from lsd_studio.engine.runs.files import history_file
from lsd_studio.engine.runs.frames import frame_file, load_frame, picture_steps, stored_frames
from lsd_studio.engine.runs.history import ThinnedHistory
from lsd_studio.engine.runs.manifest import read_run
from lsd_studio.engine.runs.profiles import Profile
from lsd_studio.engine.runs.run_reader import RunReader
from lsd_studio.engine.runs.state import is_held, read_state
from lsd_studio.engine.training import run as run_module
from lsd_studio.engine.training.checkpoint import write_checkpoint
from lsd_studio.engine.training.control import Control
from lsd_studio.engine.training.events import (
    BasisProgress,
    Cancelled,
    Diagnosed,
    EpochDone,
    HistoryGrown,
    Paused,
    PicturesSaved,
    Progressed,
    Resumed,
    RunDone,
    StageDone,
    StageStarted,
    StepDone,
    TrainingEvent,
)
from lsd_studio.engine.training.monitoring.anomaly_detection import STEPS_REMEMBERED, AnomalyDetector
from lsd_studio.engine.training.monitoring.pace import Pace
from lsd_studio.engine.training.plan import Plan, plan_training
from lsd_studio.engine.training.run import make_fabric
from lsd_studio.engine.training.settings import TrainingSettings
from lsd_studio.engine.training.stage_settings import run_stages_of
from lsd_studio.engine.training.stages import ClassifierStage
from lsd_studio.engine.training.trial import estimate_in_steps
from lsd_studio.engine.training.whole_run import carry_out, train_run
from tests.engine.small_digits import small_digits, tiny_profile

STEPS = {"classifier": 40, "gan": 160, "encoder": 16}
STAGES = tuple(STEPS)


@pytest.fixture(scope="module")
def digits():
    return small_digits()


def train(
    run: Path, data, profile: Profile | None = None, control: Control | None = None, **options
) -> Iterator[TrainingEvent]:
    profile = profile or tiny_profile()
    options = {"seed": 3, "stages": run_stages_of(profile), "device": "cpu", **options}
    return train_run(Plan(profile, data.name, **options), run, data, control)


def weights(run: Path, stage: str) -> dict[str, torch.Tensor]:
    return load_file(checkpoint_file(run, stage))


def assert_equal_weights(one: Path, other: Path, stages=STAGES) -> None:
    for stage in stages:
        expected, got = weights(one, stage), weights(other, stage)
        assert expected.keys() == got.keys()
        assert all(torch.equal(expected[name], got[name]) for name in expected), stage


@pytest.fixture(scope="module")
def whole(tmp_path_factory, digits) -> tuple[Path, list[TrainingEvent]]:
    """A run without a break, and its events."""
    run = tmp_path_factory.mktemp("runs") / "whole"
    return run, list(train(run, digits, name="the whole"))


class TestWholeRun:
    def test_it_ends_in_a_bundle_and_tells_of_everything(self, whole):
        run, events = whole
        assert events[-1] == RunDone(run / "bundle")
        assert open_bundle(run).manifest.number_of_labels == 2
        for kind in (StageStarted, EpochDone, PicturesSaved, HistoryGrown, StageDone, BasisProgress):
            assert any(isinstance(event, kind) for event in events), kind
        overall = [event.overall for event in events if isinstance(event, BasisProgress)]
        assert overall == sorted(overall)
        assert overall[-1] == 1
        assert not is_held(run)

    def test_its_folder_tells_it(self, whole):
        run, events = whole
        reader = RunReader(run)
        summary = reader.summary()
        assert (summary.name, summary.state, summary.bundle) == ("the whole", "finished", run / "bundle")
        assert [(stage.state, stage.step) for stage in summary.stages] == [
            ("done", STEPS["classifier"]),
            ("done", STEPS["gan"]),
            ("done", STEPS["encoder"]),
            ("done", 100),
        ]
        done = {event.stage: event.measures for event in events if isinstance(event, StageDone)}
        assert summary.results["classifier.held_out_accuracy"] == done["classifier"]["held_out_accuracy"]
        shown = reader.details()
        losses = [
            event.losses["generator"]
            for event in events
            if isinstance(event, StepDone) and event.stage == "gan"
        ]
        (curve,) = [curve for curve in shown.curves if curve.name == "generator"]
        np.testing.assert_allclose(curve.mean, losses, rtol=1e-6)
        assert shown.steps_per_epoch == {"classifier": 8, "gan": 8, "encoder": 8}
        assert {curve.stage for curve in shown.curves if curve.scope == "held out"} == set(STAGES)

    def test_pictures_evolve_at_a_fixed_z(self, whole):
        run, _ = whole
        assert set(stored_frames(run, "gan")) == picture_steps(STEPS["gan"])
        first, last = (load_frame(frame_file(run, "gan", step)) for step in (0, STEPS["gan"]))
        assert first.groups[0].pictures.shape == (64, 8, 8, 1)
        assert not np.array_equal(first.groups[0].pictures, last.groups[0].pictures)
        assert last.counts.sum() == 256
        assert 0 < last.confidence <= 1

    def test_the_encoder_shows_data_encoded_and_random(self, whole):
        run, _ = whole
        frames = [load_frame(frame_file(run, "encoder", step)) for step in stored_frames(run, "encoder")]
        for frame in frames:
            assert {group.title for group in frame.groups} == {"data", "encoded", "random"}
        by_title = [{group.title: group for group in frame.groups} for frame in (frames[0], frames[-1])]
        np.testing.assert_array_equal(by_title[0]["data"].pictures, by_title[1]["data"].pictures)
        np.testing.assert_array_equal(by_title[0]["random"].pictures, by_title[1]["random"].pictures)
        assert not np.array_equal(by_title[0]["encoded"].pictures, by_title[1]["encoded"].pictures)

    def test_pictures_change_no_weight(self, whole, tmp_path, digits, monkeypatch):
        monkeypatch.setattr(run_module, "picture_steps", lambda total: frozenset())
        events = list(train(tmp_path / "plain", digits, stages=("classifier", "gan", "encoder")))
        assert not any(isinstance(event, PicturesSaved) for event in events)
        assert_equal_weights(whole[0], tmp_path / "plain")

    def test_stages_apart_and_in_parts_end_where_all_in_a_row_do(self, whole, tmp_path, digits):
        run = tmp_path / "parts"
        with pytest.raises(StudioError, match="builds on the classifier"):
            list(train(run, digits, stages=("gan",)))
        for place, stages in enumerate([("classifier",), ("gan",), ("encoder",), ("basis",)]):
            control = Control()
            for event in train(run, digits, resume=True, stages=stages, control=control):
                if isinstance(event, StepDone) and event.step == 5 + place:
                    control.cancel()
            list(train(run, digits, resume=True, stages=stages))
        assert_equal_weights(whole[0], run)
        np.testing.assert_array_equal(open_bundle(run).basis.xi_, open_bundle(whole[0]).basis.xi_)
        one, other = (ThinnedHistory.load(history_file(folder, "gan")) for folder in (whole[0], run))
        np.testing.assert_array_equal(one.curve("generator")[3], other.curve("generator")[3])

    def test_no_two_processes_train_one_run(self, tmp_path, digits):
        first = train(tmp_path / "run", digits)
        next(first)
        with pytest.raises(StudioError, match="by another process"):
            list(train(tmp_path / "run", digits, resume=True))
        first.close()
        state = read_state(tmp_path / "run")
        assert state is not None
        assert state.state == "stopped"


class TestControl:
    def test_pause_holds_the_step_count_one_step_adds_one_and_resume_goes_on(self, tmp_path, digits):
        control, events, news = Control(), [], threading.Condition()

        def follow() -> None:
            for event in train(tmp_path / "run", digits, control=control, stages=("classifier",)):
                with news:
                    events.append(event)
                    news.notify_all()
                if isinstance(event, StepDone) and event.step == 4:
                    control.pause()

        def wait_for(kind: type, count: int) -> list[TrainingEvent]:
            with news:
                news.wait_for(lambda: sum(isinstance(event, kind) for event in events) >= count, timeout=120)
                return [event for event in events if isinstance(event, kind)]

        trainer = threading.Thread(target=follow, daemon=True)
        trainer.start()
        assert wait_for(Paused, 1)[-1] == Paused("classifier", 4)
        control.step()
        assert wait_for(Paused, 2)[-1] == Paused("classifier", 5)
        assert wait_for(StepDone, 5)[-1].step == 5
        assert not any(isinstance(event, Resumed) for event in events)
        assert RunReader(tmp_path / "run").summary().state == "paused"
        control.resume()
        assert wait_for(Resumed, 1)[-1] == Resumed("classifier", 5)
        trainer.join()
        assert [event.step for event in events if isinstance(event, StepDone)] == list(range(1, 41))

    def test_building_the_basis_can_be_cancelled_and_done_again(self, whole, tmp_path, digits):
        run, control, events = tmp_path / "run", Control(), []
        plan = plan_training(TrainingSettings(run, parent=whole[0]))
        assert plan.stages == ("basis",)
        for event in carry_out(plan, run, digits, control):
            events.append(event)
            if isinstance(event, BasisProgress):
                control.cancel()
        assert isinstance(events[-1], Cancelled)
        assert events[-1].stage == "basis"
        (shown,) = (event for event in events if isinstance(event, Progressed))
        assert (shown.stage, shown.total_steps) == ("basis", 100)
        assert not (run / "bundle").exists()
        assert isinstance(list(train(run, digits, resume=True))[-1], RunDone)
        np.testing.assert_array_equal(open_bundle(run).basis.xi_, open_bundle(whole[0]).basis.xi_)


class TestMistakes:
    def test_a_loss_that_is_no_number_stops_with_the_last_good_checkpoint(
        self, tmp_path, digits, monkeypatch
    ):
        run, told = tmp_path / "run", []
        step = ClassifierStage.step

        def broken(self, batch, update):
            if batch.progress >= 10 / STEPS["classifier"]:
                batch = replace(batch, images=batch.images * float("nan"))
            return step(self, batch, update)

        monkeypatch.setattr(ClassifierStage, "step", broken)
        events = train(run, digits, checkpoint_seconds=0)
        with pytest.raises(StudioError, match=r"at step 11: .* branch from it with a lower classifier"):
            told.extend(events)
        (found,) = [event for event in told if isinstance(event, Diagnosed)]
        assert (found.finding, found.step) == ("not finite", 11)
        assert read_facts(checkpoint_file(run, "classifier")).step == 10
        assert all(value.isfinite().all() for value in weights(run, "classifier").values())
        summary = RunReader(run).summary()
        assert summary.state == "failed"
        assert "step 11" in summary.sentence

    def test_a_folder_in_place_of_a_checkpoint_is_named(self, tmp_path, digits):
        run = tmp_path / "run"
        list(train(run, digits, stages=("classifier",)))
        checkpoint_file(run, "classifier").unlink()
        checkpoint_file(run, "classifier").mkdir()
        with pytest.raises(StudioError, match="is not a readable checkpoint"):
            list(train(run, digits, resume=True))

    def test_a_device_that_is_not_here_is_refused(self):
        with pytest.raises(StudioError, match="There is no device"):
            make_fabric(tiny_profile(), "tpu")


class TestBranches:
    def test_more_epochs_at_a_constant_rate_are_as_if_asked_for_at_once(self, whole, tmp_path, digits):
        constant = ("classifier.schedule=constant",)
        parent, branch, longer = tmp_path / "parent", tmp_path / "branch", tmp_path / "longer"
        list(train(parent, digits, tiny_profile(*constant), stages=("classifier",)))
        request = TrainingSettings(
            branch,
            overrides=("classifier.epochs=7",),
            parent=parent,
            go_on=("classifier",),
            stages=("classifier",),
        )
        started = next(
            event
            for event in carry_out(plan_training(request), branch, digits, Control())
            if isinstance(event, StageStarted)
        )
        assert (started.first_step, started.total_steps) == (40, 56)
        for _ in train(
            branch,
            digits,
            tiny_profile(*constant, "classifier.epochs=7"),
            resume=True,
            stages=("classifier",),
        ):
            pass
        list(train(longer, digits, tiny_profile(*constant, "classifier.epochs=7"), stages=("classifier",)))
        assert_equal_weights(branch, longer, ("classifier",))
        one, other = (ThinnedHistory.load(history_file(run, "classifier")) for run in (branch, longer))
        np.testing.assert_array_equal(one.curve("cross_entropy")[3], other.curve("cross_entropy")[3])
        summary = RunReader(branch).summary()
        assert (summary.parent, summary.parent_name, summary.base) == (parent, "parent", "parent")
        assert [difference.key for difference in summary.differences] == ["classifier.epochs"]
        assert summary.stages[0].origin == "gone on from parent at step 40"
        assert [
            curve.steps[-1] for curve in RunReader(branch).details().curves if curve.scope == "held out"
        ] == [56, 56]

    def test_stages_whose_settings_stay_are_taken_over(self, whole, tmp_path, digits):
        parent, branch = whole[0], tmp_path / "branch"
        request = TrainingSettings(branch, overrides=("encoder.epochs=1",), parent=parent, name="shorter")
        plan = plan_training(request)
        assert (plan.taken_over, plan.stages) == (("classifier", "gan"), ("encoder", "basis"))
        events = list(carry_out(plan, branch, digits, Control()))
        assert {event.stage for event in events if isinstance(event, StepDone)} == {"encoder"}
        assert_equal_weights(parent, branch, ("classifier", "gan"))
        assert [stage.name for stage in open_bundle(branch).manifest.stages] == [
            "classifier",
            "gan",
            "encoder",
        ]
        summary = RunReader(branch).summary()
        assert [stage.origin for stage in summary.stages[:3]] == [
            "taken over from the whole",
            "taken over from the whole",
            "",
        ]
        assert read_run(branch).parent.id == read_run(parent).id
        assert stored_frames(branch, "gan") == stored_frames(parent, "gan")

    def test_a_parent_is_not_touched_by_its_branch(self, whole, tmp_path, digits):
        parent, branch = whole[0], tmp_path / "branch"
        before = checkpoint_file(parent, "gan").read_bytes()
        request = TrainingSettings(
            branch,
            overrides=("gan.epochs=21", "gan.learning_rate=1e-4"),
            parent=parent,
            go_on=("gan",),
            stages=("gan",),
        )
        list(carry_out(plan_training(request), branch, digits, Control()))
        assert checkpoint_file(parent, "gan").read_bytes() == before
        assert read_facts(checkpoint_file(branch, "gan")).step == 168

    @pytest.mark.parametrize(
        ("request_", "sentence"),
        [
            (
                TrainingSettings(parent=Path("whole"), go_on=("gan",)),
                "has done 20 epochs already: set gan.epochs above",
            ),
            (
                TrainingSettings(parent=Path("whole"), go_on=("gan",), overrides=("latent_dimensions=6",)),
                "another latent_dimensions",
            ),
            (TrainingSettings(parent=Path("whole"), resume=True), "either --from or --resume"),
            (TrainingSettings(go_on=("gan",)), "Only a branch"),
            (TrainingSettings(resume=True), "Name the run's folder"),
            (TrainingSettings(parent=Path("nothing")), "holds no run"),
            (TrainingSettings(stages=()), "at least one stage"),
        ],
    )
    def test_what_cannot_be_branched_is_said(self, whole, tmp_path, digits, request_, sentence):
        if request_.parent == Path("whole"):
            request_ = replace(request_, parent=whole[0])
        with pytest.raises(StudioError, match=sentence):
            list(carry_out(plan_training(request_), tmp_path / "branch", digits, Control()))
        assert not (tmp_path / "branch" / "run.json").exists()

    def test_a_branch_on_other_images_is_refused(self, whole, tmp_path, digits):
        others = replace(digits, checksum="1" * 64)
        plan = plan_training(TrainingSettings(tmp_path / "branch", parent=whole[0]))
        with pytest.raises(StudioError, match="have changed since"):
            list(carry_out(plan, tmp_path / "branch", others, Control()))


def test_a_trial_says_what_each_stage_takes_and_leaves_nothing_behind(tmp_path, digits, monkeypatch):
    monkeypatch.setattr("lsd_studio.engine.training.trial.SECONDS_A_STAGE", 0.0)
    state = torch.random.get_rng_state()
    write_checkpoint(checkpoint_file(tmp_path, "gan"), {}, {"stage": "gan", "step": 20, "measures": {}})
    stages = ("classifier", "gan", "encoder", "basis")
    plan = Plan(tiny_profile(), digits.name, 3, stages, device="cpu", parent=tmp_path, go_on=("gan",))
    trying = estimate_in_steps(plan, digits)
    told = []
    while True:
        try:
            told.append(next(trying))
        except StopIteration as finished:
            trial = finished.value
            break
    assert [at.stage for at in told] == ["classifier", "gan", "encoder", "basis"]
    assert trial.steps == {"classifier": 40, "gan": 140, "encoder": 16}
    for stage in STAGES:
        assert trial.seconds_by_stage[stage] >= trial.steps[stage] * trial.seconds_per_step[stage] > 0
    assert trial.seconds_by_stage["basis"] > 0
    assert 1 < trial.memory_megabytes < 1000
    assert torch.equal(torch.random.get_rng_state(), state)


def test_the_pace_leaves_pauses_out_and_adds_what_is_expected():
    now = [100.0]
    pace = Pace(("classifier", "gan"), {"gan": 50.0}, clock=lambda: now[0])
    pace.begin(0)
    now[0] += 10
    assert pace.progressed("classifier", 5, 10) == Progressed("classifier", 5, 10, 2.0, 10.0, 60.0)
    now[0] += 1000
    pace.begin(5)
    now[0] += 1
    assert pace.progressed("classifier", 6, 10).seconds_per_step == 1.0
    last = Pace(("classifier", "gan"), {}, clock=lambda: now[0])
    last.begin(0)
    assert last.progressed("gan", 1, 2).seconds_left is not None
    unknown = Pace(("classifier", "gan"), {})
    unknown.begin(0)
    assert unknown.progressed("classifier", 1, 2).seconds_left is None


def test_a_pace_of_nothing_tells_no_time():
    """Where the basis waits for a label that does not come, 29 million days were said to be left."""
    now = [0.0]
    pace = Pace(("basis",), {}, clock=lambda: now[0])
    pace.begin(0)
    now[0] += 1
    assert pace.progressed("basis", 50.0, 100).seconds_left_in_stage == pytest.approx(1.0)
    for _ in range(100):
        now[0] += 1
        told = pace.progressed("basis", 50.0, 100)
    assert told == Progressed("basis", 50, 100, None, None, None)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.1, "1 s"),
        (600, "10 min"),
        (86_400 * 6, "6 d 0 h"),
        (1e12, "more than 1000 d"),
        (math.inf, "more than 1000 d"),
    ],
)
def test_durations_have_bounds(seconds, words):
    assert format_duration(seconds) == words


class TestDoctor:
    def test_a_discriminator_that_wins_is_told_once_until_it_no_longer_does(self):
        doctor = AnomalyDetector("ab")
        list(doctor.examine(StageStarted("gan", 0, 1000, "cpu", "32-true")))

        def step(number: int, loss: float) -> list[Diagnosed]:
            losses = {"discriminator_real": loss, "discriminator_fake": loss, "generator": 9.0}
            return list(doctor.examine(StepDone("gan", number, 1000, 0, losses, 0.1)))

        told = [found for number in range(3 * STEPS_REMEMBERED) for found in step(number, 0.01)]
        assert [found.finding for found in told] == ["discriminator wins"]
        assert told[0].step == STEPS_REMEMBERED - 1
        assert not [found for number in range(2 * STEPS_REMEMBERED) for found in step(number, 0.7)]
        again = [found for number in range(2 * STEPS_REMEMBERED) for found in step(number, 0.01)]
        assert len(again) == 1

    def test_missing_labels_and_collapse_are_named_after_the_first_fifth(self):
        doctor = AnomalyDetector(("zero", "one", "two", "three"))
        list(doctor.examine(StageStarted("gan", 0, 10_000, "cpu", "32-true")))

        def pictures(step: int, *counts: int) -> list[tuple[str, str]]:
            saved = PicturesSaved("gan", step, Path("x"), counts)
            return [(found.finding, found.sentence) for found in doctor.examine(saved)]

        assert pictures(1000, 256, 0, 0, 0) == []
        ((finding, sentence),) = pictures(3000, 100, 156, 0, 0)
        assert finding == "label missing"
        assert "no two and no three" in sentence
        assert pictures(4000, 100, 156, 0, 0) == []
        ((finding, sentence),) = pictures(5000, 255, 1, 0, 0)
        assert finding == "collapse"
        assert "zero" in sentence
        assert pictures(6000, 64, 64, 64, 64) == []
        assert len(pictures(7000, 128, 0, 64, 64)) == 1

    def test_a_gan_of_few_steps_is_judged_at_its_end_and_told_that_it_had_few(self):
        """600 digits and the studio profile: one label alone for 250 steps is no collapse."""
        doctor = AnomalyDetector(("zero", "one", "two"))
        list(doctor.examine(StageStarted("gan", 0, 372, "cpu", "32-true")))
        told = [
            found
            for step, counts in ((96, (256, 0, 0)), (240, (250, 6, 0)), (372, (255, 1, 0)))
            for found in doctor.examine(PicturesSaved("gan", step, Path("x"), counts))
        ]
        assert [(found.step, found.finding) for found in told] == [(372, "collapse")]
        assert "collapsed" not in told[0].sentence
        assert "372 steps are few" in told[0].advice
        assert "learning_rate" not in told[0].advice
