"""The current image: decomposed, truncated, refined.

An image costs one encoding (batch 1), one decoding of at most nine codes and one classification, so that pictures
follow a hand that draws.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.pictures import EncodedPixels, pictures
from lsd_studio.engine.images.shapes import check_image_shape
from lsd_studio.engine.operations import Operations, operation
from lsd_studio.engine.operations.bundles import bundle_name
from lsd_studio.engine.session import CurrentImage
from lsd_studio.engine.steps import Doing, mapped
from lsd_studio.engine.vocabulary import PAPER_TERMS, Reading

if TYPE_CHECKING:
    from lsd_studio.engine.bundle import Bundle
    from lsd_studio.engine.decomposition.decomposition import Decomposition
    from lsd_studio.engine.decomposition.outliers import OutlierScores

REFINEMENTS_SHOWN = 12
"""Pictures of a refinement under way, so that it is reported in steps that an eye can follow."""

REFERENCE = "decompose.reference"
"""Note of the session: networks, and what images are compared with that they see."""

Latent = Literal["mean", "sample"]
"""The code of an image: the posterior's mean μ, or one draw z = μ + σ·ε (R7)."""


@dataclass(frozen=True)
class DecompositionSettings:
    """How an image is to be decomposed.

    Args:
        latent: posterior mean or one draw from it.
        seed: of the draw; the same seed gives the same draw of the same image.
        reading: None takes the reading of the bundle's profile.
        terms: n of the truncation under the slider, 1…M (values outside are clipped).
    """

    latent: Latent = "mean"
    seed: int = 0
    reading: Reading | None = None
    terms: int = 1


@dataclass(frozen=True)
class Reconstruction:
    """One decoded code and what C says of it.

    Args:
        terms: how many of the largest terms the code holds (M: all of them).
        picture: uint8 [H, W, C].
        label: C's label; probability: 0…1.
    """

    terms: int
    picture: np.ndarray
    label: int
    probability: float


@dataclass(frozen=True, eq=False)
class DecomposedImage:
    """An image, decomposed.

    Args:
        title: which image it is; steps: what was done to it before the encoder saw it, in words.
        picture: uint8 [H, W, C], the image as the networks see it.
        label: C's label of the image; probability: of it, 0…1.
        refined: whether the code was refined (R41) after the encoder.
        amplitudes: float64 [M], c_k = ⟨ξ_k|z⟩ / C₀ (Eq. 9), set outer and label inner.
        ranking: int64 [M], vectors by falling weight: by |c|, or, read signed, set 1 by c and then the others by |c|.
        winner: index of the vector that ranks first; lsd_label: its label.
        truncations: n = 1, 2, 3, 4, 10 and M, as far as M reaches; the last is the full reconstruction.
        slider: the truncation asked for.
        root_mean_square_error: of the full reconstruction against the image, on the pixels' scale of [−1, 1].
        outlier: how usual the image is; None before `compare` has measured what it is compared with.
    """

    bundle: str
    title: str
    steps: tuple[str, ...]
    picture: np.ndarray
    label: int
    probability: float
    settings: DecompositionSettings
    reading: Reading
    refined: bool
    amplitudes: np.ndarray
    ranking: np.ndarray
    winner: int
    lsd_label: int
    truncations: tuple[Reconstruction, ...]
    slider: Reconstruction
    root_mean_square_error: float
    outlier: OutlierScores | None

    @property
    def reconstruction(self) -> Reconstruction:
        """The code with all its terms, decoded."""
        return self.truncations[-1]


@dataclass(frozen=True, eq=False)
class DecomposedFile:
    """An image file, decomposed.

    Args:
        steps: what was done to it before the encoder saw it, in words.
        outlier: how usual it is among the training images, or in a sentence why that is not known.
    """

    file: Path
    steps: tuple[str, ...]
    decomposition: Decomposition
    outlier: OutlierScores | str


@dataclass(frozen=True)
class Refining:
    """A refinement under way: step of steps, and the picture that the code gives now."""

    step: int
    steps: int
    reconstruction: Reconstruction
    root_mean_square_error: float


class DecomposeOperations(Operations):
    """Puts an image before the networks, and answers about it until another takes its place."""

    @operation(key="image")
    def image(
        self,
        pixels: np.ndarray | EncodedPixels,
        title: str = "image",
        settings: DecompositionSettings = DecompositionSettings(),
    ) -> DecomposedImage:
        """Decompose pixels of the size that the networks take, uint8 [C, H, W]; `title` says which image it is."""
        from lsd_studio.engine.datasets import scale_pixels
        from lsd_studio.engine.images.files import decode_png

        if isinstance(pixels, EncodedPixels):
            pixels = decode_png(pixels.png, self._session.open_bundle().networks.image_shape)
        return self._look_at(title, (), scale_pixels(pixels), settings)

    @operation(key="image")
    def drawing(
        self, ink: np.ndarray, settings: DecompositionSettings = DecompositionSettings()
    ) -> DecomposedImage:
        """Decompose a drawing: uint8 [h, w] of any size, 0 paper … 255 ink; it is scaled, as a digit centred."""
        from lsd_studio.engine.images.preparation import drawing_for

        prepared = drawing_for(self._session.open_bundle(), ink)
        return self._look_at("drawing", prepared.steps, prepared.pixels, settings)

    @operation(key="image")
    def file(
        self, source: Path | bytes, settings: DecompositionSettings = DecompositionSettings()
    ) -> DecomposedImage:
        """Decompose an image file, given as its path or as its bytes; it is read, scaled and inverted where needed."""
        from lsd_studio.engine.images.preparation import prepared_for

        title = "pasted image" if isinstance(source, bytes) else source.name
        prepared = prepared_for(self._session.open_bundle(), source)
        return self._look_at(title, prepared.steps, prepared.pixels, settings)

    @operation("analysis")
    def files(
        self, files: Sequence[Path], settings: DecompositionSettings = DecompositionSettings()
    ) -> Generator[Doing, None, tuple[DecomposedFile, ...]]:
        """Decompose image files together, at the paper's truncations; the current image stays what it is."""
        from lsd_studio.engine.decomposition.decomposition import decompose
        from lsd_studio.engine.images.preparation import prepared_for

        bundle = self._session.open_bundle()
        networks = bundle.networks
        prepared = []
        for place, file in enumerate(files):
            yield Doing("reading images", place / len(files), file.name)
            prepared.append(prepared_for(bundle, file))
        yield Doing("decomposing", 0.0)
        images = np.stack([image.pixels for image in prepared])
        means, log_sigma = networks.encode(images)
        codes = _codes(bundle, means, log_sigma, settings)
        reading = settings.reading or bundle.profile.reading
        found = decompose(networks, bundle.basis, images, codes, reading=reading)
        outliers = yield from _compared(bundle, images, means)
        return tuple(map(DecomposedFile, files, (image.steps for image in prepared), found, outliers))

    @operation(key="revise")
    def revise(self, settings: DecompositionSettings) -> DecomposedImage:
        """Decompose the current image again with other settings, without encoding it again.

        A resampling is a revision with another seed. A refined code is given up for the encoder's.
        """
        self._session.image = _read(self._session.open_bundle(), self._session.current_image(), settings)
        return self._decomposed()

    @operation()
    def truncate(self, terms: int) -> Reconstruction:
        """The current code with its n largest terms, decoded (R19)."""
        from lsd_studio.engine.decomposition.decomposition import truncate

        bundle, image = self._session.open_bundle(), self._session.current_image()
        terms = _within(terms, bundle.networks.latent_dimensions)
        self._session.image = replace(image, settings=replace(image.settings, terms=terms))
        ((code,),) = truncate(bundle.basis, bundle.basis.transform(image.code[None]), (terms,))
        return _decoded(bundle, code, terms)

    @operation(key="refine", interrupted_by=("image", "revise", "refine", "open bundle"))
    def refine(self, steps: int = 50) -> Generator[Refining, None, DecomposedImage]:
        """Lower the reconstruction error of the current image by gradient steps on its code (R41)."""
        from lsd_studio.engine.decomposition.refinement import refine

        bundle, image = self._session.open_bundle(), self._session.current_image()
        every = max(1, steps // REFINEMENTS_SHOWN)
        code = image.code
        for moved in refine(bundle.networks, image.pixels[None], image.code[None], steps):
            code = moved.codes[0]
            if moved.step % every == 0 and moved.step < moved.steps:
                reconstruction = _decoded(bundle, code, bundle.networks.latent_dimensions)
                yield Refining(moved.step, moved.steps, reconstruction, float(np.sqrt(moved.values[0])))
        self._session.image = replace(self._session.current_image(), code=code, refined=True)
        return self._decomposed()

    @operation("analysis", interrupted_by=("open bundle",))
    def compare(self) -> Generator[Doing, None, None]:
        """Measure the training images that images are compared with, once for a bundle; stored ones are read.

        Raises:
            StudioError: the training images are not on this machine, have changed, or are too few.
        """
        from lsd_studio.engine.decomposition.stored_reference import training_reference

        bundle = self._session.open_bundle()
        reference = yield from mapped(training_reference(bundle), _measuring)
        self._session.notes[REFERENCE] = bundle.networks, reference

    @operation()
    def outlier(self) -> OutlierScores | None:
        """How usual the current image is; None before `compare` has measured what it is compared with."""
        return self._outlier(self._session.current_image())

    def _outlier(self, image: CurrentImage, decoded: np.ndarray | None = None) -> OutlierScores | None:
        """The same; `decoded` is G of the posterior's mean, where that is known already."""
        networks = self._session.open_bundle().networks
        measured_with, reference = self._session.notes.get(REFERENCE, (None, None))
        if measured_with is not networks:
            return None
        decoded = networks.decode(image.mean[None])[0] if decoded is None else decoded
        return reference.scores(image.pixels, image.mean, decoded)

    def _look_at(
        self, title: str, steps: tuple[str, ...], pixels: np.ndarray, settings: DecompositionSettings
    ) -> DecomposedImage:
        bundle = self._session.open_bundle()
        networks = bundle.networks
        check_image_shape(pixels.shape, networks.image_shape, "This image is of")
        mean, log_sigma = networks.encode(pixels[None])
        image = CurrentImage(title, steps, pixels, mean[0], log_sigma[0], settings, mean[0])
        self._session.image = _read(bundle, image, settings)
        return self._decomposed()

    def _decomposed(self) -> DecomposedImage:
        from lsd_studio.engine.decomposition.decomposition import decompose

        bundle, image = self._session.open_bundle(), self._session.current_image()
        dimensions = bundle.networks.latent_dimensions
        reading = image.settings.reading or bundle.profile.reading
        slider = _within(image.settings.terms, dimensions)
        shown = tuple(n for n in PAPER_TERMS if n < dimensions)
        (found,) = decompose(
            bundle.networks,
            bundle.basis,
            image.pixels[None],
            image.code[None],
            reading=reading,
            terms=(*shown, *({slider} - {*shown, dimensions})),
        )
        moved = image.refined or image.settings.latent == "sample"
        by_terms = {
            part.terms: _reconstruction(part.terms, part.image, part.probabilities)
            for part in (*found.truncations, found.reconstruction)
        }
        return DecomposedImage(
            bundle=bundle_name(bundle),
            title=image.title,
            steps=image.steps,
            picture=pictures(image.pixels[None])[0],
            label=found.label,
            probability=float(found.probabilities.max()),
            settings=replace(image.settings, terms=slider),
            reading=reading,
            refined=image.refined,
            amplitudes=found.amplitudes,
            ranking=found.ranking,
            winner=found.winner,
            lsd_label=found.lsd_label,
            truncations=tuple(by_terms[n] for n in (*shown, dimensions)),
            slider=by_terms[slider],
            root_mean_square_error=float(np.sqrt(np.mean((found.reconstruction.image - image.pixels) ** 2))),
            outlier=self._outlier(image, None if moved else found.reconstruction.image),
        )


def _compared(
    bundle: Bundle, images: np.ndarray, means: np.ndarray
) -> Generator[Doing, None, list[OutlierScores | str]]:
    from lsd_studio.engine.decomposition.stored_reference import training_reference

    try:
        reference = yield from mapped(training_reference(bundle), _measuring)
    except StudioError as error:
        return [f"Not known: {error}"] * len(images)
    decoded = bundle.networks.decode(means)
    return [reference.scores(*each) for each in zip(images, means, decoded, strict=True)]


def _measuring(share: float) -> Doing:
    return Doing("measuring training images", share)


def _read(bundle: Bundle, image: CurrentImage, settings: DecompositionSettings) -> CurrentImage:
    (code,) = _codes(bundle, image.mean[None], image.log_sigma[None], settings)
    return replace(image, settings=settings, code=code, refined=False)


def _codes(
    bundle: Bundle, mean: np.ndarray, log_sigma: np.ndarray, settings: DecompositionSettings
) -> np.ndarray:
    """The codes [N, M] of posteriors [N, M]."""
    if settings.latent == "mean":
        return mean
    return bundle.networks.sample(mean, log_sigma, np.random.default_rng(settings.seed))


def _decoded(bundle: Bundle, code: np.ndarray, terms: int) -> Reconstruction:
    pixels = bundle.networks.decode(code[None])
    return _reconstruction(terms, pixels[0], bundle.networks.classify(pixels)[0])


def _reconstruction(terms: int, image: np.ndarray, probabilities: np.ndarray) -> Reconstruction:
    picture = pictures(image[None])[0]
    return Reconstruction(terms, picture, int(probabilities.argmax()), float(probabilities.max()))


def _within(terms: int, dimensions: int) -> int:
    return min(max(terms, 1), dimensions)
