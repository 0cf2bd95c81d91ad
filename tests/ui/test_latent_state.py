"""What the Latent space workspace shows is noted and read back; what others wrote wrongly is left as it is."""

from __future__ import annotations

import json

import pytest
from pydantic import JsonValue

from lsd_studio.engine.latent.statistics.embedding import EmbeddingSettings
from lsd_studio.engine.latent.statistics.planes import Plane
from lsd_studio.engine.latent.twin_comparison import TwinTestSettings
from lsd_studio.ui.latent.plane_path import PlanePath
from lsd_studio.ui.latent.state import (
    DensitiesState,
    EmbeddingState,
    LatentState,
    PairsState,
    PathsState,
    PlanesState,
    SamplersState,
)
from lsd_studio.ui.shell.view_state import ViewState

PLANE = Plane("components", 3, 9)
TEXTS = ("coder", "data", "page", "column", "second", "where")
"""Fields that take any text, or anything."""
STATES: tuple[ViewState, ...] = (
    DensitiesState(axes="principal", width=0.5, radius_width="0.05", component=7),
    PlanesState(plane=PLANE, zoom=None, window=(-1.0, 0.5, -1.0, 1.0), colours="one", second="turned"),
    PairsState(pair=(3, 9), levels=(1.0, 2.5)),
    EmbeddingState(embedding=EmbeddingSettings(points=100, leading=4), laid_out=True),
    SamplersState(points=200, seed=5, compared=True),
    PathsState(plane=PLANE, path=PlanePath("places", ((0.0, 1.0), (2.0, 3.0)), position=0.25)),
    LatentState(
        coder="mnist-autoencoder",
        split="train",
        view="pairs",
        page={"pair": [3, 9]},
        twin="blink",
        twin_of="labels",
        where="kind = B cell",
        tested=TwinTestSettings(PLANE, (-0.25, 0.25, -0.25, 0.25)),
    ),
)


@pytest.mark.parametrize("state", STATES, ids=lambda state: type(state).__name__)
def test_a_state_comes_back_from_what_is_written_of_it(state: ViewState) -> None:
    written = json.dumps(state.model_dump(mode="json"))

    assert type(state).model_validate(json.loads(written)) == state


@pytest.mark.parametrize("state", STATES, ids=lambda state: type(state).__name__)
@pytest.mark.parametrize("wrong", ["nonsense", [1, "x"]])
def test_what_is_not_understood_is_left_as_it_is(state: ViewState, wrong: JsonValue) -> None:
    kind = type(state)
    fields = [name for name in kind.model_fields if name not in TEXTS]

    assert kind.model_validate({**dict.fromkeys(fields, wrong), "unknown": wrong}) == kind()
