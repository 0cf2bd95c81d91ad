"""Where the files that ship with the package are found."""

from __future__ import annotations

from pathlib import Path

from lsd_studio.engine.errors import StudioError

_PACKAGE = Path(__file__).resolve().parents[2]


def resource(*parts: str) -> Path:
    """Path of a shipped file or folder, such as `resource("data", "mnist")`.

    An installed wheel keeps resources inside the package, a checkout beside it.

    Raises:
        StudioError: the file is in neither place.
    """
    candidates = [root.joinpath("resources", *parts) for root in (_PACKAGE, _PACKAGE.parent)]
    for candidate in candidates:
        if candidate.exists():
            return candidate
    raise StudioError(
        f"The shipped file {'/'.join(parts)} is missing from this installation: "
        "please install LSD Studio again."
    )
