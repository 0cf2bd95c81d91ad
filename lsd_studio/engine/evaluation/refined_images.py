"""How near refined codes bring pictures to their images, and how long one image takes (R41)."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.decomposition.refinement import refine, refined_codes
from lsd_studio.engine.evaluation.fidelity import fidelity
from lsd_studio.engine.evaluation.intervals import named_intervals
from lsd_studio.engine.models.inference import Networks, images_at_once
from lsd_studio.engine.steps import Part

Array = NDArray[np.float32]

TIMED = 5
"""Images that are refined once more, each alone, for the time it takes."""


def refined_images(
    networks: Networks, images: Array, codes: Array, random: np.random.Generator
) -> Part[dict[str, Any]]:
    """PSNR and SSIM of images [N, C, H, W] whose codes [N, M] are refined, and the seconds that one takes alone.

    Many are refined at once, which gives each what it is given alone, but for rounding. What is returned is
    `reconstruction.refined` of `evaluation.evaluation_steps`.
    """
    timed = np.linspace(0, len(images) - 1, min(TIMED, len(images))).astype(np.int64)
    rows, parts = images_at_once(networks.image_shape), len(images) + len(timed)
    refined = []
    for start in range(0, len(images), rows):
        part = slice(start, start + rows)
        for step in refine(networks, images[part], codes[part]):
            yield (start + len(step.codes) * step.step / step.steps) / parts
        refined.append(step.codes)
    started = time.perf_counter()
    for done, place in enumerate(timed, start=len(images) + 1):
        refined_codes(networks, images[place : place + 1], codes[place : place + 1])
        yield done / parts
    seconds = (time.perf_counter() - started) / len(timed)
    psnr, ssim = fidelity(networks.decode(np.concatenate(refined)), images)
    near = named_intervals({"psnr": psnr, "ssim": ssim}, random)
    return {**near, "images": len(images), "seconds_per_image": seconds}
