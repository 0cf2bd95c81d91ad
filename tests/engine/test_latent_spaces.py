"""Latent spaces read from files of codes: what is found in them, and files that anyone may have written."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.spaces.file_names import is_code_file
from lsd_studio.engine.spaces.reading import read_latent_space
from tests.engine.refused_codes import refusal

RANDOM = np.random.default_rng(0)
CODES = RANDOM.standard_normal((40, 5)).astype(np.float32)
WORDS = np.array(["left", "right"])[np.arange(40) % 2]


class Trap:
    """Writes a file where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return (Path.touch, (self.mark,))


def npy(array: np.ndarray, **settings: bool) -> bytes:
    written = io.BytesIO()
    np.save(written, array, **settings)
    return written.getvalue()


def npy_with_header(header: str, data: bytes = b"") -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4"])
def test_npy_is_mapped(tmp_path: Path, order: str, dtype: str) -> None:
    file = tmp_path / "codes.npy"
    np.save(file, np.asarray(CODES, dtype, order))

    space = read_latent_space(file)

    assert isinstance(space.codes.base, np.memmap)
    assert np.allclose(space.codes, CODES, atol=1e-2)
    assert not space.codes.flags.writeable
    assert space.columns == {}
    assert "labels" in space.lacks
    with pytest.raises(StudioError, match="has no columns beside its codes: save a column of labels"):
        space.label_column("kind")


def test_npz_with_columns_and_pictures(tmp_path: Path) -> None:
    file = tmp_path / "codes.npz"
    np.savez_compressed(
        file,
        z=CODES,
        kind=WORDS,
        digit=np.arange(40) % 4,
        smiling=np.arange(40) % 2 == 0,
        age=RANDOM.random(40),
        known=np.where(np.arange(40) % 4, np.arange(40) % 3, np.nan),
        title=np.array([f"cell {row}" for row in range(40)]),
        path=np.array([f"{row}.PNG" for row in range(40)]),
        images=np.zeros((40, 8, 8), np.uint8),
        other=np.zeros(7),
        when=np.zeros(40, "M8[s]"),
    )

    space = read_latent_space(file)

    assert (space.array, len(space), space.components) == ("z", 40, 5)
    assert np.array_equal(space.codes, CODES)
    kinds = {name: column.kind for name, column in space.columns.items()}
    assert kinds == {
        "kind": "labels", "digit": "labels", "smiling": "attribute", "age": "numbers", "known": "labels",
        "title": "names", "path": "image paths",
    }  # fmt: skip
    assert space.columns["known"].missing == 10
    assert space.columns["known"].words == ("0", "1", "2")
    assert space.pictures == (40, 8, 8)
    assert set(space.lacks) == {"decoder", "encoder", "classifier"}
    assert [note for note in space.notes if "when holds neither" in note]
    with pytest.raises(StudioError, match="did you mean kind"):
        space.label_column("kinds")
    with pytest.raises(StudioError, match=r"age of .* has numbers, not labels"):
        space.label_column("age")


def test_one_of_several_arrays_is_chosen_by_name(tmp_path: Path) -> None:
    file = tmp_path / "codes.npz"
    np.savez(file, first=CODES, second=CODES[:, :2], counts=np.ones((40, 3), np.int64))

    assert "choose one with --codes, of first [40, 5], second [40, 2]" in refusal(file)
    assert "has no array third" in refusal(file, "third")
    assert read_latent_space(file, "second").components == 2
    assert read_latent_space(file, "counts").codes.dtype == np.float64


def test_codes_of_one_component_are_no_column_of_themselves(tmp_path: Path) -> None:
    np.save(file := tmp_path / "codes.npy", np.arange(40.0)[:, None] % 3)
    assert read_latent_space(file).columns == {}


def test_safetensors_are_mapped(tmp_path: Path) -> None:
    file = tmp_path / "codes.safetensors"
    safetensors.numpy.save_file({"z": CODES, "labels": np.arange(40) % 3}, file)

    space = read_latent_space(file)

    assert isinstance(space.codes.base, np.memmap)
    assert np.array_equal(space.codes, CODES)
    assert space.label_column("labels").words == ("0", "1", "2")


def test_rows_that_are_not_finite_are_left_out_and_counted(tmp_path: Path) -> None:
    file = tmp_path / "codes.npy"
    codes = CODES.astype(np.float64)
    codes[[3, 4, 5], [0, 1, 2]] = np.nan, -np.inf, 1e300
    np.save(file, codes)

    space = read_latent_space(file)

    assert np.flatnonzero(~space.usable).tolist() == [3, 4, 5]
    assert space.notes == ("3 of 40 codes are left out: a component is not finite, or beyond ±1e+18.",)
    np.save(file, np.full((40, 5), np.nan))
    assert "no code is finite" in refusal(file)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY",
        b"\x93NUMPY\x01\x00\xff\xff",
        npy(CODES)[:-1],
        npy(CODES) + b"x",
        npy_with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 1000000000)}"),
        npy_with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, -3)}", bytes(24)),
        npy_with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 5)}"),
        npy_with_header("{'descr': '|V0', 'fortran_order': False, 'shape': (1000000000, 2)}"),
        npy_with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)" + ", 'x': (" * 900),
        npy_with_header("__import__('os').abort()"),
        npy(np.zeros((3, 2), [("a", "f4")])),
        npy(np.zeros((3, 2), np.complex64)),
        npy(np.zeros(7)),
        npy(np.zeros((2, 4097), np.float16)),
    ],
)
def test_hostile_npy(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "codes.npy"
    file.write_bytes(content)
    refusal(file)


def test_pickles_are_not_read(tmp_path: Path) -> None:
    mark, file = tmp_path / "executed", tmp_path / "codes.npy"
    trap = np.array([Trap(mark)] * 40, object)
    np.save(file, trap.reshape(40, 1), allow_pickle=True)
    refusal(file)
    file.write_bytes(pickle.dumps(Trap(mark)))
    refusal(file)
    file = tmp_path / "codes.npz"
    np.savez(file, z=CODES, kind=trap)
    space = read_latent_space(file)
    assert space.columns == {}
    assert "array kind: holds Python objects, which are not read" in space.notes[0]
    assert not mark.exists()


def zipped(file: Path, entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file


def test_hostile_npz(tmp_path: Path) -> None:
    file = tmp_path / "codes.npz"
    good = npy(CODES)
    file.write_bytes(b"PK\3\4 no zip")
    assert "is damaged" in refusal(file)
    zipped(file, {"z.npy": good, "text": b"no array"}, zipfile.ZIP_LZMA)
    assert "packed in an unusual way" in refusal(file)
    zipped(file, {"z.npy": npy_with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (9, 9)}")})
    assert "its header says [9, 9] values" in refusal(file)
    zipped(file, {"text": b"no array"})
    assert "holds no codes" in refusal(file)
    zipped(file, {f"{place}.npy": b"" for place in range(10_001)})
    assert "has at most 10000" in refusal(file)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("z.npy", good)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("z.npy", good)
    assert "occurs twice" in refusal(file)
    content = bytearray(zipped(file, {"z.npy": good}, zipfile.ZIP_STORED).read_bytes())
    content[len(good) - 4] ^= 1
    file.write_bytes(content)
    assert "array z: is damaged" in refusal(file)


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    header = npy_with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (20000000, 1)}")
    file = zipped(tmp_path / "codes.npz", {"z.npy": header + bytes(80_000_000)})
    assert file.stat().st_size < 100_000
    assert "would unpack to more than 100 times its size" in refusal(file)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        bytes(8),
        b"\xff" * 8 + b"{}",
        struct.pack("<Q", 2) + b"{}",
        struct.pack("<Q", 90)
        + b'{"z":{"dtype":"F32","shape":[1000000000,1000000000],"data_offsets":[0,8]}}'.ljust(90)
        + bytes(8),
        safetensors.numpy.save({"z": CODES})[:-4],
    ],
)
def test_hostile_safetensors(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "codes.safetensors"
    file.write_bytes(content)
    refusal(file)


def test_what_is_a_file_of_codes(tmp_path: Path) -> None:
    (tmp_path / "run.npz").mkdir()
    assert not is_code_file(tmp_path / "run.npz")
    assert not is_code_file("mnist-studio")
    assert is_code_file("CODES.NPZ")
    assert "could not be read" in refusal(tmp_path / "none.npy")
    assert "is no file of codes" in refusal(tmp_path / "codes.pkl")
    assert "not a plain file" in refusal(tmp_path / "run.npz")
