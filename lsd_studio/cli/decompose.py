"""`lsd-studio decompose`: what an image is made of, for any image files."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from lsd_studio.cli.answers import answer, bars, check_destination, print_table
from lsd_studio.cli.exit_codes import EXIT_DONE
from lsd_studio.engine.bundle import Bundle, open_bundle
from lsd_studio.engine.decomposition.decomposition import Decomposition, decompose
from lsd_studio.engine.images.preparation import PreparedImage, prepared_for

LARGEST_SHOWN = 5


def run(options: argparse.Namespace) -> int:
    """Decompose every image named and answer with a list, one entry an image."""
    check_destination(options.json)
    with bars() as shown:
        shown.show("opening the bundle", 0.0)
        bundle = open_bundle(options.bundle)
        prepared = []
        for place, image in enumerate(options.images):
            shown.show("reading images", place / len(options.images), image.name)
            prepared.append(prepared_for(bundle, image))
        shown.show("decomposing", 0.0)
        found = decompose_prepared(bundle, prepared, options.sample)
        shown.show("decomposing", 1.0)
    entries = [
        describe(bundle, image, what, part)
        for image, what, part in zip(options.images, prepared, found, strict=True)
    ]
    print_table(
        ("image", "label", "lsd label", f"{LARGEST_SHOWN} largest amplitudes (label, set)", "made ready by"),
        [
            (
                image,
                f"{bundle.manifest.label_names[part.label]} ({part.probabilities.max():.1%})",
                bundle.manifest.label_names[part.lsd_label],
                ", ".join(name_terms(bundle, part)[:LARGEST_SHOWN]),
                "; ".join(what.steps) or "–",
            )
            for image, what, part in zip(options.images, prepared, found, strict=True)
        ],
        options.json,
    )
    answer(entries, options.json)
    return EXIT_DONE


def decompose_prepared(
    bundle: Bundle, prepared: list[PreparedImage], seed: int | None = None
) -> tuple[Decomposition, ...]:
    """Decompose images through the posterior's mean, or through one draw from it where a seed is given."""
    images = np.stack([image.pixels for image in prepared])
    mean, log_sigma = bundle.networks.encode(images)
    codes = mean
    if seed is not None:
        codes = bundle.networks.sample(mean, log_sigma, np.random.default_rng(seed))
    return decompose(bundle.networks, bundle.basis, images, codes, reading=bundle.profile.reading)


def describe(bundle: Bundle, image: Path, prepared: PreparedImage, found: Decomposition) -> dict[str, object]:
    """One image's decomposition as JSON values.

    `label` and `lsd_label` are numbers 0…l−1, their names beside them; `amplitudes` has c_k for k = 0…M−1, set outer
    and label inner; `ranking` has the k in the order in which the bundle's reading ranks them.
    """
    names = bundle.manifest.label_names
    return {
        "image": str(image),
        "prepared": list(prepared.steps),
        "label": found.label,
        "label_name": names[found.label],
        "probabilities": [round(float(value), 6) for value in found.probabilities],
        "lsd_label": found.lsd_label,
        "lsd_label_name": names[found.lsd_label],
        "reading": bundle.profile.reading,
        "amplitudes": [float(value) for value in found.amplitudes],
        "ranking": [int(vector) for vector in found.ranking],
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


def name_terms(bundle: Bundle, found: Decomposition) -> list[str]:
    """Every amplitude in ranked order with its vector's label and set, such as "+1.32 (7, 1)"."""
    return [
        f"{found.amplitudes[vector]:+.2f} "
        f"({bundle.manifest.label_names[bundle.basis.label(vector)]}, {bundle.basis.set_(vector)})"
        for vector in map(int, found.ranking)
    ]
