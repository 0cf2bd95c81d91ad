"""Findings of evaluations stored in files, each named for everything it depends on.

A file lies in the bundle's folder `evaluations`, or in the user's cache where the bundle ships with the program or
cannot be written to. It holds arrays and JSON (safetensors), and is validated when it is read; one that does not
validate is as good as none, for what it says can be measured again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import platformdirs
import safetensors
import safetensors.numpy
from pydantic import BaseModel, ConfigDict, Field

from lsd_studio import __version__
from lsd_studio.engine.bundle import EVALUATIONS, Bundle, ships
from lsd_studio.engine.datasets import LabelledImages
from lsd_studio.engine.decomposition.rank_statistics import floor_curves, noise_floor_measures
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.findings import TRUE_RANKS, Findings, Latent, RankStatistics, Read
from lsd_studio.engine.vocabulary import Reading
from lsd_studio.files.folders import make_folder
from lsd_studio.files.json_text import parse_json, validated
from lsd_studio.files.plain_files import read_plain
from lsd_studio.files.writing import write_file

FORMAT = 1
LARGEST_FILE = 2**28
"""Bytes that a file of findings may have."""

_SLOTS: tuple[tuple[Latent, Reading], ...] = (
    ("mean", "absolute"), ("mean", "signed"), ("sampled", "absolute"), ("sampled", "signed"),
)  # fmt: skip
_SLOTS_OF_A_LOOK = _SLOTS[:2]
_STATED = "stated"
_STATISTICS: dict[str, Any] = {
    "ranks": np.int64, "ratios": np.int32, "edges": np.float64, "confusion": np.int64,
    "margins": np.float32, "hits": np.int32, "first_read": np.int32,
}  # fmt: skip
"""Types in the file; counts come back as int64, the others as float64."""
_WIDE: dict[str, Any] = {"edges": np.float64, "margins": np.float64, "hits": np.float64}
_SCALARS = ("signal", "noise", "draws")


class _Stated(BaseModel):
    depends_on: dict[str, Any]
    measured: dict[str, Any]
    numbers: dict[str, dict[str, Annotated[float, Field(allow_inf_nan=False)]]]


class _LookMeasured(BaseModel):
    """What is read of measures by their names, without trials."""

    trials: Annotated[int, Field(ge=0)]


class _Interval(BaseModel):
    model_config = ConfigDict(extra="allow")

    value: float
    low: float
    high: float


class _TrialAccuracies(BaseModel):
    reconstruction_accuracy: list[float]
    lsd_accuracy: dict[str, list[float]]


class _WholeMeasured(_LookMeasured):
    """What is read of measures by their names, with trials."""

    classifier_accuracy: _Interval
    reconstruction_accuracy: dict[str, _Interval]
    lsd_accuracy: dict[str, dict[str, _Interval]]
    per_trial: _TrialAccuracies


@dataclass(frozen=True)
class Dependencies:
    """All that findings depend on.

    Attributes:
        bundle: hash of the bundle, and so of all its files.
        basis: SHA-256 of the ξ in use, which need not be the bundle's own.
        data: checksum of the test images.
        trials: draws of each; 0 for a first look at the means.
    """

    bundle: str
    basis: str
    data: str
    images: int
    trials: int
    seed: int
    version: str = __version__

    @classmethod
    def of(cls, bundle: Bundle, test: LabelledImages, *, trials: int, seed: int) -> Dependencies:
        """Those of an evaluation of a bundle on test images."""
        basis = hashlib.sha256(np.ascontiguousarray(bundle.basis.xi_).tobytes()).hexdigest()
        return cls(bundle.hash, basis, test.checksum, len(test), trials, seed)

    @property
    def file_name(self) -> str:
        """The same for the same dependencies, another for others."""
        stated = json.dumps({"format": FORMAT, **asdict(self)}, sort_keys=True)
        return f"{hashlib.sha256(stated.encode()).hexdigest()[:24]}.safetensors"


def store_findings(folder: Path, dependencies: Dependencies, findings: Findings) -> Path:
    """Write findings to a folder, made where it is missing; returns the file.

    Raises:
        StudioError: the folder cannot be written to.
    """
    arrays: dict[str, np.ndarray] = {"labels": findings.labels, "classifier_read": findings.classifier_read}
    numbers: dict[str, dict[str, Annotated[float, Field(allow_inf_nan=False)]]] = {}
    for (latent, reading), read in findings.reads.items():
        slot = f"{latent}.{reading}"
        for name, kind in _STATISTICS.items():
            arrays[f"{slot}.{name}"] = getattr(read.statistics, name).astype(kind)
        arrays[f"{slot}.per_label"] = read.per_label
        numbers[slot] = {name: getattr(read.statistics, name) for name in _SCALARS}
    stated = {"depends_on": asdict(dependencies), "measured": findings.measured, "numbers": numbers}
    arrays[_STATED] = np.frombuffer(json.dumps(stated, allow_nan=False).encode(), dtype=np.uint8)
    content = safetensors.numpy.save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    file = folder / dependencies.file_name
    make_folder(folder, "please make room for what was found")
    write_file(file, content)
    return file


def stored_findings(bundle: Bundle, dependencies: Dependencies) -> Findings | None:
    """What was found before under the same dependencies; None where nothing valid is stored."""
    for folder in (bundle.path / EVALUATIONS, cache_folder()):
        file = folder / dependencies.file_name
        try:
            if folder.is_symlink():
                continue
            return _parse(read_plain(file, LARGEST_FILE), dependencies, bundle.manifest.number_of_labels)
        except (StudioError, safetensors.SafetensorError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return None


def findings_folder(bundle: Bundle) -> Path:
    """The folder in which a bundle's findings are stored: its own, or the user's cache where it may not be changed."""
    if ships(bundle.path) or not os.access(bundle.path, os.W_OK):
        return cache_folder()
    return bundle.path / EVALUATIONS


def cache_folder() -> Path:
    """Where findings about bundles that may not be changed are stored."""
    return platformdirs.user_cache_path("lsd-studio", appauthor=False) / EVALUATIONS


def _parse(content: bytes, dependencies: Dependencies, labels: int) -> Findings:
    """The findings in a file; ValueError and the like where it is anything else."""
    arrays = safetensors.numpy.load(content)
    stated = validated(_Stated, parse_json(arrays[_STATED].tobytes(), _STATED), _STATED)
    measured = _WholeMeasured if dependencies.trials else _LookMeasured
    validated(measured, stated.measured, _STATED)
    if stated.depends_on != asdict(dependencies) or stated.measured["trials"] != dependencies.trials:
        raise ValueError("These findings depend on something else.")
    reads: dict[tuple[Latent, Reading], Read] = {
        slot: _read(slot, arrays, stated.numbers, labels, dependencies.images)
        for slot in (_SLOTS if dependencies.trials else _SLOTS_OF_A_LOOK)
    }
    all_labels, classifier_read = arrays["labels"], arrays["classifier_read"]
    for read in (all_labels, classifier_read):
        _check(read, (dependencies.images,), np.int64, labels)
    floors = {"noise_floor": noise_floor_measures(reads, stated.measured["reading"])}
    return Findings({**stated.measured, **floors}, all_labels, classifier_read, reads)


def _read(
    of: tuple[Latent, Reading],
    arrays: Mapping[str, np.ndarray],
    numbers: Mapping[str, Any],
    labels: int,
    images: int,
) -> Read:
    """What was read; its noise floor is computed again, so that earlier evaluations show the present one."""
    slot, reading = f"{of[0]}.{of[1]}", of[1]
    found = {name: arrays[f"{slot}.{name}"] for name in (*_STATISTICS, "per_label")}
    axes, bins = len(found["ranks"]), len(found["edges"]) - 1
    shapes = {
        "ranks": (axes,), "ratios": (len(TRUE_RANKS), axes, bins), "edges": (bins + 1,),
        "confusion": (labels, labels), "margins": (images,), "hits": (images,), "first_read": (images,),
        "per_label": (labels, 3),
    }  # fmt: skip
    for name, shape in shapes.items():
        _check(
            found[name], shape, _STATISTICS.get(name, np.float64), labels if name == "first_read" else None
        )
    stated = {name: float(numbers[slot][name]) for name in _SCALARS}
    if stated["draws"] < 1 or stated["noise"] < 0:
        raise ValueError("These numbers are out of range.")
    wide = {name: found[name].astype(_WIDE.get(name, np.int64)) for name in _STATISTICS}
    statistics = RankStatistics(
        **wide, signal=stated["signal"], noise=stated["noise"], draws=int(stated["draws"])
    )
    return Read(statistics, found["per_label"], floor_curves(statistics, reading))


def _check(array: np.ndarray, shape: tuple[int, ...], kind: Any, below: int | None) -> None:
    if array.shape != shape or array.dtype != kind:
        raise ValueError(f"Expected {np.dtype(kind)} {shape}, found {array.dtype} {array.shape}.")
    if below is not None and array.size and not 0 <= array.min() <= array.max() < below:
        raise ValueError(f"Expected labels below {below}.")
