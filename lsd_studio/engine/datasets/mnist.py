"""MNIST as it ships with the package (Y. LeCun, C. Cortes; CC BY-SA 3.0, see the NOTICE beside the files)."""

from __future__ import annotations

import hashlib
from pathlib import Path

from lsd_studio.engine.datasets.idx_format import labelled_images_from_idx
from lsd_studio.engine.datasets.labelled_images import LabelledImages
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.platform.resources import resource
from lsd_studio.engine.vocabulary import Split

DIGITS = tuple("0123456789")

SHA256 = {
    "train-images-idx3-ubyte.gz": "0b367032e93c5d0cea0925647cfdb18614af8ee15f83e6f2fc2ad904a6835971",
    "train-labels-idx1-ubyte.gz": "1787548bbe0bff1ec2ecdc0ef292b02df999e2d1a6002d27500982c652b17203",
    "t10k-images-idx3-ubyte.gz": "1a1a05eab793c14bb050b398624a11b0ffd1a2953baed553b1b9bd079e2a20be",
    "t10k-labels-idx1-ubyte.gz": "b91679a0acfe4ba0e50a2437a903084cba1f5f92592b016a25a7dfd00455798b",
}


def load_mnist(split: Split) -> LabelledImages:
    """The 60 000 training or 10 000 test images of MNIST, 1×28×28 (R1).

    Raises:
        StudioError: a shipped file is missing or its SHA-256 differs.
    """
    prefix = "train" if split == "train" else "t10k"
    images_file, labels_file = (
        (name, checked_content(resource("data", "mnist", name), SHA256[name]))
        for name in (f"{prefix}-images-idx3-ubyte.gz", f"{prefix}-labels-idx1-ubyte.gz")
    )
    return labelled_images_from_idx("mnist", split, images_file, labels_file, DIGITS)


def checked_content(path: Path, sha256: str) -> bytes:
    """The bytes of a shipped file.

    Raises:
        StudioError: their SHA-256 (hexadecimal) is another.
    """
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise StudioError(
            f"The shipped file {path.name} is damaged (SHA-256): please install LSD Studio again."
        )
    return content
