"""Images of MNIST as a folder, with one subfolder per label in `train` and `test`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from lsd_studio.engine.datasets import load_data_set


def mnist_folder(folder: Path, *, train: int, test: int) -> Path:
    """Write the first images of each label, so many of either split; returns the folder."""
    for split, each in (("train", train), ("test", test)):
        images = load_data_set("mnist", "train" if split == "train" else "test")
        for label in range(10):
            place = folder / split / str(label)
            place.mkdir(parents=True)
            for number in np.flatnonzero(images.labels == label)[:each]:
                Image.fromarray(images.images[number, 0]).save(place / f"{number}.png")
    return folder
