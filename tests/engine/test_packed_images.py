"""Packed images: real digits written and mapped back, damaged files refused; faces drawn, CelebA asked for."""

import csv
import hashlib
import json

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file, save_file

from lsd_studio.engine.datasets import hold_out, load_data_set
from lsd_studio.engine.datasets.celeba import face_of, load_celeba
from lsd_studio.engine.datasets.packed_images import is_packed, pack_images, read_packed
from lsd_studio.engine.datasets.stand_in_faces import HAIR, make_faces
from lsd_studio.engine.errors import StudioError


@pytest.fixture(scope="module")
def digits():
    return load_data_set("mnist", "test").take(range(50))


@pytest.fixture
def folder(digits, tmp_path):
    for split, part in (("train", digits.take(range(40))), ("test", digits.take(range(40, 50)))):
        pack_images(tmp_path, split, part.images, part.labels, (1, 28, 28), digits.label_names)
    return tmp_path


def test_what_is_packed_comes_back(folder, digits):
    training = load_data_set(str(folder), "train")
    np.testing.assert_array_equal(training.images, digits.images[:40])
    np.testing.assert_array_equal(training.labels, digits.labels[:40])
    assert training.label_names == digits.label_names
    assert training.name == str(folder)
    assert training.checksum == hashlib.sha256((folder / "train.safetensors").read_bytes()).hexdigest()
    assert load_data_set(str(folder), "test").image_shape == (1, 28, 28)


def test_other_readers_of_safetensors_read_it(folder, digits):
    stored = load_file(folder / "train.safetensors")
    np.testing.assert_array_equal(stored["images"], digits.images[:40])
    np.testing.assert_array_equal(stored["labels"], digits.labels[:40])


def test_pixels_are_mapped_and_parts_are_no_copies(folder):
    training = load_data_set(str(folder), "train")
    assert isinstance(training.images.base, np.memmap)
    used, held_out = hold_out(training)
    assert np.shares_memory(used.images, training.images)
    assert np.shares_memory(held_out.images, training.images)


@pytest.mark.parametrize("damage", ["cut", "foreign", "label", "labels missing", "missing"])
def test_damaged_files_are_refused_in_one_sentence(folder, damage):
    file = folder / "train.safetensors"
    stored, names = load_file(file), {"label_names": json.dumps(list("0123456789"))}
    match damage:
        case "cut":
            file.write_bytes(file.read_bytes()[:-10])
        case "foreign":
            file.write_bytes(b"no images at all")
        case "label":
            save_file({**stored, "labels": stored["labels"] + 100}, file, names)
        case "labels missing":
            save_file({"images": stored["images"]}, file, names)
        case "missing":
            file.unlink()
    with pytest.raises(StudioError, match=r"train\.safetensors holds no readable images") as refused:
        read_packed(folder, "digits", "train")
    assert "\n" not in str(refused.value)


def test_stopped_in_the_middle(digits, tmp_path):
    def cut_off():
        yield digits.images[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pack_images(tmp_path, "train", cut_off(), digits.labels, (1, 28, 28), digits.label_names)
    assert not list(tmp_path.iterdir())


def test_stand_in_faces(tmp_path):
    for name in ("once", "again"):
        make_faces(tmp_path / name, 12, seed=4, progress=None)
    once, again = tmp_path / "once", tmp_path / "again"
    assert is_packed(once)
    assert (once / "train.safetensors").read_bytes() == (again / "train.safetensors").read_bytes()
    training, test = load_data_set(str(once), "train"), load_data_set(str(once), "test")
    assert (len(training), len(test)) == (10, 2)
    assert training.image_shape == (3, 96, 96)
    assert training.label_names == tuple(HAIR)
    assert len(np.unique(training.images.reshape(10, -1), axis=0)) == 10
    with (once / "attributes.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["hair_colour"] for row in rows[:10]] == [training.label_names[i] for i in training.labels]
    for image, row in zip(training.images, rows, strict=False):
        hair = np.array([int(HAIR[row["hair_colour"]][at : at + 2], 16) for at in (0, 2, 4)])
        is_hair = (np.abs(image.reshape(3, -1).T.astype(int) - hair) <= 1).all(axis=1)
        assert is_hair.mean() > 0.01


def test_too_few_faces(tmp_path):
    with pytest.raises(StudioError, match="12 or more"):
        make_faces(tmp_path, 3, seed=0, progress=None)


def test_a_face_of_celeba_is_the_square_in_its_middle():
    photograph = Image.new("RGB", (178, 218), "black")
    photograph.paste((200, 100, 50), (0, 20, 178, 198))
    face = face_of(photograph)
    assert face.shape == (3, 96, 96)
    assert (face == np.array([200, 100, 50], np.uint8)[:, None, None]).all()


def test_celeba_that_is_not_there_is_asked_for(tmp_path):
    with pytest.raises(StudioError, match="please put its folder img_align_celeba") as refused:
        load_celeba(tmp_path, "train", None)
    assert "\n" not in str(refused.value)


def test_stand_in_faces_that_are_not_made(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(StudioError, match="lsd-studio faces"):
        load_data_set("stand-in-faces", "train")
