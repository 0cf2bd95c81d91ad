"""The stations of a path, as a person names them: labels by their names, with `:SET` for another set than the first."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from lsd_studio.engine.errors import StudioError

MOST_NAMED = 20


def stations(paths: Sequence[str], names: Sequence[str], sets: int) -> tuple[int, ...]:
    """The vectors (set outer, label inner) that the values of `--path` name, in order.

    One value is a list with commas between; several are a station each, so that names may hold commas.

    Raises:
        StudioError: a label or a set that the bundle does not have.
    """
    texts = paths[0].split(",") if len(paths) == 1 else paths
    return tuple(_station(text, names, sets) for text in texts)


def station_name(station: int, names: Sequence[str]) -> str:
    """A vector's label by its name, with its set where that is not the first."""
    set_, label = divmod(station, len(names))
    return names[label] if set_ == 0 else f"{names[label]}:{set_ + 1}"


def _station(text: str, names: Sequence[str], sets: int) -> int:
    """A label's whole name comes before a name with a set, and what was typed before the same without outer spaces."""
    known = {unicodedata.normalize("NFC", name): label for label, name in enumerate(names)}
    for typed in (unicodedata.normalize("NFC", text), unicodedata.normalize("NFC", text.strip())):
        if typed in known:
            return known[typed]
        name, colon, set_ = typed.rpartition(":")
        if colon and name in known and set_.isascii() and set_.isdigit():
            if not 1 <= int(set_[:9]) <= sets:
                raise StudioError(
                    f"There is no set {set_[:9]} of {name!r}: the bundle has the sets 1 to {sets}."
                )
            return known[name] + len(names) * (int(set_) - 1)
    listed = ", ".join(names[:MOST_NAMED])
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    raise StudioError(
        f"There is no label {text!r}: the bundle has {listed}{more}; a name with a comma needs a --path of its own "
        "for each label."
    )
