"""The image under the glass, and the answers about it.

An image costs one encoding (batch 1), one decoding of at most nine codes and one classification, so that pictures
follow a hand that draws.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.datasets import scale_pixels
from lsd_studio.engine.decomposition import Truncation, decompose, truncate
from lsd_studio.engine.desks.bundles import bundle_name
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.image_files import decode_png
from lsd_studio.engine.image_preparation import prepare_drawing, prepared_for
from lsd_studio.engine.messages.core import Event, Request
from lsd_studio.engine.messages.decompose import (
    PAPER_TERMS,
    Decomposed,
    DecomposeDrawing,
    DecomposeFile,
    DecomposeImage,
    DecompositionSettings,
    Reconstruction,
    Refine,
    Refining,
    Revise,
    SetTruncation,
    Truncated,
)
from lsd_studio.engine.messages.pixels import EncodedPixels
from lsd_studio.engine.pictures import pictures
from lsd_studio.engine.refinement import refine
from lsd_studio.engine.session import Glass, Handler, Session, milliseconds_since

__all__ = ["HANDLERS"]

REFINEMENTS_SHOWN = 12
"""Pictures of a refinement under way, so that it is told in steps that an eye can follow."""


def _decompose_image(session: Session, number: int, request: DecomposeImage) -> Iterator[Event]:
    start = time.perf_counter()
    pixels = request.pixels
    if isinstance(pixels, EncodedPixels):
        pixels = decode_png(pixels.png, session.open_bundle().networks.image_shape)
    _look_at(session, request.title, (), scale_pixels(pixels), request.settings)
    yield _decomposed(session, number, start)


def _decompose_drawing(session: Session, number: int, request: DecomposeDrawing) -> Iterator[Event]:
    start = time.perf_counter()
    prepared = prepare_drawing(request.ink, session.open_bundle().networks.image_shape)
    _look_at(session, "drawing", prepared.steps, prepared.pixels, request.settings)
    yield _decomposed(session, number, start)


def _decompose_file(session: Session, number: int, request: DecomposeFile) -> Iterator[Event]:
    start = time.perf_counter()
    title = "pasted image" if isinstance(request.source, bytes) else request.source.name
    prepared = prepared_for(session.open_bundle(), request.source)
    _look_at(session, title, prepared.steps, prepared.pixels, request.settings)
    yield _decomposed(session, number, start)


def _revise(session: Session, number: int, request: Revise) -> Iterator[Event]:
    start = time.perf_counter()
    session.glass = _read(session.open_bundle(), session.under_glass(), request.settings)
    yield _decomposed(session, number, start)


def _set_truncation(session: Session, number: int, request: SetTruncation) -> Iterator[Event]:
    start = time.perf_counter()
    bundle, glass = session.open_bundle(), session.under_glass()
    terms = _within(request.terms, bundle.networks.latent_dimensions)
    session.glass = replace(glass, settings=replace(glass.settings, terms=terms))
    (code,) = truncate(bundle.basis, bundle.basis.transform(glass.code), (terms,))
    yield Truncated(number, _decoded(bundle, code, terms), milliseconds_since(start))


def _refine(session: Session, number: int, request: Refine) -> Iterator[Event]:
    start = time.perf_counter()
    bundle, glass = session.open_bundle(), session.under_glass()
    every = max(1, request.steps // REFINEMENTS_SHOWN)
    code = glass.code
    for moved in refine(bundle.networks, glass.pixels[None], glass.code[None], request.steps):
        code = moved.codes[0]
        if moved.step % every == 0 and moved.step < moved.steps:
            reconstruction = _decoded(bundle, code, bundle.networks.latent_dimensions)
            yield Refining(number, moved.step, moved.steps, reconstruction, float(np.sqrt(moved.errors[0])))
    session.glass = replace(session.under_glass(), code=code, refined=True)
    yield _decomposed(session, number, start)


def _look_at(
    session: Session, title: str, steps: tuple[str, ...], pixels: np.ndarray, settings: DecompositionSettings
) -> None:
    bundle = session.open_bundle()
    networks = bundle.networks
    if pixels.shape != networks.image_shape:
        raise StudioError(
            f"This image has the shape {pixels.shape} and the bundle's networks take {networks.image_shape}; "
            "choose an image of that shape or another bundle."
        )
    mean, log_sigma = networks.encode(pixels[None])
    glass = Glass(title, steps, pixels, mean[0], log_sigma[0], settings, mean[0])
    session.glass = _read(bundle, glass, settings)


def _read(bundle: Bundle, glass: Glass, settings: DecompositionSettings) -> Glass:
    code = glass.mean
    if settings.latent == "sample":
        random = np.random.default_rng(settings.seed)
        code = bundle.networks.sample(glass.mean[None], glass.log_sigma[None], random)[0]
    return replace(glass, settings=settings, code=code, refined=False)


def _decomposed(session: Session, number: int, start: float) -> Decomposed:
    bundle, glass = session.open_bundle(), session.under_glass()
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
        bundle=bundle_name(bundle),
        title=glass.title,
        steps=glass.steps,
        picture=pictures(glass.pixels[None])[0],
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
        milliseconds=milliseconds_since(start),
    )


def _decoded(bundle: Bundle, code: np.ndarray, terms: int) -> Reconstruction:
    networks = bundle.networks
    pixels = networks.decode(code[None])
    probabilities = networks.classify(pixels)[0]
    return Reconstruction(terms, pictures(pixels)[0], int(probabilities.argmax()), float(probabilities.max()))


def _reconstruction(part: Truncation) -> Reconstruction:
    picture = pictures(part.image[None])[0]
    return Reconstruction(part.terms, picture, part.label, float(part.probabilities.max()))


def _within(terms: int, dimensions: int) -> int:
    return min(max(terms, 1), dimensions)


HANDLERS: dict[type[Request], Handler] = {
    DecomposeImage: _decompose_image,
    DecomposeDrawing: _decompose_drawing,
    DecomposeFile: _decompose_file,
    Revise: _revise,
    SetTruncation: _set_truncation,
    Refine: _refine,
}
