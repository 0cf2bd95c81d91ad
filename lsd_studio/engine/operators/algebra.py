"""Operators as matrices: composed, inverted where they can be, raised to real powers.

An affine operator z′ = A z + b is the matrix [M + 1, M + 1] that takes (z, 1) to (z′, 1): so all of this holds of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import fractional_matrix_power

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.operators.planes import FloatArray
from lsd_studio.percentages import percentage

ORTHOGONAL = 1e-9
"""Largest entry of |Oᵀ O − I| of an operator that counts as orthogonal."""

SINGULAR = 1e-10
"""Ratio of the smallest to the largest singular value below which an operator cannot be undone."""

REAL = 1e-8
"""Share of an imaginary part that is rounding."""


@dataclass(frozen=True, eq=False)
class Power:
    """The real part of O^t, float64 [M, M], and the share ‖Im O^t‖ / ‖O^t‖, 0…1, left out; 0 where it is rounding."""

    matrix: FloatArray
    imaginary_share: float

    @property
    def note(self) -> str:
        """One sentence on what was left out, "" where nothing was."""
        if not self.imaginary_share:
            return ""
        return (
            "The operator turns something round by half a turn or mirrors it, so this power is complex: "
            f"an imaginary part of {percentage(self.imaginary_share, 1)} of it is left out."
        )


def compose(*matrices: FloatArray) -> FloatArray:
    """The operator that applies these [M, M] one after the other, the first one first.

    Raises:
        StudioError: none is given, or their dimensions differ.
    """
    if not matrices:
        raise StudioError("There is nothing to apply: choose an operator.")
    if len({matrix.shape for matrix in matrices}) > 1:
        raise StudioError(
            "These operators are for codes of different lengths: compose operators of one bundle."
        )
    product = matrices[0]
    for matrix in matrices[1:]:
        product = matrix @ product
    return product


def affine(matrix: FloatArray, shift: FloatArray | None = None) -> FloatArray:
    """z′ = A z + b as one matrix [M + 1, M + 1]; without a shift b is 0."""
    whole = np.eye(len(matrix) + 1)
    whole[:-1, :-1] = matrix
    if shift is not None:
        whole[:-1, -1] = shift
    return whole


def apply_affine(whole: FloatArray, codes: NDArray[np.floating]) -> FloatArray:
    """Codes [N, M] under an operator [M + 1, M + 1]."""
    return np.asarray(codes, dtype=np.float64) @ whole[:-1, :-1].T + whole[:-1, -1]


def straight(whole: FloatArray, share: float) -> Power:
    """An operator on the straight way from the identity (0) to itself (1); beyond these it is a real power (R23)."""
    if 0 <= share <= 1:
        return Power((1 - share) * np.eye(len(whole)) + share * whole, 0.0)
    return power(whole, share)


def eigenvalues(matrix: FloatArray) -> NDArray[np.complex128]:
    """The eigenvalues by falling magnitude, then by falling angle, complex128 [M]."""
    values = np.linalg.eigvals(matrix).astype(np.complex128)
    return values[np.lexsort((-np.angle(values), -np.abs(values).round(12)))]


def orthogonal(matrix: FloatArray) -> bool:
    """Whether Oᵀ O = I up to rounding, so that it turns (or mirrors) codes and keeps their lengths."""
    return float(np.abs(matrix.T @ matrix - np.eye(len(matrix))).max()) <= ORTHOGONAL


def invertible(matrix: FloatArray) -> bool:
    """Whether it can be undone: no direction is wiped out. The transport (Eq. 11) cannot."""
    sizes = np.linalg.svd(matrix, compute_uv=False)
    return bool(sizes[-1] > SINGULAR * sizes[0])


def power(matrix: FloatArray, exponent: float) -> Power:
    """O^t for any real t: twice, half, or (t = −1) undone (R23).

    Whole powers are exact products; others go through SciPy's Schur–Padé algorithm.

    Raises:
        StudioError: a power that is not above 0 of an operator that wipes directions out, or one too large for numbers.
    """
    if exponent <= 0 and not invertible(matrix):
        raise StudioError(
            "This operator wipes directions out, as the transport does, so it cannot be undone: "
            "use a power above 0, or the rotation instead."
        )
    with np.errstate(all="ignore"):
        if float(exponent).is_integer():
            raised = np.linalg.matrix_power(matrix, int(exponent))
        else:
            raised = np.asarray(fractional_matrix_power(matrix, exponent))
    if not np.isfinite(raised).all():
        raise StudioError(f"The power {exponent:g} of this operator is not finite: choose one nearer to 0.")
    share = float(np.linalg.norm(raised.imag) / np.linalg.norm(raised)) if np.iscomplexobj(raised) else 0.0
    return Power(np.ascontiguousarray(raised.real), share if share > REAL else 0.0)
