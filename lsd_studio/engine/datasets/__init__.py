"""Labelled image sets (R1, R10): MNIST ships with the package, others are downloaded or read from a folder."""

from lsd_studio.engine.datasets.labelled_images import LabelledImages, Progress, Split, hold_out, scale_pixels
from lsd_studio.engine.datasets.loading import load_data_set

__all__ = ["LabelledImages", "Progress", "Split", "hold_out", "load_data_set", "scale_pixels"]
