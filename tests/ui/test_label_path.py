"""A path through labels: edits, places on it, and what cannot be walked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsd_studio.ui.operate.label_path import LabelPath

PATHS = st.builds(LabelPath, st.lists(st.integers(0, 9), min_size=2, max_size=12).map(tuple), st.booleans())


@given(PATHS, st.data())
def test_an_edit_and_its_opposite_leave_the_path_as_it_was(path: LabelPath, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(path.labels)))
    assert path.inserted(place, 3).removed(place) == path
    source, target = (data.draw(st.integers(0, len(path.labels) - 1)) for _ in range(2))
    assert path.moved(source, target).moved(target, source) == path
    assert path.toggled().toggled() == path


@given(PATHS, st.floats(-30, 30))
def test_every_place_is_between_two_neighbours(path: LabelPath, position: float) -> None:
    place = path.within(position)
    assert 0 <= path.first_round(place) <= path.legs
    first, second, degrees = path.leg_at(place)
    assert 0 <= degrees <= 90
    assert (first, second) in list(zip(path.stations, path.stations[1:], strict=False))


@pytest.mark.parametrize(
    ("labels", "closed", "walkable"),
    [((0, 1), False, True), ((3,), False, False), ((0, 0, 1), False, False), ((0, 1, 0), True, False)],
)
def test_a_leg_from_a_label_to_itself_cannot_be_walked(
    labels: tuple[int, ...], closed: bool, walkable: bool
) -> None:
    assert LabelPath(labels, closed).is_walkable is walkable


def test_a_closed_path_is_gone_round() -> None:
    path = LabelPath((4, 7, 2), closed=True)
    assert path.stations == (4, 7, 2, 4)
    assert path.within(3.25) == 3.25
    assert path.first_round(3.25) == pytest.approx(0.25)
    assert path.leg_at(-0.5) == (2, 4, 45.0)
    assert path.leg_at(2.5) == (2, 4, 45.0)
