"""Real colour images of 64 pixels: patches of photographs that scikit-image and scikit-learn carry."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from skimage import data
from sklearn.datasets import load_sample_image

from lsd_studio.engine.datasets import LabelledImages
from lsd_studio.engine.vocabulary import Split

EDGE = 64
LABEL_NAMES = ("coffee", "rocket", "stained tissue", "temple", "flower")


def photograph_patches(split: Split, of_each: int, seed: int = 0) -> LabelledImages:
    """`of_each` patches of each photograph's left half ("train") or right half ("test"), labelled by photograph."""
    photographs = (
        data.coffee(), data.rocket(), data.immunohistochemistry(),
        load_sample_image("china.jpg"), load_sample_image("flower.jpg"),
    )  # fmt: skip
    generator = np.random.default_rng(seed)
    patches = [_patches(_half(photograph, split), of_each, generator) for photograph in photographs]
    labels = np.repeat(np.arange(len(photographs)), of_each)
    return LabelledImages("photographs", np.concatenate(patches), labels, LABEL_NAMES, "0" * 64, split)


def _half(photograph: npt.NDArray[np.uint8], split: Split) -> npt.NDArray[np.uint8]:
    middle = photograph.shape[1] // 2
    return photograph[:, :middle] if split == "train" else photograph[:, middle:]


def _patches(
    half: npt.NDArray[np.uint8], count: int, generator: np.random.Generator
) -> npt.NDArray[np.uint8]:
    tops, lefts = (generator.integers(edge - EDGE, size=count) for edge in half.shape[:2])
    chosen = [half[top : top + EDGE, left : left + EDGE] for top, left in zip(tops, lefts, strict=True)]
    return np.stack(chosen).transpose(0, 3, 1, 2)
