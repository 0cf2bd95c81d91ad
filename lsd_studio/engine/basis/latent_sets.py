"""Latent vectors gathered by label, their averages η, and the quasi-eigenbasis made from them (R11, R12)."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator

import numpy as np
import scipy.special
import torch
from numpy.typing import NDArray
from torch import Tensor

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.basis.orthogonalisation import orthogonalise
from lsd_studio.engine.basis.progress import BasisStep, LatentSetsProgress
from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors
from lsd_studio.engine.datasets import LabelledImages, scale_pixels
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.models.inference import Networks, images_at_once
from lsd_studio.engine.runs.profiles import BasisSettings
from lsd_studio.engine.steps import finished
from lsd_studio.engine.vocabulary import Source

FloatArray = NDArray[np.float64]
LATENTS_PER_BATCH = 250
"""Few enough for the processor's caches, where a picture takes a quarter less time than in batches of 1 000, and for a
stop that takes effect at once."""

NEVER_DRAWN = 20_000
"""Draws after which a label that has not come once is given up; one of a thousand would have come twenty times."""

ONE_IN_A_MILLION = 1e-6


def build_basis(
    networks: Networks,
    training_images: LabelledImages,
    settings: BasisSettings,
    seed: int,
    progress: Callable[[BasisStep], object] = lambda _: None,
) -> QuasiEigenvectors:
    """Gather the latent sets, average them to η and make ξ of them as `settings` say.

    The same seed gives the same basis on the same machine. `progress` is called after every step; what it raises
    ends the work.

    Raises:
        StudioError: a label cannot be filled within `settings.max_draws` draws from either source, or η is
            linearly dependent.
    """
    return finished(basis_in_steps(networks, training_images, settings, seed), progress)


def basis_in_steps(
    networks: Networks, training_images: LabelledImages, settings: BasisSettings, seed: int
) -> Generator[BasisStep, None, QuasiEigenvectors]:
    """`build_basis` as a generator: it yields its progress and returns the basis."""
    sets = LatentSets(networks, training_images, settings.vectors, settings.max_draws, seed)
    yield from sets.fill()
    basis = yield from orthogonalise(
        networks, training_images, sets.eta(), settings.set_one, settings.complement, seed
    )
    return basis


class LatentSets:
    """The n·l sets of latent vectors of step 4, of which only sums are kept (Eq. 2).

    Set 1 takes the training images, encoded with sampled z, in passes over a shuffled order with new noise in each;
    the sets 2…n take z of the prior, N(0, I) as a rule. Both are labelled by C(G(z)). The draws of a label go to its
    random sets in turn, and batches of both sources alternate, so that all averages converge together and can be used
    at any time.

    Args:
        training_images: that set 1 is made of.
        vectors: V, wanted for each set and label.
        max_draws: from either source, before a label counts as one that cannot be filled.
    """

    def __init__(
        self, networks: Networks, training_images: LabelledImages, vectors: int, max_draws: int, seed: int
    ) -> None:
        self.wanted = vectors
        self._networks = networks
        self._max_draws = max_draws
        self._label_names = training_images.label_names
        self._shape = (
            networks.latent_dimensions // networks.number_of_labels,
            networks.number_of_labels,
            networks.latent_dimensions,
        )
        self._sums = torch.zeros(self._shape, dtype=torch.float64)
        self._squares = torch.zeros_like(self._sums)
        number_of_sets, labels, _ = self._shape
        filled: list[tuple[Source, int, int]] = [("encoded", 0, 1), ("random", 1, number_of_sets - 1)]
        self._streams = [
            _Stream(source, draw_latents(networks, training_images, source, seed), first, sets, labels)
            for source, first, sets in filled
            if sets
        ]

    def fill(self) -> Iterator[LatentSetsProgress]:
        """Draw until all sets are full; yield the progress after each batch. It may be abandoned at any yield.

        Raises:
            StudioError: a label is not filled after `max_draws` draws from either source, or will not be: it did not
                come once in 20 000 draws, or so rarely that its rate, at the upper end of a confidence interval of
                1 − 10⁻⁶, is too small; or E gives codes that are not finite.
        """
        start = time.perf_counter()
        while filling := [stream for stream in self._streams if not stream.full(self.wanted)]:
            stream = min(filling, key=lambda stream: stream.share(self.wanted))
            if stream.draws >= self._max_draws:
                raise StudioError(self._unfilled(stream, stream.lacking(self.wanted)))
            self._draw(stream)
            if len(hopeless := stream.hopeless(self.wanted, self._max_draws)):
                raise StudioError(self._unfilled(stream, hopeless))
            yield self._progress(time.perf_counter() - start)

    def eta(self) -> FloatArray:
        """The averages η as they are now, float64 [n·l, M], set outer and label inner.

        Raises:
            StudioError: a set holds no vector yet; the sentence names its label.
        """
        empty = np.argwhere(self.counts == 0)
        if len(empty):
            set_index, label = empty[0]
            raise StudioError(
                f"Set {set_index + 1} of label {isolated(self._label_names[label])} holds no latent vector yet "
                f"({len(empty)} of {self.counts.size} sets are empty): continue gathering."
            )
        return self._means().reshape(-1, self._shape[2]).numpy()

    @property
    def counts(self) -> NDArray[np.int64]:
        """The vectors that each set holds, int64 [n, l]."""
        return torch.cat([stream.counts(self.wanted) for stream in self._streams]).numpy()

    def _draw(self, stream: _Stream) -> None:
        codes = next(stream.latents)[: self._max_draws - stream.draws]
        if not bool(torch.isfinite(codes).all()):
            raise StudioError(
                "E gives codes that are not finite, so it has diverged: branch with a lower "
                "encoder.learning_rate."
            )
        networks = self._networks
        with torch.inference_mode():
            labels = torch.cat(
                [
                    networks.classifier(networks.generator(part.to(networks.device))).argmax(dim=1).cpu()
                    for part in codes.split(images_at_once(networks.image_shape))
                ]
            )
        sets, kept = stream.place(labels, self.wanted)
        places, values = sets[kept] * self._shape[1] + labels[kept], codes[kept].double()
        self._sums.flatten(0, 1).index_add_(0, places, values)
        self._squares.flatten(0, 1).index_add_(0, places, values.square_())

    def _means(self) -> Tensor:
        return self._sums / torch.from_numpy(self.counts).clamp(min=1)[..., None]

    def _progress(self, seconds: float) -> LatentSetsProgress:
        means = self._means()
        mean_squares = self._squares / torch.from_numpy(self.counts).clamp(min=1)[..., None]
        by_source = {stream.source: stream.draws for stream in self._streams}
        return LatentSetsProgress(
            draws=(by_source["encoded"], by_source.get("random", 0)),
            wanted=self.wanted,
            counts=self.counts,
            mean=means.numpy(),
            spread=(mean_squares - means.square()).clamp(min=0).sqrt().numpy(),
            seconds=seconds,
            note=self._waited_for(),
        )

    def _waited_for(self) -> str:
        lacking = [(stream, stream.lacking(self.wanted)) for stream in self._streams]
        counted = [self._counted(*each) for each in lacking if 0 < len(each[1]) < len(self._label_names)]
        return f"waiting for {'; '.join(counted)}" if counted else ""

    def _counted(self, stream: _Stream, labels: Tensor) -> str:
        needed = self.wanted * stream.sets
        return ", ".join(
            f"{isolated(self._label_names[label])} ({int(stream.drawn_by_label[label])} of {needed})"
            for label in labels.tolist()
        )

    def _unfilled(self, stream: _Stream, labels: Tensor) -> str:
        too_few = f"After {stream.draws} {stream.source} latent vectors these labels are not filled"
        if stream.draws < self._max_draws:
            too_few += f", nor would they be within {self._max_draws}"
        never = bool((stream.drawn_by_label[labels] == 0).any())
        return f"{too_few}: {self._counted(stream, labels)}; " + (
            "C reads none of these pictures so: train longer."
            if never
            else "train longer, gather fewer vectors, or raise basis.max_draws."
        )


class _Stream:
    """One source of latent vectors, and the sets that it fills: `sets` of them, from set index `first` on."""

    def __init__(self, source: Source, latents: Iterator[Tensor], first: int, sets: int, labels: int) -> None:
        self.source = source
        self.latents = latents
        self.first = first
        self.sets = sets
        self.draws = 0
        self.drawn_by_label = torch.zeros(labels, dtype=torch.int64)

    def place(self, labels: Tensor, wanted: int) -> tuple[Tensor, Tensor]:
        """The set of each of these draws, and whether there is room for it; counts them as drawn."""
        one_hot = torch.nn.functional.one_hot(labels, len(self.drawn_by_label))
        order = self.drawn_by_label[labels] + (one_hot.cumsum(dim=0) * one_hot).sum(dim=1) - 1
        self.drawn_by_label += one_hot.sum(dim=0)
        self.draws += len(labels)
        return self.first + order % self.sets, order < wanted * self.sets

    def counts(self, wanted: int) -> Tensor:
        """int64 [sets, l]."""
        kept = self.drawn_by_label.clamp(max=wanted * self.sets)
        return (kept + self.sets - 1 - torch.arange(self.sets)[:, None]) // self.sets

    def share(self, wanted: int) -> float:
        """The share of the vectors wanted that are held, 0…1."""
        return float(self.counts(wanted).sum() / (wanted * self.sets * len(self.drawn_by_label)))

    def full(self, wanted: int) -> bool:
        return not len(self.lacking(wanted))

    def lacking(self, wanted: int) -> Tensor:
        """The labels that have not been drawn often enough."""
        return (self.drawn_by_label < wanted * self.sets).nonzero().flatten()

    def hopeless(self, wanted: int, max_draws: int) -> Tensor:
        """The labels that will not be filled within `max_draws`.

        A count k of a rare label in d draws is a Poisson number, whose mean lies, but for one in a million, under half
        the χ² quantile of 2 (k + 1) degrees of freedom (Garwood 1936).
        """
        counts = self.drawn_by_label.numpy()
        most = scipy.special.chdtri(2.0 * (counts + 1), ONE_IN_A_MILLION) / 2 / max(1, self.draws) * max_draws
        never = (counts == 0) & (self.draws >= NEVER_DRAWN)
        is_lacking = counts < wanted * self.sets
        return torch.from_numpy(is_lacking & (never | (most < wanted * self.sets))).nonzero().flatten()


def draw_latents(
    networks: Networks, training_images: LabelledImages, source: Source, seed: int
) -> Iterator[Tensor]:
    """Latent vectors without end, float32 [≤ 250, M] at a time, on the CPU.

    "encoded" goes over the training images in a shuffled order, again and again, with new noise each time;
    "random" draws z of the prior. The two draw apart from each other.
    """
    encoded_seed, random_seed = np.random.SeedSequence(seed).generate_state(2, np.uint64).tolist()
    if source == "random":
        random = torch.Generator().manual_seed(random_seed)
        while True:
            yield networks.prior.draw_tensor(LATENTS_PER_BATCH, networks.latent_dimensions, random)
    random = torch.Generator().manual_seed(encoded_seed)
    while True:
        for chosen in torch.randperm(len(training_images), generator=random).split(LATENTS_PER_BATCH):
            pixels = scale_pixels(training_images.images[chosen.numpy()])
            mean, log_sigma = map(torch.from_numpy, networks.encode(pixels))
            yield mean + log_sigma.exp() * torch.randn(mean.shape, generator=random)
