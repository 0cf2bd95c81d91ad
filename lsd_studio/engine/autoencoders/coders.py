"""An encoder with its decoder as functions of NumPy arrays, whatever they were trained as."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.autoencoders.bundle import (
    AutoencoderBundle,
    is_autoencoder,
    open_autoencoder,
    shipped_autoencoders,
)
from lsd_studio.engine.bundle import Bundle, known_name, open_bundle, shipped_bundles
from lsd_studio.engine.datasets import TrainedOn
from lsd_studio.engine.models.networks import Classifier
from lsd_studio.engine.models.spectral_convolution import SpectralConvTranspose2d

Array = NDArray[np.float32]

PIXELS_A_BATCH = 1000 * 28 * 28
"""Values of the images that go through a network at once: 1 000 of MNIST's, 28 of 96×96×3."""


@dataclass(frozen=True, eq=False)
class Coder:
    """An encoder and a decoder in evaluation mode, with the classifier that reads what they draw.

    Images are [N, channels, height, width]: float32 in [−1, 1], or uint8 0…255, which are scaled batch by batch, so
    that large sets stay small. All work is done in batches; memory is bounded by the inputs and results.

    Attributes:
        name: of the bundle's folder, or of its run's.
        provenance: what the pair is and was trained on, in words.
        is_variational: whether images are encoded as normal distributions, with a log σ beside the mean.
        label_names: l names; None where the images have no labels.
        hash: of the bundle's manifest; profile: name of the settings it was trained with; seeds: of its trainings.
        encoder: images → (mean, log σ), or (mean, None).
        decoder: codes → images.
        classifier: C; None where the images have no labels.
        has_normal_prior: whether its codes have a prior N(0, I) to draw from.
    """

    name: str
    provenance: str
    image_shape: tuple[int, int, int]
    latent_dimensions: int
    is_variational: bool
    label_names: tuple[str, ...] | None
    trained_on: TrainedOn
    hash: str
    profile: str
    seeds: Mapping[str, int]
    encoder: nn.Module
    decoder: nn.Module
    classifier: nn.Module | None
    has_normal_prior: bool = False

    def __post_init__(self) -> None:
        for network in (self.encoder, self.decoder, self.classifier):
            if network is None:
                continue
            network.eval().requires_grad_(False)
            for layer in network.modules():
                if isinstance(layer, SpectralConvTranspose2d):
                    layer.hold_spectrum()

    @property
    def device(self) -> torch.device:
        """Where the weights are, and so where the work is done."""
        return next(self.decoder.parameters()).device

    def encode(self, images: NDArray[np.floating] | NDArray[np.uint8]) -> tuple[Array, Array | None]:
        """Mean and log σ of each image's code, each float32 [N, M]; log σ is None where it is not variational."""
        if not self.is_variational:
            return self._in_batches(lambda batch: self.encoder(batch)[0], images), None
        both = self._in_batches(lambda batch: torch.stack(self.encoder(batch), dim=1), images)
        return both[:, 0], both[:, 1]

    def decode(self, codes: NDArray[np.floating]) -> Array:
        """Images float32 [N, channels, height, width] in [−1, 1] of codes [N, M]."""
        return self._in_batches(self.decoder, codes)

    def classify(self, images: NDArray[np.floating] | NDArray[np.uint8]) -> Array | None:
        """Probabilities float32 [N, l] that C gives to each label; None without C."""
        classifier = self.classifier
        if classifier is None:
            return None
        return self._in_batches(lambda batch: classifier(batch).softmax(dim=1), images)

    def features(self, images: NDArray[np.floating] | NDArray[np.uint8]) -> Array | None:
        """C's last layer before its logits, float32 [N, F]: where precision and recall are measured.

        None without C, or where C is a network of others, whose layers are not known.
        """
        if not isinstance(self.classifier, Classifier):
            return None
        return self._in_batches(self.classifier.layers[:-1], images)

    def _in_batches(
        self,
        function: nn.Module | Callable[[Tensor], Tensor],
        inputs: NDArray[np.floating] | NDArray[np.uint8],
    ) -> Array:
        size = max(1, PIXELS_A_BATCH // prod(self.image_shape))
        with torch.inference_mode():
            results = [
                function(self._tensor(inputs[start : start + size])).float().cpu().numpy()
                for start in range(0, max(1, len(inputs)), size)
            ]
        return np.concatenate(results)

    def _tensor(self, inputs: NDArray[np.floating] | NDArray[np.uint8]) -> Tensor:
        values = torch.from_numpy(np.ascontiguousarray(inputs, dtype=np.float32)).to(self.device)
        return values.div_(127.5).sub_(1.0) if inputs.dtype == np.uint8 else values


def coder_of(bundle: Bundle) -> Coder:
    """Encoder E and generator G of a bundle, with its classifier, as a coder."""
    manifest, networks = bundle.manifest, bundle.networks
    name = known_name(bundle.path)
    prior = "" if manifest.prior is None else f", codes {manifest.prior.in_words}"
    return Coder(
        name=name,
        provenance=f"encoder E and generator G of {isolated(name)}, trained on {isolated(manifest.data.name)}"
        f"{prior}",
        image_shape=manifest.image_shape,
        latent_dimensions=manifest.latent_dimensions,
        is_variational=True,
        label_names=manifest.label_names,
        trained_on=manifest.trained_on,
        hash=bundle.hash,
        profile=bundle.profile.name,
        seeds=dict(manifest.seeds),
        encoder=networks.encoder,
        decoder=networks.generator,
        classifier=networks.classifier,
        has_normal_prior=networks.prior.samples is None,
    )


def coder_of_autoencoder(opened: AutoencoderBundle) -> Coder:
    """An autoencoder, with the classifier that was trained beside it, as a coder."""
    manifest, name = opened.manifest, known_name(opened.path)
    is_labelled = manifest.number_of_labels > 1
    kind = "variational autoencoder" if manifest.is_variational else "autoencoder"
    return Coder(
        name=name,
        provenance=f"{kind} {isolated(name)}, trained on {isolated(manifest.data.name)} to {manifest.task}",
        image_shape=manifest.image_shape,
        latent_dimensions=manifest.latent_dimensions,
        is_variational=manifest.is_variational,
        label_names=manifest.label_names if is_labelled else None,
        trained_on=manifest.trained_on,
        hash=opened.hash,
        profile=opened.profile.name,
        seeds=dict(manifest.seeds),
        encoder=opened.encoder,
        decoder=opened.decoder,
        classifier=opened.classifier if is_labelled else None,
        has_normal_prior=manifest.is_variational,
    )


def shipped_coders() -> tuple[str, ...]:
    """Names of the coders that come with LSD Studio, autoencoders first."""
    return (*shipped_autoencoders(), *shipped_bundles())


def load_coder(name_or_path: str | Path) -> Coder:
    """The coder in a bundle of either kind: its folder, a run that holds one, or the name of a shipped one.

    Raises:
        StudioError: there is no bundle, or it does not validate.
    """
    if is_autoencoder(name_or_path):
        return coder_of_autoencoder(open_autoencoder(name_or_path))
    return coder_of(open_bundle(name_or_path))
