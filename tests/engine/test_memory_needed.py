"""Memory is estimated before it is taken, and what does not fit is refused with the largest size that does."""

from __future__ import annotations

import resource
from dataclasses import replace

import numpy as np
import pytest
import torch

from lsd_studio.engine.datasets import LabelledImages
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.models.networks import Generator
from lsd_studio.engine.runs.profiles import load_profile
from lsd_studio.engine.steps import finished
from lsd_studio.engine.training.events import StageName
from lsd_studio.engine.training.memory import peak_bytes
from lsd_studio.engine.training.memory_needed import (
    available_bytes,
    bytes_needed,
    check_memory,
    memory_errors_explained,
)
from lsd_studio.engine.training.plan import Plan, plan_training
from lsd_studio.engine.training.settings import TrainingSettings
from lsd_studio.engine.training.stage_settings import run_stages_of
from lsd_studio.engine.training.trial import estimate_in_steps
from lsd_studio.engine.training.whole_run import train_run
from tests.engine.small_digits import small_digits, tiny_profile

GIGABYTE = 10**9


def large_images(edge: int) -> LabelledImages:
    """Ten of them, whose pixels are read from nowhere."""
    pixels = np.broadcast_to(np.uint8(0), (12, 1, edge, edge))
    return LabelledImages("large", pixels, np.arange(12) % 2, ("a", "b"), "0" * 64, "train")


@pytest.mark.parametrize("profile", ["studio", "paper", "autoencoder", "variational-autoencoder"])
def test_the_estimate_takes_nothing_itself(profile):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    needed = [bytes_needed(load_profile(profile), (1, edge, edge), 2, 10) for edge in (512, 4000)]
    assert needed[1] > 30 * needed[0] > 10 * GIGABYTE
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < GIGABYTE


def test_the_generator_of_a_large_image_is_most_of_it():
    """A linear layer of M × 256 · (512 / 4)² weights of four bytes, five times over."""
    needed = bytes_needed(
        load_profile("studio", ("judge.epochs=0", "joint.epochs=0", "halvings=paper")), (1, 512, 512), 2, 10
    )
    projection = 5 * 4 * 100 * 256 * 128**2
    assert projection < needed < 3 * projection


def test_what_is_estimated_is_near_what_is_measured(monkeypatch):
    monkeypatch.setattr("lsd_studio.engine.training.trial.SECONDS_A_STAGE", 0.0)
    digits = small_digits()
    profile = tiny_profile()
    stages = ("classifier", "gan", "encoder")
    plan = Plan(profile, digits.name, 0, stages, device="cpu")
    trial = finished(estimate_in_steps(plan, digits))
    measured = trial.memory_megabytes * 1e6
    assert 0.3 * measured < bytes_needed(profile, digits.image_shape, 2, 167) < 3 * measured


def test_a_tensor_without_memory_is_counted_as_one_with():
    with torch.device("meta"):
        network = Generator(8, (1, 16, 16))
    real = Generator(8, (1, 16, 16))
    on_meta = peak_bytes(lambda: network(torch.empty(8, 8, device="meta")).sum().backward())
    assert on_meta == pytest.approx(peak_bytes(lambda: real(torch.randn(8, 8)).sum().backward()), rel=0.2)


@pytest.mark.parametrize("profile", ["studio", "paper", "authors", "autoencoder", "variational-autoencoder"])
def test_the_largest_size_that_fits_is_named_and_does_fit(profile):
    chosen = load_profile(profile)
    with pytest.raises(StudioError, match=r"4000×4000 pixels takes about .* GB of memory") as refused:
        check_memory(chosen, (1, 4000, 4000), 2, 10, 8 * GIGABYTE)
    edge = int(str(refused.value).split("fit are ")[1].split("×")[0])
    assert bytes_needed(chosen, (1, edge, edge), 2, 10) <= 8 * GIGABYTE
    assert bytes_needed(chosen, (1, edge + 4, edge + 4), 2, 10) > 8 * GIGABYTE
    check_memory(chosen, (1, edge, edge), 2, 10, 8 * GIGABYTE)


def test_where_nothing_fits_or_nothing_is_known():
    profile = load_profile("studio")
    with pytest.raises(StudioError, match="close other programs"):
        check_memory(profile, (1, 28, 28), 10, 50_000, 1000)
    check_memory(profile, (1, 4000, 4000), 2, 10, None)
    assert available_bytes(torch.device("cpu")) is None or available_bytes(torch.device("cpu")) > 0


def test_training_and_estimating_refuse_before_anything_is_taken(tmp_path):
    images, profile = large_images(4000), load_profile("studio", ("latent_dimensions=4",))
    with pytest.raises(StudioError, match="the largest images that fit are"):
        list(
            train_run(
                Plan(profile, "large", 0, run_stages_of(profile), device="cpu"), tmp_path / "run", images
            )
        )
    asked = TrainingSettings(tmp_path / "other", overrides=("latent_dimensions=4",), device="cpu")
    with pytest.raises(StudioError, match="the largest images that fit are"):
        list(estimate_in_steps(plan_training(asked), images))


def test_memory_that_runs_out_all_the_same_is_a_sentence():
    with pytest.raises(StudioError, match="memory of this machine ran out"):
        with memory_errors_explained():
            torch.empty(2**60, dtype=torch.uint8)
    with pytest.raises(RuntimeError, match="shape"):
        with memory_errors_explained():
            torch.ones(2) @ torch.ones(3, 1)


@pytest.mark.parametrize("profile", ["studio", "paper", "autoencoder"])
@pytest.mark.parametrize("count", [2, 3])
def test_one_image_left_to_train_on_is_refused_and_two_suffice(tmp_path, profile, count):
    few = small_digits().take([0, 1, 2, 3][:count])
    few = replace(few, label_names=("0", "1"))
    overrides = ("precision=float32", "classifier.epochs=1")
    if profile == "autoencoder":
        overrides += ("autoencoder.epochs=1",)
    else:
        overrides += ("latent_dimensions=4", "gan.epochs=1", "encoder.epochs=1")
    chosen = load_profile(profile, overrides)
    stages = tuple(stage for stage in run_stages_of(chosen) if stage != "basis")
    events = train_run(Plan(chosen, few.name, 0, stages, device="cpu"), tmp_path / "run", few)
    if count == 2:
        with pytest.raises(StudioError, match="one is left to train on"):
            list(events)
    else:
        assert list(events)


def test_only_what_is_trained_is_counted():
    """Who gives a generator and an encoder trains a classifier alone."""
    profile = load_profile("studio", ("judge.epochs=1", "joint.epochs=1"))
    of_all = bytes_needed(profile, (1, 512, 512), 2, 10)
    stages: tuple[StageName, ...] = ("classifier", "judge", "gan", "encoder", "joint")
    of_some = {name: bytes_needed(profile, (1, 512, 512), 2, 10, (name,)) for name in stages}
    assert of_all == max(of_some.values()) > of_some["classifier"] > 0
    with pytest.raises(StudioError, match="of memory, and 0 MB are free"):
        check_memory(profile, (1, 28, 28), 10, 50_000, 1000, ("classifier",))
