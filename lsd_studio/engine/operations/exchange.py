"""What leaves the program and what comes in: bundles in one file, networks as ONNX, vectors as tables."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.operations import Operations, operation
from lsd_studio.engine.steps import Doing, mapped, report_doing

if TYPE_CHECKING:
    from lsd_studio.engine.autoencoders.bundle import AutoencoderBundle
    from lsd_studio.engine.bundle import Bundle
    from lsd_studio.engine.bundle.manifest import AnyManifest
    from lsd_studio.engine.exchange.adoption import Adopted
    from lsd_studio.engine.exchange.onnx_export import OnnxWritten
    from lsd_studio.engine.exchange.recognition import Recognised
    from lsd_studio.engine.training.events import TrainingEvent


@dataclass(frozen=True)
class SharedBundle:
    """A bundle was written to one file of so many bytes; its folder, and the hash of its manifest."""

    bundle: Path
    hash: str
    bytes: int


@dataclass(frozen=True)
class ExportedTables:
    """The files that were written; notes: what a reader must know of the images, a sentence each."""

    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


class ExchangeOperations(Operations):
    """Exports of the open bundle, and bundles made of what others give."""

    @operation("loading", latest="path", scope="engine")
    def recognise(self, path: Path) -> Recognised:
        """Tell what a file or folder is; nothing in it is executed.

        Raises:
            StudioError: it is nothing that can be used here.
        """
        from lsd_studio.engine.exchange.recognition import recognise

        return recognise(path)

    @operation("loading", scope="engine")
    def place_for(self, name: str) -> Path:
        """A folder among the user's own bundles for one of this name, or of a free name like it."""
        from lsd_studio.engine.bundle.imported import bundles_folder
        from lsd_studio.engine.exchange.recognition import free_name

        return bundles_folder() / free_name(name)

    @operation("analysis")
    def export_archive(
        self, file: Path, bundle: str | Path | None = None
    ) -> Generator[Doing, None, SharedBundle]:
        """Write a bundle to one zip file to share.

        Args:
            bundle: or autoencoder, by its folder or name; None: the open one.
        """
        from lsd_studio.engine.autoencoders.bundle import is_autoencoder, open_autoencoder
        from lsd_studio.engine.bundle import open_bundle
        from lsd_studio.engine.exchange.archives import archive_in_steps

        yield Doing("packing the bundle", 0.0)
        shared: Bundle | AutoencoderBundle
        if bundle is None:
            shared = self._session.open_bundle()
        else:
            shared = open_autoencoder(bundle) if is_autoencoder(bundle) else open_bundle(bundle)
        yield from mapped(archive_in_steps(shared, file), partial(Doing, "packing the bundle"))
        return SharedBundle(shared.path, shared.hash, file.stat().st_size)

    @operation("analysis", scope="engine")
    def import_archive(
        self, file: Path, name: str | None = None
    ) -> Generator[Doing, None, tuple[Path, AnyManifest]]:
        """Check a bundle that was shared as one file and take it in; it is not opened.

        Args:
            name: that opens it from now on; None takes the file's.

        Returns:
            The bundle's folder, whose name opens it, and its manifest.
        """
        from lsd_studio.engine.exchange.archives import import_in_steps

        yield Doing("checking the bundle", 0.0)
        return (yield from mapped(import_in_steps(file, name), partial(Doing, "importing the bundle")))

    @operation("analysis")
    def export_onnx(self, folder: Path) -> Generator[Doing, None, tuple[OnnxWritten, ...]]:
        """Write G, E and C of the open bundle to a folder as ONNX."""
        from lsd_studio.engine.exchange.onnx_export import export_onnx
        from lsd_studio.engine.exchange.onnx_exporter import NETWORKS

        written: list[OnnxWritten] = []
        yield Doing("exporting networks", 0.0)
        for network in export_onnx(self._session.open_bundle(), folder):
            written.append(network)
            yield Doing("exporting networks", len(written) / len(NETWORKS))
        return tuple(written)

    @operation("analysis")
    def export_vectors(
        self, folder: Path, data: str | None = None, images: tuple[Path, ...] = ()
    ) -> Generator[Doing, None, ExportedTables]:
        """Write η and ξ of the open bundle, and the amplitudes of images, to a folder as NPZ and CSV.

        Args:
            data: a data set or folder, whose test images' amplitudes are written; images: files, instead. With
                neither, there are no amplitudes.

        Raises:
            StudioError: both are given, or the images do not fit the bundle.
        """
        from lsd_studio.engine.datasets import load_fitting
        from lsd_studio.engine.exchange.vectors import (
            write_amplitudes_of_data,
            write_amplitudes_of_images,
            write_vectors,
        )

        if data is not None and images:
            raise StudioError("Amplitudes are those of a data set or of images: choose one of them.")
        bundle = self._session.open_bundle()
        yield Doing("writing vectors", 0.0)
        files = write_vectors(bundle, folder)
        notes: tuple[str, ...] = ()
        if data is not None:
            fitting = load_fitting(bundle.manifest.trained_on, data, "test", report_doing, any_labels=True)
            notes = fitting.notes
            yield Doing("writing amplitudes", 0.0)
            files += write_amplitudes_of_data(bundle, folder, fitting)
        elif images:
            yield Doing("writing amplitudes", 0.0)
            files += write_amplitudes_of_images(bundle, folder, images)
        return ExportedTables(files, notes)

    @operation("analysis", scope="engine")
    def adopt(
        self,
        generator: Path,
        data: str,
        out: Path,
        encoder: Path | None = None,
        classifier: Path | None = None,
        profile: str = "studio",
        overrides: tuple[str, ...] = (),
        seed: int = 0,
        prior: str = "normal",
    ) -> Generator[TrainingEvent | Doing, None, Adopted]:
        """Make a bundle at `out` of networks of others; what is None is trained on a data set or folder.

        Given up and asked for again, it goes on from where it was.

        Args:
            generator, encoder, classifier: ONNX files, descriptions in JSON with weights beside them, or weights in
                safetensors of the profile's own architecture.
            prior: what the generator's codes were drawn from: "normal", "uniform", "uniform:2", "uniform:0,1",
                "sphere", "sphere:1", or a file of such codes.
        """
        from lsd_studio.engine.datasets import load_data_set
        from lsd_studio.engine.exchange.adoption import Given, adopt_models
        from lsd_studio.engine.exchange.given_weights import with_onnx_files
        from lsd_studio.engine.runs.profiles import load_profile
        from lsd_studio.engine.training.plan import data_source

        chosen = load_profile(profile, overrides)
        given = Given(generator, encoder, classifier, prior)
        yield Doing("checking the networks", 0.0)
        images = load_data_set(data_source(data), "train", report_doing)
        with TemporaryDirectory(prefix="lsd-studio-") as folder:
            given = with_onnx_files(given, chosen, images, Path(folder))
            return (yield from adopt_models(given, images, chosen, out, seed=seed))
