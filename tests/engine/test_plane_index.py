"""Windows and lassos over many points: the index finds what looking at every point finds."""

from __future__ import annotations

import numpy as np
import pytest

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.statistics.plane_index import PlaneIndex
from lsd_studio.engine.latent.statistics.planes import MOST_COUNTED, Window, content, enclosed, extent, inside

COUNT = 600_000


@pytest.fixture(scope="module")
def points() -> np.ndarray:
    """Two clusters and a far point."""
    random = np.random.default_rng(0)
    points = random.standard_normal((COUNT, 2)).astype(np.float32)
    points[: COUNT // 3] = 0.3 * points[: COUNT // 3] + 4
    points[-1] = (30, -20)
    return np.asfortranarray(points)


@pytest.fixture(scope="module")
def index(points: np.ndarray) -> PlaneIndex:
    return PlaneIndex(points)


WINDOWS: tuple[Window, ...] = (
    (-9, 40, -30, 9), (-2, 2, -2, 2), (-0.25, 0.25, -0.25, 0.25), (3.9, 4.1, -9, 9), (3.99, 4.01, 3.99, 4.01),
    (100, 101, 0, 1), (-50, 0.1, -50, 0.1),
)  # fmt: skip


@pytest.mark.parametrize("window", WINDOWS)
def test_a_window_holds_what_looking_at_all_points_finds(
    points: np.ndarray, index: PlaneIndex, window: Window
) -> None:
    wanted = inside(points, window)
    every, some = index.within(window, COUNT), index.within(window, 20_000)

    assert every.number == some.number == len(wanted)
    np.testing.assert_array_equal(np.sort(every.indices), wanted)
    np.testing.assert_array_equal(points[some.indices], np.stack([some.x, some.y], axis=1))
    assert set(some.indices.tolist()) <= set(wanted.tolist())
    assert len(some.indices) <= 20_001
    assert index.extent == extent(points)


def test_a_density_from_some_of_the_points_is_that_of_all(points: np.ndarray, index: PlaneIndex) -> None:
    window, labels = (-3.0, 6.0, -3.0, 6.0), (np.arange(COUNT) < COUNT // 3).astype(np.int64)

    plain = content(points, labels, window, 8000, (32, 32))
    quick = content(points, labels, window, 8000, (32, 32), index=index)

    assert plain.inside == plain.counted == quick.inside > quick.counted
    assert MOST_COUNTED / 2 < quick.counted <= MOST_COUNTED + 1
    assert plain.density is not None
    assert quick.density is not None
    assert quick.density.sum() == pytest.approx(plain.density.sum(), rel=1e-5)
    full = plain.density > np.quantile(plain.density, 0.8)
    np.testing.assert_allclose(quick.density[full], plain.density[full], rtol=0.4)
    assert plain.majority is not None
    assert quick.majority is not None
    np.testing.assert_array_equal(quick.majority[full], plain.majority[full])
    near = content(points, labels, (3.99, 4.01, 3.99, 4.01), 8000, (32, 32), index=index)
    assert near.indices is not None
    assert len(near.indices) == near.inside == near.counted
    with pytest.raises(StudioError, match="from left to right"):
        content(points, labels, (1.0, 1.0, 0.0, 1.0), 8000, (32, 32), index=index)


@pytest.mark.parametrize(
    "outline",
    [
        [(0, 0), (1, 0), (0.5, 1)],
        [(-1, -1), (1, 1), (1, -1), (-1, 1)],
        [(-100, -100), (100, -100), (100, 100), (-100, 100)],
        [(4, 4), (4.001, 4), (4.001, 4.02)],
        [(50, 50), (60, 50), (60, 60)],
        [(np.cos(a) * (2 + np.sin(5 * a)), 2 * np.sin(a)) for a in np.linspace(0, 6.2, 80)],
    ],
)
def test_a_lasso_holds_what_looking_at_all_points_finds(
    points: np.ndarray, index: PlaneIndex, outline: list[tuple[float, float]]
) -> None:
    corners = np.array(outline, dtype=float)
    np.testing.assert_array_equal(np.sort(enclosed(points, corners, index)), enclosed(points, corners))
