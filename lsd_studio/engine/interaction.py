"""What the interaction lane does: an open bundle, the image under the glass, and the answers about it.

An image costs one encoding (batch 1), one decoding of at most nine codes and one classification, so that pictures
follow a hand that draws.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from lsd_studio.engine.bundle import Bundle, open_bundle, shipped_bundles
from lsd_studio.engine.datasets import scale_pixels
from lsd_studio.engine.decomposition import PAPER_TERMS, Truncation, decompose, truncate
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.image_preparation import PreparedImage, prepare_drawing, prepare_image, read_image
from lsd_studio.engine.messages import (
    BundleOpened,
    Decomposed,
    DecomposeDrawing,
    DecomposeFile,
    DecomposeImage,
    DecompositionSettings,
    Event,
    OpenBundle,
    Reconstruction,
    Refine,
    Refining,
    Request,
    Revise,
    SetTruncation,
    Truncated,
    Working,
)
from lsd_studio.engine.refinement import refine

REFINEMENTS_SHOWN = 12
"""Pictures of a refinement under way, so that it is told in steps that an eye can follow."""

THREADS = 2
"""Threads that torch may use to answer a hand; one while a training keeps the processor busy, since every operation
would otherwise wait until both are given a core."""


@dataclass(frozen=True, eq=False)
class Glass:
    """The image under the glass.

    Args:
        title: which image it is; steps: what was done to it, in words.
        pixels: float32 [C, H, W] in [−1, 1].
        mean, log_sigma: float32 [M], the posterior.
        settings: how it is decomposed.
        code: [M], the code in use: the mean, a draw, or refined.
    """

    title: str
    steps: tuple[str, ...]
    pixels: np.ndarray
    mean: np.ndarray
    log_sigma: np.ndarray
    settings: DecompositionSettings
    code: np.ndarray
    refined: bool = False


class Interaction:
    """The state of the interaction lane. It lives on one thread; `work` is that lane's work.

    Args:
        is_training: whether a training is under way.
    """

    def __init__(self, is_training: Callable[[], bool]) -> None:
        self._is_training = is_training
        self._bundle: Bundle | None = None
        self._glass: Glass | None = None

    def work(self, number: int, request: Request) -> Iterator[Event]:
        """Do one request and yield the events that answer it.

        Raises:
            StudioError: where the request cannot be done; its sentence says what to do.
        """
        start = time.perf_counter()
        torch.set_num_threads(1 if self._is_training() else THREADS)
        match request:
            case OpenBundle():
                yield Working(number, "opening the bundle")
                self._bundle, self._glass = open_bundle(_path_or_shipped(request.path)), None
                yield self._opened(number, start)
            case DecomposeImage():
                self._look_at(request.title, (), scale_pixels(request.pixels), request.settings)
                yield self._decomposed(number, start)
            case DecomposeDrawing():
                prepared = prepare_drawing(request.ink, self._open().networks.image_shape)
                self._look_at("drawing", prepared.steps, prepared.pixels, request.settings)
                yield self._decomposed(number, start)
            case DecomposeFile():
                title = "pasted image" if isinstance(request.source, bytes) else request.source.name
                prepared = self._prepare(request.source)
                self._look_at(title, prepared.steps, prepared.pixels, request.settings)
                yield self._decomposed(number, start)
            case Revise():
                self._glass = self._read(self._under_glass(), request.settings)
                yield self._decomposed(number, start)
            case SetTruncation():
                yield self._truncated(number, request.terms, start)
            case Refine():
                yield from self._refine(number, request, start)
            case _:
                raise TypeError(f"The engine does not know the request {type(request).__name__}.")

    def _opened(self, number: int, start: float) -> BundleOpened:
        bundle = self._open()
        pixels = bundle.networks.decode(bundle.basis.xi_)
        probabilities = bundle.networks.classify(pixels)
        return BundleOpened(
            number,
            path=bundle.path,
            name=_name(bundle),
            profile=bundle.profile.name,
            data_set=bundle.manifest.data.name,
            label_names=bundle.manifest.label_names,
            image_shape=bundle.networks.image_shape,
            latent_dimensions=bundle.networks.latent_dimensions,
            reading=bundle.profile.reading,
            vector_pictures=_pictures(pixels),
            vector_labels=probabilities.argmax(axis=1),
            vector_probabilities=probabilities.max(axis=1),
            shipped=shipped_bundles(),
            milliseconds=_milliseconds_since(start),
        )

    def _prepare(self, source: Path | bytes) -> PreparedImage:
        bundle = self._open()
        shape = bundle.networks.image_shape
        return prepare_image(read_image(source), shape, like_mnist=bundle.made_from_ink)

    def _look_at(
        self, title: str, steps: tuple[str, ...], pixels: np.ndarray, settings: DecompositionSettings
    ) -> None:
        networks = self._open().networks
        if pixels.shape != networks.image_shape:
            raise StudioError(
                f"This image has the shape {pixels.shape} and the bundle's networks take {networks.image_shape}; "
                "choose an image of that shape or another bundle."
            )
        mean, log_sigma = networks.encode(pixels[None])
        self._glass = self._read(
            Glass(title, steps, pixels, mean[0], log_sigma[0], settings, mean[0]), settings
        )

    def _read(self, glass: Glass, settings: DecompositionSettings) -> Glass:
        code = glass.mean
        if settings.latent == "sample":
            random = np.random.default_rng(settings.seed)
            code = self._open().networks.sample(glass.mean[None], glass.log_sigma[None], random)[0]
        return replace(glass, settings=settings, code=code, refined=False)

    def _decomposed(self, number: int, start: float) -> Decomposed:
        bundle, glass = self._open(), self._under_glass()
        dimensions = bundle.networks.latent_dimensions
        reading = glass.settings.reading or bundle.profile.reading
        slider = _within(glass.settings.terms, dimensions)
        shown = tuple(n for n in PAPER_TERMS if n < dimensions)
        (found,) = decompose(
            bundle.networks,
            bundle.basis,
            glass.pixels[None],
            glass.code[None],
            reading=reading,
            terms=(*shown, *({slider} - {*shown, dimensions})),
        )
        by_terms = {part.terms: _reconstruction(part) for part in (*found.truncations, found.reconstruction)}
        return Decomposed(
            number,
            bundle=_name(bundle),
            title=glass.title,
            steps=glass.steps,
            picture=_pictures(glass.pixels[None])[0],
            label=found.label,
            probability=float(found.probabilities.max()),
            settings=replace(glass.settings, terms=slider),
            reading=reading,
            refined=glass.refined,
            amplitudes=found.amplitudes,
            ranking=found.ranking,
            winner=found.winner,
            lsd_label=found.lsd_label,
            truncations=tuple(by_terms[n] for n in (*shown, dimensions)),
            slider=by_terms[slider],
            root_mean_square_error=float(np.sqrt(np.mean((found.reconstruction.image - glass.pixels) ** 2))),
            milliseconds=_milliseconds_since(start),
        )

    def _truncated(self, number: int, terms: int, start: float) -> Truncated:
        bundle, glass = self._open(), self._under_glass()
        terms = _within(terms, bundle.networks.latent_dimensions)
        self._glass = replace(glass, settings=replace(glass.settings, terms=terms))
        (code,) = truncate(bundle.basis, bundle.basis.transform(glass.code), (terms,))
        return Truncated(number, self._decoded(code, terms), _milliseconds_since(start))

    def _refine(self, number: int, request: Refine, start: float) -> Iterator[Event]:
        bundle, glass = self._open(), self._under_glass()
        every = max(1, request.steps // REFINEMENTS_SHOWN)
        code = glass.code
        for moved in refine(bundle.networks, glass.pixels[None], glass.code[None], request.steps):
            code = moved.codes[0]
            if moved.step % every == 0 and moved.step < moved.steps:
                reconstruction = self._decoded(code, bundle.networks.latent_dimensions)
                yield Refining(
                    number, moved.step, moved.steps, reconstruction, float(np.sqrt(moved.errors[0]))
                )
        self._glass = replace(self._under_glass(), code=code, refined=True)
        yield self._decomposed(number, start)

    def _decoded(self, code: np.ndarray, terms: int) -> Reconstruction:
        networks = self._open().networks
        pixels = networks.decode(code[None])
        probabilities = networks.classify(pixels)[0]
        return Reconstruction(
            terms, _pictures(pixels)[0], int(probabilities.argmax()), float(probabilities.max())
        )

    def _open(self) -> Bundle:
        if self._bundle is None:
            raise StudioError("No bundle is open; open one first.")
        return self._bundle

    def _under_glass(self) -> Glass:
        self._open()
        if self._glass is None:
            raise StudioError("There is no image yet; draw a digit, pick a test image or drop an image file.")
        return self._glass


def _path_or_shipped(path: Path | None) -> str | Path:
    if path is not None:
        return path
    shipped = shipped_bundles()
    if not shipped:
        raise StudioError(
            "No bundle comes with this installation; open a bundle's folder, or train one first."
        )
    return shipped[0]


def _name(bundle: Bundle) -> str:
    return bundle.path.parent.name if bundle.path.name == "bundle" else bundle.path.name


def _pictures(pixels: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(
        np.rint((pixels.clip(-1, 1) + 1) * 127.5).astype(np.uint8).transpose(0, 2, 3, 1)
    )


def _reconstruction(part: Truncation) -> Reconstruction:
    picture = _pictures(part.image[None])[0]
    return Reconstruction(part.terms, picture, part.label, float(part.probabilities.max()))


def _within(terms: int, dimensions: int) -> int:
    return min(max(terms, 1), dimensions)


def _milliseconds_since(start: float) -> float:
    return 1000 * (time.perf_counter() - start)
