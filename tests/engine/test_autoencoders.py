"""Autoencoders (R24): their networks, their tasks, their training, their bundle, and coders of any kind."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file

from lsd_studio.engine.autoencoders.bundle import open_autoencoder
from lsd_studio.engine.autoencoders.coders import load_coder
from lsd_studio.engine.autoencoders.networks import Autoencoder
from lsd_studio.engine.autoencoders.tasks import TASKS, given_images
from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.datasets import scale_pixels
from lsd_studio.engine.datasets.labelled_images import UNLABELLED
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.dataset import encode_data_set
from lsd_studio.engine.runs.facts import checkpoint_file
from lsd_studio.engine.runs.frames import frame_file, load_frame, stored_frames
from lsd_studio.engine.runs.profiles import Profile, load_profile
from lsd_studio.engine.runs.run_reader import RunReader
from lsd_studio.engine.steps import finished
from lsd_studio.engine.training.control import Control
from lsd_studio.engine.training.events import Cancelled, EpochDone, RunDone, StepDone
from lsd_studio.engine.training.losses import divergence_from_normal, signal_to_noise
from lsd_studio.engine.training.plan import Plan, plan_training, reusable_stages
from lsd_studio.engine.training.settings import TrainingSettings
from lsd_studio.engine.training.stage_settings import run_stages_of
from lsd_studio.engine.training.trial import estimate_in_steps
from lsd_studio.engine.training.whole_run import train_run
from tests.engine.small_digits import small_digits

TINY = (
    "precision=float32",
    "classifier.epochs=2",
    "classifier.batch_size=20",
    "autoencoder.latent_dimensions=3",
    "autoencoder.widths=[8, 8]",
    "autoencoder.epochs=3",
    "autoencoder.batch_size=20",
    "autoencoder.averaging=0.5",
)
"""8 steps an epoch of 167 training images."""


@pytest.fixture(scope="module")
def digits():
    return small_digits()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, digits) -> Path:
    """A variational autoencoder that was trained whole."""
    run = tmp_path_factory.mktemp("runs") / "whole"
    assert isinstance(list(train(run, digits, tiny()))[-1], RunDone)
    return run


def tiny(*overrides: str, profile: str = "variational-autoencoder") -> Profile:
    return load_profile(profile, (*TINY, *overrides))


def train(run: Path, data, profile: Profile, control: Control | None = None, **options: Any):
    options = {"seed": 3, "stages": run_stages_of(profile), "device": "cpu", **options}
    return train_run(Plan(profile, data.name, **options), run, data, control)


def test_an_autoencoder_is_trained_on_images_without_labels(tmp_path: Path, digits) -> None:
    plain = replace(digits, labels=np.zeros_like(digits.labels), label_names=UNLABELLED)

    events = list(train(tmp_path / "plain", plain, tiny("autoencoder.epochs=1")))

    told = [event for event in events if isinstance(event, EpochDone)]
    assert [event.stage for event in told] == ["classifier", "autoencoder"]
    assert "psnr_mean" in told[-1].measures
    assert not any("accuracy" in name for name in told[-1].measures)
    coder = load_coder(tmp_path / "plain")
    assert coder.label_names is None
    assert coder.classify(plain.images[:3]) is None
    assert any("no labels" in note for note in finished(encode_data_set(coder, plain, 200)).notes)


class TestNetworks:
    @given(
        channels=st.sampled_from((1, 3)),
        edge=st.sampled_from((8, 12, 28, 32, 96)),
        layers=st.integers(1, 4),
        is_variational=st.booleans(),
        batch_normalisation=st.booleans(),
    )
    @settings(deadline=None, max_examples=20)
    def test_what_goes_in_comes_out_as_large(
        self, channels, edge, layers, is_variational, batch_normalisation
    ):
        networks = Autoencoder(
            (channels, edge, edge),
            5,
            (3, 4, 5, 6)[:layers],
            is_variational=is_variational,
            batch_normalisation=batch_normalisation,
        )
        normalised = [layer for layer in networks.modules() if isinstance(layer, torch.nn.BatchNorm2d)]
        assert len(normalised) == (2 * layers if batch_normalisation else 0)
        images = torch.rand(2, channels, edge, edge) * 2 - 1
        mean, log_sigma = networks.encoder(images)
        assert mean.shape == (2, 5)
        assert (log_sigma is not None) == is_variational
        decoded = networks.decoder(mean)
        assert decoded.shape == images.shape
        assert decoded.abs().max() <= 1
        torch.testing.assert_close(decoded, 2 * networks.decoder.logits(mean).sigmoid() - 1)

    def test_the_posts_own_size(self):
        """Four layers, 96×96×3 and M = 256: six pixels a side are left before the code."""
        networks = Autoencoder((3, 96, 96), 256, (32, 64, 64, 64), is_variational=False)
        assert networks.encoder.mean.in_features == 64 * 6 * 6
        assert networks(torch.zeros(2, 3, 96, 96)).shape == (2, 3, 96, 96)


def test_one_without_batch_normalisation_is_trained_and_opened(tmp_path: Path, digits) -> None:
    profile = tiny("autoencoder.batch_normalisation=false", profile="autoencoder")
    assert isinstance(list(train(tmp_path / "plain", digits, profile))[-1], RunDone)
    opened = open_autoencoder(tmp_path / "plain")
    assert not opened.profile.autoencoder.batch_normalisation
    assert not any(
        isinstance(layer, torch.nn.BatchNorm2d)
        for network in (opened.encoder, opened.decoder)
        for layer in network.modules()
    )


def test_a_convolution_of_single_pixels_has_a_gradient_in_bfloat16() -> None:
    """oneDNN leaves that of its weights unwritten; eight pixels through four layers come to one."""
    torch.manual_seed(0)
    networks = Autoencoder((1, 8, 8), 3, (16, 32, 64, 64), is_variational=False)
    images = torch.rand(25, 1, 8, 8) * 2 - 1
    gradients = []
    for in_bfloat16 in (False, True):
        networks.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=in_bfloat16):
            loss = (networks(images).float() - images).square().mean()
        loss.backward()
        gradients.append(torch.cat([p.grad.flatten() for p in networks.parameters()]))
    assert torch.linalg.vector_norm(gradients[1] - gradients[0]) < 0.2 * gradients[0].norm()


class TestTasks:
    images = np.random.default_rng(0).uniform(-1, 1, (40, 3, 24, 24)).astype(np.float32)

    def asked(self, task):
        return given_images(self.images, task, noise=0.5, dropped=0.8, seed=1)

    @pytest.mark.parametrize("task", TASKS)
    def test_the_same_seed_gives_the_same(self, task):
        assert self.asked(task).shape == self.images.shape
        np.testing.assert_array_equal(self.asked(task), self.asked(task))

    def test_what_is_given(self):
        assert self.asked("reconstruct") is self.images
        noisy = given_images(0 * self.images, "denoise", noise=0.2, dropped=0, seed=1)
        assert noisy.std() == pytest.approx(0.2, rel=0.02)
        black = (self.asked("inpaint") == -1).all(axis=1)
        assert black.mean() == pytest.approx(0.8, abs=0.02)
        kept = np.broadcast_to(~black[:, None], self.images.shape)
        np.testing.assert_array_equal(self.asked("inpaint")[kept], self.images[kept])
        grey = self.asked("recolour")
        np.testing.assert_array_equal(grey[:, 0], grey[:, 2])
        white = np.ones((1, 3, 8, 8), np.float32)
        np.testing.assert_allclose(
            given_images(white, "recolour", noise=0, dropped=0, seed=0), white, rtol=1e-6
        )


class TestTraining:
    def test_the_divergence_is_that_of_normal_distributions(self):
        random = torch.Generator().manual_seed(0)
        mean, log_sigma = torch.randn(2, 6, 5, generator=random, dtype=torch.float64)
        normal = torch.distributions.Normal
        expected = torch.distributions.kl_divergence(normal(mean, log_sigma.exp()), normal(0.0, 1.0)).sum(1)
        torch.testing.assert_close(divergence_from_normal(mean, log_sigma), expected)

    def test_signal_to_noise_is_that_of_scikit_image(self):
        from skimage.metrics import peak_signal_noise_ratio

        clean, noisy = np.random.default_rng(0).uniform(-1, 1, (2, 3, 1, 8, 8))
        got = signal_to_noise(torch.from_numpy(noisy), torch.from_numpy(clean))
        expected = [peak_signal_noise_ratio(*pair, data_range=2) for pair in zip(clean, noisy, strict=True)]
        np.testing.assert_allclose(got, expected)

    @pytest.mark.parametrize("overrides", [(), ("autoencoder.task=inpaint",)])
    def test_it_learns(self, tmp_path, digits, overrides):
        profile = tiny("autoencoder.epochs=12", "autoencoder.learning_rate=0.01", *overrides)
        losses, measures = [], []
        for event in train(tmp_path, digits, profile):
            match event:
                case StepDone(stage="autoencoder"):
                    losses.append(event.losses)
                case EpochDone(stage="autoencoder"):
                    measures.append(event.measures)
        assert losses[-1]["cross_entropy"] < 0.8 * losses[0]["cross_entropy"]
        assert measures[-1]["psnr_mean"] > measures[0]["psnr_mean"] + 1
        assert ("psnr_given" in measures[-1]) == bool(overrides)

    @pytest.mark.parametrize("stop_after", [20, 33])
    def test_a_resumed_run_ends_at_the_same_weights(self, tmp_path, digits, run, stop_after):
        control, steps = Control(), 0
        for event in train(tmp_path, digits, tiny(), control=control):
            steps += isinstance(event, StepDone)
            if steps == stop_after:
                control.cancel()
        assert isinstance(event, Cancelled)
        assert isinstance(list(train(tmp_path, digits, tiny(), resume=True))[-1], RunDone)
        for stage in ("classifier", "autoencoder"):
            expected, got = (load_file(checkpoint_file(place, stage)) for place in (run, tmp_path))
            assert all(torch.equal(expected[name], got[name]) for name in expected)

    def test_its_folder_tells_it(self, run):
        shown = RunReader(run).details()
        assert shown.summary.state == "finished"
        assert [stage.stage for stage in shown.summary.stages] == ["classifier", "autoencoder"]
        assert all(stage.state == "done" for stage in shown.summary.stages)
        assert {"cross_entropy", "kl", "psnr_mean"} <= {curve.name for curve in shown.curves}
        assert all(curve.title[0].isupper() or curve.title[0] in "⟨μ" for curve in shown.curves)
        assert "autoencoder.psnr_mean" in shown.summary.results
        assert {difference.key for difference in shown.summary.differences} >= {"autoencoder.widths"}

    def test_its_pictures(self, run, tmp_path, digits):
        frame = load_frame(frame_file(run, "autoencoder", stored_frames(run, "autoencoder")[-1]))
        assert [group.title for group in frame.groups] == ["data", "encoded", "random"]
        list(train(tmp_path, digits, tiny("autoencoder.task=denoise", profile="autoencoder")))
        frame = load_frame(frame_file(tmp_path, "autoencoder", 0))
        assert [group.title for group in frame.groups] == ["data", "given", "encoded"]

    def test_a_variational_twin_takes_the_classifier_over(self, run):
        assert reusable_stages(run, tiny(profile="autoencoder")) == ("classifier",)
        assert reusable_stages(run, tiny()) == ("classifier", "autoencoder")

    def test_a_trial_says_what_each_stage_takes(self, digits):
        estimating = estimate_in_steps(
            plan_training(TrainingSettings(profile="autoencoder", overrides=TINY)), digits
        )
        told = []
        while True:
            try:
                told.append(next(estimating).stage)
            except StopIteration as finished:
                found = finished.value
                break
        assert told == ["classifier", "autoencoder"]
        assert found.steps == {"classifier": 16, "autoencoder": 24}
        assert all(seconds > 0 for seconds in found.seconds_by_stage.values())
        assert "an epoch" in found.sentence

    def test_a_stage_that_it_does_not_have(self):
        asked = TrainingSettings(profile="autoencoder", stages=("gan",))
        with pytest.raises(StudioError, match="no stage gan: choose among classifier, autoencoder"):
            plan_training(asked)

    def test_grey_images_have_no_colours(self, tmp_path, digits):
        with pytest.raises(StudioError, match="these are grey"):
            list(train(tmp_path / "run", digits, tiny("autoencoder.task=recolour")))
        assert not (tmp_path / "run").exists()


class TestBundle:
    def test_what_is_trained_comes_back(self, run, digits):
        opened = open_autoencoder(run)
        manifest = opened.manifest
        assert (manifest.latent_dimensions, manifest.image_shape) == (3, (1, 8, 8))
        assert (manifest.is_variational, manifest.task) == (True, "reconstruct")
        assert [stage.name for stage in manifest.stages] == ["classifier", "autoencoder"]
        assert opened.profile == tiny()
        kept = load_file(checkpoint_file(run, "autoencoder"))
        for name, tensor in opened.decoder.state_dict().items():
            assert torch.equal(tensor, kept[f"average/module.decoder.{name}"])

    def test_as_a_coder(self, run, digits):
        opened, coder = open_autoencoder(run), load_coder(run)
        images = scale_pixels(digits.images)
        mean, log_sigma = coder.encode(images)
        with torch.no_grad():
            expected = opened.encoder(torch.from_numpy(images))
        np.testing.assert_allclose(mean, expected[0], atol=1e-5)
        np.testing.assert_allclose(log_sigma, expected[1], atol=1e-5)
        np.testing.assert_allclose(coder.encode(digits.images)[0], mean, atol=1e-5)
        decoded, features = coder.decode(mean), coder.features(images)
        assert decoded.shape == images.shape
        assert features.shape == (len(images), 32)
        last = opened.classifier.layers[-1]
        logits = torch.from_numpy(features) @ last.weight.T + last.bias
        np.testing.assert_allclose(coder.classify(images), logits.softmax(1), atol=1e-5)
        assert coder.encode(images[:0])[0].shape == (0, 3)
        assert coder.name == run.name
        assert coder.provenance == "variational autoencoder whole, trained on small digits to reconstruct"

    def test_a_bundle_as_a_coder(self, save_small_bundle, tmp_path):
        path = save_small_bundle(tmp_path / "small")
        coder, networks = load_coder(path), open_bundle(path).networks
        images = np.random.default_rng(1).uniform(-1, 1, (3, 1, 8, 8)).astype(np.float32)
        mean, _ = networks.encode(images)
        np.testing.assert_array_equal(coder.encode(images)[0], mean)
        np.testing.assert_array_equal(coder.decode(mean), networks.decode(mean))
        assert (coder.is_variational, coder.label_names) == (True, ("left", "right"))

    def test_each_kind_says_what_it_is(self, run, save_small_bundle, tmp_path):
        with pytest.raises(StudioError, match="is an autoencoder, which has no generator"):
            open_bundle(run)
        with pytest.raises(StudioError, match="is a bundle of generator, encoder and quasi-eigenbasis"):
            open_autoencoder(save_small_bundle(tmp_path / "small"))


def change_manifest(bundle: Path, **fields: object) -> None:
    file = bundle / "manifest.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **fields}))


def replace_listed(bundle: Path, name: str, content: bytes) -> None:
    (bundle / name).write_bytes(content)
    files = json.loads((bundle / "manifest.json").read_text())["files"]
    files[name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    change_manifest(bundle, files=files)


@pytest.fixture
def bundle(run, tmp_path) -> Path:
    return Path(shutil.copytree(run / "bundle", tmp_path / "bundle"))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda b: (b / "decoder.safetensors").write_bytes(b"short"), "size: expected the"),
        (lambda b: (b / "encoder.safetensors").unlink(), "encoder.safetensors is missing"),
        (lambda b: (b / "manifest.json").write_text("{"), "expected JSON text"),
        (lambda b: change_manifest(b, format="another"), 'expected "lsd-studio-autoencoder"'),
        (lambda b: change_manifest(b, format_version=99), "please update LSD Studio"),
        (
            lambda b: change_manifest(b, latent_dimensions=4),
            "field autoencoder.latent_dimensions: expected 4",
        ),
        (lambda b: change_manifest(b, is_variational=False), "field autoencoder.kl_weight above 0"),
        (lambda b: change_manifest(b, image_shape=[1, 28, 28]), "encoder.safetensors, tensor mean.weight"),
        (lambda b: change_manifest(b, surprise=1), "field surprise"),
        (lambda b: change_manifest(b, files={}), "files must list"),
        (
            lambda b: replace_listed(b, "decoder.safetensors", b"no tensors"),
            "expected the safetensors format",
        ),
        (
            lambda b: replace_listed(b, "profile.toml", b"name = 'x'"),
            "expected the settings of an autoencoder",
        ),
    ],
)
def test_what_is_broken_is_refused_in_one_sentence(bundle, damage, sentence):
    damage(bundle)
    with pytest.raises(StudioError) as refused:
        open_autoencoder(bundle)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)
