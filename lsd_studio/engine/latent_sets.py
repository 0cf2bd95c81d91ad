"""Latent vectors gathered by label, their averages η, and the quasi-eigenbasis made from them (R11, R12)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lsd_studio.engine.datasets import LabelledImages, scale_pixels
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.inference import Networks
from lsd_studio.engine.labelled_frame import LabelledFrameProgress, labelled_frame
from lsd_studio.engine.profiles import BasisSettings
from lsd_studio.engine.quasi_eigenbasis import QuasiEigenbasis

LATENTS_PER_BATCH = 1000


@dataclass(frozen=True)
class LatentSetsProgress:
    """Latent sets being filled, after one more batch.

    Attributes:
        source: "encoded" for set 1 (step 4a), "random" for the sets 2…n (step 4b).
        draws: latent vectors drawn so far from this source.
        wanted: V, the vectors that each label and set needs.
        counts: int64 [sets of this source, l], vectors held.
        mean_norm: float64, like `counts`: norm of the running mean. It settles as η converges.
        spread: float64, like `counts`: standard deviation of a component, root mean square over components.
    """

    source: Literal["encoded", "random"]
    draws: int
    wanted: int
    counts: NDArray[np.int64]
    mean_norm: NDArray[np.float64]
    spread: NDArray[np.float64]

    @property
    def fraction(self) -> float:
        """The share of the vectors needed from this source that are held, 0…1."""
        return float(self.counts.sum() / (self.wanted * self.counts.size))


BasisProgress = LatentSetsProgress | LabelledFrameProgress


def build_basis(
    networks: Networks,
    training_images: LabelledImages,
    settings: BasisSettings,
    seed: int,
    progress: Callable[[BasisProgress], None] | None = None,
) -> QuasiEigenbasis:
    """Gather the latent sets, average them to η and make ξ of them as `settings` say.

    The same seed gives the same basis on the same machine. `progress` is called after every step; what it raises
    ends the work.

    Raises:
        StudioError: a label cannot be filled within `settings.max_draws` draws from either source, or η is
            linearly dependent.
    """
    steps = basis_in_steps(networks, training_images, settings, seed)
    while True:
        try:
            step = next(steps)
        except StopIteration as finished:
            basis: QuasiEigenbasis = finished.value
            return basis
        if progress is not None:
            progress(step)


def basis_in_steps(
    networks: Networks, training_images: LabelledImages, settings: BasisSettings, seed: int
) -> Generator[BasisProgress, None, QuasiEigenbasis]:
    """`build_basis` as a generator: it yields its progress and returns the basis."""
    eta = yield from gather_eta(networks, training_images, settings.vectors, settings.max_draws, seed)
    basis = QuasiEigenbasis(networks.number_of_labels, settings.set_one).fit(eta)
    if settings.complement == "gram-schmidt":
        return basis
    set_one = basis.xi_[: networks.number_of_labels]
    others = yield from labelled_frame(networks, set_one, seed)
    return QuasiEigenbasis.from_vectors(
        eta, np.concatenate([set_one, others]), networks.number_of_labels, settings.set_one
    )


def gather_eta(
    networks: Networks, training_images: LabelledImages, vectors: int, max_draws: int, seed: int
) -> Generator[LatentSetsProgress, None, NDArray[np.float64]]:
    """Average `vectors` latent vectors for each label and set (Eq. 2) and return η, float64 [M, M].

    Set 1 takes the training images, encoded with sampled z, in passes over a shuffled order with new noise in
    each; the sets 2…n take z ~ N(0, I). Both are labelled by C(G(z)); the draws of one label fill its sets in
    order. Only sums are kept.

    Raises:
        StudioError: a label is not filled after `max_draws` draws from either source.
    """
    labels, dimensions = networks.number_of_labels, networks.latent_dimensions
    random = torch.Generator().manual_seed(seed)
    encoded = _RunningSets("encoded", vectors, 1, labels, dimensions)
    names = training_images.label_names
    yield from encoded.fill(_encoded_latents(networks, training_images, random), networks, max_draws, names)
    drawn = _RunningSets("random", vectors, dimensions // labels - 1, labels, dimensions)
    yield from drawn.fill(_random_latents(dimensions, random), networks, max_draws, names)
    return torch.cat([encoded.means, drawn.means]).numpy()


class _RunningSets:
    """Sums of the latent vectors of each set and label, set outer and label inner."""

    def __init__(
        self, source: Literal["encoded", "random"], wanted: int, sets: int, labels: int, dimensions: int
    ) -> None:
        self.source = source
        self.wanted = wanted
        self.shape = (sets, labels)
        self.drawn_by_label = torch.zeros(labels, dtype=torch.int64)
        self.sums = torch.zeros(sets * labels, dimensions, dtype=torch.float64)
        self.squares = torch.zeros_like(self.sums)

    def fill(
        self, latents: Iterator[Tensor], networks: Networks, max_draws: int, label_names: Sequence[str]
    ) -> Iterator[LatentSetsProgress]:
        draws = 0
        while not self.full:
            if draws >= max_draws:
                raise StudioError(self._unfilled(draws, label_names))
            codes = next(latents)[: max_draws - draws]
            with torch.inference_mode():
                logits = networks.classifier(networks.generator(codes.to(networks.device)))
            self.add(codes, logits.argmax(dim=1).cpu())
            draws += len(codes)
            yield self._progress(draws)

    def add(self, codes: Tensor, labels: Tensor) -> None:
        one_hot = torch.nn.functional.one_hot(labels, self.shape[1])
        earlier_in_batch = (one_hot.cumsum(dim=0) * one_hot).sum(dim=1) - 1
        sets = (self.drawn_by_label[labels] + earlier_in_batch) // self.wanted
        kept = sets < self.shape[0]
        places = sets[kept] * self.shape[1] + labels[kept]
        values = codes[kept].double()
        self.sums.index_add_(0, places, values)
        self.squares.index_add_(0, places, values.square())
        self.drawn_by_label += one_hot.sum(dim=0)

    @property
    def counts(self) -> Tensor:
        earlier = torch.arange(self.shape[0])[:, None] * self.wanted
        return (self.drawn_by_label - earlier).clamp(0, self.wanted)

    @property
    def full(self) -> bool:
        return bool((self.drawn_by_label >= self.wanted * self.shape[0]).all())

    @property
    def means(self) -> Tensor:
        return self.sums / self.counts.reshape(-1, 1).clamp(min=1)

    def _progress(self, draws: int) -> LatentSetsProgress:
        means = self.means
        variances = self.squares / self.counts.reshape(-1, 1).clamp(min=1) - means.square()
        return LatentSetsProgress(
            source=self.source,
            draws=draws,
            wanted=self.wanted,
            counts=self.counts.numpy(),
            mean_norm=means.norm(dim=1).reshape(self.shape).numpy(),
            spread=variances.mean(dim=1).clamp(min=0).sqrt().reshape(self.shape).numpy(),
        )

    def _unfilled(self, draws: int, label_names: Sequence[str]) -> str:
        needed = self.wanted * self.shape[0]
        lacking = ", ".join(
            f"{name} ({count} of {needed})"
            for name, count in zip(label_names, self.drawn_by_label.tolist(), strict=True)
            if count < needed
        )
        return (
            f"After {draws} {self.source} latent vectors these labels are not filled: {lacking}; "
            "train longer, gather fewer vectors, or raise basis.max_draws."
        )


def _encoded_latents(
    networks: Networks, training_images: LabelledImages, random: torch.Generator
) -> Iterator[Tensor]:
    while True:
        for chosen in torch.randperm(len(training_images), generator=random).split(LATENTS_PER_BATCH):
            images = torch.from_numpy(scale_pixels(training_images.images[chosen.numpy()]))
            with torch.inference_mode():
                mean, log_sigma = networks.encoder(images.to(networks.device))
            noise = torch.randn(mean.shape, generator=random)
            yield mean.cpu() + log_sigma.cpu().exp() * noise


def _random_latents(dimensions: int, random: torch.Generator) -> Iterator[Tensor]:
    while True:
        yield torch.randn(LATENTS_PER_BATCH, dimensions, generator=random)
