"""One name or folder in, labelled images out."""

from __future__ import annotations

import difflib
from pathlib import Path

from lsd_studio.engine.datasets.image_folder import load_image_folder
from lsd_studio.engine.datasets.labelled_images import LabelledImages, Progress, Split
from lsd_studio.engine.datasets.mnist import load_mnist
from lsd_studio.engine.datasets.published_sets import PUBLISHED_SETS, load_published_set
from lsd_studio.engine.errors import StudioError


def load_data_set(source: str, split: Split, progress: Progress | None = None) -> LabelledImages:
    """The training or test split of a labelled image set (R10).

    Args:
        source: "mnist", which ships with the package; a set of `PUBLISHED_SETS`, downloaded once and kept in the
            user's cache; or the path of a folder of images with one sub-folder a label.
        split: "train" or "test".
        progress: called with what is being done and the share of it that is done, 0…1.

    Raises:
        StudioError: the source is unknown, cannot be downloaded, or is damaged; the sentence says what to do.
    """
    if source == "mnist":
        return load_mnist(split)
    if source in PUBLISHED_SETS:
        return load_published_set(source, split, progress)
    folder = Path(source).expanduser()
    if folder.is_dir():
        return load_image_folder(folder, split, progress)
    known = ["mnist", *PUBLISHED_SETS]
    near = difflib.get_close_matches(source.lower(), known, n=1)
    advice = (
        f"did you mean {near[0]}?"
        if near
        else f"please give a folder of images or one of {', '.join(known)}."
    )
    raise StudioError(f"There is no data set and no folder named {source}: {advice}")
