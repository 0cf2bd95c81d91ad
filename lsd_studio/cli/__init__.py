"""The command `lsd-studio`: the window, and everything that can be done without one.

Nothing heavy is imported before it is needed, so that help, mistakes and the window come at once.
"""

from __future__ import annotations

import atexit
import io
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from typing import NoReturn

from lsd_studio.cli.endings import EXIT_DONE, EXIT_MISTAKE, EXIT_UNFORESEEN, Stopped, signals_obeyed
from lsd_studio.cli.output import let_output_lose_its_reader, plain, promised_to_json
from lsd_studio.engine.errors import StudioError


def command() -> NoReturn:
    """Run the command line as the process that it is, which ends at once when all is done.

    Whoever asked to be called at the end has been by then, and all threads are done. Only a window is taken apart in
    order; with PyTorch alone that would take 0.2 s, for nothing.
    """
    code = EXIT_UNFORESEEN

    def end_at_once() -> None:
        if "PySide6" not in sys.modules:
            with suppress(OSError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    atexit.register(end_at_once)  # the first to register is called last
    code = main()
    sys.exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0: done. 1: a mistake of the program, written down in its log. 2: something a person can mend. 130, 143 and 129:
    stopped by Ctrl-C, SIGTERM or SIGHUP. All but the first are reported in one sentence on standard error.
    """
    _prepare_output()
    words = sys.argv[1:] if arguments is None else arguments
    try:
        with signals_obeyed():
            return _run(words)
    except StudioError as error:
        _say(str(error))
        return EXIT_MISTAKE
    except KeyboardInterrupt as error:
        stopped = error if isinstance(error, Stopped) else Stopped()
        _say(stopped.sentence)
        return 128 + stopped.number
    except OSError as error:
        _silence_output()
        _say(f"{_what_failed(error)}; please make room or choose another place.")
        return EXIT_MISTAKE
    except Exception as error:  # whatever nobody foresaw
        _say(_what_nobody_foresaw(error, words))
        return EXIT_UNFORESEEN


def _say(sentence: str) -> None:
    print(f"lsd-studio: {plain(sentence)}", file=sys.stderr)


def _what_nobody_foresaw(error: Exception, words: Sequence[str]) -> str:
    from lsd_studio.files.logs import note_unforeseen

    log = note_unforeseen(error, " ".join(("lsd-studio", *words)))
    where = "no log could be written" if log is None else f"where it happened is in {log}"
    return f"something went wrong inside the program ({type(error).__name__}); {where}."


def _what_failed(error: OSError) -> str:
    place = (
        f"{error.filename} cannot be read or written" if error.filename else "the result cannot be written"
    )
    return f"{place} ({error.strerror or error})"


def _silence_output() -> None:
    """Let Python's last flush go nowhere, since what it would write to is gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _prepare_output() -> None:
    """Let no closed stream and no narrow encoding stand in the way of what is printed."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (it lives as long as the process)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    let_output_lose_its_reader()


def _run(arguments: Sequence[str]) -> int:
    from lsd_studio.cli.arguments import parse_arguments

    options = parse_arguments(arguments)
    if options.command is None:
        from lsd_studio.cli.window import open_window

        return open_window()
    with promised_to_json() if options.json == "-" else nullcontext():
        code: int | None = options.run(options)
    sys.stdout.flush()
    return code or EXIT_DONE
