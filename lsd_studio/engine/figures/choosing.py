"""Which figures of the paper are meant; nothing heavy is imported to find a mistake."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.spec import CODE_FIGURES, PAPER_FIGURES


def checked_number(number: str) -> str:
    """The number itself, such as "5c".

    Raises:
        StudioError: the paper has no such figure; the sentence names the nearest.
    """
    if number not in PAPER_FIGURES:
        raise StudioError(_unknown_number(number))
    return number


def chosen_numbers(words: Sequence[str]) -> tuple[str, ...]:
    """The numbers that are meant, in the paper's order: "5c" is one figure, "4" all of its parts.

    Raises:
        StudioError: a word that names no figure; the sentence names the nearest.
    """
    return _chosen(words, PAPER_FIGURES, _unknown_number)


def chosen_code_figures(words: Sequence[str] | None) -> tuple[str, ...]:
    """The figures of codes alone that words name, all of them for None: "4" is both of its parts.

    Raises:
        StudioError: a word names none; the sentence names the nearest.
    """
    return CODE_FIGURES if words is None else _chosen(words, CODE_FIGURES, _unknown_code_figure)


def _chosen(words: Sequence[str], known: Sequence[str], refusal: Callable[[str], str]) -> tuple[str, ...]:
    chosen: set[str] = set()
    for word in words:
        meant = [name for name in known if word in (name, _whole(name))]
        if not meant:
            raise StudioError(refusal(word))
        chosen.update(meant)
    return tuple(name for name in known if name in chosen)


def _whole(name: str) -> str:
    return name.rstrip("abcdef") if name[0].isdigit() else name


def _unknown_number(word: str) -> str:
    known = [*PAPER_FIGURES, *dict.fromkeys(map(_whole, PAPER_FIGURES))]
    nearest = _nearest(word, known)
    return f"The paper has no figure {word!r} with data{nearest}: choose from {', '.join(PAPER_FIGURES)}."


def _unknown_code_figure(word: str) -> str:
    nearest = _nearest(word, CODE_FIGURES)
    return f"There is no figure {word!r} of codes alone{nearest}: choose from {', '.join(CODE_FIGURES)}."


def _nearest(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.3)
    return f" (did you mean {close[0]}?)" if close else ""
