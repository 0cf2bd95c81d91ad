"""Labelled images in one file: arrays, tables, stacks and IDX, read as folders of images are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lsd_studio.engine.datasets import LabelledImages, TrainedOn, load_data_set, load_fitting
from lsd_studio.engine.datasets.image_survey import survey_images
from lsd_studio.engine.datasets.packed_images import pack_images
from lsd_studio.engine.images.framing import Framing
from lsd_studio.engine.training.plan import plan_training, planned_images
from lsd_studio.engine.training.settings import TrainingSettings
from tests.engine.image_set_files import drawn, png, write_idx, write_medmnist, write_parquet, write_tiff

h5py = pytest.importorskip("h5py")
pytest.importorskip("pyarrow")


def both(file: Path) -> tuple[LabelledImages, LabelledImages]:
    return load_data_set(str(file), "train"), load_data_set(str(file), "test")


def trained_on(data: LabelledImages) -> TrainedOn:
    return TrainedOn(data.name, data.checksum, data.image_shape, data.label_names, data.reading)


def as_bytes(data: LabelledImages) -> set[bytes]:
    return {image.tobytes() for image in data.images}


def test_arrays_as_medmnist_has_them(tmp_path: Path) -> None:
    train, test = both(write_medmnist(tmp_path / "med.npz"))

    assert (train.image_shape, len(train), len(test)) == ((1, 8, 8), 30, 10)
    assert train.label_names == ("0", "1")
    assert (train.images[train.labels == 1][:, 0, :, 4] == 240).all()
    assert "Images of val_images are trained on too" in train.notes[0]
    assert train.reading is not None
    assert train.reading.split == "folders"
    assert as_bytes(test) == {image.tobytes() for image in drawn(10, seed=2)[0]}


def test_validation_images_are_for_testing_where_no_others_are(tmp_path: Path) -> None:
    (images, labels), (others, theirs) = drawn(12), drawn(6, seed=1)
    np.savez(tmp_path / "x.npz", x_train=images, y_train=labels, x_val=others, y_val=theirs)
    assert tuple(map(len, both(tmp_path / "x.npz"))) == (12, 6)


@pytest.mark.parametrize("kind", ["npz", "h5"])
def test_plain_arrays_are_split_by_content_and_stay_so(tmp_path: Path, kind: str) -> None:
    """In another order and with more images beside them, what was trained on never becomes a test image."""
    images, labels = drawn(60)
    names = np.array(["salt", "sea"])[labels]

    def write(order: np.ndarray) -> Path:
        file = tmp_path / f"set.{kind}"
        if kind == "npz":
            np.savez(file, images=images[order], labels=names[order])
        else:
            with h5py.File(file, "w") as opened:
                opened.create_dataset("images", data=images[order], compression="gzip", chunks=(10, 8, 8))
                opened["labels"] = names[order].astype("O")
        return file

    train, test = both(write(np.arange(40)))
    assert train.label_names == ("salt", "sea")
    assert len(train) + len(test) == 40
    assert not as_bytes(train) & as_bytes(test)
    again = load_fitting(trained_on(train), None, "test")
    assert (again.checksum, again.notes) == (test.checksum, ())

    write(np.random.default_rng(0).permutation(60))
    later = load_fitting(trained_on(train), None, "test")
    assert "has changed since it was trained on (40 images then, 60 now); no test image" in later.notes[0]
    assert as_bytes(test) <= as_bytes(later)
    assert not as_bytes(train) & as_bytes(later)


def test_the_same_pixels_are_split_alike_in_every_array_file(tmp_path: Path) -> None:
    images, labels = drawn(40)
    np.savez(tmp_path / "a.npz", images=images, labels=labels)
    with h5py.File(tmp_path / "a.h5", "w") as opened:
        opened["set/images"], opened["set/labels"] = images, labels
    write_idx(tmp_path / "a-images-idx3-ubyte", images)
    write_idx(tmp_path / "a-labels-idx1-ubyte", labels)
    write_tiff(tmp_path / "a.tif", images)
    (tmp_path / "a.csv").write_text("label\n" + "\n".join(map(str, labels)))
    checksums = {
        load_data_set(str(tmp_path / name), "test").checksum
        for name in ("a.npz", "a.h5", "a-images-idx3-ubyte", "a.tif")
    }
    assert len(checksums) == 1


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (lambda images: images.astype(np.uint16) * 16, "Numbers 0…4095 become 0…255"),
        (lambda images: images.astype(np.int64), "Numbers 0…255 become 0…255"),
        (lambda images: images / np.float32(255), "become 0…255"),
    ],
)
def test_numbers_of_other_types_become_pixels_by_one_rule(tmp_path: Path, values, said: str) -> None:
    images, labels = drawn(20)
    images[0, 0, :2] = 0, 255
    np.savez(tmp_path / "deep.npz", images=values(images), labels=labels)
    train, test = both(tmp_path / "deep.npz")
    assert said in train.notes[0]
    assert train.reading == test.reading
    loaded = {image.tobytes() for data in (train, test) for image in data.images.astype(np.int16)}
    if "…255 become" in said or "Numbers 0…1 " in train.notes[0]:
        assert loaded == {image.tobytes() for image in images.astype(np.int16)}


@pytest.mark.parametrize("shape", [(0, 1, 2, 3), (0, 3, 1, 2)])
def test_colour_with_channels_first_or_last(tmp_path: Path, shape: tuple[int, ...]) -> None:
    images, labels = drawn(20)
    colour = np.stack([images, images // 2, images // 4], axis=3)
    np.savez(tmp_path / "colour.npz", images=colour.transpose(shape), labels=labels)
    train, _ = both(tmp_path / "colour.npz")
    assert train.image_shape == (3, 8, 8)
    assert (train.images[train.labels == 0][:, :, :, 2] == [[240] * 8, [120] * 8, [60] * 8]).all()


def test_a_table_as_hugging_face_has_it(tmp_path: Path) -> None:
    """Two tables for training, one for testing; the names are in the schema, and −1 is no label."""
    for name, count, seed in (
        ("train-00000-of-00002", 20, 0), ("train-00001-of-00002", 16, 1), ("test-00000-of-00001", 10, 2),
    ):  # fmt: skip
        images, labels = drawn(count, seed=seed)
        labels[3] = -1 if seed else labels[3]
        contents = [None if seed == 0 and place == 5 else png(image) for place, image in enumerate(images)]
        write_parquet(tmp_path / "set" / "data" / f"{name}.parquet", contents, labels, ("zebra", "ant"))

    train, test = both(tmp_path / "set")

    assert train.label_names == ("zebra", "ant")
    assert (len(train), len(test)) == (19 + 15, 9)
    assert "Left out: 3 images" in train.notes[0]
    assert (test.images[test.labels == 1][:, 0, :, 4] == 240).all()
    alone = load_data_set(str(tmp_path / "set" / "data" / "train-00000-of-00002.parquet"), "train")
    assert "train-00000-of-00002.parquet alone is read, of 3 tables in its folder" in alone.notes[-1]
    survey = survey_images(tmp_path / "set")
    assert survey.recognised == "Read as a Parquet table: images in the column “image”, labels in “label”."
    assert survey.split == (34, 9)


def test_one_table_with_labels_in_words_and_images_of_several_sizes(tmp_path: Path) -> None:
    images, labels = drawn(40, edge=8)
    contents = [png(np.pad(image, ((0, place % 3), (0, 0)))) for place, image in enumerate(images)]
    file = write_parquet(tmp_path / "one.parquet", contents, ["no" if label else "yes" for label in labels])
    with pytest.raises(
        Exception, match=r"one\.parquet, image \d+ of one\.parquet has .* choose how they are fitted"
    ):
        load_data_set(str(file), "train")
    framing = Framing(way="pad", height=8, width=8)
    training = planned_images(plan_training(TrainingSettings(data=str(file), framing=framing)))
    assert (training.label_names, training.image_shape) == (("no", "yes"), (1, 8, 8))
    test = load_fitting(trained_on(training), None, "test")
    assert (test.image_shape, len(test) + len(training)) == ((1, 8, 8), 40)


def test_idx_files_are_named_by_their_folder_or_by_one_of_them(tmp_path: Path) -> None:
    for split, seed in (("train", 0), ("t10k", 1)):
        images, labels = drawn(12, seed=seed)
        write_idx(tmp_path / f"{split}-images-idx3-ubyte.gz", images)
        write_idx(tmp_path / f"{split}-labels-idx1-ubyte", labels)
    by_folder, test = both(tmp_path)
    by_file, _ = both(tmp_path / "train-images-idx3-ubyte.gz")
    assert (len(by_folder), len(test)) == (12, 12)
    assert by_folder.checksum == by_file.checksum
    assert as_bytes(test) == {image.tobytes() for image in drawn(12, seed=1)[0]}


def test_a_stack_with_a_table_of_its_labels(tmp_path: Path) -> None:
    images, labels = drawn(30)
    write_tiff(tmp_path / "cells.tif", images.astype(np.uint16) * 257)
    (tmp_path / "cells.csv").write_text(
        "page;label\n" + "\n".join(f"{place};{'ab'[label]}" for place, label in enumerate(labels))
    )
    train, test = both(tmp_path / "cells.tif")
    assert train.label_names == ("a", "b")
    assert len(train) + len(test) == 30
    assert train.notes == ("Numbers 0…65535 become 0…255 in all images.",)
    assert (train.images[train.labels == 1][:, 0, :, 4] == 240).all()


def test_images_without_labels_do_where_none_are_needed(tmp_path: Path) -> None:
    np.savez(tmp_path / "plain.npz", images=drawn(30)[0])
    data = load_data_set(str(tmp_path / "plain.npz"), "train", labelled=False)
    assert data.label_names == ("unlabelled",)


def test_packed_images_are_looked_over_too(tmp_path: Path) -> None:
    for split, count in (("train", 8), ("test", 4)):
        images, labels = drawn(count)
        pack_images(tmp_path, split, images[:, None], labels, (1, 8, 8), ("a", "b"))
    survey = survey_images(tmp_path)
    assert (survey.counts, survey.split, survey.framing) == ({"a": 6, "b": 6}, (8, 4), None)
    assert survey.pictures.shape == (8, 8, 8, 3)


def test_networks_meet_another_file_by_the_names_of_labels(tmp_path: Path) -> None:
    images, labels = drawn(40)
    np.savez(tmp_path / "first.npz", images=images, labels=np.array(["a", "b"])[labels])
    np.savez(tmp_path / "other.npz", images=images[::-1], labels=np.array(["a", "b"])[labels[::-1]])
    train, test = both(tmp_path / "first.npz")
    other = load_fitting(trained_on(train), str(tmp_path / "other.npz"), "test")
    assert other.notes == ()
    assert as_bytes(other) == as_bytes(test)
