"""`lsd-studio denoise`: curves over noise with baselines, a person's own noisy images, Figure 7b, and the trainings."""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from lsd_studio.cli.answers import answer, bars, check_destination, print_table, write_output
from lsd_studio.engine.api import Engine
from lsd_studio.engine.denoising.denoised_image import DenoisedFile
from lsd_studio.engine.denoising.noise import Noise
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.operations.bundles import BundleInUse
from lsd_studio.percentages import percent, percentage

if TYPE_CHECKING:
    from lsd_studio.engine.denoising.curves import Curves


def run(options: argparse.Namespace) -> None:
    """Do what the options ask for and answer with it."""
    for destination in (options.out, options.figure):
        if destination is not None:
            check_destination(destination)
            _picture_kind(destination)
    if (options.noise is None) != (options.level is None):
        raise StudioError(
            "--noise and --level go together: please give both, or neither to have them guessed."
        )
    if options.noise is not None and not options.images:
        raise StudioError("--noise is for images: please name image files, or leave it out.")
    if options.out is not None and not options.images:
        raise StudioError("--out is for images: please name image files, or leave it out.")
    noise = None if options.noise is None else Noise(options.noise, options.level)
    with Engine() as engine:
        with bars() as shown:
            shown.show("opening the bundle", 0.0)
            opened = engine.bundles.use(options.bundle).result()
        if options.images:
            _denoise_files(engine, opened, noise, options)
        elif options.train is not None:
            _train(engine, opened, options)
        elif options.figure is not None:
            _draw_figure(engine, options)
        else:
            _measure(engine, options)


def _measure(engine: Engine, options: argparse.Namespace) -> None:
    with bars() as shown:
        call = engine.denoise.measure(options.number, seed=options.seed, data=options.data)
        measured = call.result(shown.follow)
        shown.note(*measured.notes)
    curves = measured.curves
    if options.keep:
        engine.denoise.store_curves(curves).result()
    print_table(("noise", "level", "method", "PSNR dB", "SSIM", "label kept"), _rows(curves), options.json)
    print_table(("verdict",), [(kind.verdict,) for kind in curves.kinds], options.json)
    answer(measured.content, options.json)


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
                        f"{percentage(values['label_kept'], 1)}",
                    )
                )
    return rows


def _train(engine: Engine, opened: BundleInUse, options: argparse.Namespace) -> None:
    with bars() as shown:
        engine.denoise.train(options.train, options.seed, data=options.data).result(shown.follow)
    print_table(("denoisers of", "are in"), [(str(options.bundle), str(options.train))], options.json)
    answer({"denoisers": str(options.train), "bundle": opened.hash}, options.json)


def _draw_figure(engine: Engine, options: argparse.Namespace) -> None:
    with bars() as shown:
        figure = engine.denoise.figure_seven(options.data, options.seed).result(shown.follow)
        shown.note(*figure.notes)
    _save(pictures(figure.laid_out), options.figure)
    kept = dict(zip(figure.columns, map(float, figure.label_kept), strict=True))
    print_table(
        ("column", "label kept"),
        [(name, f"{percentage(share, 1)}") for name, share in kept.items()],
        options.json,
    )
    answer({"figure": options.figure, "images": len(figure.images), "label_kept": kept}, options.json)


def _denoise_files(
    engine: Engine, opened: BundleInUse, noise: Noise | None, options: argparse.Namespace
) -> None:
    """Each image with its own noise, as every method sees it; a row of the picture for each."""
    with bars() as shown:
        call = engine.denoise.files(options.images, noise, options.data, options.seed)
        denoised = call.result(shown.follow)
        shown.note(*denoised.notes)
        shown.note(*(f"{file.file}: {', '.join(file.steps)}." for file in denoised.files if file.steps))
    if options.out is not None:
        _save(
            _sheet([np.stack([made.picture for made in file.methods]) for file in denoised.files]),
            options.out,
        )
    names = opened.label_names
    print_table(
        ("image", "noise", "method", "C reads"),
        [
            (
                file.file,
                _noise_in_words(file),
                read.title,
                f"{names[read.label]} ({percent(read.probability)})",
            )
            for file in denoised.files
            for read in file.methods
        ],
        options.json,
    )
    answer([_entry(file, names) for file in denoised.files], options.json)


def _entry(file: DenoisedFile, names: tuple[str, ...]) -> dict[str, Any]:
    return {
        "image": str(file.file),
        "prepared": list(file.steps),
        "noise": {"kind": file.noise.kind, "level": file.noise.level, "certainty": file.certainty},
        "read": {
            read.name: {"title": read.title, "label": names[read.label], "probability": read.probability}
            for read in file.methods
        },
    }


def _noise_in_words(file: DenoisedFile) -> str:
    kind, level = file.noise.kind.replace("_", " "), file.noise.level
    words = f"{kind} {level:.2g}" if level else "none"
    return words if file.certainty is None else f"guessed: {words} ({percentage(file.certainty)} certain)"


def _sheet(rows: list[np.ndarray]) -> np.ndarray:
    """Rows of pictures, each uint8 [K, H, W, C], as one picture [h, w, C], two pixels between them."""
    padded = np.pad(np.stack(rows), ((0, 0), (0, 0), (0, 2), (0, 2), (0, 0)), constant_values=255)
    count, columns, height, width, channels = padded.shape
    return padded.swapaxes(1, 2).reshape(count * height, columns * width, channels)


def _picture_kind(destination: str) -> str:
    """The format that the ending of a picture's name stands for."""
    kind = Image.registered_extensions().get(Path(destination).suffix.lower())
    if kind not in Image.SAVE:
        raise StudioError(f"{destination} is not the name of a picture: please let it end in .png.")
    return kind


def _save(picture: np.ndarray, destination: str) -> None:
    written = io.BytesIO()
    Image.fromarray(picture[..., 0] if picture.shape[2] == 1 else picture).save(
        written, _picture_kind(destination)
    )
    write_output(Path(destination), written.getvalue())
