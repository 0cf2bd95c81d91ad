"""Who says what a moved code is: networks, in the picture that it decodes to, or a probe, in the code itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.operators.path_quality import decode_once, different_codes
from lsd_studio.engine.operators.planes import FloatArray, renormalise
from lsd_studio.engine.vocabulary import Reader


@dataclass(frozen=True, eq=False)
class SeenCodes:
    """What is read in N codes.

    Attributes:
        labels: int64 [N], by reader.
        which: int64 [N], which of the different codes each is: as many are independent.
        style: float64 [N] by measure of `picture_style`; none where no picture is decoded.
    """

    labels: Mapping[Reader, NDArray[np.int64]]
    which: NDArray[np.int64]
    style: Mapping[str, FloatArray] = field(default_factory=dict)


class CodeReader(Protocol):
    """Reads codes."""

    def see(self, codes: FloatArray) -> SeenCodes:
        """What is read in codes [N, M]."""


@dataclass(frozen=True)
class PictureReader:
    """C, and the judge where there is one, in pictures of codes at norm √M (R22)."""

    networks: Networks

    def see(self, codes: FloatArray) -> SeenCodes:
        """Labels and style of the pictures; codes that coincide have one."""
        decoded = decode_once(self.networks, renormalise(codes))
        read = self.networks.labels_read(decoded.pixels)
        labels = {reader: of_picture[decoded.which] for reader, of_picture in read.items()}
        return SeenCodes(labels, decoded.which, decoded.style)


@dataclass(frozen=True)
class ProbeReader:
    """A classifier of scikit-learn that was fitted on codes with labels 0…l − 1."""

    probe: Any

    def see(self, codes: FloatArray) -> SeenCodes:
        """Labels of the codes, as they are; those on one ray, as a transport leaves them, count as one."""
        lengths = np.linalg.norm(codes, axis=1, keepdims=True)
        _, which = different_codes(codes / np.where(lengths > 0, lengths, 1.0))
        return SeenCodes({"probe": self.probe.predict(codes)}, which)
