"""Codes by the hundred thousand, looked at from the file that they lie in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lsd_studio.engine.api import Engine
from lsd_studio.engine.latent.statistics.planes import LEADING_PLANE, MANY_POINTS
from lsd_studio.engine.spaces.code_dataset import code_dataset
from lsd_studio.engine.spaces.reading import read_latent_space

COUNT = MANY_POINTS + 50_000


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("codes") / "codes.npy"
    np.save(file, np.random.default_rng(0).standard_normal((COUNT, 3), dtype=np.float32) * (3, 2, 1))
    return file


def test_what_is_mapped_is_copied_only_where_it_must_be(tmp_path: Path) -> None:
    codes = np.random.default_rng(0).standard_normal((300, 3), dtype=np.float32)
    stored = {"mapped": codes, "wide": codes.astype(np.float64), "broken": codes.copy()}
    stored["broken"][7] = np.nan
    spaces = {}
    for name, array in stored.items():
        np.save(tmp_path / f"{name}.npy", array)
        spaces[name] = read_latent_space(tmp_path / f"{name}.npy")

    datasets = {name: code_dataset(space, None, 10_000) for name, space in spaces.items()}

    assert np.shares_memory(datasets["mapped"].codes, spaces["mapped"].codes)
    for name in ("mapped", "wide"):
        np.testing.assert_array_equal(datasets[name].codes, codes)
    assert datasets["wide"].codes.dtype == np.float32
    np.testing.assert_array_equal(datasets["broken"].codes, np.delete(codes, 7, axis=0))
    assert len(code_dataset(spaces["mapped"], None, 100).codes) == 100


def test_many_codes_are_all_open_and_a_plane_says_how_many_it_counted(file: Path) -> None:
    circle = np.array([(5 * np.cos(a), 4 * np.sin(a)) for a in np.linspace(0, 6.2, 50)])
    with Engine() as engine:
        opened = engine.latent.open_codes(engine.spaces.read(file).result()).result()
        whole = engine.latent.plane().result()
        near = engine.latent.plane(window=(-0.1, 0.1, -0.1, 0.1)).result()
        engine.latent.draw_twin().result()
        twin = engine.latent.plane(twin=True).result()
        selected = engine.selection.outline(circle, LEADING_PLANE).result()
        points = engine.session.open_latent_dataset().projected(LEADING_PLANE, twin=False)

    assert opened.count == whole.inside == whole.count == twin.inside == COUNT
    assert whole.counted < COUNT
    assert whole.density is not None
    left, right, bottom, top = whole.window
    cell = (right - left) * (top - bottom) / whole.density.size
    assert whole.density.sum() * cell == pytest.approx(COUNT, rel=1e-4)
    assert near.points is not None
    assert len(near.points) == near.inside == near.counted
    assert selected.counts[0] == pytest.approx(
        np.count_nonzero(np.hypot(points[:, 0] / 5, points[:, 1] / 4) < 1), rel=0.01
    )
