"""The laboratory of latent space: a data set encoded, and every view, test, sampler and path of its codes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import wraps
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.autoencoders.coders import load_coder, shipped_coders
from lsd_studio.engine.datasets import load_fitting
from lsd_studio.engine.desks.sampler_comparison import compare_samplers, comparison_sentence
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.latent.dataset import EncodingStep, Laboratory, encode_data_set
from lsd_studio.engine.latent.statistics.densities import (
    component_densities,
    fit_gaussians,
    full_widths,
    standing_out,
)
from lsd_studio.engine.latent.statistics.embedding import check_embedding, embed
from lsd_studio.engine.latent.statistics.moments import moments
from lsd_studio.engine.latent.statistics.pairs import (
    chance_correlation,
    contours,
    ellipses,
    exact_coverage,
    pair_density,
)
from lsd_studio.engine.latent.statistics.paths import along, positions, station_code, station_name
from lsd_studio.engine.latent.statistics.planes import (
    axis_name,
    check_axes,
    extent,
    look,
    nearest_point,
)
from lsd_studio.engine.latent.statistics.principal_axes import SHARES
from lsd_studio.engine.latent.statistics.radius import chi_mean, radial_density, radii
from lsd_studio.engine.latent.statistics.samplers import samplers_for
from lsd_studio.engine.latent.statistics.twin_test import TwinTest, twin_test
from lsd_studio.engine.latent.twin_comparison import points_compared, verdict
from lsd_studio.engine.messages.core import Event, Request, Stopped, Working
from lsd_studio.engine.messages.latent import (
    CodePictures,
    CodersListed,
    CodesFollowed,
    ComparedWithTwin,
    CompareSamplers,
    CompareWithTwin,
    CorrelationsShown,
    DensitiesShown,
    DrawTwin,
    EmbedCodes,
    Embedded,
    Embedding,
    EmbeddingPaused,
    Encoding,
    FollowCodes,
    LatentSpaceOpened,
    Layout,
    ListCoders,
    MoveAlongCodes,
    MovedAlongCodes,
    OpenLatentSpace,
    Outstanding,
    PairShown,
    PauseEmbedding,
    Plane,
    PlaneShown,
    PointAt,
    PointShown,
    RadiiShown,
    SamplerMeasured,
    SamplerMeasures,
    SamplersCompared,
    ShowCode,
    ShowCorrelations,
    ShowDensities,
    ShowPair,
    ShowRadii,
    ShowVariance,
    Station,
    TwinDrawn,
    VarianceShown,
    ViewPlane,
)
from lsd_studio.engine.platform.seeds import random_numbers
from lsd_studio.engine.session import Handler, Session, milliseconds_since

__all__ = ["HANDLERS"]

STRONGEST = 50
MOST_NEIGHBOURS = 20_000
"""Codes among which the nearest to a place of a path is looked for."""

MOST_PICTURES_A_LEG = 60
MOST_STATIONS = 20
FEWEST_TWINS, MOST_TWINS = 19, 9999
TOLD_EVERY = 0.02
"""Share of the twins, after which a test says how far it is and can be stopped."""

PAUSE = 0.25
"""Seconds between two looks at whether a paused embedding goes on or is given up."""

Work = Callable[[Laboratory, int, Any], Iterator[Event]]


def _while_open(work: Work) -> Handler:
    """The work on the open latent space, given up when another one is opened meanwhile."""

    @wraps(work)
    def handler(session: Session, number: int, request: Request) -> Iterator[Event]:
        laboratory = session.open_laboratory()
        for event in work(laboratory, number, request):
            if session.laboratory is not laboratory:
                yield Stopped(number, request.kind)
                return
            yield event

    return handler


def _list_coders(session: Session, number: int, request: ListCoders) -> Iterator[Event]:
    yield CodersListed(number, shipped_coders())


def _open(session: Session, number: int, request: OpenLatentSpace) -> Iterator[Event]:
    start = time.perf_counter()
    yield Working(number, "opening the model")
    coder = load_coder(request.coder)
    yield Working(number, "reading the images")
    data = load_fitting(coder.trained_on, request.data, request.split, any_labels=True)
    for step in encode_data_set(coder, data, request.most):
        if isinstance(step, EncodingStep):
            yield Encoding(number, step.done, step.wanted, step.images_per_second)
            continue
        session.laboratory = step
        yield _opened(step, number, start)


def _opened(of: Laboratory, number: int, start: float) -> LatentSpaceOpened:
    coder, data = of.coder, of.data
    return LatentSpaceOpened(
        number,
        name=coder.name,
        provenance=coder.provenance,
        data=data.name,
        split=data.split,
        count=len(of.codes),
        components=of.components,
        image_shape=coder.image_shape,
        label_names=data.label_names,
        labels_read=() if coder.classifier is None else coder.label_names or (),
        is_variational=coder.is_variational,
        has_classifier=coder.classifier is not None,
        mean=of.moments.mean,
        sigma=of.moments.sigma,
        constant=tuple(np.flatnonzero(of.moments.constant).tolist()),
        rank=of.principal.rank,
        notes=of.notes,
        seconds=milliseconds_since(start) / 1000,
    )


def _draw_twin(of: Laboratory, number: int, request: DrawTwin) -> Iterator[Event]:
    start = time.perf_counter()
    yield Working(number, "drawing the Gaussian twin")
    of.draw_twin(_seed(request.seed), request.twin_of)
    yield TwinDrawn(number, request.seed, request.twin_of, len(of.codes), milliseconds_since(start) / 1000)


def _show_densities(of: Laboratory, number: int, request: ShowDensities) -> Iterator[Event]:
    start = time.perf_counter()
    codes = of.population(request.twin)
    yield Working(number, "counting codes along each axis")
    if request.axes == "principal":
        codes = of.principal.coordinates(codes, slice(of.principal.rank))
    own = moments(codes) if request.axes == "principal" or request.twin else of.moments
    densities = component_densities(codes, request.width)
    fits = fit_gaussians(densities, own.mean, own.sigma, own.constant)
    widths = np.where(own.constant, np.nan, full_widths(densities))
    out = standing_out(own.mean, own.sigma, own.constant, fits.error, request.width)
    unfitted = np.flatnonzero(np.isnan(fits.center) & ~own.constant)
    notes: tuple[str, ...] = ()
    if len(unfitted):
        notes = (
            f"{len(unfitted)} curves have no fit: fewer than four intervals of {request.width:g} hold their points, "
            "or the fit did not converge; choose a smaller width.",
        )
    yield DensitiesShown(
        number,
        axes=request.axes,
        twin=request.twin,
        width=request.width,
        edges=densities.edges,
        density=densities.density,
        center=own.mean,
        sigma=own.sigma,
        fwhm=widths,
        fit_height=fits.height,
        fit_center=fits.center,
        fit_sigma=fits.sigma,
        fit_center_error=fits.center_error,
        fit_sigma_error=fits.sigma_error,
        fit_error=fits.error,
        outstanding=tuple(Outstanding(one.component, one.reason) for one in out),
        notes=notes,
        milliseconds=milliseconds_since(start),
    )


def _show_radii(of: Laboratory, number: int, request: ShowRadii) -> Iterator[Event]:
    start = time.perf_counter()
    lengths = radii(of.population(request.twin))
    found = radial_density(lengths, of.components, request.width)
    fullest = int(found.density.argmax())
    yield RadiiShown(
        number,
        twin=request.twin,
        width=request.width,
        edges=found.edges,
        density=found.density,
        chi=found.chi,
        root_of_m=float(np.sqrt(of.components)),
        chi_mean=chi_mean(of.components),
        mean=float(lengths.mean()),
        sigma=float(lengths.std()),
        peak=float(found.edges[fullest : fullest + 2].mean()),
        root_mean_square=float(np.sqrt((of.moments.mean**2).sum() + of.moments.covariance.trace())),
        least=float(lengths.min()),
        largest=float(lengths.max()),
        milliseconds=milliseconds_since(start),
    )


def _view_plane(of: Laboratory, number: int, request: ViewPlane) -> Iterator[Event]:
    start = time.perf_counter()
    points = of.projected(request.plane, request.twin)
    whole = extent(points)
    window = whole if request.window is None else request.window
    labels = None if request.twin else of.data.labels
    seen = look(points, labels, window, request.most_points, request.bins)
    near = seen.indices
    yield PlaneShown(
        number,
        plane=request.plane,
        pane=request.pane,
        twin=request.twin,
        window=window,
        extent=whole,
        axis_names=_axis_names(of, request.plane),
        inside=seen.inside,
        count=len(points),
        points=None if near is None else points[near],
        indices=near,
        labels=None if near is None else _labels(of, near, request.twin),
        density=seen.density,
        majority=seen.majority,
        milliseconds=milliseconds_since(start),
    )


def _point_at(of: Laboratory, number: int, request: PointAt) -> Iterator[Event]:
    start = time.perf_counter()
    points = of.projected(request.plane, request.twin)
    index = nearest_point(points, request.place, request.reach)
    code, place = None, None
    if index is not None:
        code = _code(of, index, request.twin)
        place = float(points[index, 0]), float(points[index, 1])
    yield PointShown(number, request.pane, code, place, milliseconds_since(start))


def _show_code(of: Laboratory, number: int, request: ShowCode) -> Iterator[Event]:
    start = time.perf_counter()
    if not 0 <= request.index < len(of.codes):
        raise StudioError(f"There is no code {request.index}: choose 0 to {len(of.codes) - 1}.")
    code, place = _code(of, request.index, request.twin), None
    if request.plane is not None:
        x, y = of.projected(request.plane, request.twin)[request.index]
        place = float(x), float(y)
    yield PointShown(number, request.pane, code, place, milliseconds_since(start))


def _show_variance(of: Laboratory, number: int, request: ShowVariance) -> Iterator[Event]:
    start = time.perf_counter()
    principal = of.principal
    yield VarianceShown(
        number,
        variances=principal.variances,
        shares=principal.shares,
        needed=tuple((share, principal.needed(share)) for share in SHARES),
        effective=principal.effective,
        components=principal.axes.astype(np.float32),
        notes=of.notes,
        milliseconds=milliseconds_since(start),
    )


def _show_correlations(of: Laboratory, number: int, request: ShowCorrelations) -> Iterator[Event]:
    start = time.perf_counter()
    yield Working(number, "correlating components")
    correlation = (moments(of.population(True)) if request.twin else of.moments).correlation
    first, second = np.triu_indices(of.components, k=1)
    values = correlation[first, second]
    kept = np.flatnonzero(np.isfinite(values))
    order = kept[np.abs(values[kept]).argsort(kind="stable")[::-1]][:STRONGEST]
    chance = chance_correlation(len(of.codes))
    yield CorrelationsShown(
        number,
        twin=request.twin,
        matrix=correlation.astype(np.float32),
        strongest=tuple((int(first[k]), int(second[k]), float(values[k])) for k in order),
        chance=chance,
        above_chance=float((np.abs(values[kept]) > chance).mean()) if len(kept) else 0.0,
        notes=of.notes,
        milliseconds=milliseconds_since(start),
    )


def _show_pair(of: Laboratory, number: int, request: ShowPair) -> Iterator[Event]:
    start = time.perf_counter()
    points = of.projected(request.plane, request.twin)
    own = moments(points)
    found = ellipses(points, own, request.levels)
    density = pair_density(points, own, reach=max(4.0, max(request.levels) + 1))
    lines = contours(density, points, tuple(exact_coverage(k) for k in request.levels))
    notes: tuple[str, ...] = ()
    if len(lines) < len(found):
        notes = ("Some contours reach out of the window and are not drawn.",)
    yield PairShown(
        number,
        plane=request.plane,
        pane=request.pane,
        twin=request.twin,
        axis_names=_axis_names(of, request.plane),
        correlation=float(own.correlation[0, 1]),
        center=(float(own.mean[0]), float(own.mean[1])),
        covariance=own.covariance,
        ellipses=found,
        contours=lines,
        window=density.window,
        density=density.density.astype(np.float32),
        notes=notes,
        milliseconds=milliseconds_since(start),
    )


def _embed_codes(of: Laboratory, number: int, request: EmbedCodes) -> Iterator[Event]:
    start = time.perf_counter()
    asked = request.settings
    codes = of.population(asked.twin)
    leading = of.principal.rank if asked.leading is None else asked.leading
    if not 2 <= leading <= of.principal.rank:
        raise StudioError(
            f"t-SNE sees 2 to {of.principal.rank} principal axes of these codes, not {leading}: choose another number."
        )
    number_of_points = min(asked.points, len(codes))
    check_embedding(number_of_points, asked.perplexity, asked.early_exaggeration, asked.steps)
    random = random_numbers(_seed(asked.seed), "codes laid out")
    indices = np.sort(random.choice(len(codes), number_of_points, replace=False))
    chosen = codes[indices]
    if asked.leading is not None:
        chosen = of.principal.coordinates(chosen, slice(leading))
    labels = _labels(of, indices, asked.twin)
    used = replace(asked, points=number_of_points)
    of.running.set()
    yield Working(number, f"looking for the neighbours of {number_of_points} codes")
    layout: Layout | None = None
    for step in embed(chosen, asked.perplexity, asked.early_exaggeration, asked.steps, asked.seed % 2**32):
        layout = Layout(
            points=step.points,
            indices=indices,
            labels=labels,
            step=step.step,
            of=step.of,
            exaggerated=step.exaggerated,
            divergence=step.divergence,
            settings=used,
        )
        yield Embedding(number, layout)
        while not of.running.wait(PAUSE):
            yield Working(number, "t-SNE is paused")
    if layout is not None:
        yield Embedded(number, layout, milliseconds_since(start) / 1000)


def _pause_embedding(of: Laboratory, number: int, request: PauseEmbedding) -> Iterator[Event]:
    if request.paused:
        of.running.clear()
    else:
        of.running.set()
    yield EmbeddingPaused(number, request.paused)


def _compare_with_twin(of: Laboratory, number: int, request: CompareWithTwin) -> Iterator[Event]:
    start = time.perf_counter()
    if not FEWEST_TWINS <= request.twins <= MOST_TWINS:
        raise StudioError(
            f"A p-value takes {FEWEST_TWINS} to {MOST_TWINS} twins, not {request.twins}: choose such a number."
        )
    random = random_numbers(_seed(request.seed), "twin test")
    yield Working(number, "choosing the codes that are compared")
    compared = points_compared(of, request.twin_of, request.plane, request.leading, random)
    found: TwinTest | None = None
    told = 0.0
    for step in twin_test(
        compared.points, compared.groups, request.window, request.points, request.twins, random
    ):
        if isinstance(step, TwinTest):
            found = step
        elif step >= told:
            told = step + TOLD_EVERY
            yield Working(number, f"drawing and measuring twins, {step:.0%}")
    if found is None:
        raise RuntimeError("The test ends with its result.")
    windowed = request.window is not None
    yield ComparedWithTwin(
        number,
        plane=request.plane,
        window=request.window,
        twin_of=request.twin_of,
        codes=len(compared.points),
        points=found.points,
        twins=request.twins,
        seed=request.seed,
        axis_names=compared.axis_names,
        inside=found.inside,
        inside_twins=found.inside_twins,
        inside_p=found.inside_p,
        neighbour_edges=found.edges,
        neighbour_codes=found.codes,
        neighbour_twin=found.twins,
        neighbour_ratio=found.ratio,
        neighbour_clear=found.ratio_clear,
        neighbour_p=found.neighbour_p,
        separations=found.separations,
        correlation=found.correlation,
        correlation_low=found.low,
        correlation_high=found.high,
        correlation_p=found.pair_p,
        axis=found.axis,
        axis_distance=found.axis_distance,
        axis_clear=found.axis_clear,
        axis_p=found.axis_p,
        radius_distance=found.radius_distance,
        radius_clear=found.radius_clear,
        radius_p=found.radius_p,
        p_value=found.p_value,
        sentence=verdict(found, compared, request.twins, windowed),
        notes=compared.notes,
        seconds=milliseconds_since(start) / 1000,
    )


def _compare_samplers(of: Laboratory, number: int, request: CompareSamplers) -> Iterator[Event]:
    start = time.perf_counter()
    variational = of.coder.is_variational
    chosen = request.samplers or samplers_for(of.components, variational)
    yield Working(number, "drawing and decoding points")
    rows: list[SamplerMeasures] = []
    for row in compare_samplers(of, chosen, request.points, request.pictures, _seed(request.seed)):
        rows.append(row)
        yield SamplerMeasured(number, row, len(rows), len(chosen))
    notes = []
    if not request.samplers and not variational:
        notes.append("This coder is not variational, so it has no prior to draw from.")
    if of.coder.classifier is None:
        notes.append(
            "This coder has no classifier, so neither confidence nor precision and recall are measured."
        )
    sentence = comparison_sentence(rows)
    yield SamplersCompared(
        number, tuple(rows), sentence, tuple(notes), request.seed, milliseconds_since(start) / 1000
    )


def _move_along_codes(of: Laboratory, number: int, request: MoveAlongCodes) -> Iterator[Event]:
    start = time.perf_counter()
    places = _stations(of, request.stations)
    position = float(np.clip(request.position, 0, len(places) - 1))
    code = along(places, np.array([position]))[0]
    every = -(-len(of.codes) // MOST_NEIGHBOURS)
    distance = np.linalg.norm(of.codes[::every] - code, axis=1)
    nearest = int(distance.argmin())
    yield MovedAlongCodes(
        number,
        pane=request.pane,
        position=position,
        code=_pictures_of(of, code, None, None, -1),
        nearest=nearest * every,
        nearest_distance=float(distance[nearest]),
        provenance=_told(request.stations, position),
        milliseconds=milliseconds_since(start),
    )


def _follow_codes(of: Laboratory, number: int, request: FollowCodes) -> Iterator[Event]:
    start = time.perf_counter()
    places = _stations(of, request.stations)
    if len(places) < 2 or not 2 <= request.pictures_a_leg <= MOST_PICTURES_A_LEG:
        raise StudioError(
            f"A path has two stations or more and 2 to {MOST_PICTURES_A_LEG} pictures between them: choose such."
        )
    where = positions(len(places), request.pictures_a_leg)
    codes = along(places, where)
    yield Working(number, f"decoding {len(codes)} places")
    images = of.coder.decode(codes)
    distances = of.principal.distances(codes)
    yield CodesFollowed(
        number,
        pane=request.pane,
        positions=where,
        pictures=pictures(images),
        probabilities=of.coder.classify(images),
        mahalanobis=distances,
        boundary=of.boundary,
        share_beyond=of.share_beyond(distances),
        milliseconds=milliseconds_since(start),
    )


def _stations(of: Laboratory, stations: tuple[Station, ...]) -> NDArray[np.float64]:
    if not 1 <= len(stations) <= MOST_STATIONS:
        raise StudioError(f"A path has 1 to {MOST_STATIONS} stations, not {len(stations)}: choose some.")
    return np.stack([station_code(station, of.codes, of.principal) for station in stations])


def _told(stations: tuple[Station, ...], position: float) -> str:
    leg = min(int(position), max(len(stations) - 2, 0))
    share = position - leg
    if len(stations) == 1 or share == 0:
        return station_name(stations[leg])
    if share == 1:
        return station_name(stations[leg + 1])
    return f"{share:.0%} of the way from {station_name(stations[leg])} to {station_name(stations[leg + 1])}"


def _code(of: Laboratory, index: int, twin: bool) -> CodePictures:
    if twin:
        return _pictures_of(of, of.population(True)[index], index, None, -1)
    original = np.ascontiguousarray(of.data.images[index].transpose(1, 2, 0))
    return _pictures_of(of, of.codes[index], index, original, int(of.data.labels[index]))


def _pictures_of(
    of: Laboratory,
    code: NDArray[np.float32],
    index: int | None,
    original: NDArray[np.uint8] | None,
    label: int,
) -> CodePictures:
    images = of.coder.decode(code[None])
    probabilities = of.coder.classify(images)
    distance = of.principal.distances(code[None])
    return CodePictures(
        index=index,
        original=original,
        decoded=pictures(images)[0],
        label=label,
        probabilities=None if probabilities is None else probabilities[0],
        radius=float(np.linalg.norm(code)),
        mahalanobis=float(distance[0]),
        share_beyond=float(of.share_beyond(distance)[0]),
    )


def _labels(of: Laboratory, indices: NDArray[np.int64], twin: bool) -> NDArray[np.int64]:
    return np.full(len(indices), -1, dtype=np.int64) if twin else of.data.labels[indices]


def _axis_names(of: Laboratory, plane: Plane) -> tuple[str, str]:
    check_axes(of.components, plane.x, plane.y)
    return axis_name(plane.axes, plane.x, of.principal), axis_name(plane.axes, plane.y, of.principal)


def _seed(seed: int) -> int:
    if not 0 <= seed < 2**63:
        raise StudioError(
            f"A seed is a whole number from 0 to 2⁶³ − 1, not {seed}: choose one in this range."
        )
    return seed


HANDLERS: dict[type[Request], Handler] = {
    ListCoders: _list_coders,
    OpenLatentSpace: _open,
    DrawTwin: _while_open(_draw_twin),
    ShowDensities: _while_open(_show_densities),
    ShowRadii: _while_open(_show_radii),
    ViewPlane: _while_open(_view_plane),
    PointAt: _while_open(_point_at),
    ShowCode: _while_open(_show_code),
    ShowVariance: _while_open(_show_variance),
    ShowCorrelations: _while_open(_show_correlations),
    ShowPair: _while_open(_show_pair),
    EmbedCodes: _while_open(_embed_codes),
    PauseEmbedding: _while_open(_pause_embedding),
    CompareWithTwin: _while_open(_compare_with_twin),
    CompareSamplers: _while_open(_compare_samplers),
    MoveAlongCodes: _while_open(_move_along_codes),
    FollowCodes: _while_open(_follow_codes),
}
