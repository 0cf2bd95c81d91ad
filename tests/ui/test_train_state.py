"""What a session or a figure says of the Train page: valid values are taken, others fall back."""

from __future__ import annotations

import pytest

from lsd_studio.ui.train.state import TrainState


def test_what_was_noted_is_read_back() -> None:
    state = TrainState(run="first", stage="gan", scale="log", smoothing=60)
    assert TrainState.model_validate(state.model_dump(mode="json")) == state


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("run", 7),
        ("stage", "basis"),
        ("scale", "cubic"),
        ("smoothing", 100),
        ("smoothing", -1),
        ("smoothing", []),
    ],
)
def test_what_is_invalid_falls_back_and_leaves_the_rest(name: str, value: object) -> None:
    good = TrainState(run="first", stage="encoder", scale="linear", smoothing=0)
    read = TrainState.model_validate({**good.model_dump(), name: value, "unknown": 1})
    assert read == good.model_copy(update={name: None})
