"""The command `lsd-studio`: the window, and everything that can be done without one.

Nothing heavy is imported before it is needed, so that help, mistakes and the window come at once.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from lsd_studio.cli.exit_codes import EXIT_DONE, EXIT_INTERRUPTED, EXIT_MISTAKE
from lsd_studio.engine.errors import StudioError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0: done. 2: something a person can mend, told in one sentence on standard error. 130: stopped by Ctrl-C.
    """
    _prepare_output()
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except StudioError as error:
        print(f"lsd-studio: {error}", file=sys.stderr)
        return EXIT_MISTAKE
    except KeyboardInterrupt:
        print("lsd-studio: stopped; what was there before is untouched.", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _silence_output()
        return EXIT_DONE
    except OSError as error:
        _silence_output()
        print(
            f"lsd-studio: {_what_failed(error)}; please make room or choose another place.", file=sys.stderr
        )
        return EXIT_MISTAKE


def _what_failed(error: OSError) -> str:
    place = (
        f"{error.filename} cannot be read or written" if error.filename else "the result cannot be written"
    )
    return f"{place} ({error.strerror or error})"


def _silence_output() -> None:
    """Let Python's last flush go nowhere, since what it would write to is gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _prepare_output() -> None:
    """Let no closed stream and no narrow encoding stand in the way of what is told."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (it lives as long as the process)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _run(arguments: Sequence[str]) -> int:
    from lsd_studio.cli.arguments import parse_arguments

    options = parse_arguments(arguments)
    if options.command is None:
        from lsd_studio.cli.window import open_window

        return open_window()
    code: int = options.run(options)
    sys.stdout.flush()
    return code
