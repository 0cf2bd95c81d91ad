"""Several attributes of codes: what is planted is found, what is entangled is told, and noise is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lsd_studio.engine.data_files.columns import column_of
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.spaces import attribute_axes as module
from lsd_studio.engine.spaces.attribute_axes import AttributeAxes, Entanglement, attribute_axes
from lsd_studio.engine.spaces.latent_space import LatentSpace


def space_of(codes: np.ndarray, **attributes: np.ndarray) -> LatentSpace:
    columns = {name: column_of(name, values.astype(bool)) for name, values in attributes.items()}
    return LatentSpace(
        Path("faces.npz"), "", codes.astype(np.float32), np.isfinite(codes).all(axis=1), columns
    )


def faces(random: np.random.Generator, count: int = 3000, components: int = 12) -> LatentSpace:
    """Three attributes on an axis each; of men many have a beard, of women hardly any; units differ by component."""
    glasses, male = random.integers(2, size=(2, count))
    beard = (random.random(count) < np.where(male, 0.7, 0.05)).astype(np.int64)
    codes = random.standard_normal((count, components))
    codes[:, :3] += 4 * np.stack([glasses, male, beard], axis=1)
    return space_of(codes * np.geomspace(1, 50, components) + 7, glasses=glasses, male=male, beard=beard)


@pytest.fixture(scope="module")
def found() -> AttributeAxes:
    return attribute_axes(faces(np.random.default_rng(0)), ("glasses", "male", "beard"))


def way(found: AttributeAxes, name: str) -> Entanglement:
    return next(one for one in found.ways if one.way == name)


def test_planted_attributes_are_read_and_reached(found: AttributeAxes) -> None:
    assert (found.built_on, found.probed_on, found.held_out) == (1000, 1000, 1000)
    assert min(each.value for each in found.read) > 0.95
    assert all(0.5 <= always < 0.7 for always in found.always)
    for one in found.ways:
        assert min(each.value for each in one.reached) > 0.9
    assert (np.diag(way(found, "own").p_values) <= 0.01).all()


def test_an_entangled_attribute_moves_along_until_it_is_held(found: AttributeAxes) -> None:
    own, held = way(found, "own"), way(found, "held")
    assert abs(found.cosines[1, 2]) > 0.4 > abs(found.cosines[0, 1])
    assert own.changed[2, 1] > 0.1 > held.changed[2, 1]
    assert own.p_values[2, 1] <= 0.01
    assert own.changed[2, 0] < 0.05
    assert "beard moves male" in found.sentence
    assert found.sentence.endswith("others held: no attribute moves another.")


def test_only_what_is_named_is_held() -> None:
    space = faces(np.random.default_rng(0))
    held = way(attribute_axes(space, ("glasses", "male", "beard"), held=("glasses",)), "held")
    assert held.changed[2, 1] > 0.1


def test_directions_are_in_the_units_of_the_codes() -> None:
    """Added whole, a direction moves its attribute by the difference of the averages along what tells it apart."""
    random = np.random.default_rng(1)
    space = faces(random)
    moved = way(attribute_axes(space, ("glasses", "male")), "own").directions
    glasses = space.columns["glasses"].values == 1
    apart = space.codes[glasses].mean(axis=0) - space.codes[~glasses].mean(axis=0)
    assert moved[0, 0] == pytest.approx(apart[0], rel=0.1)


def test_attributes_without_relation_to_codes_change_others_once_in_a_hundred(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "DRAWS", 199)
    random = np.random.default_rng(2)
    p_values = []
    for seed in range(40):
        values = random.integers(2, size=(4, 300))
        space = space_of(random.standard_normal((300, 10)), **dict(zip("abcd", values, strict=True)))
        one = way(attribute_axes(space, tuple("abcd"), seed=seed), "own").p_values
        p_values += one[~np.eye(4, dtype=bool)].tolist()
    assert sum(p <= 0.01 for p in p_values) <= 12  # of 480: Poisson of 4.8, exceeded with 1 in 900
    assert 0.4 < np.mean(p_values) < 0.65


def test_what_cannot_be_compared_is_refused() -> None:
    random = np.random.default_rng(3)
    a, b = random.integers(2, size=(2, 300))
    space = space_of(random.standard_normal((300, 6)) + 3 * a[:, None], a=a, same=a, b=b)
    space = replace(space, columns={**space.columns, "three": column_of("three", np.arange(300) % 3)})
    with pytest.raises(StudioError, match="two columns or more"):
        attribute_axes(space, ("a",))
    with pytest.raises(StudioError, match="has 3 values, and an attribute has two"):
        attribute_axes(space, ("a", "three"))
    with pytest.raises(StudioError, match="hats is held but not among the attributes"):
        attribute_axes(space, ("a", "b"), held=("hats",))
    with pytest.raises(StudioError, match="along one direction"):
        attribute_axes(space, ("a", "same"))
    with pytest.raises(StudioError, match="take more codes"):
        attribute_axes(
            space_of(random.standard_normal((60, 6)), a=a[:60], rare=np.arange(60) == 0), ("a", "rare")
        )
