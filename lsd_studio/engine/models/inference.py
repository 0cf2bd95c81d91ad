"""The trained networks as functions of NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.models.prior import NORMAL, Prior
from lsd_studio.engine.models.spectral_convolution import SpectralConvTranspose2d
from lsd_studio.engine.vocabulary import Reader

Array = NDArray[np.float32]

MOST_AT_ONCE = 200
"""Images that go through a network at once: what a layer gives of them still lies in caches, and its memory is reused
from layer to layer. Of 1 000 each takes 1.6 times as long in G, and 2 times in E; of 100 no less than of 200."""

VALUES_AT_ONCE = MOST_AT_ONCE * 28 * 28


def images_at_once(image_shape: Sequence[int]) -> int:
    """How many images go through a network at once, so that memory is bounded: 200 of MNIST's, 5 of 96×96×3."""
    return max(1, min(MOST_AT_ONCE, VALUES_AT_ONCE // prod(image_shape)))


@dataclass(frozen=True)
class Networks:
    """Generator G, encoder E and classifier C in evaluation mode, without gradients of their weights.

    The attributes `generator`, `encoder` and `classifier` are the torch modules, ours or an `OnnxNetwork`, for work
    that needs gradients with respect to codes or images; the methods take and give NumPy arrays, in batches. `judge` is
    a second classifier that no loss saw, for what C would mark its own work in; None where there is none. Random codes
    are drawn from `prior`.
    """

    generator: nn.Module
    encoder: nn.Module
    classifier: nn.Module
    image_shape: tuple[int, int, int]
    number_of_labels: int
    latent_dimensions: int
    judge: nn.Module | None = None
    prior: Prior = NORMAL

    def __post_init__(self) -> None:
        judges = () if self.judge is None else (self.judge,)
        for network in (self.generator, self.encoder, self.classifier, *judges):
            network.eval().requires_grad_(False)
            for layer in network.modules():
                if isinstance(layer, SpectralConvTranspose2d):
                    layer.hold_spectrum()

    @property
    def device(self) -> torch.device:
        """Where the weights are, and so where the work is done."""
        return next(self.generator.parameters(), torch.empty(0)).device

    def encode(self, images: Array) -> tuple[Array, Array]:
        """Mean and log σ of the posterior, each [N, M], of images [N, channels, edge, edge] in [−1, 1]."""
        both = self._in_batches(lambda batch: torch.stack(self.encoder(batch), dim=1), images)
        return both[:, 0], both[:, 1]

    def decode(self, codes: NDArray[np.floating]) -> Array:
        """Images [N, channels, edge, edge] in [−1, 1] of codes [N, M]."""
        return self._in_batches(self.generator, codes)

    def classify(self, images: Array) -> Array:
        """Probabilities [N, l] that C gives to each label."""
        return self._in_batches(lambda batch: self.classifier(batch).softmax(dim=1), images)

    def judge_images(self, images: Array) -> Array | None:
        """Probabilities [N, l] that the judge gives to each label; None where there is no judge."""
        judge = self.judge
        return None if judge is None else self._in_batches(lambda batch: judge(batch).softmax(dim=1), images)

    def labels_read(self, images: Array) -> dict[Reader, NDArray[np.int64]]:
        """The label [N] that C and, where there is one, the judge read in each image."""
        read: dict[Reader, NDArray[np.int64]] = {"classifier": self.classify(images).argmax(axis=1)}
        judged = self.judge_images(images)
        return read if judged is None else {**read, "judge": judged.argmax(axis=1)}

    def features(self, images: Array, reader: nn.Module) -> Array:
        """What C or the judge hands to its last linear layer, [N, d].

        Raises:
            StudioError: there is no such layer in it, as in a network that came as an ONNX file.
        """
        return self.features_and_labels(images, reader)[0]

    def features_and_labels(self, images: Array, reader: nn.Module) -> tuple[Array, NDArray[np.int64]]:
        """`features` [N, d], and the labels [N] that the reader reads.

        Raises:
            StudioError: as `features`.
        """
        linear = [layer for layer in reader.modules() if isinstance(layer, nn.Linear)]
        if not linear:
            raise StudioError(
                "A network without a linear layer of ours has no features to compare images by."
            )
        taken: list[Tensor] = []

        def both(batch: Tensor) -> Tensor:
            read = reader(batch).argmax(dim=1, keepdim=True)
            features = taken.pop()
            return torch.cat([features, read.to(features.dtype)], dim=1)

        hook = linear[-1].register_forward_pre_hook(lambda _, inputs: taken.append(inputs[0]))
        try:
            found = self._in_batches(both, images)
        finally:
            hook.remove()
        return found[:, :-1], found[:, -1].astype(np.int64)

    def random_codes(self, count: int, random: np.random.Generator) -> Array:
        """Codes [count, M] drawn from the prior; the first ones are the same for any count."""
        return self.prior.draw(count, self.latent_dimensions, random)

    def sample(self, mean: Array, log_sigma: Array, random: np.random.Generator) -> Array:
        """One draw z = μ + exp(log σ)·ε of each posterior, [N, M] (R7)."""
        noise: Array = random.standard_normal(mean.shape, dtype=np.float32)
        return np.asarray(mean + np.exp(log_sigma) * noise, dtype=np.float32)

    def _in_batches(
        self, function: nn.Module | Callable[[Tensor], Tensor], inputs: NDArray[np.floating]
    ) -> Array:
        rows = images_at_once(self.image_shape)
        with torch.inference_mode():
            batches = [
                function(torch.from_numpy(np.ascontiguousarray(batch, dtype=np.float32)).to(self.device))
                .float()
                .cpu()
                for batch in np.split(inputs, range(rows, len(inputs), rows))
            ]
            return torch.cat(batches).numpy()
