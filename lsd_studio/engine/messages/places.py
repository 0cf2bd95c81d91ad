"""Where things are kept that a person makes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lsd_studio.engine.messages.core import Event, Request

__all__ = ["ChooseRunsFolder", "RunsFolderShown", "ShowRunsFolder"]


@dataclass(frozen=True)
class ShowRunsFolder(Request):
    """Ask where runs are kept. Answer: RunsFolderShown."""


@dataclass(frozen=True)
class ChooseRunsFolder(Request):
    """Keep new runs in another folder, for the command line too; those that are there stay. Answer: RunsFolderShown."""

    folder: Path


@dataclass(frozen=True)
class RunsFolderShown(Event):
    """Where runs are kept."""

    folder: Path
