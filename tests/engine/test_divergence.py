"""A training that diverges ends in one sentence that names the step, and loses nothing; odd measures are storable."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from lsd_studio.engine.bundle.manifest import StageRecord
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.facts import checkpoint_file, read_facts
from lsd_studio.engine.runs.journal import Noted
from lsd_studio.engine.runs.profiles import load_profile
from lsd_studio.engine.runs.state import read_state
from lsd_studio.engine.training.bundle_facts import stage_records
from lsd_studio.engine.training.control import Control
from lsd_studio.engine.training.events import EpochDone, StageStarted, StepDone
from lsd_studio.engine.training.loop import ImageTensors, run_stage
from lsd_studio.engine.training.monitoring.snapshots import SnapshotWriter
from lsd_studio.engine.training.plan import Plan
from lsd_studio.engine.training.run import make_fabric, stage_makers
from lsd_studio.engine.training.stage_settings import run_stages_of, stages_of
from lsd_studio.engine.training.whole_run import train_run
from tests.engine.small_digits import TINY, small_digits

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def digits():
    return small_digits()


def stage_of(name: str, digits):
    """A real stage of networks that have not learnt anything, with all terms of the profile `studio`; two epochs."""
    profile = load_profile(
        "variational-autoencoder" if name == "autoencoder" else "studio", ("precision=float32",)
    )
    if profile.autoencoder is None:
        profile = profile.model_copy(update={"latent_dimensions": 4})
    short = getattr(profile, name).model_copy(update={"epochs": 2, "batch_size": 25})
    profile = profile.model_copy(update={name: short})
    makers, trained = stage_makers(profile, digits, seed=0), {}
    for each in stages_of(profile):
        stage = makers[each](trained, CPU)
        if each == name:
            return stage, profile
        trained[each] = stage.trained()
    raise AssertionError(name)


def steps(stage, profile, digits, run: Path, seconds: float):
    images = ImageTensors(digits.images[:100], digits.labels[:100], CPU)
    held_out = ImageTensors(digits.images[100:120], digits.labels[100:120], CPU)
    return run_stage(
        stage,
        profile,
        run,
        training=images,
        held_out=held_out,
        seed=0,
        fabric=make_fabric(profile, "cpu"),
        checkpoint_seconds=seconds,
        resume=False,
        control=Control(),
    )


def spoil(stage, value: float) -> None:
    network = next(iter(stage.state.modules.values()))
    with torch.no_grad():
        next(network.parameters()).flatten()[0] = value


def all_of(events, stage, spoilt_at: int) -> None:
    for event in events:
        if isinstance(event, StepDone) and event.step == spoilt_at:
            spoil(stage, torch.nan)


@pytest.mark.parametrize("name", ["classifier", "gan", "encoder", "autoencoder"])
@pytest.mark.parametrize("step", [2, 4])
def test_a_weight_that_is_no_number_is_neither_kept_nor_measured(tmp_path, digits, name, step):
    """In the middle of an epoch, before a checkpoint; at its end, before its measures."""
    stage, profile = stage_of(name, digits)
    checkpoint = checkpoint_file(tmp_path, name)
    events = steps(stage, profile, digits, tmp_path, seconds=0.0)
    with pytest.raises(
        StudioError, match=rf"{name} diverged at step {step}: .* last good checkpoint is kept"
    ):
        all_of(events, stage, step)
    assert read_facts(checkpoint).step == step - 1
    assert all(tensor.isfinite().all() for tensor in load_file(checkpoint).values())


@pytest.mark.parametrize("name", ["classifier", "gan", "encoder", "autoencoder"])
def test_a_loss_that_is_no_number_ends_it_and_without_a_checkpoint_none_is_promised(tmp_path, digits, name):
    stage, profile = stage_of(name, digits)
    events = steps(stage, profile, digits, tmp_path, seconds=1000.0)
    with pytest.raises(StudioError, match=rf"{name} diverged at step 2: its loss .* start anew with a lower"):
        all_of(events, stage, 1)


def test_a_learning_rate_of_1(tmp_path, digits):
    """log σ without a bound and a rate that is far too high, through the whole run."""
    asked = (
        "gan.epochs=1",
        "encoder.heads=text",
        "encoder.kl_weight=0",
        "encoder.learning_rate=1",
        "encoder.epochs=40",
    )
    profile = load_profile("paper", (*TINY, *asked))
    plan = Plan(profile, digits.name, 0, run_stages_of(profile), device="cpu", checkpoint_seconds=0.0)
    with pytest.raises(StudioError, match="encoder diverged at step"):
        list(train_run(plan, tmp_path / "run", digits))
    state = read_state(tmp_path / "run")
    assert state.state == "failed"
    assert "diverged at step" in state.sentence
    assert all(
        tensor.isfinite().all() for tensor in load_file(checkpoint_file(tmp_path / "run", "encoder")).values()
    )


def test_no_pictures_are_drawn_of_networks_that_diverged(tmp_path, digits):
    held_out = ImageTensors(digits.images[:20], digits.labels[:20], CPU)
    for name in ("gan", "encoder"):
        stage, _ = stage_of(name, digits)
        photographer = SnapshotWriter(tmp_path, 0, 4, held_out)
        assert photographer.take(stage, 0, 10) is not None
        for parameter in stage.trained().parameters():
            torch.nn.init.constant_(parameter, torch.nan)
        assert photographer.take(stage, 1, 10) is None


def test_a_measure_that_is_no_number_is_missing_and_storable():
    measures = (
        {"psnr": 1.0, "mean_norm": 2.0},
        {"psnr": float("nan"), "mean_norm": float("inf")},
        {"psnr": 3.0},
    )
    events = [
        StageStarted("encoder", 0, 30, "cpu", "32-true"),
        *(EpochDone("encoder", epoch, 3, measured, 1.0) for epoch, measured in enumerate(measures, 1)),
    ]
    (record,) = stage_records([Noted(0.0, event) for event in events])
    assert record.metrics == {"psnr": 3.0}
    assert record.history == {"psnr": (1.0, None, 3.0), "mean_norm": (2.0, None, None)}
    assert StageRecord.model_validate_json(record.model_dump_json()) == record
