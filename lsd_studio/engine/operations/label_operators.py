"""Operators from label to label, compared on test images (R20, R21, R23)."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.operations import Operations, operation
from lsd_studio.engine.steps import Doing, report_doing

if TYPE_CHECKING:
    from lsd_studio.engine.bundle import Bundle
    from lsd_studio.engine.datasets import LabelledImages
    from lsd_studio.engine.operators.compared import Comparison
    from lsd_studio.engine.operators.label_operators import LabelledCodes

TRAINING_IMAGES_A_LABEL = 1000
"""The first so many of each label are what operators are built from."""


@dataclass(frozen=True)
class ComparedOperators:
    """A comparison; `not_stored` says in a sentence why it could not be stored, "" where it is."""

    comparison: Comparison
    not_stored: str = ""


class LabelOperatorOperations(Operations):
    """Builds every operator from one label to another on training images, and compares them on test images."""

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
            Dependencies,
            store_comparison,
            stored_comparison,
        )
        from lsd_studio.engine.operators.pair_codes import codes_of

        bundle = self._session.open_bundle()
        yield Doing("reading images")
        test = load_fitting(bundle.manifest.trained_on, source, "test", report_doing)
        training = load_fitting(bundle.manifest.trained_on, source, "train", report_doing)
        depends_on = Dependencies.of(bundle, test, training, pairs, seed)
        if stored and (found := stored_comparison(bundle, depends_on)) is not None:
            return ComparedOperators(found)
        known = yield from _labelled_codes(bundle, training)
        means = yield from codes_of(bundle, test, "test images")
        comparison = yield from compare(
            bundle.networks,
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
        from lsd_studio.engine.operators.comparison_store import Dependencies, stored_comparison

        bundle = self._session.open_bundle()
        trained_on = bundle.manifest.trained_on
        test, training = (load_fitting(trained_on, source, split) for split in ("test", "train"))
        return stored_comparison(bundle, Dependencies.of(bundle, test, training, None, 0))


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
