"""How many labelled codes a reader needs: LSD beside the baselines, fitted on the same few and on many (R37)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from lsd_studio.engine.basis.quasi_eigenvectors import frame_of_set_one
from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.datasets import LabelledImages
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.baselines import BASELINES, fit_baselines
from lsd_studio.engine.operators.pair_codes import codes_of
from lsd_studio.engine.platform.seeds import random_numbers
from lsd_studio.engine.steps import Doing
from lsd_studio.engine.vocabulary import Reading, SetOne

Codes = NDArray[np.floating]
Labels = NDArray[np.int64]

LSD = "lsd"
OTHERS: dict[str, Callable[[], ClassifierMixin]] = {
    "nearest_class_mean": BASELINES["nearest_class_mean"],
    "shrunk_lda": lambda: LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
    "logistic_regression": BASELINES["logistic_regression"],
}
"""What LSD is compared with. Discriminant analysis has its covariance shrunk (Ledoit and Wolf, 2004): without that it
fails where codes are about as many as their components.
"""


def label_efficiency(
    bundle: Bundle, test: LabelledImages, training: LabelledImages, counts: Sequence[int], *, seed: int = 0
) -> Generator[Doing, None, dict[int, dict[str, NDArray[np.bool_]]]]:
    """What readers that were fitted on few labelled codes read in all test images, in steps.

    The codes are the means that E gives training images, in one order drawn by the seed, in which the labels take
    turns: the first n are of as even labels as n allows, and those of a smaller n are among those of a larger.
    "lsd" reads by set 1 made of the averages of these codes, as the profile makes and reads it; the others are
    `OTHERS`. All read the same means of the same test images.

    E itself was trained with the labels of all training images: this says how many labelled codes a reader of its
    codes needs, not how many labels the method needs.

    Args:
        test: images that took no part in training; training: those that E was trained on.
        counts: the numbers n of labelled codes; those above the number of training images are left out.

    Returns:
        For each n and reader, whether each test image is read right, bool [N]. A reader that cannot be fitted on so
        few is missing.
    """
    codes = yield from codes_of(bundle, training, "training images")
    test_codes = yield from codes_of(bundle, test, "test images")
    order = balanced_order(training.labels, random_numbers(seed, "labelled codes"))
    found = {}
    fitting = sorted({count for count in counts if count <= len(training)})
    for done, count in enumerate(fitting):
        yield Doing("reading with few labels", done / len(fitting), f"{count} labelled codes")
        chosen = order[:count]
        read = read_with(
            codes[chosen], training.labels[chosen], test_codes,
            number_of_labels=training.number_of_labels, set_one=bundle.profile.basis.set_one,
            reading=bundle.profile.reading,
        )  # fmt: skip
        found[count] = {name: labels == test.labels for name, labels in read.items()}
    return found


def label_measures(found: Mapping[int, Mapping[str, NDArray[np.bool_]]]) -> dict[str, float]:
    """Accuracies as "50.lsd", and LSD's less each other's on the same images as "50.lsd_less_shrunk_lda"."""
    accuracies = {
        count: {name: float(right.mean()) for name, right in readers.items()}
        for count, readers in found.items()
    }
    measures = {f"{count}.{name}": value for count, of in accuracies.items() for name, value in of.items()}
    return measures | {
        f"{count}.lsd_less_{name}": of[LSD] - value
        for count, of in accuracies.items()
        for name, value in of.items()
        if name != LSD and LSD in of
    }


def read_with(
    codes: Codes,
    labels: Labels,
    test_codes: Codes,
    *,
    number_of_labels: int,
    set_one: SetOne,
    reading: Reading,
) -> dict[str, Labels]:
    """The labels [N] that each reader, fitted on codes [n, M] with labels [n], reads in test codes [N, M]."""
    read: dict[str, Labels] = {}
    present = np.unique(labels)
    if len(present) == number_of_labels:
        averages = np.stack([codes[labels == label].mean(axis=0) for label in present])
        try:
            amplitudes = test_codes @ frame_of_set_one(averages, number_of_labels, set_one).T
        except StudioError:  # averages that depend linearly on one another
            pass
        else:
            read[LSD] = (np.abs(amplitudes) if reading == "absolute" else amplitudes).argmax(axis=1)
    for name, model in fit_baselines(codes, labels, OTHERS).fitted.items():
        read[name] = model.predict(test_codes)
    return read


def balanced_order(labels: Labels, random: np.random.Generator) -> NDArray[np.int64]:
    """All places of labels [N] in an order in which the labels take turns as long as they last, else at random."""
    shuffled = random.permutation(len(labels))
    turns = np.empty(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        of_label = np.flatnonzero(labels[shuffled] == label)
        turns[of_label] = np.arange(len(of_label))
    return shuffled[np.argsort(turns, kind="stable")]
