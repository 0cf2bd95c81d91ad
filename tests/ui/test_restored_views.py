"""Views that a figure's JSON or the last session brings back, with values that no view ever had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from PySide6.QtWidgets import QApplication

from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.shell.workspaces import WORKSPACES

NESTED: list[object] = []
for _ in range(40):
    NESTED = [NESTED]

HOSTILE = (
    None,
    True,
    -1,
    10**30,
    1e308,
    float("nan"),
    "",
    "<b>",
    "\udce9",
    [],
    {},
    [None],
    ["x"],
    [-1],
    [[10**20]],
    [float("nan")] * 3,
    [0] * 10_000,
    {"x": 1},
    {"labels": [0, 0], "closed": 7},
    NESTED,
)


def mutated(settings: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """The settings with one value after the other replaced, also one level deeper, or left out."""
    for name, value in settings.items():
        yield {other: each for other, each in settings.items() if other != name}
        for hostile in HOSTILE:
            yield {**settings, name: hostile}
            if isinstance(value, dict):
                yield from ({**settings, name: {**value, key: hostile}} for key in value)
            if isinstance(value, list) and value:
                yield {**settings, name: [hostile, *value[1:]]}
    yield {}
    yield {name: None for name in settings}


@pytest.mark.parametrize("place", [place.name for place in WORKSPACES])
def test_a_view_with_any_value_is_shown_or_left_as_it_is(
    window: MainWindow, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    workspace = window.go_to(place)
    QApplication.processEvents()
    settings = dict(workspace.view_settings)
    for number, hostile in enumerate(mutated(settings)):
        workspace.bring_back(hostile)
        assert "cannot be shown" not in caplog.text
        if number % 20 == 0:
            QApplication.processEvents()
    workspace.show_view(settings)
    QApplication.processEvents()
    assert not window.grab().isNull()


def test_numbers_that_no_control_takes_are_left_out_and_that_is_said(window: MainWindow) -> None:
    settings = window.decompose.view_settings
    assert window.decompose.bring_back(settings)
    for number in (10**30, float("inf"), [float("nan")], {"x": -(10**12)}):
        assert not window.decompose.bring_back({**settings, "terms": number})
