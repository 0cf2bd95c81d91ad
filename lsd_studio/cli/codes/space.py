"""The file of codes that a command names, read, and the options that only such a file or only a bundle has."""

from __future__ import annotations

import argparse
from pathlib import Path

from lsd_studio.cli.answers import Bars
from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.spaces.file_names import is_code_file
from lsd_studio.engine.spaces.latent_space import NEEDS_NETWORKS, LatentSpace


def read_space(engine: Engine, options: argparse.Namespace, shown: Bars) -> LatentSpace:
    """The latent space in the file, or what of it matches --where, with what must be known of it said."""
    shown.show("reading the codes", 0.0)
    space = engine.spaces.read(Path(options.bundle), options.codes).result()
    if options.where is not None:
        space = engine.spaces.where(space, options.where).result()
    shown.note(*space.notes)
    return space


def label_column(options: argparse.Namespace, space: LatentSpace) -> str:
    """The column that tells codes apart.

    Raises:
        StudioError: none is named; the sentence lists those of the file.
    """
    if options.labels is None:
        columns = ", ".join(space.label_columns[:20])
        raise StudioError(
            f"{options.bundle} is a file of codes: please name the column that tells them apart with --labels"
            + (f", one of {columns}." if columns else ".")
        )
    return str(options.labels)


def refuse_for_codes(options: argparse.Namespace, *names: str) -> None:
    """Refuse of a file of codes what only a bundle has.

    Raises:
        StudioError: one of these options was given.
    """
    for name in names:
        if getattr(options, name):
            raise StudioError(
                f"--{name} is for bundles, and {options.bundle} is a file of codes: leave it out."
            )


def refuse_files_of_codes(options: argparse.Namespace) -> None:
    """Refuse a file of codes where a command needs networks.

    Raises:
        StudioError: one is named in place of a bundle.
    """
    bundle = getattr(options, "bundle", None)
    if bundle is not None and is_code_file(bundle):
        raise StudioError(
            f"{options.command} needs networks, and {bundle} has codes alone: {NEEDS_NETWORKS}; basis, evaluate, "
            "figures, latent and operate take it as it is."
        )


def refuse_for_bundles(options: argparse.Namespace) -> None:
    """Refuse of a bundle what only a file of codes has.

    Raises:
        StudioError: one of these options was given.
    """
    for name in ("labels", "codes", "where", "attributes", "hold"):
        if getattr(options, name, None):
            raise StudioError(f"--{name} is for a file of codes, and {options.bundle} is none: leave it out.")
