"""How good a generator is, measured on test images, in steps of a second or so; it may be abandoned between any."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kendalltau
from torch import nn

from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors
from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.datasets import LabelledImages, scale_pixels
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.evaluation.generator.comparing import compare
from lsd_studio.engine.evaluation.generator.memorisation import NearestImages, nearness
from lsd_studio.engine.evaluation.generator.path_length import label_pairs, random_pairs, squared_speeds
from lsd_studio.engine.evaluation.generator.report import (
    MEASURES,
    SETS,
    GeneratorReport,
    Nearness,
    ReaderReport,
    SetMeasures,
    SetName,
    Space,
)
from lsd_studio.engine.evaluation.generator.sets import ImageSet, image_sets
from lsd_studio.engine.evaluation.intervals import mean_intervals
from lsd_studio.engine.images.shapes import check_image_shape
from lsd_studio.engine.models.inference import Networks, images_at_once
from lsd_studio.engine.platform.seeds import random_numbers
from lsd_studio.engine.steps import Doing, Part, mapped

Pixels = NDArray[np.float32]
Features = NDArray[np.float32]
Integers = NDArray[np.int64]
Name = Literal["classifier", "judge"]
Which = SetName | Literal["reference"]

DRAWS = 5
"""Independent draws that intervals are over."""

MOST_IMAGES = 10_000
"""Test images that are halved, where no number is asked for: what one core compares in a minute."""

FEWEST_IMAGES = 100

MEMORISED, PATHS = 2000, 1000
"""Images whose nearest training images are looked for; paths of either kind whose speed is measured."""

MOST_FEATURES = 4096
"""Features whose covariance is still decomposed in a minute."""

WORDS: dict[Name, str] = {"classifier": "C", "judge": "the judge"}


def report_on_generator(
    bundle: Bundle,
    test: LabelledImages,
    training: LabelledImages,
    *,
    images: int | None = None,
    seed: int = 0,
) -> Generator[Doing, None, GeneratorReport]:
    """`generator_steps` of a bundle."""
    in_the_losses = any(stage.name == "joint" for stage in bundle.manifest.stages)
    return (
        yield from generator_steps(
            bundle.networks,
            bundle.basis,
            test,
            training,
            images=images,
            seed=seed,
            classifier_in_losses=in_the_losses,
        )
    )


def generator_steps(
    networks: Networks,
    basis: QuasiEigenvectors,
    test: LabelledImages,
    training: LabelledImages,
    *,
    images: int | None = None,
    seed: int = 0,
    classifier_in_losses: bool = True,
) -> Generator[Doing, None, GeneratorReport]:
    """Compare random samples with one half of the test images, beside the other half and worse sets.

    Args:
        training: the images that the networks were trained on, all of them: those that may have been memorised.
        images: test images that are halved, drawn by the seed; None: all, at most 10 000.
        classifier_in_losses: whether C was in a loss of G.

    Raises:
        StudioError: fewer than a hundred test images, images that do not belong to these networks, or no network that
            has features.
    """
    for data in (test, training):
        check_image_shape(data.image_shape, networks.image_shape, f"{data.name} has images of")
    used = min(len(test), images or MOST_IMAGES)
    if used < FEWEST_IMAGES:
        raise StudioError(
            f"A generator is compared with {FEWEST_IMAGES} test images or more, not {used}: take more."
        )
    work = _Work(networks, basis, test, used // (2 * DRAWS) * DRAWS, seed)
    yield from _told("reading images", work.read())
    sets = yield from _told("comparing sets of images", work.compare())
    lengths = yield from _told("measuring paths", work.measure_paths())
    memorisation, real = yield from _told("looking through training images", work.search(training))
    return GeneratorReport(
        data=test.name,
        label_names=test.label_names,
        images=work.count,
        draws=DRAWS,
        seed=seed,
        readers={
            name: ReaderReport(
                features=work.features[name, "reference"].shape[1],
                in_the_losses=name == "classifier" and classifier_in_losses,
                sets=sets[name],
                path_length=lengths[name],
            )
            for name in work.readers
        },
        memorisation=memorisation,
        real=real,
        agreement=agreement(sets),
        left_out=tuple(work.left_out),
    )


def agreement(sets: dict[Name, dict[SetName, SetMeasures]]) -> dict[str, float]:
    """Kendall's τ of the order of all sets by two readers, by measure; empty with fewer."""
    if len(sets) < 2:
        return {}
    found = {}
    for measure in MEASURES:
        orders = [
            [of_set.measure(measure).value for of_set in by_reader.values()] for by_reader in sets.values()
        ]
        found[measure] = float(kendalltau(*orders).statistic)
    return {measure: tau for measure, tau in found.items() if np.isfinite(tau)}


class _Work:
    """A comparison under way: which images are whose, and what was read of them."""

    def __init__(
        self, networks: Networks, basis: QuasiEigenvectors, test: LabelledImages, count: int, seed: int
    ) -> None:
        self.readers: dict[Name, nn.Module] = {"classifier": networks.classifier}
        if networks.judge is not None:
            self.readers["judge"] = networks.judge
        self.count, self.left_out = count, list[str]()
        self.features: dict[tuple[Name, Which], Features] = {}
        self._labels: dict[tuple[Name, Which], Integers] = {}
        self._networks, self._basis, self._seed = networks, basis, seed
        reference, sets, self._codes = image_sets(networks, test, count, seed)
        self._sets: dict[Which, ImageSet] = {"reference": reference, **{name: sets[name] for name in SETS}}

    def read(self) -> Part[None]:
        """What every reader has of every set; one that has no features is left out."""
        yield 0.0
        self._leave_out_readers()
        done, everything = 0, sum(images.different for images in self._sets.values())
        for which, images in self._sets.items():
            features: dict[Name, list[Features]] = {name: [] for name in self.readers}
            labels: dict[Name, list[Integers]] = {name: [] for name in self.readers}
            for part in self._batches(images.different):
                pixels = images.pixels(part)
                for name, reader in self.readers.items():
                    found, read = self._networks.features_and_labels(pixels, reader)
                    features[name].append(found)
                    labels[name].append(read)
                done += len(part)
                yield done / everything
            turn = np.arange(images.count) % images.different
            for name in self.readers:
                self.features[name, which] = np.concatenate(features[name])[turn]
                self._labels[name, which] = np.concatenate(labels[name])[turn]

    def compare(self) -> Part[dict[Name, dict[SetName, SetMeasures]]]:
        """All measures of all sets, by every reader."""
        found: dict[Name, dict[SetName, SetMeasures]] = {name: {} for name in self.readers}
        number = self._networks.number_of_labels
        for done, (name, which) in enumerate((name, which) for name in self.readers for which in SETS):
            images = self._sets[which]
            found[name][which] = compare(
                self.features[name, "reference"],
                self.features[name, which],
                self._labels[name, which],
                number,
                DRAWS,
                None if images.different == images.count else images.different,
            )
            yield (done + 1) / (len(self.readers) * len(SETS))
        return found

    def measure_paths(self) -> Part[dict[Name, dict[str, Measure]]]:
        """How long paths are in the features of every reader: between random codes, and from label to label."""
        random = random_numbers(self._seed, "generator", "paths")
        codes, count = self._codes[:PATHS].astype(np.float64), min(PATHS, self.count)
        paths = {
            "random": random_pairs(count, self._networks.latent_dimensions, random, self._networks.prior)
        }
        if self._networks.number_of_labels > 1:
            paths["labels"] = label_pairs(
                self._basis, codes, self._labels["classifier", "samples"][:count], random
            )
        found: dict[Name, dict[str, Measure]] = {name: {} for name in self.readers}
        for place, (of, (here, ahead)) in enumerate(paths.items()):
            speeds: dict[Name, list[NDArray[np.float64]]] = {name: [] for name in self.readers}
            for part in self._batches(count):
                both = self._networks.decode(here[part]), self._networks.decode(ahead[part])
                for name, reader in self.readers.items():
                    first, second = (self._networks.features(pixels, reader) for pixels in both)
                    speeds[name].append(squared_speeds(first, second, self.features[name, "reference"]))
                yield (place + (part[-1] + 1) / count) / len(paths)
            for name in self.readers:
                mean, low, high = mean_intervals(np.concatenate(speeds[name])[:, None], random)[:, 0].tolist()
                found[name][of] = Measure(mean, low, high, count)
        return found

    def search(self, training: LabelledImages) -> Part[tuple[dict[Space, Nearness], dict[Space, Nearness]]]:
        """How near random samples, and other test images, lie to the training images, beside the reference."""
        compared: tuple[Which, ...] = ("reference", "samples", "real")
        first = np.arange(min(MEMORISED, self.count))
        near: dict[Space, dict[Which, NearestImages]] = {
            "pixels": {which: NearestImages(_flat(self._sets[which].pixels(first))) for which in compared},
            **{
                name: {which: NearestImages(self.features[name, which][first]) for which in compared}
                for name in self.readers
            },
        }
        for part in self._batches(len(training)):
            pixels = scale_pixels(training.images[part])
            for space, of_space in near.items():
                if space == "pixels":
                    candidates = _flat(pixels)
                else:
                    candidates = self._networks.features(pixels, self.readers[space])
                for nearest in of_space.values():
                    nearest.see(candidates)
            yield (part[-1] + 1) / len(training)
        samples, real = (
            {space: nearness(of[which], of["reference"]) for space, of in near.items()}
            for which in compared[1:]
        )
        return samples, real

    def _leave_out_readers(self) -> None:
        """Refuse readers that have no features, or too many."""
        one = self._sets["reference"].pixels(np.zeros(1, np.int64))
        for name, reader in tuple(self.readers.items()):
            try:
                features = self._networks.features(one, reader).shape[1]
            except StudioError as error:
                self._leave_out(name, str(error))
                continue
            if features > MOST_FEATURES:
                self._leave_out(
                    name,
                    f"Images are compared by up to {MOST_FEATURES} features: {WORDS[name]} has {features}.",
                )

    def _leave_out(self, name: Name, why: str) -> None:
        self.left_out.append(why)
        del self.readers[name]
        if not self.readers:
            raise StudioError(f"No network of this bundle has features to compare images by: {why}")

    def _batches(self, count: int) -> Iterator[Integers]:
        rows = images_at_once(self._networks.image_shape)
        return iter(np.split(np.arange(count), range(rows, count, rows)))


def _told(what: str, part: Part[Any]) -> Generator[Doing, None, Any]:
    return mapped(part, lambda share: Doing(what, share))


def _flat(pixels: Pixels) -> Features:
    return pixels.reshape(len(pixels), -1)
