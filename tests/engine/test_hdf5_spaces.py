"""Latent spaces in HDF5 files, of AnnData's layout and of any other, and files that anyone may have written."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from lsd_studio.engine.spaces.reading import read_latent_space
from tests.engine.refused_codes import refusal

h5py = pytest.importorskip("h5py")

CODES = np.random.default_rng(0).standard_normal((60, 8)).astype(np.float32)
TYPES = np.array(["B cell", "T cell", "monocyte"])


def write_h5ad(file: Path) -> None:
    """As AnnData 0.12 writes a table of 60 cells with two sets of codes."""
    with h5py.File(file, "w") as opened:
        opened.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
        opened.create_dataset("X", data=np.ones((60, 30), np.float32), compression="gzip")
        obs = opened.create_group("obs")
        obs.attrs.update({"encoding-type": "dataframe", "encoding-version": "0.2.0", "_index": "_index"})
        obs.create_dataset("_index", data=[f"cell-{row}" for row in range(60)], dtype=h5py.string_dtype())
        obs.create_dataset("n_counts", data=np.arange(60) * 1.5)
        kinds = obs.create_group("cell_type")
        kinds.attrs.update({"encoding-type": "categorical", "encoding-version": "0.2.0", "ordered": False})
        kinds.create_dataset(
            "codes", data=np.where(np.arange(60) % 10 == 9, -1, np.arange(60) % 3).astype(np.int8)
        )
        kinds.create_dataset("categories", data=TYPES.astype(object), dtype=h5py.string_dtype())
        batch = obs.create_group("batch")
        batch.attrs.update({"encoding-type": "nullable-integer", "encoding-version": "0.1.0"})
        batch.create_dataset("values", data=np.arange(60) % 2)
        batch.create_dataset("mask", data=np.arange(60) == 7)
        obsm = opened.create_group("obsm")
        obsm.create_dataset("X_scVI", data=CODES)
        obsm.create_dataset("X_umap", data=CODES[:, :2].astype(np.float64), compression="gzip", shuffle=True)
        opened.create_group("obsp")


def test_a_file_of_cells(tmp_path: Path) -> None:
    write_h5ad(file := tmp_path / "cells.h5ad")

    assert "choose one with --codes, of obsm/X_scVI [60, 8], obsm/X_umap [60, 2]" in refusal(file)
    space = read_latent_space(file, "obsm/X_scVI")

    assert isinstance(space.codes.base, np.memmap)
    assert np.array_equal(space.codes, CODES)
    kinds = {name: column.kind for name, column in space.columns.items()}
    assert kinds == {"_index": "names", "n_counts": "numbers", "cell_type": "labels", "batch": "attribute"}
    column = space.label_column("cell_type")
    assert column.words == tuple(TYPES)
    assert column.missing == 6
    assert column.values[:4].tolist() == [0, 1, 2, 0]
    assert space.columns["batch"].values[6:9].tolist() == [0, -1, 0]
    assert np.allclose(read_latent_space(file, "obsm/X_umap").codes, CODES[:, :2])
    assert read_latent_space(file, "X").components == 30


def test_any_layout(tmp_path: Path) -> None:
    with h5py.File(file := tmp_path / "codes.h5", "w") as opened:
        opened.create_dataset("model/z", data=CODES, chunks=(7, 8), compression="lzf")
        opened.create_dataset("model/labels", data=np.arange(60) % 4)
        opened.create_dataset("kind", data=TYPES[np.arange(60) % 3].astype(object), dtype=h5py.string_dtype())
        opened.create_dataset("images", data=np.zeros((60, 4, 4), np.uint8))
        opened.create_dataset("short", data=["one"], dtype=h5py.string_dtype())

    space = read_latent_space(file)

    assert space.array == "model/z"
    assert np.array_equal(space.codes, CODES)
    assert space.label_column("kind").words == tuple(TYPES)
    assert space.label_column("model/labels").words == ("0", "1", "2", "3")
    assert space.pictures == (60, 4, 4)


def test_links_lead_nowhere(tmp_path: Path) -> None:
    with h5py.File(other := tmp_path / "other.h5", "w") as opened:
        opened.create_dataset("z", data=CODES)
    with h5py.File(file := tmp_path / "codes.h5", "w") as opened:
        opened["z"] = h5py.ExternalLink(str(other), "z")
        opened["soft"] = h5py.SoftLink("/z")
    assert "holds no codes" in refusal(file)
    with h5py.File(file, "a") as opened:
        opened["own"] = CODES
    space = read_latent_space(file)
    assert space.array == "own"
    assert "2 links are not followed" in space.notes[0]


def test_values_in_other_files_are_not_read(tmp_path: Path) -> None:
    CODES.tofile(raw := tmp_path / "raw")
    with h5py.File(file := tmp_path / "codes.h5", "w") as opened:
        opened.create_dataset("z", CODES.shape, np.float32, external=[(str(raw), 0, CODES.nbytes)])
    assert "its values lie in other files" in refusal(file)
    layout = h5py.VirtualLayout(CODES.shape, np.float32)
    layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "z", CODES.shape)
    with h5py.File(file, "w") as opened:
        opened.create_virtual_dataset("z", layout)
    assert "its values lie in other files" in refusal(file)


def test_filters_that_need_code_and_bombs(tmp_path: Path) -> None:
    with h5py.File(file := tmp_path / "codes.h5", "w") as opened:
        settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        settings.set_chunk((60, 8))
        settings.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, (1,))
        h5py.h5d.create(opened.id, b"z", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((60, 8)), settings)
    assert "a filter that needs a plug-in" in refusal(file)
    with h5py.File(file, "w") as opened:
        opened.create_dataset("z", (10**9, 10**9), np.float32, chunks=(1000, 1000), compression="gzip")
    assert "would unpack to more than 100 times" in refusal(file)
    with h5py.File(file, "w") as opened:
        opened.create_dataset("z", (2**16, 2**12), np.float32, chunks=(2**15, 2**12), compression="gzip")[
            0, 0
        ] = 1
    assert "would unpack to more than 100 times" in refusal(file)
    with h5py.File(file, "w") as opened:
        for place in range(10_001):
            opened.create_group(f"group{place}")
    assert "more than 10000 arrays and groups" in refusal(file)
    with h5py.File(file, "w") as opened:
        inner = opened.create_group("loop")
        inner["loop"] = inner
    assert "some deeper than 20" in refusal(file)


def test_what_is_no_table_of_numbers(tmp_path: Path) -> None:
    with h5py.File(file := tmp_path / "codes.h5", "w") as opened:
        opened.create_dataset("ragged", (60, 2), h5py.vlen_dtype(np.float32))
        opened.create_dataset("references", (60, 2), h5py.ref_dtype)
        opened.create_dataset("empty", data=h5py.Empty("f4"))
        opened.create_dataset("pairs", (60,), [("a", "f4"), ("b", "f4")])
    assert "holds no codes" in refusal(file)
    content = file.read_bytes()
    for damaged in (b"", content[:100], content[: len(content) // 2], os.urandom(200)):
        file.write_bytes(damaged)
        assert "is no HDF5 file, or is damaged" in refusal(file)


def test_a_text_that_is_repeated_as_if_it_were_many(tmp_path: Path) -> None:
    with h5py.File(file := tmp_path / "codes.h5", "w") as opened:
        opened["z"] = CODES
        opened.create_dataset("kind", data=["x" * 20_000] * 60, dtype=h5py.string_dtype())
    space = read_latent_space(file)
    assert space.columns == {}
    assert "texts of more than 10000 characters" in space.notes[0]


def test_h5py_is_named_where_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_h5ad(file := tmp_path / "cells.h5ad")
    monkeypatch.setitem(sys.modules, "h5py", None)
    assert "pip install 'lsd-studio[hdf5]'" in refusal(file)
