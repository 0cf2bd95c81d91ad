"""How far slow work is."""

from __future__ import annotations

from dataclasses import dataclass

from lsd_studio.engine.scheduler import report

__all__ = ["Doing", "report_doing"]


@dataclass(frozen=True)
class Doing:
    """What is being done, in words, and the share of the whole that is done, 0…1; None where it is not known.

    `note` says what it is done with at the moment, such as a file.
    """

    what: str
    share: float | None = None
    note: str = ""

    @property
    def in_words(self) -> str:
        """All of it, such as "Drawing, 40 %"."""
        done = f"{100 * self.share:.0f} %" if self.share is not None and self.share < 1 else ""
        return ", ".join(filter(None, (f"{self.what[:1].upper()}{self.what[1:]}", self.note, done)))


def report_doing(what: str, share: float) -> None:
    """Tell how far the call under way is, for functions that take such a callback.

    Raises:
        asyncio.CancelledError: the call was given up, and the work ends here.
    """
    report(Doing(what, share))
