"""`lsd-studio import`: a bundle that someone shared as one file, checked and taken in."""

from __future__ import annotations

import argparse

from lsd_studio.cli.answers import answer, bars, print_table
from lsd_studio.engine.api import Engine
from lsd_studio.engine.models.prior import stated_prior


def run(options: argparse.Namespace) -> None:
    """Unpack the file into the user's bundles and answer with the name that opens it."""
    with Engine() as engine, bars() as shown:
        path, manifest = engine.exchange.import_archive(options.file, options.name).result(shown.follow)
    result = {
        "name": path.name,
        "path": str(path),
        "profile": manifest.profile,
        "data": manifest.data.name,
        "labels": list(manifest.label_names),
        "latent_dimensions": manifest.latent_dimensions,
        "prior": stated_prior(manifest.prior),
    }
    rows = [(name, ", ".join(value) if isinstance(value, list) else value) for name, value in result.items()]
    print_table(("", "imported"), rows, options.json)
    answer(result, options.json)
