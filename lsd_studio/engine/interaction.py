"""What the interaction lane does: an open bundle, the image under the glass, and the answers about it.

An image costs one encoding (batch 1), one decoding of at most nine codes and one classification, so that pictures
follow a hand that draws.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from lsd_studio.engine.bundle import Bundle, open_bundle, shipped_bundles
from lsd_studio.engine.datasets import scale_pixels
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.image_preparation import PreparedImage, prepare_drawing, prepare_image, read_image
from lsd_studio.engine.messages import (
    BundleOpened,
    DecomposeDrawing,
    DecomposeFile,
    DecomposeImage,
    Decomposed,
    DecompositionSettings,
    Event,
    OpenBundle,
    Reading,
    Reconstruction,
    Refine,
    Refining,
    Request,
    Revise,
    SetTruncation,
    Truncated,
    Working,
)

TRUNCATIONS = (1, 2, 3, 4, 10)
"""Numbers of terms that Figure 7 shows, beside all M."""

THREADS = 2
"""Threads that torch may use to answer a hand; more do not help at these batch sizes."""


@dataclass(frozen=True)
class Glass:
    """The image under the glass, as far as it does not depend on n.

    Args:
        pixels: float32 [C, H, W] in [−1, 1]; label and probability: what C says of it.
        mean, log_sigma: float32 [M], the posterior.
        code: float64 [M], the code in use: mean, a draw, or refined; amplitudes: float64 [M], its c (Eq. 9).
        ranking: int64 [M], vectors by falling |c|.
    """

    title: str
    steps: tuple[str, ...]
    pixels: np.ndarray
    label: int
    probability: float
    mean: np.ndarray
    log_sigma: np.ndarray
    settings: DecompositionSettings
    code: np.ndarray
    amplitudes: np.ndarray
    ranking: np.ndarray
    refined: bool


class Interaction:
    """The state of the interaction lane. It lives on one thread; `work` is that lane's work."""

    def __init__(self) -> None:
        torch.set_num_threads(THREADS)
        self._bundle: Bundle | None = None
        self._glass: Glass | None = None

    def work(self, number: int, request: Request) -> Iterator[Event]:
        """Do one request and yield the events that answer it.

        Raises:
            StudioError: where the request cannot be done; its sentence says what to do.
        """
        start = time.perf_counter()
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
                glass = self._under_glass()
                self._glass = replace(glass, settings=replace(glass.settings, terms=request.terms))
                (reconstruction,) = self._reconstruct(glass, (request.terms,))
                yield Truncated(number, reconstruction, _milliseconds_since(start))
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
            milliseconds=_milliseconds_since(start),
        )

    def _prepare(self, source: Path | bytes) -> PreparedImage:
        bundle = self._open()
        like_mnist = bundle.manifest.data.name.startswith(("mnist", "emnist"))
        return prepare_image(read_image(source), bundle.networks.image_shape, like_mnist=like_mnist)

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
        glass = Glass(title, steps, pixels, -1, 0.0, mean[0], log_sigma[0], settings, mean[0], mean[0], mean[0], False)
        self._glass = self._read(glass, settings)

    def _read(self, glass: Glass, settings: DecompositionSettings) -> Glass:
        networks = self._open().networks
        if settings.latent == "sample":
            random = np.random.default_rng(settings.seed)
            code = networks.sample(glass.mean[None], glass.log_sigma[None], random)[0]
        else:
            code = glass.mean
        return self._with_code(replace(glass, settings=settings, refined=False), code)

    def _with_code(self, glass: Glass, code: np.ndarray) -> Glass:
        code = code.astype(np.float64)
        amplitudes = self._open().basis.transform(code)
        ranking = np.argsort(-np.abs(amplitudes), kind="stable")
        return replace(glass, code=code, amplitudes=amplitudes, ranking=ranking)

    def _decomposed(self, number: int, start: float) -> Decomposed:
        bundle, glass = self._open(), self._under_glass()
        dimensions = bundle.networks.latent_dimensions
        reading = glass.settings.reading or bundle.profile.reading
        slider = min(max(glass.settings.terms, 1), dimensions)
        terms = (*(n for n in TRUNCATIONS if n < dimensions), dimensions)
        every = terms if slider in terms else (*terms, slider)
        pixels = self._decode_terms(glass, every)
        probabilities = bundle.networks.classify(np.concatenate([glass.pixels[None], pixels]))
        reconstructions = _reconstructions(every, pixels, probabilities[1:])
        winner = _winner(glass.amplitudes, bundle.networks.number_of_labels, reading)
        return Decomposed(
            number,
            bundle=_name(bundle),
            title=glass.title,
            steps=glass.steps,
            picture=_pictures(glass.pixels[None])[0],
            label=int(probabilities[0].argmax()),
            probability=float(probabilities[0].max()),
            settings=replace(glass.settings, terms=slider),
            reading=reading,
            refined=glass.refined,
            amplitudes=glass.amplitudes,
            ranking=glass.ranking,
            winner=winner,
            lsd_label=winner % bundle.networks.number_of_labels,
            truncations=reconstructions[: len(terms)],
            slider=reconstructions[every.index(slider)],
            root_mean_square_error=_root_mean_square(pixels[len(terms) - 1] - glass.pixels),
            milliseconds=_milliseconds_since(start),
        )

    def _reconstruct(self, glass: Glass, terms: tuple[int, ...]) -> tuple[Reconstruction, ...]:
        pixels = self._decode_terms(glass, terms)
        return _reconstructions(terms, pixels, self._open().networks.classify(pixels))

    def _decode_terms(self, glass: Glass, terms: tuple[int, ...]) -> np.ndarray:
        bundle = self._open()
        ranks = np.empty_like(glass.ranking)
        ranks[glass.ranking] = np.arange(len(ranks))
        kept = np.where(ranks < np.array(terms)[:, None], glass.amplitudes, 0.0)
        return bundle.networks.decode(bundle.basis.inverse_transform(kept))

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
        raise StudioError("No bundle comes with this installation; open a bundle's folder, or train one first.")
    return shipped[0]


def _name(bundle: Bundle) -> str:
    return bundle.path.parent.name if bundle.path.name == "bundle" else bundle.path.name


def _pictures(pixels: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.rint((pixels.clip(-1, 1) + 1) * 127.5).astype(np.uint8).transpose(0, 2, 3, 1))


def _reconstructions(
    terms: tuple[int, ...], pixels: np.ndarray, probabilities: np.ndarray
) -> tuple[Reconstruction, ...]:
    return tuple(
        Reconstruction(n, picture, int(row.argmax()), float(row.max()))
        for n, picture, row in zip(terms, _pictures(pixels), probabilities, strict=True)
    )


def _winner(amplitudes: np.ndarray, number_of_labels: int, reading: Reading) -> int:
    """The vector that names the label: the largest |c| of all, or the largest signed c of set 1 (R16)."""
    if reading == "absolute":
        return int(np.abs(amplitudes).argmax())
    return int(amplitudes[:number_of_labels].argmax())


def _root_mean_square(difference: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(difference))))


def _milliseconds_since(start: float) -> float:
    return 1000 * (time.perf_counter() - start)
