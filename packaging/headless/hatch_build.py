"""What `lsd-studio-headless` says of itself: what `lsd-studio` says, with what the window needs as an extra."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

ROOT = Path(__file__).resolve().parents[2]


class HeadlessMetadata(MetadataHookInterface):
    """Taken from the pyproject.toml of the program itself, so that there is one list of what is required."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Fill in every field that is called dynamic."""
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        packages = runpy.run_path(str(ROOT / "lsd_studio" / "cli" / "display.py"))["WINDOW_PACKAGES"]
        named = {_name(line) for line in packages.values()}
        window = [line for line in project["dependencies"] if _name(line) in named]
        for field in ("requires-python", "license", "authors", "keywords", "scripts"):
            metadata[field] = project[field]
        metadata["version"] = runpy.run_path(str(ROOT / "lsd_studio" / "__init__.py"))["__version__"]
        metadata["description"] = "The engine and the command line of LSD Studio, without its window."
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": (ROOT / "README.md").read_text("utf-8"),
        }
        metadata["dependencies"] = [line for line in project["dependencies"] if line not in window]
        metadata["optional-dependencies"] = {
            extra: lines
            for extra, lines in project["optional-dependencies"].items()
            if extra not in ("docs", "test")
        } | {"window": window}


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement)[0]
