"""Files of labelled images that anyone may have sent: one sentence each, in bounded memory, nothing executed."""

from __future__ import annotations

import gzip
import io
import struct
import sys
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsd_studio.engine.data_files import arrow_files, stored_array
from lsd_studio.engine.datasets import idx_format, image_sets, load_data_set, stack_sets, table_sets
from lsd_studio.engine.errors import StudioError
from tests.engine.image_set_files import drawn, png, write_idx, write_parquet, write_tiff

h5py = pytest.importorskip("h5py")
pyarrow = pytest.importorskip("pyarrow")

IMAGES, LABELS = drawn(20)
MOST = 64 * 2**20
"""Bytes that a refusal may take."""


@pytest.fixture(autouse=True)
def bounded(tmp_path: Path) -> Iterator[None]:
    tracemalloc.start()
    yield
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MOST


def refusal(path: Path) -> str:
    """The sentence, one line that names the file; nothing beside it was written."""
    before = sorted(path.parent.rglob("*"))
    with pytest.raises(StudioError) as refused:
        load_data_set(str(path), "train")
    sentence = str(refused.value)
    assert path.stem.split("-")[0] in sentence or "holds one image, or copies" in sentence
    assert len(sentence.splitlines()) == 1
    assert len(sentence) < 1000
    assert sorted(path.parent.rglob("*")) == before
    return sentence


class _Runs:
    """A pickle that writes a file when it is opened."""

    def __reduce__(self) -> tuple:
        return Path.touch, (Path("executed"),)


@pytest.mark.parametrize("pickled", ["images", "labels"])
def test_pickled_arrays_are_not_opened(tmp_path: Path, pickled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    arrays = {"images": IMAGES, "labels": LABELS}
    arrays[pickled] = np.array([_Runs()] * 20, dtype=object)
    np.savez(tmp_path / "set.npz", **arrays)
    assert "Python objects, which are not read" in refusal(tmp_path / "set.npz")
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("shape", [(10**9, 28, 28), (2**31, 2**31, 2), (10**18,)])
def test_headers_of_arrays_that_promise_more_than_there_is(tmp_path: Path, shape: tuple[int, ...]) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(tmp_path / "set.npz", "w") as archive:
        archive.writestr("images.npy", header.getvalue() + bytes(100))
    assert "its header says" in refusal(tmp_path / "set.npz")


def test_zips_that_unpack_to_more_than_they_may(tmp_path: Path) -> None:
    header = io.BytesIO()
    shape = {"descr": "|u1", "fortran_order": False, "shape": (2**10, 2**9, 2**9)}
    np.lib.format.write_array_header_1_0(header, shape)
    with zipfile.ZipFile(tmp_path / "set.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("images.npy", "w") as entry:
            entry.write(header.getvalue())
            for _ in range(2**8):
                entry.write(bytes(2**20))
    assert "would unpack to more than 100 times its size" in refusal(tmp_path / "set.npz")


def test_arrays_beyond_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lsd_studio.engine.datasets.array_sets.MOST_IN_MEMORY", 1000)
    np.savez(tmp_path / "set.npz", images=IMAGES, labels=LABELS)
    assert "at most 1000 are read into memory" in refusal(tmp_path / "set.npz")


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"images": IMAGES}, "holds no labels for images"),
        ({"codes": np.zeros((20, 4))}, "holds no images"),
        ({"images": IMAGES, "labels": np.eye(20)[:, :14]}, "for each of the 20 images, found [20, 14]"),
        ({"images": IMAGES, "labels": LABELS[:7]}, "expected a label for each of the 20 images"),
        ({"images": IMAGES, "labels": LABELS + 0.5}, "whole numbers or names"),
        ({"images": IMAGES, "labels": np.zeros(20)}, "has the label 0 only"),
        ({"a": IMAGES, "b": IMAGES, "labels": LABELS}, "several arrays that may be the images"),
        ({"images": IMAGES, "a": LABELS, "b": LABELS}, "several arrays that may be the labels"),
        ({"images": np.zeros((4, 28, 28, 28)), "labels": LABELS[:4]}, "with 1 to 4 channels"),
        ({"images": np.where(IMAGES > 239, IMAGES, np.nan), "labels": LABELS}, "holds one image, or copies"),
        (
            {"train_images": IMAGES, "train_labels": LABELS, "test_images": IMAGES, "test_labels": LABELS + 1},
            "is in only one",
        ),
        ({"images": IMAGES[:0], "labels": LABELS[:0]}, "holds no images"),
        ({"images": IMAGES, "labels": np.array([""] * 20)}, "holds no images that have a label"),
        ({"images": np.where(np.arange(20)[:, None, None] == 3, np.nan, IMAGES), "labels": LABELS}, "no finite number"),
        ({"images": IMAGES[:, :1], "labels": LABELS}, "has 8×1 pixels, too few"),
        ({"images": IMAGES.astype("c8"), "labels": LABELS}, "holds no images"),
    ],
)  # fmt: skip
def test_arrays_that_are_no_set(tmp_path: Path, arrays: dict[str, np.ndarray], said: str) -> None:
    np.savez(tmp_path / "set.npz", **arrays)
    assert said in refusal(tmp_path / "set.npz")


def test_more_labels_than_labels_are(tmp_path: Path) -> None:
    np.savez(tmp_path / "set.npz", images=np.zeros((1200, 2, 2), np.uint8), labels=np.arange(1200))
    assert "1200 different values are no labels" in refusal(tmp_path / "set.npz")


def test_damaged_files(tmp_path: Path) -> None:
    np.savez(tmp_path / "whole.npz", images=IMAGES, labels=LABELS)
    content = (tmp_path / "whole.npz").read_bytes()
    write_tiff(tmp_path / "whole.tif", IMAGES)
    stack = (tmp_path / "whole.tif").read_bytes()
    write_parquet(tmp_path / "whole.parquet", [png(image) for image in IMAGES], LABELS)
    table = (tmp_path / "whole.parquet").read_bytes()
    (tmp_path / "set.csv").write_text("label\n" + "0\n1\n" * 10)
    for ending, damaged in (
        (".npz", content[:-30]), (".npz", b""), (".npz", content[:300] + bytes(300) + content[600:]),
        (".h5", b"\x89HDF\r\n\x1a\n" + bytes(100)), (".parquet", table[:-20]), (".parquet", b"PAR1"),
        (".tif", stack[: len(stack) // 2]), (".tif", b"II*\0" + bytes(20)),
    ):  # fmt: skip
        (file := tmp_path / f"set{ending}").write_bytes(damaged)
        refusal(file)


def test_hdf5_files_whose_values_lie_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(20 * 64))
    with h5py.File(tmp_path / "set.h5", "w") as opened:
        opened.create_dataset("images", (20, 8, 8), "u1", external=[(str(tmp_path / "secret"), 0, 20 * 64)])
        opened["labels"] = LABELS
    assert "its values lie in other files, which are not opened" in refusal(tmp_path / "set.h5")
    with h5py.File(tmp_path / "other.h5", "w") as opened:
        opened["images"] = IMAGES
    with h5py.File(tmp_path / "set.h5", "w") as opened:
        opened["images"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "images")
        opened["labels"] = LABELS
    assert "holds no images" in refusal(tmp_path / "set.h5")


def test_hdf5_headers_of_billions(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "set.h5", "w") as opened:
        opened.create_dataset("images", (10**9, 28, 28), "u1", chunks=(1, 28, 28))
        opened.create_dataset("labels", (10**9,), "u1", chunks=(1000,))
    assert "would unpack to more than 100 times" in refusal(tmp_path / "set.h5")


def test_tables_of_huge_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_parquet(tmp_path / "set.parquet", [png(image) for image in IMAGES], LABELS)
    with monkeypatch.context() as few:
        few.setattr("lsd_studio.engine.datasets.table_sets.MOST_IMAGE_BYTES", 500)
        assert "images of more than 500 bytes" in refusal(file)
        few.setattr("lsd_studio.engine.datasets.table_sets.MOST_ROWS", 10)
        assert "says it has 20 rows" in refusal(file)
    with monkeypatch.context() as few:
        few.setattr(image_sets, "MOST_IN_MEMORY", 500)
        assert "at most 500 are held in memory" in refusal(file)
    wide = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(wide, "PNG")
    write_parquet(file, [wide.getvalue() + bytes(place) for place in range(20)], LABELS)
    assert "more than 100 million" in refusal(tmp_path / "set.parquet")


def test_one_image_for_many_rows_is_not_unpacked_for_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One image of 4 MiB, stored once for 80 rows, which would be 320 MB in one batch, were it not for its size."""
    content = png(IMAGES[0]) + bytes(4 * 2**20)
    file = write_parquet(
        tmp_path / "set.parquet", [content] * 80, np.arange(80) % 2,
        row_group_size=80, dictionary_pagesize_limit=2**30, compression="zstd",
    )  # fmt: skip
    assert file.stat().st_size < 2**16
    for module in (arrow_files, table_sets):
        monkeypatch.setattr(module, "MOST_IMAGE_BYTES", 2**24)
    usual = pyarrow.default_memory_pool()
    pool = pyarrow.proxy_memory_pool(usual)
    pyarrow.set_memory_pool(pool)
    try:
        assert "holds images of more than 16777216 bytes" in refusal(file)
    finally:
        pyarrow.set_memory_pool(usual)
    assert 0 < pool.max_memory() < MOST


@pytest.mark.parametrize(
    ("images", "labels", "said"),
    [
        (
            [b"none", b"no", b"not", b"nor"],
            [0, 1, 0, 1],
            "image 0 of set.parquet is no image of a known kind",
        ),
        ([None] * 4, [0, 1, 0, 1], "holds no images that have a label"),
        ([png(image) for image in IMAGES[:4]], [0.5, 1.0, 0.5, 1.0], "holds no labels"),
        ([png(image) for image in IMAGES[:4]], ["a", "a", "a", None], "has the label a only"),
    ],
)
def test_tables_that_are_no_set(tmp_path: Path, images: list, labels: list, said: str) -> None:
    assert said in refusal(write_parquet(tmp_path / "set.parquet", images, labels))


def test_descriptions_of_labels_that_do_not_fit(tmp_path: Path) -> None:
    contents = [png(image) for image in IMAGES]
    file = write_parquet(tmp_path / "set.parquet", contents, LABELS * 7, ("a", "b"))
    assert "expected labels that are 0…1, found 7" in refusal(file)
    write_parquet(tmp_path / "set.parquet", contents, LABELS, [str(number) for number in range(2000)])
    assert "2000 different values are no labels" in refusal(file)


def test_tables_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file := tmp_path / "set.parquet").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "pip install 'lsd-studio[parquet]'" in refusal(file)


def test_idx_files_that_are_cut_short_or_promise_too_much(tmp_path: Path) -> None:
    name = tmp_path / "set-images-idx3-ubyte"
    write_idx(name, IMAGES)
    assert "needs its labels beside it: please put set-labels-idx1-ubyte" in refusal(name)
    write_idx(tmp_path / "set-labels-idx1-ubyte", LABELS[:5])
    assert "do not belong together: 20 images, and labels [5]" in refusal(name)
    name.write_bytes(name.read_bytes()[:-1])
    assert "is damaged or is no IDX file" in refusal(name)
    name.write_bytes(struct.pack(">BBBB3I", 0, 0, 8, 3, 2**32 - 1, 2**32 - 1, 2**32 - 1))
    assert "its header says" in refusal(name)


def test_idx_files_that_unpack_to_more_than_they_say(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with gzip.open(packed, "wb") as stream:
        stream.write(struct.pack(">BBBB3I", 0, 0, 8, 3, 20, 8, 8))
        for _ in range(500):
            stream.write(bytes(2**20))
    (file := tmp_path / "set-images-idx3-ubyte.gz").write_bytes(packed.getvalue())
    assert "is damaged or is no IDX file" in refusal(file)


def test_stacks_without_labels_or_with_too_many_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_tiff(tmp_path / "set.tif", IMAGES)
    assert "needs its labels beside it: please save set.csv there" in refusal(file)
    (tmp_path / "set.csv").write_text("label\n0\n1\n")
    assert "expected a label for each of 20 pages, found 2" in str(refusal(file))
    (tmp_path / "set.csv").write_text("kind,place\n" + "0,1\n1,2\n" * 10)
    assert "please name that of the labels label" in refusal(file)
    monkeypatch.setattr(stack_sets, "MOST_BYTES", 500)
    (tmp_path / "set.csv").write_text("label\n" + "0\n1\n" * 10)
    assert "pages of more than 500 bytes" in refusal(file)


def test_a_stack_whose_pages_go_round_in_a_circle(tmp_path: Path) -> None:
    """One page of 4 × 4 pixels, whose next page is itself."""
    tags = (
        (256, 3, 4), (257, 3, 4), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 200), (277, 3, 1), (278, 3, 4),
        (279, 4, 16),
    )  # fmt: skip
    directory = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    content = b"II*\0" + struct.pack("<IH", 8, len(tags)) + directory + struct.pack("<I", 8)
    (file := tmp_path / "set.tif").write_bytes(content.ljust(200, b"\0") + bytes(16))
    (tmp_path / "set.csv").write_text("label\n0\n1\n")
    assert "expected a label for each of 1 pages" in refusal(file)


def test_bounds_are_what_is_believed() -> None:
    """Gigabytes, not terabytes, whatever a file says."""
    bounds = (
        stored_array.MOST_IN_MEMORY,
        arrow_files.MOST_IMAGE_BYTES,
        idx_format.LARGEST_IDX,
        stack_sets.MOST_BYTES,
    )
    assert max(bounds) <= 2**32
