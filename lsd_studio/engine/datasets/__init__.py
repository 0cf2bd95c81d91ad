"""Labelled image sets (R1, R10): MNIST, which ships with the package, published sets, folders."""

from lsd_studio.engine.datasets.fitting import TrainedOn, fit_images, load_fitting
from lsd_studio.engine.datasets.labelled_images import LabelledImages, Progress, hold_out, scale_pixels
from lsd_studio.engine.datasets.loading import is_available, is_same_source, load_data_set, reading_kept
from lsd_studio.engine.datasets.published_sets import shipped_examples

__all__ = [
    "LabelledImages",
    "Progress",
    "TrainedOn",
    "fit_images",
    "hold_out",
    "is_available",
    "is_same_source",
    "load_data_set",
    "load_fitting",
    "reading_kept",
    "scale_pixels",
    "shipped_examples",
]
