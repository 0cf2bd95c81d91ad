"""TOML that others may have written: read within bounds, refused in one sentence."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from lsd_studio.engine.errors import StudioError

LARGEST_TOML = 256 * 2**10
"""Bytes that a TOML file may have."""

_LONG_KEY = re.compile(r"(?:\.[ \t]*+[\w\"'-]++[ \t]*+){17}")
"""More dots in a key than any setting has: `tomllib` takes time by the square of their number."""

_LONG_NUMBER = re.compile(r"\b0[xob][0-9a-fA-F_]{40}")
"""Python reads those of any length, and then cannot write them down."""

_PLACE = re.compile(r"\(at (line \d+, column \d+)\)$")


def parse_toml(content: bytes | str, where: Path | str) -> dict[str, Any]:
    """The table that a TOML text holds.

    Raises:
        StudioError: it is no TOML in UTF-8, too large, nested too deeply, or holds a number of too many digits.
    """
    if len(content) > LARGEST_TOML:
        raise StudioError(f"{where}: expected at most {LARGEST_TOML} bytes of TOML, found more.")
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        if _LONG_KEY.search(text):
            raise RecursionError
        if _LONG_NUMBER.search(text):
            raise ValueError
        return tomllib.loads(text)
    except RecursionError as error:
        raise StudioError(f"{where}: expected tables and lists of few levels, found many.") from error
    except UnicodeDecodeError as error:
        raise StudioError(f"{where}: expected TOML text in UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        at = _PLACE.search(str(error))
        place = f", {at[1]}" if at else ""
        raise StudioError(
            f'{where}{place}: expected TOML, such as key = 1 or key = "text", each key once.'
        ) from error
    except ValueError as error:
        raise StudioError(f"{where}: expected numbers of few digits, found very many.") from error
