"""`lsd-studio screenshots`: every workspace of the window as pictures, rendered offscreen."""

from __future__ import annotations

import argparse
import os
import signal
from types import FrameType

from lsd_studio.cli.answers import answer, bars, console, say
from lsd_studio.cli.display import why_no_qt
from lsd_studio.cli.endings import EXIT_INTERRUPTED
from lsd_studio.engine.bundle import find_bundle
from lsd_studio.engine.errors import StudioError
from lsd_studio.files.folders import folder_to_fill


def run(options: argparse.Namespace) -> None:
    """Render the workspaces to PNG files in the folder, light and dark, and answer with their paths."""
    bundle = find_bundle(options.bundle) if options.bundle else None
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    reason = why_no_qt()
    if reason:
        raise StudioError(f"no window can be rendered here, because {reason}.")
    from lsd_studio.ui.screenshots.rendering import save_screenshots

    signal.signal(signal.SIGINT, _stop)
    with folder_to_fill(options.folder), bars() as shown:
        pictures = save_screenshots(
            options.folder, bundle, lambda name, share: shown.show("screenshots", share, name)
        )
    if options.json != "-":
        for path in pictures.made:
            print(path)
    for name, reason in pictures.missing.items():
        say(f"{name} was left out: {reason}")
    answer([str(path) for path in pictures.made], options.json)


def _stop(signal_number: int, frame: FrameType | None) -> None:
    """End at once: Qt's event loop would swallow an exception."""
    console.show_cursor()
    say("lsd-studio: stopped; the pictures made so far are kept.")
    os._exit(EXIT_INTERRUPTED)
