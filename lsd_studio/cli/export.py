"""`lsd-studio export`: a bundle as one file to share, its networks as ONNX, its vectors and amplitudes as tables."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from lsd_studio.cli.answers import Bars, answer, bars, check_destination, print_table
from lsd_studio.cli.exit_codes import EXIT_DONE
from lsd_studio.engine.autoencoders.bundle import is_autoencoder, open_autoencoder
from lsd_studio.engine.bundle import Bundle, open_bundle
from lsd_studio.engine.datasets import load_fitting
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.archives import write_archive
from lsd_studio.engine.exchange.onnx_export import export_onnx
from lsd_studio.engine.exchange.vectors import (
    write_amplitudes_of_data,
    write_amplitudes_of_images,
    write_vectors,
)


def run(options: argparse.Namespace) -> int:
    """Write what was asked for and answer with the files."""
    check_destination(options.json)
    if options.archive is None and options.onnx is None and options.vectors is None:
        raise StudioError("export needs --archive FILE, --onnx DIR or --vectors DIR: name what to write.")
    if options.vectors is None and (options.data or options.images):
        raise StudioError("amplitudes are written beside the vectors: name their folder with --vectors DIR.")
    if options.data and options.images:
        raise StudioError("amplitudes are those of a data set or of images: leave out --data or --images.")
    rows: list[tuple[str, object]] = []
    result: dict[str, Any] = {}
    with bars() as shown:
        shown.show("opening the bundle", 0.0)
        if options.archive is not None:
            of_autoencoder = is_autoencoder(options.bundle)
            shared = open_autoencoder(options.bundle) if of_autoencoder else open_bundle(options.bundle)
            shown.show("packing the bundle", 0.0)
            write_archive(shared, options.archive)
            result |= {"bundle": str(shared.path), "hash": shared.hash, "archive": str(options.archive)}
            rows.append((str(options.archive), f"{options.archive.stat().st_size / 2**20:.1f} MiB"))
        if options.onnx is not None or options.vectors is not None:
            bundle = open_bundle(options.bundle)
            result |= {"bundle": str(bundle.path), "hash": bundle.hash}
            if options.onnx is not None:
                result["onnx"] = _networks(bundle, options, shown)
                rows += [
                    (part["file"], f"differs from PyTorch by {part['deviation']:.1e}")
                    for part in result["onnx"].values()
                ]
            if options.vectors is not None:
                result["vectors"] = [str(file) for file in _vectors(bundle, options, shown)]
                rows += [(file, "") for file in result["vectors"]]
    print_table(("file", ""), rows, options.json)
    answer(result, options.json)
    return EXIT_DONE


def _networks(bundle: Bundle, options: argparse.Namespace, shown: Bars) -> dict[str, Any]:
    shown.show("exporting networks", 0.0)
    found: dict[str, Any] = {}
    for written in export_onnx(bundle, options.onnx):
        found[written.network] = {"file": str(written.file), "deviation": written.deviation}
        shown.show("exporting networks", len(found) / 3)
    return found


def _vectors(bundle: Bundle, options: argparse.Namespace, shown: Bars) -> tuple[Path, ...]:
    shown.show("writing vectors", 0.0)
    files = write_vectors(bundle, options.vectors)
    if options.data:
        data = load_fitting(bundle.manifest.trained_on, options.data, "test", shown.show, any_labels=True)
        shown.note(*data.notes)
        shown.show("writing amplitudes", 0.0)
        files += write_amplitudes_of_data(bundle, options.vectors, data)
    elif options.images:
        files += write_amplitudes_of_images(bundle, options.vectors, options.images)
    return files
