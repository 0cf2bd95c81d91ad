"""Images that fit what networks were trained on: of their shape, with their labels, read as theirs were (R10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lsd_studio.engine.datasets.folder_reading import FolderReading
from lsd_studio.engine.datasets.labelled_images import LabelledImages, Progress
from lsd_studio.engine.datasets.loading import has_framing, is_same_source, load_data_set, reading_kept
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.files import match_channels
from lsd_studio.engine.images.framing import Framing
from lsd_studio.engine.images.shapes import check_image_shape
from lsd_studio.engine.platform.file_names import readable
from lsd_studio.engine.vocabulary import FramingWay, Split

MOST_NAMES = 12


@dataclass(frozen=True)
class TrainedOn:
    """The images that networks were trained on, and so what fits them.

    Attributes:
        name, checksum: of the training images, as `LabelledImages` has them.
        image_shape: channels, height and width.
        label_names: l names, in the networks' order; None where they know no labels.
        reading: how the folder was read that the images came from, if it is kept.
        made_from_ink: whether they are as MNIST's: bright ink on black, scaled and centred.
    """

    name: str
    checksum: str
    image_shape: tuple[int, int, int]
    label_names: tuple[str, ...] | None
    reading: FolderReading | None = None
    made_from_ink: bool = False


def load_fitting(
    trained_on: TrainedOn,
    source: str | None,
    split: Split,
    progress: Progress | None = None,
    *,
    any_labels: bool = False,
) -> LabelledImages:
    """One split of a data set that fits, see `fit_images`.

    A folder is read by the rule by which the training images were, so that no test image of theirs was trained on.
    Images are fitted as the training images were, or else as single images are (`prepare_image`): for networks made
    from ink placed as digits, for others cropped in the middle and scaled; grey ones become coloured, or coloured ones
    grey; a note says so.

    Args:
        source: as `load_data_set`; None: what was trained on.
        any_labels: whether other labels, or none, do too.

    Returns:
        The images; a note says where what was trained on has changed since.

    Raises:
        StudioError: as `load_data_set` and `fit_images`.
    """
    is_own = source is None or is_same_source(source, trained_on.name)
    name = trained_on.name if source is None else source
    reading = reading_kept(trained_on.name, trained_on.checksum, trained_on.reading, name)
    channels, height, width = trained_on.image_shape
    kept = None if reading is None else reading.framing
    way: FramingWay = "digit" if trained_on.made_from_ink else "crop"
    framing = kept or Framing(way=way, height=height, width=width)
    data = load_data_set(
        name,
        split,
        progress,
        labelled=not any_labels,
        reading=reading,
        framing=framing if has_framing(name) else None,
    )
    if is_own and data.reading is None and split == "train" and data.checksum != trained_on.checksum:
        changed = (
            f"{readable(name)} has changed since it was trained on; test images may have been trained on."
        )
        data = replace(data, notes=(changed, *data.notes))
    return fit_images(_adapted(data, framing, channels), trained_on, any_labels=any_labels)


def _adapted(data: LabelledImages, framing: Framing, channels: int) -> LabelledImages:
    """The images at this size and with as many channels, and a note on what that took."""
    if data.image_shape == (channels, framing.height, framing.width):
        return data
    notes = []
    if data.image_shape[1:] != (framing.height, framing.width):
        notes.append(framing.sentence)
    if data.image_shape[0] != channels:
        notes.append(f"{data.name} becomes {'grey' if channels == 1 else 'coloured'} as what was trained on.")
    adapted = np.empty((len(data), channels, framing.height, framing.width), np.uint8)
    for place, image in enumerate(data.images):
        pixels = image[0] if len(image) == 1 else np.moveaxis(image, 0, 2)
        matched, _ = match_channels(framing.framed(pixels), channels)
        adapted[place] = matched if channels == 1 else np.moveaxis(matched, 2, 0)
    return replace(data, images=adapted, notes=(*data.notes, *notes))


def fit_images(data: LabelledImages, trained_on: TrainedOn, *, any_labels: bool = False) -> LabelledImages:
    """The images with their labels numbered as the networks number them.

    Labels are matched by name, whatever their order; some may be missing, and a note says which. With `any_labels`
    other labels, or none, are left as they are.

    Raises:
        StudioError: the images have another shape, or a label that the networks do not know.
    """
    check_image_shape(data.image_shape, trained_on.image_shape, f"{data.name} has images of")
    known = trained_on.label_names
    if known is None or data.label_names == known:
        return data
    numbers = {readable(name): number for number, name in enumerate(known)}
    names = [readable(name) for name in data.label_names]
    foreign = [name for name in names if name not in numbers]
    if foreign and any_labels:
        return data
    if foreign:
        raise StudioError(
            f"{data.name} has the labels {_listed(names)}, and the networks know {_listed(list(numbers))}: please "
            f"choose a data set without {_listed(foreign)}."
        )
    missing = [name for name in numbers if name not in names]
    note = (f"{data.name} has no images of {_listed(missing)}.",) if missing else ()
    order = np.array([numbers[name] for name in names], dtype=np.int64)
    return replace(data, labels=order[data.labels], label_names=known, notes=(*data.notes, *note))


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
