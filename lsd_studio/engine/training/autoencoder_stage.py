"""What the training of an autoencoder does with one batch (R24)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lsd_studio.engine.autoencoders.networks import Autoencoder
from lsd_studio.engine.autoencoders.tasks import given_images
from lsd_studio.engine.runs.profiles import AutoencoderSettings
from lsd_studio.engine.training.checkpoint import StageState
from lsd_studio.engine.training.events import StageName
from lsd_studio.engine.training.losses import divergence_from_normal, signal_to_noise
from lsd_studio.engine.training.optimisers import adam, average_of, set_learning_rate
from lsd_studio.engine.training.stages import Batch, Update

BETAS = (0.9, 0.999)
MEASURED_AT_ONCE = 128
"""Images; more of 96×96×3 would take much memory at once."""


class AutoencoderStage:
    """Encoder and decoder together: cross-entropy of the picture, and of a variational one the divergence of its codes.

    The loss is, averaged over the batch, the binary cross-entropy of the pixels, taken as probabilities 0…1 and summed
    over the image, plus `kl_weight` times the Kullback–Leibler divergence of the code's normal distribution from
    N(0, I), summed over the dimensions: both in nats an image, so that weight 1 is the evidence lower bound (Kingma and
    Welling, 2014, eq. 10). A variational code is drawn, z = μ + exp(log σ)·ε; a plain one is the mean.
    """

    name: StageName = "autoencoder"

    def __init__(
        self, autoencoder: Autoencoder, classifier: nn.Module, settings: AutoencoderSettings
    ) -> None:
        self.settings = settings
        self.autoencoder = autoencoder
        self.classifier = classifier.eval()
        self.average = average_of(autoencoder, settings.averaging)
        self.optimiser = adam(autoencoder.parameters(), settings.learning_rate, BETAS)
        self.state = StageState(
            {"autoencoder": autoencoder, "average": self.average}, {"autoencoder": self.optimiser}
        )

    def step(self, batch: Batch, update: Update) -> Mapping[str, Tensor]:
        settings = self.settings
        set_learning_rate(self.optimiser, settings.learning_rate, settings.schedule, batch.progress)
        self.autoencoder.train()
        mean, log_sigma = self.autoencoder.encoder(self.given(batch.images, batch.seed))
        mean = mean.float()
        losses = {}
        if log_sigma is None:
            codes = mean
        else:
            log_sigma = log_sigma.float()
            codes = mean + log_sigma.exp() * batch.normal(*mean.shape)
            losses["kl"] = divergence_from_normal(mean, log_sigma).mean()
        logits = self.autoencoder.decoder.logits(codes).float()
        probabilities = (batch.images + 1) / 2
        summed = F.binary_cross_entropy_with_logits(logits, probabilities, reduction="sum")
        losses["cross_entropy"] = summed / len(batch.images)
        loss = losses["cross_entropy"] + settings.kl_weight * losses.get("kl", 0)
        update(loss, self.optimiser)
        if settings.averaging:
            self.average.update_parameters(self.autoencoder)
        return losses

    def given(self, images: Tensor, seed: int) -> Tensor:
        """What the encoder is given in place of images, as its task says."""
        settings = self.settings
        if settings.task == "reconstruct":
            return images
        altered = given_images(
            images.cpu().numpy(),
            settings.task,
            noise=settings.noise,
            dropped=settings.dropped,
            seed=seed,
        )
        return torch.from_numpy(np.ascontiguousarray(altered)).to(images.device)

    @torch.no_grad()
    def measure(self, images: Tensor, labels: Tensor) -> Mapping[str, float]:
        """Held-out images: signal-to-noise ratio in dB of what is given and decoded, and how C reads the latter."""
        self.trained().eval()
        found: dict[str, list[Tensor]] = defaultdict(list)
        parts = zip(images.split(MEASURED_AT_ONCE), labels.split(MEASURED_AT_ONCE), strict=True)
        for place, (part, part_labels) in enumerate(parts):
            for name, values in self._measured(part, part_labels, place):
                found[name].append(values)
        return {name: float(torch.cat(values).mean()) for name, values in found.items()}

    def _measured(self, images: Tensor, labels: Tensor, seed: int) -> Iterator[tuple[str, Tensor]]:
        """Of each image [N]."""
        autoencoder = self.trained()
        given = self.given(images, seed)
        mean, log_sigma = autoencoder.encoder(given)
        yield "mean_norm", mean.square().sum(1)
        if self.settings.task != "reconstruct":
            yield "psnr_given", signal_to_noise(given, images)
        codes = {"mean": mean}
        if log_sigma is not None:
            yield "held_out_kl", divergence_from_normal(mean, log_sigma)
            yield "mean_sigma", log_sigma.exp().mean(1)
            noise = torch.randn(mean.shape, generator=torch.Generator().manual_seed(seed)).to(mean.device)
            codes["sampled"] = mean + log_sigma.exp() * noise
        for kind, points in codes.items():
            decoded = autoencoder.decoder(points)
            yield f"psnr_{kind}", signal_to_noise(decoded, images)
            read = self.classifier(decoded)
            if read.shape[1] > 1:
                yield f"reconstruction_accuracy_{kind}", (read.argmax(1) == labels).float()

    def trained(self) -> Autoencoder:
        trained = self.average.module if self.settings.averaging else self.autoencoder
        assert isinstance(trained, Autoencoder)
        return trained

    def networks(self) -> Mapping[str, nn.Module]:
        return {"autoencoder": self.trained()}
