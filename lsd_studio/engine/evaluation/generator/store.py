"""Reports on generators, stored beside what they depend on (`evaluation.stored_json`)."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, get_args

from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.evaluation.generator.report import PATHS, SETS, GeneratorReport, SetName
from lsd_studio.engine.evaluation.stored_json import MeasuredOn, Stored, found_before, store

PERCENTILES = 101


class ReportedOn(MeasuredOn):
    """All that a report depends on."""

    prefix: ClassVar[str] = "generator"

    images: int | None


_Stored = Stored[ReportedOn, GeneratorReport]


def store_report(folder: Path, depends_on: ReportedOn, report: GeneratorReport) -> Path:
    """Write a report to a folder, made where it is missing; returns the file.

    Raises:
        StudioError: the folder cannot be written to.
    """
    return store(folder, _Stored(depends_on=depends_on, found=report))


def stored_report(bundle: Bundle, depends_on: ReportedOn) -> GeneratorReport | None:
    """What was measured before under the same dependencies; None where nothing valid is stored."""
    names = bundle.manifest.label_names
    return found_before(bundle, depends_on, _Stored, lambda found: _is_whole(found, names))


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
