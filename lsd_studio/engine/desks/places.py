"""Where things are kept that a person makes."""

from __future__ import annotations

from collections.abc import Iterator

from lsd_studio.engine.messages.core import Event, Request
from lsd_studio.engine.messages.places import ChooseRunsFolder, RunsFolderShown, ShowRunsFolder
from lsd_studio.engine.runs.files import choose_runs_folder, runs_folder
from lsd_studio.engine.session import Handler, Session

__all__ = ["HANDLERS"]


def _show(session: Session, number: int, request: ShowRunsFolder) -> Iterator[Event]:
    yield RunsFolderShown(number, runs_folder())


def _choose(session: Session, number: int, request: ChooseRunsFolder) -> Iterator[Event]:
    choose_runs_folder(request.folder)
    yield RunsFolderShown(number, runs_folder())


HANDLERS: dict[type[Request], Handler] = {ShowRunsFolder: _show, ChooseRunsFolder: _choose}
