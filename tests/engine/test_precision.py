"""The arithmetic of a training: found by a trial, kept for the whole run."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.runs.files import events_file
from lsd_studio.engine.training.control import Control
from lsd_studio.engine.training.events import StageStarted
from lsd_studio.engine.training.plan import Plan, plan_training
from lsd_studio.engine.training.precision import arithmetic, arithmetic_of, bfloat16_pays
from lsd_studio.engine.training.run import available_devices
from lsd_studio.engine.training.settings import TrainingSettings
from lsd_studio.engine.training.stage_settings import run_stages_of
from lsd_studio.engine.training.whole_run import carry_out, train_run
from tests.engine.small_digits import small_digits, tiny_profile


@pytest.fixture(scope="module")
def digits():
    return small_digits()


def started(events) -> set[str]:
    return {event.precision for event in events if isinstance(event, StageStarted)}


def train(run: Path, data, *overrides: str, stages=("classifier",), **options):
    profile = tiny_profile("classifier.epochs=1", *overrides)
    return list(train_run(Plan(profile, data.name, 3, stages, device="cpu", **options), run, data))


def test_auto_is_what_the_trial_found_and_the_same_all_along():
    found = "bf16-mixed" if bfloat16_pays("cpu") else "32-true"
    assert arithmetic("auto", "cpu") == arithmetic("auto", "cpu") == found
    assert dict(available_devices())["cpu"] == found
    assert arithmetic("float32", "cpu") == "32-true"
    assert arithmetic("bfloat16", "cpu") == "bf16-mixed"
    assert arithmetic("auto", "cpu", processes=2) == "32-true", "processes may not disagree"


@pytest.mark.parametrize(("begun", "as_told"), [("float32", "32-true"), ("bfloat16", "bf16-mixed")])
def test_a_run_keeps_what_it_was_begun_in(tmp_path, digits, begun, as_told):
    """Whatever a trial would find where it is resumed or branched; only an explicit wish changes it."""
    run = tmp_path / "run"
    assert arithmetic_of(run) is None
    train(run, digits, f"precision={begun}")
    assert arithmetic_of(run) == as_told
    both = ("classifier", "gan")
    assert started(train(run, digits, "gan.epochs=1", "precision=auto", stages=both, resume=True)) == {
        as_told
    }
    branch = tmp_path / "branch"
    plan = plan_training(
        TrainingSettings(
            branch, parent=run, device="cpu", overrides=("gan.epochs=2", "precision=auto"), stages=("gan",)
        )
    )
    assert started(carry_out(plan, branch, digits, Control())) == {as_told}
    other = "float32" if begun == "bfloat16" else "bfloat16"
    last = train(
        run,
        digits,
        "gan.epochs=1",
        "encoder.epochs=1",
        f"precision={other}",
        stages=("encoder",),
        resume=True,
    )
    assert started(last) == {arithmetic(other, "cpu")}


def test_a_run_of_old_without_a_journal_is_tried_anew(tmp_path, digits):
    run = tmp_path / "run"
    train(run, digits)
    events_file(run).unlink()
    assert arithmetic_of(run) is None
    assert started(train(run, digits, "precision=auto", resume=True)) == {arithmetic("auto", "cpu")}


def test_bfloat16_ends_in_a_bundle_that_says_so(tmp_path, digits):
    run = tmp_path / "run"
    profile = tiny_profile("precision=bfloat16")
    list(train_run(Plan(profile, digits.name, 3, run_stages_of(profile), device="cpu"), run, digits))
    assert open_bundle(run).manifest.precision == "bf16-mixed"
