"""One image noised and denoised while a hand moves the controls, and curves over many images (R19)."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lsd_studio.engine.denoising.denoised_image import (
    REGRESSION,
    DenoisedFile,
    DenoisedImage,
    DenoiseSettings,
    Descent,
    Judged,
)
from lsd_studio.engine.denoising.noise import Noise
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.pictures import EncodedPixels
from lsd_studio.engine.images.shapes import check_image_shape
from lsd_studio.engine.operations import Operations, operation
from lsd_studio.engine.steps import Doing, mapped, report_doing
from lsd_studio.engine.vocabulary import NOISE_KINDS, NoiseKind
from lsd_studio.files.folders import make_folder

if TYPE_CHECKING:
    from lsd_studio.engine.datasets import LabelledImages
    from lsd_studio.engine.denoising.curves import Curves
    from lsd_studio.engine.denoising.figure_seven import FigureSevenImages
    from lsd_studio.engine.denoising.kit import Kit
    from lsd_studio.engine.denoising.linear_regression import LinearRegression
    from lsd_studio.engine.denoising.noise_guess import NoiseExamples
    from lsd_studio.engine.images.preparation import PreparedImage

DEFAULT_SETTINGS = DenoiseSettings()


@dataclass(frozen=True, eq=False)
class MeasuredCurves:
    """Curves over noise, measured.

    Args:
        content: the curves with what they were measured of, for JSON.
        notes: what a reader must know of the images and methods, a sentence each.
    """

    curves: Curves
    content: dict[str, object]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class DenoisedFiles:
    """Image files, denoised; notes: what a reader must know of that, a sentence each."""

    files: tuple[DenoisedFile, ...]
    notes: tuple[str, ...] = ()


class DenoiseOperations(Operations):
    """Noises and denoises an image, and measures every method on many."""

    @operation(key="denoise")
    def image(
        self,
        source: np.ndarray | EncodedPixels | Path | bytes | None,
        title: str = "image",
        settings: DenoiseSettings = DEFAULT_SETTINGS,
    ) -> DenoisedImage:
        """Noise an image and denoise it with all methods but descent.

        Args:
            source: pixels uint8 [C, H, W] of the size that the networks take, as an array or encoded, an image file
                or its bytes, or None for the current image of Decompose.
            title: which image it is.
            settings: how; what lies outside what the bundle and the kind of noise allow is clipped.
        """
        from lsd_studio.engine.denoising.curves import nearest_measured
        from lsd_studio.engine.denoising.one_image import denoise_image, noise_image, within

        bundle, kit = self._session.open_bundle(), self._kit()
        prepared = self._prepared(source, own=settings.noise == "own")
        settings = within(settings, bundle, kit)
        noisy = noise_image(prepared.pixels, settings, self._examples)
        regression = self._regressions().get(nearest_measured(noisy.noise))
        return denoise_image(bundle, kit, prepared, title, noisy, settings, regression)

    @operation(key="descend", interrupted_by=("denoise", "descend", "open bundle"))
    def descend(self, denoised: DenoisedImage) -> Generator[Descent, None, Descent]:
        """Descend on z from the code that a denoised image started from."""
        from lsd_studio.engine.denoising.one_image import descend_image

        return (yield from descend_image(self._session.open_bundle(), self._kit(), denoised))

    @operation("analysis")
    def linear_regression(self, denoised: DenoisedImage) -> Generator[Doing, None, Judged]:
        """Fit linear regression on the training images under the noise of a denoised image, and denoise it with that.

        The level is the nearest that curves are measured at; what is fitted is among the baselines of `image` from
        then on.

        Raises:
            StudioError: the training images are not here, or too large for it.
        """
        from lsd_studio.engine.denoising.curves import nearest_measured
        from lsd_studio.engine.denoising.one_image import judge

        bundle, fitted, noisy = self._session.open_bundle(), self._regressions(), denoised.noisy_image
        noise = nearest_measured(noisy.noise)
        if noise not in fitted:
            yield Doing("reading the training images")
            training, held_out = self._training_images(None)
            regression = yield from _fitted(training, held_out, noise, seed=0)
            if regression is None:
                raise StudioError("Images of this size have too many pixels for linear regression.")
            fitted[noise] = regression
        image = fitted[noise].restore(noisy.corrupted.images)
        (judged,) = judge(bundle.networks, image, noisy.original, ((REGRESSION, "Linear regression"),))
        return judged

    @operation("analysis")
    def files(
        self, files: Sequence[Path], noise: Noise | None = None, data: str | None = None, seed: int = 0
    ) -> Generator[Doing, None, DenoisedFiles]:
        """Denoise image files, each with its own noise, with every method that needs not know where it hit.

        Args:
            noise: theirs; None guesses it for each.
            data: whose training images linear regression is fitted on, by name or folder; None: the bundle's.
            seed: of draws.

        Raises:
            StudioError: a file is no image.
        """
        from lsd_studio.engine.denoising.curves import nearest_measured
        from lsd_studio.engine.denoising.image_files import NoisyFile, denoise_files
        from lsd_studio.engine.denoising.noise_guess import Guess
        from lsd_studio.engine.denoising.own_image import prepare_noisy_for

        bundle, kit = self._session.open_bundle(), self._kit()
        yield Doing("reading images", 0.0)
        prepared = [prepare_noisy_for(bundle, file) for file in files]
        noisy = [
            NoisyFile(
                file,
                image,
                Guess(noise, 1.0) if noise else self._examples().guess(image.pixels),
                is_guessed=noise is None,
            )
            for file, image in zip(files, prepared, strict=True)
        ]
        regressions: dict[Noise, LinearRegression] = {}
        notes: tuple[str, ...] = ()
        try:
            training, held_out = self._training_images(data)
        except StudioError as error:
            notes = (f"Linear regression is left out, for it needs the training images: {error}",)
        else:
            nearest = {file.guess.noise: nearest_measured(file.guess.noise) for file in noisy}
            fitted = {}
            for measured in set(nearest.values()):
                fitted[measured] = yield from _fitted(training, held_out, measured, seed)
            regressions = {own: found for own, measured in nearest.items() if (found := fitted[measured])}
        work = denoise_files(bundle, kit, noisy, regressions, seed)
        denoised = yield from mapped(
            work, lambda file: Doing("denoising", noisy.index(file) / len(noisy), file.file.name)
        )
        return DenoisedFiles(denoised, notes)

    @operation("analysis")
    def measure(
        self,
        images: int = 100,
        kinds: Sequence[NoiseKind] = NOISE_KINDS,
        seed: int = 0,
        data: str | None = None,
    ) -> Generator[Doing, None, MeasuredCurves]:
        """Measure all methods on test images.

        Args:
            images: how many test images, spread evenly.
            kinds: of noise.
            seed: of noise, draws and intervals.
            data: the images, by name or folder; None takes the data set that the bundle was trained on. Denoisers
                that were trained on others are left out, and a note says so.
        """
        from lsd_studio.engine.bundle import library_versions
        from lsd_studio.engine.datasets import load_fitting
        from lsd_studio.engine.denoising.curves import as_json, measure_curves

        bundle, kit = self._session.open_bundle(), self._kit()
        yield Doing("reading images", 0.0)
        test = load_fitting(bundle.manifest.trained_on, data, "test", report_doing)
        training, held_out = self._training_images(data)
        notes = (*test.notes, *training.notes)
        if kit is not None and kit.manifest.data_checksum != training.checksum:
            others = f"The trained denoisers saw other images ({kit.manifest.data}) than those of {test.name}"
            notes += (f"{others}: measured without them.",)
            kit = None
        work = measure_curves(bundle, kit, test, training, held_out, images=images, kinds=kinds, seed=seed)
        curves = yield from work
        origin = {
            "bundle": bundle.hash,
            "profile": bundle.profile.name,
            "data": {"name": test.name, "checksum": test.checksum},
            "versions": library_versions(),
        }
        return MeasuredCurves(curves, {**origin, **as_json(curves)}, notes)

    @operation("loading")
    def store_curves(self, curves: Curves) -> None:
        """Keep curves beside the trained denoisers, for whoever opens the bundle.

        Raises:
            StudioError: there are no trained denoisers, or their folder cannot be written.
        """
        from lsd_studio.engine.denoising.kit import kit_folder
        from lsd_studio.engine.denoising.stored_curves import store_curves

        bundle = self._session.open_bundle()
        folder = kit_folder(bundle)
        if folder is None:
            raise StudioError(
                "Curves are kept beside trained denoisers: please train them with `lsd-studio denoise --train` first."
            )
        store_curves(folder, bundle, curves)

    @operation("analysis")
    def figure_seven(
        self, data: str | None = None, seed: int = 0
    ) -> Generator[Doing, None, FigureSevenImages]:
        """Test images and what few terms leave of them, as in Figure 7b of the paper.

        Args:
            data: whose test images, by name or folder; None takes the data set that the bundle was trained on.
            seed: of which of them.
        """
        from lsd_studio.engine.datasets import load_fitting
        from lsd_studio.engine.denoising.figure_seven import figure_seven

        bundle = self._session.open_bundle()
        yield Doing("reading images", 0.0)
        test = load_fitting(bundle.manifest.trained_on, data, "test", report_doing)
        return figure_seven(bundle.networks, bundle.basis, test, seed=seed)

    @operation("analysis")
    def train(
        self,
        folder: Path | None = None,
        seed: int = 0,
        steps: tuple[int, int] | None = None,
        data: str | None = None,
    ) -> Generator[Doing, None, Path]:
        """Train the open bundle's denoisers on the images that it was trained on, and return where they are.

        Args:
            folder: for them; None is where they are found from then on.
            seed: of everything random.
            steps: of the autoencoder and of the encoder; None: as many as the shipped ones were trained for.
            data: where those images are, by name or folder; None: where they were.

        Raises:
            StudioError: the images are not here, or the folder cannot be written.
        """
        from lsd_studio.engine.denoising.kit import kit_place
        from lsd_studio.engine.denoising.kit_training import train_kit_on_own_images
        from lsd_studio.engine.denoising.training import AUTOENCODER_STEPS, ENCODER_STEPS

        bundle = self._session.open_bundle()
        place = folder or kit_place(bundle)
        make_folder(place.parent)
        yield Doing("reading the training images")
        yield from train_kit_on_own_images(
            place, bundle, data, seed, steps or (AUTOENCODER_STEPS, ENCODER_STEPS), report_doing
        )
        self._session.notes.pop("denoise.kit", None)
        return place

    @operation("loading")
    def stored_curves(self) -> Curves | None:
        """The curves that were measured before and stand beside this bundle, if there are any."""
        from lsd_studio.engine.denoising.stored_curves import stored_curves

        return stored_curves(self._session.open_bundle())

    def _training_images(self, data: str | None) -> tuple[LabelledImages, LabelledImages]:
        """Those of a data set that methods are fitted on, and those on which their parameters are chosen."""
        from lsd_studio.engine.datasets import hold_out, load_fitting

        trained_on = self._session.open_bundle().manifest.trained_on
        return hold_out(load_fitting(trained_on, data, "train", report_doing))

    def _kit(self) -> Kit | None:
        from lsd_studio.engine.denoising.kit import find_kit

        return self._session.cached("denoise.kit", lambda: find_kit(self._session.open_bundle()))

    def _examples(self) -> NoiseExamples:
        """What pictures of the bundle's generator look like under noise that is known, made once for each bundle."""
        from lsd_studio.engine.denoising.noise_guess import NoiseExamples

        networks = self._session.open_bundle().networks
        return self._session.cached("denoise.examples", lambda: NoiseExamples.of(networks))

    def _regressions(self) -> dict[Noise, LinearRegression]:
        """The linear regressions that are fitted so far for this bundle."""
        return self._session.cached("denoise.regressions", dict)

    def _prepared(
        self, source: np.ndarray | EncodedPixels | Path | bytes | None, *, own: bool
    ) -> PreparedImage:
        """The image in [−1, 1]; a file is read once for as long as it is the current image."""
        from lsd_studio.engine.datasets import scale_pixels
        from lsd_studio.engine.denoising.own_image import prepare_noisy_for
        from lsd_studio.engine.images.files import decode_png
        from lsd_studio.engine.images.preparation import PreparedImage, prepared_for

        bundle, notes = self._session.open_bundle(), self._session.notes
        shape = bundle.networks.image_shape
        match source:
            case None:
                current = self._session.current_image()
                return PreparedImage(current.pixels, current.steps)
            case EncodedPixels(png):
                return PreparedImage(scale_pixels(decode_png(png, shape)), ())
            case np.ndarray():
                check_image_shape(source.shape, shape, "This image is of")
                return PreparedImage(scale_pixels(source), ())
        asked, prepared = notes.get("denoise.file", (None, None))
        if asked != (source, own):
            prepared = (prepare_noisy_for if own else prepared_for)(bundle, source)
            notes["denoise.file"] = (source, own), prepared
        return prepared


def _fitted(
    training: LabelledImages, held_out: LabelledImages, noise: Noise, seed: int
) -> Generator[Doing, None, LinearRegression | None]:
    """Linear regression for this noise; None where the images are too large for it."""
    from lsd_studio.engine.datasets import scale_pixels
    from lsd_studio.engine.denoising.curves import HELD_OUT_IMAGES
    from lsd_studio.engine.denoising.linear_regression import fit_linear_regression

    samples = scale_pixels(held_out.images[:HELD_OUT_IMAGES])
    fit = fit_linear_regression(training, samples, noise, seed)
    return (yield from mapped(fit, lambda share: Doing("fitting linear regression", share)))
