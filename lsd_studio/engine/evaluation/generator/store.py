"""Reports on generators, stored in files that are each named for everything they depend on.

A file lies in the bundle's folder `evaluations`, or in the user's cache where the bundle ships with the program or
cannot be written to. One that does not validate is as good as none, for what it says can be measured again.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import get_args

from pydantic import ConfigDict

from lsd_studio import __version__
from lsd_studio.engine.bundle import EVALUATIONS, Bundle
from lsd_studio.engine.datasets import LabelledImages
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.cache import cache_folder
from lsd_studio.engine.evaluation.generator.report import PATHS, SETS, GeneratorReport, SetName
from lsd_studio.files.folders import make_folder
from lsd_studio.files.json_text import Strict, read_json
from lsd_studio.files.writing import write_file

FORMAT = 1
PERCENTILES = 101


class Dependencies(Strict):
    """All that a report depends on: the bundle with its ξ, test and training images by checksum, how many, the seed."""

    bundle: str
    basis: str
    test: str
    training: str
    images: int | None
    seed: int
    version: str = __version__
    format: int = FORMAT

    @classmethod
    def of(
        cls, bundle: Bundle, test: LabelledImages, training: LabelledImages, images: int | None, seed: int
    ) -> Dependencies:
        """Those of a report on a bundle's generator, with these images."""
        return cls(
            bundle=bundle.hash,
            basis=hashlib.sha256(bundle.basis.xi_.tobytes()).hexdigest(),
            test=test.checksum,
            training=training.checksum,
            images=images,
            seed=seed,
        )

    @property
    def file_name(self) -> str:
        """The same for the same dependencies, another for others."""
        stated = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return f"generator-{hashlib.sha256(stated.encode()).hexdigest()[:24]}.json"


class _Stored(Strict):
    model_config = ConfigDict(ser_json_inf_nan="strings")

    depends_on: Dependencies
    report: GeneratorReport


def store_report(folder: Path, depends_on: Dependencies, report: GeneratorReport) -> Path:
    """Write a report to a folder, made where it is missing; returns the file.

    Raises:
        StudioError: the folder cannot be written to.
    """
    make_folder(folder, "please make room for what was found")
    file = folder / depends_on.file_name
    write_file(file, _Stored(depends_on=depends_on, report=report).model_dump_json(indent=1).encode())
    return file


def stored_report(bundle: Bundle, depends_on: Dependencies) -> GeneratorReport | None:
    """What was measured before under the same dependencies; None where nothing valid is stored."""
    for folder in (bundle.path / EVALUATIONS, cache_folder()):
        file = folder / depends_on.file_name
        if folder.is_symlink() or not file.exists():
            continue
        try:
            stored = read_json(file, _Stored, follow_links=False)
        except StudioError:
            continue
        if stored.depends_on == depends_on and _is_whole(stored.report, bundle.manifest.label_names):
            return stored.report
    return None


def _is_whole(report: GeneratorReport, label_names: tuple[str, ...]) -> bool:
    """Whether all that is shown of it is there."""
    readers = report.readers.values()
    all_sets = [found for reader in readers for found in reader.sets.values()]
    near = [*report.memorisation.values(), *report.real.values()]
    return (
        bool(readers)
        and report.label_names == label_names
        and 1 <= report.draws <= report.images
        and all(set(reader.sets) == set(get_args(SetName)) == set(SETS) for reader in readers)
        and all(set(reader.path_length) <= set(PATHS) for reader in readers)
        and all(len(found.labels) == len(label_names) for found in all_sets)
        and all(len(found.sizes) == len(found.distances) > 0 and min(found.sizes) > 0 for found in all_sets)
        and set(report.memorisation) == set(report.real) == {"pixels", *report.readers}
        and all(len(each.samples) == len(each.held_out) == PERCENTILES for each in near)
    )
