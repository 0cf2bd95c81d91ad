"""A second space of the same rows: its alignment against SciPy, shared neighbours by hand, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.linalg import orthogonal_procrustes
from scipy.spatial import procrustes
from scipy.spatial.distance import cdist

from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.second_space import LAST_LAYOUT, aligned, second_space, shared_neighbours
from lsd_studio.engine.latent.selection import SeenAxes
from lsd_studio.engine.latent.statistics.embedding import EmbeddingSettings
from lsd_studio.engine.latent.statistics.planes import Plane
from lsd_studio.engine.spaces.reading import read_latent_space
from tests.engine.small_digits import small_digits

COUNT = 300
PLANE, SECOND = Plane("components", 0, 1), Plane("components", 0, 1, second=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Codes, the same ones turned, some that have no relation to them, and arrays that do not fit."""
    random = np.random.default_rng(0)
    z = random.standard_normal((COUNT, 4)).astype(np.float32) * np.array([3, 2, 1, 0.5], dtype=np.float32)
    z[5] = np.nan
    turn = np.linalg.qr(random.standard_normal((4, 4)))[0]
    holed = z.copy()
    holed[9] = np.nan
    path = tmp_path / "spaces.npz"
    np.savez(
        path,
        z=z,
        turned=(0.1 * np.nan_to_num(z) @ turn + 7).astype(np.float32),
        noise=random.standard_normal((COUNT, 6)).astype(np.float32),
        holed=holed,
    )
    return path


def test_alignment_is_that_of_procrustes() -> None:
    random = np.random.default_rng(1)
    points = (random.standard_normal((50, 2)) * (3, 1) + 5).astype(np.float32)
    codes = (points @ random.standard_normal((2, 2)) + random.standard_normal((50, 2))).astype(np.float32)
    found = aligned(codes, points)
    assert found.share == pytest.approx(1 - procrustes(points, codes)[2], rel=1e-4)

    first = random.standard_normal((50, 4)).astype(np.float32)
    for width in (3, 4, 7):
        second = random.standard_normal((50, width)).astype(np.float32)
        second[:, :3] += first[:, 1:]
        found = aligned(second, first)
        centred, target = (np.zeros((50, max(width, 4))) for _ in range(2))
        centred[:, :width], target[:, :4] = second - second.mean(axis=0), first - first.mean(axis=0)
        view = (centred @ orthogonal_procrustes(centred, target)[0])[:, :4]
        size = np.linalg.norm(target) / np.linalg.norm(view)
        np.testing.assert_allclose(found.codes, size * view + first.mean(axis=0), atol=1e-4)
        best = (view * target[:, :4]).sum() / (view**2).sum()
        left = ((best * view - target[:, :4]) ** 2).sum() / (target**2).sum()
        assert found.share == pytest.approx(1 - left, rel=1e-4)
        assert found.by_chance < found.share


def test_shared_neighbours_are_counted_by_hand_and_by_chance_without_relation() -> None:
    random = np.random.default_rng(2)
    first = random.standard_normal((60, 5)).astype(np.float32)
    second = first + random.standard_normal((60, 5)).astype(np.float32)
    found = shared_neighbours(first, second, 4)
    nearest = [np.argsort(cdist(codes, codes), axis=1)[:, 1:5] for codes in (first, second)]
    assert found.share == pytest.approx(
        np.mean([len(set(a) & set(b)) / 4 for a, b in zip(*nearest, strict=True)])
    )
    assert shared_neighbours(first, 3 * first + 1, 4).share == 1
    far, other = (random.standard_normal((3000, 8)).astype(np.float32) for _ in range(2))
    unrelated = shared_neighbours(far, other, most=1000)
    assert (unrelated.compared, unrelated.of, unrelated.by_chance) == (1000, 3000, 10 / 999)
    assert unrelated.share == pytest.approx(unrelated.by_chance, abs=5 * np.sqrt(0.01 / 10_000))
    assert "the mean over 1000 codes drawn of 3000" in unrelated.sentence
    with pytest.raises(StudioError, match="from 20 codes on, not 12"):
        shared_neighbours(first[:12], second[:12])


def test_arrays_of_one_file_are_seen_on_one_plane_and_selected_in_both(file: Path) -> None:
    z = np.delete(np.load(file)["z"], 5, axis=0)
    with Engine() as engine:
        space = engine.latent.open_codes(read_latent_space(file, "z")).result()
        assert space.beside == ("turned", "noise", "holed", LAST_LAYOUT)
        with pytest.raises(StudioError, match="no second space beside these codes"):
            engine.latent.plane(SECOND).result()
        beside = engine.second_space.open("turned").result()
        assert (beside.name, beside.components, beside.shared.share) == ("turned", 4, 1.0)
        view = engine.latent.plane(SECOND).result()
        assert view.aligned.share == pytest.approx(1.0, abs=1e-5)
        np.testing.assert_allclose(view.points, z[:, :2], atol=1e-4)
        assert view.axis_names == ("component 0 of the first space", "component 1 of the first space")

        assert engine.second_space.open("noise").result().shared.share < 0.1
        view = engine.latent.plane(SECOND).result()
        assert view.aligned is not None
        assert view.aligned.share < 0.1
        assert 0.3 < view.aligned.share / view.aligned.by_chance < 3, "without relation"
        box = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
        drawn = engine.selection.outline(box, SECOND).result()
        inside = (np.abs(view.points) < 1).all(axis=1)
        np.testing.assert_array_equal(drawn.groups == 1, inside)
        assert drawn.seen == (SeenAxes("components", (0, 1, 2, 3)),)
        np.testing.assert_array_equal(
            engine.selection.points(drawn, PLANE).result().points, z[drawn.groups == 1, :2]
        )
        assert engine.selection.compare(drawn).result().p_value is None, "nothing is left unseen"
        with pytest.raises(StudioError, match="1 of these 299 rows have no finite code in holed"):
            engine.second_space.open("holed").result()
        with pytest.raises(StudioError, match="not laid out yet"):
            engine.second_space.open(LAST_LAYOUT).result()
        engine.latent.embed(EmbeddingSettings(points=100, perplexity=5.0, steps=10)).result()
        with pytest.raises(StudioError, match="of 100 codes, and there are 299: lay all of them out"):
            engine.second_space.open(LAST_LAYOUT).result()
        layout = engine.latent.embed(EmbeddingSettings(perplexity=5.0, steps=250)).result()
        beside = engine.second_space.open(LAST_LAYOUT).result()
        assert beside.components == 2
        assert beside.shared.share > 5 * beside.shared.by_chance
        view = engine.latent.plane(SECOND).result()
        assert view.aligned.with_plane
        assert view.aligned.share == pytest.approx(1 - procrustes(z[:, :2], layout.points)[2], rel=1e-4)
    with pytest.raises(StudioError, match="has 5 codes, and not the same rows"):
        second_space("few", np.zeros((5, 2)), np.arange(9), z[:9])


def test_another_model_encodes_the_same_images(
    tmp_path: Path, save_small_bundle: Callable[[Path], Path]
) -> None:
    images = small_digits(2, 30)
    for place, (image, label) in enumerate(zip(images.images, images.labels, strict=True)):
        (tmp_path / "digits" / str(label)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[0]).save(tmp_path / "digits" / str(label) / f"{place:03}.png")
    first, second = save_small_bundle(tmp_path / "first"), save_small_bundle(tmp_path / "second")
    with Engine() as engine:
        space = engine.latent.open(first, str(tmp_path / "digits"), "train").result()
        assert "mnist-autoencoder" in space.beside
        beside = engine.second_space.open(second).result()
        assert beside.name == "second"
        assert beside.shared.of == space.count
        assert beside.shared.share == 1.0, "the same weights"
        assert engine.latent.plane(SECOND).result().aligned.share == pytest.approx(1.0, abs=1e-5)
