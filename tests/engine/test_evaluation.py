import json

import numpy as np
import pytest

from lsd_studio.engine.datasets import scale_pixels
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation import evaluate, first_look
from lsd_studio.engine.fidelity import fidelity
from lsd_studio.engine.intervals import bootstrap_intervals
from lsd_studio.engine.quasi_eigenbasis import QuasiEigenbasis
from tests.engine.small_networks import LABELS, LATENT_DIMENSIONS, small_images, small_networks


def prototype_basis() -> QuasiEigenbasis:
    networks, training = small_networks(), small_images("train", 1000)
    mean, _ = networks.encode(scale_pixels(training.images))
    eta = np.random.default_rng(0).standard_normal((LATENT_DIMENSIONS, LATENT_DIMENSIONS))
    for label in range(LABELS):
        eta[label] = mean[training.labels == label].mean(axis=0)
    return QuasiEigenbasis(LABELS, set_one="symmetric").fit(eta)


def test_evaluation_of_a_small_bundle_on_real_images() -> None:
    networks, basis = small_networks(), prototype_basis()
    test, training = small_images("test", 150), small_images("train", 600)
    shares: list[float] = []

    result = evaluate(
        networks, basis, test, training, reading="signed", trials=3, refined_images=4,
        progress=lambda _, share: shares.append(share),
    )  # fmt: skip

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
    for latent in ("sampled", "mean"):
        curve = result["cumulative_rank"][latent]
        assert len(curve) == LATENT_DIMENSIONS
        assert curve[LABELS - 1] == curve[-1] == pytest.approx(1)
        assert (np.diff(curve) >= -1e-12).all()
        assert curve[0] == pytest.approx(result["lsd_accuracy"][latent]["signed"]["value"])
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
    assert 0 <= floor["ks_distance"] < 0.5
    assert floor["mean"]["absolute"]["measured_amplitude"] == pytest.approx(
        np.abs(amplitudes[np.arange(150), test.labels]).mean() * LATENT_DIMENSIONS**0.5
    )
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_a_first_look_reads_the_means_alone() -> None:
    networks, basis, test = small_networks(), prototype_basis(), small_images("test", 150)

    *_, last = first_look(networks, basis, test, reading="signed")

    assert last.findings is not None
    assert last.findings.trials == 0
    assert set(last.findings.reads) == {("mean", "absolute"), ("mean", "signed")}
    mean, _ = networks.encode(scale_pixels(test.images))
    signed = basis.transform(mean)[:, :LABELS].argmax(axis=1)
    read = last.findings.reads["mean", "signed"]
    np.testing.assert_array_equal(read.statistics.first_read, signed)
    assert last.findings.measured["lsd_accuracy"]["mean"]["signed"]["value"] == pytest.approx(read.accuracy)


def test_bootstrap_interval_of_a_coin_is_near_the_normal_approximation() -> None:
    random = np.random.default_rng(0)
    values = (random.random((2000, 1)) < 0.9).astype(np.float64)

    value, low, high = bootstrap_intervals(values, random)[:, 0]

    half_width = 1.96 * np.sqrt(value * (1 - value) / 2000)
    assert value == values.mean()
    assert (low, high) == pytest.approx((value - half_width, value + half_width), abs=0.003)


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
        evaluate(networks, basis, small, small, reading="absolute", trials=0)
    with pytest.raises(StudioError, match="no test image"):
        evaluate(networks, basis, small.take(np.arange(0)), small, reading="absolute")
