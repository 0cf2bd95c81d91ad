"""How well a few typed letters fit a command."""

from __future__ import annotations


def fit(typed: str, text: str) -> float | None:
    """How well `typed` fits `text`, 0…1, or None where it does not; every typed word must be found.

    A word counts most where one of the text's words begins with it, less within a word, least where its letters only
    come one after the other ("opbu" in "Open a bundle"). Nothing typed fits everything alike.
    """
    words = typed.casefold().split()
    places = [_fit_of_word(word, text.casefold()) for word in words]
    if None in places:
        return None
    found = [place for place in places if place is not None]
    return sum(found) / len(found) if found else 1.0


def _fit_of_word(word: str, text: str) -> float | None:
    if any(each.startswith(word) for each in text.split()):
        return 1.0 if text.startswith(word) else 0.9
    if word in text:
        return 0.6
    letters = iter(text)
    return 0.3 if all(letter in letters for letter in word) else None
