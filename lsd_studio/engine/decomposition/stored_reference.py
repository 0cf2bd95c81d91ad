"""What images are compared with, measured once for a bundle's networks and their training images, and stored.

A file lies in the user's cache, named for the weights and the training images; those of the bundles that ship do too
and are taken first. One that does not validate is as good as none, for it can be measured again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import numpy as np
import platformdirs
import safetensors
import safetensors.numpy

from lsd_studio.engine.basis.variant import training_images
from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.datasets import is_available
from lsd_studio.engine.decomposition.outliers import HELD_OUT, TRAINING, TrainingReference, measure_reference
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.platform.file_names import readable
from lsd_studio.engine.platform.resources import resource
from lsd_studio.files.folders import make_folder
from lsd_studio.files.plain_files import read_plain
from lsd_studio.files.writing import write_file

FORMAT = 1
"""Changes with what is measured."""

LARGEST_FILE = 2**28
ARRAYS = ("mean", "whitening", "errors", "distances")


def shipped_references() -> Path:
    """Where the references of the bundles that ship lie: what `decompose` with them put into the user's cache."""
    return resource("training-references")


def reference_folder() -> Path:
    """Where references that are measured here are stored."""
    return platformdirs.user_cache_path("lsd-studio", appauthor=False) / "training-references"


def training_reference(bundle: Bundle) -> Generator[float, None, TrainingReference]:
    """The stored reference of a bundle, or one that is measured now and stored; yields the share that is done.

    Raises:
        StudioError: the training images are not on this machine, have changed, or are too few.
    """
    name_of_file = _file_name(bundle)
    for folder in (shipped_references(), reference_folder()):
        if (stored := _stored(folder / name_of_file, bundle)) is not None:
            return stored
    name = bundle.manifest.data.name
    if not is_available(name):
        raise StudioError(
            f"{readable(name)} is not on this machine: evaluate the bundle once, which downloads it, to see how usual "
            "an image is."
        )
    yield 0.0
    reference = yield from measure_reference(bundle.networks, *training_images(bundle))
    with suppress(StudioError):  # it is measured again next time
        make_folder(reference_folder())
        arrays = {name: np.ascontiguousarray(getattr(reference, name)) for name in ARRAYS}
        write_file(reference_folder() / name_of_file, safetensors.numpy.save(arrays))
    return reference


def _file_name(bundle: Bundle) -> str:
    """The same for the same weights and training images, another for others."""
    manifest = bundle.manifest
    weights = [manifest.record_of(network).sha256 for network in ("encoder", "generator")]
    stated = json.dumps([FORMAT, TRAINING, HELD_OUT, *weights, manifest.data.checksum])
    return f"{hashlib.sha256(stated.encode()).hexdigest()[:24]}.safetensors"


def _stored(file: Path, bundle: Bundle) -> TrainingReference | None:
    try:
        arrays = safetensors.numpy.load(read_plain(file, LARGEST_FILE))
        reference = TrainingReference(bundle.manifest.data.name, *(arrays[name] for name in ARRAYS))
    except (StudioError, safetensors.SafetensorError, ValueError, KeyError):
        return None
    shapes = [
        (bundle.networks.latent_dimensions,),
        (len(reference.whitening), bundle.networks.latent_dimensions),
    ]
    values = (reference.mean, reference.whitening, reference.errors, reference.distances)
    count = len(reference.errors)
    fits = [value.shape for value in values] == [*shapes, (count,), (count,)]
    usable = all(value.dtype == np.float64 and np.isfinite(value).all() for value in values)
    return reference if fits and count and usable else None
