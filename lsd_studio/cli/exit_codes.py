"""Exit codes of `lsd-studio`."""

EXIT_DONE = 0
EXIT_UNFORESEEN = 1
"""A mistake of the program itself, reported in one sentence on standard error that names its log."""

EXIT_MISTAKE = 2
"""Something that a person can mend, reported in one sentence on standard error."""

EXIT_INTERRUPTED = 130
"""Stopped by Ctrl-C: 128 and the number of SIGINT, as shells have it; SIGTERM ends with 143, SIGHUP with 129."""
