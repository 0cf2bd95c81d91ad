"""`lsd-studio` alone: the window, or, where none can be shown, what can be had without one."""

from __future__ import annotations

from lsd_studio.cli.display import why_no_window
from lsd_studio.cli.exit_codes import EXIT_DONE


def import_window() -> None:
    """Import the window and all that it needs before it is shown."""
    from lsd_studio.engine.platform.gc_control import import_for_good

    import_for_good("lsd_studio.ui.app.application")


def open_window() -> int:
    """Open the window and return its exit code; without a display show the method on a sample digit instead."""
    reason = why_no_window()
    if reason is None:
        import_window()
        from lsd_studio.ui.app.application import run

        return run()
    print(f"No window can be shown, because {reason}.")
    from lsd_studio.cli.sample import show_sample

    show_sample()
    return EXIT_DONE
