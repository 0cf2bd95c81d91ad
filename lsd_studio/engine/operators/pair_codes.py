"""Codes of pairs of images, and the operator that is fitted on them (R23); slow work is done in steps."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.datasets import LabelledImages, load_fitting, scale_pixels
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.preparation import prepared_for
from lsd_studio.engine.operators.fitted import Fit, fit_operator
from lsd_studio.engine.operators.pair_sources import FolderPairs, MeasuredPairs, PairSource, SequencePairs
from lsd_studio.engine.operators.pairs import MEASURES, files_in_sequence, files_paired_by_name, match_apart
from lsd_studio.engine.operators.store import Operator
from lsd_studio.engine.steps import Doing
from lsd_studio.engine.vocabulary import Method

BATCH = 1000

IMAGES_A_LABEL = 1000
"""Training images of a label among which measured pairs are looked for."""


@dataclass(frozen=True, eq=False)
class EncodedPairs:
    """Pairs of codes, the means of the posteriors of their images.

    Args:
        before, after: float32 [P, M].
        labels: int64 [P], of the image before: the data set's, or C's where the images are files.
        description: where the pairs come from, in words.
    """

    before: NDArray[np.float32]
    after: NDArray[np.float32]
    labels: NDArray[np.int64]
    description: str


@dataclass(frozen=True, eq=False)
class FitOnPairs:
    """A fit, the operator without a name that it gave, and the pairs it was made of."""

    fit: Fit
    operator: Operator
    pairs: EncodedPairs


def fit_on_pairs(
    bundle: Bundle, pairs: PairSource, method: Method = "least squares", *, seed: int = 0
) -> Generator[Doing, None, FitOnPairs]:
    """Encode pairs of images and fit an operator on them, as `fitted.fit_operator` does.

    Raises:
        StudioError: the pairs cannot be read, do not fit the bundle, or are too few.
    """
    yield Doing("reading pairs")
    encoded = yield from encode_pairs(bundle, pairs)
    yield Doing(f"fitting on {len(encoded.before)} pairs")
    fit = fit_operator(encoded.before, encoded.after, method, labels=encoded.labels, seed=seed)
    operator = Operator(
        name="",
        matrix=fit.matrix,
        made=fit.method,
        description=encoded.description,
        pairs=fit.pairs,
        held_out=len(fit.held_out),
        fit_error=fit.fit_error,
        held_out_error=fit.held_out_error,
        identity_error=fit.identity_error,
        shift_error=fit.shift_error,
        label_shift_error=fit.label_shift_error,
    )
    return FitOnPairs(fit, operator, encoded)


def encode_pairs(bundle: Bundle, pairs: PairSource) -> Generator[Doing, None, EncodedPairs]:
    """The codes of the images before and after.

    Raises:
        StudioError: the pairs cannot be read, or do not fit the bundle.
    """
    match pairs:
        case MeasuredPairs():
            return (yield from _encode_measured(bundle, pairs))
        case FolderPairs():
            files, description = files_paired_by_name(pairs.folder), f"pairs in {pairs.folder.name}"
        case SequencePairs():
            files, description = files_in_sequence(pairs.folder), f"the sequence in {pairs.folder.name}"
    before, after = (
        np.stack([prepared_for(bundle, file).pixels for file in side]) for side in zip(*files, strict=True)
    )
    labels = bundle.networks.classify(before).argmax(axis=1)
    encode = bundle.networks.encode
    return EncodedPairs(encode(before)[0], encode(after)[0], labels, description)


def codes_of(bundle: Bundle, data: LabelledImages, which: str) -> Generator[Doing, None, NDArray[np.float32]]:
    """The means of the posteriors float32 [N, M] of images; `which` they are, in words."""
    codes = []
    for first in range(0, len(data), BATCH):
        yield Doing(f"encoding {len(data)} {which}", first / len(data))
        codes.append(bundle.networks.encode(scale_pixels(data.images[first : first + BATCH]))[0])
    return np.concatenate(codes)


def _encode_measured(bundle: Bundle, pairs: MeasuredPairs) -> Generator[Doing, None, EncodedPairs]:
    data = load_fitting(bundle.manifest.trained_on, pairs.source, "train", any_labels=not pairs.labels)
    if data.image_shape[0] > 1:
        raise StudioError("Thickness and slant are measured on grey images: give pairs in a folder instead.")
    labels = pairs.labels or tuple(range(data.number_of_labels))
    chosen = np.concatenate([np.flatnonzero(data.labels == label)[:IMAGES_A_LABEL] for label in labels])
    data = data.take(chosen)
    codes = yield from codes_of(bundle, data, "training images")
    yield Doing(f"measuring the {pairs.measure}")
    values = MEASURES[pairs.measure](data.images)
    first, second = match_apart(values, codes, data.labels, pairs.measure).T
    unit = "px" if pairs.measure == "thickness" else "°"
    named = (
        "all labels" if not pairs.labels else ", ".join(isolated(data.label_names[label]) for label in labels)
    )
    description = (
        f"{data.name}, {named}: {pairs.measure} from {values[first].mean():.1f} {unit} "
        f"to {values[second].mean():.1f} {unit} on average"
    )
    return EncodedPairs(codes[first], codes[second], data.labels[first], description)
