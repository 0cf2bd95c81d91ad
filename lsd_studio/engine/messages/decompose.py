"""An image under the glass: decomposed, truncated, refined."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from lsd_studio.engine.messages.choices import Reading
from lsd_studio.engine.messages.core import Event, Progress, Request
from lsd_studio.engine.messages.pixels import EncodedPixels

PAPER_TERMS = (1, 2, 3, 4, 10)
"""Terms kept in Figure 7, beside all M (R19)."""

Latent = Literal["mean", "sample"]
"""The code of an image: the posterior's mean μ, or one draw z = μ + σ·ε (R7)."""


@dataclass(frozen=True)
class DecompositionSettings:
    """How an image is to be decomposed.

    Args:
        latent: posterior mean or one draw from it.
        seed: of the draw; the same seed gives the same draw of the same image.
        reading: None takes the reading of the bundle's profile.
        terms: n of the truncation under the slider, 1…M (values outside are clipped by the engine).
    """

    latent: Latent = "mean"
    seed: int = 0
    reading: Reading | None = None
    terms: int = 1


@dataclass(frozen=True)
class _Subject(Request):
    """A request that puts a new image under the glass. Answer: Decomposed."""

    settings: DecompositionSettings = field(default=DecompositionSettings(), kw_only=True)

    @property
    def kind(self) -> str:
        return "subject"


@dataclass(frozen=True)
class DecomposeImage(_Subject):
    """Decompose pixels of the size that the networks take, uint8 [C, H, W] 0…255; `title` says which image it is."""

    pixels: np.ndarray | EncodedPixels
    title: str = "image"


@dataclass(frozen=True)
class DecomposeDrawing(_Subject):
    """Decompose a drawing: uint8 [h, w] of any size, 0 paper … 255 ink; the engine scales and centres it."""

    ink: np.ndarray


@dataclass(frozen=True)
class DecomposeFile(_Subject):
    """Decompose an image file, given as its path or as its bytes; the engine reads, scales and inverts it."""

    source: Path | bytes


@dataclass(frozen=True)
class Revise(Request):
    """Decompose the image under the glass again with other settings, without encoding it again. Answer: Decomposed.

    A resampling is a revision with another seed. A refined code is given up for the encoder's.
    """

    settings: DecompositionSettings


@dataclass(frozen=True)
class SetTruncation(Request):
    """Show the code under the glass with its n largest terms (R19). Answer: Truncated."""

    terms: int


@dataclass(frozen=True)
class Refine(Request):
    """Lower the reconstruction error of the image under the glass by gradient steps on its code (R41).

    Answers: a stream of Refining, then Decomposed. Given up when another image or other settings are asked for.
    """

    steps: int = 50

    @property
    def given_up_for(self) -> frozenset[str]:
        """Another bundle, image, setting or refinement."""
        return frozenset({"OpenBundle", "subject", "Revise", "Refine"})


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


@dataclass(frozen=True)
class Decomposed(Event):
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
        milliseconds: from the lane taking up the request to this answer.
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
    milliseconds: float

    @property
    def reconstruction(self) -> Reconstruction:
        """The code with all its terms, decoded."""
        return self.truncations[-1]


@dataclass(frozen=True)
class Truncated(Event):
    """The code under the glass with its n largest terms."""

    reconstruction: Reconstruction
    milliseconds: float


@dataclass(frozen=True)
class Refining(Progress):
    """A refinement under way: step of steps, and the picture that the code gives now."""

    step: int
    steps: int
    reconstruction: Reconstruction
    root_mean_square_error: float
