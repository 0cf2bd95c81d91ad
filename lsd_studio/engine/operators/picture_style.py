"""The style of a picture, measured in the picture: slant, ink, width and height from moments of its ink (R45).

Whether an operator keeps style cannot be seen in codes: a rotation keeps what it does not turn by construction, and a
transport keeps none. What counts is whether, of two images of one label, the one that was more slanted still is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsd_studio.engine.evaluation.findings import Measure

FloatArray = NDArray[np.float64]

MEASURES = {"slant": "°", "ink": "", "width": "px", "height": "px"}
"""What is measured, and in which unit."""

LEAST_INK = 1e-6
"""Ink, as a share of a full picture, below which a picture counts as empty."""

ROUNDING = 1e-6
"""Spread within groups, as a share of the values, that is rounding."""


def picture_style(images: NDArray[np.floating]) -> dict[str, FloatArray]:
    """Slant, ink, width and height of images [N, C, H, W] in [−1, 1], float64 [N] each (R45).

    Ink is brightness, (pixel + 1) / 2, its mean over channels; its moments about its own centre are μ.

    - `slant`: degrees to the right, arctan(−μ_xy / μ_yy) with y downwards, the shear that uncorrelates the two.
    - `ink`: its mean over the picture, 0…1.
    - `width`, `height`: standard deviations of its columns and rows, in pixels.

    All but `ink` are NaN for an empty picture.
    """
    ink = np.clip((np.asarray(images, dtype=np.float64).mean(axis=1) + 1) / 2, 0, 1)
    mean_ink = ink.mean(axis=(1, 2))
    total = np.where(mean_ink > LEAST_INK, ink.sum(axis=(1, 2)), np.nan)
    rows, columns = np.arange(ink.shape[1]), np.arange(ink.shape[2])
    by_row, by_column = ink.sum(axis=2), ink.sum(axis=1)
    y, x = by_row @ rows / total, by_column @ columns / total
    yy, xx = by_row @ rows**2 / total - y**2, by_column @ columns**2 / total - x**2
    xy = np.einsum("nhw,h,w->n", ink, rows, columns) / total - x * y
    return {
        "slant": np.degrees(np.arctan2(-xy, yy)),
        "ink": mean_ink,
        "width": np.sqrt(np.maximum(xx, 0)),
        "height": np.sqrt(np.maximum(yy, 0)),
    }


def style_kept(
    before: Mapping[str, FloatArray],
    after: Mapping[str, FloatArray],
    groups: ArrayLike,
    images: ArrayLike | None = None,
) -> dict[str, Measure]:
    """`within_group_correlation` of each measure [N] before and after an operator, by its name (R45).

    Args:
        before, after: as `picture_style` has them, of the same images.
        groups: [N], the (source, target) pair of each.
        images: [N], which image each is of, where one is there several times.
    """
    return {name: within_group_correlation(before[name], after[name], groups, images) for name in before}


def within_group_correlation(
    before: ArrayLike, after: ArrayLike, groups: ArrayLike, images: ArrayLike | None = None
) -> Measure:
    """Pearson's correlation of `before` with `after` [N] within groups [N], pooled: no group's mean plays a part.

    Values that are not finite, and groups of one, are left out; the others are counted. The value, −1…1, is NaN where
    nothing varies within groups on one of the sides, the 95 % interval where fewer than three images are free. It is
    Fisher's, tanh(artanh r ± t·s), with s
    the larger of normal theory's 1/√(n − 3) and the spread that the values themselves show (their influence on r), n
    the count less the groups' means plus one. Values of one image, told by `images` [N], are no independent ones: they
    count once, and so does the sum of their influence; of groups' means each image then bears its share.
    """
    # Imported here, since a command names the measures before it needs SciPy.
    from scipy.stats import t as student

    x, y = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    finite = np.isfinite(x) & np.isfinite(y)
    x, y, labels = x[finite], y[finite], np.asarray(groups)[finite]
    of_image = (np.arange(len(finite)) if images is None else np.asarray(images))[finite]
    _, which, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    shared = sizes[which] > 1
    x, y = x[shared], y[shared]
    _, which, sizes = np.unique(labels[shared], return_inverse=True, return_counts=True)
    _, of_image = np.unique(of_image[shared], return_inverse=True)
    count, independent = len(x), int(of_image.max(initial=-1)) + 1
    nothing = Measure(math.nan, math.nan, math.nan, independent)
    if not count:
        return nothing
    centred = []
    for values in (x, y):
        apart = values - (np.bincount(which, values) / sizes)[which]
        spread = math.sqrt(apart @ apart / count)
        if spread <= ROUNDING * max(1.0, float(np.abs(values).max())):
            return nothing
        centred.append(apart / spread)
    value = float(np.clip(centred[0] @ centred[1] / count, -1, 1))
    free = independent * (1 - len(sizes) / count) - 2
    if free < 1 or abs(value) > 1 - ROUNDING:
        return Measure(value, math.nan, math.nan, independent)
    influence = centred[0] * centred[1] - value * (centred[0] ** 2 + centred[1] ** 2) / 2
    by_image = np.bincount(of_image, influence) * independent / count
    shown = math.sqrt(by_image @ by_image / (independent * free)) / (1 - value**2)
    reach = float(student.ppf(0.975, free)) * max(1 / math.sqrt(free), shown)
    middle = math.atanh(value)
    return Measure(value, math.tanh(middle - reach), math.tanh(middle + reach), independent)
