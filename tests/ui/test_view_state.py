"""What a page shows, read back from files that anyone may have written."""

from __future__ import annotations

import json
from typing import Literal

import pytest
from pydantic import ValidationError

from lsd_studio.ui.basis.state import BasisState, SamplesState
from lsd_studio.ui.evaluate.state import EvaluateState
from lsd_studio.ui.shell.view_state import ViewState


class Shown(ViewState):
    page: Literal["one", "two"] = "one"
    pair: tuple[int, int] | None = None
    width: float = 0.5


def test_a_state_comes_back_from_json_as_it_was() -> None:
    state = Shown(page="two", pair=(3, 5), width=0.25)
    assert Shown.model_validate(json.loads(json.dumps(state.model_dump(mode="json")))) == state


@pytest.mark.parametrize(
    "hostile", [[], {}, "three", None, [1], [1, 2, 3], ["x", 1], [[1], 2], "\udce9", object()]
)
def test_a_value_that_is_not_valid_is_the_default_and_the_others_are_kept(hostile: object) -> None:
    expected = Shown(page="two")
    assert (
        Shown.model_validate({"page": "two", "pair": hostile, "width": hostile, "other": hostile}) == expected
    )
    assert Shown.model_validate({"page": hostile}) == Shown()


def test_a_state_is_not_changed() -> None:
    with pytest.raises(ValidationError):
        Shown().page = "two"  # type: ignore[misc]


def test_what_a_figure_of_the_paper_says_of_its_view_leaves_the_rest_as_it_is() -> None:
    state = EvaluateState.model_validate({"view": "figure 6", "latent": "sampled", "reading": "signed"})
    assert (state.view, state.latent, state.reading) == ("figure 6", "sampled", "signed")
    assert state.batch is state.only is None


def test_a_part_of_a_state_is_read_field_by_field_too() -> None:
    state = BasisState.model_validate(
        {"view": "samples", "range": [], "set_one": "new", "samples": {"source": "random", "label": "x"}}
    )
    assert state == BasisState(view="samples", samples=SamplesState(source="random"))
    assert BasisState.model_validate({"samples": 3}) == BasisState()
