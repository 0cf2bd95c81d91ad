"""What a bundle is worth on test images: accuracies with their intervals, baselines, fidelity (R16, R17, R37, R38)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from skimage.metrics import structural_similarity
from sklearn.base import ClassifierMixin
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lsd_studio.engine.datasets import LabelledImages, scale_pixels
from lsd_studio.engine.decomposition import Reading, hits, rank_amplitudes
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.inference import Networks
from lsd_studio.engine.quasi_eigenbasis import QuasiEigenbasis
from lsd_studio.engine.refinement import refined_codes

Array = NDArray[np.float32]
FloatArray = NDArray[np.float64]
Latent = Literal["sampled", "mean"]

IMAGES_PER_BATCH = 1000
BASELINE_IMAGES = 10_000
RESAMPLES = 1000


def evaluate(
    networks: Networks,
    basis: QuasiEigenbasis,
    test: LabelledImages,
    training: LabelledImages,
    *,
    reading: Reading,
    trials: int = 20,
    refined_images: int = 100,
    seed: int = 0,
    progress: Callable[[str, float], None] | None = None,
) -> dict[str, Any]:
    """Everything that is measured about a bundle, as JSON's types.

    Each quantity with an error is `{"value", "low", "high"}`: the mean over test images (and, for sampled codes,
    over trials) and its 95 % bootstrap interval over images. `sampled` means z drawn from the posterior anew in
    each trial, `mean` its mean μ.

    - `images`, `trials`, `reading`: what was measured, and the reading that `cumulative_rank` follows.
    - `classifier_accuracy`: C on the images themselves.
    - `reconstruction_accuracy.{sampled,mean}`: C∘G∘E.
    - `lsd_accuracy.{sampled,mean}.{set_one,any_set,signed}`: see `decomposition.hits`.
    - `cumulative_rank.{sampled,mean}`: for k = 1…M the share of images whose true label's set-1 vector is among
      the first k by `reading` (Fig. 5c); plain numbers.
    - `set_one_share`: share of largest |c| that belong to set 1, sampled z.
    - `reconstruction.{psnr,ssim}` of G(μ) (R38), and `reconstruction.refined` with the same and the seconds an
      image takes, for `images` test images spread evenly, refined one at a time (R41).
    - `baselines.{nearest_class_mean,lda,logistic_regression}.{sampled,mean}`, fitted on the codes of the first
      `baselines.training_images` training images and read on the same test codes as LSD (R37).
    - `basis.{orthogonality_error,condition_number,eta_label_rate,xi_label_rate}`: rates are the shares of η and
      of ξ that C∘G gives their own label. A labelled frame (R42) was chosen by this very reading.

    Args:
        networks: G, E and C.
        basis: the quasi-eigenvectors of these networks.
        test: images that took no part in training.
        training: images that the baselines are fitted on.
        reading: the reading that the bundle's profile classifies by.
        trials: draws of z for each test image.
        refined_images: how many test images are refined.
        seed: of all draws.
        progress: called with what is being done and the share of the whole that is done; what it raises ends the
            work.

    Raises:
        StudioError: no trial, no test image, or images that do not belong to these networks.
    """
    _validate(networks, test, trials, refined_images)
    report = progress or (lambda _what, _share: None)
    random = np.random.default_rng(seed)
    labels = test.labels
    report("encoding", 0.0)
    mean, log_sigma, classified = _read(networks, test)
    training_part = training.take(np.arange(min(BASELINE_IMAGES, len(training))))
    baselines = _fit_baselines(networks, training_part, random)
    per_image: dict[str, FloatArray] = {"classifier_accuracy": classified.astype(np.float64)}

    def read_codes(latent: Latent, codes: Array) -> dict[str, FloatArray]:
        amplitudes = basis.transform(codes)
        decoded_labels, compared = _decode_and_compare(networks, codes, test, compare=latent == "mean")
        found: dict[str, NDArray[Any]] = {f"reconstruction_accuracy.{latent}": decoded_labels == labels}
        for way, hit in hits(amplitudes, labels, networks.number_of_labels).items():
            found[f"lsd_accuracy.{latent}.{way}"] = hit
        winners = np.abs(amplitudes).argmax(axis=1)
        found[f"set_one_share.{latent}"] = winners < networks.number_of_labels
        ranking = rank_amplitudes(amplitudes, networks.number_of_labels, reading)
        place = (ranking == labels[:, None]).argmax(axis=1)
        found[f"cumulative_rank.{latent}"] = place[:, None] < np.arange(1, ranking.shape[1] + 1)
        for name, model in baselines[latent].items():
            found[f"baselines.{name}.{latent}"] = model.predict(codes) == labels
        found.update(compared)
        return {name: values.astype(np.float64) for name, values in found.items()}

    per_image.update(read_codes("mean", mean))
    names_of_mean = set(per_image)
    for trial in range(trials):
        report(f"trial {trial + 1} of {trials}", (trial + 1) / (trials + 3))
        for name, values in read_codes("sampled", networks.sample(mean, log_sigma, random)).items():
            per_image[name] = per_image.get(name, 0.0) + values
    for name in per_image.keys() - names_of_mean:
        per_image[name] = per_image[name] / trials
    report("refining", (trials + 1) / (trials + 3))
    spread = np.linspace(0, len(test) - 1, min(refined_images, len(test))).astype(np.int64)
    refined = _refined_fidelity(networks, test.take(spread), mean[spread], random)
    report("bootstrap intervals", (trials + 2) / (trials + 3))
    curves = {name: per_image.pop(f"cumulative_rank.{name}").mean(axis=0) for name in ("sampled", "mean")}
    measured = _nested(_intervals(per_image, random))
    measured["images"] = len(test)
    measured["trials"] = trials
    measured["reading"] = reading
    measured["cumulative_rank"] = {name: curve.tolist() for name, curve in curves.items()}
    measured["set_one_share"] = measured["set_one_share"]["sampled"]
    measured["reconstruction"]["refined"] = refined
    measured["baselines"]["training_images"] = len(training_part)
    measured["basis"] = {
        "orthogonality_error": basis.orthogonality_error_,
        "condition_number": basis.condition_number_,
        "eta_label_rate": label_rate(networks, basis.eta_, basis.labels_),
        "xi_label_rate": label_rate(networks, basis.xi_, basis.labels_),
    }
    report("done", 1.0)
    return measured


def label_rate(networks: Networks, codes: FloatArray, labels: NDArray[np.int64]) -> float:
    """The share of codes [K, M] that C∘G gives their label [K]."""
    return float((networks.classify(networks.decode(codes)).argmax(axis=1) == labels).mean())


def fidelity(images: Array, originals: Array) -> tuple[FloatArray, FloatArray]:
    """PSNR in dB and SSIM of each image against its original, float64 [N]; both [N, C, H, W] in [−1, 1] (R38).

    Errors below a thousandth of a grey level of 255 count as such, so that PSNR is finite. SSIM has the 7×7 window
    of scikit-image, or the largest odd one that fits.
    """
    squared_errors = ((images.astype(np.float64) - originals) ** 2).mean(axis=(1, 2, 3))
    psnr = 10 * np.log10(4 / np.maximum(squared_errors, (2 / 255 / 1000) ** 2))
    smallest_edge = min(7, *images.shape[2:])
    window = smallest_edge - (smallest_edge + 1) % 2
    ssim = [
        structural_similarity(image, original, data_range=2, channel_axis=0, win_size=window)
        for image, original in zip(images, originals, strict=True)
    ]
    return psnr, np.asarray(ssim, dtype=np.float64)


def bootstrap_intervals(values: FloatArray, random: np.random.Generator) -> FloatArray:
    """Mean and 95 % percentile interval of each column of values [N, K]: float64 [3, K], value, low, high."""
    count = len(values)
    means = np.empty((RESAMPLES, values.shape[1]))
    for resample in range(RESAMPLES):
        drawn = np.bincount(random.integers(count, size=count), minlength=count)
        means[resample] = drawn @ values / count
    return np.stack([values.mean(axis=0), *np.percentile(means, (2.5, 97.5), axis=0)])


def _batches(images: LabelledImages) -> Iterator[tuple[slice, Array]]:
    for start in range(0, len(images), IMAGES_PER_BATCH):
        part = slice(start, start + IMAGES_PER_BATCH)
        yield part, scale_pixels(images.images[part])


def _read(networks: Networks, test: LabelledImages) -> tuple[Array, Array, NDArray[np.bool_]]:
    encoded, read = [], []
    for _, pixels in _batches(test):
        encoded.append(networks.encode(pixels))
        read.append(networks.classify(pixels).argmax(axis=1))
    means, log_sigmas = zip(*encoded, strict=True)
    return np.concatenate(means), np.concatenate(log_sigmas), np.concatenate(read) == test.labels


def _decode_and_compare(
    networks: Networks, codes: Array, test: LabelledImages, *, compare: bool
) -> tuple[NDArray[np.int64], dict[str, FloatArray]]:
    labels, compared = [], []
    for part, pixels in _batches(test):
        decoded = networks.decode(codes[part])
        labels.append(networks.classify(decoded).argmax(axis=1))
        if compare:
            compared.append(np.stack(fidelity(decoded, pixels)))
    if not compare:
        return np.concatenate(labels), {}
    psnr, ssim = np.concatenate(compared, axis=1)
    return np.concatenate(labels), {"reconstruction.psnr": psnr, "reconstruction.ssim": ssim}


def _fit_baselines(
    networks: Networks, training: LabelledImages, random: np.random.Generator
) -> dict[Latent, dict[str, ClassifierMixin]]:
    encoded = [networks.encode(pixels) for _, pixels in _batches(training)]
    mean, log_sigma = (np.concatenate(part) for part in zip(*encoded, strict=True))
    codes: dict[Latent, Array] = {"mean": mean, "sampled": networks.sample(mean, log_sigma, random)}
    return {
        latent: {
            "nearest_class_mean": NearestCentroid().fit(values, training.labels),
            "lda": LinearDiscriminantAnalysis().fit(values, training.labels),
            "logistic_regression": make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(
                values, training.labels
            ),
        }
        for latent, values in codes.items()
    }


def _refined_fidelity(
    networks: Networks, images: LabelledImages, mean: Array, random: np.random.Generator
) -> dict[str, Any]:
    originals = scale_pixels(images.images)
    started = time.perf_counter()
    codes = np.concatenate(
        [refined_codes(networks, originals[i : i + 1], mean[i : i + 1]) for i in range(len(images))]
    )
    seconds = (time.perf_counter() - started) / len(images)
    psnr, ssim = fidelity(networks.decode(codes), originals)
    measured = _intervals({"psnr": psnr, "ssim": ssim}, random)
    return {**measured, "images": len(images), "seconds_per_image": seconds}


def _intervals(per_image: dict[str, FloatArray], random: np.random.Generator) -> dict[str, dict[str, float]]:
    intervals = bootstrap_intervals(np.stack(list(per_image.values()), axis=1), random)
    return {
        name: {"value": float(value), "low": float(low), "high": float(high)}
        for name, (value, low, high) in zip(per_image, intervals.T, strict=True)
    }


def _nested(flat: dict[str, dict[str, float]]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, value in flat.items():
        *path, last = name.split(".")
        place = nested
        for key in path:
            place = place.setdefault(key, {})
        place[last] = value
    return nested


def _validate(networks: Networks, test: LabelledImages, trials: int, refined_images: int) -> None:
    if trials < 1 or refined_images < 1:
        raise StudioError(
            f"At least one trial and one refined image are needed, not {trials} and {refined_images}."
        )
    if len(test) == 0:
        raise StudioError("There is no test image: choose a data set that has some.")
    fits = test.image_shape == tuple(networks.image_shape)
    if not fits or test.number_of_labels != networks.number_of_labels:
        raise StudioError(
            f"The bundle is for images {list(networks.image_shape)} with {networks.number_of_labels} labels, "
            f"'{test.name}' has {list(test.image_shape)} with {test.number_of_labels}: "
            "choose the data set that it was trained on."
        )
