"""Density of codes along each component, with Gaussians fitted to it, and the components that stand out (R25)."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.statistics.moments import Codes, Moments, row_blocks
from lsd_studio.engine.latent.statistics.planes import Axes
from lsd_studio.percentages import percentage

HALF_WIDTH = math.sqrt(2 * math.log(2))
"""Half the full width at half maximum of a Gaussian, in σ."""

MOST_VALUES = 1 << 20
"""Of all curves together, so that they suit one repaint."""

SMALLEST = float(np.finfo(np.float32).tiny)
WIDEST = 1e6
"""Times the largest value: the width of an interval that holds no two values apart."""

FEWEST_INTERVALS = 4
"""That hold points, for a fit of three parameters."""

OFF_CENTRE = 1.0
"""In typical σ: how far a centre lies from the median of all centres before its component stands out."""

WIDER = 1.5
"""How many times as wide (or as narrow) as is typical a component is before it stands out."""

SPREADS = 2.0
"""And in robust standard deviations of all centres, or of the logarithms of all σ."""

NOT_GAUSSIAN = 0.15
"""Share of points on the wrong place before a component stands out by its form."""


@dataclass(frozen=True, eq=False)
class ComponentDensities:
    """Densities float32 [M, B] over intervals of `width` between edges float64 [B + 1]; each integrates to 1.

    `count` codes are in them.
    """

    count: int
    width: float
    edges: NDArray[np.float64]
    density: NDArray[np.float32]

    @property
    def middles(self) -> NDArray[np.float64]:
        """Middle of each interval, float64 [B]."""
        return (self.edges[:-1] + self.edges[1:]) / 2


@dataclass(frozen=True, eq=False)
class GaussianFits:
    """height·exp(−(x − center)² / 2σ²) for each component, float64 [M] each; NaN where there is no fit.

    Attributes:
        center_error, sigma_error: standard errors: how far fits to other codes from the same distribution, as many,
            would stray, whether it is a Gaussian or not.
        error: half the area between curve and fit, 0…1: the share of points on the wrong place.
    """

    height: NDArray[np.float64]
    center: NDArray[np.float64]
    sigma: NDArray[np.float64]
    center_error: NDArray[np.float64]
    sigma_error: NDArray[np.float64]
    error: NDArray[np.float64]


@dataclass(frozen=True)
class StandsOut:
    """A component that stands out, and why, in one sentence."""

    component: int
    reason: str


@dataclass(frozen=True, eq=False)
class AxisDensities:
    """Densities of codes along all axes, what was fitted to them, and which of them stand out (R25).

    Attributes:
        axes: raw components, or principal axes.
        curves: the densities; fits: of a Gaussian to each.
        center, sigma: mean and standard deviation, float64 [M].
        fwhm: full width at half maximum of each curve, float64 [M]; NaN for constant components.
        outstanding: the farthest out first.
        notes: one sentence each, on what has no fit.
    """

    axes: Axes
    curves: ComponentDensities
    fits: GaussianFits
    center: NDArray[np.float64]
    sigma: NDArray[np.float64]
    fwhm: NDArray[np.float64]
    outstanding: tuple[StandsOut, ...]
    notes: tuple[str, ...]

    def fitted(self, component: int) -> NDArray[np.float64]:
        """The Gaussian fitted to a component's curve, float64 [B], at the middles of the intervals; NaN without."""
        fits = self.fits
        return _gaussian(
            self.curves.middles, fits.height[component], fits.center[component], fits.sigma[component]
        )


def axis_densities(
    codes: Codes, of: Moments, width: float = 0.25, axes: Axes = "components"
) -> AxisDensities:
    """Densities of codes [N, M] with these moments along each of their axes, which are called `axes`.

    Raises:
        StudioError: the width is not above 0, or gives too many intervals.
    """
    curves = component_densities(codes, width)
    fits = fit_gaussians(curves, of.mean, of.sigma, of.constant)
    unfitted = int((np.isnan(fits.center) & ~of.constant).sum())
    notes: tuple[str, ...] = ()
    if unfitted:
        notes = (
            f"{unfitted} curves have no fit: fewer than four intervals of {width:g} hold their points, "
            "or the fit did not converge; choose a smaller width.",
        )
    return AxisDensities(
        axes=axes,
        curves=curves,
        fits=fits,
        center=of.mean,
        sigma=of.sigma,
        fwhm=np.where(of.constant, np.nan, full_widths(curves)),
        outstanding=standing_out(of.mean, of.sigma, of.constant, fits.error, width),
        notes=notes,
    )


def interval_edges(least: float, largest: float, width: float, most: int) -> NDArray[np.float64]:
    """Edges of intervals at multiples of `width` that hold all values from least to largest.

    Raises:
        StudioError: the width is not above 0, gives more than `most` intervals, or is a million times the values.
    """
    if not (math.isfinite(width) and width > 0):
        raise StudioError(f"The width of an interval is above 0, not {width}: choose one such as 0.25.")
    first, last = math.floor(least / width), math.floor(largest / width) + 1
    if last - first > most:
        advice = (largest - least) / (most - 2)
        raise StudioError(
            f"A width of {width:g} gives {last - first} intervals from {least:.3g} to {largest:.3g}: "
            f"choose {advice:.2g} or more."
        )
    if width > WIDEST * max(abs(least), abs(largest), SMALLEST):
        raise StudioError(
            f"A width of {width:g} takes all values from {least:.3g} to {largest:.3g} together: choose one such as "
            f"{max(largest - least, SMALLEST) / 50:.1g}."
        )
    return np.asarray(np.arange(first, last + 1) * width)


def component_densities(codes: Codes, width: float = 0.25) -> ComponentDensities:
    """Number of codes in intervals of `width`, as densities, for each component (R25).

    Raises:
        StudioError: the width is not above 0, or gives too many intervals.
    """
    count, components = codes.shape
    edges = interval_edges(float(codes.min()), float(codes.max()), width, MOST_VALUES // components)
    intervals = len(edges) - 1
    first = np.float32(edges[0] / width)
    columns = np.arange(components, dtype=np.int32) * intervals
    filled = np.zeros(components * intervals, dtype=np.int64)
    for rows in row_blocks(count):
        steps = codes[rows] * np.float32(1 / width)
        steps -= first
        places = steps.astype(np.int32)
        np.clip(places, 0, intervals - 1, out=places)
        places += columns
        filled += np.bincount(places.ravel(), minlength=len(filled))
    density = (filled / (count * width)).astype(np.float32).reshape(components, intervals)
    return ComponentDensities(count, width, edges, density)


def full_widths(densities: ComponentDensities) -> NDArray[np.float64]:
    """Full width at half maximum of each curve, float64 [M], between the outermost crossings of half the maximum.

    Crossings are found by linear interpolation between the middles of intervals.
    """
    curves = np.pad(densities.density.astype(np.float64), ((0, 0), (1, 1)))
    half = curves.max(axis=1, keepdims=True) / 2
    above = curves >= half
    rows = np.arange(len(curves))
    first = above.argmax(axis=1)
    last = curves.shape[1] - 1 - above[:, ::-1].argmax(axis=1)
    rise = curves[rows, first] - curves[rows, first - 1]
    fall = curves[rows, last] - curves[rows, last + 1]
    left = first - (curves[rows, first] - half[:, 0]) / rise
    right = last + (curves[rows, last] - half[:, 0]) / fall
    return np.asarray((right - left) * densities.width)


def fit_gaussians(
    densities: ComponentDensities,
    center: NDArray[np.float64],
    sigma: NDArray[np.float64],
    constant: NDArray[np.bool_],
) -> GaussianFits:
    """Fit a Gaussian to each curve by least squares, from the mean and σ of its component.

    NaN for constant components, curves that fewer than four intervals hold, and fits that do not converge.
    """
    found = np.full((6, len(center)), np.nan)
    middles = densities.middles
    held = (densities.density > 0).sum(axis=1) >= FEWEST_INTERVALS
    for component in np.flatnonzero(held & ~constant):
        curve = densities.density[component].astype(np.float64)
        values = _fitted(middles, curve, float(center[component]), float(sigma[component]))
        if values is None:
            continue
        errors = _standard_errors(middles, curve, values, densities.count, densities.width)
        area = np.abs(curve - _gaussian(middles, *values)).sum() * densities.width / 2
        found[:, component] = values[0], values[1], abs(values[2]), errors[1], errors[2], min(area, 1.0)
    return GaussianFits(*found)


def standing_out(
    center: NDArray[np.float64],
    sigma: NDArray[np.float64],
    constant: NDArray[np.bool_],
    fit_error: NDArray[np.float64],
    width: float,
) -> tuple[StandsOut, ...]:
    """Components unlike most: off centre, wide or narrow, not Gaussian, or constant; the farthest out first.

    Typical are the medians over the components that vary.
    """
    if constant.all():
        return tuple(StandsOut(int(k), f"constant at {center[k]:.4g}") for k in np.flatnonzero(constant))
    varying = ~constant
    logarithm = np.log(np.where(varying, sigma, 1.0))
    middle, typical_sigma = np.median(center[varying]), float(np.exp(np.median(logarithm[varying])))
    far = max(OFF_CENTRE * typical_sigma, SPREADS * _spread(center[varying]))
    unlike = max(math.log(WIDER), SPREADS * _spread(logarithm[varying]))
    found: list[tuple[float, StandsOut]] = []
    for k in range(len(center)):
        if constant[k]:
            found.append((math.inf, StandsOut(k, f"constant at {center[k]:.4g}")))
            continue
        away, ratio = abs(center[k] - middle), sigma[k] / typical_sigma
        reasons = []
        if away > far:
            reasons.append(f"centre {center[k]:.2f}, {away / typical_sigma:.1f} typical σ from the others'")
        if math.log(ratio) > unlike:
            reasons.append(f"σ {sigma[k]:.2f}, {ratio:.1f} times the typical")
        if math.log(ratio) < -unlike:
            reasons.append(f"σ {sigma[k]:.2f}, {ratio:.2f} of the typical")
        if fit_error[k] > NOT_GAUSSIAN and sigma[k] > width:
            reasons.append(
                f"not Gaussian: {percentage(fit_error[k])} of its points lie where the fit has none"
            )
        if reasons:
            how_far = max(away / far, abs(math.log(ratio)) / unlike)
            found.append((how_far, StandsOut(k, "; ".join(reasons).replace("-", "−"))))
    return tuple(one for _, one in sorted(found, key=lambda pair: -pair[0]))


def _spread(values: NDArray[np.float64]) -> float:
    """A standard deviation that few far values do not widen: 1.4826 times the median distance from the median."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def _fitted(
    middles: NDArray[np.float64], curve: NDArray[np.float64], center: float, sigma: float
) -> NDArray[np.float64] | None:
    """Height, center and σ; None where the fit does not converge."""
    from scipy.optimize import OptimizeWarning, curve_fit

    start = float(curve.max()), center, sigma
    with warnings.catch_warnings():
        warnings.simplefilter("error", OptimizeWarning)
        try:
            values, _ = curve_fit(_gaussian, middles, curve, p0=start, jac=_slopes)
        except (RuntimeError, OptimizeWarning):
            return None
    return np.asarray(values, dtype=np.float64)


def _standard_errors(
    middles: NDArray[np.float64],
    curve: NDArray[np.float64],
    values: NDArray[np.float64],
    count: int,
    width: float,
) -> NDArray[np.float64]:
    """Of height, center and σ of a fit by least squares to the density of `count` codes in intervals of `width`.

    With residuals r, slopes J and Σ the counts' covariance it is H⁻¹ Jᵀ Σ J H⁻¹, where H is the derivative of Jᵀr:
    what White (1982) has for a model that need not be right. Empty intervals have no part in Σ, and none in J past the
    fit, so the range of other components does not matter.
    """

    def slope_of_squares(at: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(_slopes(middles, *at).T @ (_gaussian(middles, *at) - curve))

    slopes = _slopes(middles, *values)
    steps = np.diag(1e-5 * np.array([values[0], values[2], values[2]]))
    hessian = np.stack(
        [
            (slope_of_squares(values + step) - slope_of_squares(values - step)) / (2 * step.sum())
            for step in steps
        ]
    )
    mean = slopes.T @ curve
    spread = (slopes.T * curve) @ slopes / (count * width) - np.outer(mean, mean) / count
    try:
        bread = np.linalg.inv((hessian + hessian.T) / 2)
    except np.linalg.LinAlgError:
        return np.full(3, np.nan)
    return np.sqrt((bread @ spread @ bread).diagonal().clip(min=0))


def _gaussian(x: NDArray[np.float64], height: float, center: float, sigma: float) -> NDArray[np.float64]:
    return np.asarray(height * np.exp(-0.5 * ((x - center) / sigma) ** 2))


def _slopes(x: NDArray[np.float64], height: float, center: float, sigma: float) -> NDArray[np.float64]:
    away = (x - center) / sigma
    bell = np.exp(-0.5 * away**2)
    return np.stack([bell, height * bell * away / sigma, height * bell * away**2 / sigma], axis=1)
