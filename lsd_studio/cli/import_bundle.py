"""`lsd-studio import`: a bundle that someone shared as one file, checked and taken in."""

from __future__ import annotations

import argparse

from lsd_studio.cli.answers import answer, bars, check_destination, print_table
from lsd_studio.cli.exit_codes import EXIT_DONE
from lsd_studio.engine.exchange.archives import import_archive


def run(options: argparse.Namespace) -> int:
    """Unpack the file into the user's bundles and answer with the name that opens it."""
    check_destination(options.json)
    with bars() as shown:
        shown.show("checking the bundle", 0.0)
        path, manifest = import_archive(options.file, options.name)
    told = {
        "name": path.name,
        "path": str(path),
        "profile": manifest.profile,
        "data": manifest.data.name,
        "labels": list(manifest.label_names),
        "latent_dimensions": manifest.latent_dimensions,
    }
    rows = [
        (name, ", ".join(value) if isinstance(value, list) else str(value)) for name, value in told.items()
    ]
    print_table(("", "imported"), rows, options.json)
    answer(told, options.json)
    return EXIT_DONE
