"""Where descent on G's prior and truncation in ξ win and where they lose, in words, from scores of the same images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.denoising.denoised_image import amount
from lsd_studio.engine.denoising.methods import Method, control_of
from lsd_studio.engine.evaluation.intervals import mean_intervals
from lsd_studio.engine.vocabulary import NoiseKind

CHAMPION = "lsd_posterior"
"""The best method here that needs only the bundle and its E: it uses G's prior, and no basis.

Chosen on held-out training images, not the best of several on the test images.
"""

WORDS: dict[NoiseKind, str] = {
    "gaussian": "Gaussian noise",
    "salt_and_pepper": "Salt and pepper",
    "dropped": "Dropped pixels",
    "rectangles": "Rectangles",
}


@dataclass(frozen=True, eq=False)
class Comparison:
    """PSNR of every image: by method, float64 [levels, N], dB."""

    kind: NoiseKind
    levels: tuple[float, ...]
    psnr: Mapping[str, NDArray[np.float64]]

    @property
    def images(self) -> int:
        """N."""
        return next(iter(self.psnr.values())).shape[1]

    def best(self, names: Sequence[str], place: int, images: slice = slice(None)) -> str:
        """The method of these with the highest mean over some images at a level, by its place."""
        return max(names, key=lambda name: float(self.psnr[name][place, images].mean()))


def verdict(comparison: Comparison, methods: Sequence[Method], random: np.random.Generator) -> str:
    """A few sentences on PSNR at every level.

    Descent on G's prior against the best simple baseline and the autoencoder; the best truncation in ξ at each level
    against the best simple baseline and against its own control in a random basis. What is the best of several is
    chosen on every other image and compared on the images between, since on those it was chosen on it is ahead by the
    choice. A method is ahead or behind at a level where the 95 % bootstrap interval of the paired difference leaves
    out 0.
    """
    titles = {method.name: method.title for method in methods}

    def of_family(family: str) -> list[str]:
        return [
            method.name
            for method in methods
            if method.family == family and not method.knows_where and method.name in comparison.psnr
        ]

    def compare(ours: Sequence[str], rivals: Callable[[str], Sequence[str]], words: str) -> str:
        return _against(comparison, ours, rivals, titles, words, random)

    simple, learned, in_xi = of_family("classical"), of_family("learned"), of_family("lsd")
    best_simple = "the best simple baseline"
    sentences = [
        f"{titles[CHAMPION]} on G's prior, without ξ: {compare([CHAMPION], lambda _: simple, best_simple)}"
    ]
    if learned:
        against = compare([CHAMPION], lambda _: learned, "the denoising autoencoder")
        sentences.append(_capital(against))
    truncation = compare(in_xi, lambda _: simple, best_simple)
    sentences.append(f"Truncation in ξ, the best of {len(in_xi)} at each level: {truncation}")
    control = compare(in_xi, lambda ours: [control_of(ours)], "the same truncation in a random basis")
    sentences.append(_capital(control))
    return f"{WORDS[comparison.kind]}, PSNR. " + " ".join(sentences)


def _against(
    comparison: Comparison,
    ours: Sequence[str],
    rivals: Callable[[str], Sequence[str]],
    titles: Mapping[str, str],
    words: str,
    random: np.random.Generator,
) -> str:
    """At which levels the best of ours is ahead of, level with or behind the best of its rivals, and by how much."""
    is_choice = (len(ours) > 1 or len(rivals(ours[0])) > 1) and comparison.images > 1
    chosen_on, compared_on = (
        (slice(0, None, 2), slice(1, None, 2)) if is_choice else (slice(None), slice(None))
    )
    outcomes, several = [], False
    for place, level in enumerate(comparison.levels):
        if level == 0:
            continue
        our = comparison.best(ours, place, chosen_on)
        against = rivals(our)
        several |= len(against) > 1
        best = comparison.best(against, place, chosen_on)
        differences = (comparison.psnr[our][place] - comparison.psnr[best][place])[compared_on]
        value, low, high = mean_intervals(differences[:, None], random)[:, 0]
        outcome = "ahead of" if low > 0 else "behind" if high < 0 else "level with"
        outcomes.append((outcome, amount(comparison.kind, level), value, titles[best]))
    always = {title for *_, title in outcomes}
    if several and len(always) == 1:
        words, several = f"{words} ({always.pop()})", False
    parts: list[str] = []
    for outcome in ("ahead of", "level with", "behind"):
        levels = ", ".join(
            f"{level} ({_signed(value)} dB" + (f", {title})" if several else ")")
            for found, level, value, title in outcomes
            if found == outcome
        )
        if levels:
            parts.append(f"{outcome} {'it' if parts else words} at {levels}")
    return "; ".join(parts) + "."


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _signed(value: float) -> str:
    """A number with its sign, and none where it rounds to nothing."""
    text = f"{value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", "−")
