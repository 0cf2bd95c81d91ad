"""`lsd-studio export`: a bundle as one file to share, its networks as ONNX, its vectors and amplitudes as tables."""

from __future__ import annotations

import argparse
from typing import Any

from lsd_studio.cli.answers import answer, bars, print_table
from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError


def run(options: argparse.Namespace) -> None:
    """Write what was asked for and answer with the files."""
    if options.archive is None and options.onnx is None and options.vectors is None:
        raise StudioError("export needs --archive FILE, --onnx DIR or --vectors DIR: name what to write.")
    if options.vectors is None and (options.data or options.images):
        raise StudioError("amplitudes are written beside the vectors: name their folder with --vectors DIR.")
    if options.data and options.images:
        raise StudioError("amplitudes are those of a data set or of images: leave out --data or --images.")
    rows: list[tuple[object, str]] = []
    result: dict[str, Any] = {}
    with Engine() as engine, bars() as shown:
        shown.show("opening the bundle", 0.0)
        if options.archive is not None:
            shared = engine.exchange.export_archive(options.archive, options.bundle).result(shown.follow)
            result |= {"bundle": str(shared.bundle), "hash": shared.hash, "archive": str(options.archive)}
            rows.append((options.archive, f"{shared.bytes / 2**20:.1f} MiB"))
        if options.onnx is not None or options.vectors is not None:
            opened = engine.bundles.use(options.bundle).result()
            result |= {"bundle": str(opened.path), "hash": opened.hash}
        if options.onnx is not None:
            networks = engine.exchange.export_onnx(options.onnx).result(shown.follow)
            result["onnx"] = {
                each.network: {"file": str(each.file), "deviation": each.deviation} for each in networks
            }
            rows += [(each.file, f"differs from PyTorch by {each.deviation:.1e}") for each in networks]
        if options.vectors is not None:
            call = engine.exchange.export_vectors(options.vectors, options.data, tuple(options.images or ()))
            tables = call.result(shown.follow)
            shown.note(*tables.notes)
            result["vectors"] = [str(file) for file in tables.files]
            rows += [(file, "") for file in tables.files]
    print_table(("file", ""), rows, options.json)
    answer(result, options.json)
