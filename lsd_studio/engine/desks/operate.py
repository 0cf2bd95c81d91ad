"""Codes taken along paths, and operators fitted, applied and kept.

A drag costs one decoding and one classification of the images that are taken along; they are encoded once.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator
from dataclasses import replace

import numpy as np

from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.datasets import LabelledImages, load_fitting, scale_pixels
from lsd_studio.engine.desks.scope import while_open
from lsd_studio.engine.errors import NotAtHandError, StudioError
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.images.preparation import prepared_for
from lsd_studio.engine.messages.core import Event, Request, Working
from lsd_studio.engine.messages.operate import (
    QUARTER,
    ApplyOperator,
    CarryImages,
    Factor,
    FitOperator,
    FolderPairs,
    FollowPath,
    ForgetOperator,
    ImagesCarried,
    KeepOperator,
    LegMeasured,
    ListOperators,
    MeasuredPairs,
    MeasurePath,
    MoveAlongPath,
    MovedAlongPath,
    OperatorApplied,
    OperatorFitted,
    OperatorInfo,
    OperatorsListed,
    Pairs,
    PathFollowed,
    PathMeasured,
    PathMeasuring,
    PathSettings,
    SequencePairs,
    Subject,
    Turn,
)
from lsd_studio.engine.operators.algebra import Power, compose, eigenvalues, invertible, orthogonal, power
from lsd_studio.engine.operators.fitted import fit_operator
from lsd_studio.engine.operators.keeping import (
    Operator,
    check_name,
    forget_operator,
    keep_operator,
    kept_operator,
    kept_operators,
)
from lsd_studio.engine.operators.pairs import (
    MEASURES,
    files_in_sequence,
    files_paired_by_name,
    match_apart,
)
from lsd_studio.engine.operators.path_quality import (
    LegQuality,
    endpoint_rate,
    measure_legs,
    monotonicity,
    style_of_arrivals,
)
from lsd_studio.engine.operators.paths import Path, path_through
from lsd_studio.engine.operators.picture_style import picture_style
from lsd_studio.engine.operators.planes import matrix_of, renormalise, weigh_rest
from lsd_studio.engine.operators.walks import Walk, named_kind, set_out
from lsd_studio.engine.session import Handler, Session, milliseconds_since

__all__ = ["HANDLERS"]

MOST_CARRIED = 100
MOST_PICTURES = 5000
"""Pictures of one path, which are all kept in memory."""

POSITIONS_AT_ONCE = 20
PAIRS_SHOWN = 10
BATCH = 1000

IMAGES_A_LABEL = 1000
"""Training images of a label among which measured pairs are looked for."""

CARRIED, FITTED, READ = "operate.carried", "operate.fitted", "operate.read"
"""Names of this desk's notes. What an analysis notes down is kept with its bundle, which may have changed meanwhile."""


def _carry_images(session: Session, number: int, request: CarryImages) -> Iterator[Event]:
    start = time.perf_counter()
    bundle = session.open_bundle()
    if not 1 <= len(request.images) <= MOST_CARRIED:
        raise StudioError(
            f"Between 1 and {MOST_CARRIED} images can be taken along, not {len(request.images)}."
        )
    _check_shape(bundle, request.images.shape[1:])
    pixels = scale_pixels(request.images)
    codes, _ = bundle.networks.encode(pixels)
    session.notes[CARRIED] = codes
    own = bundle.basis.transform(codes)[:, : bundle.networks.number_of_labels].argmax(axis=1)
    yield ImagesCarried(number, pictures(pixels), own, milliseconds_since(start))


def _move_along_path(session: Session, number: int, request: MoveAlongPath) -> Iterator[Event]:
    start = time.perf_counter()
    bundle = session.open_bundle()
    walk = _walk(bundle, request.path, _codes(session, request.subject))
    position = walk.path.within(request.position)
    moved = walk.at(position)
    pixels = bundle.networks.decode(moved.codes)
    yield MovedAlongPath(
        number,
        pane=request.pane,
        position=position,
        pictures=pictures(pixels),
        probabilities=bundle.networks.classify(pixels),
        squared_norms=moved.squared_norms,
        provenance=_told(bundle, request.path, walk.path, position),
        milliseconds=milliseconds_since(start),
    )


def _follow_path(session: Session, number: int, request: FollowPath) -> Iterator[Event]:
    start = time.perf_counter()
    bundle = session.open_bundle()
    walk = _walk(bundle, request.path, _codes(session, request.subject))
    positions = walk.path.positions(request.step)
    if len(positions) * len(walk.codes) > MOST_PICTURES:
        raise StudioError("This path has too many steps to show: take larger ones.")
    moved = [walk.at(position) for position in positions.tolist()]
    first_slant = picture_style(bundle.networks.decode(renormalise(walk.codes)))["slant"]
    pixels, probabilities, slants = [], [], []
    for first in range(0, len(moved), POSITIONS_AT_ONCE):
        yield Working(number, f"following the path, {first} of {len(moved)}")
        some = np.stack([part.codes for part in moved[first : first + POSITIONS_AT_ONCE]])
        decoded = bundle.networks.decode(some.reshape(-1, some.shape[-1]))
        slants.append(picture_style(decoded)["slant"].reshape(some.shape[:2]))
        pixels.append(pictures(decoded).reshape(*some.shape[:2], *_picture_shape(bundle)))
        probabilities.append(bundle.networks.classify(decoded).reshape(*some.shape[:2], -1))
    yield PathFollowed(
        number,
        pane=request.pane,
        path=request.path,
        positions=positions,
        probabilities=np.concatenate(probabilities),
        squared_norms=np.stack([part.squared_norms for part in moved]),
        slant_moved=np.abs(np.concatenate(slants) - first_slant),
        pictures=np.concatenate(pixels),
        step=request.step,
        seconds=milliseconds_since(start) / 1000,
    )


def _measure_path(session: Session, number: int, request: MeasurePath) -> Iterator[Event]:
    start = time.perf_counter()
    bundle = session.open_bundle()
    data, codes = yield from _read_test_images(session, number, request.source)
    path = request.path
    of = len(path.stations) - (0 if path.closed else 1)
    found: list[LegQuality] = []
    for leg in measure_legs(
        bundle.networks,
        bundle.basis,
        codes,
        data.labels,
        path.stations,
        closed=path.closed,
        style=path.style,
        through=path.through,
        images_a_leg=request.images_a_leg,
    ):
        found.append(leg)
        yield PathMeasuring(number, request.pane, tuple(map(_leg_measured, found)), of)
    yield PathMeasured(
        number,
        pane=request.pane,
        path=path,
        data=data.name,
        legs=tuple(map(_leg_measured, found)),
        images=sum(len(leg.arrived) for leg in found),
        endpoint_rate=endpoint_rate(found),
        monotonicity=monotonicity(found),
        style=style_of_arrivals(found),
        seconds=milliseconds_since(start) / 1000,
    )


def _fit_operator(session: Session, number: int, request: FitOperator) -> Iterator[Event]:
    start = time.perf_counter()
    bundle = session.open_bundle()
    yield Working(number, "reading the pairs")
    before, after, description = yield from _codes_of_pairs(bundle, number, request.pairs)
    yield Working(number, f"fitting on {len(before)} pairs")
    fit = fit_operator(before, after, request.method, seed=request.seed)
    operator = Operator(
        name="",
        matrix=fit.matrix,
        made=fit.method,
        description=description,
        pairs=fit.pairs,
        held_out=len(fit.held_out),
        fit_error=fit.fit_error,
        held_out_error=fit.held_out_error,
        identity_error=fit.identity_error,
    )
    session.notes[FITTED] = bundle, operator
    shown = fit.held_out[:PAIRS_SHOWN]
    codes = np.concatenate([before[shown], before[shown] @ fit.matrix.T, after[shown]])
    decoded = pictures(bundle.networks.decode(codes)).reshape(3, len(shown), *_picture_shape(bundle))
    yield OperatorFitted(
        number,
        operator=_info(operator),
        before=decoded[0],
        applied=decoded[1],
        after=decoded[2],
        notes=fit.notes,
        seconds=milliseconds_since(start) / 1000,
    )


def _apply_operator(session: Session, number: int, request: ApplyOperator) -> Iterator[Event]:
    start = time.perf_counter()
    bundle = session.open_bundle()
    codes = _codes(session, request.subject)
    powers = [_power(session, factor) for factor in request.factors]
    matrix = compose(*(raised.matrix for raised in powers))
    pixels = bundle.networks.decode(renormalise(codes @ matrix.T))
    yield OperatorApplied(
        number,
        factors=request.factors,
        pictures=pictures(pixels),
        probabilities=bundle.networks.classify(pixels),
        notes=tuple(dict.fromkeys(raised.note for raised in powers if raised.note)),
        provenance=_product(bundle, request.factors),
        milliseconds=milliseconds_since(start),
    )


def _keep_operator(session: Session, number: int, request: KeepOperator) -> Iterator[Event]:
    bundle = session.open_bundle()
    check_name(request.name)
    if request.factors == (Factor(),):
        kept = _named(session, "")
        operator = replace(kept, name=request.name)
    else:
        matrix = compose(*(_power(session, factor).matrix for factor in request.factors))
        operator = Operator(request.name, matrix, "composed", _product(bundle, request.factors))
    keep_operator(bundle, operator)
    yield _listed(bundle, number)


def _forget_operator(session: Session, number: int, request: ForgetOperator) -> Iterator[Event]:
    forget_operator(session.open_bundle(), request.name)
    yield _listed(session.open_bundle(), number)


def _list_operators(session: Session, number: int, request: ListOperators) -> Iterator[Event]:
    yield _listed(session.open_bundle(), number)


def _walk(bundle: Bundle, settings: PathSettings, codes: np.ndarray) -> Walk:
    return set_out(
        bundle.basis,
        settings.stations,
        codes,
        closed=settings.closed,
        style=settings.style,
        through=settings.through,
    )


def _codes(session: Session, subject: Subject) -> np.ndarray:
    if subject == "glass":
        return session.under_glass().code[None]
    codes: np.ndarray | None = session.notes.get(CARRIED)
    if codes is None:
        raise NotAtHandError("No images are taken along yet: choose some.")
    return codes


def _read_test_images(
    session: Session, number: int, source: str
) -> Generator[Event, None, tuple[LabelledImages, np.ndarray]]:
    """The test images of a data set with the means of their posteriors, kept for the next question about them."""
    bundle = session.open_bundle()
    known = session.notes.get(READ)
    if known is not None and known[0] is bundle and known[1] == source:
        return known[2], known[3]
    yield Working(number, "reading test images")
    data = load_fitting(bundle.manifest.trained_on, source, "test")
    means = yield from _encoded(bundle, number, data.images, "test images")
    session.notes[READ] = bundle, source, data, means
    return data, means


def _encoded(
    bundle: Bundle, number: int, images: np.ndarray, which: str
) -> Generator[Event, None, np.ndarray]:
    """The means of the posteriors [N, M] of images uint8 [N, C, H, W]; between two batches it may be abandoned."""
    codes = []
    for first in range(0, len(images), BATCH):
        yield Working(number, f"encoding {len(images)} {which}, {first / len(images):.0%}")
        codes.append(bundle.networks.encode(scale_pixels(images[first : first + BATCH]))[0])
    return np.concatenate(codes)


def _codes_of_pairs(
    bundle: Bundle, number: int, pairs: Pairs
) -> Generator[Event, None, tuple[np.ndarray, np.ndarray, str]]:
    """The means of the posteriors of the images before and after, each [P, M], and where they come from, in words."""
    match pairs:
        case MeasuredPairs():
            return (yield from _codes_of_measured_pairs(bundle, number, pairs))
        case FolderPairs():
            files, told = files_paired_by_name(pairs.folder), f"pairs in {pairs.folder.name}"
        case SequencePairs():
            files, told = files_in_sequence(pairs.folder), f"the sequence in {pairs.folder.name}"
    before, after = (
        bundle.networks.encode(np.stack([prepared_for(bundle, file).pixels for file in side]))[0]
        for side in zip(*files, strict=True)
    )
    return before, after, told


def _codes_of_measured_pairs(
    bundle: Bundle, number: int, pairs: MeasuredPairs
) -> Generator[Event, None, tuple[np.ndarray, np.ndarray, str]]:
    data = load_fitting(bundle.manifest.trained_on, pairs.source, "train", any_labels=not pairs.labels)
    if data.image_shape[0] > 1:
        raise StudioError("Thickness and slant are measured on grey images: give pairs in a folder instead.")
    labels = pairs.labels or tuple(range(data.number_of_labels))
    chosen = np.concatenate([np.flatnonzero(data.labels == label)[:IMAGES_A_LABEL] for label in labels])
    data = data.take(chosen)
    codes = yield from _encoded(bundle, number, data.images, "training images")
    yield Working(number, f"measuring the {pairs.measure}")
    values = MEASURES[pairs.measure](data.images)
    first, second = match_apart(values, codes, data.labels, pairs.measure).T
    unit = "px" if pairs.measure == "thickness" else "°"
    named = "all labels" if not pairs.labels else ", ".join(data.label_names[label] for label in labels)
    told = (
        f"{data.name}, {named}: {pairs.measure} from {values[first].mean():.1f} {unit} "
        f"to {values[second].mean():.1f} {unit} on average"
    )
    return codes[first], codes[second], told


def _named(session: Session, name: str) -> Operator:
    if name:
        return kept_operator(session.open_bundle(), name)
    fitted = session.notes.get(FITTED)
    if fitted is None or fitted[0] is not session.bundle:
        raise NotAtHandError("No operator is fitted yet: fit one, or choose one that is kept.")
    operator: Operator = fitted[1]
    return operator


def _power(session: Session, factor: Factor | Turn) -> Power:
    if isinstance(factor, Factor):
        return power(_named(session, factor.name).matrix, factor.power)
    basis = session.open_bundle().basis
    leg = path_through(basis, (factor.source, factor.target), through=factor.through)
    matrix = matrix_of(
        lambda codes: leg.turn(weigh_rest(leg.anchors[0], factor.style, codes), 0, factor.degrees / QUARTER),
        leg.anchors.shape[1],
    )
    return Power(matrix, 0.0)


def _listed(bundle: Bundle, number: int) -> OperatorsListed:
    return OperatorsListed(number, tuple(map(_info, kept_operators(bundle))))


def _info(operator: Operator) -> OperatorInfo:
    undoable = invertible(operator.matrix)
    return OperatorInfo(
        name=operator.name,
        method=operator.made,
        description=operator.description,
        eigenvalues=eigenvalues(operator.matrix),
        orthogonal=orthogonal(operator.matrix),
        invertible=undoable,
        reason=""
        if undoable
        else "It wipes directions out, as the transport does, and what is gone cannot come back.",
        pairs=operator.pairs,
        held_out=operator.held_out,
        fit_error=operator.fit_error,
        held_out_error=operator.held_out_error,
        identity_error=operator.identity_error,
    )


def _leg_measured(leg: LegQuality) -> LegMeasured:
    return LegMeasured(
        source=leg.source,
        target=leg.target,
        images=len(leg.arrived),
        codes=leg.codes,
        endpoint_rate=float(leg.arrived.mean()),
        monotonicity=float(leg.risen.mean()),
    )


def _told(bundle: Bundle, settings: PathSettings, path: Path, position: float) -> str:
    leg = math.floor(position) if path.closed else min(math.floor(position), path.legs - 1)
    stations = settings.stations
    source, target = (stations[place % len(stations)] for place in (leg, leg + 1))
    names = f"{vector_name(bundle, source)} → {vector_name(bundle, target)}"
    return f"{named_kind(settings.style, settings.through)}, {names}, {QUARTER * (position - leg):.0f}°"


def _product(bundle: Bundle, factors: tuple[Factor | Turn, ...]) -> str:
    return ", then ".join(_factor(bundle, factor) for factor in factors)


def _factor(bundle: Bundle, factor: Factor | Turn) -> str:
    if isinstance(factor, Turn):
        source, target = (vector_name(bundle, vector) for vector in (factor.source, factor.target))
        return f"{named_kind(factor.style, factor.through)} {source} → {target} by {factor.degrees:g}°"
    name = factor.name or "the fitted operator"
    return name if factor.power == 1 else f"{name} to the power {factor.power:g}"


def vector_name(bundle: Bundle, vector: int) -> str:
    """A vector as a person knows it: by its label, and by its set where that is not the first."""
    name, set_ = bundle.manifest.label_names[bundle.basis.label(vector)], bundle.basis.set_(vector)
    return name if set_ == 1 else f"{name} (set {set_})"


def _check_shape(bundle: Bundle, shape: tuple[int, ...]) -> None:
    if tuple(shape) != tuple(bundle.networks.image_shape):
        raise StudioError(
            f"These images have the shape {tuple(shape)} and the bundle's networks take "
            f"{tuple(bundle.networks.image_shape)}; choose images of that shape or another bundle."
        )


def _picture_shape(bundle: Bundle) -> tuple[int, int, int]:
    channels, height, width = bundle.networks.image_shape
    return height, width, channels


HANDLERS: dict[type[Request], Handler] = {
    CarryImages: _carry_images,
    MoveAlongPath: _move_along_path,
    FollowPath: while_open(_follow_path),
    MeasurePath: while_open(_measure_path),
    FitOperator: while_open(_fit_operator),
    ApplyOperator: _apply_operator,
    KeepOperator: _keep_operator,
    ForgetOperator: _forget_operator,
    ListOperators: _list_operators,
}
