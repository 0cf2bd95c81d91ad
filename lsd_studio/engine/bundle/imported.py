"""Bundles that others shared, which the user keeps under names of their own."""

from __future__ import annotations

import re
from pathlib import Path

from lsd_studio.engine.bundle.manifest import BASIS, MANIFEST
from lsd_studio.engine.runs.files import data_folder

BUNDLE_NAME = re.compile(
    r"(?!(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))[a-z0-9](?:[a-z0-9._-]{0,78}[a-z0-9])?", re.IGNORECASE
)
"""A folder's name on every system; Windows keeps some for devices."""


def name_like(text: str) -> str:
    """The letters, digits, dots, hyphens and underscores of a text, of which a bundle's name is made."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip(".-_")


def bundles_folder() -> Path:
    """The folder of imported bundles in the user's data folder; LSD_STUDIO_DATA names another data folder."""
    return data_folder() / "bundles"


def imported_bundles() -> tuple[str, ...]:
    """Names of the bundles in that folder, which open them."""
    folder = bundles_folder()
    if not folder.is_dir():
        return ()
    named = (entry for entry in folder.iterdir() if BUNDLE_NAME.fullmatch(entry.name))
    return tuple(sorted(entry.name for entry in named if (entry / MANIFEST).is_file()))


def bundles_with_basis() -> tuple[str, ...]:
    """Names of those among them that all workspaces can use, which autoencoders are not."""
    return tuple(name for name in imported_bundles() if (bundles_folder() / name / BASIS).is_file())
