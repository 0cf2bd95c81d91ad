"""Which figures of the paper are meant; nothing heavy is imported to find a mistake."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.spec import CODE_FIGURES, PAPER_FIGURES


def checked_number(number: str) -> str:
    """The number itself, such as "5c".

    Raises:
        StudioError: the paper has no such figure; the sentence names the nearest.
    """
    if number not in PAPER_FIGURES:
        raise StudioError(_unknown(number))
    return number


def chosen_numbers(words: Sequence[str]) -> tuple[str, ...]:
    """The numbers that are meant, in the paper's order: "5c" is one figure, "4" all of its parts.

    Raises:
        StudioError: a word that names no figure; the sentence names the nearest.
    """
    chosen: set[str] = set()
    for word in words:
        meant = [number for number in PAPER_FIGURES if word in (number, _whole(number))]
        if not meant:
            raise StudioError(_unknown(word))
        chosen.update(meant)
    return tuple(number for number in PAPER_FIGURES if number in chosen)


def chosen_code_figures(words: Sequence[str] | None) -> tuple[str, ...]:
    """The figures of codes alone that words name, all of them for None: "4" is both of its parts.

    Raises:
        StudioError: a word names none; the sentence names the nearest.
    """
    if words is None:
        return CODE_FIGURES
    chosen: set[str] = set()
    for word in words:
        meant = [name for name in CODE_FIGURES if word in (name, _whole(name))]
        if not meant:
            close = difflib.get_close_matches(word, CODE_FIGURES, n=1, cutoff=0.3)
            nearest = f" (did you mean {close[0]}?)" if close else ""
            raise StudioError(
                f"There is no figure {word!r} of codes alone{nearest}: choose from {', '.join(CODE_FIGURES)}."
            )
        chosen.update(meant)
    return tuple(name for name in CODE_FIGURES if name in chosen)


def _whole(number: str) -> str:
    return number.rstrip("abcdef") if number[0].isdigit() else number


def _unknown(word: str) -> str:
    known = [*PAPER_FIGURES, *dict.fromkeys(map(_whole, PAPER_FIGURES))]
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.3)
    nearest = f" (did you mean {close[0]}?)" if close else ""
    return f"The paper has no figure {word!r} with data{nearest}: choose from {', '.join(PAPER_FIGURES)}."
