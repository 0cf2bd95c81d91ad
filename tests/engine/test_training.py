"""Training on a real slice of MNIST: losses fall, runs resume to the same weights, mistakes are told."""

import os
import queue
import resource
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from lsd_studio.engine.datasets import load_data_set
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.models.networks import Discriminator, Generator
from lsd_studio.engine.operators.planes import renormalise, rotate
from lsd_studio.engine.runs.facts import CheckpointFacts
from lsd_studio.engine.runs.profiles import load_profile
from lsd_studio.engine.training.control import Control
from lsd_studio.engine.training.events import (
    Cancelled,
    CheckpointSaved,
    EpochDone,
    Paused,
    StageDone,
    StepDone,
)
from lsd_studio.engine.training.monitoring.sample_measures import sample_measures
from lsd_studio.engine.training.optimisers import OptimisticAdam, average_of
from lsd_studio.engine.training.plan import Plan
from lsd_studio.engine.training.run import make_fabric, train_networks
from lsd_studio.engine.training.stage_settings import is_made_with, settings_behind
from lsd_studio.engine.training.stages import GanStage, gradient_for_generator, renormalised, turned_to
from tests.engine.small_digits import small_digits

STOP_AFTER = 17
"""Batches between two stops of a run that is compared with a whole one: in the middle of epochs, and of stages."""

TINY = (
    "latent_dimensions=20",
    "gan.epochs=2",
    "gan.batch_size=25",
    "classifier.epochs=2",
    "encoder.epochs=2",
    "encoder.batch_size=25",
    "judge.epochs=0",
    "joint.epochs=0",
)


@pytest.fixture(scope="module")
def slice_of_mnist():
    return load_data_set("mnist", "train").take(range(600))


@pytest.fixture(scope="module")
def digits():
    """Smaller pictures, where what is learnt does not matter."""
    return small_digits(number_of_labels=10, images_a_label=60)


def tiny_profile(*overrides):
    return load_profile("studio", (*TINY, *overrides)).model_copy(update={"judge": None, "joint": None})


def train(run, data, profile, resume=False, control=None, stages=("classifier", "gan", "encoder"), seed=3):
    plan = Plan(profile, data.name, seed, stages, resume=resume)
    yield from train_networks(plan, run, data, control or Control(), make_fabric(profile, "cpu"))


def weights(run, stage):
    return load_file(run / "checkpoints" / f"{stage}.safetensors")


def test_every_stage_learns(tmp_path, slice_of_mnist):
    profile = tiny_profile("classifier.epochs=12", "classifier.averaging=0.5")
    losses: dict[str, list[dict[str, float]]] = {}
    measures = {}
    for event in train(tmp_path, slice_of_mnist, profile):
        if isinstance(event, StepDone):
            losses.setdefault(event.stage, []).append(dict(event.losses))
        elif isinstance(event, EpochDone):
            measures[event.stage] = dict(event.measures)
    assert losses["classifier"][-1]["cross_entropy"] < 1.0 < losses["classifier"][0]["cross_entropy"]
    assert measures["classifier"]["held_out_accuracy"] > 0.6
    told_apart = [step["discriminator_real"] + step["discriminator_fake"] for step in losses["gan"]]
    assert min(told_apart) < 0.95 * told_apart[0]
    assert losses["encoder"][-1]["amplitude"] < losses["encoder"][0]["amplitude"]
    assert set(measures) == {"classifier", "gan", "encoder"}


def test_a_resumed_run_ends_at_the_same_weights(tmp_path, digits):
    profile = tiny_profile(
        "encoder.averaging=0.9", "encoder.turn_weight=5", "classifier.shift=2", "classifier.input_noise=0.1"
    )
    whole, parted = tmp_path / "whole", tmp_path / "parted"
    assert not any(isinstance(event, Cancelled) for event in train(whole, digits, profile))
    resume, finished = False, False
    while not finished:
        control, steps, finished = Control(), 0, True
        for event in train(parted, digits, profile, resume=resume, control=control):
            steps += isinstance(event, StepDone)
            if steps == STOP_AFTER:
                control.cancel()
            finished = finished and not isinstance(event, Cancelled)
        resume = True
    for stage in ("classifier", "gan", "encoder"):
        expected, got = weights(whole, stage), weights(parted, stage)
        assert expected.keys() == got.keys()
        assert all(torch.equal(expected[name], got[name]) for name in expected)


def test_a_checkpoint_of_a_version_without_a_setting_goes_on_where_its_default_is_asked_for():
    made = settings_behind("encoder", tiny_profile())
    del made["encoder"]["turn_weight"]
    facts = CheckpointFacts(settings=made, step=0, measures={})
    assert is_made_with(facts, "encoder", tiny_profile("encoder.turn_weight=0"))
    assert not is_made_with(facts, "encoder", tiny_profile("encoder.turn_weight=5"))
    assert not is_made_with(facts, "encoder", tiny_profile("encoder.turn_weight=0", "gan.averaging=0.5"))


def test_another_seed_gives_other_weights(tmp_path, digits):
    profile = tiny_profile("classifier.epochs=1")
    for seed in (0, 1):
        list(train(tmp_path / str(seed), digits, profile, stages=("classifier",), seed=seed))
    one, other = (weights(tmp_path / str(seed), "classifier") for seed in (0, 1))
    assert not torch.equal(one["classifier/layers.0.weight"], other["classifier/layers.0.weight"])


def test_a_paused_run_waits_and_goes_on(tmp_path, digits):
    control, heard = Control(), queue.SimpleQueue()
    control.pause()

    def follow():
        for event in train(tmp_path, digits, tiny_profile(), control=control, stages=("classifier",)):
            heard.put(event)

    threading.Thread(target=follow, daemon=True).start()
    while (event := heard.get(timeout=120)) != Paused("classifier", 0):
        assert not isinstance(event, StepDone)
    assert heard.empty()
    control.resume()
    while not isinstance(event, StageDone):
        event = heard.get(timeout=120)
    assert event.stage == "classifier"


def test_two_processes_train_as_one(tmp_path):
    """The same global batches, dealt to two processes over gloo, give the weights of one process."""
    script = Path(__file__).parent / "train_in_processes.py"
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    for processes in (1, 2):
        command = [
            sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}",
            str(script), str(tmp_path / str(processes)),
        ]  # fmt: skip
        finished = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
        assert finished.returncode == 0, finished.stderr
    one, two = (weights(tmp_path / name, "classifier") for name in "12")
    for name in one:
        if name.startswith("classifier/"):
            torch.testing.assert_close(one[name], two[name], rtol=1e-3, atol=1e-3)


def test_codes_are_turned_as_the_rotation_operator_turns_them():
    """R21 by a quarter turn in the plane of two labels' axes, then R22's norm."""
    random = torch.Generator().manual_seed(0)
    axes = torch.linalg.qr(torch.randn(20, 5, generator=random, dtype=torch.float64))[0].T
    codes = torch.randn(30, 20, generator=random, dtype=torch.float64)
    labels = torch.arange(30) % 5
    others = (labels + 1 + torch.arange(30) // 5 % 4) % 5
    turned = renormalised(turned_to(codes, axes, labels, others))
    for code, label, other, got in zip(codes, labels, others, turned, strict=True):
        expected = renormalise(rotate(axes[label].numpy(), axes[other].numpy(), np.pi / 2, code.numpy()))
        np.testing.assert_allclose(got.numpy(), expected, atol=1e-12)


def test_both_gan_gradients_come_from_one_pass():
    torch.manual_seed(0)
    generator, discriminator = Generator(10, (1, 28, 28)), Discriminator((1, 28, 28)).eval()
    images = generator(torch.randn(8, 10)).detach()
    judged = images.clone().requires_grad_()
    logits = discriminator(judged)
    F.binary_cross_entropy_with_logits(logits, torch.zeros_like(logits)).backward()
    alone = images.clone().requires_grad_()
    verdict = discriminator(alone)
    F.binary_cross_entropy_with_logits(verdict, torch.ones_like(verdict)).backward()
    torch.testing.assert_close(gradient_for_generator(judged, logits), alone.grad, rtol=1e-4, atol=1e-9)


def test_dropout_masks_follow_the_seed():
    discriminator = Discriminator((1, 28, 28)).train()
    images = torch.randn(4, 1, 28, 28)
    verdicts = []
    for seed in (1, 1, 2):
        discriminator.reseed(seed)
        verdicts.append(discriminator(images))
    assert torch.equal(verdicts[0], verdicts[1])
    assert not torch.equal(verdicts[0], verdicts[2])


def test_optimistic_adam_against_its_formula():
    """x ← x − 2u_t + u_{t−1}, u the update of Adam, on f(x) = x² (R4)."""
    x = torch.tensor([1.0], requires_grad=True)
    optimiser = OptimisticAdam([x], lr=0.1, betas=(0.5, 0.9))
    expected, mean, square, before = 1.0, 0.0, 0.0, 0.0
    for step in range(1, 6):
        gradient = 2 * expected
        mean = 0.5 * mean + 0.5 * gradient
        square = 0.9 * square + 0.1 * gradient**2
        update = 0.1 * (mean / (1 - 0.5**step)) / ((square / (1 - 0.9**step)) ** 0.5 + 1e-8)
        expected, before = expected - 2 * update + before, update
        optimiser.zero_grad()
        x.square().sum().backward()
        optimiser.step()
        assert float(x.detach()) == pytest.approx(expected, rel=1e-5)


def test_averaged_weights_are_the_ones_kept():
    profile = tiny_profile("gan.averaging=0.9").gan
    stage = GanStage(Generator(10, (1, 28, 28)), Discriminator((1, 28, 28)), torch.nn.Identity(), profile, 10)
    assert stage.trained() is stage.average.module
    plain = profile.model_copy(update={"averaging": 0.0})
    stage = GanStage(Generator(10, (1, 28, 28)), Discriminator((1, 28, 28)), torch.nn.Identity(), plain, 10)
    assert stage.trained() is stage.generator


def test_the_average_of_a_short_training_has_forgotten_its_first_weights():
    """A decay of 0.999 alone would still hold seven tenths of them after 372 steps."""
    network = torch.nn.BatchNorm1d(1)
    average = average_of(network, 0.999)
    average.update_parameters(network)
    first = float(network.weight.detach())
    torch.nn.init.constant_(network.weight, first + 1)
    network.running_mean.fill_(5.0)
    for _ in range(371):
        average.update_parameters(network)
    kept = average.module
    assert float(kept.weight.detach()) == pytest.approx(first + 1, abs=1e-5)
    assert float(kept.running_mean) == pytest.approx(5.0, abs=1e-5)


def test_the_average_comes_to_the_decay_that_was_asked_for():
    network = torch.nn.Linear(1, 1, bias=False)
    average = average_of(network, 0.9)
    torch.nn.init.zeros_(network.weight)
    for _ in range(100):
        average.update_parameters(network)
    torch.nn.init.ones_(network.weight)
    average.update_parameters(network)
    assert float(average.module.weight.detach()) == pytest.approx(0.1)


def test_samples_of_a_gan_stand_beside_held_out_images_after_each_epoch(tmp_path, digits):
    profile = tiny_profile("classifier.epochs=1", "gan.epochs=2")
    told = list(train(tmp_path, digits, profile, stages=("classifier", "gan")))
    measured = [event.measures for event in told if isinstance(event, EpochDone) and event.stage == "gan"]
    assert len(measured) == 2
    for measures in measured:
        assert all(0 <= measures[name] <= 1 for name in ("precision", "recall", "coverage"))
        assert measures["kernel_distance"] > 0


def test_sample_measures_are_those_of_the_report_and_tell_better_samples_from_worse():
    random = torch.Generator().manual_seed(0)
    real, same = torch.randn((2, 400, 8), generator=random)
    worse = 0.3 * torch.randn((500, 8), generator=random) + 1
    good, bad = sample_measures(real, same), sample_measures(real, worse)
    assert abs(good["kernel_distance"]) < 0.1 < bad["kernel_distance"]
    assert good["recall"] > 0.8 > bad["recall"]
    assert good["coverage"] > 0.9 > bad["coverage"]
    assert sample_measures(real[:19], same) == {}


@pytest.mark.slow
def test_six_hundred_digits_and_372_steps_give_pictures_that_are_not_grey(tmp_path, slice_of_mnist):
    profile = load_profile("studio", ("gan.epochs=53", "precision=float32"))
    told = list(train(tmp_path, slice_of_mnist, profile, stages=("classifier", "gan")))
    (last,) = [event.measures for event in told if isinstance(event, StageDone) and event.stage == "gan"]
    assert last["confidence"] > 0.5
    assert last["label_evenness"] > 0.6


class TestMistakes:
    def test_a_folder_with_a_run_is_not_overwritten(self, tmp_path, digits):
        list(train(tmp_path, digits, tiny_profile("classifier.epochs=1"), stages=("classifier",)))
        with pytest.raises(StudioError, match="--resume"):
            list(train(tmp_path, digits, tiny_profile("classifier.epochs=1")))

    def test_resuming_with_another_seed_is_refused(self, tmp_path, digits):
        profile = tiny_profile("classifier.epochs=1")
        list(train(tmp_path, digits, profile, stages=("classifier",)))
        with pytest.raises(StudioError, match="seed 3"):
            list(train(tmp_path, digits, profile, resume=True, seed=4))

    def test_resuming_a_stage_with_other_settings_is_refused(self, tmp_path, digits):
        list(train(tmp_path, digits, tiny_profile(), stages=("classifier",)))
        kept = (tmp_path / "run.json").read_bytes()
        changed = tiny_profile("classifier.learning_rate=0.1")
        with pytest.raises(StudioError, match="other settings of classifier"):
            list(train(tmp_path, digits, changed, resume=True))
        assert (tmp_path / "run.json").read_bytes() == kept

    def test_a_broken_run_file_is_named(self, tmp_path, digits):
        (tmp_path / "run.json").write_text('{"pro')
        with pytest.raises(StudioError, match="already holds a run"):
            list(train(tmp_path, digits, tiny_profile()))
        with pytest.raises(StudioError, match=r"run\.json"):
            list(train(tmp_path, digits, tiny_profile(), resume=True))

    def test_an_encoder_of_other_networks_is_refused(self, tmp_path, digits):
        profile = tiny_profile("classifier.epochs=1", "gan.epochs=1", "encoder.epochs=1")
        list(train(tmp_path, digits, profile))
        (tmp_path / "checkpoints" / "gan.safetensors").unlink()
        changed = tiny_profile("classifier.epochs=1", "gan.epochs=1", "gan.beta_1=0.9", "encoder.epochs=1")
        with pytest.raises(StudioError, match=r"encoder\.safetensors was made with other settings"):
            list(train(tmp_path, digits, changed, resume=True))

    def test_a_broken_checkpoint_is_named(self, tmp_path, digits):
        list(train(tmp_path, digits, tiny_profile(), stages=("classifier",)))
        checkpoint = tmp_path / "checkpoints" / "classifier.safetensors"
        checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
        with pytest.raises(StudioError, match=r"classifier\.safetensors is not a readable checkpoint"):
            list(train(tmp_path, digits, tiny_profile(), resume=True))

    def test_latent_dimensions_must_suit_the_labels(self, tmp_path, digits):
        with pytest.raises(StudioError, match="20 or 30"):
            list(train(tmp_path, digits, tiny_profile("latent_dimensions=25")))

    def test_a_full_disk_leaves_the_last_checkpoint(self, tmp_path, digits):
        control = Control()
        for event in train(tmp_path, digits, tiny_profile(), control=control, stages=("classifier",)):
            if isinstance(event, StepDone) and event.step == 2:
                control.cancel()
        kept = (tmp_path / "checkpoints" / "classifier.safetensors").read_bytes()
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, limits[1]))
        try:
            with pytest.raises(StudioError, match="please make room, then resume the run"):
                for _ in train(tmp_path, digits, tiny_profile(), resume=True, stages=("classifier",)):
                    pass
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert (tmp_path / "checkpoints" / "classifier.safetensors").read_bytes() == kept
        assert not list(tmp_path.rglob(".*.new-*"))
        events = list(train(tmp_path, digits, tiny_profile(), resume=True, stages=("classifier",)))
        assert isinstance(events[-1], StageDone)
        assert any(isinstance(event, CheckpointSaved) for event in events)
