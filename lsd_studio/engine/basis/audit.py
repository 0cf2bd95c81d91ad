"""What of a basis is signal and what is sampling noise, in numbers and in words (R35)."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from lsd_studio.engine.basis.measures import Audit
from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors
from lsd_studio.engine.vocabulary import Complement

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

CONFIDENCE = 0.99
"""Share of the residuals, and of the largest singular values, of pure noise that are below what is called above it."""

TRACY_WIDOM = 2.0234
"""Quantile 0.99 of the Tracy–Widom distribution of order 1 (Bejan 2005)."""

REPEATS = 0.9
"""|cos| from which a direction counts as the same."""

SINGULAR = {"repeat": "repeats", "repeat in part": "repeats in part", "do not repeat": "does not repeat"}


def audit_basis(
    basis: QuasiEigenvectors,
    counts: NDArray[np.int64],
    eta_kept: BoolArray,
    xi_kept: BoolArray,
    complement: Complement,
) -> Audit:
    """Audit a basis; see `Audit` for what is measured.

    Args:
        counts: [n, l], the latent vectors behind each η.
        eta_kept, xi_kept: [M], whether C∘G gives the vector its own label.
        complement: how the sets 2…n of ξ were made, for the sentence.
    """
    eta, dimensions = basis.eta_, len(basis.eta_)
    raw, singular_values = (np.linalg.svd(of, compute_uv=False) for of in (eta, _alike(eta, counts)))
    residuals = np.abs(np.diag(np.linalg.qr(eta.T, mode="r")))
    scales = sampling_scales(counts, dimensions)
    free = dimensions - np.arange(dimensions)
    longest = scales * np.sqrt(scipy.stats.chi2.ppf(CONFIDENCE, free) / free)
    edge = noise_edge(counts, dimensions)
    shares = singular_values / singular_values.sum()
    lengths = np.linalg.norm(eta, axis=1) * np.sqrt(basis.squared_norm_)
    above_noise = residuals > longest
    directions = int((singular_values > edge).sum())
    return Audit(
        condition_number=float(raw[0] / raw[-1]),
        singular_values=singular_values,
        noise_edge=edge,
        directions_above_noise=directions,
        effective_rank=float(np.exp(scipy.stats.entropy(shares))),
        residuals=residuals,
        sampling_scales=scales,
        above_noise=above_noise,
        cosines=(basis.xi_ * eta).sum(axis=1) / lengths,
        orthogonality_error=basis.orthogonality_error_,
        sentence=_sentence(counts, directions, above_noise, eta_kept, xi_kept, complement),
    )


def sampling_scales(counts: NDArray[np.int64], dimensions: int) -> FloatArray:
    """The root mean square of |R_kk| that sampling noise alone would give each η, float64 [M].

    A component of z ~ N(0, I) has variance 1, and hardly less once its label is known (set 1 is taken as alike), so
    the mean of V of them is off by 1/√V, and all M components together by √(M/V). Gram–Schmidt takes k of the M
    directions of this error away, those of the k predecessors, and √((M − k)/V) is left. Where r earlier sets have
    averaged draws of the same label and source, the expectation cancels against the mean of those r averages, whose
    own error of 1/√(rV) comes in its place. Hence

        √((M − k)(1/V + 1/(rV))),  or with r = 0  √((M − k)/V),

    with the counts of the sets themselves instead of V where the gathering was stopped. √(M/V) is its upper end. The
    square of such a residual is this scale's square times χ² of M − k degrees of freedom over M − k.

    Args:
        counts: [n, l], latent vectors averaged: set 1 encoded, the others random.
        dimensions: M = n·l.
    """
    earlier = np.zeros_like(counts)
    earlier[2:] = np.cumsum(counts[1:], axis=0)[:-1]
    variances = 1 / counts + np.divide(1.0, earlier, out=np.zeros(counts.shape), where=earlier > 0)
    free = dimensions - np.arange(dimensions)
    return np.sqrt(free * variances.ravel())


def _alike(eta: FloatArray, counts: NDArray[np.int64]) -> FloatArray:
    """η with the noise of all averages as large as that of the harmonic mean of the counts; where all are full, η."""
    return eta * np.sqrt(counts / scipy.stats.hmean(counts, axis=None)).reshape(-1, 1)


def noise_edge(counts: NDArray[np.int64], dimensions: int) -> float:
    """The largest singular value that M averages of pure noise exceed in one case of a hundred (Johnstone 2001).

    V times its square is (√(M − 1) + √M)² plus the quantile 0.99 of Tracy and Widom's distribution times
    (√(M − 1) + √M) (1/√(M − 1) + 1/√M)^⅓, with the harmonic mean of the counts [n, l] for V, as in `_alike`.
    """
    both = np.sqrt(dimensions - 1) + np.sqrt(dimensions)
    spread = both * (1 / np.sqrt(dimensions - 1) + 1 / np.sqrt(dimensions)) ** (1 / 3)
    return float(np.sqrt((both**2 + TRACY_WIDOM * spread) / scipy.stats.hmean(counts, axis=None)))


def twin_cosines(vectors: FloatArray, twins: FloatArray) -> FloatArray:
    """|cos| of each vector [M, M] with its twin of the same label and set, float64 [M], 0…1."""
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(twins, axis=1)
    return np.abs((vectors * twins).sum(axis=1)) / lengths


def chance_cosine(dimensions: int) -> float:
    """The median |cos| of two random directions: cos² is distributed as Beta(1/2, (M − 1)/2)."""
    return float(np.sqrt(scipy.stats.beta.median(0.5, (dimensions - 1) / 2)))


def repetition_sentence(xi_cosines: FloatArray, number_of_labels: int, seed: int) -> str:
    """What repeats with another seed and what does not, in words, of the |cos| [M] of each ξ with its twin."""
    chance = chance_cosine(len(xi_cosines))
    medians = np.median(xi_cosines.reshape(-1, number_of_labels), axis=1)

    def verdict(median: float) -> str:
        if median >= REPEATS:
            return "repeat"
        return "repeat in part" if median > 3 * chance else "do not repeat"

    parts = []
    for name, group in groupby(enumerate(medians, start=1), key=lambda numbered: verdict(numbered[1])):
        sets = [number for number, _ in group]
        cosines = xi_cosines.reshape(-1, number_of_labels)[sets[0] - 1 : sets[-1]]
        verb = name if len(sets) > 1 else SINGULAR[name]
        parts.append(f"{_sets(sets)} {verb} (median |cos| {np.median(cosines):.2f})")
    return (
        f"With seed {seed}, {_listed(parts)}; two random directions of {len(xi_cosines)} dimensions have "
        f"{chance:.2f}. What does not repeat is a property of the draw, not of the networks."
        if any(verdict(median) != "repeat" for median in medians)
        else f"With seed {seed}, {_listed(parts)}: the basis is a property of the networks, not of the draw."
    )


def _sentence(
    counts: NDArray[np.int64],
    directions: int,
    above_noise: BoolArray,
    eta_kept: BoolArray,
    xi_kept: BoolArray,
    complement: Complement,
) -> str:
    number_of_sets, labels = counts.shape
    by_set = above_noise.reshape(number_of_sets, labels).mean(axis=1)
    signal = [index + 1 for index in range(number_of_sets) if by_set[index] > 0.5]
    noise = [index + 1 for index in range(number_of_sets) if by_set[index] <= 0.5]
    averaged = f"{counts.min()}" if counts.min() == counts.max() else f"{counts.min()} to {counts.max()}"
    parts = [
        f"{directions} of the {counts.size} directions that η spans stand above the noise of averaging "
        f"{averaged} vectors."
    ]
    parts.append(_what_sets_bring(signal, noise))
    kept = xi_kept.reshape(number_of_sets, labels).sum(axis=1)
    parts.append(
        f"C reads {eta_kept.sum()} of {counts.size} η as their label and {xi_kept.sum()} of the ξ: "
        f"{kept[0]} of {labels} in set 1"
        + (f", {kept[1:].sum()} of {counts.size - labels} in the others." if number_of_sets > 1 else ".")
    )
    if number_of_sets > 1:
        parts.append(_what_others_mean(complement, noise))
    return " ".join(parts)


def _what_sets_bring(signal: list[int], noise: list[int]) -> str:
    if not signal:
        return "No set brings directions that noise would not: gather more latent vectors."
    sets = _sets(signal)
    carry = f"{sets[0].upper()}{sets[1:]} {'brings' if len(signal) == 1 else 'bring'} new directions"
    if not noise:
        return f"{carry}: no set is noise."
    repeat = "only repeats" if len(noise) == 1 else "only repeat"
    return f"{carry}; {_sets(noise)} {repeat} {'it' if len(signal) == 1 else 'them'} with other noise."


def _what_others_mean(complement: Complement, noise: list[int]) -> str:
    if complement == "labelled":
        return (
            "The sets past the first are no averages: they were turned until C reads them as their labels, "
            "which says nothing of what images hold; Evaluate compares them with random directions."
        )
    if complement == "informative":
        return (
            "The sets past the first are no averages: they span what encoded images vary in most, strongest "
            "first, and were turned within it towards their labels."
        )
    if not noise:
        return "So all ξ rest on signal; those that C does not read as their label mix several."
    return f"So the ξ of {_sets(noise)} are noise made orthogonal: a label read in one of them is chance."


def _sets(numbers: list[int]) -> str:
    """The sets by number: "set 1", "the sets 1 and 2", "the sets 3 to 10" or "the sets 1, 2 and 5"."""
    if len(numbers) == 1:
        return f"set {numbers[0]}"
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"the sets {numbers[0]} to {numbers[-1]}"
    return f"the sets {_listed([str(number) for number in numbers])}"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
