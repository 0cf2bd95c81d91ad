"""Fitted operators, their algebra and their files, against planted operators and closed forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from scipy.linalg import expm
from scipy.stats import ortho_group

from lsd_studio.engine.bundle import Bundle, open_bundle
from lsd_studio.engine.datasets import load_data_set
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.operators import store
from lsd_studio.engine.operators.algebra import compose, eigenvalues, invertible, orthogonal, power
from lsd_studio.engine.operators.fitted import fit_operator, relative_error, solve_operator
from lsd_studio.engine.operators.pairs import (
    files_in_sequence,
    files_paired_by_name,
    match_apart,
    slant,
    thickness,
)
from lsd_studio.engine.operators.planes import matrix_of, rotate, transport
from lsd_studio.engine.operators.store import (
    Operator,
    load_operator,
    load_operators,
    remove_operator,
    save_operator,
)
from lsd_studio.engine.vocabulary import Method

SaveBundle = Callable[[Path], Path]


def planted_rotation(dimensions: int, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed).standard_normal((dimensions, dimensions))
    rotation: np.ndarray = expm(0.3 * (generator - generator.T) / np.sqrt(dimensions))
    return rotation


@given(st.integers(2, 12), st.integers(0, 50))
@settings(max_examples=8, deadline=None)
def test_procrustes_recovers_a_planted_rotation(dimensions: int, seed: int) -> None:
    planted = ortho_group.rvs(dimensions, random_state=seed)
    before = np.random.default_rng(seed).standard_normal((6 * dimensions, dimensions))

    fit = fit_operator(before, before @ planted.T, "orthogonal", seed=seed)

    np.testing.assert_allclose(fit.matrix, planted, atol=1e-6)
    assert orthogonal(fit.matrix)
    assert fit.held_out_error < 1e-12
    assert fit.notes == ()


@given(st.integers(2, 10), st.integers(0, 50))
@settings(max_examples=8, deadline=None)
def test_least_squares_recovers_a_planted_matrix(dimensions: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    planted = random.standard_normal((dimensions, dimensions))
    before = random.standard_normal((8 * dimensions, dimensions))

    fit = fit_operator(before, before @ planted.T, "least squares", seed=seed)

    np.testing.assert_allclose(fit.matrix, planted, atol=1e-5)
    assert fit.pairs + len(fit.held_out) == len(before)


def test_least_squares_is_the_normal_equation_and_procrustes_the_best_of_many_turns() -> None:
    random = np.random.default_rng(0)
    before, after = random.standard_normal((2, 40, 6))

    matrix = solve_operator(before, after, "least squares", 0.0)
    turn = solve_operator(before, after, "orthogonal", 0.0)

    np.testing.assert_allclose(matrix, np.linalg.lstsq(before, after, rcond=None)[0].T, atol=1e-10)
    nearby = [turn @ expm(0.05 * (a - a.T)) for a in random.standard_normal((200, 6, 6))]
    best = relative_error(turn, before, after)
    assert all(relative_error(other, before, after) > best for other in nearby)


@pytest.mark.parametrize("method", ["least squares", "orthogonal"])
def test_what_few_pairs_say_nothing_of_is_left_alone(method: Method) -> None:
    random = np.random.default_rng(1)
    before = np.zeros((8, 30))
    before[:, :3] = random.standard_normal((8, 3))
    planted = np.eye(30)
    planted[:3, :3] = planted_rotation(3, 4)

    fit = fit_operator(before, before @ planted.T, method)

    np.testing.assert_allclose(fit.matrix, planted, atol=1e-6)
    assert fit.pairs < len(fit.matrix)


def test_simpler_answers_are_told_beside_the_fit() -> None:
    random = np.random.default_rng(6)
    before, labels = random.standard_normal((60, 4)), np.arange(60) % 3
    moves = random.standard_normal((3, 4))

    alike = fit_operator(before, before + moves[0])
    of_labels = fit_operator(before, before + moves[labels], labels=labels)

    assert alike.method == "least squares"
    assert alike.shift_error < 1e-12 < alike.identity_error
    assert alike.label_shift_error is None
    assert of_labels.label_shift_error is not None
    assert of_labels.label_shift_error < 1e-12 < of_labels.shift_error
    held_out = of_labels.held_out
    found = before[held_out] + np.delete(moves[labels], held_out, axis=0).mean(axis=0)
    after = (before + moves[labels])[held_out]
    assert of_labels.shift_error == pytest.approx(((found - after) ** 2).sum() / (after**2).sum())


def test_noise_is_not_learned_by_heart() -> None:
    random = np.random.default_rng(2)
    before = random.standard_normal((100, 60))
    after = before + random.standard_normal((100, 60))

    fit = fit_operator(before, after, "least squares")

    assert fit.held_out_error < 1.1 * fit.identity_error
    assert fit.weight >= 0.3
    assert "ridge" in fit.notes[0]


def test_pairs_that_cannot_be_fitted_are_refused() -> None:
    codes = np.ones((6, 3))
    with pytest.raises(StudioError, match="at least 5 pairs, not 4"):
        fit_operator(codes[:4], codes[:4], "orthogonal")
    with pytest.raises(StudioError, match="as many codes before as after"):
        fit_operator(codes, codes[:5], "orthogonal")
    with pytest.raises(StudioError, match="not finite"):
        fit_operator(codes, np.full((6, 3), np.nan), "orthogonal")


def test_powers_of_a_rotation_are_rotations_by_that_part_of_its_angle() -> None:
    first, second = np.eye(4)[:2] * 2

    def turn(angle: float) -> np.ndarray:
        return matrix_of(lambda codes: rotate(first, second, angle, codes), 4)

    for exponent in (0.5, 1.0, 2.0, 3.5, -1.0, -0.25, 0.0):
        raised = power(turn(0.8), exponent)
        np.testing.assert_allclose(raised.matrix, turn(0.8 * exponent), atol=1e-12)
        assert raised.note == ""
    halves = power(planted_rotation(7, 0), 0.5).matrix
    np.testing.assert_allclose(halves @ halves, planted_rotation(7, 0), atol=1e-10)


def test_a_power_with_an_imaginary_part_says_so() -> None:
    mirror = np.diag([1.0, -1.0])

    half = power(mirror, 0.5)

    assert half.imaginary_share == pytest.approx(np.sqrt(0.5))
    assert "70.7 %" in half.note
    np.testing.assert_allclose(half.matrix, np.diag([1.0, 0.0]), atol=1e-12)
    np.testing.assert_allclose(power(mirror, 2).matrix, np.eye(2))


def test_the_transport_cannot_be_undone_and_the_rotation_can() -> None:
    first, second = np.eye(3)[:2]
    transported = matrix_of(lambda codes: transport(first, second, 0.5, 0.0, codes), 3)
    turned = matrix_of(lambda codes: rotate(first, second, 0.5, codes), 3)

    assert not invertible(transported)
    assert not orthogonal(transported)
    with pytest.raises(StudioError, match="cannot be undone"):
        power(transported, -1)
    np.testing.assert_allclose(power(turned, -1).matrix @ turned, np.eye(3), atol=1e-12)
    assert invertible(turned)


def test_composition_applies_the_first_operator_first() -> None:
    codes = np.random.default_rng(3).standard_normal((5, 4))
    first, second = np.random.default_rng(4).standard_normal((2, 4, 4))

    np.testing.assert_allclose(codes @ compose(first, second).T, codes @ first.T @ second.T)
    with pytest.raises(StudioError, match="different lengths"):
        compose(first, np.eye(3))
    with pytest.raises(StudioError, match="nothing to apply"):
        compose()


def test_eigenvalues_of_a_rotation_are_its_angles() -> None:
    first, second = np.eye(3)[:2]
    values = eigenvalues(matrix_of(lambda codes: rotate(first, second, 0.8, codes), 3))

    np.testing.assert_allclose(sorted(np.angle(values)), [-0.8, 0, 0.8], atol=1e-12)
    np.testing.assert_allclose(np.abs(eigenvalues(np.diag([1.0, 3.0, -2.0]))), [3, 2, 1])


def bars(width: int, lean: float) -> np.ndarray:
    picture = Image.new("L", (64, 64))
    reach = 20 * np.tan(np.radians(lean))
    ImageDraw.Draw(picture).line((32 - reach, 52, 32 + reach, 12), 255, width)
    return np.asarray(picture)[None]


def test_thickness_and_slant_of_drawn_bars() -> None:
    np.testing.assert_allclose(thickness(np.stack([bars(w, 0) for w in (3, 5, 9)])), (3, 5, 9), rtol=0.3)
    leaning = np.stack([bars(3, lean) for lean in (-30, 0, 15, 40)])
    np.testing.assert_allclose(slant(leaning), (-30, 0, 15, 40), atol=1.5)
    nothing = np.zeros((1, 1, 28, 28), np.uint8)
    assert np.isnan([*thickness(nothing), *slant(nothing)]).all()


@pytest.mark.parametrize(("measure", "measured"), [("thickness", thickness), ("slant", slant)])
def test_pairs_of_real_digits_are_of_one_label_and_far_apart(
    measure: str, measured: Callable[[np.ndarray], np.ndarray]
) -> None:
    data = load_data_set("mnist", "test").take(np.arange(300))
    values = measured(data.images)
    codes = data.images.reshape(300, -1).astype(np.float64)

    pairs = match_apart(values, codes, data.labels, measure)

    first, second = pairs.T
    np.testing.assert_array_equal(data.labels[first], data.labels[second])
    assert len({*first.tolist(), *second.tolist()}) == 2 * len(pairs) > 100
    for label in range(10):
        of_it = data.labels[first] == label
        assert values[first[of_it]].max() < values[second[of_it]].min()
    mixed = np.random.default_rng(0).permutation(second[data.labels[second] == 3])
    matched = second[data.labels[second] == 3]
    distance = np.linalg.norm(codes[first[data.labels[first] == 3]] - codes[matched], axis=1) ** 2
    by_chance = np.linalg.norm(codes[first[data.labels[first] == 3]] - codes[mixed], axis=1) ** 2
    assert distance.sum() <= by_chance.sum()


def test_pairs_of_files(tmp_path: Path) -> None:
    for folder, ending in (("before", "png"), ("after", "bmp")):
        (tmp_path / folder).mkdir()
        for name in ("b", "a"):
            Image.new("L", (8, 8)).save(tmp_path / folder / f"{name}.{ending}")

    assert [(a.name, b.name) for a, b in files_paired_by_name(tmp_path)] == [
        ("a.png", "a.bmp"),
        ("b.png", "b.bmp"),
    ]
    assert [(a.name, b.name) for a, b in files_in_sequence(tmp_path / "before")] == [("a.png", "b.png")]
    (tmp_path / "after" / "a.bmp").unlink()
    with pytest.raises(StudioError, match="a is in only one of"):
        files_paired_by_name(tmp_path)
    with pytest.raises(StudioError, match="at least two images"):
        files_in_sequence(tmp_path / "after")
    with pytest.raises(StudioError, match="missing or no folder"):
        files_in_sequence(tmp_path / "nowhere")


@pytest.fixture
def bundle(save_small_bundle: SaveBundle, tmp_path: Path) -> Bundle:
    return open_bundle(save_small_bundle(tmp_path / "small"))


def make_operator(name: str, seed: int = 0) -> Operator:
    return Operator(name, planted_rotation(4, seed), "orthogonal", "thin to thick", 80, 20, 0.1, 0.25, 0.5)


def test_operators_are_kept_in_their_bundle_and_found_again(bundle: Bundle) -> None:
    for name, seed in (("thick-1", 0), ("a lean_2", 1), ("thick-1", 2)):
        file = save_operator(bundle, make_operator(name, seed))
    assert file == bundle.path / "operators" / "thick-1.safetensors"

    found = load_operators(open_bundle(bundle.path))

    assert [operator.name for operator in found] == ["a lean_2", "thick-1"]
    np.testing.assert_array_equal(found[1].matrix, planted_rotation(4, 2))
    assert (found[1].pairs, found[1].held_out_error, found[1].description) == (80, 0.25, "thin to thick")
    remove_operator(bundle, "thick-1")
    with pytest.raises(StudioError, match=r"no operator 'thick-1' \(a lean_2\)"):
        load_operator(bundle, "thick-1")
    with pytest.raises(StudioError, match="could not be removed"):
        remove_operator(bundle, "thick-1")


@pytest.mark.parametrize(
    "name", ["", "../escape", "a/b", "a\\b", ".hidden", "Thick", "é", "a" * 61, "a ", "a\n"]
)
def test_names_that_are_no_names_are_refused(bundle: Bundle, name: str) -> None:
    for refuse in (lambda: save_operator(bundle, make_operator(name)), lambda: load_operator(bundle, name)):
        with pytest.raises(StudioError, match="cannot name an operator"):
            refuse()


def test_files_of_others_are_data_and_refused_in_a_sentence(bundle: Bundle, tmp_path: Path) -> None:
    file = save_operator(bundle, make_operator("good"))
    content = safetensors.numpy.load(file.read_bytes())

    def refused(with_: bytes, sentence: str) -> None:
        file.write_bytes(with_)
        with pytest.raises(StudioError, match=sentence):
            load_operator(bundle, "good")

    text = content["stated"].tobytes()

    def changed(old: bytes, new: bytes) -> bytes:
        assert old in text
        stated = np.frombuffer(text.replace(old, new), dtype=np.uint8)
        return safetensors.numpy.save({"matrix": content["matrix"], "stated": stated})

    refused(b"no operator", "expected an operator of LSD Studio")
    refused(changed(b'"good"', b'"evil"'), "field name: expected 'good', found 'evil'")
    refused(changed(b'"pairs":80', b'"pairs":-1'), "field pairs: expected at least ")
    refused(changed(b'"format":1', b'"format":2'), "field format")
    refused(changed(bundle.hash.encode(), b"0" * 64), "made with another bundle")
    refused(
        safetensors.numpy.save({"matrix": np.full((4, 4), np.nan), "stated": content["stated"]}),
        "finite float64",
    )
    refused(b"0" * 2**21, "size: expected at most")
    file.unlink()
    file.symlink_to(tmp_path / "outside")
    with pytest.raises(StudioError, match="is a link: expected a plain file"):
        load_operator(bundle, "good")
    file.unlink()
    (bundle.path / "operators").rmdir()
    (bundle.path / "operators").symlink_to(tmp_path)
    with pytest.raises(StudioError, match="no plain folder"):
        load_operators(bundle)


def test_operators_of_a_shipped_bundle_are_kept_in_the_users_folder(
    save_small_bundle: SaveBundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = open_bundle("mnist-studio")
    copy = open_bundle(save_small_bundle(tmp_path / "bundles" / "mnist-studio"))
    monkeypatch.setattr(store.platformdirs, "user_data_path", lambda *_, **__: tmp_path / "user")
    turn = replace(make_operator("mine"), matrix=np.eye(shipped.networks.latent_dimensions))

    file = save_operator(shipped, turn)

    assert file.is_relative_to(tmp_path / "user")
    assert not (shipped.path / "operators").exists()
    assert load_operator(shipped, "mine").name == "mine"
    assert save_operator(copy, make_operator("mine")).parent == copy.path / "operators"
