"""Folders of images as people have them: what is read, by which rule, what is left out, and what fits a bundle."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lsd_studio.cli import main
from lsd_studio.engine.api import Engine
from lsd_studio.engine.bundle import Facts, open_bundle, save_bundle
from lsd_studio.engine.datasets import TrainedOn, fit_images, load_data_set, load_fitting, reading_kept
from lsd_studio.engine.datasets.folder_reading import POSITIONAL, bounds_for_testing, place_of
from lsd_studio.engine.datasets.labelled_images import LabelledImages
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.preparation import prepared_for
from lsd_studio.engine.platform.file_names import path_named, readable, text_of_path
from lsd_studio.engine.runs.manifest import RunManifest
from lsd_studio.engine.training.plan import plan_training, planned_images
from lsd_studio.engine.training.run import open_run
from lsd_studio.engine.training.settings import TrainingSettings

SIDE = 8


def draw(folder: Path, count: int, seed: int = 0, suffix: str = "png") -> list[Path]:
    """Random grey images 000, 001 … in a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (count, SIDE, SIDE), dtype=np.uint8)
    files = [folder / f"{place:03}.{suffix}" for place in range(count)]
    for file, image in zip(files, pixels, strict=True):
        Image.fromarray(image).save(file)
    return files


def draw_labels(folder: Path, labels: Mapping[str, int] | Iterable[str]) -> Path:
    counts = labels if isinstance(labels, Mapping) else dict.fromkeys(labels, 12)
    for seed, (label, count) in enumerate(counts.items()):
        draw(folder / label, count, seed)
    return folder


def both(folder: Path, **options: object) -> tuple[LabelledImages, LabelledImages]:
    return (
        load_data_set(str(folder), "train", **options),  # type: ignore[arg-type]
        load_data_set(str(folder), "test", **options),  # type: ignore[arg-type]
    )


def contents(data: LabelledImages) -> set[bytes]:
    return {image.tobytes() for image in data.images}


class TestSplitByContent:
    def test_images_added_are_never_confused_with_those_trained_on(self, tmp_path: Path) -> None:
        folder = draw_labels(tmp_path / "shapes", {"bar": 40, "disc": 3})
        training, test = both(folder)
        assert training.reading is not None
        trained_on = TrainedOn(
            training.name, training.checksum, training.image_shape, training.label_names, training.reading
        )
        assert load_fitting(trained_on, None, "test").notes == ()

        draw(folder / "bar" / "more", 30, seed=7)
        draw(folder / "disc" / "more", 30, seed=8)
        (folder / "bar" / "000.png").rename(folder / "bar" / "renamed.png")
        for file in sorted((folder / "bar").glob("01*.png")):
            file.unlink()
        later = load_fitting(trained_on, None, "test")
        assert not contents(later) & contents(training)
        assert len(later) > len(test) - 10
        assert later.notes == (
            f"{folder} has changed since it was trained on (43 images then, 93 now); no test image was trained on.",
        )
        moved = folder.rename(tmp_path / "moved")
        assert not contents(load_fitting(trained_on, str(moved), "test")) & contents(training)
        assert load_fitting(trained_on, str(moved), "test").notes == ()

    def test_copies_are_in_one_split(self, tmp_path: Path) -> None:
        folder = draw_labels(tmp_path, ("bar", "disc"))
        for file in sorted((folder / "bar").iterdir()):
            (folder / "bar" / f"copy of {file.name}").write_bytes(file.read_bytes())
        training, test = both(folder)
        assert not contents(training) & contents(test)
        assert len(training) + len(test) == 36

    def test_another_folder_is_read_alike_and_not_called_changed(self, tmp_path: Path) -> None:
        first = load_data_set(str(draw_labels(tmp_path / "first", {"bar": 40, "disc": 3})), "train")
        other = str(draw_labels(tmp_path / "other", {"bar": 12, "disc": 12}))
        reading = reading_kept(first.name, first.checksum, first.reading, other)
        assert reading is not None
        assert load_data_set(other, "train", reading=reading).notes == ()
        assert reading_kept(first.name, first.checksum, first.reading, first.name) == first.reading

    def test_copies_over_folders_of_splits_are_counted(self, tmp_path: Path) -> None:
        for split in ("train", "test"):
            draw_labels(tmp_path / split, {"bar": 5, "disc": 4})
        draw(tmp_path / "test" / "bar", 5, seed=9)
        assert load_data_set(str(tmp_path), "test").notes == (
            "4 of 9 test images are copies of training images.",
        )

    @given(st.sets(st.floats(0, 1, exclude_max=True), min_size=2), st.sets(st.floats(0, 1, exclude_max=True)))
    def test_each_label_is_for_both_and_kept_bounds_hold(self, places: set[float], more: set[float]) -> None:
        first = bounds_for_testing({"bar": places}, None)["bar"]
        assert 0 < sum(place < first for place in places) < len(places)
        assert bounds_for_testing({"bar": places | more}, {"bar": first}) == {"bar": first}

    def test_a_folder_of_old_that_changed_is_noticed(self, tmp_path: Path) -> None:
        folder = draw_labels(tmp_path, ("bar", "disc"))
        old = load_data_set(str(folder), "train", reading=POSITIONAL)
        trained_on = TrainedOn(old.name, old.checksum, old.image_shape, old.label_names)
        assert load_fitting(trained_on, None, "test").notes == ()
        draw(folder / "bar" / "000", 0)
        (folder / "bar" / "000.png").unlink()
        (told,) = load_fitting(trained_on, None, "test").notes
        assert told == f"{folder} has changed since it was trained on; test images may have been trained on."

    def test_one_image_and_its_copies_cannot_be_split(self, tmp_path: Path) -> None:
        folder = draw_labels(tmp_path, {"bar": 1, "disc": 4})
        (folder / "bar" / "copy.png").write_bytes((folder / "bar" / "000.png").read_bytes())
        with pytest.raises(
            StudioError, match="bar holds one image, or copies of one: at least two different"
        ):
            load_data_set(str(folder), "train")

    def test_mnist_is_as_it_was(self) -> None:
        training = load_data_set("mnist", "train")
        assert (training.checksum[:8], training.reading, training.notes) == (
            load_data_set("mnist", "train", reading=POSITIONAL).checksum[:8],
            None,
            (),
        )


class TestOneRuleForASet:
    def test_twelve_bits(self, tmp_path: Path) -> None:
        for place, greatest in enumerate((3664, 201, 3600, 204)):
            for label in ("bar", "disc"):
                pixels = np.zeros((SIDE, SIDE), np.uint16)
                pixels[place, int(label == "bar")] = greatest
                (tmp_path / label).mkdir(exist_ok=True)
                Image.fromarray(pixels).save(tmp_path / label / f"{place}.png")
        parts = both(tmp_path)
        maxima = sorted(int(image.max()) for data in parts for image in data.images)
        assert maxima == [13, 13, 13, 13, 224, 224, 228, 228]
        assert all(data.notes == ("Numbers 0…4095 become 0…255 in all images.",) for data in parts)

    def test_floating_point(self, tmp_path: Path) -> None:
        for place, greatest in enumerate((1.0, 0.1, 0.5, 0.1)):
            for label in ("bar", "disc"):
                pixels = np.zeros((SIDE, SIDE), np.float32)
                pixels[place, int(label == "bar")] = greatest
                (tmp_path / label).mkdir(exist_ok=True)
                Image.fromarray(pixels).save(tmp_path / label / f"{place}.tif")
        parts = both(tmp_path)
        maxima = sorted(int(image.max()) for data in parts for image in data.images)
        assert maxima == [26, 26, 26, 26, 128, 128, 255, 255]

    def test_transparent_images_have_one_ground(self, tmp_path: Path) -> None:
        for place, ink in enumerate((250, 240, 20, 230)):
            for label in ("bar", "disc"):
                pixels = np.zeros((SIDE, SIDE, 4), np.uint8)
                pixels[place, int(label == "bar")] = (ink, ink, ink, 255)
                (tmp_path / label).mkdir(exist_ok=True)
                Image.fromarray(pixels).save(tmp_path / label / f"{place}.png")
        parts = both(tmp_path)
        assert {int(image[0, -1, -1]) for data in parts for image in data.images} == {0}
        assert parts[0].notes == ("All images are laid on black where they are transparent.",)

    def test_unequal_sizes_are_refused_in_whatever_split(self, tmp_path: Path) -> None:
        folder = draw_labels(tmp_path, ("bar", "disc"))
        Image.new("L", (9, 9)).save(folder / "disc" / "large.png")
        for split in ("train", "test"):
            with pytest.raises(StudioError, match=r"large\.png has 9×9 pixels and .*000\.png has 8×8"):
                load_data_set(str(folder), split)  # type: ignore[arg-type]

    def test_kept_in_the_manifest_and_used_for_every_later_image(
        self, tmp_path: Path, save_small_bundle: Callable[[Path], Path]
    ) -> None:
        old = open_bundle(save_small_bundle(tmp_path / "old"))
        assert "reading" not in json.loads((tmp_path / "old" / "manifest.json").read_text())["data"]
        assert old.manifest.format_version == 1
        for label in ("left", "right"):
            for place in range(3):
                pixels = np.zeros((SIDE, SIDE), np.uint16)
                pixels[place, place] = 4000
                pixels[7, int(label == "left")] = 400
                (tmp_path / "data" / label).mkdir(parents=True, exist_ok=True)
                Image.fromarray(pixels).save(tmp_path / "data" / label / f"{place}.png")
        training = load_data_set(str(tmp_path / "data"), "train")
        data = old.manifest.data.model_copy(
            update={"name": training.name, "checksum": training.checksum, "reading": training.reading}
        )
        facts = Facts(**{name: getattr(old.manifest, name) for name in Facts.model_fields})
        save_bundle(
            tmp_path / "new",
            profile=old.profile,
            networks=old.networks,
            discriminator=None,
            basis=old.basis,
            facts=facts.model_copy(update={"data": data}),
        )
        new = open_bundle(tmp_path / "new")
        assert new.manifest.format_version == 3
        assert new.manifest.data.reading == training.reading

        faint = np.full((SIDE, SIDE), 400, np.uint16)
        Image.fromarray(faint).save(tmp_path / "faint.png")
        by_itself, by_rule = (prepared_for(bundle, tmp_path / "faint.png") for bundle in (old, new))
        assert float(by_itself.pixels.max()) == pytest.approx(round(400 * 255 / 1023) / 127.5 - 1)
        assert float(by_rule.pixels.max()) == pytest.approx(round(400 * 255 / 4095) / 127.5 - 1)
        assert by_rule.steps[0] == "turned values 0…4095 into 8 bits, as in all images of the set"
        assert prepared_for(new, (tmp_path / "faint.png").read_bytes()).pixels.max() == by_rule.pixels.max()


class TestWhatIsReadAndWhatIsLeftOut:
    @pytest.mark.parametrize("names", [("train", "val"), ("Train", "TEST"), ("training", "Validation")])
    def test_folders_of_splits_in_any_letter_case(self, tmp_path: Path, names: tuple[str, str]) -> None:
        draw_labels(tmp_path / names[0], {"cat": 5, "dog": 5})
        draw_labels(tmp_path / names[1], {"cat": 2, "dog": 2})
        training, test = both(tmp_path)
        assert training.label_names == test.label_names == ("cat", "dog")
        assert (len(training), len(test)) == (10, 4)

    def test_three_splits(self, tmp_path: Path) -> None:
        for split, count in (("train", 5), ("valid", 3), ("testing", 2)):
            draw_labels(tmp_path / split, {"cat": count, "dog": count})
        draw(tmp_path / "masks", 4)
        training, test = both(tmp_path)
        assert (len(training), len(test)) == (16, 4)
        assert training.notes[-2:] == (
            "Images of valid are trained on too: the last sixth of all training images is held out for choices.",
            "Left out: 4 images beside the folders of splits.",
        )

    def test_unlabelled_splits(self, tmp_path: Path) -> None:
        draw(tmp_path / "train", 6)
        draw(tmp_path / "val", 3, seed=1)
        training, test = both(tmp_path, labelled=False)
        assert training.label_names == test.label_names == ("unlabelled",)
        assert (len(training), len(test)) == (6, 3)

    def test_nested_folders_are_read(self, tmp_path: Path) -> None:
        for label in ("cat", "dog"):
            for part in "ab":
                draw(tmp_path / label / part / "deep", 4, seed=hash((label, part)) % 1000)
        training, test = both(tmp_path)
        assert training.label_names == ("cat", "dog")
        assert len(training) + len(test) == 16

    def test_loose_images_beside_folders(self, tmp_path: Path) -> None:
        draw(tmp_path, 6)
        draw(tmp_path / "old", 4, seed=1)
        with pytest.raises(
            StudioError, match=r"found only old \(left out: 6 images beside the folders of labels\)"
        ):
            load_data_set(str(tmp_path), "train")
        training, test = both(tmp_path, labelled=False)
        assert len(training) + len(test) == 10
        draw(tmp_path / "new", 4, seed=2)
        assert load_data_set(str(tmp_path), "train").notes == (
            "Left out: 6 images beside the folders of labels.",
        )

    def test_litter_is_passed_over(self, tmp_path: Path) -> None:
        folder = draw_labels(tmp_path, ("bar", "disc"))
        for place in (folder, folder / "bar"):
            for name in (".DS_Store", "Thumbs.db", "desktop.ini", "._000.png"):
                (place / name).write_bytes(b"x")
            (place / "__MACOSX" / "bar").mkdir(parents=True)
            (place / "__MACOSX" / "bar" / "._000.png").write_bytes(b"x")
        training, test = both(folder)
        assert (len(training) + len(test), training.notes) == (24, ())

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
    def test_a_named_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        folder = draw_labels(tmp_path, ("bar", "disc"))
        os.mkfifo(folder / "bar" / "pipe.png")
        os.mkfifo(folder / "disc" / "manifest.json")
        assert load_data_set(str(folder), "train").notes == (
            "Left out: 1 image that is no regular file, 1 file that is not named like an image.",
        )

    def test_the_programs_own_output_is_left_out(
        self, tmp_path: Path, save_small_bundle: Callable[[Path], Path]
    ) -> None:
        folder = draw_labels(tmp_path, ("bar", "disc"))
        before = [data.checksum for data in both(folder)]
        save_small_bundle(folder / "bundle-of-mine")
        draw(folder / "bundle-of-mine" / "figures", 3)
        draw(folder / "report", 3)
        (folder / "report" / "report.md").write_text("# Latent space of mine\n")
        (folder / "run" / "pictures").mkdir(parents=True)
        (folder / "run" / "run.json").write_text("{}")
        training, test = both(folder)
        assert training.label_names == ("bar", "disc")
        assert training.notes == ("Left out: 3 folders of LSD Studio's own output.",)
        assert [training.checksum, test.checksum] == before

    def test_an_empty_file(self, tmp_path: Path) -> None:
        folder = draw_labels(tmp_path, ("bar", "disc"))
        (folder / "bar" / "000.png").write_bytes(b"")
        with pytest.raises(StudioError, match=r"000\.png is empty \(0 bytes\)"):
            load_data_set(str(folder), "train")


class TestNames:
    @pytest.mark.parametrize("label", ["a, b", "x:y", "[red]", "100 %", "$5$", ":smile:", "<b>"])
    def test_signs_are_text(self, tmp_path: Path, label: str) -> None:
        folder = draw_labels(tmp_path, (label, "plain"))
        assert label in load_data_set(str(folder), "train").label_names

    def test_one_form_of_unicode(self, tmp_path: Path) -> None:
        composed, decomposed = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
        draw_labels(tmp_path / "train", (composed, "tea"))
        draw_labels(tmp_path / "test", (decomposed, "tea"))
        training, test = both(tmp_path)
        assert training.label_names == test.label_names == (composed, "tea")

    @pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX systems only")
    def test_bytes_that_are_no_utf8(self, tmp_path: Path) -> None:
        try:
            root = Path(os.fsdecode(os.fsencode(tmp_path) + b"/donn\xe9es"))
            root.mkdir()
        except OSError:
            pytest.skip("this file system takes UTF-8 only")
        for label in (b"caf\xe9", b"tea"):
            draw(root / os.fsdecode(label), 4, seed=len(label))
        draw(root / "tea", 1)[0].rename(root / "tea" / os.fsdecode(b"\xff.png"))
        training = load_data_set(str(root), "train")
        assert training.label_names == ("café", "tea")
        training.name.encode("utf-8")
        again = load_data_set(training.name, "train")
        assert again.checksum == training.checksum
        assert path_named(text_of_path(root)) == root
        assert readable(training.name).endswith("données")
        (root / os.fsdecode(b"caf\xe9") / "empty.png").touch()
        with pytest.raises(StudioError, match=r"données/café/empty\.png is empty"):
            load_data_set(training.name, "train")


def test_labels_are_matched_by_name() -> None:
    images = np.zeros((4, 1, SIDE, SIDE), np.uint8)
    data = LabelledImages("d", images, np.array([0, 1, 1, 0]), ("disc", "bar"), "0" * 64, "test")
    of = TrainedOn("shapes", "1" * 64, (1, SIDE, SIDE), ("bar", "dash", "disc"))
    fitted = fit_images(data, of)
    assert fitted.label_names == of.label_names
    assert fitted.labels.tolist() == [2, 0, 0, 2]
    assert fitted.notes == ("d has no images of dash.",)
    same = replace(data, label_names=of.label_names)
    assert fit_images(same, of) is same
    other = replace(data, label_names=("disc", "slash"))
    assert fit_images(other, of, any_labels=True) is other
    with pytest.raises(
        StudioError,
        match="d has the labels disc, slash, and the networks know bar, dash, disc: please choose a data set without "
        "slash",
    ):
        fit_images(other, of)
    with pytest.raises(
        StudioError, match="images of 8×8 pixels in 1 channel, and the networks take 8×8 pixels in 3"
    ):
        fit_images(data, replace(of, image_shape=(3, SIDE, SIDE)))


class TestOtherLabels:
    """A bundle of left and right meets images of up and down, or of left and right in another order."""

    @pytest.fixture
    def bundle(self, tmp_path: Path, save_small_bundle: Callable[[Path], Path]) -> Path:
        return save_small_bundle(tmp_path / "bundle")

    @pytest.fixture
    def others(self, tmp_path: Path) -> Path:
        return draw_labels(tmp_path / "others", ("down", "up"))

    @pytest.mark.parametrize(
        "command",
        [
            ["evaluate", "BUNDLE", "--data", "OTHERS"],
            ["denoise", "BUNDLE", "--data", "OTHERS"],
            ["figures", "BUNDLE", "--data", "OTHERS", "--out", "OUT"],
        ],
    )
    def test_refused_by_name_on_the_command_line(
        self,
        bundle: Path,
        others: Path,
        tmp_path: Path,
        command: list[str],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        places = {"BUNDLE": str(bundle), "OTHERS": str(others), "OUT": str(tmp_path / "out")}
        assert main([places.get(word, word) for word in command]) == 2
        assert "has the labels down, up, and the networks know left, right" in capsys.readouterr().err

    def test_refused_by_name_in_the_window_too(self, bundle: Path, others: Path) -> None:
        with Engine() as engine:
            engine.bundles.open(bundle).result()
            with pytest.raises(StudioError, match="the networks know left, right"):
                engine.bundles.test_images(str(others)).result()
            with pytest.raises(StudioError, match="the networks know left, right"):
                engine.evaluate.measure(str(others), whole=False).result()


class TestARunWhoseImagesChanged:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return draw_labels(tmp_path / "shapes", {"bar": 40, "disc": 3})

    def open(self, folder: Path, run: Path, *, resume: bool) -> RunManifest:
        plan = plan_training(
            TrainingSettings(run=run, data=str(folder), overrides=("latent_dimensions=4",), resume=resume)
        )
        data = planned_images(plan)
        return open_run(plan, run, data, len(data))

    def test_it_is_resumed_with_the_reading_that_it_began_with(self, folder: Path) -> None:
        run = folder / "run"
        first = self.open(folder, run, resume=False)
        assert first.data.reading is not None
        place = min(
            (folder / "disc").iterdir(), key=lambda file: place_of(sha256(file.read_bytes()).hexdigest())
        )
        assert place_of(sha256(place.read_bytes()).hexdigest()) < first.data.reading.test_below["disc"]
        place.unlink()  # the one test image of its label: another would take its place if bounds were found anew
        assert self.open(folder, run, resume=True).data == first.data

    def test_that_they_changed_is_said(self, folder: Path, tmp_path: Path) -> None:
        run = tmp_path / "run"
        self.open(folder, run, resume=False)
        draw(folder / "bar" / "more", 20, seed=5)
        with pytest.raises(
            StudioError, match=r"The training images of .*shapes have changed since .*run was started"
        ):
            self.open(folder, run, resume=True)

    def test_a_run_of_old_is_resumed_by_position(self, folder: Path, tmp_path: Path) -> None:
        run = tmp_path / "run"
        self.open(folder, run, resume=False)
        old = load_data_set(str(folder), "train", reading=POSITIONAL)
        kept = json.loads((run / "run.json").read_text())
        del kept["data"]["reading"]
        kept["data"]["checksum"] = old.checksum
        (run / "run.json").write_text(json.dumps(kept))
        known = self.open(folder, run, resume=True)
        assert (known.data.checksum, known.data.reading) == (old.checksum, None)
