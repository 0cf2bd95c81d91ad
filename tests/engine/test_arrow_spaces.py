"""Latent spaces in Parquet and Arrow files."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsd_studio.engine.data_files import arrow_files
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.spaces.reading import read_latent_space
from lsd_studio.engine.spaces.row_pictures import row_pictures
from tests.engine.refused_codes import refusal

pyarrow = pytest.importorskip("pyarrow")
feather = pytest.importorskip("pyarrow.feather")
parquet = pytest.importorskip("pyarrow.parquet")

CODES = np.random.default_rng(0).standard_normal((50, 6)).astype(np.float32)
KINDS = [None if row == 7 else ["salt", "sea"][row % 2] for row in range(50)]


def beside() -> dict[str, object]:
    return {
        "kind": pyarrow.array(KINDS),
        "batch": pyarrow.array(np.arange(50) % 3).dictionary_encode().cast("string").dictionary_encode(),
        "known": pyarrow.array([None if row == 3 else row % 2 == 0 for row in range(50)]),
        "dose": pyarrow.array(np.arange(50) / 7),
        "when": pyarrow.array([0] * 50, pyarrow.timestamp("s")),
    }


def write(file: Path, table: object) -> None:
    if file.suffix == ".parquet":
        parquet.write_table(table, file, row_group_size=20)
    else:
        feather.write_feather(table, file, chunksize=20)


@pytest.mark.parametrize("name", ["codes.parquet", "codes.arrow", "codes.feather"])
@pytest.mark.parametrize("fixed", [True, False])
def test_a_column_of_arrays(tmp_path: Path, name: str, fixed: bool) -> None:
    kind = pyarrow.list_(pyarrow.float32(), 6) if fixed else pyarrow.list_(pyarrow.float64())
    rows = [None if row == 5 else code.tolist() for row, code in enumerate(CODES)]
    write(tmp_path / name, pyarrow.table({"embedding": pyarrow.array(rows, kind), **beside()}))

    space = read_latent_space(tmp_path / name)

    assert space.array == "embedding"
    assert np.flatnonzero(~space.usable).tolist() == [5]
    assert np.array_equal(space.codes[space.usable], CODES[space.usable])
    kinds = {name: (column.kind, column.missing) for name, column in space.columns.items()}
    assert kinds == {
        "kind": ("labels", 1), "batch": ("labels", 0), "known": ("attribute", 1),
        "dose": ("numbers", 0),
    }  # fmt: skip
    column = space.label_column("kind")
    assert [None if place < 0 else column.words[place] for place in column.values] == KINDS
    assert "are left out: when." in space.notes[0]


@pytest.mark.parametrize("name", ["codes.parquet", "codes.arrow"])
def test_a_column_for_each_component(tmp_path: Path, name: str) -> None:
    columns = {f"PC_{place + 1}": CODES[:, place] for place in range(6)}
    write(tmp_path / name, pyarrow.table({**columns, "kind": KINDS}))

    space = read_latent_space(tmp_path / name)

    assert space.array == "PC"
    assert np.allclose(space.codes, CODES)


def test_arrays_of_several_lengths(tmp_path: Path) -> None:
    write(file := tmp_path / "codes.parquet", pyarrow.table({"z": [[1.0, 2.0], [1.0]]}))
    assert "arrays of several lengths" in refusal(file)


def test_more_values_than_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a file says of itself is believed before anything is unpacked."""
    monkeypatch.setattr(arrow_files, "MOST_VALUES", 1000)
    for name in ("codes.parquet", "codes.arrow"):
        write(file := tmp_path / name, pyarrow.table({f"z{place}": np.zeros(200) for place in range(6)}))
        assert "holds 200 rows of 6 columns" in refusal(file)
        write(file, pyarrow.table({"z": pyarrow.array([[0.0] * 60] * 50)}))
        assert "50 arrays of 60 numbers" in refusal(file)


@pytest.mark.parametrize("name", ["codes.parquet", "codes.arrow"])
def test_damaged_files(tmp_path: Path, name: str) -> None:
    write(file := tmp_path / name, pyarrow.table({"z": pyarrow.array(CODES.tolist())}))
    content = file.read_bytes()
    for damaged in (b"", b"PAR1", content[:-20], content[:100] + content[200:], os.urandom(300)):
        file.write_bytes(damaged)
        assert "or is damaged" in refusal(file)


def test_pyarrow_is_named_where_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file := tmp_path / "codes.parquet").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "pip install 'lsd-studio[parquet]'" in refusal(file)


def test_images_with_their_bytes_are_those_of_their_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Hugging Face's data sets have them: a struct of bytes and path; one row has none, one is damaged."""
    contents: list[bytes | None] = []
    for grey in (0, 80, 160):
        content = io.BytesIO()
        Image.fromarray(np.full((5, 4, 3), grey, np.uint8)).save(content, "PNG")
        contents.append(content.getvalue())
    contents += [None, b"no image"]
    struct = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    images = [{"bytes": content, "path": "one.png"} for content in contents]
    codes = list(np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32))
    table = pyarrow.table({"image": pyarrow.array(images, struct), "embedding": pyarrow.array(codes)})
    parquet.write_table(table, tmp_path / "set.parquet")

    space = read_latent_space(tmp_path / "set.parquet")

    assert (space.array, space.has_pictures, space.notes) == ("embedding", True, ())
    shown = row_pictures(space, range(5))
    assert [int(picture[0, 0, 0]) for picture in shown] == [0, 80, 160, 255, 255]
    monkeypatch.setattr(arrow_files, "MOST_IMAGE_BYTES", 100)
    with pytest.raises(StudioError, match="holds images of more than 100 bytes"):
        read_latent_space(tmp_path / "set.parquet")
