"""Pictures and drawings made such as the networks were trained on, with real digits and real files."""

import contextlib
import io
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from lsd_studio.engine.datasets import load_data_set, scale_pixels
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.files import MOST_PIXELS, read_image
from lsd_studio.engine.images.preparation import prepare_drawing, prepare_image

MNIST_SHAPE = (1, 28, 28)


@pytest.fixture(scope="module")
def digits():
    """[200, 28, 28] of the test set."""
    return load_data_set("mnist", "test").images[:200, 0]


def enlarged(digit, factor=14, method=Image.Resampling.NEAREST):
    return np.asarray(Image.fromarray(digit).resize((28 * factor, 28 * factor), method))


def mean_absolute_errors(digits, prepare):
    """Mean absolute error of each prepared digit, in grey levels 0…255."""
    return np.array(
        [np.abs(prepare(digit).pixels - scale_pixels(digit)[None]).mean() * 127.5 for digit in digits]
    )


def centre_of_mass(prepared):
    ink = (prepared.pixels[0].astype(np.float64) + 1) / 2
    rows, columns = np.indices(ink.shape)
    return np.array([(ink * rows).sum(), (ink * columns).sum()]) / ink.sum()


def ink_sides(prepared):
    inked = prepared.pixels[0] > -1
    return [np.ptp(np.flatnonzero(inked.any(axis=axis))) + 1 for axis in (1, 0)]


class TestDrawing:
    def test_digits_enlarged_to_a_canvas_come_back_exactly(self, digits):
        errors = mean_absolute_errors(digits, lambda digit: prepare_drawing(enlarged(digit), MNIST_SHAPE))
        assert errors.max() == 0

    def test_digits_drawn_smoothly_come_back_nearly(self, digits):
        errors = mean_absolute_errors(
            digits, lambda digit: prepare_drawing(enlarged(digit, 14, Image.Resampling.BILINEAR), MNIST_SHAPE)
        )
        assert errors.mean() < 10

    def test_where_and_how_large_it_was_drawn_does_not_matter(self, digits):
        canvas = np.zeros((392, 500), np.uint8)
        canvas[30:254, 200:424] = enlarged(digits[0], 8)
        moved = prepare_drawing(canvas, MNIST_SHAPE)
        assert np.array_equal(moved.pixels, prepare_drawing(enlarged(digits[0]), MNIST_SHAPE).pixels)

    def test_empty(self):
        prepared = prepare_drawing(np.zeros((392, 392), np.uint8), MNIST_SHAPE)
        assert (prepared.pixels == -1).all()
        assert prepared.pixels.dtype == np.float32
        assert prepared.steps == ("empty: nothing but ground",)

    def test_a_single_tap_fills_the_box(self):
        canvas = np.zeros((392, 392), np.uint8)
        canvas[5, 380] = 255
        prepared = prepare_drawing(canvas, MNIST_SHAPE)
        assert ink_sides(prepared) == [20, 20]
        assert prepared.steps == ("scaled into a box of 20×20 pixels", "centred by mass")

    @pytest.mark.parametrize(("shape", "box"), [((3, 32, 32), 23), ((1, 56, 56), 40), ((2, 14, 21), 10)])
    def test_other_image_shapes(self, digits, shape, box):
        prepared = prepare_drawing(enlarged(digits[1]), shape)
        assert prepared.pixels.shape == shape
        assert max(ink_sides(prepared)) == box
        assert (prepared.pixels == prepared.pixels[:1]).all()

    @settings(max_examples=60, deadline=None)
    @given(
        points=st.lists(st.tuples(st.integers(0, 199), st.integers(0, 199)), min_size=2, max_size=8),
        width=st.integers(1, 24),
        side=st.sampled_from([14, 28, 32, 64]),
    )
    def test_any_stroke_is_centred_within_one_pixel_and_fits_the_box(self, points, width, side):
        image = Image.new("L", (200, 200))
        ImageDraw.Draw(image).line(points, fill=255, width=width)
        ImageDraw.Draw(image).point(points, fill=255)
        prepared = prepare_drawing(np.asarray(image), (1, side, side))
        box = round(side * 20 / 28)
        assert max(ink_sides(prepared)) <= box
        inked = prepared.pixels[0] > -1
        at_an_edge = inked[0].any() or inked[-1].any() or inked[:, 0].any() or inked[:, -1].any()
        if not at_an_edge:
            assert np.abs(centre_of_mass(prepared) - side / 2).max() <= 1


class TestPictureLikeMnist:
    def test_a_digit_of_the_data_set_is_left_as_it_is(self, digits):
        prepared = prepare_image(digits[0], MNIST_SHAPE, like_mnist=True)
        assert np.array_equal(prepared.pixels, scale_pixels(digits[0])[None])
        assert prepared.steps == ("left as it is: 28×28 pixels, bright on a dark ground already",)

    def test_dark_on_light_is_inverted(self, digits):
        bright = prepare_image(enlarged(digits[2]), MNIST_SHAPE, like_mnist=True)
        dark = prepare_image(255 - enlarged(digits[2]), MNIST_SHAPE, like_mnist=True)
        assert np.array_equal(bright.pixels, dark.pixels)
        assert "inverted: dark on light" in dark.steps
        assert "inverted: dark on light" not in bright.steps

    def test_a_photograph_of_pencil_on_grey_paper(self, digits):
        noise = np.random.default_rng(0).normal(0, 4, (1120, 1120))
        paper = np.clip(180 - enlarged(digits[3], 40) * (110 / 255) + noise, 0, 255).astype(np.uint8)
        photograph = np.stack([paper, paper, paper // 2 + 60], axis=2)
        prepared = prepare_image(photograph, MNIST_SHAPE, like_mnist=True)
        assert np.abs(prepared.pixels - scale_pixels(digits[3])).mean() * 127.5 < 8
        assert prepared.steps == (
            "reduced by 2 from 1120×1120 pixels",
            "turned colour into grey",
            "inverted: dark on light",
            "ground taken away and contrast stretched",
            "scaled into a box of 20×20 pixels",
            "centred by mass",
        )

    @pytest.mark.parametrize("pen", [2, 5, 9])
    def test_a_thin_pen_arrives_as_thick_as_people_draw(self, digits, pen):
        photo = Image.new("L", (900, 1200), 205)
        pencil = ImageDraw.Draw(photo)
        pencil.line([(300, 300), (620, 310), (430, 900)], fill=40, width=pen, joint="curve")
        grain = np.random.default_rng(0).normal(0, 4, (1200, 900))
        pixels = np.clip(np.asarray(photo) + grain, 0, 255).astype(np.uint8)
        prepared = prepare_image(pixels, MNIST_SHAPE, like_mnist=True)
        assert "thin lines made as thick as a digit's" in prepared.steps
        sevens = load_data_set("mnist", "test")
        usual = (scale_pixels(sevens.images[sevens.labels == 7][:200]) + 1).sum(axis=(1, 2, 3))
        assert np.percentile(usual, 5) < (prepared.pixels + 1).sum() < np.percentile(usual, 95)
        assert prepared.pixels.max() > 0.9

    def test_ink_on_a_transparent_ground(self, digits):
        alpha = enlarged(digits[4])
        black_ink = np.dstack([np.zeros((*alpha.shape, 3), np.uint8), alpha])
        white_ink = np.dstack([np.full((*alpha.shape, 3), 255, np.uint8), alpha])
        on_white = prepare_image(black_ink, MNIST_SHAPE, like_mnist=True)
        on_black = prepare_image(white_ink, MNIST_SHAPE, like_mnist=True)
        assert np.array_equal(on_white.pixels, on_black.pixels)
        assert on_white.steps[0] == "laid on white where transparent"
        assert on_black.steps[0] == "laid on black where transparent"

    def test_one_colour_all_over_is_empty(self):
        prepared = prepare_image(np.full((50, 70, 3), 200, np.uint8), MNIST_SHAPE, like_mnist=True)
        assert (prepared.pixels == -1).all()
        assert prepared.steps[-1] == "empty: nothing but ground"

    def test_a_thin_and_very_wide_picture(self):
        strip = np.zeros((2, 20_000), np.uint8)
        strip[0, 5_000:15_000] = 255
        prepared = prepare_image(strip, MNIST_SHAPE, like_mnist=True)
        assert prepared.pixels.shape == MNIST_SHAPE
        assert prepared.pixels.max() > -1

    @pytest.mark.parametrize(
        "pixels",
        [
            np.zeros((0, 5), np.uint8),
            np.zeros((5, 5)),
            np.zeros((5, 5, 5), np.uint8),
            np.zeros((5, 5, 1, 1), np.uint8),
        ],
    )
    def test_what_is_no_picture_is_a_mistake_of_the_caller(self, pixels):
        with pytest.raises(ValueError, match="pixels must be uint8"):
            prepare_image(pixels, MNIST_SHAPE, like_mnist=True)


class TestPictureUnlikeMnist:
    def test_the_right_size_is_left_as_it_is(self):
        pixels = np.random.default_rng(1).integers(0, 256, (32, 32, 3), dtype=np.uint8)
        prepared = prepare_image(pixels, (3, 32, 32), like_mnist=False)
        assert np.array_equal(prepared.pixels, scale_pixels(pixels).transpose(2, 0, 1))
        assert prepared.steps == ("left as it is: 32×32 pixels already",)

    def test_cut_in_the_middle_and_scaled(self):
        pixels = np.zeros((64, 128, 3), np.uint8)
        pixels[:, 32:96] = (10, 20, 30)
        prepared = prepare_image(pixels, (3, 32, 32), like_mnist=False)
        assert np.array_equal(prepared.pixels[:, 0, 0], scale_pixels(np.array([10, 20, 30], np.uint8)))
        assert np.ptp(prepared.pixels, axis=(1, 2)).max() == 0
        assert prepared.steps == ("cut to the 64×64 pixels in the middle", "scaled to 32×32 pixels")

    def test_grey_for_a_network_of_three_channels(self, digits):
        prepared = prepare_image(digits[0], (3, 28, 28), like_mnist=False)
        assert np.array_equal(prepared.pixels, np.repeat(scale_pixels(digits[0])[None], 3, axis=0))
        assert prepared.steps[0] == "repeated grey in 3 channels"


class TestReadImage:
    @pytest.fixture
    def digit(self, digits):
        return Image.fromarray(enlarged(digits[0], 4))

    @pytest.mark.parametrize("suffix", ["png", "bmp", "gif", "tiff", "webp", "pgm"])
    def test_lossless_kinds(self, digit, tmp_path, suffix):
        path = tmp_path / f"digit.{suffix}"
        digit.save(path, **({"lossless": True} if suffix == "webp" else {}))
        pixels = read_image(path).pixels
        grey = pixels if pixels.ndim == 2 else pixels[..., 0]
        assert np.abs(grey.astype(int) - np.asarray(digit)).max() <= 1
        assert np.array_equal(read_image(path.read_bytes()).pixels, pixels)

    def test_cmyk(self, digit, tmp_path):
        path = tmp_path / "digit.jpg"
        digit.convert("RGB").convert("CMYK").save(path, quality=95)
        picture = read_image(path)
        assert picture.pixels.shape == (112, 112, 3)
        assert picture.steps == ("turned CMYK into RGB",)
        assert np.abs(picture.pixels[..., 0].astype(int) - np.asarray(digit)).mean() < 3

    @pytest.mark.parametrize("suffix", ["png", "tiff"])
    def test_sixteen_bits(self, digit, tmp_path, suffix):
        path = tmp_path / f"digit.{suffix}"
        Image.fromarray(np.asarray(digit).astype(np.uint16) * 257).save(path)
        picture = read_image(path)
        assert np.array_equal(picture.pixels, np.asarray(digit))
        assert picture.steps == ("turned 16 bits into 8",)

    def test_twelve_bits_stored_in_sixteen_are_as_bright(self, digit, tmp_path):
        path = tmp_path / "digit.png"
        Image.fromarray(np.asarray(digit).astype(np.uint16) * 16 + 15).save(path)
        picture = read_image(path)
        assert np.abs(picture.pixels.astype(int) - np.asarray(digit)).max() <= 1
        assert picture.steps == ("turned 12 bits into 8",)

    def test_floats(self, digit, tmp_path):
        path = tmp_path / "digit.tiff"
        Image.fromarray(np.asarray(digit).astype(np.float32) / 255 - 0.5).save(path)
        picture = read_image(path)
        assert np.array_equal(picture.pixels, np.asarray(digit))
        assert picture.steps == ("turned values -0.5…0.5 into 8 bits",)

    def test_one_bit(self, digit, tmp_path):
        path = tmp_path / "digit.png"
        digit.convert("1", dither=Image.Dither.NONE).save(path)
        assert np.array_equal(read_image(path).pixels, np.where(np.asarray(digit) > 127, 255, 0))

    def test_palettes_in_colour_and_grey(self, digit, tmp_path):
        red = Image.merge("RGB", [digit, Image.new("L", digit.size), Image.new("L", digit.size)])
        for name, image, shape in [
            ("red.png", red, (112, 112, 3)),
            ("grey.png", digit.convert("RGB"), (112, 112)),
        ]:
            image.quantize(200).save(tmp_path / name)
            picture = read_image(tmp_path / name)
            assert picture.pixels.shape == shape
            assert picture.steps == ("resolved the palette",)

    def test_opacity_in_channel_and_palette(self, digit, tmp_path):
        Image.merge("LA", [digit, digit]).save(tmp_path / "channel.png")
        assert read_image(tmp_path / "channel.png").pixels.shape == (112, 112, 2)
        digit.convert("P").save(tmp_path / "palette.png", transparency=0)
        pixels = read_image(tmp_path / "palette.png").pixels
        assert pixels.shape == (112, 112, 2)
        assert pixels[0, 0, 1] == 0

    @pytest.mark.parametrize("suffix", ["gif", "png", "webp"])
    def test_an_animation_gives_its_first_frame_and_says_so(self, digit, tmp_path, suffix):
        path = tmp_path / f"digits.{suffix}"
        second = Image.fromarray(255 - np.asarray(digit))
        digit.convert("RGB").save(path, save_all=True, append_images=[second.convert("RGB")])
        picture = read_image(path)
        assert picture.steps[0] == "took the first frame of several"
        prepared = prepare_image(picture, MNIST_SHAPE, like_mnist=True)
        assert prepared.steps[0] == "took the first frame of several"
        assert "inverted: dark on light" not in prepared.steps

    def test_the_turn_that_a_camera_noted(self, tmp_path):
        path = tmp_path / "turned.png"
        exif = Image.Exif()
        exif[0x0112] = 6  # turn by 90° clockwise to see it upright
        image = np.zeros((20, 30), np.uint8)
        image[:, :5] = 255
        Image.fromarray(image).save(path, exif=exif)
        picture = read_image(path)
        assert picture.pixels.shape == (30, 20)
        assert (picture.pixels[:5] == 255).all()
        assert picture.steps == ("turned upright as the camera noted",)


class TestBadPictures:
    def test_twenty_thousand_pixels_are_handled_or_refused_without_a_warning(self, tmp_path):
        long = tmp_path / "long.png"
        Image.new("L", (20_000, 4_000), 255).save(long)
        square = tmp_path / "square.png"
        Image.new("1", (20_000, 20_000)).save(square)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert read_image(long).pixels.shape == (4_000, 20_000)
            with pytest.raises(
                StudioError, match=r"20000×20000 pixels, more than 100 million: please scale it down"
            ):
                read_image(square)
        assert MOST_PIXELS == 100_000_000

    @pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1)])
    def test_too_small(self, tmp_path, size):
        path = tmp_path / "dot.png"
        Image.new("L", size).save(path)
        with pytest.raises(StudioError, match=rf"dot\.png has {size[0]}×{size[1]} pixels, too few"):
            read_image(path)

    @pytest.mark.parametrize("content", [b"seven", b"%PDF-1.7\n", b"%!PS-Adobe-3.0 EPSF-3.0\n"])
    def test_no_image(self, tmp_path, content):
        path = tmp_path / "seven.png"
        path.write_bytes(content)
        with pytest.raises(StudioError, match=r"seven\.png is no image of a known kind: please use PNG"):
            read_image(path)
        with pytest.raises(StudioError, match=r"The picture is no image of a known kind"):
            read_image(content)

    def test_empty(self, tmp_path):
        path = tmp_path / "seven.png"
        path.write_bytes(b"")
        with pytest.raises(StudioError, match=r"seven\.png is empty \(0 bytes\)"):
            read_image(path)
        with pytest.raises(StudioError, match=r"The picture is empty"):
            read_image(b"")

    @pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "tiff", "webp"])
    def test_cut_short(self, digits, tmp_path, suffix):
        path = tmp_path / f"digit.{suffix}"
        Image.fromarray(enlarged(digits[0])).convert("RGB").save(path)
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
        with pytest.raises(StudioError, match=r"damaged|no image"):
            read_image(path)

    @settings(max_examples=60, deadline=None)
    @given(data=st.data(), suffix=st.sampled_from(["PNG", "GIF", "TIFF", "BMP"]))
    def test_damaged_bytes_are_read_or_refused_and_nothing_else(self, data, suffix):
        buffer = io.BytesIO()
        Image.fromarray(np.arange(600, dtype=np.uint16).astype(np.uint8).reshape(20, 30)).save(buffer, suffix)
        content = bytearray(buffer.getvalue())
        for _ in range(data.draw(st.integers(1, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with contextlib.suppress(StudioError):
                assert read_image(bytes(content)).pixels.dtype == np.uint8

    def test_no_file(self, tmp_path):
        for path in (tmp_path / "missing.png", tmp_path):
            with pytest.raises(StudioError, match="does not exist or is no file"):
                read_image(path)


def test_a_damaged_image_is_one_sentence_without_the_words_of_a_library(tmp_path):
    file = tmp_path / "cut.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32), np.uint8)).save(file)
    file.write_bytes(file.read_bytes()[:200])

    with pytest.raises(StudioError) as refused:
        read_image(file)

    assert str(refused.value) == f"{file} is damaged and cannot be read: please use an intact copy."
