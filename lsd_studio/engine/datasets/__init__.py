"""Labelled image sets (R1, R10): MNIST, which ships with the package, published sets, folders."""

from lsd_studio.engine.datasets.labelled_images import LabelledImages, Progress, Split, hold_out, scale_pixels
from lsd_studio.engine.datasets.loading import load_data_set, reading_kept

__all__ = ["LabelledImages", "Progress", "Split", "hold_out", "load_data_set", "reading_kept", "scale_pixels"]
