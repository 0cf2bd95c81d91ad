"""How well the percentiles of an image among held-out training images tell digits from what is none.

    python benchmarks/outliers.py > docs/method/outliers.json

For each shipped bundle, MNIST's 10 000 test images against Fashion-MNIST's (where that is not downloaded, it is left
out), 2 000 images of noise (each pixel of its own, half of them even over 0…255, half normal about grey), 2 000
scribbles and 2 000 dots. Scribbles are walks of 14 normal steps, dots discs of a radius of 5 to 20 pixels; both are
drawn 20 or so pixels wide on 280 × 280 and made ready as a drawing on the canvas is. The AUC is that of the larger of
the two percentiles, and of each alone; "held_back" is the share in which no label is read. A blank page is one image.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.stats import rankdata

from lsd_studio.engine.bundle import Bundle, open_bundle, shipped_bundles
from lsd_studio.engine.datasets import is_available, load_data_set, scale_pixels
from lsd_studio.engine.decomposition.outliers import HELD_OUT, TRAINING, OutlierScores
from lsd_studio.engine.decomposition.stored_reference import training_reference
from lsd_studio.engine.images.preparation import prepare_drawing
from lsd_studio.engine.steps import finished

IMAGES = 2_000
EDGE = 280


def scribble(random: np.random.Generator) -> NDArray[np.uint8]:
    walk = np.cumsum(random.normal(size=(14, 2)), axis=0)
    places = (walk - walk.min(axis=0)) / np.ptp(walk, axis=0) * 220 + 30
    image = Image.new("L", (EDGE, EDGE))
    ImageDraw.Draw(image).line([tuple(place) for place in places], fill=255, width=20, joint="curve")
    return np.asarray(image)


def dot(random: np.random.Generator) -> NDArray[np.uint8]:
    image = Image.new("L", (EDGE, EDGE))
    x, y, radius = random.uniform((40, 40, 5), (240, 240, 20))
    ImageDraw.Draw(image).ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(image)


def foreign(shape: tuple[int, int, int]) -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(0)
    noise = np.concatenate(
        [random.uniform(-1, 1, (IMAGES // 2, *shape)), random.normal(0, 0.5, (IMAGES // 2, *shape))]
    )
    found = {
        "noise": noise.clip(-1, 1).astype(np.float32),
        "scribbles": np.stack([prepare_drawing(scribble(random), shape).pixels for _ in range(IMAGES)]),
        "dots": np.stack([prepare_drawing(dot(random), shape).pixels for _ in range(IMAGES)]),
        "blank": np.full((1, *shape), -1, np.float32),
    }
    if is_available("fashion-mnist"):
        found["fashion-mnist"] = scale_pixels(load_data_set("fashion-mnist", "test").images)
    return found


def area(others: NDArray[np.float64], digits: NDArray[np.float64]) -> float:
    """Of all pairs of another and a digit, the share in which the other is farther out; ties count half."""
    ranks = rankdata(np.concatenate([others, digits]))[: len(others)]
    return round(float((ranks.mean() - (len(others) + 1) / 2) / len(digits)), 4)


def measured(bundle: Bundle) -> dict[str, Any]:
    reference = finished(training_reference(bundle))

    def scores(images: NDArray[np.float32]) -> list[OutlierScores]:
        means, _ = bundle.networks.encode(images)
        return [
            reference.scores(*each) for each in zip(images, means, bundle.networks.decode(means), strict=True)
        ]

    def percentiles(found: list[OutlierScores]) -> NDArray[np.float64]:
        both = np.array([(each.error_percentile, each.distance_percentile) for each in found]).T
        return np.stack([both.max(axis=0), *both])

    def held_back(found: list[OutlierScores]) -> float:
        return round(float(np.mean([each.is_outside for each in found])), 4)

    test = scores(scale_pixels(load_data_set("mnist", "test").images))
    digits = percentiles(test)
    result: dict[str, Any] = {"mnist test images": {"held_back": held_back(test)}}
    for name, images in foreign(bundle.networks.image_shape).items():
        found = scores(images)
        areas = [area(one, digit) for one, digit in zip(percentiles(found), digits, strict=True)]
        result[name] = {
            "images": len(images),
            "held_back": held_back(found),
            **dict(zip(("auc", "auc_of_error", "auc_of_distance"), areas, strict=True)),
        }
    return result


def main() -> None:
    bundles = {name: measured(open_bundle(name)) for name in shipped_bundles()}
    compared = {"training_images": TRAINING, "held_out_images": HELD_OUT}
    print(
        json.dumps({"made_with": "python benchmarks/outliers.py", **compared, "bundles": bundles}, indent=1)
    )


if __name__ == "__main__":
    main()
