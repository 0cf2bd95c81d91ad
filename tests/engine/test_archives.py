"""Bundles as one file: what is packed comes back whole, and nothing hostile leaves a trace."""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
import stat
import struct
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np
import pytest

from lsd_studio.cli import main
from lsd_studio.engine.autoencoders.bundle import open_autoencoder, save_autoencoder
from lsd_studio.engine.autoencoders.networks import Autoencoder
from lsd_studio.engine.basis.variant import own_basis, with_basis
from lsd_studio.engine.bundle import DataRecord, Facts, keep_evaluation, open_bundle
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.archives import MOST_ENTRIES, import_archive, write_archive
from lsd_studio.engine.models.networks import Classifier
from lsd_studio.engine.operators.store import Operator, load_operators, save_operator
from lsd_studio.engine.runs.profiles import load_profile

Save = Callable[[Path], Path]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder."""
    monkeypatch.setenv("LSD_STUDIO_DATA", str(tmp_path / "home"))
    return tmp_path / "home"


_MADE: dict[str, Path] = {}
"""The small bundle and its archive, which every test takes a copy of."""


@pytest.fixture
def made(tmp_path_factory: pytest.TempPathFactory, save_small_bundle: Save) -> dict[str, Path]:
    if not _MADE:
        folder = tmp_path_factory.mktemp("made")
        _MADE["bundle"] = save_small_bundle(folder / "small")
        _MADE["archive"] = folder / "shared.zip"
        write_archive(open_bundle(_MADE["bundle"]), _MADE["archive"])
    return _MADE


@pytest.fixture
def bundle(tmp_path: Path, made: dict[str, Path]) -> Path:
    return shutil.copytree(made["bundle"], tmp_path / "small")


@pytest.fixture
def archive(tmp_path: Path, made: dict[str, Path]) -> Path:
    return shutil.copy(made["archive"], tmp_path / "shared.zip")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def repack(archive: Path, change: Callable[[dict[str, tuple[ZipInfo, bytes]]], None]) -> Path:
    """The archive with entries changed, added or left out."""
    with ZipFile(archive) as packed:
        entries = {info.filename: (info, packed.read(info)) for info in packed.infolist()}
    change(entries)
    hostile = archive.with_name("hostile.zip")
    with ZipFile(hostile, "w") as packed:
        for info, content in entries.values():
            packed.writestr(info, content, info.compress_type)
    return hostile


def added(name: str, content: bytes = b"x", kind: int = stat.S_IFREG, packing: int = ZIP_DEFLATED):
    def change(entries: dict[str, tuple[ZipInfo, bytes]]) -> None:
        info = ZipInfo(name)
        info.external_attr = (kind | 0o777) << 16
        info.compress_type = packing
        entries[f"{name} added"] = (info, content)

    return change


def refusal(file: Path, home: Path, name: str | None = "taken-in") -> str:
    """What is said of it; nothing may be left behind."""
    before = contents(home.parent)
    with pytest.raises(StudioError) as refused:
        import_archive(file, name)
    assert contents(home.parent) == before
    sentence = str(refused.value)
    assert "\n" not in sentence
    assert ".new-" not in sentence
    return sentence


def test_a_bundle_comes_back_as_it_was(bundle: Path, archive: Path, home: Path) -> None:
    path, manifest = import_archive(archive, "from-a-friend")
    assert manifest == open_bundle(bundle).manifest
    assert path == home / "bundles" / "from-a-friend"
    assert contents(path) == contents(bundle)
    assert open_bundle("from-a-friend").hash == open_bundle(bundle).hash


def test_what_was_measured_and_made_with_it_comes_along(bundle: Path, tmp_path: Path) -> None:
    keep_evaluation(bundle, {"accuracy": 0.5})
    (bundle / "evaluations").mkdir()
    for name in (f"{'ab' * 12}.safetensors", f"operators-{'ab' * 12}.json"):
        (bundle / "evaluations" / name).write_bytes(b"a cache, read only where it validates")
    save_operator(open_bundle(bundle), Operator("a turn", np.eye(4), "composed", "nothing turned"))
    write_archive(open_bundle(bundle), tmp_path / "shared.zip")
    path, _ = import_archive(tmp_path / "shared.zip")
    assert path.name == "shared"
    assert contents(path) == contents(bundle)
    (operator,) = load_operators(open_bundle("shared"))
    np.testing.assert_array_equal(operator.matrix, np.eye(4))


def test_an_autoencoder_is_shared_too(tmp_path: Path) -> None:
    profile = load_profile("autoencoder", ["autoencoder.latent_dimensions=3", "autoencoder.widths=[4,4]"])
    shape = (1, 8, 8)
    save_autoencoder(
        tmp_path / "coder",
        profile=profile,
        autoencoder=Autoencoder(shape, 3, (4, 4), is_variational=False),
        classifier=Classifier(shape, 2, profile.classifier.widths),
        facts=Facts(
            data=DataRecord(name="two-labels", checksum="0" * 64, images=10, held_out=2),
            label_names=("left", "right"),
            seeds={"training": 1},
            device="cpu",
            precision="float32",
        ),
    )
    assert main(["export", str(tmp_path / "coder"), "--archive", str(tmp_path / "shared.zip")]) == 0
    assert main(["import", str(tmp_path / "shared.zip"), "--name", "theirs"]) == 0
    assert contents(open_autoencoder("theirs").path) == contents(tmp_path / "coder")


def test_packing_again_gives_the_same_bytes(bundle: Path, archive: Path, tmp_path: Path) -> None:
    write_archive(open_bundle(bundle), tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_a_folder_zipped_by_hand_is_taken_in(bundle: Path, tmp_path: Path) -> None:
    shutil.make_archive(str(tmp_path / "by-hand"), "zip", bundle.parent, bundle.name)
    shutil.make_archive(str(tmp_path / "flat"), "zip", bundle)
    for name in ("by-hand", "flat"):
        assert contents(import_archive(tmp_path / f"{name}.zip")[0]) == contents(bundle)


def test_a_changed_or_unsaved_bundle_is_not_shared(bundle: Path, tmp_path: Path) -> None:
    opened = open_bundle(bundle)
    with pytest.raises(StudioError, match="please save it"):
        write_archive(with_basis(opened, own_basis(opened)), tmp_path / "shared.zip")
    (bundle / "basis.safetensors").write_bytes(b"changed")
    with pytest.raises(StudioError, match=r"basis\.safetensors, size: expected"):
        write_archive(opened, tmp_path / "shared.zip")
    assert not (tmp_path / "shared.zip").exists()


@pytest.mark.parametrize(
    "name", ["", "..", "a/b", "mnist-studio", ".hidden", "con", "a\\b", "x" * 81, "taken"]
)
def test_names_that_cannot_be_taken(archive: Path, home: Path, name: str) -> None:
    (home / "bundles" / "taken").mkdir(parents=True)
    assert "--name" in refusal(archive, home, name)


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "small/../../outside",
        "/etc/outside",
        "C:/outside",
        "C:outside",
        "small\\..\\outside",
        "\\\\a\\b",
    ],
)
def test_paths_that_lead_out(archive: Path, home: Path, name: str) -> None:
    assert "leads out of the bundle's folder" in refusal(repack(archive, added(name)), home)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_pipes(archive: Path, home: Path, kind: int) -> None:
    hostile = repack(archive, added("small/evaluation.json", b"/etc/passwd", kind))
    assert "is a link or the like" in refusal(hostile, home)


@pytest.mark.parametrize(
    "name",
    ["small/weights.pkl", "small/Manifest.json", "small/MANIFEST.JSON", "small/operators/x/y.safetensors",
     "small/operators/X.safetensors", "small/operators/con.safetensors", "small/evaluations/notes.txt",
     "other/generator.safetensors", "setup.py",
     "small/sub/", "small/manifest.json/x", "__MACOSX/small/._manifest.json", "small/.DS_Store", "small/Thumbs.db",
     "small/desktop.ini", "small/._basis.safetensors", "small/figures/figure-4a.pdf", "small/generator.onnx"],
)  # fmt: skip
def test_files_that_do_not_belong_stay_in_the_archive(bundle: Path, archive: Path, name: str) -> None:
    path, _ = import_archive(repack(archive, added(name)), "taken-in")
    assert contents(path) == contents(bundle)


def test_a_negative_offset_is_a_damaged_archive(archive: Path, home: Path) -> None:
    content = bytearray(archive.read_bytes())
    end = content.rfind(b"PK\5\6")
    (offset,) = struct.unpack_from("<L", content, end + 16)
    struct.pack_into("<L", content, end + 16, offset + 10_000)
    archive.write_bytes(content)
    assert "or is damaged" in refusal(archive, home)


def test_what_a_killed_import_left_is_cleared(archive: Path, home: Path) -> None:
    left = home / "bundles" / ".theirs.new-0123abcd"
    left.mkdir(parents=True)
    (left / "manifest.json").write_text("{}")
    import_archive(archive, "taken-in")
    assert [path.name for path in (home / "bundles").iterdir()] == ["taken-in"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_file_twice(archive: Path, home: Path) -> None:
    assert "occurs twice" in refusal(repack(archive, added("small/basis.safetensors")), home)


def test_unusual_packing_and_encryption(archive: Path, home: Path) -> None:
    hostile = repack(archive, added("small/evaluation.json", b"{}", packing=ZIP_BZIP2))
    assert "packed in an unusual way" in refusal(hostile, home)
    content = bytearray(archive.read_bytes())
    at = content.find(b"PK\1\2")
    content[at + 8] |= 1
    hostile.write_bytes(content)
    assert "is encrypted" in refusal(hostile, home)


def test_bombs(archive: Path, home: Path) -> None:
    hostile = repack(archive, added("small/evaluation.json", bytes(2**25 + 1)))
    assert "evaluation.json, size: expected at most" in refusal(hostile, home)
    hostile = restated(archive, "small/profile.toml", 2**32 - 2)
    assert "more than 100 times its size" in refusal(hostile, home)


def restated(archive: Path, name: str, size: int) -> Path:
    """The archive with another size in the list of entries."""
    content = bytearray(archive.read_bytes())
    struct.pack_into("<L", content, content.rfind(name.encode()) - 46 + 24, size)
    hostile = archive.with_name("hostile.zip")
    hostile.write_bytes(content)
    return hostile


def test_more_bytes_than_the_manifest_states(archive: Path, home: Path) -> None:
    def longer(entries: dict[str, tuple[ZipInfo, bytes]]) -> None:
        info, content = entries["small/profile.toml"]
        entries["small/profile.toml"] = (info, content + b"\n" * 1000)

    assert "profile.toml, size: expected at most" in refusal(repack(archive, longer), home)


def test_more_bytes_than_the_entry_states(archive: Path, home: Path) -> None:
    """No byte beyond the stated ones is unpacked, and the checksum tells."""
    assert "or is damaged" in refusal(restated(archive, "small/profile.toml", 10), home)


def test_a_pickle_in_the_place_of_weights(archive: Path, home: Path) -> None:
    class Harm:
        def __reduce__(self) -> tuple[Callable[..., object], tuple[Path]]:
            return Path.touch, (home.parent / "harmed",)

    harm = pickle.dumps(Harm())

    def replaced(entries: dict[str, tuple[ZipInfo, bytes]]) -> None:
        info, content = entries["small/manifest.json"]
        manifest = json.loads(content)
        manifest["files"]["encoder.safetensors"] = {
            "bytes": len(harm), "sha256": hashlib.sha256(harm).hexdigest(),
        }  # fmt: skip
        entries["small/manifest.json"] = (info, json.dumps(manifest).encode())
        entries["small/encoder.safetensors"] = (entries["small/encoder.safetensors"][0], harm)

    sentence = refusal(repack(archive, replaced), home)
    assert "hostile.zip/encoder.safetensors: expected the safetensors format" in sentence
    assert not (home.parent / "harmed").exists()


def test_a_wrong_hash_and_a_missing_file(archive: Path, home: Path) -> None:
    def changed(entries: dict[str, tuple[ZipInfo, bytes]]) -> None:
        info, content = entries["small/basis.safetensors"]
        entries["small/basis.safetensors"] = (info, content[:-1] + bytes([content[-1] ^ 1]))

    assert "basis.safetensors, sha256: expected" in refusal(repack(archive, changed), home)
    assert "is missing" in refusal(repack(archive, lambda all_: all_.pop("small/profile.toml")), home)
    assert "expected manifest.json" in refusal(
        repack(archive, lambda all_: all_.pop("small/manifest.json")), home
    )


def test_endless_lists_of_entries(tmp_path: Path, home: Path) -> None:
    """A million entries, as small archives and as large ones state them."""
    record = b"PK\1\2" + bytes(24) + struct.pack("<H", 1) + bytes(16) + b"x"
    listed = record * 1_000_000
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, len(listed), 0, 0)
    hostile = tmp_path / "hostile.zip"
    hostile.write_bytes(listed + end)
    assert f"at most {MOST_ENTRIES}" in refusal(hostile, home)
    end_64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 10**6, 10**6, len(listed), 0)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(listed), 1)
    small_end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 47, 0, 0)
    hostile.write_bytes(listed + end_64 + locator + small_end)
    assert f"at most {MOST_ENTRIES}" in refusal(hostile, home)


@pytest.mark.parametrize("kept", [0, 10, 0.5, 0.99])
def test_damaged_archives(archive: Path, home: Path, kept: float) -> None:
    content = archive.read_bytes()
    archive.write_bytes(content[: int(kept * len(content)) if kept < 1 else int(kept)])
    assert "or is damaged" in refusal(archive, home)


def test_any_changed_byte_is_told_in_one_sentence_or_changes_nothing(
    bundle: Path, archive: Path, home: Path
) -> None:
    content = archive.read_bytes()
    random = np.random.default_rng(0)
    end = content.rfind(b"PK\1\2") - 2000
    for place in (*random.integers(0, len(content), 4), *random.integers(end, len(content), 20)):
        changed = bytearray(content)
        changed[place] ^= 1 << int(random.integers(8))
        archive.write_bytes(changed)
        refusal = ""
        try:
            path, _ = import_archive(archive, "changed")
        except StudioError as error:
            refusal = str(error)
        if refusal:
            assert "\n" not in refusal
        else:
            assert contents(path) == contents(bundle)
            shutil.rmtree(path)
        assert not list((home / "bundles").iterdir()) if (home / "bundles").exists() else True


def test_what_is_no_archive(tmp_path: Path, home: Path) -> None:
    assert "is not a file" in refusal(tmp_path / "missing.zip", home)
    assert "is not a file" in refusal(tmp_path, home)
    (tmp_path / "text.zip").write_text("no archive at all, but longer than the end of one")
    assert "is not the archive of a bundle" in refusal(tmp_path / "text.zip", home)
