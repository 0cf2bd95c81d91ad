"""What a bundle is worth on test images: accuracies and their intervals, ranks, baselines, fidelity (R16–R18, R37)."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors
from lsd_studio.engine.bundle import Bundle, library_versions
from lsd_studio.engine.datasets import LabelledImages, fit_images, scale_pixels
from lsd_studio.engine.decomposition.decomposition import hits
from lsd_studio.engine.decomposition.rank_statistics import (
    floor_curves,
    noise_floor_measures,
    rank_statistics,
)
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.baselines import Baselines, fit_baselines
from lsd_studio.engine.evaluation.fidelity import fidelity
from lsd_studio.engine.evaluation.findings import Evaluating, Findings, Latent, Measure, RankStatistics, Read
from lsd_studio.engine.evaluation.frame_references import compare_frames, principal_axes
from lsd_studio.engine.evaluation.intervals import mean_intervals, named_intervals, paired_difference, stated
from lsd_studio.engine.evaluation.refined_images import refined_images
from lsd_studio.engine.figures.panels.evaluation import WAYS
from lsd_studio.engine.images.shapes import check_image_shape
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.operators.path_quality import (
    LegQuality,
    ReadCodes,
    endpoint_rate,
    measure_legs,
    monotonicity,
    style_of_arrivals,
)
from lsd_studio.engine.steps import Part
from lsd_studio.engine.vocabulary import Reading, Through

Array = NDArray[np.float32]
FloatArray = NDArray[np.float64]

IMAGES_PER_BATCH = 1000
BASELINE_IMAGES = 10_000
REFINED_IMAGES = 100
FRAME_IMAGES = 500
OPERATORS: dict[str, tuple[float, Through]] = {
    "transport": (0.0, "vectors"),
    "rotation": (1.0, "vectors"),
    "half_through_averages": (0.5, "averages"),
}
"""How much of what is not the label comes along a path, and what its stations are: the paper's transport (R20), the
rotation (R21), and half of both through the labels' averages.
"""
READINGS: tuple[Reading, ...] = ("absolute", "signed")


def evaluation_steps(
    networks: Networks,
    basis: QuasiEigenvectors,
    test: LabelledImages,
    training: LabelledImages,
    *,
    reading: Reading,
    trials: int = 20,
    refined_images: int = REFINED_IMAGES,
    seed: int = 0,
) -> Generator[Evaluating, None, Findings]:
    """Everything that is measured about a bundle, in steps of a second or so; it may be abandoned between any two.

    `Findings.measured` has it as JSON's types. Each quantity with an error is `{"value", "low", "high", "count"}`: the
    mean over `count` independent images (and, for sampled codes, over trials) and its 95 % interval, exact for
    proportions, a bootstrap over images for other averages (`intervals`); low and high are null where there is nothing
    to have an interval from. `sampled` means z drawn from the posterior again in each trial, `mean` its mean μ.

    - `images`, `trials`, `reading`: what was measured, and the reading that `cumulative_rank` follows.
    - `classifier_accuracy`: C on the images themselves.
    - `reconstruction_accuracy.{sampled,mean}`: C∘G∘E.
    - `lsd_accuracy.{sampled,mean}.{set_one,any_set,signed}`: see `decomposition.hits`.
    - `per_trial.reconstruction_accuracy`, `per_trial.lsd_accuracy.{set_one,any_set,signed}`: the accuracies of each
      trial (Fig. 5b); plain numbers.
    - `per_label`: for each label LSD's accuracy by `reading` on sampled z; null for a label without images.
    - `cumulative_rank.{sampled,mean}`: for k = 1…M the share of images whose true label's set-1 vector is among
      the first k by `reading` (Fig. 5c); plain numbers.
    - `among_first_four.{sampled,mean}.{absolute,signed}`: the share at k = 4 by either reading: of all M vectors by
      |c|, where chance is 4 / M, and of the l of set 1 by signed c, where it is 4 / l.
    - `noise_floor.{sampled,mean}.{absolute,signed}`: what one signal among noise would show (R34, R48), of the
      `measured_amplitude` of the true label and the `measured_noise` on the other axes, in units of 1/√M, and their
      ratio `amplitude`: how often the true label ranks `first`, and how often it would `first_by_floor`; the
      Kolmogorov–Smirnov distance `ks_distance` between the two distributions of ranks, and `ks_by_chance`, which one
      in twenty sets of as many images would exceed. `noise_floor.{amplitude,ks_distance}`: those of sampled z by
      `reading`.
    - `set_one_share`: share of largest |c| that belong to set 1, sampled z.
    - `reconstruction.{psnr,ssim}` of G(μ) (R38), and `reconstruction.refined` with the same for `images` test images
      spread evenly (R41), and the seconds that one image takes where it is refined alone.
    - `baselines.{nearest_class_mean,lda,logistic_regression}.{sampled,mean}`, fitted on the codes of the first
      `baselines.training_images` training images and read on the same test codes as LSD (R37);
      `baselines.{…}.left_out` says why one could not be fitted.
    - `lsd_less_baseline.{…}.{sampled,mean}`: LSD's accuracy by `reading` less the baseline's, on the same images and
      draws, see `intervals.paired_difference`.
    - `paths.{transport,rotation,half_through_averages}`: all test images turned from their label to the next (R39);
      `endpoint_rate`, whose count is that of different codes at the end, `monotonicity`, `images`, and of those that
      arrived `style.{slant,ink,width,height}`, correlations within labels of their pictures before and after (R45).
      The correlation's value is null where all of a label arrive at one picture; `left_out` says why a path could not
      be measured.
    - `basis.{orthogonality_error,condition_number,eta_label_rate,xi_label_rate}`: rates are the shares of η and
      of ξ that C∘G gives their own label. A labelled frame (R42) was chosen by this very reading.
    - `basis.truncation.{own,random_complement,principal_axes,own_less_random}`: mean squared error in pictures of
      the `terms` largest terms against all of them, for the basis, for set 1 with random directions beside it, and for
      the principal axes of training images; `frame_references`.

    Args:
        test: images that took no part in training.
        training: images that the baselines are fitted on.
        reading: the reading that the bundle's profile classifies by.
        trials: draws of z for each test image.

    Raises:
        StudioError: no trial, no test image, or images that do not belong to these networks.
    """
    if trials < 1 or refined_images < 1:
        raise StudioError(
            f"At least one trial and one refined image are needed, not {trials} and {refined_images}."
        )
    work = _Work(networks, basis, test, reading, seed)
    parts = trials + 7
    yield from _steps_of(work.read_means(), "reading the means", 0, parts)
    yield from _steps_of(work.compare(), "comparing reconstructions", 1, parts)
    yield from _steps_of(work.fit(training), "fitting the baselines", 2, parts)
    for trial in range(trials):
        for step in _steps_of(work.draw(), f"trial {trial + 1} of {trials}", trial + 3, parts):
            yield replace(step, per_trial=work.per_trial())
    yield from _steps_of(work.refine(refined_images), "refining", trials + 3, parts)
    yield from _steps_of(work.compare_frames(), "comparing frames", trials + 4, parts)
    yield from _steps_of(work.travel(), "paths from label to label", trials + 5, parts)
    yield Evaluating("intervals", (trials + 6) / parts, work.per_trial())
    found = work.findings()
    yield Evaluating("done", 1.0, work.per_trial())
    return found


def evaluate_bundle(
    bundle: Bundle, test: LabelledImages, training: LabelledImages, *, trials: int = 20, seed: int = 0
) -> Generator[Evaluating, None, Findings]:
    """`evaluation_steps` of a bundle; what is measured also says of what, with which seed and versions.

    `chosen_for.amplitude_weight` is the weight of the loss that trained E to be read by its amplitudes,
    `chosen_for.turn_weight` that of the loss by which codes turned to another label are drawn as it, both null where E
    was not trained here; `chosen_for.likeness_weight` and `chosen_for.cycle_weight` those of the losses that hold style
    where codes are turned, null without the joint stage; `chosen_for.xi` the share of the ξ that were chosen for being
    read as their label.

    Raises:
        StudioError: as `evaluation_steps`, or the images have labels that the bundle does not know.
    """
    test, training = (fit_images(images, bundle.manifest.trained_on) for images in (test, training))
    found = yield from evaluation_steps(
        bundle.networks, bundle.basis, test, training,
        reading=bundle.profile.reading, trials=trials, seed=seed,
    )  # fmt: skip
    return replace(
        found, measured={**found.measured, **_chosen_for(bundle), **measured_on(bundle, test, seed)}
    )


def measured_on(bundle: Bundle, test: LabelledImages, seed: int) -> dict[str, Any]:
    """Of which bundle and on which images something was measured, by which seed and versions, as JSON's types."""
    return {
        "bundle": bundle.hash,
        "profile": bundle.profile.name,
        "data": {"name": test.name, "checksum": test.checksum},
        "seed": seed,
        "versions": library_versions(),
    }


def first_look(
    networks: Networks, basis: QuasiEigenvectors, test: LabelledImages, *, reading: Reading
) -> Generator[Evaluating, None, Findings]:
    """What the means of the posteriors alone say, in seconds: Figures 5a, 5c and 6, confusions and margins.

    Raises:
        StudioError: no test image, or images that do not belong to these networks.
    """
    work = _Work(networks, basis, test, reading, seed=0)
    yield from _steps_of(work.read_means(), "first look at the means", 0, 1)
    found = work.findings()
    yield Evaluating("done", 1.0)
    return found


def _chosen_for(bundle: Bundle) -> dict[str, Any]:
    """What of the numbers was optimised, and so is not found (R42)."""
    basis = bundle.basis
    turned = bundle.profile.basis.complement in ("labelled", "informative")
    trained = {stage.name for stage in bundle.manifest.stages}
    sections = {"encoder": bundle.profile.encoder, "joint": bundle.profile.joint}
    had = [section for name, section in sections.items() if section is not None and name in trained]
    joint = bundle.profile.joint if "joint" in trained else None
    return {
        "chosen_for": {
            "amplitude_weight": max((section.amplitude_weight for section in had), default=None),
            "turn_weight": max((section.turn_weight for section in had), default=None),
            "likeness_weight": None if joint is None else joint.likeness_weight,
            "cycle_weight": None if joint is None else joint.cycle_weight,
            "xi": 1 - basis.number_of_labels / len(basis.xi_) if turned else 0.0,
        }
    }


def label_rate(networks: Networks, codes: FloatArray, labels: NDArray[np.int64]) -> float:
    """The share of codes [K, M] that C∘G gives their label [K]."""
    return float((networks.classify(networks.decode(codes)).argmax(axis=1) == labels).mean())


class _Work:
    """An evaluation under way: what was read so far, one number an image for each quantity."""

    def __init__(
        self, networks: Networks, basis: QuasiEigenvectors, test: LabelledImages, reading: Reading, seed: int
    ) -> None:
        _validate(networks, test)
        self._networks, self._basis, self._test, self._reading = networks, basis, test, reading
        self._seed = seed
        self._random = np.random.default_rng(seed)
        self._baselines: dict[Latent, Baselines] = {}
        self._of_mean: dict[str, FloatArray] = {}
        self._of_draws: dict[str, FloatArray] = {}
        self._statistics: dict[tuple[Latent, Reading], RankStatistics] = {}
        self._trials: dict[str, list[float]] = {}
        self._extra: dict[str, Any] = {}

    def read_means(self) -> Part[None]:
        """Encode all test images and read their means."""
        self._mean, self._log_sigma, self._classifier_read = yield from self._encode(self._test, True)
        self._of_mean["classifier_accuracy"] = (self._classifier_read == self._test.labels).astype(np.float64)
        self._of_mean |= self._read("mean", self._mean)

    def compare(self) -> Part[None]:
        """Decode the means: what C reads in them and how near they are to the images."""
        read, near = [], []
        for part, pixels in _batches(self._test):
            decoded = self._networks.decode(self._mean[part])
            read.append(self._networks.classify(decoded).argmax(axis=1))
            near.append(np.stack(fidelity(decoded, pixels)))
            yield part.stop / len(self._test)
        psnr, ssim = np.concatenate(near, axis=1)
        self._of_mean |= {
            "reconstruction_accuracy.mean": (np.concatenate(read) == self._test.labels).astype(np.float64),
            "reconstruction.psnr": psnr,
            "reconstruction.ssim": ssim,
        }

    def fit(self, training: LabelledImages) -> Part[None]:
        """Fit the baselines on means and on draws, and read the means of the test images with them."""
        part = training.take(np.arange(min(BASELINE_IMAGES, len(training))))
        mean, log_sigma, _ = yield from self._encode(part, False)
        sampled = self._networks.sample(mean, log_sigma, self._random)
        both: dict[Latent, Array] = {"mean": mean, "sampled": sampled}
        for latent, codes in both.items():
            self._baselines[latent] = fit_baselines(codes, part.labels)
            for name, reason in self._baselines[latent].left_out.items():
                self._extra[f"baselines.{name}.left_out"] = reason
            yield 1.0
        self._extra["baselines.training_images"] = len(part)
        self._principal_axes = principal_axes(mean)
        self._of_mean |= self._read_with_baselines("mean", self._mean)

    def draw(self) -> Part[None]:
        """One trial: draw a code for each test image and read it."""
        codes = self._networks.sample(self._mean, self._log_sigma, self._random)
        decoded = []
        for part, _ in _batches(self._test):
            decoded.append(self._networks.classify(self._networks.decode(codes[part])).argmax(axis=1))
            yield part.stop / len(self._test)
        right = np.concatenate(decoded) == self._test.labels
        found = {"reconstruction_accuracy.sampled": right.astype(np.float64)}
        found |= self._read("sampled", codes) | self._read_with_baselines("sampled", codes)
        for name, values in found.items():
            self._of_draws[name] = self._of_draws.get(name, 0.0) + values
            if name.startswith(("reconstruction_accuracy", "lsd_accuracy")):
                self._trials.setdefault(name.replace(".sampled", ""), []).append(float(values.mean()))

    def refine(self, count: int) -> Part[None]:
        """Refine test images spread evenly from their means (R41)."""
        chosen = _spread(len(self._test), count)
        originals = scale_pixels(self._test.images[chosen])
        found = yield from refined_images(self._networks, originals, self._mean[chosen], self._random)
        self._extra["reconstruction.refined"] = found

    def compare_frames(self) -> Part[None]:
        """See how far pictures of a few terms are off, by the basis and by frames that anyone would try."""
        codes = self._mean[_spread(len(self._test), FRAME_IMAGES)]
        found = yield from compare_frames(
            self._networks, self._basis, self._principal_axes, codes, np.random.default_rng([self._seed, 2])
        )
        self._extra["basis.truncation"] = found

    def travel(self) -> Part[None]:
        """Turn the means from each label that has images to the next, and see where they arrive (R39)."""
        labels = np.unique(self._test.labels).tolist()
        starts: dict[int, ReadCodes] = {}
        for done, (name, (style, through)) in enumerate(OPERATORS.items() if len(labels) > 1 else ()):
            legs: list[LegQuality] = []
            try:
                for leg in measure_legs(
                    self._networks, self._basis, self._mean, self._test.labels, labels,
                    style=style, through=through, starts=starts,
                ):  # fmt: skip
                    legs.append(leg)
                    yield (done + len(legs) / (len(labels) - 1)) / len(OPERATORS)
            except StudioError as error:
                self._extra[f"paths.{name}.left_out"] = str(error)
            else:
                self._extra[f"paths.{name}"] = _of_legs(legs)

    def per_trial(self) -> dict[str, tuple[float, ...]]:
        """The accuracies of the trials so far, by dotted name."""
        return {name: tuple(values) for name, values in self._trials.items()}

    def findings(self) -> Findings:
        """What is known so far."""
        random = np.random.default_rng([self._seed, 1])
        reads = {
            (latent, reading): self._summed_up(statistics, reading, random)
            for (latent, reading), statistics in self._statistics.items()
        }
        trials = self._draws
        per_image = {**self._of_mean, **{name: sums / trials for name, sums in self._of_draws.items()}}
        measured: dict[str, Any] = {
            **named_intervals(per_image, random),
            "images": len(self._test),
            "trials": trials,
            "reading": self._reading,
            **self._extra,
            **self._less_baselines(per_image),
        }
        for latent in ("mean", "sampled") if trials else ("mean",):
            cumulative = np.ones(self._networks.latent_dimensions)
            ranked = reads[latent, self._reading].cumulative
            cumulative[: len(ranked)] = ranked
            measured[f"cumulative_rank.{latent}"] = cumulative.tolist()
        for (latent, reading), read in reads.items():
            measured[f"among_first_four.{latent}.{reading}"] = float(read.cumulative[:4][-1])
        measured["noise_floor"] = noise_floor_measures(reads, self._reading)
        if trials:
            measured |= self._of_sampled(reads["sampled", self._reading])
        return Findings(_nested(measured), self._test.labels, self._classifier_read, reads)

    def _less_baselines(self, per_image: Mapping[str, FloatArray]) -> dict[str, Any]:
        """LSD's accuracy less each baseline's, on the same images and draws."""
        return {
            f"lsd_less_baseline.{name}.{latent}": stated(
                paired_difference(
                    per_image[f"lsd_accuracy.{latent}.{WAYS[self._reading]}"],
                    per_image[f"baselines.{name}.{latent}"],
                )
            )
            for latent, baselines in self._baselines.items()
            for name in baselines.fitted
            if f"baselines.{name}.{latent}" in per_image
        }

    def _of_sampled(self, read: Read) -> dict[str, Any]:
        """What is said of sampled codes by the profile's reading alone, and what a whole evaluation adds."""
        basis, networks = self._basis, self._networks
        return {
            **{f"per_trial.{name}": values for name, values in self._trials.items()},
            "per_label": [
                None if np.isnan(value) else stated(Measure(value, low, high, int(count)))
                for (value, low, high), count in zip(
                    read.per_label.tolist(),
                    np.bincount(self._test.labels, minlength=len(read.per_label)),
                    strict=True,
                )
            ],
            "basis.orthogonality_error": basis.orthogonality_error_,
            "basis.condition_number": basis.condition_number_,
            "basis.eta_label_rate": label_rate(networks, basis.eta_, basis.labels_),
            "basis.xi_label_rate": label_rate(networks, basis.xi_, basis.labels_),
        }

    @property
    def _draws(self) -> int:
        return len(self._trials.get("reconstruction_accuracy", ()))

    def _summed_up(self, statistics: RankStatistics, reading: Reading, random: np.random.Generator) -> Read:
        per_label = np.full((self._networks.number_of_labels, 3), np.nan)
        for label in np.unique(self._test.labels):
            of_label = statistics.hits[self._test.labels == label, None] / statistics.draws
            per_label[label] = mean_intervals(of_label, random)[:, 0]
        return Read(statistics, per_label, floor_curves(statistics, reading))

    def _read(self, latent: Latent, codes: Array) -> dict[str, FloatArray]:
        labels, number_of_labels = self._test.labels, self._networks.number_of_labels
        amplitudes = self._basis.transform(codes)
        for reading in READINGS:
            found = rank_statistics(amplitudes, labels, number_of_labels, reading)
            before = self._statistics.get((latent, reading))
            self._statistics[latent, reading] = found if before is None else before + found
        right: dict[str, NDArray[Any]] = {
            f"lsd_accuracy.{latent}.{way}": hit
            for way, hit in hits(amplitudes, labels, number_of_labels).items()
        }
        if latent == "sampled":
            right["set_one_share"] = np.abs(amplitudes).argmax(axis=1) < number_of_labels
        return {name: values.astype(np.float64) for name, values in right.items()}

    def _read_with_baselines(self, latent: Latent, codes: Array) -> dict[str, FloatArray]:
        return {
            f"baselines.{name}.{latent}": (model.predict(codes) == self._test.labels).astype(np.float64)
            for name, model in self._baselines[latent].fitted.items()
        }

    def _encode(self, images: LabelledImages, classify: bool) -> Part[tuple[Array, Array, NDArray[np.int64]]]:
        """Mean and log σ of all images, and what C reads in them where that is asked for."""
        encoded, read = [], []
        for part, pixels in _batches(images):
            encoded.append(self._networks.encode(pixels))
            if classify:
                read.append(self._networks.classify(pixels).argmax(axis=1))
            yield part.stop / len(images)
        means, log_sigmas = zip(*encoded, strict=True)
        labels = np.concatenate(read) if classify else np.empty(0, np.int64)
        return np.concatenate(means), np.concatenate(log_sigmas), labels


def _steps_of(part: Part[None], doing: str, done: int, parts: int) -> Iterator[Evaluating]:
    """The steps of one part of several of about the same length, of which some are done."""
    yield Evaluating(doing, done / parts)
    for share in part:
        yield Evaluating(doing, (done + share) / parts)


def _batches(images: LabelledImages) -> Iterator[tuple[slice, Array]]:
    for start in range(0, len(images), IMAGES_PER_BATCH):
        part = slice(start, min(start + IMAGES_PER_BATCH, len(images)))
        yield part, scale_pixels(images.images[part])


def _spread(count: int, most: int) -> NDArray[np.int64]:
    """At most `most` places 0…count − 1, spread evenly."""
    return np.linspace(0, count - 1, min(most, count)).astype(np.int64)


def _of_legs(legs: Sequence[LegQuality]) -> dict[str, Any]:
    return {
        "endpoint_rate": stated(endpoint_rate(legs)),
        "monotonicity": stated(monotonicity(legs)),
        "images": sum(leg.images for leg in legs),
        "style": {name: stated(kept) for name, kept in style_of_arrivals(legs).items()},
    }


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, value in flat.items():
        *path, last = name.split(".")
        place = nested
        for key in path:
            place = place.setdefault(key, {})
        place[last] = value
    return nested


def _validate(networks: Networks, test: LabelledImages) -> None:
    if len(test) == 0:
        raise StudioError("There is no test image: choose a data set that has some.")
    check_image_shape(test.image_shape, networks.image_shape, f"{test.name} has images of")
    if test.number_of_labels != networks.number_of_labels:
        raise StudioError(
            f"The networks know {networks.number_of_labels} labels, and {test.name} has {test.number_of_labels}: "
            "choose the data set that they were trained on."
        )
