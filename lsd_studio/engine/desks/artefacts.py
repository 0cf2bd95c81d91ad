"""Bundles packed and taken in, networks and vectors written for other programs, networks of others made a bundle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lsd_studio.engine.datasets import load_data_set, load_fitting
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.adoption import Adopted, Given, adopt_models
from lsd_studio.engine.exchange.archives import import_archive, write_archive
from lsd_studio.engine.exchange.onnx_export import export_onnx
from lsd_studio.engine.exchange.vectors import (
    write_amplitudes_of_data,
    write_amplitudes_of_images,
    write_vectors,
)
from lsd_studio.engine.messages.artefacts import (
    AdoptModels,
    ArchiveExported,
    ArtefactsWorking,
    BundleImported,
    ExportArchive,
    ExportOnnx,
    ExportVectors,
    ImportArchive,
    ModelsAdopted,
    OnnxExported,
    VectorsExported,
)
from lsd_studio.engine.messages.core import Event, Request
from lsd_studio.engine.profiles import load_profile
from lsd_studio.engine.session import Handler, Session
from lsd_studio.engine.training.events import BasisProgress, StepDone
from lsd_studio.engine.training.plan import data_source

__all__ = ["HANDLERS"]

NETWORKS = 3


def _export_archive(session: Session, number: int, request: ExportArchive) -> Iterator[Event]:
    bundle = session.open_bundle()
    yield ArtefactsWorking(number, "packing the bundle", 0.0)
    write_archive(bundle, request.file)
    yield ArchiveExported(number, request.file, request.file.stat().st_size)


def _import_archive(session: Session, number: int, request: ImportArchive) -> Iterator[Event]:
    yield ArtefactsWorking(number, "checking the bundle", 0.0)
    path, _ = import_archive(request.file, request.name)
    yield BundleImported(number, path, path.name)


def _export_onnx(session: Session, number: int, request: ExportOnnx) -> Iterator[Event]:
    bundle = session.open_bundle()
    yield ArtefactsWorking(number, "exporting networks", 0.0)
    files: dict[str, Path] = {}
    deviations: dict[str, float] = {}
    for place, written in enumerate(export_onnx(bundle, request.folder), start=1):
        files[written.network], deviations[written.network] = written.file, written.deviation
        yield ArtefactsWorking(number, "exporting networks", place / NETWORKS, written.network)
    yield OnnxExported(number, files, deviations)


def _export_vectors(session: Session, number: int, request: ExportVectors) -> Iterator[Event]:
    bundle = session.open_bundle()
    if request.data is not None and request.images:
        raise StudioError("Amplitudes are those of a data set or of images: choose one of them.")
    yield ArtefactsWorking(number, "writing vectors", 0.0)
    files = write_vectors(bundle, request.folder)
    yield ArtefactsWorking(number, "writing amplitudes", 0.0)
    if request.data is not None:
        files += write_amplitudes_of_data(
            bundle,
            request.folder,
            load_fitting(bundle.manifest.trained_on, request.data, "test", any_labels=True),
        )
    elif request.images:
        files += write_amplitudes_of_images(bundle, request.folder, request.images)
    yield VectorsExported(number, files)


def _adopt(session: Session, number: int, request: AdoptModels) -> Iterator[Event]:
    profile = load_profile(request.profile, request.overrides)
    given = Given(request.generator, request.encoder, request.classifier)
    yield ArtefactsWorking(number, "checking the networks", 0.0)
    data = load_data_set(data_source(request.data), "train")
    working = adopt_models(given, data, profile, request.out, seed=request.seed)
    while True:
        try:
            event = next(working)
        except StopIteration as finished:
            adopted: Adopted = finished.value
            break
        if isinstance(event, StepDone):
            note = ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in event.losses.items())
            yield ArtefactsWorking(
                number, f"training the {event.stage}", event.step / event.total_steps, note
            )
        elif isinstance(event, BasisProgress):
            yield ArtefactsWorking(number, f"basis: {event.doing}", event.fraction)
    yield ModelsAdopted(
        number,
        path=adopted.bundle,
        trained=adopted.trained,
        images=adopted.images,
        classifier_accuracy=adopted.classifier_accuracy,
        reconstruction_accuracy=adopted.reconstruction_accuracy,
        xi_label_rate=adopted.xi_label_rate,
        doubts=adopted.doubts,
    )


HANDLERS: dict[type[Request], Handler] = {
    ExportArchive: _export_archive,
    ImportArchive: _import_archive,
    ExportOnnx: _export_onnx,
    ExportVectors: _export_vectors,
    AdoptModels: _adopt,
}
