"""Real digits of MNIST, made small, so that a whole run takes seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from lsd_studio.engine.datasets import LabelledImages, load_data_set
from lsd_studio.engine.runs.profiles import Profile, load_profile

TINY = (
    "latent_dimensions=4",
    "precision=float32",
    "classifier.epochs=5",
    "classifier.batch_size=20",
    "classifier.averaging=0",
    "judge.epochs=0",
    "gan.epochs=20",
    "gan.batch_size=20",
    "gan.learning_rate=1e-3",
    "gan.averaging=0",
    "encoder.epochs=2",
    "encoder.batch_size=20",
    "joint.epochs=0",
    "basis.vectors=3",
    "basis.max_draws=100000",
    "basis.set_one=gram-schmidt",
    "basis.complement=gram-schmidt",
)
"""8 steps an epoch of 167 training images; both labels are drawn in the end (with seed 3)."""


def tiny_profile(*overrides: str) -> Profile:
    """`studio`, tiny, with the stages of the method, and others only where overrides ask for them."""
    asked = {each.partition(".")[0] for each in overrides}
    left_out = {stage: None for stage in ("judge", "joint") if stage not in asked}
    return load_profile("studio", (*TINY, *overrides)).model_copy(update=left_out)


def small_digits(number_of_labels: int = 2, images_a_label: int = 100) -> LabelledImages:
    """The first training images of the first labels, 8 × 8 pixels, each the mean of 3 × 3."""
    training = load_data_set("mnist", "train")
    labels = range(number_of_labels)
    of_labels = [np.flatnonzero(training.labels == label)[:images_a_label] for label in labels]
    chosen = np.sort(np.concatenate(of_labels))
    pixels = training.images[chosen, :, 2:26, 2:26].reshape(-1, 1, 8, 3, 8, 3).mean(axis=(3, 5))
    return LabelledImages(
        "small digits",
        pixels.astype(np.uint8),
        training.labels[chosen],
        tuple(map(str, labels)),
        "0" * 64,
        "train",
    )


def write_digits(folder: Path) -> Path:
    """The same as a folder data set."""
    digits = small_digits()
    for label in digits.label_names:
        (folder / label).mkdir(parents=True)
    for place, (image, label) in enumerate(zip(digits.images, digits.labels, strict=True)):
        Image.fromarray(image[0]).save(folder / digits.label_names[label] / f"{place:03}.png")
    return folder
