"""The laboratory through the door: real digits encoded by a small bundle, every view, and what is refused."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import torch
from PIL import Image

from lsd_studio.engine.autoencoders.coders import load_coder
from lsd_studio.engine.datasets import load_data_set
from lsd_studio.engine.datasets.folder_reading import POSITIONAL
from lsd_studio.engine.desks.latent import HANDLERS
from lsd_studio.engine.desks.sampler_comparison import compare_samplers, comparison_sentence
from lsd_studio.engine.door import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.dataset import EncodingStep, Laboratory, encode_data_set
from lsd_studio.engine.latent.statistics.moments import moments
from lsd_studio.engine.latent.statistics.samplers import sampler_title
from lsd_studio.engine.messages.core import Event, Request, Stop, Stopped, Working
from lsd_studio.engine.messages.figures import Heatmap, Line, Points
from lsd_studio.engine.messages.latent import (
    CodersListed,
    CodesFollowed,
    CodeStation,
    ComparedWithTwin,
    CompareSamplers,
    CompareWithTwin,
    CorrelationsShown,
    DensitiesShown,
    DrawTwin,
    EmbedCodes,
    Embedded,
    Embedding,
    EmbeddingSettings,
    Encoding,
    FollowCodes,
    LatentSpaceOpened,
    ListCoders,
    MoveAlongCodes,
    MovedAlongCodes,
    OpenLatentSpace,
    PairShown,
    PauseEmbedding,
    PlaceStation,
    Plane,
    PlaneShown,
    PointAt,
    PointShown,
    RadiiShown,
    Sampler,
    SamplerMeasures,
    SamplersCompared,
    ShowCode,
    ShowCorrelations,
    ShowDensities,
    ShowPair,
    ShowRadii,
    ShowVariance,
    TwinDrawn,
    VarianceShown,
    ViewPlane,
)
from lsd_studio.engine.messages.panels.latent import (
    layout_panel,
    neighbours_panel,
    pair_counts_panel,
    path_panels,
    plane_panel,
    variance_panel,
)
from lsd_studio.engine.session import Session
from tests.engine.small_digits import small_digits

SaveBundle = Callable[[Path], Path]
Answer = TypeVar("Answer", bound=Event)

_ENCODED: list[Laboratory] = []
"""The codes of the digits, encoded once."""


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 300 small digits of each of two labels."""
    folder = tmp_path_factory.mktemp("digits")
    images = small_digits(2, 300)
    for place, (image, label) in enumerate(zip(images.images, images.labels, strict=True)):
        (folder / str(label)).mkdir(exist_ok=True)
        Image.fromarray(image[0]).save(folder / str(label) / f"{place:03}.png")
    return folder


@pytest.fixture
def bundle(save_small_bundle: SaveBundle, tmp_path: Path) -> Path:
    return save_small_bundle(tmp_path / "small")


@pytest.fixture
def laboratory(bundle: Path, digits: Path) -> Laboratory:
    if not _ENCODED:
        coder = load_coder(bundle)
        *_, encoded = encode_data_set(coder, load_data_set(str(digits), "train", reading=POSITIONAL), 1000)
        assert isinstance(encoded, Laboratory)
        _ENCODED.append(encoded)
    kept = _ENCODED[0]
    return Laboratory(kept.coder, kept.data, kept.codes, ())


@pytest.fixture
def space(laboratory: Laboratory) -> Session:
    session = Session()
    session.laboratory = laboratory
    return session


@pytest.fixture
def engine(bundle: Path, digits: Path) -> Iterator[Engine]:
    with Engine() as engine:
        engine.ask(OpenLatentSpace(bundle, str(digits), "train"))
        yield engine


def events(session: Session, request: Request) -> list[Event]:
    return list(HANDLERS[type(request)](session, 1, request))


def ask(session: Session, request: Request, kind: type[Answer]) -> Answer:
    event = events(session, request)[-1]
    assert isinstance(event, kind)
    return event


def test_a_data_set_is_encoded_with_progress(bundle: Path, digits: Path, laboratory: Laboratory) -> None:
    heard = events(Session(), OpenLatentSpace(bundle, str(digits), "train", most=450))

    opened = heard[-1]
    assert isinstance(opened, LatentSpaceOpened)
    means, _ = laboratory.coder.encode(laboratory.data.images[:450])
    steps = [event for event in heard if isinstance(event, Encoding)]
    assert steps[-1].done == steps[-1].wanted == opened.count == 450
    assert (opened.components, opened.rank, opened.image_shape) == (4, 4, (1, 8, 8))
    assert opened.label_names == ("0", "1")
    assert opened.is_variational
    assert opened.has_classifier
    np.testing.assert_allclose(opened.mean, means.mean(axis=0), rtol=1e-4)
    assert "C reads the labels of two-labels" in opened.notes[-1]


def test_the_shipped_models_are_listed() -> None:
    assert "mnist-studio" in ask(Session(), ListCoders(), CodersListed).names


def test_nothing_is_shown_before_a_space_is_open(bundle: Path) -> None:
    session = Session()
    for request in (ShowDensities(), ViewPlane(), CompareSamplers(), PauseEmbedding()):
        with pytest.raises(StudioError, match="No latent space is open"):
            events(session, request)
    with pytest.raises(StudioError, match="choose images that fit them"):
        events(session, OpenLatentSpace(bundle, "mnist"))


def test_images_that_cannot_be_encoded_are_left_out_and_counted(laboratory: Laboratory) -> None:
    coder = laboratory.coder

    class Broken(torch.nn.Module):
        def forward(self, batch: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            mean, log_sigma = coder.encoder(batch)
            mean = torch.where(batch.sum(dim=(1, 2, 3), keepdim=True)[:, 0, 0] > limit, torch.nan, mean)
            return mean, log_sigma

    scaled = laboratory.data.images / np.float32(127.5) - 1
    sums = scaled.sum(axis=(1, 2, 3))
    limit = float(np.sort(sums)[-8:-6].mean())
    *_, found = encode_data_set(replace(coder, encoder=Broken()), laboratory.data, 1000)

    assert isinstance(found, Laboratory)
    lost = int((sums > limit).sum())
    assert lost == 7
    assert len(found.codes) == len(found.data) == len(laboratory.codes) - lost
    assert found.notes[0].startswith(f"{lost} of {len(laboratory.codes)} images")


def test_degenerate_codes_are_named(laboratory: Laboratory) -> None:
    coder = laboratory.coder
    zeros = laboratory.data.take(laboratory.data.labels == 0)

    one_label = Laboratory(coder, zeros, laboratory.codes[: len(zeros)], ())
    constant = laboratory.codes.copy()
    constant[:, 2] = 1
    with_constant = Laboratory(coder, laboratory.data, constant, ())
    few = Laboratory(coder, laboratory.data.take(np.arange(4)), laboratory.codes[:4], ())

    assert any("one label" in note for note in one_label.notes)
    assert any(
        "1 of 4 components are constant" in note and note.endswith("2.") for note in with_constant.notes
    )
    assert any("4 codes of 4 components vary in 3 directions" in note for note in few.notes)
    with pytest.raises(StudioError, match="All codes are the same"):
        Laboratory(coder, laboratory.data, np.ones_like(laboratory.codes), ())
    assert [type(step) for step in encode_data_set(coder, zeros, 1000)] == [EncodingStep, Laboratory]


def test_densities_radii_variance_and_correlations_are_of_the_codes(
    space: Session, laboratory: Laboratory
) -> None:
    codes = laboratory.codes.astype(np.float64)

    densities = ask(space, ShowDensities(0.1), DensitiesShown)
    principal = ask(space, ShowDensities(0.1, axes="principal"), DensitiesShown)
    radii = ask(space, ShowRadii(0.1), RadiiShown)
    variance = ask(space, ShowVariance(), VarianceShown)
    correlations = ask(space, ShowCorrelations(), CorrelationsShown)

    np.testing.assert_allclose(densities.center, codes.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(densities.sigma, codes.std(axis=0, ddof=1), rtol=1e-5)
    np.testing.assert_allclose(densities.density.sum(axis=1) * 0.1, 1, rtol=1e-4)
    np.testing.assert_allclose(principal.sigma**2, variance.variances, rtol=1e-3)
    assert radii.mean == pytest.approx(np.linalg.norm(codes, axis=1).mean(), rel=1e-5)
    assert radii.root_mean_square == pytest.approx(np.sqrt((codes**2).sum(axis=1).mean()), rel=1e-2)
    assert variance.shares.sum() == pytest.approx(1)
    np.testing.assert_allclose(correlations.matrix, np.corrcoef(codes.T), atol=1e-5)
    first, second, value = correlations.strongest[0]
    assert correlations.matrix[first, second] == pytest.approx(value, abs=1e-6)
    assert len(correlations.strongest) == 6


def test_a_plane_is_looked_at_and_what_is_under_the_pointer_is_shown(
    space: Session, laboratory: Laboratory
) -> None:
    coder = laboratory.coder
    plane = Plane("components", 1, 3)

    near = ask(space, ViewPlane(plane=plane), PlaneShown)
    far = ask(space, ViewPlane(plane=plane, most_points=10, bins=(32, 16), pane=1), PlaneShown)
    assert near.points is not None
    assert near.indices is not None
    assert near.labels is not None
    place = float(near.points[7, 0]), float(near.points[7, 1])
    under = ask(space, PointAt(plane=plane, place=place, reach=(0.01, 0.01)), PointShown)
    nothing = ask(space, PointAt(plane=plane, place=(1e3, 1e3)), PointShown)
    same = ask(space, ShowCode(index=int(near.indices[7])), PointShown)

    assert near.inside == near.count == len(laboratory.codes)
    np.testing.assert_array_equal(near.points, laboratory.codes[near.indices][:, [1, 3]])
    np.testing.assert_array_equal(near.labels, laboratory.data.labels[near.indices])
    assert far.points is None
    assert far.density is not None
    assert far.density.shape == (16, 32)
    assert under.code is not None
    assert same.code is not None
    assert under.code.index == same.code.index == near.indices[7]
    assert under.place == place
    np.testing.assert_array_equal(
        under.code.original, laboratory.data.images[under.code.index].transpose(1, 2, 0)
    )
    decoded = coder.decode(laboratory.codes[[under.code.index]])[0].transpose(1, 2, 0)
    np.testing.assert_allclose(under.code.decoded, (decoded.clip(-1, 1) + 1) * 127.5, atol=0.6)
    assert under.code.probabilities is not None
    assert under.code.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert nothing.code is None
    with pytest.raises(StudioError, match="There is no axis 4"):
        events(space, ViewPlane(plane=Plane("components", 0, 4)))
    with pytest.raises(StudioError, match="named once"):
        events(space, ViewPlane(plane=Plane("components", 2, 2)))
    with pytest.raises(StudioError, match="There is no code"):
        events(space, ShowCode(index=-1))


def test_the_twin_stands_in_for_the_codes_in_every_view(space: Session) -> None:
    with pytest.raises(StudioError, match="not drawn yet"):
        events(space, ShowDensities(twin=True))
    drawn = ask(space, DrawTwin(seed=5), TwinDrawn)
    codes, twin = (ask(space, ShowPair(twin=twin), PairShown) for twin in (False, True))
    plane = ask(space, ViewPlane(twin=True), PlaneShown)
    again = ask(space, DrawTwin(seed=5), TwinDrawn)
    same = ask(space, ViewPlane(twin=True), PlaneShown)

    assert drawn.count == again.count == plane.count
    assert plane.points is not None
    assert plane.labels is not None
    assert (plane.labels == -1).all()
    np.testing.assert_array_equal(plane.points, same.points)
    assert twin.covariance == pytest.approx(codes.covariance, abs=0.2 * np.abs(codes.covariance).max())
    for ellipse in twin.ellipses:
        assert abs(ellipse.measured - ellipse.exact) < 5 * ellipse.standard_error
    labels = laboratory_of(space).data.labels
    ask(space, DrawTwin(twin_of="labels"), TwinDrawn)
    of_labels = laboratory_of(space).population(True)
    for label in range(2):
        own, drawn_ = (moments(one[labels == label]) for one in (laboratory_of(space).codes, of_labels))
        np.testing.assert_allclose(drawn_.mean, own.mean, atol=5 * (own.sigma / own.count**0.5).max())
    for request in (ShowDensities(twin=True), ShowRadii(twin=True), ShowCorrelations(twin=True)):
        assert events(space, request)


def test_the_test_of_the_twin_finds_two_labels_apart(space: Session) -> None:
    found = ask(space, CompareWithTwin(points=200, twins=99), ComparedWithTwin)
    whole = ask(space, CompareWithTwin(plane=None, points=200, twins=99), ComparedWithTwin)

    assert found.points == whole.points == 200
    assert 0 < found.neighbour_p <= 1
    assert len(found.correlation) + 1 == len(found.separations)
    assert (found.correlation_low <= found.correlation_high).all()
    assert "p = " in found.sentence
    assert found.p_value == whole.p_value == 0.01
    assert whole.axis_names[:2] == ("principal axis 0", "principal axis 1")
    by_label = ask(space, CompareWithTwin(twins=99, twin_of="labels"), ComparedWithTwin)
    assert "2 Gaussians, one a label" in by_label.sentence
    assert by_label.neighbour_ratio > found.neighbour_ratio
    with pytest.raises(StudioError, match="choose a larger window"):
        events(space, CompareWithTwin(window=(1e3, 2e3, 0, 1)))
    with pytest.raises(StudioError, match="19 to 9999 twins"):
        events(space, CompareWithTwin(twins=1))


def test_a_test_of_the_twin_says_how_far_it_is_between_twins(space: Session) -> None:
    heard = events(space, CompareWithTwin(points=60, twins=99))

    told = [event.what for event in heard if isinstance(event, Working)]
    assert len(told) > 30
    assert told[-1] == "drawing and measuring twins, 99%"


def test_t_sne_streams_its_layouts_and_repeats_them(space: Session) -> None:
    settings = EmbeddingSettings(points=120, leading=2, perplexity=10, steps=50, seed=3)

    heard = events(space, EmbedCodes(settings))
    again = ask(space, EmbedCodes(settings), Embedded)

    layouts = [event.layout for event in heard if isinstance(event, Embedding)]
    done = layouts[-1]
    assert isinstance(heard[-1], Embedded)
    assert [layout.step for layout in layouts] == list(range(0, 301, 10))
    assert done.step == done.of == 300
    assert layouts[1].exaggerated
    assert not done.exaggerated
    assert done.divergence < layouts[1].divergence
    np.testing.assert_array_equal(done.points, again.layout.points)
    assert len(np.unique(done.indices)) == 120
    assert done.settings == settings


def test_t_sne_is_held_goes_on_and_is_stopped(engine: Engine) -> None:
    heard: queue.SimpleQueue[Event] = queue.SimpleQueue()
    engine.subscribe(heard.put)
    engine.submit(EmbedCodes(EmbeddingSettings(points=60, perplexity=10, steps=5000)))
    following(heard, Embedding)

    engine.ask(PauseEmbedding())
    while following(heard, Working).what != "t-SNE is paused":
        pass
    following(heard, Working)
    assert not any(isinstance(event, Embedding) for event in emptied(heard))
    engine.ask(PauseEmbedding(paused=False))
    following(heard, Embedding)
    engine.submit(Stop("EmbedCodes"))

    assert following(heard, Stopped).what == "EmbedCodes"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (EmbeddingSettings(points=100, perplexity=40), "perplexity is 1 to 33"),
        (EmbeddingSettings(points=5), "10 to 200000 points"),
        (EmbeddingSettings(leading=9), "2 to 4 principal axes"),
        (EmbeddingSettings(steps=10**6), "0 to 5000 steps"),
    ],
)
def test_t_sne_refuses_what_cannot_be(space: Session, settings: EmbeddingSettings, sentence: str) -> None:
    with pytest.raises(StudioError, match=sentence):
        events(space, EmbedCodes(settings))


def test_samplers_are_decoded_and_measured_side_by_side(space: Session, laboratory: Laboratory) -> None:
    samplers = Sampler("codes"), Sampler("cube", boundary=50.0), Sampler("cholesky"), Sampler("prior")

    found = ask(space, CompareSamplers(samplers, points=150, pictures=5), SamplersCompared)
    again = ask(space, CompareSamplers(samplers[:2], points=150, pictures=5), SamplersCompared)

    codes, cube, normal, prior = found.rows
    assert [row.sampler for row in found.rows] == list(samplers)
    assert codes.pictures.shape == (5, 8, 8, 1)
    assert codes.inside > 0.9
    assert normal.inside > 0.9
    assert cube.inside < 0.1
    assert cube.auc > 0.95
    assert codes.auc < 0.65
    assert normal.covariance_error < 0.4 < cube.covariance_error
    assert prior.labels is not None
    assert all(0 <= (row.precision or 0.0) <= 1 and 0 <= (row.entropy or 0.0) <= 1 for row in found.rows)
    assert "populated region" in found.sentence
    np.testing.assert_array_equal(cube.pictures, again.rows[1].pictures)
    with pytest.raises(StudioError, match="points, not 3"):
        events(space, CompareSamplers(points=3))


@pytest.mark.parametrize(
    ("sure", "told"),
    [
        (
            0.69,
            "C's confidence alone does not tell cubes from the normal: it is sure of 69.0% of the points with",
        ),
        (0.20, "C is sure of fewer points of any cube, 20.0% at most (|z| < 50)."),
    ],
)
def test_what_confidence_tells_of_cubes_is_said(sure: float, told: str) -> None:
    def measures(sampler: Sampler, sure: float, precision: float) -> SamplerMeasures:
        picture = np.zeros((1, 1, 1, 1), np.uint8)
        return SamplerMeasures(
            sampler, sampler_title(sampler), picture, None, points=1000, radius=1.0, mahalanobis=1.0, inside=0.5,
            confidence=sure, sure=sure, entropy=1.0, precision=precision, recall=0.4, auc=0.9, mean_error=0.0,
            covariance_error=0.0,
        )  # fmt: skip

    near, far = Sampler("cube", boundary=5.0), Sampler("cube", boundary=50.0)
    rows = [measures(near, 0.1, 0.5), measures(far, sure, 0.02), measures(Sampler("cholesky"), 0.71, 0.81)]

    assert told in comparison_sentence(rows)


def test_a_coder_without_a_classifier_or_a_prior_is_measured_by_the_rest(laboratory: Laboratory) -> None:
    coder = laboratory.coder
    plain = replace(coder, classifier=None, is_variational=False)
    of = Laboratory(plain, laboratory.data, laboratory.codes, ())

    rows = list(compare_samplers(of, (Sampler("box"),), 100, 3, 0))

    assert rows[0].confidence is None
    assert rows[0].precision is None
    assert rows[0].labels is None
    assert 0.4 < rows[0].auc <= 1
    with pytest.raises(StudioError, match="not variational"):
        next(compare_samplers(of, (Sampler("prior"),), 100, 3, 0))


def test_paths_are_decoded_at_a_place_and_as_a_whole(space: Session, laboratory: Laboratory) -> None:
    stations = CodeStation(2), CodeStation(9), PlaceStation("principal", ((0, 1.0),))

    start = ask(space, MoveAlongCodes(stations=stations), MovedAlongCodes)
    between = ask(space, MoveAlongCodes(stations=stations, position=1.25), MovedAlongCodes)
    whole = ask(space, FollowCodes(stations=stations, pictures_a_leg=4), CodesFollowed)
    own = ask(space, ShowCode(index=2), PointShown)

    assert own.code is not None
    np.testing.assert_array_equal(start.code.decoded, own.code.decoded)
    assert start.nearest == 2
    assert start.nearest_distance == pytest.approx(0, abs=1e-5)
    assert start.provenance == "image 2"
    assert between.provenance.startswith("25% of the way from image 9")
    assert whole.positions.tolist() == [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]
    np.testing.assert_array_equal(whole.pictures[5], between.code.decoded)
    assert whole.mahalanobis[5] == pytest.approx(between.code.mahalanobis, rel=1e-4)
    assert whole.share_beyond[0] == pytest.approx(float((laboratory.distances > whole.mahalanobis[0]).mean()))
    with pytest.raises(StudioError, match="1 to 20 stations"):
        events(space, MoveAlongCodes())
    with pytest.raises(StudioError, match="There is no image"):
        events(space, MoveAlongCodes(stations=(CodeStation(100_000),)))


def test_views_have_panels_for_figures(space: Session) -> None:
    names = ("0", "1")
    ask(space, DrawTwin(), TwinDrawn)
    near = plane_panel(ask(space, ViewPlane(), PlaneShown), names)
    far = plane_panel(ask(space, ViewPlane(most_points=0), PlaneShown), names)
    twin = plane_panel(ask(space, ViewPlane(twin=True), PlaneShown), names)
    tested = ask(space, CompareWithTwin(points=60, twins=19), ComparedWithTwin)
    walked = ask(space, FollowCodes(stations=(CodeStation(0), CodeStation(1))), CodesFollowed)
    settings = EmbeddingSettings(points=60, perplexity=10, steps=0)
    layout = layout_panel(ask(space, EmbedCodes(settings), Embedded).layout, names)
    variance = variance_panel(ask(space, ShowVariance(), VarianceShown))

    assert [part.name for part in near.parts] == ["0", "1"]
    assert sum(len(part.x) for part in near.parts if isinstance(part, Points)) == len(
        laboratory_of(space).codes
    )
    assert [type(part) for part in far.parts] == [Heatmap]
    assert far.bottom.title.startswith("principal axis 0 (")
    assert [part.name for part in twin.parts] == ["Gaussian twin"]
    assert neighbours_panel(tested, "all").title == f"all, p = {tested.neighbour_p:.3g}"
    (band, _) = pair_counts_panel(tested).parts
    assert isinstance(band, Line)
    assert band.low is not None
    assert [panel.left.title for panel in path_panels(walked, names, "a path")] == [
        "",
        "Mahalanobis distance",
        "C's probability",
    ]
    assert {part.name for part in layout.parts} == {"0", "1"}
    each, summed = variance.parts
    assert isinstance(summed, Line)
    assert summed.y[-1] == pytest.approx(100)
    assert each.name == "each axis"


def laboratory_of(session: Session) -> Laboratory:
    assert session.laboratory is not None
    return session.laboratory


def test_work_on_a_space_that_is_no_longer_open_is_given_up(
    space: Session, bundle: Path, digits: Path
) -> None:
    work = HANDLERS[EmbedCodes](space, 1, EmbedCodes(EmbeddingSettings(points=60, perplexity=10)))
    next(work)

    events(space, OpenLatentSpace(bundle, str(digits), "train", most=50))

    assert [type(event) for event in work] == [Stopped]


def following(heard: queue.SimpleQueue[Event], kind: type[Answer]) -> Answer:
    while not isinstance(event := heard.get(timeout=60), kind):
        pass
    return event


def emptied(heard: queue.SimpleQueue[Event]) -> Iterator[Event]:
    while not heard.empty():
        yield heard.get()
