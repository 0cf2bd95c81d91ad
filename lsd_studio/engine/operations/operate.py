"""Images moved along paths and put under operators; operators fitted, saved and removed.

A drag costs one decoding and one classification of the images: they are encoded once.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.errors import NotAvailableError, StudioError
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.images.shapes import check_image_shape
from lsd_studio.engine.operations import Host, Operations, operation
from lsd_studio.engine.operators.filming import caption, in_one_picture, place_on_path
from lsd_studio.engine.operators.names import check_name
from lsd_studio.engine.operators.pair_sources import PairSource
from lsd_studio.engine.operators.paths import QUARTER, path_through
from lsd_studio.engine.operators.picture_style import picture_style
from lsd_studio.engine.operators.planes import matrix_of, renormalise
from lsd_studio.engine.operators.products import Factor, Product, Turn
from lsd_studio.engine.operators.results import (
    AnalysedOperator,
    AppliedOperators,
    EncodedImages,
    FittedOperator,
    FollowedPath,
    ImagesOnPath,
    MeasuredPath,
    TracedOperators,
)
from lsd_studio.engine.operators.walks import PathSettings, set_out
from lsd_studio.engine.steps import Doing
from lsd_studio.engine.vocabulary import Method

if TYPE_CHECKING:
    from lsd_studio.engine.bundle import Bundle
    from lsd_studio.engine.datasets import LabelledImages
    from lsd_studio.engine.operators.algebra import Power
    from lsd_studio.engine.operators.path_quality import LegQuality
    from lsd_studio.engine.operators.store import Operator
    from lsd_studio.engine.session import Session

FITTED_LAST: Product = (Factor(),)
"""The operator that was fitted last, as it is."""

MOST_IMAGES = 100
"""Images that are moved at once."""

MOST_PICTURES = 5000
"""Pictures of one path, which are all kept in memory."""

PAIRS_SHOWN = 10


class OperateOperations(Operations):
    """Moves images along paths, and fits, applies and saves operators.

    Where `images` is None, it is the current image of `DecomposeOperations`, with the code in use.
    """

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._fitted: tuple[Bundle, Operator] | None = None
        self._test_codes: tuple[Bundle, str, LabelledImages, np.ndarray] | None = None

    @operation()
    def encode(self, images: np.ndarray) -> EncodedImages:
        """Encode images, uint8 [N, C, H, W] 0…255, N ≤ 100, to be moved along paths."""
        from lsd_studio.engine.datasets import scale_pixels

        bundle = self._session.open_bundle()
        if not 1 <= len(images) <= MOST_IMAGES:
            raise StudioError(f"Choose between 1 and {MOST_IMAGES} images, not {len(images)}.")
        check_image_shape(images.shape[1:], bundle.networks.image_shape)
        pixels = scale_pixels(images)
        return EncodedImages(pictures(pixels), bundle.networks.encode(pixels)[0], bundle)

    @operation(latest="pane")
    def move(
        self, path: PathSettings, position: float, images: EncodedImages | None = None, pane: str = ""
    ) -> ImagesOnPath:
        """Images at a position of a path.

        An image starts at the first station that is the set-1 vector of its largest amplitude, where its picture is its
        own (with its code at norm √M, R22), and is moved from there, ahead or back. Where no station is its own, it is
        first turned onto the first station.

        Args:
            pane: a newer position for the same one replaces one that waits.
        """
        bundle = self._session.open_bundle()
        walk = set_out(bundle.basis, path, images_codes(self._session, images))
        position = walk.path.within(position)
        moved = walk.at(position)
        pixels = bundle.networks.decode(moved.codes)
        return ImagesOnPath(
            position=position,
            pictures=pictures(pixels),
            probabilities=bundle.networks.classify(pixels),
            squared_norms=moved.squared_norms,
            provenance=_place_in_words(bundle, path, position),
        )

    @operation("analysis")
    def follow(
        self, path: PathSettings, images: EncodedImages | None = None, step: float = 10.0
    ) -> Generator[Doing, None, FollowedPath]:
        """Images along the whole path, at most `step` degrees from one position to the next."""
        return (
            yield from _followed(self._session.open_bundle(), path, images_codes(self._session, images), step)
        )

    @operation("analysis")
    def film(
        self, path: PathSettings, file: Path, images: EncodedImages | None = None, step: float = 5.0
    ) -> Generator[Doing, None, int]:
        """Write images along the whole path to one file, and return the number of its pictures.

        Args:
            file: a strip (.png), an animation (.gif) or a film (.mp4), as its ending says; several images are beside
                each other in every picture.
            step: degrees from one picture to the next, at most.

        Raises:
            StudioError: the ending is none of these, or the file cannot be written.
        """
        from lsd_studio.engine.images.films import check_film, write_film

        check_film(file)
        bundle, codes = self._session.open_bundle(), images_codes(self._session, images)
        names = bundle.manifest.label_names
        followed = yield from _followed(bundle, path, codes, step)
        called = [_vector_name(bundle, station) for station in path.stations]
        captions = [place_on_path(called, position) for position in followed.positions.tolist()]
        if len(codes) == 1:
            read = followed.probabilities[:, 0]
            captions = [caption(what, names, each) for what, each in zip(captions, read, strict=True)]
        yield Doing("writing the film")
        write_film(file, in_one_picture(followed.pictures), captions)
        return len(captions)

    @operation("analysis")
    def measure(
        self, path: PathSettings, source: str, images_a_leg: int = 10_000
    ) -> Generator[Doing | LegQuality, None, MeasuredPath]:
        """Measure every leg over test images (R39): those whose label it starts from are turned to its end.

        Args:
            path: its stations must be of set 1.
            source: data set by name or folder.
            images_a_leg: at most so many are taken for each leg.
        """
        from lsd_studio.engine.operators.path_quality import (
            endpoint_rate,
            measure_legs,
            monotonicity,
            style_of_arrivals,
        )

        bundle = self._session.open_bundle()
        data, codes = yield from self._read_test_images(bundle, source)
        legs: list[LegQuality] = []
        for leg in measure_legs(
            bundle.networks,
            bundle.basis,
            codes,
            data.labels,
            path.stations,
            closed=path.closed,
            style=path.style,
            through=path.through,
            images_a_leg=images_a_leg,
        ):
            legs.append(leg)
            yield leg
        return MeasuredPath(
            data.name, tuple(legs), endpoint_rate(legs), monotonicity(legs), style_of_arrivals(legs)
        )

    @operation("analysis")
    def fit(
        self, pairs: PairSource, method: Method = "least squares", seed: int = 0
    ) -> Generator[Doing, None, FittedOperator]:
        """Fit an operator on pairs of codes (R23), which `Factor()` means from now on."""
        from lsd_studio.engine.operators.pair_codes import fit_on_pairs

        bundle = self._session.open_bundle()
        made = yield from fit_on_pairs(bundle, pairs, method, seed=seed)
        fit, before, after = made.fit, made.pairs.before, made.pairs.after
        self._fitted = bundle, made.operator
        shown = fit.held_out[:PAIRS_SHOWN]
        codes = np.concatenate([before[shown], before[shown] @ fit.matrix.T, after[shown]])
        decoded = pictures(bundle.networks.decode(codes)).reshape(3, len(shown), *_picture_shape(bundle))
        return FittedOperator(_analysed(made.operator), decoded[0], decoded[1], decoded[2], fit.notes)

    @operation()
    def apply(self, factors: Product, images: EncodedImages | None = None) -> AppliedOperators:
        """Images under operators that are applied one after the other, the first factor first."""
        from lsd_studio.engine.operators.algebra import apply_affine, compose

        bundle = self._session.open_bundle()
        codes = images_codes(self._session, images)
        powers = [self._power(factor) for factor in factors]
        matrix = compose(*(raised.matrix for raised in powers))
        pixels = bundle.networks.decode(renormalise(apply_affine(matrix, codes)))
        return AppliedOperators(
            factors=factors,
            pictures=pictures(pixels),
            probabilities=bundle.networks.classify(pixels),
            notes=tuple(dict.fromkeys(raised.note for raised in powers if raised.note)),
            provenance=_product_in_words(bundle, factors),
        )

    @operation("analysis")
    def trace(self, factors: Product, images: EncodedImages | None = None) -> TracedOperators:
        """Images as they are and after each of these operators, the first factor first, for one look at all of it."""
        from lsd_studio.engine.operators.algebra import apply_affine

        bundle = self._session.open_bundle()
        powers = [self._power(factor) for factor in factors]
        stages = [np.asarray(images_codes(self._session, images), np.float64)]
        for raised in powers:
            stages.append(apply_affine(raised.matrix, stages[-1]))
        codes = np.stack(stages)
        pixels = bundle.networks.decode(renormalise(codes.reshape(-1, codes.shape[-1])))
        shape = codes.shape[:2]
        return TracedOperators(
            probabilities=bundle.networks.classify(pixels).reshape(*shape, -1),
            squared_norms=np.array([[code @ code / len(code) for code in stage] for stage in codes]),
            style={name: values.reshape(shape) for name, values in picture_style(pixels).items()},
            pictures=pictures(pixels).reshape(*shape, *_picture_shape(bundle)),
            notes=tuple(dict.fromkeys(raised.note for raised in powers if raised.note)),
        )

    @operation()
    def operators(self) -> tuple[AnalysedOperator, ...]:
        """The operators saved in the open bundle, by name."""
        from lsd_studio.engine.operators.store import load_operators

        return tuple(map(_analysed, load_operators(self._session.open_bundle())))

    @operation(latest="name")
    def save(self, name: str, factors: Product = FITTED_LAST) -> None:
        """Save a product of operators in the open bundle under a name; one with this name is replaced.

        Names are up to 60 small letters a–z, digits, spaces, "-" and "_". What belongs to a shipped bundle is saved
        in the user's own folder.
        """
        from lsd_studio.engine.operators.algebra import compose
        from lsd_studio.engine.operators.store import Operator, save_operator

        bundle = self._session.open_bundle()
        check_name(name)
        if factors == FITTED_LAST:
            operator = replace(self._named(""), name=name)
        else:
            whole = compose(*(self._power(factor).matrix for factor in factors))
            words = _product_in_words(bundle, factors, self._fit_in_words())
            shift = whole[:-1, -1] if whole[:-1, -1].any() else None
            operator = Operator(name, whole[:-1, :-1], "composed", words, shift=shift)
        save_operator(bundle, operator)

    @operation(latest="name")
    def save_path(self, name: str, path: PathSettings, description: str) -> None:
        """Save the operator of a whole path, from its start to its end, as `save` does; `description` says which."""
        from lsd_studio.engine.operators.store import Operator, save_operator

        bundle = self._session.open_bundle()
        whole = path_through(bundle.basis, path.stations, closed=path.closed, through=path.through)
        matrix = matrix_of(
            lambda codes: whole.carry(codes, 0.0, float(whole.legs), style=path.style), whole.anchors.shape[1]
        )
        save_operator(bundle, Operator(name, matrix, "composed", description))

    @operation("loading")
    def share(self, name: str, file: Path) -> Path:
        """Write a saved operator to a file for others (.safetensors), what is stated of it beside it as JSON, its path.

        Raises:
            StudioError: there is no such operator, or the file cannot be written.
        """
        from lsd_studio.engine.operators.store import share_operator

        return share_operator(self._session.open_bundle(), name, file)

    @operation("loading")
    def add(self, file: Path) -> str:
        """Save an operator that someone shared in the open bundle; returns its name.

        Raises:
            StudioError: it is no operator, or one on codes of another encoder.
        """
        from lsd_studio.engine.operators.store import add_operator

        return add_operator(self._session.open_bundle(), file).name

    @operation(latest="name")
    def remove(self, name: str) -> None:
        """Remove an operator from the open bundle."""
        from lsd_studio.engine.operators.store import remove_operator

        remove_operator(self._session.open_bundle(), name)

    def _named(self, name: str) -> Operator:
        from lsd_studio.engine.operators.store import load_operator

        bundle = self._session.open_bundle()
        if name:
            return load_operator(bundle, name)
        if self._fitted is None or self._fitted[0] is not bundle:
            raise NotAvailableError("No operator fitted yet: fit one, or choose one saved in the bundle.")
        return self._fitted[1]

    def _fit_in_words(self) -> str:
        """What was fitted last, for where another may be fitted since."""
        if self._fitted is None:
            return ""
        operator = self._fitted[1]
        return f"{operator.made}, {operator.description}"

    def _power(self, factor: Factor | Turn) -> Power:
        """A factor as an affine operator, [M + 1, M + 1]."""
        from lsd_studio.engine.operators.algebra import Power, affine, power, straight

        if isinstance(factor, Turn):
            return Power(affine(factor.matrix(self._session.open_bundle().basis)), 0.0)
        operator = self._named(factor.name)
        if operator.way == "straight":
            return straight(affine(operator.matrix, operator.shift), factor.power)
        if operator.shift is not None:
            return power(affine(operator.matrix, operator.shift), factor.power)
        raised = power(operator.matrix, factor.power)
        return replace(raised, matrix=affine(raised.matrix))

    def _read_test_images(
        self, bundle: Bundle, source: str
    ) -> Generator[Doing, None, tuple[LabelledImages, np.ndarray]]:
        """The test images of a data set with the means of their posteriors, kept for the next question about them."""
        from lsd_studio.engine.datasets import load_fitting
        from lsd_studio.engine.operators.pair_codes import codes_of

        known = self._test_codes
        if known is not None and known[0] is bundle and known[1] == source:
            return known[2], known[3]
        yield Doing("reading test images")
        data = load_fitting(bundle.manifest.trained_on, source, "test")
        means = yield from codes_of(bundle, data, "test images")
        self._test_codes = bundle, source, data, means
        return data, means


def images_codes(session: Session, images: EncodedImages | None) -> np.ndarray:
    """The codes of encoded images, float64 [N, M], or of the current image.

    Raises:
        NotAvailableError: another bundle encoded them, or there is no current image.
    """
    if images is None:
        return session.current_image().code[None]
    if images.bundle is not session.bundle:
        raise NotAvailableError("These images were encoded by another bundle: encode them again.")
    return images.codes


def _followed(
    bundle: Bundle, path: PathSettings, codes: np.ndarray, step: float
) -> Generator[Doing, None, FollowedPath]:
    """Codes [N, M] along the whole path, decoded and read."""
    from lsd_studio.engine.models.inference import images_at_once

    networks = bundle.networks
    walk = set_out(bundle.basis, path, codes)
    positions = walk.path.positions(step)
    if len(positions) * len(walk.codes) > MOST_PICTURES:
        raise StudioError("This path has too many steps to show: take larger ones.")
    moved = [walk.at(position) for position in positions.tolist()]
    first_slant = picture_style(networks.decode(renormalise(walk.codes)))["slant"]
    at_once = max(1, images_at_once(networks.image_shape) // len(walk.codes))
    pixels, probabilities, styles = [], [], []
    for first in range(0, len(moved), at_once):
        yield Doing("computing the path", first / len(moved))
        some = np.stack([part.codes for part in moved[first : first + at_once]])
        decoded = networks.decode(some.reshape(-1, some.shape[-1]))
        styles.append({name: of.reshape(some.shape[:2]) for name, of in picture_style(decoded).items()})
        pixels.append(pictures(decoded).reshape(*some.shape[:2], *_picture_shape(bundle)))
        probabilities.append(networks.classify(decoded).reshape(*some.shape[:2], -1))
    style = {name: np.concatenate([some[name] for some in styles]) for name in styles[0]}
    return FollowedPath(
        path=path,
        positions=positions,
        probabilities=np.concatenate(probabilities),
        squared_norms=np.stack([part.squared_norms for part in moved]),
        slant_moved=np.abs(style["slant"] - first_slant),
        style=style,
        pictures=np.concatenate(pixels),
    )


def _analysed(operator: Operator) -> AnalysedOperator:
    from lsd_studio.engine.operators.algebra import eigenvalues, invertible, orthogonal

    matrix = operator.matrix
    turns = operator.shift is None and orthogonal(matrix)
    return AnalysedOperator(operator, eigenvalues(matrix), turns, invertible(matrix))


def _place_in_words(bundle: Bundle, path: PathSettings, position: float) -> str:
    leg = math.floor(position) if path.closed else min(math.floor(position), path.legs - 1)
    source, target = (path.stations[place % len(path.stations)] for place in (leg, leg + 1))
    names = f"{_vector_name(bundle, source)} → {_vector_name(bundle, target)}"
    return f"{path.kind}, {names}, {QUARTER * (position - leg):.0f}°"


def _product_in_words(bundle: Bundle, factors: Product, fitted: str = "the fitted operator") -> str:
    return ", then ".join(_factor_in_words(bundle, factor, fitted) for factor in factors)


def _factor_in_words(bundle: Bundle, factor: Factor | Turn, fitted: str) -> str:
    if isinstance(factor, Turn):
        source, target = (_vector_name(bundle, vector) for vector in (factor.source, factor.target))
        return f"{factor.kind} {source} → {target} by {factor.degrees:g}°"
    name = factor.name or fitted
    return name if factor.power == 1 else f"{name} to the power {factor.power:g}"


def _vector_name(bundle: Bundle, vector: int) -> str:
    """A vector as a person knows it: by its label, and by its set where that is not the first."""
    name, set_ = isolated(bundle.manifest.label_names[bundle.basis.label(vector)]), bundle.basis.set_(vector)
    return name if set_ == 1 else f"{name} (set {set_})"


def _picture_shape(bundle: Bundle) -> tuple[int, int, int]:
    channels, height, width = bundle.networks.image_shape
    return height, width, channels
