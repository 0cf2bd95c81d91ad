"""`lsd-studio decompose`: what an image is made of, for any image files."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from lsd_studio.cli.answers import answer, bars, print_table
from lsd_studio.engine.api import Engine
from lsd_studio.engine.operations.bundles import BundleInUse
from lsd_studio.engine.operations.decompose import DecomposedFile, DecompositionSettings
from lsd_studio.percentages import percent

if TYPE_CHECKING:
    from lsd_studio.engine.decomposition.outliers import OutlierScores

LARGEST_SHOWN = 5


def run(options: argparse.Namespace) -> None:
    """Decompose every image named and answer with a list, one entry an image."""
    settings = DecompositionSettings()
    if options.sample is not None:
        settings = DecompositionSettings(latent="sample", seed=options.sample)
    with Engine() as engine, bars() as shown:
        shown.show("opening the bundle", 0.0)
        opened = engine.bundles.use(options.bundle).result()
        decomposed = engine.decompose.files(options.images, settings).result(shown.follow)
        shown.show("decomposing", 1.0)
    print_table(
        ("image", "label", "lsd label", f"{LARGEST_SHOWN} largest amplitudes (label, set)", "made ready by"),
        [_row(opened, image) for image in decomposed],
        options.json,
    )
    print_table(
        ("image", "how usual it is"),
        [(image.file, _how_usual(image.outlier)) for image in decomposed],
        options.json,
    )
    answer([_entry(opened, image) for image in decomposed], options.json)


def _row(opened: BundleInUse, image: DecomposedFile) -> tuple[object, ...]:
    names, found = opened.label_names, image.decomposition
    return (
        image.file,
        _read_as(f"{names[found.label]} ({percent(found.probabilities.max())})", image.outlier),
        _read_as(names[found.lsd_label], image.outlier),
        ", ".join(name_terms(names, found.amplitudes, found.ranking)[:LARGEST_SHOWN]),
        "; ".join(image.steps) or "–",
    )


def _read_as(label: str, outlier: OutlierScores | str) -> str:
    return f"held back: {label}" if not isinstance(outlier, str) and outlier.is_outside else label


def _how_usual(outlier: OutlierScores | str) -> str:
    return outlier if isinstance(outlier, str) else outlier.sentence


def _entry(opened: BundleInUse, image: DecomposedFile) -> dict[str, object]:
    """One image's decomposition as JSON values.

    `label` and `lsd_label` are numbers 0…l−1, their names beside them; `amplitudes` has c_k for k = 0…M−1, set outer
    and label inner; `ranking` has the k in the order in which the bundle's reading ranks them; `outlier` says how
    usual the image is, with why it is unlike the training images under `reasons`, or why that is not known.
    """
    names, found, outlier = opened.label_names, image.decomposition, image.outlier
    return {
        "image": str(image.file),
        "prepared": list(image.steps),
        "label": found.label,
        "label_name": names[found.label],
        "probabilities": [round(float(value), 6) for value in found.probabilities],
        "lsd_label": found.lsd_label,
        "lsd_label_name": names[found.lsd_label],
        "reading": opened.reading,
        "amplitudes": [float(value) for value in found.amplitudes],
        "ranking": [int(vector) for vector in found.ranking],
        "outlier": outlier
        if isinstance(outlier, str)
        else {**asdict(outlier), "reasons": list(outlier.reasons)},
        "root_mean_square_error": float(np.sqrt(np.mean((found.reconstruction.image - found.image) ** 2))),
        "truncations": [
            {
                "terms": part.terms,
                "label": part.label,
                "label_name": names[part.label],
                "probability": float(part.probabilities.max()),
            }
            for part in (*found.truncations, found.reconstruction)
        ],
    }


def name_terms(names: Sequence[str], amplitudes: np.ndarray, ranking: np.ndarray) -> list[str]:
    """Every amplitude in ranked order with its vector's label and set, such as "+1.32 (7, 1)"."""
    return [
        f"{round(float(amplitudes[vector]), 2) + 0.0:+.2f} ({names[vector % len(names)]}, {vector // len(names) + 1})"
        for vector in map(int, ranking)
    ]
