"""`lsd-studio screenshots`: every workspace of the window as pictures, rendered offscreen."""

from __future__ import annotations

import argparse
import os

from lsd_studio.engine.errors import StudioError


def run(options: argparse.Namespace) -> int:
    """Render the workspaces to PNG files in the folder, light and dark, and print their paths."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        options.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError(
            f"{options.folder} cannot be made a folder ({error.strerror}): please name another."
        ) from error
    from lsd_studio.ui.screenshots import save_screenshots

    for path in save_screenshots(options.folder):
        print(path)
    return 0
