"""Errors that a person can fix."""

from lsd_studio.engine.platform.file_names import readable


class StudioError(Exception):
    """A failure whose text is one sentence for the person at the keyboard: what is wrong and what to do.

    The command line prints it and exits with a non-zero code; the window shows it. Anything else that is raised
    is a bug in this program.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(readable(sentence))


def sentence_of(error: BaseException) -> str:
    """The sentence of an error for people: its own, or that it is a mistake of this program."""
    if isinstance(error, StudioError):
        return str(error)
    return (
        f"Something went wrong inside the program ({type(error).__name__}: {error}); the log has the details."
    )


class NotAvailableError(StudioError):
    """What a request goes on from is not there: no current image, none taken along, no basis of that name.

    All of it belongs to the bundle in use, so one that was asked for before another was opened may come too late.
    """
