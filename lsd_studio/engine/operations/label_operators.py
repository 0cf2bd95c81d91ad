"""Operators from label to label, compared on test images (R20, R21, R23)."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.errors import NotAvailableError, StudioError
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.operations import Operations, operation
from lsd_studio.engine.operations.operate import images_codes
from lsd_studio.engine.operators.planes import renormalise
from lsd_studio.engine.operators.results import BuiltOperator, EncodedImages, MovedImages
from lsd_studio.engine.steps import Doing, report_doing

if TYPE_CHECKING:
    from lsd_studio.engine.bundle import Bundle
    from lsd_studio.engine.datasets import LabelledImages
    from lsd_studio.engine.evaluation.findings import Measure
    from lsd_studio.engine.operators.compared import Comparison
    from lsd_studio.engine.operators.label_operators import LabelledCodes
    from lsd_studio.engine.operators.store import MeasuredOperator

CODES = "labelled codes"
"""Note of the session."""

TRAINING_IMAGES_A_LABEL = 1000
"""The first so many of each label are what operators are built from."""


@dataclass(frozen=True)
class ComparedOperators:
    """A comparison; `not_stored` says in a sentence why it could not be stored, "" where it is."""

    comparison: Comparison
    not_stored: str = ""


class LabelOperatorOperations(Operations):
    """Builds every operator from one label to another on training images, and compares them on test images.

    Where `images` is None, it is the current image of `DecomposeOperations`, with the code in use.
    """

    @operation("analysis")
    def compare(
        self, source: str, pairs: int | None = None, seed: int = 0, stored: bool = False
    ) -> Generator[Doing | Comparison, None, ComparedOperators]:
        """Compare every operator, and store what was found beside the bundle, or in the user's cache.

        Yields what is being done, and after each operator the comparison of those so far.

        Args:
            source: data set by name or folder.
            pairs: over so many (source, target) pairs of labels, drawn by `seed`; None for all.
            stored: whether the same comparison that was stored before is returned at once.

        Raises:
            StudioError: there are no such images, or too few of a label.
        """
        from lsd_studio.engine.datasets import load_fitting
        from lsd_studio.engine.operators.comparison import compare
        from lsd_studio.engine.operators.comparison_store import (
            ComparedOn,
            store_comparison,
            stored_comparison,
        )
        from lsd_studio.engine.operators.pair_codes import codes_of
        from lsd_studio.engine.operators.readers import PictureReader

        bundle = self._session.open_bundle()
        yield Doing("reading images")
        test = load_fitting(bundle.manifest.trained_on, source, "test", report_doing)
        training = load_fitting(bundle.manifest.trained_on, source, "train", report_doing)
        depends_on = ComparedOn.of(bundle, test, training, seed, pairs=pairs)
        if stored and (found := stored_comparison(bundle, depends_on)) is not None:
            return ComparedOperators(found)
        known = yield from self._known_codes(bundle, training)
        means = yield from codes_of(bundle, test, "test images")
        comparison = yield from compare(
            PictureReader(bundle.networks),
            known,
            means.astype(np.float64),
            test.labels,
            test.name,
            pairs=pairs,
            seed=seed,
        )
        try:
            store_comparison(bundle, depends_on, comparison)
        except StudioError as error:
            return ComparedOperators(comparison, str(error))
        return ComparedOperators(comparison)

    @operation("loading")
    def compared(self, source: str) -> Comparison | None:
        """The comparison over all pairs that was stored before; None where there is none.

        Raises:
            StudioError: there are no such images.
        """
        from lsd_studio.engine.datasets import load_fitting
        from lsd_studio.engine.operators.comparison_store import ComparedOn, stored_comparison

        bundle = self._session.open_bundle()
        trained_on = bundle.manifest.trained_on
        test, training = (load_fitting(trained_on, source, split) for split in ("test", "train"))
        return stored_comparison(bundle, ComparedOn.of(bundle, test, training, 0, pairs=None))

    @operation("analysis")
    def build(self, name: str, source: int, target: int, data: str) -> Generator[Doing, None, BuiltOperator]:
        """Build an operator of `label_operators.OPERATORS` from one label to another on training images.

        Args:
            data: data set by name or folder.

        Raises:
            StudioError: the labels are one, or there are no such images, or too few of a label.
        """
        from lsd_studio.engine.datasets import load_fitting
        from lsd_studio.engine.operators.label_operators import OPERATORS

        bundle = self._session.open_bundle()
        if source == target:
            raise StudioError("From a label to itself there is no operator: choose two labels.")
        yield Doing("reading training images")
        training = load_fitting(bundle.manifest.trained_on, data, "train", report_doing)
        known = yield from self._known_codes(bundle, training)
        return BuiltOperator(name, source, target, OPERATORS[name].build(known, source, target), bundle)

    @operation()
    def move(self, built: BuiltOperator, t: float, images: EncodedImages | None = None) -> MovedImages:
        """Images, or the current image, under an operator at t, 0 (the identity) … 1 (whole)."""
        bundle = self._open_with(built)
        codes = images_codes(self._session, images)
        matrix, shift = built.at(t)
        pixels = bundle.networks.decode(renormalise(codes @ matrix.T + shift))
        words = _in_words(bundle, built.name, built.source, built.target)
        return MovedImages(
            t=t,
            pictures=pictures(pixels),
            probabilities=bundle.networks.classify(pixels),
            judged=bundle.networks.judge_images(pixels),
            provenance=f"{words}, t = {t:.2f}",
        )

    @operation("loading")
    def keep(self, built: BuiltOperator, name: str, comparison: Comparison | None = None) -> None:
        """Save the whole operator in the open bundle under a name, with what a comparison measured of its like.

        Raises:
            StudioError: the name cannot be one, or the disk is full or not writable.
        """
        from lsd_studio.engine.operators.label_operators import OPERATORS
        from lsd_studio.engine.operators.store import Operator, save_operator

        bundle = self._open_with(built)
        matrix, shift = built.at(1.0)
        operator = Operator(
            name,
            matrix,
            "from label to label",
            _in_words(bundle, built.name, built.source, built.target),
            shift=shift if shift.any() else None,
            way=OPERATORS[built.name].way,
            measured=_measured(comparison, built.name),
        )
        save_operator(bundle, operator)

    def _open_with(self, built: BuiltOperator) -> Bundle:
        bundle = self._session.open_bundle()
        if built.bundle is not bundle:
            raise NotAvailableError("This operator was built for another bundle: build it again.")
        return bundle

    def _known_codes(self, bundle: Bundle, training: LabelledImages) -> Generator[Doing, None, LabelledCodes]:
        """What operators are built from, cached for the next one."""
        cached: tuple[Bundle, str, LabelledCodes] | None = self._session.notes.get(CODES)
        if cached is not None and cached[0] is bundle and cached[1] == training.checksum:
            return cached[2]
        known = yield from _labelled_codes(bundle, training)
        self._session.notes[CODES] = bundle, training.checksum, known
        return known


def _labelled_codes(bundle: Bundle, training: LabelledImages) -> Generator[Doing, None, LabelledCodes]:
    from lsd_studio.engine.operators.label_operators import LabelledCodes
    from lsd_studio.engine.operators.pair_codes import codes_of

    first = [
        np.flatnonzero(training.labels == label)[:TRAINING_IMAGES_A_LABEL]
        for label in range(training.number_of_labels)
    ]
    some = training.take(np.concatenate(first))
    codes = yield from codes_of(bundle, some, "training images")
    return LabelledCodes(bundle.basis, codes.astype(np.float64), some.labels)


def _in_words(bundle: Bundle, name: str, source: int, target: int) -> str:
    from lsd_studio.engine.operators.label_operators import OPERATORS

    first, second = (isolated(bundle.manifest.label_names[label]) for label in (source, target))
    return f"{OPERATORS[name].title}, {first} → {second}"


def _measured(comparison: Comparison | None, name: str) -> MeasuredOperator | None:
    """What was compared of operators of this name."""
    from lsd_studio.engine.operators.store import MeasuredOperator, StatedMeasure

    known = () if comparison is None else comparison.operators
    found = next((each for each in known if each.name == name), None)
    if comparison is None or found is None:
        return None

    def noted(measure: Measure) -> StatedMeasure:
        value, low, high = (
            None if math.isnan(number) else number for number in (measure.value, measure.low, measure.high)
        )
        return StatedMeasure(value=value, low=low, high=high, count=measure.count)

    return MeasuredOperator(
        data=comparison.data,
        pairs=len(comparison.pairs),
        images=comparison.images,
        arrived={reader: noted(arrival.reached) for reader, arrival in found.arrivals.items()},
        style={measure: noted(kept) for measure, kept in found.style.items()},
        clears_random=found.clears_random,
    )
