"""`lsd-studio` alone: the window, or, where none can be shown, what can be had without one."""

from __future__ import annotations

from lsd_studio.cli.display import why_no_window
from lsd_studio.cli.exit_codes import EXIT_DONE
from lsd_studio.engine.errors import StudioError


def open_window() -> int:
    """Open the window and return its exit code; without a display show the method on a sample digit instead."""
    reason = why_no_window()
    if reason is None:
        from lsd_studio.engine.platform.gc_control import gc_suspended

        with gc_suspended():
            from lsd_studio.ui.app.application import run
        return run()
    print(f"No window can be shown, because {reason}.")
    from lsd_studio.cli.sample import show_sample
    from lsd_studio.engine.bundle import shipped_bundles

    shipped = shipped_bundles()
    if not shipped:
        raise StudioError(
            "no bundle ships with this installation: train one with `lsd-studio train --out RUN`."
        )
    show_sample(shipped[0])
    return EXIT_DONE
