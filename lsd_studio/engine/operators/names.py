"""Names under which operators are saved."""

from __future__ import annotations

import re

from lsd_studio.engine.errors import StudioError

NAME = re.compile(r"[a-z0-9](?:[a-z0-9 _-]{0,58}[a-z0-9])?")
RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d")
"""Names that Windows keeps for devices."""


def check_name(name: str) -> str:
    """The name, if an operator can be saved under it: 1 to 60 of a–z, 0–9, space, "-", "_", no space at its ends.

    Raises:
        StudioError: it is anything else, such as a path, or one of Windows' devices.
    """
    if not NAME.fullmatch(name) or RESERVED.fullmatch(name):
        raise StudioError(
            f"{name!r} cannot name an operator: use up to 60 small letters, digits, spaces, hyphens and underscores, "
            "and no name that Windows keeps for a device."
        )
    return name
