"""The codes beside their Gaussian twin: the points that the test compares, and what it says of filaments (R33)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.laboratory import Laboratory
from lsd_studio.engine.latent_statistics.moments import Codes, moments
from lsd_studio.engine.latent_statistics.planes import inside
from lsd_studio.engine.latent_statistics.twin_test import FEWEST_POINTS, MOST_POINTS
from lsd_studio.engine.messages.latent import Plane, Window

__all__ = ["sides_of_test", "verdict"]

CLEAR = 0.01
"""The p-value at and below which a difference is spoken of."""


def sides_of_test(
    of: Laboratory,
    plane: Plane | None,
    window: Window | None,
    leading: int | None,
    points: int,
    random: np.random.Generator,
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """As many codes and Gaussian points, [K, d] each, as are asked for, or as both have in the window.

    Args:
        of: whose codes; the Gaussian has their mean and covariance.
        plane, window: the projection and the part of it that is looked at.
        leading: without a plane, number of principal axes, each scaled to unit variance; None: all with variance.
        points: K at most.
        random: the source of all draws.

    Raises:
        StudioError: `points` or `leading` is out of range, or the window holds too few points.
    """
    if not FEWEST_POINTS <= points <= MOST_POINTS:
        raise StudioError(
            f"The test takes {FEWEST_POINTS} to {MOST_POINTS} points of either, not {points}: choose another number."
        )
    codes, gaussian = _leading(of, leading, points, random) if plane is None else _on_plane(of, plane, random)
    if window is not None:
        codes, gaussian = codes[inside(codes, window)], gaussian[inside(gaussian, window)]
    count = min(points, len(codes), len(gaussian))
    if count < FEWEST_POINTS:
        raise StudioError(
            f"There are {len(codes)} codes and {len(gaussian)} Gaussian points to compare, and the test takes "
            f"{FEWEST_POINTS} of each: choose a larger window or more images."
        )
    return random.permutation(codes)[:count], random.permutation(gaussian)[:count]


def verdict(ratio: float, neighbour_p: float, correlation_p: float) -> str:
    """What the test says of filaments, in plain words.

    Args:
        ratio: of the distances to the nearest neighbour, codes over Gaussian.
        neighbour_p, correlation_p: the p-values.
    """
    found = f"nearest neighbours p = {neighbour_p:.3g}, two-point correlation p = {correlation_p:.3g}"
    values = f"{found}; clear at p ≤ {CLEAR:g}"
    if min(neighbour_p, correlation_p) > CLEAR:
        return (
            f"No difference from Gaussian points is seen ({values}): lines and voids seen here are seen in the "
            "Gaussian twin too, as the posts' correction of 18 March 2023 has it."
        )
    if neighbour_p <= CLEAR and ratio < 1:
        return (
            f"The codes are clumped: nearest neighbours are {1 - ratio:.0%} nearer than in a Gaussian of the same "
            f"mean and covariance ({values}). This is structure, but not yet why random points decode badly."
        )
    return (
        f"The codes differ from a Gaussian of the same mean and covariance ({values}), but their nearest neighbours "
        f"are not nearer ({ratio:.2f} times as far): the difference is in the large form, not in filaments."
    )


def _on_plane(of: Laboratory, plane: Plane, random: np.random.Generator) -> tuple[Codes, Codes]:
    codes = of.projected(plane, twin=False)
    own = moments(codes)
    gaussian = random.multivariate_normal(own.mean, own.covariance, len(codes), method="eigh")
    return codes, np.asarray(gaussian, dtype=np.float32)


def _leading(
    of: Laboratory, leading: int | None, points: int, random: np.random.Generator
) -> tuple[Codes, Codes]:
    rank = of.principal.rank
    axes = rank if leading is None else leading
    if not 1 <= axes <= rank:
        raise StudioError(f"The codes vary along {rank} principal axes, not {axes}: choose 1 to {rank}.")
    chosen = of.codes[random.choice(len(of.codes), min(points, len(of.codes)), replace=False)]
    codes = of.principal.whitened(chosen)[:, :axes]
    return codes, random.standard_normal(codes.shape, dtype=np.float32)
