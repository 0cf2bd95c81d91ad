"""Operators through the door: paths under the hand, curves, measures, fits, and what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.datasets import load_data_set, scale_pixels
from lsd_studio.engine.door import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.messages.core import Event, Request
from lsd_studio.engine.messages.operate import (
    ApplyOperator,
    CarryImages,
    Factor,
    FitOperator,
    FolderPairs,
    FollowPath,
    ForgetOperator,
    ImagesCarried,
    KeepOperator,
    ListOperators,
    MeasuredPairs,
    MeasurePath,
    MoveAlongPath,
    MovedAlongPath,
    OperatorApplied,
    OperatorFitted,
    OperatorsListed,
    PathFollowed,
    PathMeasured,
    PathMeasuring,
    PathSettings,
    SequencePairs,
    Turn,
)
from lsd_studio.engine.operators.planes import renormalise, rotate, transport

SaveBundle = Callable[[Path], Path]


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        yield engine


@pytest.fixture
def opened(engine: Engine, save_small_bundle: SaveBundle, tmp_path: Path) -> Engine:
    engine.bundles.open(save_small_bundle(tmp_path / "small")).result()
    return engine


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
    carried = opened.ask(CarryImages(images))
    moved = opened.ask(MoveAlongPath(PathSettings(stations, style=style), 0.2, "carried", pane=3))

    assert isinstance(carried, ImagesCarried)
    assert isinstance(moved, MovedAlongPath)
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
    np.testing.assert_array_equal(carried.vectors, own)
    np.testing.assert_array_equal(carried.pictures[..., 0], images[:, 0])
    np.testing.assert_allclose(moved.probabilities, probabilities, atol=1e-4)
    np.testing.assert_allclose(moved.squared_norms, (np.array(expected) ** 2).sum(axis=1) / 4, rtol=1e-6)
    assert (moved.pane, moved.position, moved.pictures.shape) == (3, 0.2, (5, 8, 8, 1))
    named = "left → right" if stations == (0, 1) else "right → left"
    assert moved.provenance == f"{'rotation' if style else 'transport'}, {named}, 18°"


def test_the_image_under_the_glass_and_the_ends_of_a_path(opened: Engine, images: np.ndarray) -> None:
    opened.decompose.image(images[0]).result()
    closed, open_ = PathSettings((0, 1, 2, 3), closed=True), PathSettings((0, 1, 2, 3))

    beyond = opened.ask(MoveAlongPath(open_, 7.5))
    end = opened.ask(MoveAlongPath(open_, 3.0))
    around = [opened.ask(MoveAlongPath(closed, position)) for position in (0.5, 4.5, 16.5, -0.5)]

    assert isinstance(beyond, MovedAlongPath)
    assert isinstance(end, MovedAlongPath)
    assert beyond.position == 3
    np.testing.assert_array_equal(beyond.pictures, end.pictures)
    places = [event.position for event in around if isinstance(event, MovedAlongPath)]
    assert places == [0.5, 4.5, 16.5, -0.5]


def slant_of(picture: np.ndarray) -> float:
    """In degrees, of a picture uint8 [H, W], by its own sums."""
    ink = picture.astype(np.float64)
    y, x = np.mgrid[: ink.shape[0], : ink.shape[1]]
    x, y = (place - (place * ink).sum() / ink.sum() for place in (x, y))
    return float(np.degrees(np.arctan2(-(ink * x * y).sum(), (ink * y * y).sum())))


def test_a_whole_path_is_its_positions_one_by_one(opened: Engine, images: np.ndarray, tmp_path: Path) -> None:
    opened.ask(CarryImages(images))
    bundle = open_bundle(tmp_path / "small")
    codes = renormalise(bundle.networks.encode(scale_pixels(images))[0])
    first = [slant_of(picture) for picture in pictures(bundle.networks.decode(codes))[..., 0]]
    path = PathSettings((1, 0, 3), closed=True, style=0.5)

    followed = opened.ask(FollowPath(path, "carried", step=20))

    assert isinstance(followed, PathFollowed)
    np.testing.assert_allclose(followed.positions, np.arange(16) / 5)
    assert followed.pictures.shape == (16, 5, 8, 8, 1)
    for place in (0, 4, 15):
        moved = opened.ask(MoveAlongPath(path, float(followed.positions[place]), "carried"))
        assert isinstance(moved, MovedAlongPath)
        np.testing.assert_allclose(followed.probabilities[place], moved.probabilities, atol=1e-4)
        np.testing.assert_allclose(followed.squared_norms[place], moved.squared_norms)
        slants = np.array([slant_of(picture) for picture in moved.pictures[..., 0]])
        np.testing.assert_allclose(followed.slant_moved[place], np.abs(slants - first), atol=0.5)


def test_a_path_is_measured_leg_by_leg_on_test_images(
    opened: Engine, images: np.ndarray, tmp_path: Path
) -> None:
    heard: list[Event] = []
    opened.subscribe(heard.append)
    for split in ("train", "test"):
        for name, part in (("left", images[:2]), ("right", images[2:])):
            write_images(tmp_path / "data" / split / name, part)

    measured = opened.ask(MeasurePath(PathSettings((0, 1), closed=True), str(tmp_path / "data")))

    assert isinstance(measured, PathMeasured)
    data = load_data_set(str(tmp_path / "data"), "test")
    bundle = open_bundle(tmp_path / "small")
    codes, _ = bundle.networks.encode(scale_pixels(data.images))
    for leg in measured.legs:
        of_it = codes[data.labels == leg.source]
        turned = rotate(bundle.basis.xi_[leg.source], bundle.basis.xi_[leg.target], np.pi / 2, of_it)
        read = bundle.networks.classify(bundle.networks.decode(renormalise(turned))).argmax(axis=1)
        assert leg.endpoint_rate == (read == leg.target).mean()
        assert leg.images == len(of_it)
    assert [(leg.source, leg.target) for leg in measured.legs] == [(0, 1), (1, 0)]
    assert [len(event.legs) for event in heard if isinstance(event, PathMeasuring)] == [1, 2]
    assert measured.endpoint_rate.count == measured.images == len(codes)
    assert set(measured.style) == {"slant", "ink", "width", "height"}
    transported = opened.ask(
        MeasurePath(PathSettings((0, 1), closed=True, style=0.0), str(tmp_path / "data"))
    )
    assert isinstance(transported, PathMeasured)
    assert transported.endpoint_rate.count <= 4 < transported.images
    assert all(np.isnan(kept.value) for kept in transported.style.values())
    with pytest.raises(StudioError, match="from set 1"):
        opened.ask(MeasurePath(PathSettings((0, 3)), str(tmp_path / "data")))


@pytest.mark.parametrize("method", ["least squares", "orthogonal"])
def test_an_operator_is_fitted_on_pairs_of_files_applied_and_kept(
    opened: Engine, tmp_path: Path, method: str
) -> None:
    before = np.random.default_rng(1).integers(0, 256, (12, 1, 8, 8), dtype=np.uint8)
    write_images(tmp_path / "pairs" / "before", before)
    write_images(tmp_path / "pairs" / "after", before[..., ::-1])

    fitted = opened.ask(FitOperator(FolderPairs(tmp_path / "pairs"), method))  # type: ignore[arg-type]
    opened.ask(CarryImages(before[:3]))
    applied = opened.ask(ApplyOperator((Factor(), Factor(power=-1)), "carried"))
    kept = opened.ask(KeepOperator("mirror 1"))
    twice = opened.ask(KeepOperator("twice", (Factor("mirror 1", 2), Turn(0, 1))))
    by_name = opened.ask(ApplyOperator((Factor("mirror 1"),), "carried"))
    unnamed = opened.ask(ApplyOperator((Factor(),), "carried"))

    assert isinstance(fitted, OperatorFitted)
    assert fitted.operator.pairs + fitted.operator.held_out == 12
    assert fitted.operator.orthogonal == (method == "orthogonal")
    assert fitted.before.shape == fitted.applied.shape == fitted.after.shape == (2, 8, 8, 1)
    assert isinstance(applied, OperatorApplied)
    bundle = open_bundle(tmp_path / "small")
    codes, _ = bundle.networks.encode(scale_pixels(before[:3]))
    probabilities = bundle.networks.classify(bundle.networks.decode(renormalise(codes)))
    np.testing.assert_allclose(applied.probabilities, probabilities, atol=1e-4)
    assert applied.provenance == "the fitted operator, then the fitted operator to the power -1"
    assert isinstance(kept, OperatorsListed)
    assert isinstance(twice, OperatorsListed)
    assert [operator.name for operator in twice.operators] == ["mirror 1", "twice"]
    assert twice.operators[1].description == "mirror 1 to the power 2, then rotation left → right by 90°"
    assert isinstance(by_name, OperatorApplied)
    assert isinstance(unnamed, OperatorApplied)
    np.testing.assert_array_equal(by_name.pictures, unnamed.pictures)
    left = opened.ask(ForgetOperator("twice"))
    assert isinstance(left, OperatorsListed)
    listed = opened.ask(ListOperators())
    assert isinstance(listed, OperatorsListed)
    assert [operator.name for operator in left.operators] == ["mirror 1"]
    assert [operator.name for operator in listed.operators] == ["mirror 1"]


def test_a_sequence_is_fitted_from_each_image_to_the_next(opened: Engine, tmp_path: Path) -> None:
    frames = np.random.default_rng(2).integers(0, 256, (9, 1, 8, 8), dtype=np.uint8)

    fitted = opened.ask(FitOperator(SequencePairs(write_images(tmp_path / "film", frames))))

    assert isinstance(fitted, OperatorFitted)
    assert fitted.operator.pairs + fitted.operator.held_out == 8
    assert fitted.operator.description == "the sequence in film"


def test_the_transport_can_be_kept_and_says_that_it_cannot_be_undone(opened: Engine) -> None:
    kept = opened.ask(KeepOperator("carry", (Turn(0, 1, style=0.0),)))
    assert isinstance(kept, OperatorsListed)
    assert not kept.operators[0].invertible
    assert "cannot come back" in kept.operators[0].reason
    opened.ask(CarryImages(np.zeros((1, 1, 8, 8), np.uint8)))
    with pytest.raises(StudioError, match="cannot be undone"):
        opened.ask(ApplyOperator((Factor("carry", -1),), "carried"))


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (MoveAlongPath(PathSettings((0, 1)), 0.5), "There is no image yet"),
        (MoveAlongPath(PathSettings((0, 1)), 0.5, "carried"), "No images are taken along yet"),
        (CarryImages(np.zeros((2, 1, 9, 9), np.uint8)), "choose images of that shape"),
        (CarryImages(np.zeros((0, 1, 8, 8), np.uint8)), "Between 1 and 100"),
        (FitOperator(SequencePairs(Path("nowhere"))), "missing or no folder"),
        (KeepOperator("x"), "No operator is fitted yet"),
        (KeepOperator("../x"), "cannot name an operator"),
        (FitOperator(MeasuredPairs("mnist", "slant")), "choose images that fit them"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    opened: Engine, request_: Request, sentence: str
) -> None:
    with pytest.raises(StudioError, match=sentence):
        opened.ask(request_)
