"""The command `lsd-studio`: the window, and everything that can be done without one.

Nothing heavy is imported before it is needed, so that help, mistakes and the window come at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from lsd_studio.cli.exit_codes import EXIT_DONE, EXIT_INTERRUPTED, EXIT_MISTAKE
from lsd_studio.engine.errors import StudioError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0: done. 2: something a person can mend, told in one sentence on standard error. 130: stopped by Ctrl-C.
    """
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except StudioError as error:
        print(f"lsd-studio: {error}", file=sys.stderr)
        return EXIT_MISTAKE
    except KeyboardInterrupt:
        print("lsd-studio: stopped; what was there before is untouched.", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_DONE


def _run(arguments: Sequence[str]) -> int:
    from lsd_studio.cli.arguments import parse_arguments

    options = parse_arguments(arguments)
    if options.command is None:
        from lsd_studio.cli.window import open_window

        return open_window()
    code: int = options.run(options)
    sys.stdout.flush()
    return code
