"""The condition that codes must match to be shown, on all pages of the Latent space workspace with points."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.operations.selection import SelectionOperations
from lsd_studio.engine.spaces.conditions import Matches
from lsd_studio.ui.tasks import Tasks

MATCHING = "looking for codes"
"""Key of the task."""


def those_that_match(name: str, condition: str) -> str:
    """What is shown, by name, for the title of a figure."""
    return f"{name} that match “{condition}”" if condition else name


class CodeFilter(QObject):
    """None at first: all codes are shown.

    Attributes:
        condition: as it was written last; now: the codes that match it, None where all are shown; problem: the
            sentence on a condition that cannot be read, else "".

    Signals:
        changed: other codes match, or the condition cannot be read.
    """

    changed = Signal()

    def __init__(self, operations: SelectionOperations, tasks: Tasks) -> None:
        super().__init__()
        self._operations, self._tasks = operations, tasks
        self.condition = ""
        self.now: Matches | None = None
        self.problem = ""

    def look_for(self, condition: str) -> None:
        """Show the codes that match from now on; "" shows all."""
        condition = condition.strip()
        if condition == self.condition:
            return
        self._tasks.cancel(MATCHING)
        self.condition = condition
        if condition:
            self._tasks.run(self._look_for(condition), MATCHING)
        else:
            self._take(None)

    async def _look_for(self, condition: str) -> None:
        try:
            self._take(await self._operations.matching(condition))
        except StudioError as error:
            self._take(None, str(error))

    def _take(self, found: Matches | None, problem: str = "") -> None:
        self.now, self.problem = found, problem
        self.changed.emit()
