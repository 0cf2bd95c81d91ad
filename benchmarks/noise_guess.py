"""How often the kind of an image's own noise is guessed right, over test images of MNIST with noise that is known.

    python benchmarks/noise_guess.py [BUNDLE] [--images 100]

Prints the table of docs/workspaces/denoise.md: a row a kind and level, how many images were taken for which kind, the
mean level and its spread where the kind was right, and the mean certainty of right and of wrong guesses.
"""

from __future__ import annotations

import argparse

import numpy as np

from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.datasets import load_data_set, scale_pixels
from lsd_studio.engine.denoising.curves import LEVELS
from lsd_studio.engine.denoising.noise import Noise, corrupt
from lsd_studio.engine.denoising.noise_guess import Guess, NoiseExamples
from lsd_studio.engine.vocabulary import NOISE_KINDS, NoiseKind

WEAK: dict[NoiseKind, tuple[float, ...]] = {
    "gaussian": (0.05, 0.1),
    "salt_and_pepper": (0.05,),
    "dropped": (0.05, 0.1),
    "rectangles": (0.05,),
}
"""Levels below those that are measured, where guessing is hardest."""


def main() -> None:
    """Guess, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bundle", nargs="?", default="mnist-studio")
    parser.add_argument("--images", type=int, default=100)
    options = parser.parse_args()
    bundle = open_bundle(options.bundle)
    test = load_data_set(bundle.manifest.data.name, "test")
    clean = scale_pixels(test.images[np.linspace(0, len(test) - 1, options.images).astype(int)])
    examples = NoiseExamples.of(bundle.networks)
    print("| noise | level | none | " + " | ".join(kind.replace("_", " ") for kind in NOISE_KINDS), end="")
    print(" | level found | certainty, right | wrong |\n" + "| --- " * (len(NOISE_KINDS) + 6) + "|")
    cases = [Noise("gaussian", 0.0)]
    cases += [Noise(kind, level) for kind in NOISE_KINDS for level in (*WEAK[kind], *LEVELS[kind][1:])]
    for noise in cases:
        noisy = np.rint((corrupt(clean, noise, 11).images + 1) * 127.5).astype(np.float32) / 127.5 - 1
        print(_row(noise, [examples.guess(image) for image in noisy]), flush=True)


def _row(noise: Noise, guesses: list[Guess]) -> str:
    found = [guess.noise.kind if guess.noise.level else "none" for guess in guesses]
    truth = noise.kind if noise.level else "none"
    right = [guess for guess, kind in zip(guesses, found, strict=True) if kind == truth]
    wrong = [guess for guess, kind in zip(guesses, found, strict=True) if kind != truth]
    levels = [guess.noise.level for guess in right]
    cells = [
        truth.replace("_", " "),
        f"{noise.level:g}",
        *(str(found.count(kind)) for kind in ("none", *NOISE_KINDS)),
        f"{np.mean(levels):.2f} ± {np.std(levels):.2f}" if levels else "–",
        *(f"{np.mean([guess.certainty for guess in part]):.0%}" if part else "–" for part in (right, wrong)),
    ]
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
