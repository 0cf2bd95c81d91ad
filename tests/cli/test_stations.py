"""Stations of a path: labels by their own names, whatever they are, and no other label in their place."""

from __future__ import annotations

import re

import pytest

from lsd_studio.cli.stations import station_name, stations
from lsd_studio.engine.errors import StudioError

NUMBERS = ("1", "2", "3")
ODD = ("a, b", "a", "c:2", "c", " d", "e\u0301te\u0301")


@pytest.mark.parametrize(
    ("paths", "names", "found"),
    [
        (["1,3"], NUMBERS, (0, 2)),
        (["3, 1:2"], NUMBERS, (2, 3)),
        (["1", "2"], NUMBERS, (0, 1)),
        (["a, b", "a"], ODD, (0, 1)),
        (["c:2", "c:3", "c:2:3"], ODD, (2, 15, 14)),
        ([" d", "d "], ("d", " d"), (1, 0)),
        (["\u00e9t\u00e9", "e\u0301te\u0301:2"], ODD, (5, 11)),
    ],
)
def test_labels_are_found_by_their_names(
    paths: list[str], names: tuple[str, ...], found: tuple[int, ...]
) -> None:
    assert stations(paths, names, 3) == found


@pytest.mark.parametrize(
    ("paths", "sentence"),
    [
        (["0,2"], "There is no label '0': the bundle has 1, 2, 3;"),
        (["1,2:4"], "There is no set 4 of '2': the bundle has the sets 1 to 3."),
        (["1,2:" + "9" * 5000], "There is no set 999999999 of '2'"),
        (["1,,2"], "There is no label ''"),
    ],
)
def test_a_label_that_is_not_there_is_refused_by_name(paths: list[str], sentence: str) -> None:
    with pytest.raises(StudioError, match=re.escape(sentence)):
        stations(paths, NUMBERS, 3)


def test_many_labels_are_not_all_listed() -> None:
    with pytest.raises(StudioError, match=r"L19 and 80 more;"):
        stations(["x,y"], [f"L{place}" for place in range(100)], 1)


def test_a_station_is_called_as_it_is_named() -> None:
    assert [station_name(place, NUMBERS) for place in (0, 2, 4)] == ["1", "3", "2:2"]
