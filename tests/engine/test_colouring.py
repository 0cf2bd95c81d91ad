"""Columns of codes as classes with a colour each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lsd_studio.engine.api import Engine
from lsd_studio.engine.data_files.columns import column_of
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.colouring import NO_VALUE, colouring_by
from lsd_studio.engine.latent.statistics.planes import Plane
from lsd_studio.engine.spaces.reading import read_latent_space


def test_numbers_are_parted_into_eighths_and_missing_ones_stand_apart() -> None:
    values = np.random.default_rng(0).standard_normal(803)
    values[[5, 77, 400]] = np.nan
    found = colouring_by(column_of("age", values))

    assert found.is_ordered
    assert found.has_missing
    assert found.names[-1] == NO_VALUE
    assert np.flatnonzero(found.classes == 8).tolist() == [5, 77, 400]
    assert np.bincount(found.classes)[:8].tolist() == [100] * 8
    order = np.argsort(values[found.classes < 8])
    assert (np.diff(found.classes[found.classes < 8][order]) >= 0).all()
    low, high = (float(end.replace("−", "-")) for end in found.names[0].split("…"))
    np.testing.assert_allclose((low, high), (np.nanmin(values), np.nanquantile(values, 1 / 8)), rtol=5e-3)


def test_equal_numbers_have_one_class_and_labels_are_their_own() -> None:
    half = np.array([0.5] * 90 + list(np.linspace(0.6, 2, 10)))
    found = colouring_by(column_of("dose", half))
    assert len(set(found.classes[:90].tolist())) == 1
    assert len(found.names) == int(found.classes.max()) + 1
    assert colouring_by(column_of("dose", np.full(9, 0.5))).names == (
        "0.5\N{NO-BREAK SPACE}…\N{NO-BREAK SPACE}0.5",
    )

    kind = colouring_by(column_of("kind", np.array(["salt", "", "sea", "salt", "sea", "salt"])))
    assert kind.names == ("salt", "sea", NO_VALUE)
    assert kind.classes.tolist() == [0, 2, 1, 0, 1, 0]
    assert not kind.is_ordered
    with pytest.raises(StudioError, match="names, which hardly repeat"):
        colouring_by(column_of("who", np.array(["a", "b", "c", "d"])))
    with pytest.raises(StudioError, match="has no numbers"):
        colouring_by(column_of("none", np.full(5, np.nan)))


def test_a_plane_shows_the_classes_from_near_and_from_far(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    z, age = random.standard_normal((300, 4)).astype(np.float32), random.uniform(size=300)
    age[3] = np.nan
    np.savez(tmp_path / "codes.npz", z=z, age=age, kind=np.arange(300) % 3, who=np.arange(300).astype(str))
    plane = Plane("components", 0, 1)
    with Engine() as engine:
        space = engine.latent.open_codes(read_latent_space(tmp_path / "codes.npz"), "kind").result()
        assert set(space.columns) == {"age", "kind"}
        colouring = engine.latent.colouring("age").result()
        near = engine.latent.plane(plane, colouring=colouring).result()
        far = engine.latent.plane(plane, most_points=0, bins=(8, 8), colouring=colouring).result()
        with pytest.raises(StudioError, match="There is no column size: choose one of age"):
            engine.latent.colouring("size").result()
    np.testing.assert_array_equal(near.labels, colouring.classes)
    assert near.labels is not None
    assert near.labels[3] == 8
    assert far.majority is not None
    assert far.majority.max() <= 8
