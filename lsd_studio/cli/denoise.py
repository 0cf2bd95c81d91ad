"""`lsd-studio denoise`: curves over noise with baselines, a person's own noisy images, Figure 7b, and the trainings."""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lsd_studio.cli.answers import Bars, answer, bars, check_destination, print_table, say, write_output
from lsd_studio.cli.exit_codes import EXIT_DONE
from lsd_studio.engine.bundle import Bundle, library_versions, open_bundle
from lsd_studio.engine.datasets import hold_out, load_fitting, scale_pixels
from lsd_studio.engine.denoising.curves import (
    HELD_OUT_IMAGES,
    Curves,
    as_json,
    measure_curves,
    nearest_measured,
)
from lsd_studio.engine.denoising.figure_seven import figure_seven, lay_out
from lsd_studio.engine.denoising.kept_curves import keep_curves
from lsd_studio.engine.denoising.kit import find_kit, kit_folder, nearest_parameters, shipped_parameters
from lsd_studio.engine.denoising.kit_training import train_kit_on_own_images
from lsd_studio.engine.denoising.linear_regression import LinearRegression, fit_linear_regression
from lsd_studio.engine.denoising.methods import methods
from lsd_studio.engine.denoising.noise import Array, Corrupted, Noise
from lsd_studio.engine.denoising.noise_guess import Guess, NoiseExamples
from lsd_studio.engine.denoising.own_image import prepare_noisy_for
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.steps import finished


def run(options: argparse.Namespace) -> int:
    """Do what the options ask for and answer with it."""
    for destination in (options.json, options.out, options.figure):
        check_destination(destination)
    for destination in (options.out, options.figure):
        if destination is not None:
            _picture_kind(destination)
    if (options.noise is None) != (options.level is None):
        raise StudioError(
            "--noise and --level go together: please give both, or neither to have them guessed."
        )
    if options.noise is not None and not options.images:
        raise StudioError("--noise is for images: please name image files, or leave it out.")
    known = None if options.noise is None else Noise(options.noise, options.level)
    with bars() as shown:
        shown.show("opening the bundle", 0.0)
        bundle = open_bundle(options.bundle)
    if options.images:
        return _denoise_files(bundle, known, options)
    if options.out is not None:
        raise StudioError("--out is for images: please name image files, or leave it out.")
    if options.train is not None:
        return _train(bundle, options)
    if options.figure is not None:
        return _draw_figure(bundle, options)
    return _measure(bundle, options)


def _measure(bundle: Bundle, options: argparse.Namespace) -> int:
    trained_on = bundle.manifest.trained_on
    with bars() as shown:
        test = load_fitting(trained_on, options.data, "test", shown.show)
        training, held_out = hold_out(load_fitting(trained_on, options.data, "train", shown.show))
        shown.note(*test.notes, *training.notes)
        kit = find_kit(bundle)
        if kit is not None and kit.manifest.data_checksum != training.checksum:
            say(
                f"The trained denoisers saw other images ({kit.manifest.data}) than those of {test.name}: measured "
                "without them."
            )
            kit = None
        curves = finished(
            measure_curves(bundle, kit, test, training, held_out, images=options.number, seed=options.seed),
            lambda step: shown.show("measuring", step.fraction, step.doing),
        )
    if options.keep:
        folder = kit_folder(bundle)
        if folder is None:
            raise StudioError(
                "Curves are kept beside trained denoisers: please train them with --train first."
            )
        keep_curves(folder, bundle, curves)
    print_table(("noise", "level", "method", "PSNR dB", "SSIM", "label kept"), _rows(curves), options.json)
    print_table(("verdict",), [(kind.verdict,) for kind in curves.kinds], options.json)
    answer(
        {
            "bundle": bundle.hash,
            "profile": bundle.profile.name,
            "data": {"name": test.name, "checksum": test.checksum},
            "versions": library_versions(),
            **as_json(curves),
        },
        options.json,
    )
    return EXIT_DONE


def _rows(curves: Curves) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for kind in curves.kinds:
        for place, level in enumerate(kind.levels):
            for name, measured in kind.methods.items():
                values = {measure: curve.values[place] for measure, curve in measured.items()}
                rows.append(
                    (
                        kind.kind.replace("_", " "),
                        f"{level:g}",
                        curves.titles[name],
                        f"{values['psnr']:.1f}",
                        f"{values['ssim']:.3f}",
                        f"{values['label_kept']:.1%}",
                    )
                )
    return rows


def _train(bundle: Bundle, options: argparse.Namespace) -> int:
    with bars() as shown:
        for step in train_kit_on_own_images(
            options.train, bundle, options.data, options.seed, progress=shown.show
        ):
            shown.show(step.doing, step.fraction, step.note)
    print_table(("denoisers of", "are in"), [(str(options.bundle), str(options.train))], options.json)
    answer({"denoisers": str(options.train), "bundle": bundle.hash}, options.json)
    return EXIT_DONE


def _draw_figure(bundle: Bundle, options: argparse.Namespace) -> int:
    test = load_fitting(bundle.manifest.trained_on, options.data, "test")
    for sentence in test.notes:
        say(sentence)
    figure = figure_seven(bundle.networks, bundle.basis, test, seed=options.seed)
    _save(lay_out(figure.images), options.figure)
    kept = dict(zip(figure.columns, map(float, figure.label_kept), strict=True))
    print_table(
        ("column", "label kept"), [(name, f"{share:.1%}") for name, share in kept.items()], options.json
    )
    answer({"figure": options.figure, "images": len(figure.images), "label_kept": kept}, options.json)
    return EXIT_DONE


def _denoise_files(bundle: Bundle, known: Noise | None, options: argparse.Namespace) -> int:
    """Each image with its own noise, as every method sees it; a row of the picture for each."""
    kit = find_kit(bundle)
    chosen = shipped_parameters() if kit is None else kit.manifest.parameters
    names = bundle.manifest.label_names
    entries: list[dict[str, Any]] = []
    rows: list[Array] = []
    with bars() as shown:
        images = [prepare_noisy_for(bundle, path) for path in options.images]
        if known is None:
            examples = NoiseExamples.of(bundle.networks)
            guesses = [examples.guess(image.pixels) for image in images]
        else:
            guesses = [Guess(known, 1.0)] * len(images)
        regressions = _regressions(bundle, {guess.noise for guess in guesses}, options, shown)
        for place, (path, prepared, guess) in enumerate(zip(options.images, images, guesses, strict=True)):
            shown.show("denoising", place / len(options.images), path.name)
            noise = guess.noise
            everywhere = np.ones((1, 1, *prepared.pixels.shape[1:]), dtype=bool)
            noisy = Corrupted(prepared.pixels[None], everywhere)
            usable = [
                method
                for method in methods(
                    bundle,
                    kit,
                    None if kit is None else kit.components,
                    {noise: nearest_parameters(chosen, noise)},
                    options.seed,
                    regressions,
                )
                if not method.knows_where
            ]
            denoised = np.concatenate([method.run(noisy, noise) for method in usable])
            rows.append(denoised)
            probabilities = bundle.networks.classify(denoised)
            entries.append(
                {
                    "image": str(path),
                    "prepared": list(prepared.steps),
                    "noise": {
                        "kind": noise.kind,
                        "level": noise.level,
                        "certainty": None if known is not None else guess.certainty,
                    },
                    "read": {
                        method.name: {
                            "title": method.title,
                            "label": names[int(values.argmax())],
                            "probability": float(values.max()),
                        }
                        for method, values in zip(usable, probabilities, strict=True)
                    },
                }
            )
    if options.out is not None:
        _save(_sheet(rows), options.out)
    print_table(
        ("image", "noise", "method", "C reads"),
        [
            (
                entry["image"],
                _noise_in_words(**entry["noise"]),
                read["title"],
                f"{read['label']} ({read['probability']:.1%})",
            )
            for entry in entries
            for read in entry["read"].values()
        ],
        options.json,
    )
    answer(entries, options.json)
    return EXIT_DONE


def _noise_in_words(kind: str, level: float, certainty: float | None) -> str:
    words = f"{kind.replace('_', ' ')} {level:.2g}" if level else "none"
    return words if certainty is None else f"guessed: {words} ({certainty:.0%} certain)"


def _regressions(
    bundle: Bundle, noises: set[Noise], options: argparse.Namespace, shown: Bars
) -> dict[Noise, LinearRegression]:
    """Linear regression for each noise, at the nearest level that is measured; none without training images."""
    try:
        training, held_out = hold_out(
            load_fitting(bundle.manifest.trained_on, options.data, "train", shown.show)
        )
    except StudioError as error:
        shown.say(f"Linear regression is left out, for it needs the training images: {error}")
        return {}
    samples = scale_pixels(held_out.images[:HELD_OUT_IMAGES])
    fitted = {
        noise: finished(
            fit_linear_regression(training, samples, noise, options.seed),
            lambda share: shown.show("linear regression", share),
        )
        for noise in {nearest_measured(noise) for noise in noises}
    }
    found = {noise: fitted[nearest_measured(noise)] for noise in noises}
    return {noise: regression for noise, regression in found.items() if regression is not None}


def _sheet(rows: list[Array]) -> Array:
    """Rows of images [K, C, H, W] as one image [C, h, w], two pixels between them."""
    padded = np.pad(np.stack(rows), ((0, 0), (0, 0), (0, 0), (0, 2), (0, 2)), constant_values=1)
    count, columns, channels, height, width = padded.shape
    return padded.transpose(2, 0, 3, 1, 4).reshape(channels, count * height, columns * width)


def _picture_kind(destination: str) -> str:
    """The format that the ending of a picture's name stands for.

    Raises:
        StudioError: it stands for none.
    """
    kind = Image.registered_extensions().get(Path(destination).suffix.lower())
    if kind not in Image.SAVE:
        raise StudioError(f"{destination} is no name of a picture: please let it end in .png.")
    return kind


def _save(image: Array, destination: str) -> None:
    pixels = pictures(image)
    written = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).save(
        written, _picture_kind(destination)
    )
    write_output(Path(destination), written.getvalue())
