"""Generators that were trained with codes other than N(0, I): what reaches them, what is drawn, what a bundle keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import scipy.special
import scipy.stats
import torch
from onnx import helper, numpy_helper

from lsd_studio.engine.autoencoders.coders import coder_of
from lsd_studio.engine.basis.latent_sets import build_basis, draw_latents
from lsd_studio.engine.basis.variant import own_basis, save_with_basis
from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.datasets import hold_out
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.generator.path_length import random_pairs
from lsd_studio.engine.evaluation.generator.sets import sample_codes
from lsd_studio.engine.exchange.adoption import Given
from lsd_studio.engine.exchange.archives import import_archive, write_archive
from lsd_studio.engine.exchange.standard_codes import StandardCodes, standard_codes
from lsd_studio.engine.latent.statistics.samplers import samplers_for
from lsd_studio.engine.models.prior import Prior, PriorRecord
from lsd_studio.engine.vocabulary import USUAL_EXTENTS
from tests.engine.small_networks import LATENT_DIMENSIONS, small_images, small_networks
from tests.engine.test_onnx import dense, exported, made, original

__all__ = ["exported", "original"]  # fixtures

M = 6
RANDOM = np.random.default_rng(0)
Z = RANDOM.standard_normal((500, M)).astype(np.float32)


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """Codes of a space like W: skewed, correlated, far from 0."""
    mixed = np.random.default_rng(1).standard_normal((M, M))
    codes = np.random.default_rng(2).exponential(size=(400, M)) @ mixed + 5
    np.save(tmp_path / "w.npy", codes.astype(np.float32))
    return tmp_path / "w.npy"


def run(model: bytes, given: np.ndarray) -> list[np.ndarray]:
    onnx.checker.check_model(onnx.load_model_from_string(model), full_check=True)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: given})


def unchanged(shape: Sequence[int | str], opset: int) -> bytes:
    """A generator that gives its codes."""
    nodes = [helper.make_node("Flatten", ["z"], ["codes"], axis=1)]
    model = dense([], [], given=shape, outputs={"codes": [shape[0], M]}, nodes=nodes, opset=opset)
    return model.SerializeToString()


@pytest.mark.parametrize(("kind", "stated"), [("uniform", "uniform:-1,1"), ("sphere", f"sphere:{M**0.5}")])
def test_what_is_not_said_of_a_prior_is_what_can_be_said(kind: str, stated: str) -> None:
    records = {
        standard_codes(asked, M, 0).prior.record for asked in (kind, f"{kind}:{USUAL_EXTENTS[kind]}", stated)
    }
    assert len(records) == 1


@pytest.mark.parametrize("opset", [9, 18])
@pytest.mark.parametrize("shape", [("N", M), ("N", M, 1, 1)])
@pytest.mark.parametrize(
    ("asked", "low", "high"), [("uniform", -1, 1), ("uniform:3", -3, 3), ("uniform:0,1", 0, 1)]
)
def test_codes_of_an_interval_are_uniform_on_it(
    asked: str, low: float, high: float, shape: tuple[int | str, ...], opset: int
) -> None:
    codes = standard_codes(asked, M, seed=0)
    (found,) = run(codes.generator(unchanged(shape, opset), M, "G"), Z)
    np.testing.assert_allclose(found, low + (high - low) * scipy.stats.norm.cdf(Z), atol=1e-6 * (high - low))
    assert scipy.stats.kstest(found.ravel(), "uniform", (low, high - low)).pvalue > 0.01
    (extreme,) = run(codes.generator(unchanged(shape, opset), M, "G"), np.full((1, M), 40, np.float32))
    np.testing.assert_allclose(extreme, high)


@pytest.mark.parametrize(("asked", "radius"), [("sphere", np.sqrt(M)), ("sphere:1", 1.0)])
def test_codes_of_a_sphere_have_its_radius_and_all_directions(asked: str, radius: float) -> None:
    (found,) = run(standard_codes(asked, M, seed=0).generator(unchanged(("N", M), 9), M, "G"), Z)
    np.testing.assert_allclose(
        found, radius * Z / np.linalg.norm(Z, axis=1, keepdims=True), rtol=1e-5, atol=1e-6
    )


def test_codes_known_by_samples_are_those_samples(samples: Path) -> None:
    stored = np.load(samples)
    codes = standard_codes(str(samples), M, seed=0)
    kept = codes.prior.samples
    assert kept is not None
    np.testing.assert_allclose(kept.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(np.cov(kept, rowvar=False, ddof=0), np.eye(M), atol=1e-4)
    (found,) = run(codes.generator(unchanged(("N", M), 9), M, "G"), kept)
    np.testing.assert_allclose(found, stored, rtol=1e-4, atol=1e-4)
    drawn = codes.prior.draw(1000, M, np.random.default_rng(0))
    assert {row.tobytes() for row in drawn} <= {row.tobytes() for row in kept}
    np.testing.assert_array_equal(codes.prior.draw(7, M, np.random.default_rng(0)), drawn[:7])


def test_of_more_samples_than_fit_some_are_kept(samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lsd_studio.engine.exchange.standard_codes.MOST_NUMBERS", 100 * M)
    one, again, other = (standard_codes(str(samples), M, seed=seed).prior for seed in (0, 0, 1))
    assert one.record == PriorRecord(kind="samples", samples=100)
    np.testing.assert_array_equal(one.samples, again.samples)
    assert not np.array_equal(one.samples, other.samples)


def gives_constants(mean: np.ndarray, log_sigma: np.ndarray) -> bytes:
    """An encoder of as many images as rows, which gives them."""
    nodes = [
        helper.make_node("ReduceMean", ["z"], ["nothing"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Mul", ["nothing", "zero"], ["none"]),
        helper.make_node("Unsqueeze", ["none"], ["column"], axes=[1]),
        helper.make_node("Add", ["column", "means"], ["mean"]),
        helper.make_node("Add", ["column", "spreads"], ["log_sigma"]),
    ]
    shape = [len(mean), M]
    return dense(
        ["zero", "means", "spreads"],
        [np.float32(0), mean.astype(np.float32), log_sigma.astype(np.float32)],
        given=[len(mean), 1, 2, 2],
        outputs={"mean": shape, "log_sigma": shape},
        nodes=nodes,
        opset=9,
    ).SerializeToString()


def encoded(codes: StandardCodes, mean: np.ndarray, log_sigma: np.ndarray) -> list[np.ndarray]:
    model = codes.encoder(gives_constants(mean, log_sigma), M, "E")
    return run(model, np.zeros((len(mean), 1, 2, 2), np.float32))


def test_an_encoder_of_an_interval_gives_z() -> None:
    mean = 5 * scipy.stats.norm.cdf(Z)
    found, spread = encoded(standard_codes("uniform:0,5", M, seed=0), mean, np.full_like(mean, -4))
    np.testing.assert_allclose(found, Z, atol=2e-3)
    slope = 5 * scipy.stats.norm.pdf(Z)
    np.testing.assert_allclose(spread, np.minimum(-4 - np.log(slope), 0), atol=5e-3)
    beyond, widest = encoded(
        standard_codes("uniform:0,5", M, seed=0), np.array([[-9.0, 9, 5, 0, 2.5, 7]]), Z[:1]
    )
    np.testing.assert_allclose(
        beyond, scipy.special.ndtri([[5e-7, 1 - 5e-7, 1 - 5e-7, 5e-7, 0.5, 1 - 5e-7]]), atol=0.02
    )
    assert (widest <= 0).all()


def test_an_encoder_of_a_sphere_gives_z_of_the_usual_length() -> None:
    mean = 0.1 * Z
    found, spread = encoded(standard_codes("sphere:0.3", M, seed=0), mean, np.full_like(mean, -5))
    length = np.linalg.norm(mean, axis=1, keepdims=True)
    np.testing.assert_allclose(found, mean * np.sqrt(M) / length, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(spread, np.minimum(-5 + np.log(np.sqrt(M) / length), 0) + 0 * mean, atol=1e-4)


def test_an_encoder_of_samples_gives_their_standard_codes(samples: Path) -> None:
    codes = standard_codes(str(samples), M, seed=0)
    stored, sigma = np.load(samples)[:50], np.exp(np.linspace(-3, 0, M))
    found, spread = encoded(codes, stored, np.log(sigma) + 0 * stored)
    np.testing.assert_allclose(found, codes.prior.samples[:50], atol=1e-3)
    inverse = np.linalg.inv(codes.root)
    expected = np.sqrt(np.diag(inverse @ np.diag(sigma**2) @ inverse.T))
    np.testing.assert_allclose(np.exp(spread), np.broadcast_to(expected, spread.shape), rtol=1e-4)


def only_in_the_box(generator: Path, to: Path, scale: float) -> Path:
    """The generator of u in [−1, 1], as G(scale · u), which gives no numbers for any u outside of it."""
    model = onnx.load(generator)
    name = model.graph.input[0].name
    nodes = [
        helper.make_node("Mul", ["u", "u"], ["squared"]),
        helper.make_node("Sub", ["one", "squared"], ["room"]),
        helper.make_node("Sqrt", ["room"], ["root"]),
        helper.make_node("Mul", ["root", "zero"], ["nothing"]),
        helper.make_node("Mul", ["u", "scale"], ["scaled"]),
        helper.make_node("Add", ["scaled", "nothing"], [name]),
    ]
    for weight, number in (("one", 1 + 1e-6), ("zero", 0), ("scale", scale)):
        model.graph.initializer.append(numpy_helper.from_array(np.float32(number), weight))
    model.graph.input[0].name = "u"
    layers = [*nodes, *(onnx.NodeProto.FromString(node.SerializeToString()) for node in model.graph.node)]
    del model.graph.node[:], model.graph.value_info[:]
    model.graph.node.extend(layers)
    onnx.save(model, to)
    return to


def scaled_means(encoder: Path, to: Path, scale: float) -> Path:
    """The encoder that belongs to it: means / scale, σ / scale."""
    model = onnx.load(encoder)
    for node in model.graph.node:
        node.output[:] = [f"their {each}" if each in ("mean", "log_sigma") else each for each in node.output]
    for output, operator, number in (("mean", "Div", scale), ("log_sigma", "Sub", np.log(scale))):
        model.graph.initializer.append(numpy_helper.from_array(np.float32(number), f"of {output}"))
        model.graph.node.append(helper.make_node(operator, [f"their {output}", f"of {output}"], [output]))
    onnx.save(model, to)
    return to


def test_a_basis_of_a_uniform_prior_uses_only_codes_in_the_box(exported: Path, tmp_path: Path) -> None:
    generator = only_in_the_box(exported / "generator.onnx", tmp_path / "g.onnx", 2.5)
    (outside,) = run(generator.read_bytes(), np.full((1, LATENT_DIMENSIONS), 1.5, np.float32))
    assert np.isnan(outside).all()
    encoder = scaled_means(exported / "encoder.onnx", tmp_path / "e.onnx", 2.5)

    adopted = made(Given(generator, encoder, exported / "classifier.onnx", "uniform"), tmp_path / "box")

    assert adopted.taken[0].startswith(
        "The codes of g.onnx are uniform on [-1, 1]: they are counted as z here"
    )
    assert adopted.reconstruction_accuracy > 0.5
    bundle = open_bundle(adopted.bundle)
    assert bundle.manifest.prior == PriorRecord(kind="uniform", low=-1, high=1)
    assert bundle.manifest.format_version == 4
    seen: list[torch.Tensor] = []
    bundle.networks.generator.register_forward_hook(lambda module, given, images: seen.append(images))
    again = build_basis(
        bundle.networks,
        hold_out(small_images("train", 900))[0],
        bundle.profile.basis,
        bundle.manifest.seeds["basis"],
    )
    np.testing.assert_allclose(again.xi_, bundle.basis.xi_, atol=1e-6)
    bundle.networks.decode(np.concatenate([again.eta_, again.xi_, 3 * again.xi_]))
    assert sum(map(len, seen)) > 1000
    assert all(bool(torch.isfinite(images).all()) for images in seen)

    z = np.random.default_rng(0).standard_normal((20, LATENT_DIMENSIONS)).astype(np.float32)
    expected = small_networks().decode(2.5 * (2 * scipy.stats.norm.cdf(z) - 1))
    np.testing.assert_allclose(bundle.networks.decode(z), expected, atol=1e-3)

    saved = save_with_basis(bundle, own_basis(bundle), tmp_path / "saved")
    assert open_bundle(tmp_path / "saved").manifest.prior == saved.manifest.prior == bundle.manifest.prior


def test_a_bundle_keeps_the_samples_of_its_prior(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The small generator's own codes of images, as if they were all that is known of its space."""
    data = small_images("train", 900)
    codes = small_networks().encode(data.images.astype(np.float32) / 127.5 - 1)[0]
    np.save(tmp_path / "w.npy", codes)
    files = (exported / f"{role}.onnx" for role in ("generator", "encoder", "classifier"))

    adopted = made(Given(*files, str(tmp_path / "w.npy")), tmp_path / "known")

    bundle = open_bundle(adopted.bundle)
    networks, kept = bundle.networks, bundle.networks.prior.samples
    assert kept is not None
    assert kept.shape == (900, LATENT_DIMENSIONS)
    np.testing.assert_allclose(networks.decode(kept[:50]), small_networks().decode(codes[:50]), atol=5e-3)
    images = data.images[:50].astype(np.float32) / 127.5 - 1
    np.testing.assert_allclose(networks.encode(images)[0], kept[:50], atol=5e-3)
    rows = {row.tobytes() for row in kept}
    drawn = next(draw_latents(networks, data, "random", 0)).numpy()
    for codes_drawn in (
        drawn,
        sample_codes(30, networks, 0),
        networks.random_codes(30, np.random.default_rng(0)),
    ):
        assert {row.tobytes() for row in codes_drawn} <= rows
    here, _ = random_pairs(2000, LATENT_DIMENSIONS, np.random.default_rng(0), networks.prior)
    np.testing.assert_allclose(here.var(axis=0), 1, atol=0.3)
    assert "900 samples" in networks.prior.in_words
    coder = coder_of(bundle)
    assert coder.provenance.endswith("trained on mnist, codes known by 900 samples")
    assert all(each.kind != "prior" for each in samplers_for(LATENT_DIMENSIONS, coder.has_normal_prior))
    monkeypatch.setenv("LSD_STUDIO_DATA", str(tmp_path / "home"))
    write_archive(bundle, tmp_path / "shared.zip")
    assert open_bundle(import_archive(tmp_path / "shared.zip")[0]).hash == bundle.hash
    (adopted.bundle / "prior.safetensors").write_bytes(b"changed")
    with pytest.raises(StudioError, match=r"prior\.safetensors, size: expected"):
        open_bundle(adopted.bundle)


def test_an_encoder_is_trained_for_a_generator_of_the_sphere(exported: Path, tmp_path: Path) -> None:
    given = Given(exported / "generator.onnx", classifier=exported / "classifier.onnx", prior="sphere")
    adopted = made(given, tmp_path / "sphere")
    assert adopted.trained == ("encoder",)
    assert adopted.reconstruction_accuracy > 0.3
    networks = open_bundle(adopted.bundle).networks
    z = np.random.default_rng(0).standard_normal((20, LATENT_DIMENSIONS)).astype(np.float32)
    np.testing.assert_allclose(networks.decode(z), networks.decode(3 * z), atol=1e-3)
    assert "on the sphere of radius 5.477" in networks.prior.in_words


def test_a_normal_prior_draws_what_was_drawn_before() -> None:
    random, again = np.random.default_rng(3), np.random.default_rng(3)
    networks = replace(small_networks(), prior=Prior())
    expected = again.standard_normal((9, LATENT_DIMENSIONS), dtype=np.float32)
    np.testing.assert_array_equal(networks.random_codes(9, random), expected)
    assert networks.prior.in_words == "z ~ N(0, I)"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("uniform:1,0", "low must be less than high"),
        ("uniform:1,2,3", "cannot be read: write it as"),
        ("uniform:nan", "expected a finite number"),
        ("uniform:inf", "expected a finite number"),
        ("sphere:0", "radius: expected a number above 0"),
        ("sphere:one", "cannot be read: write it as"),
        ("normal:2", "is neither normal, uniform, sphere nor a file of codes"),
        ("gone.npy", "is neither normal, uniform, sphere nor a file of codes"),
    ],
)
def test_what_is_no_prior_is_refused(asked: str, sentence: str) -> None:
    with pytest.raises(StudioError, match=sentence):
        standard_codes(asked, M, seed=0)


@pytest.mark.parametrize(
    ("codes", "sentence"),
    [
        (np.zeros((100, M + 1), np.float32), "holds codes of 7 numbers, and the generator takes 6"),
        (
            RANDOM.standard_normal((59, M)),
            "holds 59 codes of 6 numbers; a prior is known by 60 of them or more",
        ),
        (np.full((100, M), np.nan), "finite"),
        (np.repeat(RANDOM.standard_normal((100, 1)), M, 1), "do not vary along some direction"),
    ],
)
def test_samples_that_tell_no_prior_are_refused(tmp_path: Path, codes: Any, sentence: str) -> None:
    np.save(tmp_path / "w.npy", codes)
    with pytest.raises(StudioError, match=sentence):
        standard_codes(str(tmp_path / "w.npy"), M, seed=0)


@pytest.mark.parametrize(
    "stated",
    [
        {"kind": "uniform", "low": 0},
        {"kind": "sphere"},
        {"kind": "sphere", "radius": 1, "low": 0},
        {"kind": "samples", "samples": 1},
        {"kind": "normal"},
    ],
)
def test_a_manifest_states_a_prior_wholly(stated: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"prior|Input should be"):
        PriorRecord.model_validate(stated)
