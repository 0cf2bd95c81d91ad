"""What goes through the door: requests in, events out.

Both are frozen dataclasses that hold NumPy arrays, text and numbers only, so either side can keep them, send them
between threads and print them. Arrays in them are never written to after they are sent.

Shapes: C channels, H × W pixels, M latent dimensions, l labels, N images. A *picture* is uint8 [H, W, C], 0…255, made
for looking at; *pixels* are what the networks take.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

Latent = Literal["mean", "sample"]
"""The code of an image: the posterior's mean μ, or one draw z = μ + σ·ε (R7)."""

Reading = Literal["absolute", "signed"]
"""How amplitudes name a label (R16): the largest |c| over all vectors, or the largest signed c over set 1."""


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


# --- requests --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Request:
    """Something to ask of the engine; a newer request of the same `kind` replaces one that still waits."""

    @property
    def kind(self) -> str:
        """The name under which the latest request wins."""
        return type(self).__name__

    @property
    def given_up_for(self) -> frozenset[str]:
        """Kinds that make this request pointless while it is still being done; none for most."""
        return frozenset()


@dataclass(frozen=True)
class OpenBundle(Request):
    """Open a bundle (or a finished run, or a shipped bundle by its name) and use it from now on. Answer: BundleOpened.

    None is the first of the bundles that are shipped.
    """

    path: Path | None = None


@dataclass(frozen=True)
class LoadTestImages(Request):
    """Read the test images of a data set by name or folder. Answer: TestImagesLoaded."""

    source: str


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

    pixels: np.ndarray
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
class StartTraining(Request):
    """Train all models and the basis into the folder `run` (R1…R13). Answers: TrainingStarted … TrainingEnded.

    Args:
        run: folder of the run, made where it is missing.
        profile: name of a shipped profile or path of a profile file.
        data: name of a data set or path of a folder; None takes the profile's.
        seed: of weights, batches and draws.
        overrides: profile settings as "encoder.epochs=3".
        resume: go on from the run's last checkpoint.
    """

    run: Path
    profile: str = "studio"
    data: str | None = None
    seed: int = 0
    overrides: Sequence[str] = ()
    resume: bool = False


@dataclass(frozen=True)
class PauseTraining(Request):
    """Hold the training under way before its next batch. Answer: TrainingPaused."""


@dataclass(frozen=True)
class ResumeTraining(Request):
    """Go on with the paused training. Answer: TrainingResumed."""


@dataclass(frozen=True)
class CancelTraining(Request):
    """Stop the training under way at its next batch, with a checkpoint. Answer: TrainingEnded."""


# --- events ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Event:
    """Something the engine has to say; `number` is that of the request it answers."""

    number: int


@dataclass(frozen=True)
class Working(Event):
    """The engine has taken up a slow request; `what` says in a few words what it does."""

    what: str


@dataclass(frozen=True)
class Failed(Event):
    """A request could not be done.

    Args:
        request: the request's class name.
        sentence: one sentence that says what to do.
        traceback: where it happened, for the log.
    """

    request: str
    sentence: str
    traceback: str


@dataclass(frozen=True)
class BundleOpened(Event):
    """The bundle now in use.

    Args:
        vector_pictures: uint8 [M, H, W, C], every ξ decoded, set outer and label inner.
        vector_labels: int64 [M], what C reads in each; vector_probabilities: float32 [M], how surely.
        shipped: names of the bundles that come with this installation.
        milliseconds: from request to answer.
    """

    path: Path
    name: str
    profile: str
    data_set: str
    label_names: tuple[str, ...]
    image_shape: tuple[int, int, int]
    latent_dimensions: int
    reading: Reading
    vector_pictures: np.ndarray
    vector_labels: np.ndarray
    vector_probabilities: np.ndarray
    shipped: tuple[str, ...]
    milliseconds: float

    @property
    def number_of_labels(self) -> int:
        """l, the number of labels."""
        return len(self.label_names)


@dataclass(frozen=True)
class TestImagesLoaded(Event):
    """Test images to pick from: images uint8 [N, C, H, W], labels int64 [N] into `label_names`."""

    __test__ = False

    name: str
    images: np.ndarray
    labels: np.ndarray
    label_names: tuple[str, ...]


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
class Refining(Event):
    """A refinement under way: step of steps, and the picture that the code gives now."""

    step: int
    steps: int
    reconstruction: Reconstruction
    root_mean_square_error: float


@dataclass(frozen=True)
class TrainingStarted(Event):
    """Training into the folder `run` has begun."""

    run: Path


@dataclass(frozen=True)
class TrainingReported(Event):
    """One typed event of the training loop (`lsd_studio.engine.training.events`), as it is."""

    run: Path
    report: object


@dataclass(frozen=True)
class TrainingPaused(Event):
    """Training holds before its next batch."""

    run: Path


@dataclass(frozen=True)
class TrainingResumed(Event):
    """Training goes on."""

    run: Path


@dataclass(frozen=True)
class TrainingEnded(Event):
    """Training is over: finished, cancelled (a checkpoint is kept) or failed (a Failed event says why)."""

    run: Path
    outcome: Literal["finished", "cancelled", "failed"]
