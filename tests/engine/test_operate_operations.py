"""Operators as operations: paths under the hand, curves, measures, fits, and what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lsd_studio.engine.api import Engine
from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.datasets import load_data_set, scale_pixels
from lsd_studio.engine.errors import NotAvailableError, StudioError
from lsd_studio.engine.figures.panels.operators import film_panel
from lsd_studio.engine.figures.spec import Mosaic
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.operators.pair_sources import FolderPairs, SequencePairs
from lsd_studio.engine.operators.path_quality import LegQuality
from lsd_studio.engine.operators.planes import renormalise, rotate, transport
from lsd_studio.engine.operators.products import Factor, Turn
from lsd_studio.engine.operators.walks import PathSettings
from lsd_studio.engine.scheduler import Call
from lsd_studio.engine.steps import Doing
from lsd_studio.engine.vocabulary import Method

SaveBundle = Callable[[Path], Path]


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (5, 1, 8, 8), dtype=np.uint8)


def write_images(folder: Path, images: np.ndarray) -> Path:
    folder.mkdir(parents=True)
    for place, image in enumerate(images):
        Image.fromarray(image[0]).save(folder / f"{place:02}.png")
    return folder


@pytest.mark.parametrize("style", [1.0, 0.0])
@pytest.mark.parametrize("stations", [(0, 1), (1, 0)])
def test_a_drag_shows_what_the_operators_say(
    opened: Engine, images: np.ndarray, tmp_path: Path, style: float, stations: tuple[int, int]
) -> None:
    encoded = opened.operate.encode(images).result()
    moved = opened.operate.move(PathSettings(stations, style=style), 0.2, encoded).result()

    bundle = open_bundle(tmp_path / "small")
    codes, _ = bundle.networks.encode(scale_pixels(images))
    own = bundle.basis.transform(codes)[:, :2].argmax(axis=1)
    expected = []
    for code, vector in zip(codes, own, strict=True):
        source, target = bundle.basis.xi_[[vector, 1 - vector]]
        angle = np.radians(18 if vector == stations[0] else 72)
        expected.append(
            rotate(source, target, angle, code) if style else transport(source, target, angle, 0.0, code)
        )
    probabilities = bundle.networks.classify(bundle.networks.decode(renormalise(expected)))
    np.testing.assert_array_equal(encoded.codes, codes)
    np.testing.assert_array_equal(encoded.pictures[..., 0], images[:, 0])
    np.testing.assert_allclose(moved.probabilities, probabilities, atol=1e-4)
    np.testing.assert_allclose(moved.squared_norms, (np.array(expected) ** 2).sum(axis=1) / 4, rtol=1e-6)
    assert (moved.position, moved.pictures.shape) == (0.2, (5, 8, 8, 1))
    np.testing.assert_array_equal(moved.labels, probabilities.argmax(axis=1))
    named = "left → right" if stations == (0, 1) else "right → left"
    assert moved.provenance == f"{'rotation' if style else 'transport'}, {named}, 18°"


def test_the_current_image_and_the_ends_of_a_path(opened: Engine, images: np.ndarray) -> None:
    opened.decompose.image(images[0]).result()
    closed, open_ = PathSettings((0, 1, 2, 3), closed=True), PathSettings((0, 1, 2, 3))

    beyond = opened.operate.move(open_, 7.5).result()
    end = opened.operate.move(open_, 3.0).result()
    around = [opened.operate.move(closed, position).result() for position in (0.5, 4.5, 16.5, -0.5)]

    assert beyond.position == 3
    np.testing.assert_array_equal(beyond.pictures, end.pictures)
    assert [moved.position for moved in around] == [0.5, 4.5, 16.5, -0.5]


def slant_of(picture: np.ndarray) -> float:
    """In degrees, of a picture uint8 [H, W], by its own sums."""
    ink = picture.astype(np.float64)
    y, x = np.mgrid[: ink.shape[0], : ink.shape[1]]
    x, y = (place - (place * ink).sum() / ink.sum() for place in (x, y))
    return float(np.degrees(np.arctan2(-(ink * x * y).sum(), (ink * y * y).sum())))


def test_a_whole_path_is_its_positions_one_by_one(opened: Engine, images: np.ndarray, tmp_path: Path) -> None:
    encoded = opened.operate.encode(images).result()
    bundle = open_bundle(tmp_path / "small")
    codes = renormalise(bundle.networks.encode(scale_pixels(images))[0])
    first = [slant_of(picture) for picture in pictures(bundle.networks.decode(codes))[..., 0]]
    path = PathSettings((1, 0, 3), closed=True, style=0.5)

    steps: list[Doing] = []
    followed = opened.operate.follow(path, encoded, step=20).result(steps.append)

    assert steps == [Doing("computing the path", 0.0)]
    assert followed.path == path
    np.testing.assert_allclose(followed.positions, np.arange(16) / 5)
    assert followed.pictures.shape == (16, 5, 8, 8, 1)
    for place in (0, 4, 15):
        moved = opened.operate.move(path, float(followed.positions[place]), encoded).result()
        np.testing.assert_allclose(followed.probabilities[place], moved.probabilities, atol=1e-4)
        np.testing.assert_allclose(followed.squared_norms[place], moved.squared_norms)
        slants = np.array([slant_of(picture) for picture in moved.pictures[..., 0]])
        np.testing.assert_allclose(followed.slant_moved[place], np.abs(slants - first), atol=0.5)


def test_a_path_is_measured_leg_by_leg_on_test_images(
    opened: Engine, images: np.ndarray, tmp_path: Path
) -> None:
    for split in ("train", "test"):
        for name, part in (("left", images[:2]), ("right", images[2:])):
            write_images(tmp_path / "data" / split / name, part)

    steps: list[Doing | LegQuality] = []
    around = PathSettings((0, 1), closed=True)
    measured = opened.operate.measure(around, str(tmp_path / "data")).result(steps.append)

    data = load_data_set(str(tmp_path / "data"), "test")
    bundle = open_bundle(tmp_path / "small")
    codes, _ = bundle.networks.encode(scale_pixels(data.images))
    for leg in measured.legs:
        of_it = codes[data.labels == leg.source]
        turned = rotate(bundle.basis.xi_[leg.source], bundle.basis.xi_[leg.target], np.pi / 2, of_it)
        read = bundle.networks.classify(bundle.networks.decode(renormalise(turned))).argmax(axis=1)
        assert leg.share_arrived == (read == leg.target).mean()
        assert leg.images == len(of_it)
    assert [(leg.source, leg.target) for leg in measured.legs] == [(0, 1), (1, 0)]
    assert [step for step in steps if isinstance(step, LegQuality)] == list(measured.legs)
    assert [step.what for step in steps if isinstance(step, Doing)] == [
        "reading test images",
        f"encoding {len(codes)} test images",
    ]
    assert measured.endpoint_rate.count == measured.images == len(codes)
    assert set(measured.style) == {"slant", "ink", "width", "height"}
    steps.clear()
    transport = PathSettings((0, 1), closed=True, style=0.0)
    transported = opened.operate.measure(transport, str(tmp_path / "data")).result(steps.append)
    assert not [step for step in steps if isinstance(step, Doing)], "test images are encoded once"
    assert transported.endpoint_rate.count <= 4 < transported.images
    assert all(np.isnan(kept.value) for kept in transported.style.values())
    with pytest.raises(StudioError, match="from set 1"):
        opened.operate.measure(PathSettings((0, 3)), str(tmp_path / "data")).result()


@pytest.mark.parametrize("method", ["least squares", "orthogonal"])
def test_an_operator_is_fitted_on_pairs_of_files_applied_and_kept(
    opened: Engine, tmp_path: Path, method: Method
) -> None:
    before = np.random.default_rng(1).integers(0, 256, (12, 1, 8, 8), dtype=np.uint8)
    write_images(tmp_path / "pairs" / "before", before)
    write_images(tmp_path / "pairs" / "after", before[..., ::-1])

    operate = opened.operate
    steps: list[Doing] = []
    fitted = operate.fit(FolderPairs(tmp_path / "pairs"), method).result(steps.append)
    images = operate.encode(before[:3]).result()
    applied = operate.apply((Factor(), Factor(power=-1)), images).result()
    operate.save("mirror 1").result()
    operate.save("twice", (Factor("mirror 1", 2), Turn(0, 1))).result()
    kept = operate.operators().result()
    by_name = operate.apply((Factor("mirror 1"),), images).result()
    unnamed = operate.apply((Factor(),), images).result()

    assert [step.in_words for step in steps] == ["Reading pairs", "Fitting on 12 pairs"]
    operator = fitted.analysed.operator
    assert (operator.name, operator.made, operator.description) == ("", method, "pairs in pairs")
    assert operator.pairs + operator.held_out == 12
    assert fitted.analysed.orthogonal == (method == "orthogonal")
    assert fitted.before.shape == fitted.applied.shape == fitted.after.shape == (2, 8, 8, 1)
    bundle = open_bundle(tmp_path / "small")
    codes, _ = bundle.networks.encode(scale_pixels(before[:3]))
    probabilities = bundle.networks.classify(bundle.networks.decode(renormalise(codes)))
    np.testing.assert_allclose(applied.probabilities, probabilities, atol=1e-4)
    assert applied.provenance == "the fitted operator, then the fitted operator to the power -1"
    assert [each.operator.name for each in kept] == ["mirror 1", "twice"]
    assert kept[1].operator.description == "mirror 1 to the power 2, then rotation left → right by 90°"
    np.testing.assert_array_equal(by_name.pictures, unnamed.pictures)
    operate.remove("twice").result()
    assert [each.operator.name for each in operate.operators().result()] == ["mirror 1"]


def test_a_sequence_is_fitted_from_each_image_to_the_next(opened: Engine, tmp_path: Path) -> None:
    frames = np.random.default_rng(2).integers(0, 256, (9, 1, 8, 8), dtype=np.uint8)

    fitted = opened.operate.fit(SequencePairs(write_images(tmp_path / "film", frames))).result()

    operator = fitted.analysed.operator
    assert operator.pairs + operator.held_out == 8
    assert operator.description == "the sequence in film"


def test_a_whole_path_is_saved_and_images_are_traced_under_it(
    opened: Engine, images: np.ndarray, tmp_path: Path
) -> None:
    operate = opened.operate
    encoded = operate.encode(images).result()
    operate.save_path(
        "there", PathSettings((0, 1), style=1.0, through="vectors"), "from left to right"
    ).result()

    traced = operate.trace((Factor("there"), Factor("there", -1)), encoded).result()

    (kept,) = operate.operators().result()
    assert (kept.operator.description, kept.orthogonal) == ("from left to right", True)
    bundle = open_bundle(tmp_path / "small")
    xi = bundle.basis.xi_
    turned = rotate(xi[0], xi[1], np.pi / 2, encoded.codes.astype(np.float64))
    for place, codes in enumerate((encoded.codes, turned, encoded.codes)):
        read = bundle.networks.classify(bundle.networks.decode(renormalise(codes)))
        np.testing.assert_allclose(traced.probabilities[place], read, atol=1e-4)
    np.testing.assert_allclose(traced.squared_norms[1], (turned**2).mean(axis=1))
    assert traced.pictures.shape == (3, 5, 8, 8, 1)
    assert {name: values.shape for name, values in traced.style.items()}["slant"] == (3, 5)


def test_the_transport_can_be_kept_and_cannot_be_undone(opened: Engine) -> None:
    opened.operate.save("carry", (Turn(0, 1, style=0.0),)).result()
    (kept,) = opened.operate.operators().result()
    assert not kept.invertible
    assert not kept.orthogonal
    images = opened.operate.encode(np.zeros((1, 1, 8, 8), np.uint8)).result()
    with pytest.raises(StudioError, match="cannot be undone"):
        opened.operate.apply((Factor("carry", -1),), images).result()


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda operate: operate.move(PathSettings((0, 1)), 0.5), "There is no image yet"),
        (lambda operate: operate.follow(PathSettings((0, 1))), "There is no image yet"),
        (lambda operate: operate.apply((Turn(0, 1),)), "There is no image yet"),
        (lambda operate: operate.encode(np.zeros((2, 1, 9, 9), np.uint8)), "choose images that fit them"),
        (lambda operate: operate.encode(np.zeros((0, 1, 8, 8), np.uint8)), "between 1 and 100 images"),
        (lambda operate: operate.fit(SequencePairs(Path("nowhere"))), "missing or no folder"),
        (lambda operate: operate.save("x"), "No operator fitted yet"),
        (lambda operate: operate.save("../x"), "cannot name an operator"),
        (lambda operate: operate.remove("x"), "could not be removed"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    opened: Engine, ask: Callable[[Any], Call[Any, Any]], sentence: str
) -> None:
    with pytest.raises(StudioError, match=sentence):
        ask(opened.operate).result()


def test_images_and_operators_belong_to_their_bundle(
    opened: Engine, images: np.ndarray, save_small_bundle: SaveBundle, tmp_path: Path
) -> None:
    encoded = opened.operate.encode(images).result()
    opened.operate.fit(SequencePairs(write_images(tmp_path / "film", images.repeat(2, axis=0)))).result()
    opened.operate.save("mine").result()

    opened.bundles.open(save_small_bundle(tmp_path / "other")).result()

    with pytest.raises(NotAvailableError, match="encoded by another bundle"):
        opened.operate.move(PathSettings((0, 1)), 0.5, encoded).result()
    with pytest.raises(NotAvailableError, match="No operator fitted yet"):
        opened.operate.save("theirs").result()
    assert opened.operate.operators().result() == ()


def test_what_is_under_way_stops_when_another_bundle_is_opened(
    opened: Engine, images: np.ndarray, save_small_bundle: SaveBundle, tmp_path: Path
) -> None:
    other = save_small_bundle(tmp_path / "other")
    for split in ("train", "test"):
        for name, part in (("left", images[:2]), ("right", images[2:])):
            write_images(tmp_path / "data" / split / name, part)
    call = opened.operate.measure(PathSettings((0, 1), closed=True), str(tmp_path / "data"))
    steps: list[Doing | LegQuality] = []

    def open_other(step: Doing | LegQuality) -> None:
        steps.append(step)
        opened.bundles.open(other).result()

    async def answer() -> object:
        return await call

    call.listen(open_other)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(answer())
    assert steps[0] == Doing("reading test images")


def test_a_film_shows_what_the_path_does(opened: Engine, images: np.ndarray, tmp_path: Path) -> None:
    path = PathSettings((0, 1))
    one, several = opened.operate.encode(images[:1]).result(), opened.operate.encode(images).result()
    followed = opened.operate.follow(path, one, 30.0).result()
    assert opened.operate.film(path, tmp_path / "one.gif", one, 30.0).result() == 4
    with Image.open(tmp_path / "one.gif") as film:
        assert film.n_frames == 4
        for place in range(4):
            film.seek(place)
            seen = np.asarray(film.convert("L"))[14::28, 14::28]
            np.testing.assert_allclose(seen.astype(int), followed.pictures[place, 0, ..., 0], atol=6)
    opened.operate.film(path, tmp_path / "five.gif", several, 30.0).result()
    with Image.open(tmp_path / "five.gif") as film:
        assert film.size == (48 * 4, 8 * 4)
    assert opened.operate.film(path, tmp_path / "strip.png", one, 45.0).result() == 3
    with pytest.raises(StudioError, match="no film format"):
        opened.operate.film(path, tmp_path / "film.txt", one).result()


def test_a_strip_tells_what_is_read_beside_what_was_aimed_at(opened: Engine, images: np.ndarray) -> None:
    several, one = (opened.operate.encode(some).result() for some in (images, images[:1]))
    path, names = PathSettings((0, 1), closed=True), ("left", "right")
    for encoded in (several, one):
        followed = opened.operate.follow(path, encoded, step=45).result()
        read = followed.probabilities.argmax(axis=-1)
        aimed = np.array([0, 1, 0])
        assert followed.stations.tolist() == [0, 2, 4]
        np.testing.assert_array_equal(followed.misread[[0, 2, 4]], read[[0, 2, 4]] != aimed[:, None])
        assert not followed.misread[[1, 3]].any()
        (mosaic,) = film_panel(followed, 45.0, names).parts
        assert isinstance(mosaic, Mosaic)
        np.testing.assert_array_equal(mosaic.marked, followed.misread.T)
        found = [column.split("\n") for column in mosaic.columns if column]
        assert [label for label, _ in found] == ["left", "right", "left"]
        if encoded is one:
            assert [words for _, words in found] == [names[label] for label in read[[0, 2, 4], 0]]
        else:
            hits = (read[[0, 2, 4]] == aimed[:, None]).sum(axis=1)
            assert [words for _, words in found] == [f"{count}/5" for count in hits]
