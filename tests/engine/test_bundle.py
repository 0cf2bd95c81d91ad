"""Bundles: what is saved comes back unchanged, and nothing broken, foreign or hostile is let in."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch

from lsd_studio.engine.bundle import FORMAT_VERSION, keep_evaluation, open_bundle, read_manifest
from lsd_studio.engine.bundle.profile_text import profile_text
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.profiles import load_profile, shipped_profiles

Save = Callable[[Path], Path]


@pytest.fixture
def bundle(tmp_path: Path, save_small_bundle: Save) -> Path:
    return save_small_bundle(tmp_path / "small")


def rewrite_manifest(bundle: Path, change: Callable[[dict[str, Any]], None]) -> None:
    content = json.loads((bundle / "manifest.json").read_text())
    change(content)
    (bundle / "manifest.json").write_text(json.dumps(content))


def replace_listed(bundle: Path, name: str, content: bytes) -> None:
    """Put other bytes into a file and make the manifest agree, as whoever means harm would."""
    (bundle / name).write_bytes(content)
    record = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    rewrite_manifest(bundle, lambda manifest: manifest["files"].update({name: record}))


def refusal(bundle: Path) -> str:
    with pytest.raises(StudioError) as refused:
        open_bundle(bundle)
    sentence = str(refused.value)
    assert "\n" not in sentence
    return sentence


def test_what_is_saved_comes_back(bundle: Path) -> None:
    opened = open_bundle(bundle)
    assert opened.manifest.label_names == ("left", "right")
    assert opened.manifest.image_shape == (1, 8, 8)
    assert opened.manifest.stages[0].history["loss"] == (1.0, 0.5)
    assert opened.profile.notes == {"a 'quoted' key": 'a "quoted" text\nin 2 lines'}
    np.testing.assert_array_equal(opened.basis.eta_, np.random.default_rng(0).standard_normal((4, 4)))
    np.testing.assert_allclose(opened.basis.xi_ @ opened.basis.xi_.T, 4 * np.eye(4), atol=1e-12)
    images = np.random.default_rng(1).uniform(-1, 1, (3, 1, 8, 8)).astype(np.float32)
    mean, _ = opened.networks.encode(images)
    assert opened.networks.decode(mean).shape == images.shape
    np.testing.assert_allclose(opened.networks.classify(images).sum(axis=1), 1, rtol=1e-5)
    assert opened.discriminator() is not None
    assert opened.hash == hashlib.sha256((bundle / "manifest.json").read_bytes()).hexdigest()


def test_saving_twice_gives_the_same_networks(tmp_path: Path, bundle: Path, save_small_bundle: Save) -> None:
    again = save_small_bundle(tmp_path / "again")
    assert read_manifest(again).files == read_manifest(bundle).files


def test_opening_draws_no_random_numbers(bundle: Path) -> None:
    before = torch.get_rng_state()
    open_bundle(bundle)
    assert torch.equal(before, torch.get_rng_state())


def test_a_run_stands_for_its_bundle(tmp_path: Path, save_small_bundle: Save) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "run.json").write_text("{}")
    with pytest.raises(StudioError, match="has not finished"):
        open_bundle(run)
    save_small_bundle(run / "bundle")
    assert open_bundle(run).path == run / "bundle"


@pytest.mark.parametrize("name", shipped_profiles())
def test_profiles_survive_being_written(tmp_path: Path, name: str) -> None:
    profile = load_profile(name)
    written = tmp_path / "copy.toml"
    written.write_text(profile_text(profile), encoding="utf-8")
    assert load_profile(str(written)) == profile


def test_evaluations_are_kept_beside_the_manifest(bundle: Path) -> None:
    assert open_bundle(bundle).evaluation() is None
    keep_evaluation(bundle, {"accuracy": 0.5})
    assert open_bundle(bundle).evaluation() == {"accuracy": 0.5}
    (bundle / "evaluation.json").write_text("[1")
    with pytest.raises(StudioError, match=r"evaluation\.json: expected JSON"):
        open_bundle(bundle).evaluation()


def test_nothing_there(tmp_path: Path) -> None:
    assert "neither a bundle's folder nor the name" in refusal(tmp_path / "nothing")
    (tmp_path / "file").write_text("x")
    assert "found a file" in refusal(tmp_path / "file")
    (tmp_path / "empty").mkdir()
    assert "expected a file manifest.json" in refusal(tmp_path / "empty")


LISTED = ("generator.safetensors", "discriminator.safetensors", "basis.safetensors", "profile.toml")


@pytest.mark.parametrize("name", LISTED)
def test_missing_file(bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    assert f"{name} is missing" in refusal(bundle)


@pytest.mark.parametrize("name", LISTED)
def test_truncated_file(bundle: Path, name: str) -> None:
    content = (bundle / name).read_bytes()
    (bundle / name).write_bytes(content[: len(content) // 2])
    assert f"{name}, size: expected the {len(content)} bytes" in refusal(bundle)


@pytest.mark.parametrize("name", LISTED)
def test_changed_byte(bundle: Path, name: str) -> None:
    content = bytearray((bundle / name).read_bytes())
    content[-2] ^= 1
    (bundle / name).write_bytes(content)
    assert f"{name}, sha256: expected" in refusal(bundle)


@pytest.mark.parametrize(
    "name",
    [".DS_Store", "Thumbs.db", "desktop.ini", "._manifest.json", "__MACOSX/._basis.safetensors",
     "figures/figure-4a.pdf", "generator.onnx", "weights.pt"],
)  # fmt: skip
def test_what_is_not_listed_is_not_in_the_way(bundle: Path, name: str) -> None:
    """Files of a system, or what a person wrote there, are never read (issue 12)."""
    before = open_bundle(bundle).hash
    (bundle / name).parent.mkdir(exist_ok=True)
    (bundle / name).write_bytes(b"x")
    assert open_bundle(bundle).hash == before


def test_link_in_place_of_a_file(tmp_path: Path, bundle: Path) -> None:
    elsewhere = tmp_path / "elsewhere.safetensors"
    (bundle / "encoder.safetensors").rename(elsewhere)
    (bundle / "encoder.safetensors").symlink_to(elsewhere)
    assert "encoder.safetensors is a link" in refusal(bundle)


def test_manifest_that_is_a_link(tmp_path: Path, bundle: Path) -> None:
    (bundle / "manifest.json").rename(tmp_path / "elsewhere.json")
    (bundle / "manifest.json").symlink_to(tmp_path / "elsewhere.json")
    assert "manifest.json is a link" in refusal(bundle)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipe_in_place_of_a_file(bundle: Path) -> None:
    (bundle / "profile.toml").unlink()
    os.mkfifo(bundle / "profile.toml")
    assert "is not a plain file" in refusal(bundle)


@pytest.mark.parametrize("name", ["../outside.safetensors", "/etc/passwd", "a/b.safetensors"])
def test_listed_path_that_leaves_the_folder(bundle: Path, name: str) -> None:
    def lead_astray(manifest: dict[str, Any]) -> None:
        manifest["files"][name] = manifest["files"].pop("encoder.safetensors")

    rewrite_manifest(bundle, lead_astray)
    assert f"manifest.json, field files.{name}" in refusal(bundle)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b'"text"', b"[" * 100_000, b"null"])
def test_manifest_that_is_no_json_object(bundle: Path, content: bytes) -> None:
    (bundle / "manifest.json").write_bytes(content)
    assert "manifest.json" in refusal(bundle)


def test_manifest_of_another_program(bundle: Path) -> None:
    (bundle / "manifest.json").write_text('{"name": "something else"}')
    assert "field format: expected" in refusal(bundle)


@pytest.mark.parametrize("version", range(1, FORMAT_VERSION + 1))
def test_every_older_format_is_opened(bundle: Path, version: int) -> None:
    rewrite_manifest(bundle, lambda manifest: manifest.update(format_version=version))
    assert open_bundle(bundle).manifest.format_version == version


def test_settings_that_came_after_a_bundle_was_written_count_as_their_defaults(bundle: Path) -> None:
    written = open_bundle(bundle).profile
    text = re.sub(r"^distortion = .*\n", "", (bundle / "profile.toml").read_text(), flags=re.MULTILINE)
    assert text != (bundle / "profile.toml").read_text()
    replace_listed(bundle, "profile.toml", text.encode())
    assert open_bundle(bundle).profile == written


def test_manifest_from_a_newer_version(bundle: Path) -> None:
    rewrite_manifest(bundle, lambda manifest: manifest.update(format_version=99, of_the_future=True))
    expected = f"field format_version: expected at most {FORMAT_VERSION}, found 99; please update LSD Studio"
    assert expected in refusal(bundle)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format_version", "one"),
        ("format_version", 0),
        ("latent_dimensions", 5),
        ("latent_dimensions", -4),
        ("latent_dimensions", 10**12),
        ("image_shape", [1, 8]),
        ("image_shape", [1, 8, 10**9]),
        ("image_shape", [1, 8, 12]),
        ("label_names", ["left"]),
        ("label_names", ["left", "left"]),
        ("data", {"name": "x", "checksum": "short", "images": 1, "held_out": 0}),
        ("seeds", {"training": -1}),
        ("created", "yesterday"),
        ("surprise", 1),
    ],
)
def test_manifest_field_out_of_range(bundle: Path, field: str, value: object) -> None:
    rewrite_manifest(bundle, lambda manifest: manifest.update({field: value}))
    sentence = refusal(bundle)
    assert "manifest.json, " in sentence
    assert field in sentence


@pytest.mark.parametrize("field", ["files", "label_names", "latent_dimensions", "created", "profile"])
def test_manifest_without_a_field(bundle: Path, field: str) -> None:
    rewrite_manifest(bundle, lambda manifest: manifest.pop(field))
    assert f"manifest.json, field {field}: " in refusal(bundle)


def test_manifest_with_a_number_that_is_none(bundle: Path) -> None:
    rewrite_manifest(bundle, lambda manifest: manifest["stages"][0]["history"].update(loss=[float("nan")]))
    assert "field stages.0.history.loss.0" in refusal(bundle)


def test_oversized_manifest(bundle: Path) -> None:
    with (bundle / "manifest.json").open("ab") as file:
        file.truncate(2**25 + 1)
    assert "manifest.json, size: expected at most" in refusal(bundle)


def test_oversized_network(bundle: Path) -> None:
    with (bundle / "generator.safetensors").open("ab") as file:
        file.truncate(2**30 + 1)
    assert "generator.safetensors, size: expected at most" in refusal(bundle)


def test_pickle_in_place_of_weights(bundle: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return (os.mkdir, (str(bundle / "executed"),))

    for name in ("generator.safetensors", "basis.safetensors"):
        replace_listed(bundle, name, pickle.dumps(Trap()))
        assert "expected the safetensors format" in refusal(bundle)
    assert not (bundle / "executed").exists()


@pytest.mark.parametrize("wrong", ["shape", "type", "missing", "foreign", "infinite"])
def test_networks_of_another_make(bundle: Path, wrong: str) -> None:
    name = "classifier.safetensors"
    weights = safetensors.torch.load((bundle / name).read_bytes())
    key = next(iter(weights))
    if wrong == "shape":
        weights[key] = torch.zeros(1, 2, 3)
    elif wrong == "type":
        weights[key] = weights[key].double()
    elif wrong == "missing":
        del weights[key]
    elif wrong == "foreign":
        weights["surprise"] = torch.zeros(1)
    else:
        weights[key] = weights[key] * float("inf")
    replace_listed(bundle, name, safetensors.torch.save(weights))
    sentence = refusal(bundle)
    assert name in sentence
    assert ("surprise" if wrong == "foreign" else key) in sentence
    assert "expected" in sentence


def test_manifest_that_asks_for_giant_networks(bundle: Path) -> None:
    rewrite_manifest(
        bundle, lambda manifest: manifest.update(latent_dimensions=4096, image_shape=[4, 4096, 4096])
    )
    content = (
        (bundle / "profile.toml").read_text().replace("latent_dimensions = 4", "latent_dimensions = 4096")
    )
    replace_listed(bundle, "profile.toml", content.encode())
    assert "generator.safetensors, tensor" in refusal(bundle)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda eta, xi: {"eta": eta, "xi": xi[:2]}, "expected float64 [4, 4]"),
        (lambda eta, xi: {"eta": eta.astype(np.float32), "xi": xi}, "tensor eta: expected float64"),
        (lambda eta, xi: {"eta": eta}, "expected a tensor xi"),
        (lambda eta, xi: {"eta": eta, "xi": xi, "c": xi}, "expected no tensor of this name"),
        (lambda eta, xi: {"eta": eta, "xi": xi * np.nan}, "expected finite numbers"),
        (lambda eta, xi: {"eta": eta, "xi": eta}, "expected orthogonal vectors"),
        (lambda eta, xi: {"eta": eta, "xi": xi * 1e200}, "expected orthogonal vectors"),
        (lambda eta, xi: {"eta": eta, "xi": xi * 2}, "expected orthogonal vectors"),
    ],
)
def test_broken_basis(bundle: Path, change: Callable[..., dict[str, np.ndarray]], expected: str) -> None:
    vectors = safetensors.numpy.load((bundle / "basis.safetensors").read_bytes())
    replace_listed(bundle, "basis.safetensors", safetensors.numpy.save(change(vectors["eta"], vectors["xi"])))
    sentence = refusal(bundle)
    assert "basis.safetensors" in sentence
    assert expected in sentence


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("latent_dimensions = 4", "latent_dimensions = 6"),
        ('name = "small"', 'name = "other"'),
        ("latent_dimensions = 4", "latent_dimensions = "),
        ("latent_dimensions = 4", "latent_dimension = 4"),
    ],
)
def test_broken_profile(bundle: Path, old: str, new: str) -> None:
    content = (bundle / "profile.toml").read_text().replace(old, new)
    replace_listed(bundle, "profile.toml", content.encode())
    assert "profile.toml" in refusal(bundle)


def test_full_disk_keeps_the_old_bundle(
    bundle: Path, save_small_bundle: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {file.name: file.read_bytes() for file in bundle.iterdir()}
    synchronised = os.fsync
    left = iter(range(3))

    def fsync(descriptor: int) -> None:
        if next(left, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        synchronised(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(StudioError, match=r"could not be written \(No space left on device\)"):
        save_small_bundle(bundle)
    with pytest.raises(StudioError, match="could not be written"):
        keep_evaluation(bundle, {})
    monkeypatch.undo()
    assert {file.name: file.read_bytes() for file in bundle.iterdir()} == before
    assert list(bundle.parent.iterdir()) == [bundle]


def test_interrupted_replacement_keeps_a_bundle(
    bundle: Path, save_small_bundle: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the power fails between the two renames: the old bundle is found where it was set aside."""
    before = read_manifest(bundle)
    bundle.rename(bundle.parent / ".small.previous")
    assert open_bundle(bundle).manifest == before
    save_small_bundle(bundle)
    assert open_bundle(bundle).path == bundle
    assert list(bundle.parent.iterdir()) == [bundle]


def test_what_others_put_into_a_bundle_stays_when_it_is_replaced(
    tmp_path: Path, save_small_bundle: Save
) -> None:
    path = save_small_bundle(tmp_path / "small")
    (path / "notes.txt").write_text("mine")
    (path / "figures").mkdir()
    (path / "figures" / "one.svg").write_text("<svg/>")
    (path / "evaluation.json").write_text("{}")
    save_small_bundle(path)
    assert (path / "notes.txt").read_text() == "mine"
    assert (path / "figures" / "one.svg").read_text() == "<svg/>"
    assert not (path / "evaluation.json").exists()
    open_bundle(path)


def test_only_bundles_are_replaced(tmp_path: Path, save_small_bundle: Save) -> None:
    diary = tmp_path / "precious" / "diary.txt"
    diary.parent.mkdir()
    diary.write_text("Dear diary")
    with pytest.raises(StudioError, match="holds something that is not a bundle"):
        save_small_bundle(diary.parent)
    assert diary.read_text() == "Dear diary"


def with_tensors(bundle: Path, name: str, change: Callable[[dict[str, np.ndarray]], None]) -> None:
    """The bundle with other tensors in a file that its manifest lists all the same."""
    tensors = safetensors.numpy.load_file(bundle / name)
    change(tensors)
    replace_listed(bundle, name, safetensors.numpy.save(tensors))


def huge(tensors: dict[str, np.ndarray]) -> None:
    for name, values in tensors.items():
        if values.dtype == np.float32:
            tensors[name] = np.full_like(values, 3e38)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("generator.safetensors", "the generator's images are not all numbers"),
        ("encoder.safetensors", "the encoder's codes are not all numbers"),
        ("classifier.safetensors", "the classifier's probabilities are not all numbers"),
    ],
)
def test_weights_that_are_finite_and_huge(bundle: Path, name: str, what: str) -> None:
    """They give NaN, which no result may hold (issue 12)."""
    with_tensors(bundle, name, huge)
    assert what in refusal(bundle)


@pytest.mark.parametrize("value", [1e300, 1e9, 0.0])
def test_averages_that_are_none(bundle: Path, value: float) -> None:
    with_tensors(bundle, "basis.safetensors", lambda tensors: tensors["eta"].fill(value))
    assert "tensor eta: expected averages of codes" in refusal(bundle)
