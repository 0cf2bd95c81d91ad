import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis
from lsd_studio.engine.datasets import scale_pixels
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.evaluation import evaluation_steps, first_look
from lsd_studio.engine.evaluation.fidelity import fidelity
from lsd_studio.engine.evaluation.published_metrics import bundle_metrics
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.steps import finished
from tests.engine.small_networks import LABELS, LATENT_DIMENSIONS, small_images, small_networks


def prototype_basis() -> QuasiEigenbasis:
    networks, training = small_networks(), small_images("train", 1000)
    mean, _ = networks.encode(scale_pixels(training.images))
    eta = np.random.default_rng(0).standard_normal((LATENT_DIMENSIONS, LATENT_DIMENSIONS))
    for label in range(LABELS):
        eta[label] = mean[training.labels == label].mean(axis=0)
    return QuasiEigenbasis.from_averages(eta, LABELS, set_one="symmetric")


def test_evaluation_of_a_small_bundle_on_real_images() -> None:
    networks, basis = small_networks(), prototype_basis()
    test, training = small_images("test", 150), small_images("train", 600)
    shares: list[float] = []

    steps = evaluation_steps(networks, basis, test, training, reading="signed", trials=3, refined_images=4)
    result = finished(steps, lambda step: shares.append(step.share)).measured

    pixels = scale_pixels(test.images)
    mean, _ = networks.encode(pixels)
    amplitudes = basis.transform(mean)
    absolute = np.abs(amplitudes).argmax(axis=1)
    signed = amplitudes[:, :LABELS].argmax(axis=1)
    classified = networks.classify(pixels).argmax(axis=1)
    assert result == json.loads(json.dumps(result, allow_nan=False))
    assert result["classifier_accuracy"]["value"] == pytest.approx((classified == test.labels).mean())
    lsd = result["lsd_accuracy"]["mean"]
    assert lsd["set_one"]["value"] == pytest.approx((absolute == test.labels).mean())
    assert lsd["any_set"]["value"] == pytest.approx((absolute % LABELS == test.labels).mean())
    assert lsd["signed"]["value"] == pytest.approx((signed == test.labels).mean())
    assert result["reading"] == "signed"
    larger = (np.abs(amplitudes) > np.abs(amplitudes[np.arange(150), test.labels])[:, None]).sum(axis=1)
    assert result["among_first_four"]["mean"]["absolute"] == pytest.approx((larger < 4).mean())
    for latent in ("sampled", "mean"):
        curve = result["cumulative_rank"][latent]
        assert len(curve) == LATENT_DIMENSIONS
        assert curve[LABELS - 1] == curve[-1] == pytest.approx(1)
        assert (np.diff(curve) >= -1e-12).all()
        assert curve[0] == pytest.approx(result["lsd_accuracy"][latent]["signed"]["value"])
        assert curve[3] == result["among_first_four"][latent]["signed"]
        assert result["reconstruction_accuracy"][latent]["value"] > 0.4
        for baseline in ("nearest_class_mean", "lda", "logistic_regression"):
            entry = result["baselines"][baseline][latent]
            assert 0.4 < entry["low"] <= entry["value"] <= entry["high"] <= 1
    assert result["baselines"]["training_images"] == 600
    assert 0 < result["set_one_share"]["value"] <= 1
    refined = result["reconstruction"]["refined"]
    assert refined["images"] == 4
    assert refined["ssim"]["value"] > result["reconstruction"]["ssim"]["value"]
    assert refined["psnr"]["value"] > result["reconstruction"]["psnr"]["value"]
    read = networks.classify(networks.decode(basis.xi_)).argmax(axis=1)
    assert result["basis"]["xi_label_rate"] == pytest.approx((read == basis.labels_).mean())
    assert result["basis"]["orthogonality_error"] <= 1e-12
    per_trial = result["per_trial"]["lsd_accuracy"]["signed"]
    assert len(per_trial) == 3
    assert np.mean(per_trial) == pytest.approx(result["lsd_accuracy"]["sampled"]["signed"]["value"])
    assert np.mean(per_trial) == pytest.approx(
        np.mean([label["value"] for label in result["per_label"]]), abs=0.05
    )
    floor = result["noise_floor"]
    assert floor["amplitude"] == floor["sampled"]["signed"]["amplitude"]
    assert 0 <= floor["ks_distance"] <= 1
    one = floor["sampled"]["signed"]
    assert one["amplitude"] == pytest.approx(one["measured_amplitude"] / one["measured_noise"])
    assert one["first"] == pytest.approx(result["lsd_accuracy"]["sampled"]["signed"]["value"])
    assert 0 <= one["ks_by_chance"] < 0.2
    assert floor["mean"]["absolute"]["measured_amplitude"] == pytest.approx(
        np.abs(amplitudes[np.arange(150), test.labels]).mean() * LATENT_DIMENSIONS**0.5
    )
    assert shares == sorted(shares)
    assert shares[-1] == 1
    lda = LinearDiscriminantAnalysis().fit(networks.encode(scale_pixels(training.images))[0], training.labels)
    less = result["lsd_less_baseline"]["lda"]["mean"]
    assert less["value"] == pytest.approx(
        (signed == test.labels).mean() - (lda.predict(mean) == test.labels).mean()
    )
    assert less["low"] < less["value"] < less["high"]
    assert less["count"] == result["classifier_accuracy"]["count"] == 150
    assert_paths(result["paths"], networks, basis, mean, test.labels)
    assert_truncation(result["basis"]["truncation"], networks, basis, mean)


def assert_paths(
    found: dict[str, Any], networks: Networks, basis: QuasiEigenbasis, mean: np.ndarray, labels: np.ndarray
) -> None:
    """Rates and styles as plain NumPy has them, of codes turned by matrices."""
    unit = basis.xi_ / np.sqrt(LATENT_DIMENSIONS)
    arrived, slants = [], []
    for source in range(LABELS - 1):
        first, second = unit[source], unit[source + 1]
        plane = np.outer(first, first) + np.outer(second, second)
        quarter = np.eye(LATENT_DIMENSIONS) - plane + np.outer(second, first) - np.outer(first, second)
        codes = mean[labels == source].astype(np.float64)
        codes *= np.sqrt(LATENT_DIMENSIONS / (codes**2).sum(axis=1, keepdims=True))
        pictures = [networks.decode(each) for each in (codes, codes @ quarter.T)]
        at_target = networks.classify(pictures[1]).argmax(axis=1) == source + 1
        arrived += at_target.tolist()
        tilts = np.array([[slant_of(picture[0]) for picture in side[at_target]] for side in pictures])
        if len(tilts[0]) > 1:
            slants.append(tilts - tilts.mean(axis=1, keepdims=True))
    rotation, transport = found["rotation"], found["transport"]
    before, after = np.concatenate(slants, axis=1)
    assert rotation["endpoint_rate"]["value"] == pytest.approx(np.mean(arrived))
    assert rotation["endpoint_rate"]["count"] == rotation["images"] == len(arrived)
    assert rotation["style"]["slant"]["value"] == pytest.approx(
        (before @ after) / np.sqrt((before @ before) * (after @ after)), abs=1e-3
    )
    assert rotation["style"]["slant"]["count"] == len(before)
    assert transport["images"] == len(arrived)
    assert LABELS - 1 <= transport["endpoint_rate"]["count"] <= 2 * (LABELS - 1)
    assert transport["endpoint_rate"]["low"] < 0.75
    assert transport["style"]["slant"]["value"] is None
    assert found["half_through_averages"]["style"]["ink"]["count"] > 0


def slant_of(picture: np.ndarray) -> float:
    ink = (picture.astype(np.float64) + 1) / 2
    y, x = np.mgrid[: ink.shape[0], : ink.shape[1]]
    x, y = (place - (place * ink).sum() / ink.sum() for place in (x, y))
    return float(np.degrees(np.arctan2(-(ink * x * y).sum(), (ink * y * y).sum())))


def assert_truncation(
    found: dict[str, Any], networks: Networks, basis: QuasiEigenbasis, mean: np.ndarray
) -> None:
    """The error of the largest fifth of the terms as a loop over images has it, and what others' frames make of it."""
    terms = LATENT_DIMENSIONS // 5
    unit = basis.xi_ / np.sqrt(LATENT_DIMENSIONS)
    few = []
    for code in mean.astype(np.float64):
        weights = unit @ code
        largest = np.argsort(-np.abs(weights))[:terms]
        few.append(weights[largest] @ unit[largest])
    errors = ((networks.decode(np.array(few)) - networks.decode(mean)) ** 2).mean()
    assert found["terms"] == terms
    assert found["own"]["value"] == pytest.approx(errors, rel=1e-4)
    assert found["own"]["count"] == len(mean)
    assert len(found["random_frames"]) == 5
    assert found["random_complement"]["value"] == pytest.approx(np.mean(found["random_frames"]))
    assert found["principal_axes"]["value"] < found["random_complement"]["value"]


@pytest.mark.parametrize("few", ["one a label", "one label", "constant"])
def test_a_baseline_that_cannot_be_fitted_is_left_out_with_its_reason(few: str) -> None:
    networks, basis = small_networks(), prototype_basis()
    training = small_images("train", 200)
    if few == "one a label":
        training = training.take(np.unique(training.labels, return_index=True)[1])
    elif few == "one label":
        training = training.take(np.flatnonzero(training.labels == 3)[:5])
    else:
        training = replace(training, images=np.zeros_like(training.images))

    test = small_images("test", 20)
    steps = evaluation_steps(networks, basis, test, training, reading="signed", trials=1, refined_images=1)
    result = finished(steps).measured

    lda = result["baselines"]["lda"]
    reason = {
        "one a label": "10 training images are too few for 10 labels",
        "one label": "5 training images of one label leave nothing to tell apart",
        "constant": "200 training images have one and the same code",
    }[few]
    assert reason in lda["left_out"]
    assert "mean" not in lda
    assert "mean" not in result.get("lsd_less_baseline", {}).get("lda", {})
    assert bundle_metrics("small", result).left_out["baselines.lda"] == lda["left_out"]
    if few == "one a label":
        assert set(result["lsd_less_baseline"]) == {"nearest_class_mean", "logistic_regression"}


def test_ten_images_that_are_all_read_right_are_no_certainty() -> None:
    networks, basis = small_networks(), prototype_basis()
    test = small_images("test", 150)
    right = networks.classify(scale_pixels(test.images)).argmax(axis=1) == test.labels

    found = finished(first_look(networks, basis, test.take(np.flatnonzero(right)[:10]), reading="signed"))

    assert found.measured["classifier_accuracy"] == {
        "value": 1.0, "low": pytest.approx(0.7411, abs=1e-4), "high": 1.0, "count": 10,
    }  # fmt: skip


def test_a_first_look_reads_the_means_alone() -> None:
    networks, basis, test = small_networks(), prototype_basis(), small_images("test", 150)

    found = finished(first_look(networks, basis, test, reading="signed"))

    assert found.trials == 0
    assert set(found.reads) == {("mean", "absolute"), ("mean", "signed")}
    mean, _ = networks.encode(scale_pixels(test.images))
    signed = basis.transform(mean)[:, :LABELS].argmax(axis=1)
    read = found.reads["mean", "signed"]
    np.testing.assert_array_equal(read.statistics.first_read, signed)
    assert found.measured["lsd_accuracy"]["mean"]["signed"]["value"] == pytest.approx(read.accuracy)


def test_fidelity_of_equal_and_of_shifted_images() -> None:
    originals = scale_pixels(small_images("test", 4).images)

    same_psnr, same_ssim = fidelity(originals, originals)
    psnr, ssim = fidelity(originals + np.float32(0.2), originals)

    assert np.isfinite(same_psnr).all()
    np.testing.assert_allclose(same_ssim, 1)
    np.testing.assert_allclose(psnr, 20, atol=1e-4)
    assert (ssim < 1).all()


def test_images_of_another_kind_and_no_trial_are_refused() -> None:
    networks, basis = small_networks(), prototype_basis()
    small = small_images("test", 10)

    with pytest.raises(StudioError, match="At least one trial"):
        next(evaluation_steps(networks, basis, small, small, reading="absolute", trials=0))
    with pytest.raises(StudioError, match="no test image"):
        next(evaluation_steps(networks, basis, small.take(np.arange(0)), small, reading="absolute"))
