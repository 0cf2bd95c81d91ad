"""Data sets: the real MNIST that ships, real files of the published formats, a real server, folders of real images."""

import functools
import gzip
import hashlib
import http.server
import io
import itertools
import pickle
import struct
import tarfile
import threading
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lsd_studio.engine.datasets import LabelledImages, hold_out, load_data_set, scale_pixels
from lsd_studio.engine.datasets.downloads import PublishedFile, fetch
from lsd_studio.engine.datasets.folder_reading import POSITIONAL
from lsd_studio.engine.datasets.idx_format import read_idx
from lsd_studio.engine.datasets.mnist import SHA256, checked_content
from lsd_studio.engine.datasets.published_sets import read_cifar10, read_emnist, read_idx_folder
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.platform.resources import resource


@pytest.fixture(scope="module")
def mnist_test():
    return load_data_set("mnist", "test")


def idx(array):
    """An unsigned byte array as the bytes of a gzipped IDX file."""
    header = bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(header + array.astype(np.uint8).tobytes())


class TestMnist:
    def test_both_splits(self, mnist_test):
        training = load_data_set("mnist", "train")
        assert (len(training), len(mnist_test)) == (60_000, 10_000)
        for data in (training, mnist_test):
            assert data.image_shape == (1, 28, 28)
            assert data.number_of_labels == 10
            assert data.label_names == tuple("0123456789")
            assert data.images.dtype == np.uint8
            assert set(np.unique(data.labels)) == set(range(10))
        assert training.labels[:8].tolist() == [5, 0, 4, 1, 9, 2, 1, 3]
        assert mnist_test.labels[:8].tolist() == [7, 2, 1, 0, 4, 1, 4, 9]
        assert training.checksum != mnist_test.checksum
        assert training.images.flags.writeable

    def test_the_licence_is_beside_the_files(self):
        notice = resource("data", "mnist", "NOTICE").read_text(encoding="utf-8")
        for words in ("Yann LeCun", "Corinna Cortes", "CC BY-SA 3.0"):
            assert words in notice

    def test_one_changed_byte_is_noticed(self, tmp_path):
        name = "t10k-labels-idx1-ubyte.gz"
        content = bytearray(resource("data", "mnist", name).read_bytes())
        content[100] ^= 1
        (tmp_path / name).write_bytes(content)
        with pytest.raises(StudioError, match=r"t10k-labels-idx1-ubyte\.gz is damaged \(SHA-256\)"):
            checked_content(tmp_path / name, SHA256[name])

    def test_a_resource_that_is_missing(self):
        with pytest.raises(StudioError, match=r"data/nothing is missing from this installation"):
            resource("data", "nothing")


class TestLabelledImages:
    def test_take(self, mnist_test):
        some = mnist_test.take([3, 1])
        assert some.labels.tolist() == [0, 2]
        assert np.array_equal(some.images, mnist_test.images[[3, 1]])
        assert len(mnist_test.take(mnist_test.labels == 7)) == 1028

    def test_arrays_that_do_not_fit(self, mnist_test):
        with pytest.raises(ValueError, match="images must be uint8"):
            LabelledImages(
                "x", mnist_test.images[:, 0], mnist_test.labels, mnist_test.label_names, "", "test"
            )
        with pytest.raises(ValueError, match="labels must be int64"):
            LabelledImages("x", mnist_test.images, mnist_test.labels[:5], mnist_test.label_names, "", "test")
        with pytest.raises(ValueError, match="labels must be 0…8"):
            LabelledImages("x", mnist_test.images, mnist_test.labels, tuple("abcdefghi"), "", "test")

    def test_scale_pixels(self):
        scaled = scale_pixels(np.array([0, 51, 255], np.uint8))
        assert scaled.dtype == np.float32
        assert scaled == pytest.approx([-1, -0.6, 1])


class TestHoldOut:
    def test_mnist_keeps_the_last_ten_thousand(self):
        training = load_data_set("mnist", "train")
        rest, held = hold_out(training)
        assert (len(rest), len(held)) == (50_000, 10_000)
        assert np.array_equal(held.images, training.images[50_000:])

    @given(total=st.integers(2, 400), data=st.data())
    def test_parts_make_the_whole(self, mnist_test, total, data):
        training = as_training(mnist_test, total)
        count = data.draw(st.none() | st.integers(1, total - 1))
        rest, held = hold_out(training, count)
        assert len(held) == (max(1, total // 6) if count is None else count)
        assert np.array_equal(np.concatenate([rest.images, held.images]), training.images)
        assert np.array_equal(np.concatenate([rest.labels, held.labels]), training.labels)

    @pytest.mark.parametrize("count", [0, -1, 20, 21])
    def test_no_part_is_empty(self, mnist_test, count):
        with pytest.raises(StudioError, match=f"{count} of 20 training images cannot be held out"):
            hold_out(as_training(mnist_test, 20), count)

    def test_test_images_are_never_used_for_choices(self, mnist_test):
        with pytest.raises(StudioError, match="not the test split"):
            hold_out(mnist_test)


def as_training(data, count):
    return LabelledImages(data.name, data.images[:count], data.labels[:count], data.label_names, "", "train")


class TestIdxFormat:
    @given(st.lists(st.integers(0, 5), min_size=1, max_size=4), st.booleans())
    def test_round_trip(self, shape, compressed):
        array = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
        content = idx(array)
        assert np.array_equal(read_idx(content if compressed else gzip.decompress(content), "x"), array)

    @pytest.mark.parametrize(
        "damage",
        [
            lambda content: b"",
            lambda content: content[:-200],
            lambda content: gzip.decompress(content)[:-1],
            lambda content: gzip.decompress(content)[:9],
            lambda content: gzip.decompress(content) + b"\0",
            lambda content: b"\0\0\x0d\x01" + gzip.decompress(content)[4:],
            lambda content: b"<html>not found</html>",
            lambda content: content[:40] + bytes(60) + content[100:],
        ],
    )
    def test_damaged(self, damage, mnist_test):
        content = idx(mnist_test.images[:20, 0])
        with pytest.raises(StudioError, match=r"digits\.gz is damaged or is no IDX file"):
            read_idx(damage(content), "digits.gz")


class TestIdxFolder:
    """The four files of Fashion-MNIST and KMNIST are named and made as MNIST's are."""

    def test_a_folder_as_debian_installs_it(self, mnist_test, tmp_path):
        (tmp_path / "t10k-images-idx3-ubyte.gz").write_bytes(idx(mnist_test.images[:50, 0]))
        (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(idx(mnist_test.labels[:50]))
        data = read_idx_folder(tmp_path, "fashion-mnist", "test", tuple("abcdefghij"))
        assert np.array_equal(data.images, mnist_test.images[:50])
        assert data.labels.tolist() == mnist_test.labels[:50].tolist()
        assert (data.name, data.split, data.label_names[9]) == ("fashion-mnist", "test", "j")

    def test_files_that_are_missing_or_do_not_belong_together(self, mnist_test, tmp_path):
        images, labels = tmp_path / "train-images-idx3-ubyte.gz", tmp_path / "train-labels-idx1-ubyte.gz"
        images.write_bytes(idx(mnist_test.images[:50, 0]))
        with pytest.raises(StudioError, match=r"train-labels-idx1-ubyte\.gz cannot be read \(No such file"):
            read_idx_folder(tmp_path, "kmnist", "train", tuple("0123456789"))
        for wrong in (mnist_test.labels[:49], mnist_test.labels[:50] + 4):
            labels.write_bytes(idx(wrong))
            with pytest.raises(
                StudioError, match=r"do not belong together: expected images \[N, H, W\] and N labels"
            ):
                read_idx_folder(tmp_path, "kmnist", "train", tuple("0123456789"))


class TestEmnist:
    @pytest.fixture
    def archive(self, mnist_test, tmp_path):
        """EMNIST's archive: transposed images; letters count from 1."""
        path = tmp_path / "gzip.zip"
        images = mnist_test.images[:30, 0].swapaxes(1, 2)
        with zipfile.ZipFile(path, "w") as opened:
            for part, first in (("balanced", 0), ("letters", 1)):
                prefix = f"gzip/emnist-{part}-train"
                opened.writestr(f"{prefix}-images-idx3-ubyte.gz", idx(images))
                opened.writestr(f"{prefix}-labels-idx1-ubyte.gz", idx(mnist_test.labels[:30] + first))
        return path

    @pytest.mark.parametrize(("part", "names"), [("balanced", "abcdefghij"), ("letters", "?abcdefghij")])
    def test_images_stand_upright_and_labels_count_from_zero(self, archive, mnist_test, part, names):
        data = read_emnist(archive, part, "train", tuple(names))
        assert np.array_equal(data.images, mnist_test.images[:30])
        assert data.labels.tolist() == mnist_test.labels[:30].tolist()
        assert data.label_names == tuple("abcdefghij")

    def test_damaged(self, archive):
        with pytest.raises(StudioError, match=r"gzip\.zip is damaged"):
            read_emnist(archive, "digits", "train", tuple("0123456789"))
        archive.write_bytes(archive.read_bytes()[:1000])
        with pytest.raises(StudioError, match=r"gzip\.zip is damaged: please delete it, and try again"):
            read_emnist(archive, "balanced", "train", tuple("0123456789"))


class TestCifar10:
    NAMES = ("airplane", "automobile", "bird")

    def write(self, path, batches):
        with tarfile.open(path, "w:gz") as archive:
            for name, content in {"batches.meta.txt": "\n".join(self.NAMES).encode(), **batches}.items():
                entry = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
        return path

    def test_both_splits(self, tmp_path):
        generator = np.random.default_rng(2)
        images = generator.integers(0, 256, (6, 2, 3, 32, 32), dtype=np.uint8)
        labels = generator.integers(0, 3, (6, 2), dtype=np.uint8)
        names = [*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin"]
        batches = {
            name: np.hstack([labels[place][:, None], images[place].reshape(2, -1)]).tobytes()
            for place, name in enumerate(names)
        }
        archive = self.write(tmp_path / "cifar.tar.gz", batches)
        training, test = (read_cifar10(archive, split) for split in ("train", "test"))
        assert np.array_equal(training.images, images[:5].reshape(10, 3, 32, 32))
        assert np.array_equal(test.labels, labels[5])
        assert training.label_names == self.NAMES
        assert training.image_shape == (3, 32, 32)

    @pytest.mark.parametrize("batches", [{}, {"test_batch.bin": b"1234"}, {"test_batch.bin": b"\x09" * 3073}])
    def test_damaged(self, tmp_path, batches):
        with pytest.raises(StudioError, match=r"cifar\.tar\.gz is damaged"):
            read_cifar10(self.write(tmp_path / "cifar.tar.gz", batches), "test")

    def test_a_pickle_is_not_even_opened(self, tmp_path):
        path = tmp_path / "cifar.tar.gz"
        path.write_bytes(pickle.dumps({"data": 1}))
        with pytest.raises(StudioError, match="is damaged"):
            read_cifar10(path, "test")


class TestDownloads:
    CONTENT = bytes(range(256)) * 4000

    @pytest.fixture
    def address(self, tmp_path):
        """A real server on this machine with one file."""
        served = tmp_path / "served"
        served.mkdir()
        (served / "digits.gz").write_bytes(self.CONTENT)

        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *arguments):
                pass

        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Handler, directory=served)
        )
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/digits.gz"
        server.shutdown()
        thread.join()
        server.server_close()

    def published(self, *addresses):
        return PublishedFile("digits.gz", addresses, hashlib.md5(self.CONTENT).hexdigest())

    def test_downloaded_once_with_progress(self, address, tmp_path):
        heard = []
        cache = tmp_path / "cache"
        path = fetch(self.published(f"{address}-gone", address), cache, lambda *told: heard.append(told))
        assert path.read_bytes() == self.CONTENT
        shares = [share for _, share in heard]
        assert shares == sorted(shares)
        assert shares[-1] == 1
        assert heard[0][0] == "Downloading digits.gz"
        assert [entry.name for entry in cache.iterdir()] == ["digits.gz"]
        assert fetch(self.published("http://127.0.0.1:9/nothing"), cache, None) == path

    def test_no_connection(self, tmp_path):
        with pytest.raises(
            StudioError,
            match=r"could not be downloaded \(http://127\.0\.0\.1:9/digits\.gz: connection refused\): please check the "
            "connection and try again",
        ):
            fetch(self.published("http://127.0.0.1:9/digits.gz"), tmp_path / "cache", None)
        assert list((tmp_path / "cache").iterdir()) == []

    def test_what_the_server_says_is_told_by_its_number(self, address, tmp_path):
        with pytest.raises(StudioError, match=r"digits\.gz-gone: the server answers 404\): please check"):
            fetch(self.published(f"{address}-gone"), tmp_path / "cache", None)

    def test_a_server_that_is_not_there(self, tmp_path):
        with pytest.raises(
            StudioError, match=r"\(http://nowhere\.invalid/digits\.gz: no such server is found\)"
        ):
            fetch(self.published("http://nowhere.invalid/digits.gz"), tmp_path / "cache", None)

    def test_another_file_came(self, address, tmp_path):
        wrong = PublishedFile("digits.gz", (address,), "0" * 32)
        with pytest.raises(StudioError, match=r"what came is not the published file \(MD5\)"):
            fetch(wrong, tmp_path / "cache", None)
        assert list((tmp_path / "cache").iterdir()) == []

    def test_a_damaged_copy(self, address, tmp_path):
        (tmp_path / "digits.gz").write_bytes(b"half a")
        with pytest.raises(StudioError, match=r"digits\.gz is damaged \(MD5\): please delete it"):
            fetch(self.published(address), tmp_path, None)

    def test_stopped_in_the_middle(self, address, tmp_path):
        def stop(what, share):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            fetch(self.published(address), tmp_path / "cache", stop)
        assert list((tmp_path / "cache").iterdir()) == []


class TestImageFolder:
    @pytest.fixture
    def folder(self, mnist_test, tmp_path):
        """Twelve real twos and threes each, and seven tens that are ones."""
        for name, digit, count in (("2", 2, 12), ("10", 1, 7), ("3", 3, 12)):
            self.write(tmp_path / "digits" / name, mnist_test.images[mnist_test.labels == digit, 0][:count])
        return tmp_path / "digits"

    def write(self, label, images, suffix="png"):
        label.mkdir(parents=True)
        for place, image in enumerate(images):
            Image.fromarray(image).save(label / f"{place}.{suffix}")

    def test_each_label_has_images_for_training_and_for_testing(self, folder, mnist_test):
        training, test = (load_data_set(str(folder), split) for split in ("train", "test"))
        assert training.label_names == ("2", "3", "10")
        assert training.image_shape == (1, 28, 28)
        both = np.bincount(training.labels) + np.bincount(test.labels)
        assert both.tolist() == [12, 12, 7]
        assert 1 <= np.bincount(test.labels).min() <= np.bincount(test.labels).max() < 6
        twos = mnist_test.images[mnist_test.labels == 2][:12]
        read = np.concatenate([part.images[part.labels == 0] for part in (training, test)])
        assert {image.tobytes() for image in read} == {image.tobytes() for image in twos}

    def test_a_folder_of_old_is_split_by_position(self, folder, mnist_test):
        training, test = (
            load_data_set(str(folder), split, reading=POSITIONAL) for split in ("train", "test")
        )
        assert np.bincount(training.labels).tolist() == [10, 10, 6]
        assert np.bincount(test.labels).tolist() == [2, 2, 1]
        twos = mnist_test.images[mnist_test.labels == 2]
        assert np.array_equal(test.images[test.labels == 0], twos[[5, 11]])
        assert np.array_equal(training.images[training.labels == 0], twos[[0, 1, 2, 3, 4, 6, 7, 8, 9, 10]])
        test_files = [("10", 5), ("2", 5), ("3", 5), ("2", 11), ("3", 11)]
        of_test = sorted(test_files, key=lambda file: (file[1] == 11, int(file[0])))
        contents = [(folder / label / f"{place}.png").read_bytes() for label, place in of_test]
        assert test.checksum in {
            hashlib.sha256(b"".join(order)).hexdigest() for order in itertools.permutations(contents)
        }
        assert (training.split, test.split) == ("train", "test")
        assert training.checksum != test.checksum

    def test_the_same_at_every_reading(self, folder):
        first, second = (load_data_set(str(folder), "train") for _ in range(2))
        assert np.array_equal(first.images, second.images)
        assert first.checksum == second.checksum
        (folder / "2" / "0.png").write_bytes((folder / "3" / "0.png").read_bytes())
        assert load_data_set(str(folder), "train").checksum != first.checksum

    def test_what_is_held_out_shows_every_label(self, folder):
        _, held = hold_out(load_data_set(str(folder), "train"))
        assert set(held.labels) == {0, 1, 2}

    def test_folders_train_and_test(self, mnist_test, tmp_path):
        for split, places in (("train", slice(0, 5)), ("test", slice(5, 7))):
            for name, digit in (("zero", 0), ("one", 1)):
                self.write(tmp_path / split / name, mnist_test.images[mnist_test.labels == digit, 0][places])
        training, test = (load_data_set(str(tmp_path), split) for split in ("train", "test"))
        assert (len(training), len(test)) == (10, 4)
        assert training.label_names == test.label_names == ("one", "zero")
        self.write(tmp_path / "test" / "two", mnist_test.images[:1, 0])
        with pytest.raises(StudioError, match="The label two is in only one of"):
            load_data_set(str(tmp_path), "train")

    def test_most_images_decide_between_grey_and_colour(self, tmp_path):
        colour = np.random.default_rng(3).integers(0, 256, (4, 9, 13, 3), dtype=np.uint8)
        self.write(tmp_path / "a", colour)
        self.write(tmp_path / "b", colour[:3, ..., 0])
        data = load_data_set(str(tmp_path), "train")
        assert data.image_shape == (3, 9, 13)
        of_a = {image.tobytes() for image in data.images[data.labels == 0]}
        assert of_a <= {image.tobytes() for image in colour.transpose(0, 3, 1, 2)}
        assert (data.images[data.labels == 1] == data.images[data.labels == 1][:, :1]).all()

    def test_progress_and_files_that_are_passed_over(self, folder):
        (folder / ".DS_Store").write_bytes(b"x")
        (folder / "2" / ".hidden.png").write_bytes(b"x")
        (folder / "2" / "notes.txt").write_text("twos")
        heard = []
        test = load_data_set(str(folder), "test", lambda *told: heard.append(told))
        assert heard[30] == ("Looking at digits", 1.0)
        assert heard[-1] == ("Reading images of digits", 1.0)
        assert len(heard) == 31 + len(test)
        assert test.notes == ("Left out: 1 file that is not named like an image.",)

    def test_unequal_sizes_name_both_files(self, folder):
        Image.new("L", (30, 20)).save(folder / "3" / "4.png")
        with pytest.raises(
            StudioError, match=r"4\.png has 30×20 pixels and .*2.0\.png has 28×28: please choose how"
        ):
            load_data_set(str(folder), "train")

    def test_an_image_that_is_none(self, folder):
        (folder / "3" / "4.png").write_bytes(b"a three")
        with pytest.raises(StudioError, match=r"4\.png is no image of a known kind"):
            load_data_set(str(folder), "train")

    def test_empty_or_one_label(self, folder, mnist_test, tmp_path):
        (tmp_path / "empty").mkdir()
        with pytest.raises(
            StudioError, match=r"empty needs a sub-folder .* at least two labels, found none;"
        ):
            load_data_set(str(tmp_path / "empty"), "train")
        self.write(tmp_path / "alone" / "seven", mnist_test.images[:3, 0])
        with pytest.raises(StudioError, match="at least two labels, found only seven"):
            load_data_set(str(tmp_path / "alone"), "train")
        (folder / "4").mkdir()
        with pytest.raises(StudioError, match="4 holds no image: please add images or remove"):
            load_data_set(str(folder), "train")
        self.write(folder / "5", mnist_test.images[:1, 0])
        (folder / "4").rmdir()
        with pytest.raises(
            StudioError, match="5 holds one image, or copies of one: at least two different ones are"
        ):
            load_data_set(str(folder), "train")

    @pytest.mark.parametrize("place", [".", "all"])
    def test_images_without_labels_where_none_are_needed(self, mnist_test, tmp_path, place):
        self.write(tmp_path / "plain" / place, mnist_test.images[:12, 0])
        with pytest.raises(StudioError, match="autoencoders can be trained on them"):
            load_data_set(str(tmp_path / "plain"), "train")
        training, test = (
            load_data_set(str(tmp_path / "plain"), split, labelled=False) for split in ("train", "test")
        )
        assert len(training) + len(test) == 12
        assert training.label_names == (("unlabelled",) if place == "." else ("all",))

    def test_folders_train_and_test_without_labels(self, mnist_test, tmp_path):
        for split, images in (("train", mnist_test.images[:5, 0]), ("test", mnist_test.images[5:7, 0])):
            self.write(tmp_path / "plain" / split, images)
        assert len(load_data_set(str(tmp_path / "plain"), "test", labelled=False)) == 2
        (tmp_path / "empty").mkdir()
        with pytest.raises(StudioError, match="empty holds no image: please add some"):
            load_data_set(str(tmp_path / "empty"), "train", labelled=False)

    def test_links(self, folder, mnist_test, tmp_path):
        self.write(tmp_path / "elsewhere", mnist_test.images[:3, 0])

        def found():
            parts = [load_data_set(str(folder), split) for split in ("train", "test")]
            return sum(map(len, parts)), parts[0].notes

        (folder / "2" / "inside.png").symlink_to(folder / "2" / "0.png")
        assert found() == (32, ())
        (folder / "2" / "outside.png").symlink_to(tmp_path / "elsewhere" / "0.png")
        (folder / "9").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
        assert found() == (32, ("Left out: 2 links out of the folder.",))
        (folder / "2" / "itself.png").symlink_to(folder / "2" / "itself.png")
        (folder / "2" / "gone.png").symlink_to(folder / "2" / "nothing.png")
        (folder / "3" / "above").symlink_to(folder, target_is_directory=True)
        assert found() == (
            32,
            ("Left out: 3 links that lead nowhere, 2 links out of the folder.",),
        )


class TestUnknownSource:
    @pytest.mark.parametrize(("source", "advice"), [("MNISTT", "mnist"), ("fashion_mnist", "fashion-mnist")])
    def test_the_nearest_name_is_offered(self, source, advice):
        with pytest.raises(StudioError, match=rf"no folder named {source}: did you mean {advice}\?"):
            load_data_set(source, "train")

    def test_all_names_are_offered(self, tmp_path):
        with pytest.raises(
            StudioError, match=r"a folder of images, a file .* or one of mnist, fashion-mnist, kmnist"
        ):
            load_data_set(str(tmp_path / "zzzz"), "train")
