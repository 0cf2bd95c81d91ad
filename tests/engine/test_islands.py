"""Islands of layouts: found where they were planted, and called real in the stated share of Gaussian codes."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from lsd_studio.engine.data_files.columns import Column
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.dataset import LatentDataset
from lsd_studio.engine.latent.island_comparison import IslandComparison, compare_islands, visible_islands
from lsd_studio.engine.latent.report import ReportSettings, make_report
from lsd_studio.engine.latent.statistics.embedding import EmbeddingSettings
from lsd_studio.engine.latent.statistics.islands import islands, largest_separation, splits
from lsd_studio.engine.latent.views import Layout, lay_out
from lsd_studio.engine.spaces.code_dataset import code_dataset
from lsd_studio.engine.spaces.latent_space import LatentSpace
from lsd_studio.engine.steps import finished

TWINS = 9
SETTINGS = EmbeddingSettings(points=60, perplexity=10, steps=100)


def dataset(codes: np.ndarray, labels: np.ndarray | None = None) -> LatentDataset:
    columns = {}
    if labels is not None:
        names = tuple(str(label) for label in range(labels.max() + 1))
        columns["kind"] = Column("kind", "labels", labels, names)
    usable = np.ones(len(codes), dtype=bool)
    space = LatentSpace(Path("drawn.npz"), "", codes.astype(np.float32), usable, columns)
    return code_dataset(space, "kind" if columns else None, len(codes))


def compared(codes: np.ndarray, settings: EmbeddingSettings = SETTINGS) -> IslandComparison:
    of = dataset(codes)
    layout = finished(lay_out(of, settings))
    return finished(compare_islands(of, layout, TWINS, "codes"))


def clusters(
    random: np.random.Generator, count: int = 60, apart: float = 6.0
) -> tuple[np.ndarray, np.ndarray]:
    """Codes in four clusters, every two of which lie `apart` standard deviations apart."""
    which = np.arange(count) % 4
    return random.standard_normal((count, 6)) + (np.eye(4, 6) * apart / np.sqrt(2))[which], which


def test_islands_of_gaussian_codes_are_called_real_in_one_of_ten_cases() -> None:
    random = np.random.default_rng(0)
    found = [compared(random.standard_normal((60, 6)) * np.arange(1, 7)) for _ in range(40)]

    alarms = sum(bool(one.islands) for one in found)
    assert binom.ppf(0.005, 40, 1 / (TWINS + 1)) <= alarms <= binom.ppf(0.995, 40, 1 / (TWINS + 1))
    ranks = np.array([one.p_value for one in found])
    assert 0.4 < ranks.mean() < 0.7, "of ten equal ranks the mean is 0.55"
    assert all(bool(one.islands) == (one.p_value == 1 / (TWINS + 1)) for one in found)


def test_planted_clusters_are_found_in_most_cases() -> None:
    random = np.random.default_rng(1)
    counts = []
    for _ in range(10):
        codes, which = clusters(random)
        found = compared(codes)
        counts.append(len(found.islands))
        for island in found.islands:
            own = np.bincount(which[found.layout.indices[island.members]])
            assert own.max() >= 0.8 * own.sum()
    assert sum(count >= 3 for count in counts) >= 8
    assert f"{counts[-1]} islands hold" in found.sentence
    assert "p = 0.1" in found.sentence


def test_the_gap_around_an_island_is_measured_in_spacings_and_outlined() -> None:
    step = np.stack(np.meshgrid(np.arange(6), np.arange(6)), axis=-1).reshape(-1, 2).astype(np.float32)
    points = np.concatenate(
        [step, step + np.array((20, 0), dtype=np.float32), step + np.array((20, 30), dtype=np.float32)]
    )
    points += 1e-3 * np.random.default_rng(0).standard_normal(points.shape).astype(np.float32)

    found = islands(points, splits(points), beyond=1.5)

    assert sorted(tuple(sorted({member // 36 for member in island.members})) for island in found) == [
        (0,),
        (1,),
        (2,),
    ]
    # of an inner point of a grid the fifth neighbour is √2 away, and from grid to grid it is 15
    assert found[0].separation == pytest.approx(15 / np.sqrt(2), rel=0.01)
    assert largest_separation(splits(points)) == pytest.approx(25 / np.sqrt(2), rel=0.01)
    for island in found:
        places = points[island.members]
        ends = island.outline.reshape(-1, 2)
        np.testing.assert_allclose(ends.min(axis=0), places.min(axis=0), atol=0.01)
        np.testing.assert_allclose(ends.max(axis=0), places.max(axis=0), atol=0.01)
    assert len(visible_islands(points)) == 3
    assert splits(points[:15]) == (), "too few for two islands"


def test_layouts_of_few_axes_and_of_labels_have_their_own_twins() -> None:
    codes, which = clusters(np.random.default_rng(2), 120, apart=8.0)
    of = dataset(codes, which)
    layout: Layout = finished(lay_out(of, EmbeddingSettings(points=120, leading=4, perplexity=10, steps=120)))

    shares: list[float] = []
    found = finished(compare_islands(of, layout, TWINS, "codes"), shares.append)
    of_labels = finished(compare_islands(of, layout, TWINS, "labels"))

    assert found.islands
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    assert found.twin.points.shape == layout.points.shape
    assert (found.twin.indices == -1).all()
    assert not of_labels.islands, "labels alone make these"
    assert of_labels.limit > found.limit
    assert "one Gaussian a label" in of_labels.sentence
    with pytest.raises(StudioError, match="9 to 999 twins"):
        finished(compare_islands(of, layout, 3, "codes"))
    with pytest.raises(StudioError, match="of the Gaussian twin"):
        finished(compare_islands(of, found.twin, TWINS, "codes"))
    few = finished(lay_out(of, EmbeddingSettings(points=20, perplexity=5, steps=10)))
    with pytest.raises(StudioError, match="fewer axes or more images"):
        finished(compare_islands(of, few, TWINS, "codes"))


def test_the_report_compares_the_islands_of_its_layout(tmp_path: Path) -> None:
    of = dataset(clusters(np.random.default_rng(4), 120, apart=8.0)[0])
    settings = ReportSettings(coder="drawn", embedded=120, island_twins=TWINS, only=("embedding",))

    found = finished(make_report(of, settings, tmp_path))["embedding"]["islands"]
    few = replace(settings, embedded=100, island_twins=1)
    refused = finished(make_report(of, few, None))["embedding"]["islands"]
    without = finished(make_report(of, replace(settings, island_twins=0), None))["embedding"]

    assert found["codes"] == [30, 30, 30, 30]
    assert found["sentence"] in (tmp_path / "report.md").read_text()
    assert (tmp_path / "islands.png").stat().st_size > 10_000
    assert "9 to 999 twins" in refused["not_measured"]
    assert "islands" not in without


def test_umap_is_laid_out_as_its_twins_are() -> None:
    """Where umap-learn is installed, which is no part of the tests' environment: numba lags behind NumPy."""
    pytest.importorskip("umap")
    of = dataset(clusters(np.random.default_rng(5), 120, apart=8.0)[0])
    settings = EmbeddingSettings(points=120, perplexity=10, steps=100, method="UMAP")
    layout = finished(lay_out(of, settings))

    found = finished(compare_islands(of, layout, TWINS, "codes"))

    assert layout.step == layout.of == 100
    np.testing.assert_array_equal(layout.points, finished(lay_out(of, settings)).points)
    assert len(found.islands) == 4
    assert found.twin.settings.method == "UMAP"
    with pytest.raises(StudioError, match="two neighbours"):
        finished(lay_out(of, replace(settings, perplexity=1)))


def test_umap_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(StudioError, match=r"pip install 'lsd-studio\[umap\]'"):
        finished(lay_out(dataset(np.eye(60, 6)), replace(SETTINGS, method="UMAP")))
