"""Operators from label to label: what each does to codes of Gaussians, and their comparison beside random ones."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lsd_studio.engine.api import Engine
from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis
from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.datasets import scale_pixels
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.operators.compared import Comparison, random_percentile
from lsd_studio.engine.operators.comparison import compare
from lsd_studio.engine.operators.label_operators import OPERATORS, LabelledCodes
from lsd_studio.engine.operators.planes import renormalise, rotate, transport
from lsd_studio.engine.operators.readers import PictureReader
from lsd_studio.engine.steps import Doing, finished
from tests.engine.small_networks import judged_networks, small_basis, small_images

LABELS, DIMENSIONS = 3, 6


@pytest.fixture(scope="module")
def known() -> LabelledCodes:
    """Codes of three Gaussians with means and covariances of their own."""
    random = np.random.default_rng(3)
    means = 3 * random.standard_normal((LABELS, DIMENSIONS))
    spreads = random.standard_normal((LABELS, DIMENSIONS, DIMENSIONS)) / 2
    labels = np.repeat(np.arange(LABELS), 400)
    noise = random.standard_normal((len(labels), DIMENSIONS))
    codes = means[labels] + np.einsum("nij,nj->ni", spreads[labels], noise)
    basis = QuasiEigenbasis.from_averages(random.standard_normal((DIMENSIONS, DIMENSIONS)), LABELS)
    return LabelledCodes(basis, codes, labels)


def moved(known: LabelledCodes, name: str, t: float = 1.0) -> np.ndarray:
    matrix, shift = OPERATORS[name].build(known, 0, 1)(t)
    return known.of(0) @ matrix.T + shift


@pytest.mark.parametrize("name", OPERATORS)
def test_each_begins_at_the_identity_and_moves_without_a_jump(known: LabelledCodes, name: str) -> None:
    np.testing.assert_allclose(moved(known, name, 0.0), known.of(0), atol=1e-9)
    steps = [moved(known, name, t) for t in np.linspace(0, 1, 101)]
    whole = np.abs(np.diff(steps, axis=0)).sum(axis=0).max()
    assert np.abs(np.diff(steps, axis=0)).max() < 0.03 * whole


def test_those_of_the_basis_are_the_papers_transport_and_the_true_rotation(known: LabelledCodes) -> None:
    first, second = known.basis.xi_[:2]
    np.testing.assert_allclose(
        moved(known, "transport"), transport(first, second, np.pi / 2, 0.0, known.of(0)), atol=1e-9
    )
    np.testing.assert_allclose(
        moved(known, "rotation_xi"), rotate(first, second, np.pi / 2, known.of(0)), atol=1e-9
    )
    eta = known.basis.eta_[:2] / np.linalg.norm(known.basis.eta_[:2], axis=1, keepdims=True)
    matrix, _ = OPERATORS["rotation_eta"].build(known, 0, 1)(1.0)
    np.testing.assert_allclose(matrix @ eta[0], eta[1], atol=1e-9)


def test_fitted_ones_do_what_they_are_named_after(known: LabelledCodes) -> None:
    source, target = known.means[:2]
    np.testing.assert_allclose(moved(known, "mean_difference").mean(axis=0), target)
    gaussian = moved(known, "gaussian_transport")
    np.testing.assert_allclose(gaussian.mean(axis=0), target)
    matrix, _ = OPERATORS["gaussian_transport"].build(known, 0, 1)(1.0)
    np.testing.assert_allclose(matrix @ known.covariance(0) @ matrix.T, known.covariance(1), atol=1e-8)

    erase, _ = OPERATORS["label_switch"].build(known, 0, 1)(1.0)
    np.testing.assert_allclose(known.means @ erase.T - known.means[0] @ erase.T, 0, atol=1e-9)
    np.testing.assert_allclose(moved(known, "label_switch").mean(axis=0), target)

    turned, _ = OPERATORS["procrustes"].build(known, 0, 1)(1.0)
    np.testing.assert_allclose(turned @ turned.T, np.eye(DIMENSIONS), atol=1e-9)
    for name in ("lda_normal", "svm_normal"):
        _, shift = OPERATORS[name].build(known, 0, 1)(1.0)
        along = shift / np.linalg.norm(shift)
        assert (source + shift) @ along == pytest.approx(target @ along)


def test_few_codes_of_a_label_are_refused(known: LabelledCodes) -> None:
    with pytest.raises(StudioError, match="the label 2 has 4"):
        LabelledCodes(known.basis, known.codes[:804], known.labels[:804])


def test_an_operator_that_is_random_itself_clears_the_random_ones_in_one_case_of_a_hundred() -> None:
    shares = np.random.default_rng(0).random((4000, 201))
    cleared = np.mean([each[0] > random_percentile(each[1:]) for each in shares])
    assert cleared == pytest.approx(2 / 201, abs=0.006)


def test_operators_are_compared_on_test_images(bundle_with_images: Path, engine: Engine) -> None:
    opened = engine.bundles.open(bundle_with_images).result()
    steps: list[Doing | Comparison] = []
    found = engine.label_operators.compare(opened.data_set, seed=1).result(steps.append)
    compared = found.comparison
    assert not found.not_stored

    assert [operator.name for operator in compared.operators] == list(OPERATORS)
    assert (compared.pairs, compared.images, compared.fitted_on) == (((0, 1), (1, 0)), 8, 60)
    assert (compared.draws, compared.images_a_draw) == (200, 8)
    for operator in compared.operators:
        (arrival,) = operator.arrivals.values()
        assert 0 <= arrival.random_mean <= arrival.random_percentile <= 1
        assert arrival.reached.low <= arrival.reached.value <= arrival.reached.high
        assert operator.clears_random == (arrival.reached.value > arrival.random_percentile)
        least = arrival.least_pair
        assert (least.source, least.target) in compared.pairs
        assert least.reached.value <= arrival.reached.value
        assert least.reached.count <= arrival.reached.count
        assert set(operator.style) == set(operator.random_style) == {"slant", "ink", "width", "height"}
        assert {len(draws) for draws in (arrival.random, *operator.random_style.values())} == {200}
    assert compared.operators[0].arrivals["classifier"].reached.count <= 4
    assert any("no judge" in note for note in compared.notes)
    doing = {step.what for step in steps if isinstance(step, Doing)}
    assert doing >= {"comparing: rotation by ξ", "comparing: normal of LDA"}
    parts = [len(step.operators) for step in steps if isinstance(step, Comparison)]
    assert parts == list(range(1, len(OPERATORS) + 1))
    again = engine.label_operators.compare(opened.data_set, seed=1).result().comparison
    assert again.content == compared.content


def test_a_comparison_is_stored_beside_its_bundle_until_something_changes(
    bundle_with_images: Path, engine: Engine
) -> None:
    opened = engine.bundles.open(bundle_with_images).result()
    assert engine.label_operators.compared(opened.data_set).result() is None
    compared = engine.label_operators.compare(opened.data_set).result().comparison
    (file,) = (bundle_with_images / "evaluations").glob("operators-*.json")
    known = engine.label_operators.compared(opened.data_set).result()
    assert repr(known) == repr(compared)  # NaN is not equal to itself
    steps: list[Doing | Comparison] = []
    call = engine.label_operators.compare(opened.data_set, stored=True)
    assert repr(call.result(steps.append).comparison) == repr(compared)
    assert not any("comparing" in step.what for step in steps if isinstance(step, Doing))

    stated = json.loads(file.read_text())

    def changed(value: object, *place: str | int) -> Comparison | None:
        """What is found where one of the numbers in the file is another."""
        other = json.loads(json.dumps(stated))
        inner = other["found"]["operators"][0]
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = value
        file.write_text(json.dumps(other))
        return engine.label_operators.compared(opened.data_set).result()

    assert changed("transport", "name") is not None
    assert changed("another", "name") is None
    assert changed("much", "arrivals", "classifier", "random", 0) is None
    assert changed(2, "arrivals", "classifier", "random", 0) is None
    assert changed([0.5], "arrivals", "classifier", "random") is None
    assert changed(7, "arrivals", "classifier", "least_pair", "target") is None
    assert changed([], "random_style", "ink") is None


def test_a_judge_reads_beside_the_classifier_and_names_its_least_pair() -> None:
    training, test = small_images("train", 1500), small_images("test", 60)
    networks = judged_networks()
    codes, means = (networks.encode(scale_pixels(data.images))[0] for data in (training, test))
    known = LabelledCodes(small_basis(), codes.astype(np.float64), training.labels)
    found = finished(compare(PictureReader(networks), known, means, test.labels, "small", pairs=2, seed=4))
    assert found.readers == ("judge", "classifier")
    assert not any("no judge" in note for note in found.notes)
    assert len({source for source, _ in found.pairs}) == 2

    gaussian = next(each for each in found.operators if each.name == "gaussian_transport")
    shares = {}
    for pair in found.pairs:
        matrix, shift = OPERATORS["gaussian_transport"].build(known, *pair)(1.0)
        moved = renormalise(means[test.labels == pair[0]] @ matrix.T + shift)
        read = networks.judge_images(networks.decode(moved))
        assert read is not None
        shares[pair] = (read.argmax(axis=1) == pair[1]).mean()
    least = gaussian.arrivals["judge"].least_pair
    assert least.reached.value == shares[least.source, least.target] == min(shares.values())
    assert least.reached.count == (test.labels == least.source).sum()
    assert np.isfinite(gaussian.random_style["ink"]).mean() > 0.9


def test_what_is_said_of_the_rotation_is_what_is_read_in_its_pictures(bundle_with_images: Path) -> None:
    bundle = open_bundle(bundle_with_images)
    random = np.random.default_rng(0)
    labels = np.repeat([0, 1], 20)
    known = LabelledCodes(bundle.basis, random.standard_normal((40, 4)), labels)
    codes = random.standard_normal((40, 4))
    compared = finished(compare(PictureReader(bundle.networks), known, codes, labels, "drawn", pairs=1))

    ((source, target),) = compared.pairs
    first, second = bundle.basis.xi_[[source, target]]
    turned = rotate(first, second, np.pi / 2, codes[labels == source])
    turned *= 2 / np.linalg.norm(turned, axis=1, keepdims=True)
    read = bundle.networks.classify(bundle.networks.decode(turned)).argmax(axis=1)
    rotation = compared.operators[1].arrivals["classifier"].reached
    assert (rotation.value, rotation.count) == ((read == target).mean(), 20)
    with pytest.raises(StudioError, match="There are 2 pairs of labels"):
        finished(compare(PictureReader(bundle.networks), known, codes, labels, "drawn", pairs=3))
    with pytest.raises(StudioError, match="has 0 test images"):
        finished(compare(PictureReader(bundle.networks), known, codes[:20], labels[:20], "drawn"))
