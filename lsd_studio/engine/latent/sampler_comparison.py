"""Samplers side by side: points drawn, decoded and measured beside codes of other images (R27, R31)."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.generator.neighbourhoods import neighbourhoods
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.latent.statistics.moments import Codes, moments
from lsd_studio.engine.latent.statistics.radius import radii
from lsd_studio.engine.latent.statistics.sample_quality import (
    label_entropy,
    telling_apart,
)
from lsd_studio.engine.latent.statistics.samplers import (
    Sampler,
    check_sampler,
    draw,
    sampler_title,
    samplers_for,
)
from lsd_studio.engine.platform.seeds import random_numbers
from lsd_studio.percentages import percentage

if TYPE_CHECKING:
    from lsd_studio.engine.autoencoders.coders import Coder
    from lsd_studio.engine.latent.dataset import LatentDataset

FEWEST_POINTS, MOST_POINTS = 100, 5000
MOST_PICTURES = 100
DECODED_AT_ONCE = 500
SURE = 0.9
SIGMAS = 2.0
"""Standard errors by which two shares must differ to count as different."""


@dataclass(frozen=True, eq=False)
class SamplerMeasures:
    """What one sampler's points are worth.

    Attributes:
        sampler: as used; title: in words, with its numbers.
        pictures: uint8 [P, H, W, C], decoded.
        labels: int64 [P], C's; None without a classifier.
        points: that were measured.
        radius: mean |z|.
        mahalanobis: median distance from the mean of the codes, in their covariance.
        inside: share within the Mahalanobis distance that 99 % of the codes have: the populated region.
        confidence: mean probability of C's label; sure: share with 0.9 or more. None without a classifier.
        entropy: of the mean of C's probabilities over log l, 0 (one label) … 1 (all alike); None likewise.
        precision, recall: in C's feature space (Kynkäänniemi et al. 2019, k = 3): the share of samples among the
            images, and of images among the samples; None likewise.
        auc: of a classifier (gradient-boosted trees on whitened codes, cross-validated) that tells the points from
            codes: 0.5 cannot, 1 always.
        mean_error: |mean − mean of the codes| / √(trace of their covariance).
        covariance_error: Frobenius norm of the difference of covariances over that of the codes'.
    """

    sampler: Sampler
    title: str
    pictures: NDArray[np.uint8]
    labels: NDArray[np.int64] | None
    points: int
    radius: float
    mahalanobis: float
    inside: float
    confidence: float | None
    sure: float | None
    entropy: float | None
    precision: float | None
    recall: float | None
    auc: float
    mean_error: float
    covariance_error: float


@dataclass(frozen=True)
class MeasuredSampler:
    """One more sampler is measured: `done` of `wanted`."""

    measures: SamplerMeasures
    done: int
    wanted: int


@dataclass(frozen=True)
class SamplerComparison:
    """Samplers side by side.

    Attributes:
        rows: of all samplers, in order.
        sentence: what the posts' experiments come to here, with the numbers.
        notes: one sentence each, such as which sampler this coder does not have.
    """

    rows: tuple[SamplerMeasures, ...]
    sentence: str
    notes: tuple[str, ...]
    seed: int


def compare_samplers(
    of: LatentDataset, samplers: Sequence[Sampler], points: int, shown: int, seed: int
) -> Generator[MeasuredSampler, None, SamplerComparison]:
    """Measure samplers one after the other, each beside the same `points` codes and the images that they are of.

    The sampler "codes" draws from the other codes. With fewer than twice as many codes as `points`, half of the codes
    are compared with.

    Args:
        samplers: which; none means all of R27 and R31 that the coder allows, after the codes themselves.
        points: drawn of each for the measures, 100…5000.
        shown: pictures of each that are kept, 1…100.

    Raises:
        StudioError: a number is out of its range, the coder has no such sampler, or there are too few codes.
    """
    if not FEWEST_POINTS <= points <= MOST_POINTS:
        raise StudioError(
            f"Samplers are measured on {FEWEST_POINTS} to {MOST_POINTS} points, not {points}: choose another number."
        )
    if not 1 <= shown <= MOST_PICTURES:
        raise StudioError(
            f"1 to {MOST_PICTURES} pictures are shown of each sampler, not {shown}: choose another."
        )
    if len(of.codes) < 2 * FEWEST_POINTS:
        raise StudioError(
            f"Samplers are measured beside {FEWEST_POINTS} codes and as many others, and there are {len(of.codes)}: "
            "open more images."
        )
    chosen = samplers or samplers_for(of.components, of.coder.has_normal_prior)
    for sampler in chosen:
        check_sampler(sampler, of.components, of.coder.has_normal_prior)
    order = random_numbers(seed, "codes compared").permutation(len(of.codes))
    points = min(points, len(order) // 2)
    compared, others = np.sort(order[:points]), np.sort(order[points:])
    codes = of.codes[compared]
    features = of.decoder.features(of.images.images[compared])
    rows: list[SamplerMeasures] = []
    for place, sampler in enumerate(chosen):
        own = random_numbers(seed, "sampler", place)
        drawn = draw(sampler, points, of.moments, of.principal, of.codes[others], own)
        rows.append(_measured(of, sampler, drawn, codes, features, shown, seed))
        yield MeasuredSampler(rows[-1], len(rows), len(chosen))
    notes = []
    if not samplers and not of.coder.has_normal_prior:
        notes.append("These codes have no prior N(0, I) to draw from.")
    if of.coder.classifier is None:
        notes.append(
            "This coder has no classifier, so neither confidence nor precision and recall are measured."
        )
    return SamplerComparison(tuple(rows), comparison_sentence(rows), tuple(notes), seed)


def comparison_sentence(rows: Sequence[SamplerMeasures]) -> str:
    """What the posts' experiments come to: how cubes do beside the multivariate normal and the codes themselves.

    Where C is as sure of points from a cube as of the normal's, it says so, and what separates the two.
    """
    cubes = [row for row in rows if row.sampler.kind == "cube"]
    normal = next((row for row in rows if row.sampler.kind == "cholesky"), None)
    codes = next((row for row in rows if row.sampler.kind == "codes"), None)
    parts = []
    if cubes:
        best = max(cubes, key=_likeness)
        parts.append(f"the best cube (|z| < {best.sampler.boundary:g}): {_worth(best)}")
    if normal is not None:
        parts.append(f"the multivariate normal: {_worth(normal)}")
    if codes is not None:
        parts.append(f"codes of other images: {_worth(codes)}")
    if not parts:
        return ""
    sentence = "; ".join(parts)
    alone = "" if normal is None else _confidence_alone(cubes, normal)
    return f"{sentence[0].upper()}{sentence[1:]}.{alone}"


def _confidence_alone(cubes: Sequence[SamplerMeasures], normal: SamplerMeasures) -> str:
    """Whether C's confidence by itself separates cubes from the normal, in a sentence with a space before it."""
    read = [(row.sure, row) for row in cubes if row.sure is not None]
    if not read or normal.sure is None:
        return ""
    sure, surest = max(read, key=lambda pair: pair[0])
    spread = sum(share * (1 - share) / row.points for share, row in ((sure, surest), (normal.sure, normal)))
    if sure < normal.sure - SIGMAS * math.sqrt(spread):
        most = f"{percentage(sure, 1)} at most (|z| < {surest.sampler.boundary:g})"
        return f" C is sure of fewer points of any cube, {most}."
    words = (
        f" C's confidence alone does not tell cubes from the normal: it is sure of {percentage(sure, 1)} of the points "
        f"with |z| < {surest.sampler.boundary:g} too, of which {percentage(surest.inside, 1)} lie in the populated "
        "region"
    )
    if surest.precision is None or normal.precision is None:
        return f"{words}."
    return f"{words} and whose precision is {surest.precision:.2f}, against {normal.precision:.2f}."


def _likeness(row: SamplerMeasures) -> tuple[float, float]:
    """Harmonic mean of precision and recall, so that neither one picture nor any picture will do; then the region."""
    precision, recall = row.precision or 0.0, row.recall or 0.0
    return 2 * precision * recall / max(precision + recall, 1e-9), row.inside


def _worth(row: SamplerMeasures) -> str:
    words = f"{percentage(row.inside, 1)} of points in the populated region, AUC {row.auc:.3f}"
    if row.sure is not None:
        words += f", C sure of {percentage(row.sure, 1)}"
    if row.precision is not None and row.recall is not None:
        words += f", precision {row.precision:.2f}, recall {row.recall:.2f}"
    return words


def _measured(
    of: LatentDataset,
    sampler: Sampler,
    drawn: Codes,
    codes: Codes,
    features: NDArray[np.float32] | None,
    shown: int,
    seed: int,
) -> SamplerMeasures:
    decoded, probabilities, drawn_features = _decoded(of.decoder, drawn, shown)
    own, distances = moments(drawn), of.principal.distances(drawn)
    near = None
    if features is not None and drawn_features is not None:
        near = neighbourhoods(features, drawn_features)
    sure = None if probabilities is None else probabilities.max(axis=1)
    return SamplerMeasures(
        sampler=sampler,
        title=sampler_title(sampler),
        pictures=decoded,
        labels=None if probabilities is None else probabilities[: len(decoded)].argmax(axis=1),
        points=len(drawn),
        radius=float(radii(drawn).mean()),
        mahalanobis=float(np.median(distances)),
        inside=float((distances <= of.boundary).mean()),
        confidence=None if sure is None else float(sure.mean()),
        sure=None if sure is None else float((sure >= SURE).mean()),
        entropy=None if probabilities is None else label_entropy(probabilities),
        precision=None if near is None else near.precision,
        recall=None if near is None else near.recall,
        auc=telling_apart(of.principal.whitened(codes), of.principal.whitened(drawn), seed),
        mean_error=float(np.linalg.norm(own.mean - of.moments.mean) / np.sqrt(of.moments.covariance.trace())),
        covariance_error=float(
            np.linalg.norm(own.covariance - of.moments.covariance) / np.linalg.norm(of.moments.covariance)
        ),
    )


def _decoded(
    coder: Coder, codes: Codes, shown: int
) -> tuple[NDArray[np.uint8], NDArray[np.float32] | None, NDArray[np.float32] | None]:
    """Pictures of the first ones, and C's probabilities and features of all."""
    probabilities, features = [], []
    for first in range(0, len(codes), DECODED_AT_ONCE):
        images = coder.decode(codes[first : first + DECODED_AT_ONCE])
        if first == 0:
            decoded = pictures(images[:shown])
        probabilities.append(coder.classify(images))
        features.append(coder.features(images))
    read = [part for part in probabilities if part is not None]
    seen = [part for part in features if part is not None]
    return decoded, np.concatenate(read) if read else None, np.concatenate(seen) if seen else None
