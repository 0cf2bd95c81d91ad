"""A profile as TOML text, which a person can read, copy and edit."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from lsd_studio.engine.runs.profiles import Profile

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def profile_text(profile: Profile) -> str:
    """What a profile says as TOML; `lsd_studio.engine.runs.profiles` reads them back unchanged."""
    return "\n".join(_table_lines(profile.settings(), ())).lstrip("\n") + "\n"


def _table_lines(table: Mapping[str, Any], place: tuple[str, ...]) -> list[str]:
    """The lines of a table: its values first, then the tables inside it, each under its own heading."""
    lines = [f"\n[{'.'.join(map(_key, place))}]"] if place else []
    lines += [
        f"{_key(name)} = {_value(value)}" for name, value in table.items() if not isinstance(value, Mapping)
    ]
    for name, value in table.items():
        if isinstance(value, Mapping):
            lines += _table_lines(value, (*place, name))
    return lines


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _value(name)


def _value(value: bool | int | float | str | list[Any]) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return repr(value)
