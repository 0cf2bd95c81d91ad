"""Operators fitted on pairs of codes: z_j = O z_i, any matrix or an orthogonal one (R23; the O_Δt of Fig. 1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import orthogonal_procrustes, solve

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.operators.planes import FloatArray
from lsd_studio.engine.vocabulary import Method

FEWEST_PAIRS = 5
"""Pairs below which none is held out, and with them no weight of the identity can be chosen."""

ROUNDING = 1e-12
"""Relative errors that differ by less are alike, and the smaller weight is taken."""

HELD_OUT_SHARE = 0.2
FOLDS = 5
WEIGHTS = (1e-9, 1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
"""Weights of the identity that are tried, in units of the mean squared length of a code component times the pairs."""


@dataclass(frozen=True, eq=False)
class Fit:
    """An operator fitted on pairs, and what it is worth on others.

    Attributes:
        matrix: float64 [M, M], O with z_j ≈ O z_i.
        method: "least squares" or "orthogonal".
        weight: of the identity, in the units of `WEIGHTS`; chosen by cross-validation on the pairs fitted.
        pairs: how many it was fitted on.
        held_out: int64, the indices of the pairs that took no part in it.
        fit_error, held_out_error: `relative_error` on both.
        identity_error: the error on the held-out pairs of doing nothing.
        shift_error: of adding the mean of z_j − z_i over the pairs fitted, to every code alike.
        label_shift_error: of adding that mean over the pairs of the code's own label; None without two labels.
    """

    matrix: FloatArray
    method: Method
    weight: float
    pairs: int
    held_out: NDArray[np.int64]
    fit_error: float
    held_out_error: float
    identity_error: float
    shift_error: float
    label_shift_error: float | None

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of it, a sentence each."""
        if self.weight == WEIGHTS[0]:
            return ()
        dimensions = len(self.matrix)
        needed = self.pairs < dimensions
        why = f", which {self.pairs} pairs in {dimensions} dimensions need" if needed else ""
        return (f"Fitted with a ridge of {self.weight:g} towards the identity{why}.",)


def fit_operator(
    before: ArrayLike,
    after: ArrayLike,
    method: Method = "least squares",
    *,
    labels: ArrayLike | None = None,
    seed: int = 0,
) -> Fit:
    """Fit O with z_j = O z_i on pairs of codes z_i = `before` and z_j = `after`, each [N, M].

    A fifth of the pairs, drawn by `seed`, is held out. The others are fitted with a ridge towards the identity, so that
    directions of which the pairs say nothing are left alone; its weight is the best of `WEIGHTS` in five-fold
    cross-validation. Its errors are given beside those of simpler answers: doing nothing, one shift for all codes, and,
    where the `labels` of z_i [N] are given, one shift for each label.

    Raises:
        StudioError: fewer than 5 pairs, shapes that differ, or values that are not finite.
    """
    before, after = (np.asarray(codes, dtype=np.float64) for codes in (before, after))
    if before.ndim != 2 or before.shape != after.shape:
        raise StudioError(
            f"Pairs need as many codes before as after, not {list(before.shape)} and {list(after.shape)}."
        )
    if len(before) < FEWEST_PAIRS:
        raise StudioError(
            f"An operator needs at least {FEWEST_PAIRS} pairs, not {len(before)}: give more images."
        )
    if not (np.isfinite(before).all() and np.isfinite(after).all()):
        raise StudioError("Some codes are not finite: encode the images again.")
    order = np.random.default_rng(seed).permutation(len(before))
    held_out, fitted = np.split(order, [max(1, round(HELD_OUT_SHARE * len(order)))])
    weight = _best_weight(before[fitted], after[fitted], method)
    matrix = solve_operator(before[fitted], after[fitted], method, weight)
    moves = (after - before)[fitted]
    known = np.zeros(len(before), dtype=np.int64) if labels is None else np.asarray(labels)
    several = len(np.unique(known)) > 1
    return Fit(
        matrix=matrix,
        method=method,
        weight=weight,
        pairs=len(fitted),
        held_out=held_out,
        fit_error=relative_error(matrix, before[fitted], after[fitted]),
        held_out_error=relative_error(matrix, before[held_out], after[held_out]),
        identity_error=_error(before[held_out], after[held_out]),
        shift_error=_error(before[held_out] + moves.mean(axis=0), after[held_out]),
        label_shift_error=_error(
            before[held_out] + _shifts(moves, known[fitted], known[held_out]), after[held_out]
        )
        if several
        else None,
    )


def solve_operator(before: FloatArray, after: FloatArray, method: Method, weight: float) -> FloatArray:
    """O, float64 [M, M], of least Σ |z_j − O z_i|² + λ ‖O − I‖², over all matrices or over the orthogonal ones.

    λ is `weight` times the mean of a squared component of `before`, times the number of pairs.
    """
    dimensions = before.shape[1]
    ridge = weight * (before**2).sum() / dimensions
    if method == "least squares":
        gram = before.T @ before + ridge * np.eye(dimensions)
        change = solve(gram, before.T @ (after - before), assume_a="pos")
        return np.ascontiguousarray(np.eye(dimensions) + change.T)
    identity = np.sqrt(ridge) * np.eye(dimensions)
    turn, _ = orthogonal_procrustes(np.concatenate([before, identity]), np.concatenate([after, identity]))
    return np.ascontiguousarray(turn.T)


def relative_error(matrix: FloatArray, before: FloatArray, after: FloatArray) -> float:
    """Σ |z_j − O z_i|² / Σ |z_j|² of pairs [N, M]."""
    return _error(before @ matrix.T, after)


def _error(found: FloatArray, after: FloatArray) -> float:
    return float(((after - found) ** 2).sum() / (after**2).sum())


def _shifts(moves: FloatArray, labels: NDArray[np.int64], of: NDArray[np.int64]) -> FloatArray:
    """The mean of `moves` [N, M] with the label of each of `of` [K]; over all of them for a label that has none."""
    means = {label: moves[labels == label].mean(axis=0) for label in np.unique(labels).tolist()}
    everywhere = moves.mean(axis=0)
    return np.stack([means.get(label, everywhere) for label in of.tolist()])


def _best_weight(before: FloatArray, after: FloatArray, method: Method) -> float:
    folds = np.array_split(np.arange(len(before)), min(FOLDS, len(before)))
    errors = []
    for weight in WEIGHTS:
        error = 0.0
        for fold in folds:
            rest = np.delete(np.arange(len(before)), fold)
            matrix = solve_operator(before[rest], after[rest], method, weight)
            error += float(((after[fold] - before[fold] @ matrix.T) ** 2).sum())
        errors.append(error)
    return WEIGHTS[int(np.argmax(np.array(errors) <= min(errors) + ROUNDING * (after**2).sum()))]
