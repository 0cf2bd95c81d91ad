"""Ways to draw points of a latent space (R27, R31), from simple ones that miss the codes to those that meet them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.statistics.densities import HALF_WIDTH
from lsd_studio.engine.latent.statistics.moments import Codes, Moments
from lsd_studio.engine.latent.statistics.principal_axes import PrincipalAxes
from lsd_studio.percentages import percentage

SamplerKind = Literal["codes", "cube", "box", "ellipses", "cholesky", "principal", "truncated", "prior"]
"""How points of the latent space are drawn (R27, R31); see `Sampler`."""

CUBES = (0.5, 2.5, 5.0, 8.0, 10.0, 15.0, 20.0, 30.0, 50.0)
"""Boundaries of the posts' cubes (R27)."""

LEADING = (2, 4, 10)
"""Numbers of leading principal axes that the posts' t-SNE sees (R29), and some samplers draw."""

TRUNCATED_SHARE = 0.9
BOX_HALF_WIDTHS = 2.0
ELLIPSE_SIGMAS = 2.0
"""A uniform distribution inside the 2 σ ellipse has the variances of the Gaussian: (2 σ)² / 4 = σ² along each axis."""


@dataclass(frozen=True)
class Sampler:
    """A way to draw points of the latent space (R27, R31).

    Args:
        kind: "codes": codes themselves, for reference; "cube": uniform in |z_k| < boundary; "box": uniform, each
            component within twice its half-width on both sides of its mean; "ellipses": in the frame of the principal
            axes, uniform in the 2 σ ellipse of each pair of neighbouring axes; "cholesky": the multivariate normal,
            by a Cholesky factor; "principal": the same along the `components` leading principal axes; "truncated":
            the same, within the χ² radius that holds `share` of it; "prior": N(0, I), of coders that have it.
        boundary: of the cube, above 0; None for others.
        components: of "principal", 1…M; None: all, or for others.
        share: of "truncated", 0…1; None for others.
    """

    kind: SamplerKind
    boundary: float | None = None
    components: int | None = None
    share: float | None = None


SAMPLERS: tuple[Sampler, ...] = (
    Sampler("codes"),
    *(Sampler("cube", boundary=boundary) for boundary in CUBES),
    Sampler("box"),
    Sampler("ellipses"),
    Sampler("cholesky"),
    *(Sampler("principal", components=components) for components in LEADING),
    Sampler("principal"),
    Sampler("truncated", share=TRUNCATED_SHARE),
    Sampler("prior"),
)
"""All that are compared where nothing else is asked."""


def samplers_for(components: int, has_normal_prior: bool) -> tuple[Sampler, ...]:
    """Those of `SAMPLERS` that a coder of M components has."""
    return tuple(
        sampler
        for sampler in SAMPLERS
        if (sampler.components or 0) < components and (sampler.kind != "prior" or has_normal_prior)
    )


def check_sampler(sampler: Sampler, components: int, has_normal_prior: bool) -> None:
    """Raise a StudioError where a sampler's numbers are missing or out of range, or the coder does not have it."""
    if sampler.kind == "cube" and not (sampler.boundary and 0 < sampler.boundary < math.inf):
        raise StudioError(f"A cube has a boundary above 0, not {sampler.boundary}: choose one such as 5.")
    if (
        sampler.kind == "principal"
        and not 1 <= (components if sampler.components is None else sampler.components) <= components
    ):
        raise StudioError(
            f"There are {components} principal axes, so {sampler.components} of them cannot be taken: choose fewer."
        )
    if sampler.kind == "truncated" and not (sampler.share and 0 < sampler.share < 1):
        raise StudioError(
            f"A truncated normal holds a share between 0 and 1, not {sampler.share}: choose one such as 0.9."
        )
    if sampler.kind == "prior" and not has_normal_prior:
        raise StudioError("These codes have no prior N(0, I) to draw from: leave that sampler out.")


def sampler_title(sampler: Sampler) -> str:
    """A sampler in words, with its numbers."""
    match sampler.kind:
        case "codes":
            return "codes of other images"
        case "cube":
            return f"cube, |z| < {sampler.boundary:g} per component"
        case "box":
            return "box, each component within two half-widths"
        case "ellipses":
            return "pairwise ellipses in the aligned frame"
        case "cholesky":
            return "multivariate normal, Cholesky"
        case "principal":
            many = "all" if sampler.components is None else f"{sampler.components} leading"
            return f"multivariate normal, {many} principal axes"
        case "truncated":
            assert sampler.share is not None
            return f"multivariate normal, inner {percentage(sampler.share)} by χ²"
        case "prior":
            return "prior N(0, I)"


def draw(
    sampler: Sampler,
    count: int,
    of: Moments,
    principal: PrincipalAxes,
    codes: Codes,
    random: np.random.Generator,
) -> Codes:
    """Draw points float32 [count, M].

    Args:
        sampler: one that passed `check_sampler`.
        of, principal: moments and principal axes of the codes.
        codes: float32 [N, M]; taken at random, without repetition as long as there are enough, by "codes" alone.
    """
    points: NDArray[np.floating]
    match sampler.kind:
        case "codes":
            points = codes[random.choice(len(codes), count, replace=count > len(codes))]
        case "cube":
            boundary = sampler.boundary or 0.0
            points = random.uniform(-boundary, boundary, (count, len(of.mean)))
        case "box":
            reach = BOX_HALF_WIDTHS * HALF_WIDTH * of.sigma
            points = of.mean + reach * random.uniform(-1, 1, (count, len(of.mean)))
        case "ellipses":
            points = of.mean + _in_ellipses(count, principal.rank, random) @ principal.root
        case "cholesky":
            factor = _cholesky(of.covariance, principal.rank)
            points = of.mean + random.standard_normal((count, factor.shape[1])) @ factor.T
        case "principal":
            root = principal.root[: sampler.components]
            points = of.mean + random.standard_normal((count, len(root))) @ root
        case "truncated":
            points = (
                of.mean + _truncated(count, principal.rank, sampler.share or 0.0, random) @ principal.root
            )
        case "prior":
            points = random.standard_normal((count, len(of.mean)))
    return np.asarray(points, dtype=np.float32)


def _in_ellipses(count: int, dimensions: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Uniform in the 2 σ disc of each pair of neighbouring axes; a last axis without a partner, uniform in ±√3 σ."""
    pairs = dimensions // 2
    radius = ELLIPSE_SIGMAS * np.sqrt(random.uniform(size=(count, pairs)))
    angle = random.uniform(0, 2 * math.pi, (count, pairs))
    points = np.empty((count, dimensions))
    points[:, : 2 * pairs : 2], points[:, 1 : 2 * pairs : 2] = radius * np.cos(angle), radius * np.sin(angle)
    points[:, 2 * pairs :] = random.uniform(-math.sqrt(3), math.sqrt(3), (count, dimensions - 2 * pairs))
    return points


def _cholesky(covariance: NDArray[np.float64], rank: int) -> NDArray[np.float64]:
    """L float64 [M, rank] with L Lᵀ the covariance, pivoted, so that a singular one has its factor too."""
    from scipy.linalg.lapack import dpstrf

    factor, pivots, _, _ = dpstrf(covariance, lower=1)
    lower = np.tril(factor)[:, :rank]
    unpivoted = np.empty_like(lower)
    unpivoted[pivots - 1] = lower
    return unpivoted


def _truncated(count: int, dimensions: int, share: float, random: np.random.Generator) -> NDArray[np.float64]:
    """N(0, I) within the radius that holds `share` of it: any direction, χ² radius below that quantile."""
    from scipy.stats import chi2

    direction = random.standard_normal((count, dimensions))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    squared = chi2.ppf(share * random.uniform(size=(count, 1)), dimensions)
    return np.asarray(direction * np.sqrt(squared))
