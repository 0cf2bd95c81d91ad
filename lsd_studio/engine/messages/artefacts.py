"""What leaves the program and what comes in: bundles in one file, networks as ONNX, vectors as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from lsd_studio.engine.messages.core import Event, LaneName, Progress, Request

__all__ = [
    "AdoptModels",
    "ArchiveExported",
    "ArtefactsWorking",
    "BundleImported",
    "ExportArchive",
    "ExportOnnx",
    "ExportVectors",
    "ImportArchive",
    "ModelsAdopted",
    "OnnxExported",
    "VectorsExported",
]


@dataclass(frozen=True)
class ExportArchive(Request):
    """Write the open bundle to one zip file to share. Answer: ArchiveExported."""

    lane: ClassVar[LaneName] = "analysis"

    file: Path


@dataclass(frozen=True)
class ImportArchive(Request):
    """Check a bundle that was shared as one file and take it in; it is not opened. Answer: BundleImported.

    Args:
        name: that opens it from now on; None takes the file's.
    """

    lane: ClassVar[LaneName] = "analysis"

    file: Path
    name: str | None = None


@dataclass(frozen=True)
class ExportOnnx(Request):
    """Write G, E and C of the open bundle to a folder as ONNX. Answers: ArtefactsWorking …, OnnxExported."""

    lane: ClassVar[LaneName] = "analysis"

    folder: Path


@dataclass(frozen=True)
class ExportVectors(Request):
    """Write η and ξ of the open bundle, and the amplitudes of images, to a folder as NPZ and CSV.

    Answers: ArtefactsWorking …, VectorsExported.

    Args:
        data: a data set or folder, whose test images' amplitudes are written; images: files, instead. With neither,
            there are no amplitudes.
    """

    lane: ClassVar[LaneName] = "analysis"

    folder: Path
    data: str | None = None
    images: tuple[Path, ...] = ()


@dataclass(frozen=True)
class AdoptModels(Request):
    """Make a bundle of networks of others, given as ONNX files; what is missing is trained.

    Answers: ArtefactsWorking …, ModelsAdopted. Given up and asked for again, it goes on from where it was.

    Args:
        generator, encoder, classifier: the files; None is trained.
        data: data set or folder; out: folder of the new bundle.
        profile: name or file; overrides: settings replaced, such as "encoder.epochs=3".
        seed: of all random draws.
    """

    lane: ClassVar[LaneName] = "analysis"

    generator: Path
    data: str
    out: Path
    encoder: Path | None = None
    classifier: Path | None = None
    profile: str = "studio"
    overrides: tuple[str, ...] = ()
    seed: int = 0


@dataclass(frozen=True)
class ArtefactsWorking(Progress):
    """What is being done, the share of it that is done, 0…1, and a note such as losses."""

    doing: str
    fraction: float
    note: str = ""


@dataclass(frozen=True)
class ArchiveExported(Event):
    """The bundle is in `file`, of so many bytes."""

    file: Path
    size: int


@dataclass(frozen=True)
class BundleImported(Event):
    """The bundle is in the folder `path`; `name` opens it."""

    path: Path
    name: str


@dataclass(frozen=True)
class OnnxExported(Event):
    """The networks are in `files`, by role; `deviations` are their largest differences from PyTorch."""

    files: Mapping[str, Path]
    deviations: Mapping[str, float]


@dataclass(frozen=True)
class VectorsExported(Event):
    """The tables are in `files`."""

    files: tuple[Path, ...]


@dataclass(frozen=True)
class ModelsAdopted(Event):
    """The bundle is at `path`.

    Args:
        trained: the networks that were trained here.
        images: held-out training images that were measured on.
        classifier_accuracy: share of them that C reads right; reconstruction_accuracy: that C reads right in G(E(x)).
        xi_label_rate: share of ξ that C∘G reads as their own label.
        doubts: what looks as if the networks do not belong together, a sentence each.
    """

    path: Path
    trained: tuple[str, ...]
    images: int
    classifier_accuracy: float
    reconstruction_accuracy: float
    xi_label_rate: float
    doubts: tuple[str, ...]
