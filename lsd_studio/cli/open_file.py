"""`lsd-studio open`: the window, with a file or folder where it belongs."""

from __future__ import annotations

import argparse

from lsd_studio.cli.display import why_no_window
from lsd_studio.cli.window import import_window
from lsd_studio.engine.errors import StudioError


def run(options: argparse.Namespace) -> int:
    """Open the window and return its exit code.

    Raises:
        StudioError: there is no such file, or no window can be shown.
    """
    if not options.file.exists():
        raise StudioError(f"{options.file} does not exist: please choose another.")
    if (reason := why_no_window()) is not None:
        raise StudioError(f"no window can be shown, because {reason}.")
    import_window()
    from lsd_studio.ui.app.application import run

    return run(lambda window: window.open_file(options.file.absolute(), options.codes, options.labels))
