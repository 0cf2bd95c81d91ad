"""One name or folder in, labelled images out."""

from __future__ import annotations

from lsd_studio.engine.datasets.labelled_images import LabelledImages, Progress, Split
from lsd_studio.engine.datasets.mnist import load_mnist
from lsd_studio.engine.errors import StudioError


def load_data_set(source: str, split: Split, progress: Progress | None = None) -> LabelledImages:
    """The training or test split of a labelled image set (R10).

    Args:
        source: "mnist", which ships with the package.
        split: "train" or "test".
        progress: called with what is being done and the share of it that is done, 0…1.

    Raises:
        StudioError: the source is unknown, missing or damaged.
    """
    if source == "mnist":
        return load_mnist(split)
    raise StudioError(f"There is no data set named {source}.")
