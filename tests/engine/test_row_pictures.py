"""Pictures beside codes: stored with them or in files, and nothing else is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.spaces.reading import read_latent_space
from lsd_studio.engine.spaces.row_pictures import row_picture, row_pictures


def test_stored_pictures_are_those_of_their_rows(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    grey = random.integers(0, 256, (30, 7, 5), dtype=np.uint8)
    colour = random.integers(0, 256, (30, 7, 5, 4), dtype=np.uint8)
    np.savez(tmp_path / "grey.npz", z=random.standard_normal((30, 3)), images=grey)
    np.savez(tmp_path / "colour.npz", z=random.standard_normal((30, 3)), images=colour)

    space = read_latent_space(tmp_path / "grey.npz")
    assert space.has_pictures
    assert "pictures" not in space.lacks
    np.testing.assert_array_equal(row_picture(space, 4), grey[4][:, :, None])
    np.testing.assert_array_equal(
        row_picture(read_latent_space(tmp_path / "colour.npz"), 4), colour[4, :, :, :3]
    )
    shown = row_pictures(space, [2, 9])
    np.testing.assert_array_equal(shown, np.repeat(grey[[2, 9], :, :, None], 3, axis=3))


def test_files_are_looked_for_beside_the_codes_and_nowhere_else(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    (folder / "images").mkdir(parents=True)
    for place, size in enumerate(((6, 4), (12, 12))):
        Image.fromarray(np.full((*size, 3), 40 * (place + 1), np.uint8)).save(
            folder / "images" / f"{place}.png"
        )
    Image.fromarray(np.zeros((6, 4), np.uint8)).save(tmp_path / "outside.png")
    named = [
        "images/0.png",
        "images/1.png",
        "images/missing.png",
        "../outside.png",
        str(tmp_path / "outside.png"),
    ]
    rows = [f"{place}.5,{place / 3},{name}" for place, name in enumerate(named)]
    (folder / "codes.csv").write_text("\n".join(["z_0,z_1,image", *rows]))

    space = read_latent_space(folder / "codes.csv")

    assert space.image_paths is not None
    pictures = [row_picture(space, row) for row in range(5)]
    assert [None if picture is None else picture.shape for picture in pictures] == [
        (6, 4, 3), (12, 12, 3), None, None, None
    ]  # fmt: skip
    shown = row_pictures(space, [0, 1, 2])
    assert shown.shape == (3, 6, 4, 3)
    assert set(shown[0].ravel()) == {40}
    assert {80, 255} <= set(shown[1].ravel())
    assert set(shown[2].ravel()) == {255}
    with pytest.raises(StudioError, match="has no pictures of these rows"):
        row_pictures(space, [2, 3])
