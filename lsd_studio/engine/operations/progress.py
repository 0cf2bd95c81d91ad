"""How far slow work is."""

from __future__ import annotations

from lsd_studio.engine.scheduler import report
from lsd_studio.engine.steps import Doing

__all__ = ["Doing", "report_doing"]


def report_doing(what: str, share: float) -> None:
    """Tell how far the call under way is, for functions that take such a callback.

    Raises:
        asyncio.CancelledError: the call was given up, and the work ends here.
    """
    report(Doing(what, share))
