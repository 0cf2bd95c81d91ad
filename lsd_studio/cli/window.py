"""`lsd-studio` alone and `lsd-studio open FILE`: the window, or what can be had where none can be shown."""

from __future__ import annotations

import argparse

from lsd_studio.cli.display import why_no_window
from lsd_studio.cli.endings import EXIT_DONE
from lsd_studio.engine.errors import StudioError


def run(options: argparse.Namespace) -> int:
    """Open the window with a file or folder where it belongs, and return its exit code.

    Raises:
        StudioError: there is no such file, or no window can be shown.
    """
    if not options.file.exists():
        raise StudioError(f"{options.file} does not exist: please choose another.")
    if (reason := why_no_window()) is not None:
        raise StudioError(f"no window can be shown, because {reason}.")
    _import_window()
    from lsd_studio.ui.app.application import run

    return run(lambda window: window.open_file(options.file.absolute(), options.codes, options.labels))


def open_window() -> int:
    """Open the window and return its exit code; without a display show the method on a sample digit instead."""
    reason = why_no_window()
    if reason is None:
        _import_window()
        from lsd_studio.ui.app.application import run

        return run()
    print(f"No window can be shown, because {reason}.")
    from lsd_studio.cli.sample import show_sample

    show_sample()
    return EXIT_DONE


def _import_window() -> None:
    """Import all that the window needs before it is shown."""
    from lsd_studio.engine.platform.gc_control import import_for_good

    import_for_good("lsd_studio.ui.app.application")
