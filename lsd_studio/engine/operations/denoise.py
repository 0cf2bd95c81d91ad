"""One image noised and denoised while a hand moves the controls, and curves over many images (R19)."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lsd_studio.engine.denoising.denoised_image import (
    REGRESSION,
    DenoisedImage,
    DenoiseSettings,
    Descent,
    Judged,
)
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.encoded_pixels import EncodedPixels
from lsd_studio.engine.operations import Operations, operation
from lsd_studio.engine.operations.progress import Doing, report_doing
from lsd_studio.engine.vocabulary import NOISE_KINDS, NoiseKind

if TYPE_CHECKING:
    from lsd_studio.engine.bundle import Bundle
    from lsd_studio.engine.denoising.curves import Curves, CurvesProgress
    from lsd_studio.engine.denoising.kit import Kit
    from lsd_studio.engine.denoising.linear_regression import LinearRegression
    from lsd_studio.engine.denoising.noise import Noise
    from lsd_studio.engine.denoising.noise_guess import NoiseExamples
    from lsd_studio.engine.images.preparation import PreparedImage

__all__ = ["DenoiseOperations"]

DEFAULT_SETTINGS = DenoiseSettings()


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
            fitted[noise] = yield from _fitted(bundle, noise)
        image = fitted[noise].restore(noisy.corrupted.images)
        (judged,) = judge(bundle.networks, image, noisy.original, ((REGRESSION, "Linear regression"),))
        return judged

    @operation("analysis")
    def measure(
        self, images: int = 100, kinds: Sequence[NoiseKind] = NOISE_KINDS, seed: int = 0
    ) -> Generator[CurvesProgress, None, Curves]:
        """Measure all methods on test images of the bundle's data set.

        Args:
            images: how many test images, spread evenly.
            kinds: of noise.
            seed: of noise, draws and intervals.
        """
        from lsd_studio.engine.datasets import hold_out, load_fitting
        from lsd_studio.engine.denoising.curves import CurvesProgress, measure_curves
        from lsd_studio.engine.denoising.kit import find_kit

        bundle = self._session.open_bundle()
        yield CurvesProgress("loading images", 0.0)
        trained_on = bundle.manifest.trained_on
        training, held_out = hold_out(load_fitting(trained_on, None, "train"))
        test = load_fitting(trained_on, None, "test")
        return (
            yield from measure_curves(
                bundle, find_kit(bundle), test, training, held_out, images=images, kinds=kinds, seed=seed
            )
        )

    @operation("analysis")
    def train(
        self, folder: Path | None = None, seed: int = 0, steps: tuple[int, int] | None = None
    ) -> Generator[Doing, None, Path]:
        """Train the open bundle's denoisers on the images that it was trained on, and return where they are.

        Args:
            folder: for them; None is where they are found from then on.
            seed: of everything random.
            steps: of the autoencoder and of the encoder; None: as many as the shipped ones were trained for.

        Raises:
            StudioError: the images are not here, or the folder cannot be written.
        """
        from lsd_studio.engine.denoising.kit import kit_place
        from lsd_studio.engine.denoising.kit_training import train_kit_on_own_images
        from lsd_studio.engine.denoising.training import AUTOENCODER_STEPS, ENCODER_STEPS
        from lsd_studio.files.folders import make_folder

        bundle = self._session.open_bundle()
        place = folder or kit_place(bundle)
        make_folder(place.parent)
        yield Doing("reading the training images")
        for step in train_kit_on_own_images(
            place, bundle, None, seed, steps or (AUTOENCODER_STEPS, ENCODER_STEPS), report_doing
        ):
            yield Doing(step.doing if not step.note else f"{step.doing}, {step.note}", step.fraction)
        self._session.notes.pop("denoise.kit", None)
        return place

    @operation("loading")
    def stored_curves(self) -> Curves | None:
        """The curves that were measured before and stand beside this bundle, if there are any."""
        from lsd_studio.engine.denoising.kept_curves import kept_curves

        return kept_curves(self._session.open_bundle())

    def _kit(self) -> Kit | None:
        from lsd_studio.engine.denoising.kit import find_kit

        notes = self._session.notes
        if "denoise.kit" not in notes:
            notes["denoise.kit"] = find_kit(self._session.open_bundle())
        kit: Kit | None = notes["denoise.kit"]
        return kit

    def _examples(self) -> NoiseExamples:
        """What pictures of the bundle's generator look like under noise that is known, made once for each bundle."""
        from lsd_studio.engine.denoising.noise_guess import NoiseExamples

        notes = self._session.notes
        if "denoise.examples" not in notes:
            notes["denoise.examples"] = NoiseExamples.of(self._session.open_bundle().networks)
        examples: NoiseExamples = notes["denoise.examples"]
        return examples

    def _regressions(self) -> dict[Noise, LinearRegression]:
        """The linear regressions that are fitted so far for this bundle."""
        fitted: dict[Noise, LinearRegression] = self._session.notes.setdefault("denoise.regressions", {})
        return fitted

    def _prepared(
        self, source: np.ndarray | EncodedPixels | Path | bytes | None, *, own: bool
    ) -> PreparedImage:
        """The image in [−1, 1]; a file is read once for as long as it is the image at hand."""
        from lsd_studio.engine.datasets import scale_pixels
        from lsd_studio.engine.denoising.own_image import prepare_noisy_for
        from lsd_studio.engine.images.files import decode_png
        from lsd_studio.engine.images.preparation import PreparedImage, prepared_for
        from lsd_studio.engine.images.shapes import check_image_shape

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


def _fitted(bundle: Bundle, noise: Noise) -> Generator[Doing, None, LinearRegression]:
    from lsd_studio.engine.datasets import hold_out, load_fitting, scale_pixels
    from lsd_studio.engine.denoising.curves import HELD_OUT_IMAGES
    from lsd_studio.engine.denoising.linear_regression import fit_linear_regression
    from lsd_studio.engine.steps import mapped

    yield Doing("reading the training images")
    training, held_out = hold_out(load_fitting(bundle.manifest.trained_on, None, "train"))
    samples = scale_pixels(held_out.images[:HELD_OUT_IMAGES])
    fit = fit_linear_regression(training, samples, noise, seed=0)
    regression = yield from mapped(fit, lambda share: Doing("fitting linear regression", share))
    if regression is None:
        raise StudioError("Images of this size have too many pixels for linear regression.")
    return regression
