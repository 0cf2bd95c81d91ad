"""Whether codes that are turned to another label are drawn as it, measured on test images (R21, R38, R45)."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors
from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.datasets import LabelledImages, fit_images, scale_pixels
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.evaluation import measured_on
from lsd_studio.engine.evaluation.fidelity import fidelity
from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.evaluation.frechet import frechet_distance
from lsd_studio.engine.evaluation.intervals import mean_intervals
from lsd_studio.engine.evaluation.steering_findings import Arrivals, RandomSamples, Steering
from lsd_studio.engine.images.shapes import check_image_shape
from lsd_studio.engine.models.inference import Networks, images_at_once
from lsd_studio.engine.operators.path_quality import share_of
from lsd_studio.engine.operators.paths import path_through
from lsd_studio.engine.operators.picture_style import picture_style, style_kept
from lsd_studio.engine.steps import Doing, Part, Result, mapped

FloatArray = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_FEATURES = 4096
"""Features whose covariance is still decomposed in a minute."""

STAGES_WITH_CLASSIFIER = ("encoder", "joint")
"""The stages of training whose losses have C."""


def steer_bundle(
    bundle: Bundle, test: LabelledImages, *, turns: int | None = None, seed: int = 0
) -> Generator[Doing, None, tuple[Steering, dict[str, Any]]]:
    """`steering_steps` of a bundle, and the same as JSON's types with the bundle, the data, the seed and the versions.

    Raises:
        StudioError: as `steering_steps`, or the images have labels that the bundle does not know.
    """
    test = fit_images(test, bundle.manifest.trained_on)
    in_the_losses = any(stage.name in STAGES_WITH_CLASSIFIER for stage in bundle.manifest.stages)
    found = yield from steering_steps(
        bundle.networks, bundle.basis, test, turns=turns, seed=seed, classifier_in_losses=in_the_losses
    )
    measured = {**found.measured(test.label_names), "notes": list(found.notes)}
    return found, {**measured, **measured_on(bundle, test, seed)}


def steering_steps(
    networks: Networks,
    basis: QuasiEigenvectors,
    test: LabelledImages,
    *,
    turns: int | None = None,
    seed: int = 0,
    classifier_in_losses: bool = True,
) -> Generator[Doing, None, Steering]:
    """How well the mean codes of test images are steered, in steps of a second or so; it may be abandoned between any.

    A code is turned by the true rotation from ξ of its true label in set 1 to ξ of another label, with all that is
    outside their plane and its length kept (R21). The walk takes images of label 0 through all labels in order,
    each turn from where the last one ended.

    Args:
        turns: to how many other labels each image is turned, drawn by the seed; None, or as many as there are, takes
            each of the l − 1 others.
        seed: of these labels, of random samples, as many as test images, and of the halves and intervals.
        classifier_in_losses: whether C was in a loss of E or G.

    Raises:
        StudioError: fewer than four test images, or images that do not belong to these networks.
    """
    if len(test) < 4:
        raise StudioError(f"Steering is measured on four test images or more, not {len(test)}: take more.")
    check_image_shape(test.image_shape, networks.image_shape, f"{test.name} has images of")
    if test.number_of_labels != networks.number_of_labels:
        raise StudioError(
            f"The networks know {networks.number_of_labels} labels, and {test.name} has {test.number_of_labels}: "
            "choose the data set that they were trained on."
        )
    work = _Work(networks, basis, test, turns, seed)
    psnr, ssim = yield from _told("reconstructing test images", work.reconstruct())
    shares, pairs, style = yield from _told("turning to other labels", work.turn())
    walks = yield from _told("walking through all labels", work.walk())
    samples = yield from _told("comparing random samples", work.compare_samples())
    arrivals = {
        name: Arrivals(
            in_the_losses=name == "classifier" and classifier_in_losses,
            share=shares[name],
            pairs=pairs[name],
            counts=work.counts,
            walk=walks[name],
            samples=samples.get(name),
        )
        for name in work.readers
    }
    return Steering(len(test), work.turns, arrivals, style, psnr, ssim, work.left_out)


class _Work:
    """Steering under way: the mean codes, and the labels that each image is turned to."""

    def __init__(
        self, networks: Networks, basis: QuasiEigenvectors, test: LabelledImages, turns: int | None, seed: int
    ) -> None:
        self.readers: dict[str, nn.Module] = {"classifier": networks.classifier}
        if networks.judge is not None:
            self.readers["judge"] = networks.judge
        self.left_out: dict[str, str] = {}
        self._networks, self._basis, self._test = networks, basis, test
        self._random = np.random.default_rng(seed)
        number = networks.number_of_labels
        self.turns = min(turns or number, number - 1)
        ahead = self._random.permuted(np.tile(np.arange(1, number), (len(test), 1)), axis=1)[:, : self.turns]
        self._targets = np.zeros((len(test), number), dtype=bool)
        np.put_along_axis(self._targets, (test.labels[:, None] + ahead) % number, True, axis=1)
        self.counts = np.stack([self._targets[test.labels == label].sum(axis=0) for label in range(number)])

    def reconstruct(self) -> Part[tuple[Measure, Measure]]:
        """Encode all test images, and how near their means are drawn to them."""
        codes, near, style = [], [], []
        for part in self._batches(np.arange(len(self._test))):
            pixels = scale_pixels(self._test.images[part])
            codes.append(self._networks.encode(pixels)[0])
            drawn = self._networks.decode(codes[-1])
            near.append(np.stack(fidelity(drawn, pixels), axis=1))
            style.append(picture_style(drawn))
            yield (part[-1] + 1) / len(self._test)
        self._codes, self._style = np.concatenate(codes), _joined(style)
        means = mean_intervals(np.concatenate(near), self._random).T.tolist()
        psnr, ssim = (Measure(value, low, high, len(self._test)) for value, low, high in means)
        return psnr, ssim

    def turn(self) -> Part[tuple[dict[str, Measure], dict[str, FloatArray], dict[str, Measure]]]:
        """Turn every image to its targets: the share that arrives, that of each pair, and the style that is kept."""
        labels, number = self._test.labels, self._networks.number_of_labels
        hits = {name: np.zeros(len(self._test)) for name in self.readers}
        pairs = {name: np.zeros((number, number)) for name in self.readers}
        turned: list[Integers] = []
        groups: list[Integers] = []
        after: list[dict[str, FloatArray]] = []
        for source, target in np.argwhere(self.counts).tolist():
            path = path_through(self._basis, (source, target))
            for part in self._batches(np.flatnonzero((labels == source) & self._targets[:, target])):
                drawn = self._networks.decode(path.carry(self._codes[part], 0.0, 1.0))
                for name, read in self._networks.labels_read(drawn).items():
                    hits[name][part] += read == target
                    pairs[name][source, target] += (read == target).sum()
                turned.append(part)
                groups.append(np.full(len(part), source * number + target))
                after.append(picture_style(drawn))
                yield sum(map(len, turned)) / int(self.counts.sum())
        images = np.concatenate(turned)
        before = {name: values[images] for name, values in self._style.items()}
        with np.errstate(invalid="ignore"):
            shares_of_pairs = {name: found / self.counts for name, found in pairs.items()}
        return (
            {name: share_of(found / self.turns, len(found)) for name, found in hits.items()},
            shares_of_pairs,
            style_kept(before, _joined(after), np.concatenate(groups), images),
        )

    def walk(self) -> Part[dict[str, tuple[Measure, ...]]]:
        """Images of label 0 at every label from the first to the last: the share that is read as it."""
        number = self._networks.number_of_labels
        starting = np.flatnonzero(self._test.labels == 0)
        if not len(starting):
            self.left_out["walk"] = "There is no image of the first label: the walk from it is not measured."
            return {name: () for name in self.readers}
        path = path_through(self._basis, range(number))
        found: dict[str, list[Measure]] = {name: [] for name in self.readers}
        for station in range(number):
            hits: dict[str, list[NDArray[np.bool_]]] = {name: [] for name in self.readers}
            for part in self._batches(starting):
                drawn = self._networks.decode(path.carry(self._codes[part], 0.0, station))
                for name, read in self._networks.labels_read(drawn).items():
                    hits[name].append(read == station)
            for reader, of_station in hits.items():
                found[reader].append(share_of(np.concatenate(of_station), len(starting)))
            yield (station + 1) / number
        return {name: tuple(stations) for name, stations in found.items()}

    def compare_samples(self) -> Part[dict[str, RandomSamples]]:
        """Random samples, as many as test images, against them, on the features of each network."""
        count = len(self._test)
        codes = self._networks.random_codes(count, self._random)
        halves = self._random.permutation(count)[: 2 * (count // 2)].reshape(2, -1)
        compared = list(self.readers)
        real: dict[str, list[NDArray[np.float32]]] = {name: [] for name in compared}
        drawn: dict[str, list[NDArray[np.float32]]] = {name: [] for name in compared}
        for part in self._batches(np.arange(count)):
            pixels, samples = scale_pixels(self._test.images[part]), self._networks.decode(codes[part])
            for name in tuple(compared):
                try:
                    real[name].append(self._features(name, pixels))
                    drawn[name].append(self._features(name, samples))
                except StudioError as error:
                    self.left_out[f"frechet.{name}"] = str(error)
                    compared.remove(name)
            yield (part[-1] + 1) / count
        found = {}
        for name in compared:
            images = np.concatenate(real[name])
            found[name] = RandomSamples(
                _distance(np.concatenate(drawn[name]), images), _distance(*(images[half] for half in halves))
            )
        return found

    def _features(self, name: str, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        features = self._networks.features(pixels, self.readers[name])
        if features.shape[1] > MOST_FEATURES:
            raise StudioError(
                f"A Fréchet distance is taken of up to {MOST_FEATURES} features: "
                f"the {name} has {features.shape[1]}, so it is left out."
            )
        return features

    def _batches(self, chosen: Integers) -> Iterator[Integers]:
        """The chosen images, so many at once as a network takes; nothing where none is chosen."""
        rows = images_at_once(self._networks.image_shape)
        return iter(np.split(chosen, range(rows, len(chosen), rows)))


def _told(what: str, part: Part[Result]) -> Generator[Doing, None, Result]:
    return mapped(part, lambda share: Doing(what, share))


def _joined(parts: list[dict[str, FloatArray]]) -> dict[str, FloatArray]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _distance(first: NDArray[np.float32], second: NDArray[np.float32]) -> Measure:
    return Measure(frechet_distance(first, second), np.nan, np.nan, len(first))
