"""Strips, animations and films, read back with the libraries that people use."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.films import check_film, write_film


@pytest.fixture
def pictures() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (5, 28, 28, 1), dtype=np.uint8)


def test_a_strip_shows_every_picture_unaltered(pictures: np.ndarray, tmp_path: Path) -> None:
    write_film(tmp_path / "strip.png", pictures, ["first\nreads 0", "b", "c", "d", "e"])

    with Image.open(tmp_path / "strip.png") as image:
        sheet = np.asarray(image)
    for place, picture in enumerate(pictures):
        left = 8 + place * 92
        tile = sheet[8 : 8 + 84, left : left + 84]
        np.testing.assert_array_equal(tile[1::3, 1::3, 0], picture[..., 0])
    assert (sheet[93:] < 100).any()


def test_an_animation_has_every_frame_and_repeats(pictures: np.ndarray, tmp_path: Path) -> None:
    write_film(tmp_path / "walk.GIF", pictures, [""] * 5)

    with Image.open(tmp_path / "walk.GIF") as animation:
        assert animation.n_frames == 5
        assert animation.info["loop"] == 0
        for place, picture in enumerate(pictures):
            animation.seek(place)
            frame = np.asarray(animation.convert("RGB"))
            np.testing.assert_allclose(frame[4::8, 4::8, 1].astype(int), picture[..., 0], atol=6)


def test_a_film_has_every_frame(tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    grey = np.arange(0, 240, 40, dtype=np.uint8)
    pictures = np.broadcast_to(grey[:, None, None, None], (6, 9, 113, 3)).copy()

    write_film(tmp_path / "walk.mp4", pictures, [""] * 6)

    with av.open(str(tmp_path / "walk.mp4")) as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert [frame.shape for frame in frames] == [(10, 114, 3)] * 6
    np.testing.assert_allclose([frame.mean() for frame in frames], grey, atol=3)


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(StudioError, match="pip install av"):
        check_film(tmp_path / "walk.mp4")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("walk.avi", "end the name in one of .png, .gif, .mp4"),
        ("walk", "no film format"),
        ("nowhere/walk.gif", "folder that exists"),
    ],
)
def test_what_cannot_be_written_is_said_in_one_sentence(tmp_path: Path, name: str, sentence: str) -> None:
    with pytest.raises(StudioError, match=sentence):
        check_film(tmp_path / name)
