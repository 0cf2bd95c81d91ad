"""Codes of a file selected by outlines, shown on planes and in layouts, and written to files that open again."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
from matplotlib.path import Path as Polygon
from PIL import Image

from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.selection import SeenAxes
from lsd_studio.engine.latent.statistics.embedding import EmbeddingSettings
from lsd_studio.engine.latent.statistics.paths import CodeStation, FreeStation
from lsd_studio.engine.latent.statistics.planes import Plane, enclosed
from lsd_studio.engine.latent.thumbnails import Thumbnails
from lsd_studio.engine.spaces.reading import read_latent_space

COUNT = 120
PLANE = Plane("components", 0, 1)
BOX = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])


@pytest.fixture
def codes(tmp_path: Path) -> Path:
    """Codes with labels, a number and pictures beside them; one code is not finite, and some values are missing."""
    random = np.random.default_rng(0)
    z = random.standard_normal((COUNT, 5)).astype(np.float32)
    z[7, 2] = np.nan
    kind = np.array(["salt", "sea", "fresh"])[np.arange(COUNT) % 3]
    kind[0], age = "", random.uniform(1, 9, COUNT)
    age[3] = np.nan
    file = tmp_path / "cells.npz"
    pictures = np.broadcast_to(np.arange(COUNT, dtype=np.uint8)[:, None, None], (COUNT, 6, 6))
    np.savez(file, z=z, kind=kind, age=age, selection=kind, pictures=pictures)
    return file


@pytest.fixture
def engine(codes: Path) -> Iterator[Engine]:
    """An engine with the codes open."""
    with Engine() as engine:
        engine.latent.open_codes(read_latent_space(codes), "kind").result()
        yield engine


def usable(codes: Path) -> tuple[np.ndarray, np.ndarray]:
    """The codes that are finite, and their rows."""
    z = np.load(codes)["z"]
    rows = np.flatnonzero(np.isfinite(z).all(axis=1))
    return z[rows], rows


def test_points_within_a_polygon_are_those_that_matplotlib_and_reason_find() -> None:
    random = np.random.default_rng(1)
    points = random.uniform(-2, 2, (4000, 2)).astype(np.float32)
    angles = np.sort(random.uniform(0, 2 * np.pi, 31))
    star = np.stack([np.cos(angles), np.sin(angles)], axis=1) * random.uniform(0.3, 2, (31, 1))

    np.testing.assert_array_equal(
        enclosed(points, star), np.flatnonzero(Polygon(star).contains_points(points))
    )
    np.testing.assert_array_equal(enclosed(points, BOX), np.flatnonzero((np.abs(points) < 1).all(axis=1)))
    assert not len(enclosed(points, np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 0.0]])))
    for refused in (BOX[:2], np.full((3, 2), np.nan)):
        with pytest.raises(StudioError, match="three corners or more"):
            enclosed(points, refused)


def test_outlines_make_groups_and_note_what_they_were_drawn_on(engine: Engine, codes: Path) -> None:
    z, _ = usable(codes)
    within = (np.abs(z[:, :2]) < 1).all(axis=1)
    first = engine.selection.outline(BOX, PLANE).result()
    np.testing.assert_array_equal(first.groups == 1, within)
    assert first.counts == (within.sum(), 0)
    assert first.seen == (SeenAxes("components", (0, 1)),)

    right = BOX + np.array([1.0, 0.0])
    both = engine.selection.outline(right, Plane("principal", 0, 2), "B", "replace", first).result()
    assert both.seen == (SeenAxes("components", (0, 1)), SeenAxes("principal", (0, 2)))
    assert both.counts[1] > 0
    assert not ((both.groups == 1) & ~within).any()

    more = engine.selection.outline(right, PLANE, "A", "add", first).result()
    moved = (np.abs(z[:, :2] - (1, 0)) < 1).all(axis=1)
    np.testing.assert_array_equal(more.groups == 1, within | moved)
    less = engine.selection.outline(right, PLANE, "B", "remove", more).result()
    np.testing.assert_array_equal(less.groups == 1, within & ~moved)
    anew = engine.selection.outline(right, Plane("principal", 0, 2), "A", "replace", first).result()
    assert anew.seen == (SeenAxes("principal", (0, 2)),)
    assert engine.selection.outline(BOX + 50, PLANE, before=first).result().is_empty


def test_selected_codes_are_found_on_any_plane_and_in_a_layout(engine: Engine, codes: Path) -> None:
    z, _ = usable(codes)
    selection = engine.selection.outline(BOX, PLANE).result()
    elsewhere = engine.selection.points(selection, Plane("components", 3, 4)).result()
    np.testing.assert_array_equal(elsewhere.points, z[selection.groups == 1][:, 3:])
    assert not elsewhere.groups.any()

    settings = EmbeddingSettings(points=60, leading=2, perplexity=5.0, steps=10)
    layout = engine.latent.embed(settings).result()
    there = engine.selection.points(selection, layout).result()
    np.testing.assert_array_equal(there.points, layout.points[selection.groups[layout.indices] == 1])
    everywhere = 1e3 * BOX
    drawn = engine.selection.outline(everywhere, layout).result()
    np.testing.assert_array_equal(np.flatnonzero(drawn.groups), layout.indices)
    assert drawn.seen == (SeenAxes("principal", (0, 1)),)

    engine.latent.draw_twin().result()
    twin = engine.latent.embed(EmbeddingSettings(points=60, perplexity=5.0, steps=0, twin=True)).result()
    with pytest.raises(StudioError, match="Points of the Gaussian twin are no codes"):
        engine.selection.outline(everywhere, twin).result()


def test_operators_take_a_code_of_one_group_to_the_other(engine: Engine, codes: Path) -> None:
    z, _ = usable(codes)
    first = engine.selection.outline(BOX, PLANE).result()
    both = engine.selection.outline(BOX + np.array([2.0, 0.0]), PLANE, "B", before=first).result()
    a, b = (z[both.groups == group].astype(float) for group in (1, 2))

    start, end = engine.selection.path(both, "mean_difference").result()
    assert isinstance(start, CodeStation)
    assert isinstance(end, FreeStation)
    assert both.groups[start.index] == 1
    np.testing.assert_allclose(end.code, z[start.index] + b.mean(axis=0) - a.mean(axis=0), atol=1e-6)
    half_way = engine.latent.path_place((start, end), 0.5).result()
    assert half_way.name == f"50 % of the way from image {start.index} to B by mean difference"

    within = np.cov(np.concatenate([a - a.mean(axis=0), b - b.mean(axis=0)]), rowvar=False)
    before, after = (0.9 * np.cov(group, rowvar=False) + 0.1 * within for group in (a, b))
    root = scipy.linalg.sqrtm(before)
    matrix = np.linalg.inv(root) @ scipy.linalg.sqrtm(root @ after @ root) @ np.linalg.inv(root)
    _, end = engine.selection.path(both, "gaussian_transport").result()
    assert isinstance(end, FreeStation)
    wanted = b.mean(axis=0) + matrix.real @ (z[start.index] - a.mean(axis=0))
    np.testing.assert_allclose(end.code, wanted, atol=1e-5)


def test_what_is_written_opens_again_as_codes(engine: Engine, codes: Path, tmp_path: Path) -> None:
    z, rows = usable(codes)
    selection = engine.selection.outline(BOX, PLANE).result()
    chosen = np.flatnonzero(selection.groups)

    table = engine.selection.write_rows(selection, tmp_path / "selected.csv").result()
    space = read_latent_space(table)
    np.testing.assert_array_equal(space.codes.astype(np.float32), z[chosen])
    with table.open(newline="") as opened:
        lines = list(csv.DictReader(opened))
    assert [int(line["row"]) for line in lines] == rows[chosen].tolist()
    assert {line["selection"] for line in lines} == {"A"}
    kind, age = np.load(codes)["kind"][rows[chosen]], np.load(codes)["age"][rows[chosen]]
    assert [line["kind"] for line in lines] == kind.tolist()
    assert [line["selection_2"] for line in lines] == kind.tolist()
    np.testing.assert_array_equal([float(line["age"] or "nan") for line in lines], age)

    whole = engine.selection.write_column(selection, tmp_path / "all.npz").result()
    space = read_latent_space(whole)
    np.testing.assert_array_equal(space.codes, z)
    column = space.label_column("selection")
    np.testing.assert_array_equal(column.values == 0, selection.groups == 1)
    assert column.missing == len(z) - len(chosen)
    assert space.columns["kind"].missing == 1
    np.testing.assert_array_equal(space.columns["age"].values, np.load(codes)["age"][rows])
    assert space.pictures == (len(z), 6, 6, 1)

    folder = tmp_path / "pictures"
    assert engine.selection.write_pictures(selection, folder).result() == len(chosen)
    for row in rows[chosen]:
        assert np.asarray(Image.open(folder / "A" / f"{row}.png")).max() == row

    nothing = engine.selection.outline(BOX + 50, PLANE).result()
    with pytest.raises(StudioError, match="No codes are selected"):
        engine.selection.write_rows(nothing, tmp_path / "none.csv").result()


def test_small_pictures_come_in_batches_for_those_that_have_one(engine: Engine, tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    files = np.array([f"{number}.png" for number in range(40)])
    for number in range(39):
        Image.new("RGB", (200, 100), (number, 0, 255)).save(tmp_path / f"{number}.png")
    np.savez(tmp_path / "paths.npz", z=random.standard_normal((40, 3)).astype(np.float32), image=files)
    grey = engine.latent.thumbnails(np.arange(5))
    assert grey.result() is None
    engine.latent.open_codes(read_latent_space(tmp_path / "paths.npz")).result()
    batches: list[Thumbnails] = []
    engine.latent.thumbnails(np.arange(40)[::-1]).result(batches.append)
    assert [len(batch) for batch in batches] == [16, 16, 8]
    found = {index: picture for batch in batches for index, picture in batch.items()}
    assert found[39] is None, "no such file"
    for index in range(39):
        picture = found[index]
        assert picture is not None
        assert picture.shape == (32, 64, 3)
        assert picture.reshape(-1, 3).tolist() == [[index, 0, 255]] * 2048
    for refused, words in ((np.arange(151), "up to 150 codes"), (np.array([40]), "numbered 0 to 39")):
        with pytest.raises(StudioError, match=words):
            engine.latent.thumbnails(refused).result()
