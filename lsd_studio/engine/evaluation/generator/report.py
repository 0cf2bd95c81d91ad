"""What was found of a generator. Only NumPy and text, so that a window, a file and a notebook can hold it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from lsd_studio.engine.evaluation.findings import Measure

SetName = Literal["samples", "real", "blurred", "collapsed", "repeated"]
SETS: Mapping[SetName, str] = {
    "samples": "random samples",
    "real": "other test images",
    "blurred": "blurred images",
    "collapsed": "collapsed generator",
    "repeated": "one image repeated",
}
"""What is compared with one half of the test images: random samples of G; the other half; that half blurred;
samples of as many codes as there are labels, again and again; and one test image again and again."""

Space = Literal["pixels", "classifier", "judge"]
SPACES: Mapping[Space, str] = {
    "pixels": "pixels",
    "classifier": "C's features",
    "judge": "the judge's features",
}
"""What images lie near each other in."""

MEASURES: Mapping[str, str] = {
    "frechet": "Fréchet distance (FID∞)",
    "kernel": "kernel distance",
    "precision": "precision",
    "recall": "recall",
    "density": "density",
    "coverage": "coverage",
    "evenness": "label evenness",
}
"""What is measured of each set, in words."""

PATHS: Mapping[str, str] = {"random": "length of random paths", "labels": "length of label paths"}
"""Between random codes, and from label to label."""


@dataclass(frozen=True)
class SetMeasures:
    """What one reader's features say of as many images of one set as it is compared with.

    Sets that repeat few images have no intervals, and count those few.

    Attributes:
        frechet: the Fréchet distance extrapolated to samples without end; the interval is a jackknife over draws.
        sizes, distances: images on either side, and the mean Fréchet distance of parts of so many.
        kernel: the unbiased squared maximum mean discrepancy of a cubic kernel.
        precision, recall, density, coverage: see `neighbourhoods`.
        evenness: entropy of the labels that are read, over that of equally many of each: 0 one label alone, 1 even.
        labels: the share [l] of the images that is read as each label.
    """

    frechet: Measure
    sizes: tuple[int, ...]
    distances: tuple[float, ...]
    kernel: Measure
    precision: Measure
    recall: Measure
    density: Measure
    coverage: Measure
    evenness: Measure
    labels: tuple[float, ...]

    def measure(self, name: str) -> Measure:
        """One of `MEASURES`."""
        found: Measure = getattr(self, name)
        return found


@dataclass(frozen=True)
class ReaderReport:
    """All that one reader's features say.

    Attributes:
        features: their number d; in_the_losses: whether a loss of G had the reader, which then marks its own work.
        sets: by `SETS`.
        path_length: by `PATHS`, the mean squared speed of features a quarter turn, see `path_length`.
    """

    features: int
    in_the_losses: bool
    sets: dict[SetName, SetMeasures]
    path_length: dict[str, Measure]


@dataclass(frozen=True)
class Nearness:
    """How near one set of images lies to the training images, beside held-out images.

    Attributes:
        nearer: the share of all pairs of an image of the set and a held-out one in which that of the set lies nearer to
            a training image; 0.5 where both are of one distribution.
        p_value: that it is as far from 0.5 by chance.
        nearest: the share of the set among those of both that lie nearest, with its exact interval.
        nearest_expected, nearest_p_value: that share by chance, and the chance of as large a one.
        closest: of the set the number, the training image and the distance of those that lie closest, closest first.
        samples, held_out: the 101 percentiles of the distances of the set and of the held-out images.
        counts: images of the set, held-out images, training images.
    """

    nearer: float
    p_value: float
    nearest: Measure
    nearest_expected: float
    nearest_p_value: float
    closest: tuple[tuple[int, int, float], ...]
    samples: tuple[float, ...]
    held_out: tuple[float, ...]
    counts: tuple[int, int, int]


@dataclass(frozen=True)
class GeneratorReport:
    """How good a generator is.

    Attributes:
        data: name of the test images; label_names: l names.
        images: how many of each set are compared, in so many `draws` as every interval is over.
        seed: of all draws.
        readers: by "classifier" and "judge", those whose features can be had.
        memorisation: of random samples by `SPACES`; real: the same of the other half of the test images, beside it.
        agreement: Kendall's τ of the order of all sets by C and by the judge, by measure; empty with one reader.
        left_out: why something was not measured, a sentence each.
    """

    data: str
    label_names: tuple[str, ...]
    images: int
    draws: int
    seed: int
    readers: dict[Literal["classifier", "judge"], ReaderReport]
    memorisation: dict[Space, Nearness]
    real: dict[Space, Nearness]
    agreement: dict[str, float]
    left_out: tuple[str, ...] = ()

    @property
    def reader(self) -> Literal["classifier", "judge"]:
        """Whose figures are the ones to quote: the judge's, which was in no loss at all, where there is one."""
        return "judge" if "judge" in self.readers else "classifier"

    @property
    def agreement_words(self) -> str:
        """How far the readers order the sets alike, in a sentence; "" with one reader."""
        if not self.agreement:
            return ""
        least = min(self.agreement, key=lambda name: self.agreement[name])
        return (
            f"C and the judge order the {len(SETS)} sets with Kendall's τ of {self.agreement[least]:.2f} or more, "
            f"least alike by {MEASURES[least]}."
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of the numbers, a sentence each."""
        marked = any(reader.in_the_losses for reader in self.readers.values())
        judged = "judge" in self.readers
        return (
            f"{self.images} random samples and as many test images of {self.data}, which nothing was trained on; "
            f"intervals are over {self.draws} draws of {self.images // self.draws} of each.",
            "Precision, recall, density and coverage are of one draw, and compare only with sets of as many images.",
            "C was in the losses of G, so it marks its own work." if marked else "C was in no loss of G.",
            "The judge was in no loss at all: its figures are the ones to quote."
            if judged
            else "Without a judge no second network says whether C's features mislead.",
            *filter(None, (self.agreement_words,)),
            *self.left_out,
        )

    @property
    def content(self) -> dict[str, Any]:
        """All of it but the percentiles of distances, as JSON's types."""
        return {
            "images": self.images,
            "draws": self.draws,
            "readers": {
                name: {
                    "features": reader.features,
                    "in_the_losses": reader.in_the_losses,
                    "sets": {of: _set_content(found, self.label_names) for of, found in reader.sets.items()},
                    "path_length": {of: _stated(length) for of, length in reader.path_length.items()},
                }
                for name, reader in self.readers.items()
            },
            "memorisation": {
                space: {"samples": _nearness_content(found), "real": _nearness_content(self.real[space])}
                for space, found in self.memorisation.items()
            },
            "agreement": dict(self.agreement),
            "notes": list(self.notes),
        }


def _set_content(found: SetMeasures, label_names: tuple[str, ...]) -> dict[str, Any]:
    return {
        **{name: _stated(found.measure(name)) for name in MEASURES},
        "frechet_by_size": {
            str(size): value for size, value in zip(found.sizes, found.distances, strict=True)
        },
        "labels": dict(zip(label_names, found.labels, strict=True)),
    }


def _nearness_content(found: Nearness) -> dict[str, Any]:
    images, held_out, training = found.counts
    return {
        "nearer": found.nearer,
        "p_value": found.p_value,
        "nearest": _stated(found.nearest),
        "nearest_expected": found.nearest_expected,
        "nearest_p_value": found.nearest_p_value,
        "closest": [
            {"image": image, "training_image": training_image, "distance": distance}
            for image, training_image, distance in found.closest
        ],
        "images": images,
        "held_out": held_out,
        "training": training,
    }


def _stated(measure: Measure) -> dict[str, float | None]:
    """As `intervals.stated`, which loads SciPy."""
    return {name: None if math.isnan(number) else number for name, number in asdict(measure).items()}
