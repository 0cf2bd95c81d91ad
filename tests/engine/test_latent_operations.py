"""A latent space through the engine: real digits encoded by a small bundle, every view, and what is refused."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
import torch
from PIL import Image

from lsd_studio.engine.api import Engine
from lsd_studio.engine.autoencoders.coders import load_coder
from lsd_studio.engine.datasets import load_data_set
from lsd_studio.engine.datasets.folder_reading import POSITIONAL
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.panels.latent import (
    layout_panel,
    neighbours_panel,
    pair_counts_panel,
    path_panels,
    plane_panel,
    variance_panel,
)
from lsd_studio.engine.figures.spec import Heatmap, Line, Points
from lsd_studio.engine.latent.dataset import EncodingStep, LatentDataset, encode_data_set
from lsd_studio.engine.latent.sampler_comparison import (
    MeasuredSampler,
    SamplerMeasures,
    compare_samplers,
    comparison_sentence,
)
from lsd_studio.engine.latent.statistics.embedding import EmbeddingSettings
from lsd_studio.engine.latent.statistics.moments import moments
from lsd_studio.engine.latent.statistics.paths import CodeStation, PlaceStation
from lsd_studio.engine.latent.statistics.planes import LEADING_PLANE, Plane
from lsd_studio.engine.latent.statistics.samplers import Sampler, sampler_title
from lsd_studio.engine.latent.twin_comparison import TwinComparison, TwinTestSettings
from lsd_studio.engine.latent.views import Layout
from lsd_studio.engine.operations.latent import LatentOperations
from lsd_studio.engine.scheduler import Call
from lsd_studio.engine.steps import Doing, finished
from tests.engine.small_digits import small_digits

SaveBundle = Callable[[Path], Path]
Step = TypeVar("Step", Doing, Layout)

_ENCODED: list[LatentDataset] = []
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
def dataset(bundle: Path, digits: Path) -> LatentDataset:
    if not _ENCODED:
        coder = load_coder(bundle)
        data = load_data_set(str(digits), "train", reading=POSITIONAL)
        _ENCODED.append(finished(encode_data_set(coder, data, 1000)))
    kept = _ENCODED[0]
    return LatentDataset(kept.coder, kept.data, kept.codes, ())


@pytest.fixture
def latent(engine: Engine, dataset: LatentDataset) -> LatentOperations:
    """The operations on the digits' codes."""
    engine.session.latent_dataset = dataset
    return engine.latent


def test_a_data_set_is_encoded_with_progress(
    engine: Engine, bundle: Path, digits: Path, dataset: LatentDataset
) -> None:
    heard: list[Doing | EncodingStep] = []

    opened = engine.latent.open(bundle, str(digits), "train", most=450).result(heard.append)

    means, _ = dataset.coder.encode(dataset.data.images[:450])
    steps = [step for step in heard if isinstance(step, EncodingStep)]
    assert [step.what for step in heard if isinstance(step, Doing)] == [
        "opening the model",
        "reading the images",
    ]
    assert steps[-1].done == steps[-1].wanted == opened.count == 450
    assert (opened.components, opened.rank) == (4, 4)
    assert opened.label_names == ("0", "1")
    assert opened.is_variational
    assert opened.labels_read
    np.testing.assert_allclose(opened.mean, means.mean(axis=0), rtol=1e-4)
    assert "C reads the labels of two-labels" in opened.notes[-1]
    assert any("the first 450 of its" in note for note in opened.notes)


def test_the_shipped_models_are_listed(engine: Engine) -> None:
    assert "mnist-studio" in engine.latent.coders().result()


def test_nothing_is_shown_before_a_space_is_open(engine: Engine) -> None:
    latent = engine.latent
    calls: tuple[Call[Any, Any], ...] = (
        latent.densities(),
        latent.plane(),
        latent.compare_samplers(),
        latent.pause_embedding(),
    )
    for call in calls:
        with pytest.raises(StudioError, match="No latent space is open"):
            call.result()


def test_images_that_cannot_be_encoded_are_left_out_and_counted(dataset: LatentDataset) -> None:
    coder = dataset.coder

    class Broken(torch.nn.Module):
        def forward(self, batch: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            mean, log_sigma = coder.encoder(batch)
            mean = torch.where(batch.sum(dim=(1, 2, 3), keepdim=True)[:, 0, 0] > limit, torch.nan, mean)
            return mean, log_sigma

    scaled = dataset.data.images / np.float32(127.5) - 1
    sums = scaled.sum(axis=(1, 2, 3))
    limit = float(np.sort(sums)[-8:-6].mean())
    found = finished(encode_data_set(replace(coder, encoder=Broken()), dataset.data, 1000))

    lost = int((sums > limit).sum())
    assert lost == 7
    assert len(found.codes) == len(found.data) == len(dataset.codes) - lost
    assert found.notes[0].startswith(f"{lost} of {len(dataset.codes)} images")


def test_degenerate_codes_are_named(dataset: LatentDataset) -> None:
    coder = dataset.coder
    zeros = dataset.data.take(dataset.data.labels == 0)

    one_label = LatentDataset(coder, zeros, dataset.codes[: len(zeros)], ())
    constant = dataset.codes.copy()
    constant[:, 2] = 1
    with_constant = LatentDataset(coder, dataset.data, constant, ())
    few = LatentDataset(coder, dataset.data.take(np.arange(4)), dataset.codes[:4], ())

    assert any("one label" in note for note in one_label.notes)
    assert any(
        "1 of 4 components are constant" in note and note.endswith("2.") for note in with_constant.notes
    )
    assert any("4 codes of 4 components vary in 3 directions" in note for note in few.notes)
    with pytest.raises(StudioError, match="All codes are the same"):
        LatentDataset(coder, dataset.data, np.ones_like(dataset.codes), ())
    assert [type(step) for step in encode_data_set(coder, zeros, 1000)] == [EncodingStep]


def test_densities_radii_variance_and_correlations_are_of_the_codes(
    latent: LatentOperations, dataset: LatentDataset
) -> None:
    values = dataset.codes.astype(np.float64)

    densities = latent.densities(0.1).result()
    principal = latent.densities(0.1, axes="principal").result()
    radii = latent.radii(0.1).result()
    variance = latent.variance().result()
    correlations = latent.correlations().result()

    np.testing.assert_allclose(densities.center, values.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(densities.sigma, values.std(axis=0, ddof=1), rtol=1e-5)
    np.testing.assert_allclose(densities.curves.density.sum(axis=1) * 0.1, 1, rtol=1e-4)
    np.testing.assert_allclose(principal.sigma**2, variance.variances, rtol=1e-3)
    assert principal.axes == "principal"
    middles, fits = densities.curves.middles, densities.fits
    bell = fits.height[1] * np.exp(-((middles - fits.center[1]) ** 2) / (2 * fits.sigma[1] ** 2))
    np.testing.assert_allclose(densities.fitted(1), bell)
    assert radii.mean == pytest.approx(np.linalg.norm(values, axis=1).mean(), rel=1e-5)
    assert radii.root_mean_square == pytest.approx(np.sqrt((values**2).sum(axis=1).mean()), rel=1e-2)
    assert variance.shares.sum() == pytest.approx(1)
    np.testing.assert_allclose(correlations.matrix, np.corrcoef(values.T), atol=1e-5)
    first, second, value = correlations.strongest[0]
    assert correlations.matrix[first, second] == pytest.approx(value, abs=1e-6)
    assert len(correlations.strongest) == 6


def test_a_plane_is_shown_and_what_is_under_the_pointer(
    latent: LatentOperations, dataset: LatentDataset
) -> None:
    coder = dataset.coder
    plane = Plane("components", 1, 3)

    near = latent.plane(plane).result()
    far = latent.plane(plane, most_points=10, bins=(32, 16), pane="far").result()
    assert near.points is not None
    assert near.indices is not None
    assert near.labels is not None
    place = float(near.points[7, 0]), float(near.points[7, 1])
    under = latent.point_at(plane, place, (0.01, 0.01)).result()
    nothing = latent.point_at(plane, (1e3, 1e3)).result()
    same = latent.code(int(near.indices[7])).result()
    placed = latent.code_on_plane(int(near.indices[7]), plane).result()

    assert near.inside == near.count == len(dataset.codes)
    np.testing.assert_array_equal(near.points, dataset.codes[near.indices][:, [1, 3]])
    np.testing.assert_array_equal(near.labels, dataset.data.labels[near.indices])
    assert far.points is None
    assert far.density is not None
    assert far.density.shape == (16, 32)
    assert under is not None
    assert under.code.index is not None
    assert under.code.index == same.index == near.indices[7]
    assert under.place == placed.place == place
    np.testing.assert_array_equal(
        under.code.original, dataset.data.images[under.code.index].transpose(1, 2, 0)
    )
    decoded = coder.decode(dataset.codes[[under.code.index]])[0].transpose(1, 2, 0)
    np.testing.assert_allclose(under.code.decoded, (decoded.clip(-1, 1) + 1) * 127.5, atol=0.6)
    assert under.code.probabilities is not None
    assert under.code.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert nothing is None
    with pytest.raises(StudioError, match="There is no axis 4"):
        latent.plane(Plane("components", 0, 4)).result()
    with pytest.raises(StudioError, match="named once"):
        latent.plane(Plane("components", 2, 2)).result()
    with pytest.raises(StudioError, match="There is no code"):
        latent.code(-1).result()


def test_the_twin_stands_in_for_the_codes_in_every_view(
    latent: LatentOperations, dataset: LatentDataset
) -> None:
    with pytest.raises(StudioError, match="not drawn yet"):
        latent.densities(twin=True).result()
    latent.draw_twin(seed=5).result()
    own, twin = (latent.pair(twin=twin).result() for twin in (False, True))
    plane = latent.plane(twin=True).result()
    latent.draw_twin(seed=5).result()
    same = latent.plane(twin=True).result()

    assert plane.count == len(dataset.codes)
    assert plane.points is not None
    assert plane.labels is not None
    assert (plane.labels == -1).all()
    np.testing.assert_array_equal(plane.points, same.points)
    assert twin.covariance == pytest.approx(own.covariance, abs=0.2 * np.abs(own.covariance).max())
    for ellipse in twin.ellipses:
        assert abs(ellipse.measured - ellipse.exact) < 5 * ellipse.standard_error
    labels = dataset.data.labels
    latent.draw_twin(twin_of="labels").result()
    of_labels = dataset.population(True)
    for label in range(2):
        real, drawn = (moments(one[labels == label]) for one in (dataset.codes, of_labels))
        np.testing.assert_allclose(drawn.mean, real.mean, atol=5 * (real.sigma / real.count**0.5).max())
    views: tuple[Call[Any, Any], ...] = (
        latent.densities(twin=True),
        latent.radii(twin=True),
        latent.correlations(twin=True),
    )
    for view in views:
        assert view.result()


def test_the_test_of_the_twin_finds_two_labels_apart(latent: LatentOperations) -> None:
    def result_of(**settings: Any) -> TwinComparison:
        return latent.compare_with_twin(TwinTestSettings(**settings)).result()

    plane, whole = (result_of(plane=plane, points=200, twins=99) for plane in (LEADING_PLANE, None))

    found = plane.test
    assert found.points == whole.test.points == 200
    assert 0 < found.neighbour_p <= 1
    assert len(found.correlation) + 1 == len(found.separations)
    assert (found.correlation_low <= found.correlation_high).all()
    assert "p = " in plane.sentence
    assert found.p_value == whole.test.p_value == 0.01
    assert whole.axis_names[:2] == ("principal axis 0", "principal axis 1")
    by_label = result_of(twins=99, twin_of="labels")
    assert "2 Gaussians, one a label" in by_label.sentence
    assert by_label.test.neighbour_ratio > found.neighbour_ratio
    with pytest.raises(StudioError, match="choose a larger window"):
        result_of(window=(1e3, 2e3, 0, 1))
    with pytest.raises(StudioError, match="19 to 9999 twins"):
        result_of(twins=1)
    with pytest.raises(StudioError, match="A seed is a whole number"):
        result_of(seed=-1)


def test_a_test_of_the_twin_says_how_far_it_is_between_twins(latent: LatentOperations) -> None:
    heard: list[Doing] = []

    latent.compare_with_twin(TwinTestSettings(points=60, twins=99)).result(heard.append)

    assert len(heard) > 30
    assert heard[-1] == Doing("drawing and measuring twins, 100 %", 1.0)


def test_t_sne_streams_its_layouts_and_repeats_them(latent: LatentOperations) -> None:
    settings = EmbeddingSettings(points=120, leading=2, perplexity=10, steps=300, seed=3)
    heard: list[Doing | Layout] = []

    done = latent.embed(settings).result(heard.append)
    again = latent.embed(settings).result()

    layouts = [step for step in heard if isinstance(step, Layout)]
    assert layouts[-1] is done
    assert [layout.step for layout in layouts] == list(range(0, 301, 10))
    assert done.step == done.of == 300
    assert layouts[1].exaggerated
    assert not done.exaggerated
    assert done.divergence < layouts[1].divergence
    np.testing.assert_array_equal(done.points, again.points)
    assert len(np.unique(done.indices)) == 120
    assert done.settings == settings
    few = latent.embed(EmbeddingSettings(points=60, perplexity=10, steps=150)).result()
    assert few.step == few.of == 150, "as many as were asked for"


def test_t_sne_is_held_goes_on_and_is_stopped(latent: LatentOperations) -> None:
    heard: queue.SimpleQueue[Doing | Layout] = queue.SimpleQueue()
    call = latent.embed(EmbeddingSettings(points=60, perplexity=10, steps=5000))
    call.listen(heard.put)
    following(heard, Layout)

    latent.pause_embedding().result()
    while following(heard, Doing).what != "t-SNE is paused":
        pass
    following(heard, Doing)
    assert not any(isinstance(step, Layout) for step in emptied(heard))
    latent.pause_embedding(paused=False).result()
    following(heard, Layout)
    call.cancel()

    with pytest.raises(asyncio.CancelledError):
        call.result()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (EmbeddingSettings(points=100, perplexity=40), "perplexity is 1 to 33"),
        (EmbeddingSettings(points=5), "10 to 200000 points"),
        (EmbeddingSettings(leading=9), "2 to 4 principal axes"),
        (EmbeddingSettings(steps=10**6), "0 to 5000 steps"),
    ],
)
def test_t_sne_refuses_what_cannot_be(
    latent: LatentOperations, settings: EmbeddingSettings, sentence: str
) -> None:
    with pytest.raises(StudioError, match=sentence):
        latent.embed(settings).result()


def test_samplers_are_decoded_and_measured_side_by_side(latent: LatentOperations) -> None:
    samplers = Sampler("codes"), Sampler("cube", boundary=50.0), Sampler("cholesky"), Sampler("prior")
    heard: list[MeasuredSampler] = []

    found = latent.compare_samplers(samplers, points=150, pictures=5).result(heard.append)
    again = latent.compare_samplers(samplers[:2], points=150, pictures=5).result()

    assert [(step.done, step.wanted) for step in heard] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert [step.measures for step in heard] == list(found.rows)
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
        latent.compare_samplers(points=3).result()


@pytest.mark.parametrize(
    ("sure", "told"),
    [
        (
            0.69,
            "C's confidence alone does not tell cubes from the normal: it is sure of 69.0 % of the points with",
        ),
        (0.20, "C is sure of fewer points of any cube, 20.0 % at most (|z| < 50)."),
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


def test_a_coder_without_a_classifier_or_a_prior_is_measured_by_the_rest(dataset: LatentDataset) -> None:
    coder = dataset.coder
    plain = replace(coder, classifier=None, is_variational=False, has_normal_prior=False)
    of = LatentDataset(plain, dataset.data, dataset.codes, ())

    found = finished(compare_samplers(of, (Sampler("box"),), 100, 3, 0))

    rows = found.rows
    assert len(found.notes) == 1
    assert "no classifier" in found.notes[0]
    assert rows[0].confidence is None
    assert rows[0].precision is None
    assert rows[0].labels is None
    assert 0.4 < rows[0].auc <= 1
    with pytest.raises(StudioError, match="have no prior"):
        next(compare_samplers(of, (Sampler("prior"),), 100, 3, 0))


def test_paths_are_decoded_at_a_place_and_as_a_whole(
    latent: LatentOperations, dataset: LatentDataset
) -> None:
    stations = CodeStation(2), CodeStation(9), PlaceStation("principal", ((0, 1.0),))

    start = latent.path_place(stations).result()
    between = latent.path_place(stations, 1.25).result()
    whole = latent.follow_path(stations, pictures_a_leg=4).result()
    own = latent.code(2).result()

    np.testing.assert_array_equal(start.code.decoded, own.decoded)
    assert start.nearest == 2
    assert start.nearest_distance == pytest.approx(0, abs=1e-5)
    assert start.name == "image 2"
    assert between.name.startswith("25 % of the way from image 9")
    assert whole.positions.tolist() == [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]
    np.testing.assert_array_equal(whole.pictures[5], between.code.decoded)
    assert whole.mahalanobis[5] == pytest.approx(between.code.mahalanobis, rel=1e-4)
    assert whole.share_beyond[0] == pytest.approx(float((dataset.distances > whole.mahalanobis[0]).mean()))
    with pytest.raises(StudioError, match="1 to 20 stations"):
        latent.path_place(()).result()
    with pytest.raises(StudioError, match="There is no image"):
        latent.path_place((CodeStation(100_000),)).result()
    with pytest.raises(StudioError, match="2 to 60 pictures"):
        latent.follow_path(stations, pictures_a_leg=1).result()


def test_views_have_panels_for_figures(latent: LatentOperations, dataset: LatentDataset) -> None:
    names = ("0", "1")
    latent.draw_twin().result()
    near = plane_panel(latent.plane().result(), names)
    far = plane_panel(latent.plane(most_points=0).result(), names)
    twin = plane_panel(latent.plane(twin=True).result(), names)
    tested = latent.compare_with_twin(TwinTestSettings(points=60, twins=19)).result().test
    walked = latent.follow_path((CodeStation(0), CodeStation(1))).result()
    layout = layout_panel(latent.embed(EmbeddingSettings(points=60, perplexity=10, steps=0)).result(), names)
    variance = variance_panel(latent.variance().result())

    assert [part.name for part in near.parts] == ["0", "1"]
    assert sum(len(part.x) for part in near.parts if isinstance(part, Points)) == len(dataset.codes)
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


def test_answers_of_a_space_that_was_closed_are_not_delivered(
    latent: LatentOperations, bundle: Path, digits: Path
) -> None:
    heard: queue.SimpleQueue[Doing | Layout] = queue.SimpleQueue()
    call = latent.embed(EmbeddingSettings(points=60, perplexity=10, steps=5000))
    call.listen(heard.put)
    following(heard, Layout)

    latent.open(bundle, str(digits), "train", most=50).result()

    with pytest.raises(asyncio.CancelledError):
        call.result()
    assert call.cancelled
    assert latent.plane().result().count == 50


def test_views_of_different_panes_do_not_replace_each_other(
    latent: LatentOperations, dataset: LatentDataset
) -> None:
    waiting = [latent.plane(pane=str(pane)) for pane in range(20)]

    assert {call.result().count for call in waiting} == {len(dataset.codes)}


def following(heard: queue.SimpleQueue[Doing | Layout], kind: type[Step]) -> Step:
    while not isinstance(step := heard.get(timeout=60), kind):
        pass
    return step


def emptied(heard: queue.SimpleQueue[Doing | Layout]) -> Iterator[Doing | Layout]:
    while not heard.empty():
        yield heard.get()
