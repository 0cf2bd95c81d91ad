"""False alarms and power of the test against Gaussian twins (R47), as JSON.

    python benchmarks/twin_calibration.py > docs/method/twin-calibration.json

For each N and M, codes are drawn from a Gaussian of unequal variances (false alarms), and from three that are no
Gaussians (power): ten clusters whose centres lie 8.5 σ apart; half of the codes on five closed curves of three
harmonics, 0.1 wide, half Gaussian; a multivariate t of 5 degrees of freedom. On unit coordinates the twins of all of
these have one distribution, so the 499 twins of a cell are drawn once, for all of its trials. The tests of a window and
of one Gaussian a label have no such shortcut: each trial draws its own 199 twins. Intervals are Clopper and Pearson's,
of 95 %.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from lsd_studio.engine.latent.statistics.gaussian_twin import POINTS_AN_AXIS, MatchedTwins
from lsd_studio.engine.latent.statistics.moments import Codes, moments
from lsd_studio.engine.latent.statistics.principal_axes import principal_axes
from lsd_studio.engine.latent.statistics.twin_test import Rule, departures, overall_p, twin_test
from lsd_studio.engine.latent.twin_comparison import MOST_NUMBERS, unit_coordinates
from lsd_studio.engine.steps import finished

NUMBERS, COMPONENTS = (300, 1000, 3000, 10_000), (2, 12, 100, 256)
TRIALS, POWER_TRIALS, OWN_TRIALS = 400, 40, 100
TWINS, OWN_TWINS = 499, 199
POINTS = 1000
LEVELS = (0.01, 0.05)

Draw = Callable[[int, int, np.random.Generator], NDArray[np.float64]]


def gaussian(count: int, components: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Of a mean that is not 0, and variances that fall as 1 / k."""
    return 1 + random.standard_normal((count, components)) / np.sqrt(np.arange(1, components + 1))


def clusters(count: int, components: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Ten unit Gaussians, centres 8.5 apart: the corners of a simplex, or of a decagon where the plane has no room."""
    if components < 10:
        angle = 2 * np.pi * np.arange(10) / 10
        centres = np.zeros((10, components))
        centres[:, :2] = 8.5 / (2 * np.sin(np.pi / 10)) * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    else:
        frame, _ = np.linalg.qr(random.standard_normal((components, 10)))
        centres = 8.5 / np.sqrt(2) * frame.T
    return centres[random.integers(10, size=count)] + random.standard_normal((count, components))


def filaments(count: int, components: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Half of the points on five closed curves, of unit variance along each component, half Gaussian."""
    points = random.standard_normal((count, components))
    half = count // 2
    coefficients = random.standard_normal((5, 6, components)) / np.sqrt(3)
    angle = random.uniform(0, 2 * np.pi, half)
    waves = np.stack([wave(k * angle) for k in (1, 2, 3) for wave in (np.cos, np.sin)], axis=1)
    curve = np.einsum("nw,nwm->nm", waves, coefficients[random.integers(5, size=half)])
    points[:half] = curve + 0.1 * points[:half]
    return points


def radial_t(count: int, components: int, random: np.random.Generator) -> NDArray[np.float64]:
    """A multivariate t of 5 degrees of freedom."""
    return random.standard_normal((count, components)) / np.sqrt(random.chisquare(5, (count, 1)) / 5)


ALTERNATIVES: dict[str, Draw] = {"clusters": clusters, "filaments": filaments, "radial_t5": radial_t}


def looked_at(draw: Draw, count: int, components: int, random: np.random.Generator) -> Codes:
    """Unit coordinates of codes, on as many axes and of as many codes as the test takes."""
    codes = draw(count, components, random).astype(np.float32)
    axes = min(components, count // POINTS_AN_AXIS)
    principal = principal_axes(moments(codes))
    return unit_coordinates(codes[: MOST_NUMBERS // axes], principal, axes)


def cell(count: int, components: int, random: np.random.Generator) -> dict[str, object]:
    """False alarms and power for one N and M."""
    start = time.perf_counter()
    points = looked_at(gaussian, count, components, random)
    source = MatchedTwins(points)
    rule = Rule(points, source.draw(random), None, POINTS, random.permutation(len(points)))
    twins = [rule.measure(twin) for twin in source.draws(TWINS, random)]

    def p_value(draw: Draw) -> float:
        own = rule.measure(looked_at(draw, count, components, random))
        return overall_p(departures([own, *twins])[0])

    alarms = [p_value(gaussian) for _ in range(TRIALS)]
    return {
        "codes": count,
        "components": components,
        "axes": points.shape[1],
        "codes_drawn": len(points),
        "false_alarms": shares(alarms),
        "power": {
            name: shares([p_value(draw) for _ in range(POWER_TRIALS)], LEVELS[:1])
            for name, draw in ALTERNATIVES.items()
        },
        "seconds": round(time.perf_counter() - start, 1),
    }


def shares(p_values: list[float], levels: tuple[float, ...] = LEVELS) -> dict[str, dict[str, float]]:
    """How often p lies at or below each level, with its interval."""
    told = {}
    for level in levels:
        found = sum(value <= level for value in p_values)
        interval = binomtest(found, len(p_values)).proportion_ci(0.95, method="exact")
        told[f"{level:g}"] = {
            "found": found, "trials": len(p_values), "low": round(interval.low, 4), "high": round(interval.high, 4),
        }  # fmt: skip
    return told


def own_twins(points: Callable[[np.random.Generator], Codes], labels: int, window: bool) -> list[float]:
    """p-values of trials that each draw their own twins, of a tenth as many points to keep them short."""
    found = []
    for trial in range(OWN_TRIALS):
        random = np.random.default_rng([labels, window, trial])
        codes = points(random)
        groups = np.arange(len(codes)) % labels if labels > 1 else None
        if groups is not None:
            codes = codes + 5 * np.random.default_rng(0).standard_normal((labels, codes.shape[1]))[groups]
            codes = codes.astype(np.float32)
        sight = (-0.5, 0.5, -0.5, 0.5) if window else None
        found.append(finished(twin_test(codes, groups, sight, 300, OWN_TWINS, random)).p_value)
    return found


def main() -> None:
    """Measure, cell by cell, and print the table."""
    random = np.random.default_rng(20230318)
    cells = [cell(count, components, random) for components in COMPONENTS for count in NUMBERS]
    window = own_twins(lambda r: r.standard_normal((3000, 2), dtype=np.float32), 1, True)
    by_label = own_twins(lambda r: r.standard_normal((3000, 12), dtype=np.float32), 10, False)
    table = {
        "made_with": "python benchmarks/twin_calibration.py",
        "twins": TWINS,
        "points": POINTS,
        "cells": cells,
        "window": {"codes": 3000, "components": 2, "twins": OWN_TWINS, "false_alarms": shares(window)},
        "by_label": {
            "codes": 3000, "components": 12, "labels": 10, "twins": OWN_TWINS, "false_alarms": shares(by_label),
        },
    }  # fmt: skip
    print(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
