"""Tables of text as latent spaces: separator and decimal sign are found, components by their names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lsd_studio.engine.spaces.reading import read_latent_space
from tests.engine.refused_codes import refusal

CODES = np.random.default_rng(0).standard_normal((30, 12)).round(6)
KINDS = ["salt", "sea", "fresh"] * 10


def written(file: Path, separator: str, decimal: str = ".", head: str = "z", quote: str = "") -> Path:
    """A table with codes in columns of shuffled order, a column of labels and one of measured numbers."""
    order = np.random.default_rng(1).permutation(12)
    names = ["kind", "dose", *(f"{head}{place}" for place in order)]
    lines = [separator.join(f"{quote}{name}{quote}" for name in names)]
    for row in range(30):
        cells = [f"{value:.6f}".replace(".", decimal) for value in (row / 7, *CODES[row, order])]
        lines.append(separator.join([KINDS[row], *cells]))
    file.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8-sig")
    return file


@pytest.mark.parametrize(
    ("name", "separator", "decimal", "words"),
    [
        ("codes.csv", ",", ".", "separated by commas, and decimals have a point"),
        ("codes.csv", ";", ",", "separated by semicolons, and decimals have a comma"),
        ("codes.tsv", "\t", ".", "separated by tabs, and decimals have a point"),
        ("codes.txt", "\t", ",", "separated by tabs, and decimals have a comma"),
    ],
)
def test_separator_and_decimal_sign_are_found_and_said(
    tmp_path: Path, name: str, separator: str, decimal: str, words: str
) -> None:
    space = read_latent_space(written(tmp_path / name, separator, decimal, "latent_", '"'))

    assert space.array == "latent"
    assert np.allclose(space.codes, CODES)
    assert words in space.notes[0]
    assert {name: column.kind for name, column in space.columns.items()} == {
        "kind": "labels",
        "dose": "numbers",
    }
    column = space.label_column("kind")
    assert [column.words[place] for place in column.values] == KINDS


def test_a_table_as_data_frames_are_written(tmp_path: Path) -> None:
    file = tmp_path / "codes.csv"
    rows = [f"{row},{row * 1.5},{-row / 3},{KINDS[row]}" for row in range(30)]
    file.write_text("\n".join([",0,1,kind", *rows]))

    space = read_latent_space(file)

    assert space.components == 2
    assert space.codes[29].tolist() == [43.5, pytest.approx(-29 / 3)]
    assert space.columns["index"].kind == "numbers"
    file.write_text("\n".join(["0,1,kind", *(row.partition(",")[2] for row in rows)]))
    assert (len(read_latent_space(file)), read_latent_space(file).components) == (30, 2)


def test_numbers_without_names_and_with_missing_values(tmp_path: Path) -> None:
    file = tmp_path / "codes.csv"
    rows = [f"{value[0]},{value[1]},{place % 3}" for place, value in enumerate(CODES)]
    rows[4] = f"NA,{CODES[4, 1]},1"
    rows[5] = f"inf,{CODES[5, 1]},1"
    file.write_text("\n".join(rows))

    space = read_latent_space(file)

    assert (len(space), space.components) == (30, 3)
    assert np.flatnonzero(~space.usable).tolist() == [4, 5]
    file.write_text("\n".join(["x,y,kind", *rows]))
    space = read_latent_space(file)
    assert (len(space), space.components) == (30, 2)
    assert space.label_column("kind").words == ("0", "1", "2")


def test_several_groups_of_components_are_named(tmp_path: Path) -> None:
    file = tmp_path / "codes.csv"
    file.write_text("PC1,PC2,UMAP_1,UMAP_2\n" + "0.5,1.5,2.5,3.5\n" * 5)

    assert "choose one with --codes, of PC [5, 2], UMAP [5, 2]" in refusal(file)
    assert read_latent_space(file, "UMAP").codes[0].tolist() == [2.5, 3.5]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no table"),
        (b"only\none\ncolumn\n", "is no table"),
        (b"a,b\n1,2\n3\n", "is no table"),
        (b"z0,z1\n" + b"1.5,2.5\n" * 200 + b"1.5\n", "line 202: expected 2 values, found 1"),
        (b"z0,z0\n1.5,2.5\n", "two columns of one name"),
        (b"z0;z1\n1,5;2.5\n", "decimals with a comma and with a point"),
        (b"\xff\xfez\x000\x00", "no table in UTF-8 text"),
        (b"z0,z1\n" + b"9" * 200_000 + b",1\n", "no table in UTF-8 text"),
        (b"z0,z1\n" + b"9," * 600_000, "a line of more than 1048576 characters"),
        (b",".join(b"%d" % place for place in range(20_000)) + b"\n", "at most 10000 are read"),
        (b"a,b\nx,y\n", "holds no codes"),
        (b"z0,z1\n", "holds no codes"),
        (b"z0,z1\nnan,1.5\n1.5,inf\n", "no code is finite"),
    ],
)
def test_hostile_tables(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "codes.csv"
    file.write_bytes(content)
    assert words in refusal(file)
