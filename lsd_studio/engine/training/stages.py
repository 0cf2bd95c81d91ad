"""What the three stages of training do with one batch: classifier, generator and discriminator, encoder (R3–R8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lsd_studio.engine.models.inference import images_at_once
from lsd_studio.engine.models.networks import Classifier, Discriminator, Encoder, Generator, Judge
from lsd_studio.engine.runs.profiles import ClassifierSettings, EncoderSettings, GanSettings
from lsd_studio.engine.training.augmentation import distorted, shifted
from lsd_studio.engine.training.checkpoint import StageState
from lsd_studio.engine.training.events import StageName
from lsd_studio.engine.training.losses import divergence_from_normal, signal_to_noise
from lsd_studio.engine.training.monitoring.sample_measures import sample_measures
from lsd_studio.engine.training.optimisers import OptimisticAdam, adam, average_of, set_learning_rate

MOST_CODES, FEWEST_CODES = 1000, 100
VALUES_OF_CODES = 2**22
"""Codes whose pictures C reads after an epoch: 1 000, and of large pictures as many as hold so many values."""


@dataclass(frozen=True)
class Batch:
    """One step's input. All randomness of a step comes from `random` and `seed`, a function of the step alone.

    Attributes:
        images: float32 [N, channels, edge, edge] in [−1, 1].
        labels: int64 [N].
        progress: fraction of the stage that is done, 0…1.
    """

    images: Tensor
    labels: Tensor
    random: torch.Generator
    seed: int
    progress: float

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(shape, generator=self.random).to(self.images)


class Update(Protocol):
    """Backward and step: average the gradients over the processes, bound their norm if asked, apply them."""

    def __call__(self, loss: Tensor, optimiser: torch.optim.Optimizer, largest_norm: float = 0.0) -> None: ...


class Stage(Protocol):
    """One network's (or pair's) training: `step` for a batch, `measure` on held-out images after an epoch."""

    name: StageName
    state: StageState

    def step(self, batch: Batch, update: Update) -> Mapping[str, Tensor]: ...

    def measure(self, images: Tensor, labels: Tensor) -> Mapping[str, float]: ...

    def trained(self) -> nn.Module:
        """The network that the stage is named after, as it is kept."""

    def networks(self) -> Mapping[str, nn.Module]:
        """All that later stages and the bundle take from this one, by the names of the stages; "gan" is G."""


class ClassifierStage:
    """C by cross-entropy on real images (R6); or the judge, which is trained likewise."""

    def __init__(
        self,
        classifier: Classifier | Judge,
        settings: ClassifierSettings,
        name: Literal["classifier", "judge"] = "classifier",
    ) -> None:
        self.name: StageName = name
        self.settings = settings
        self.classifier = classifier
        self.average = average_of(classifier, settings.averaging)
        self.optimiser = adam(
            classifier.parameters(), settings.learning_rate, (settings.beta_1, settings.beta_2)
        )
        self.state = StageState(
            {"classifier": classifier, "average": self.average}, {"classifier": self.optimiser}
        )

    def step(self, batch: Batch, update: Update) -> Mapping[str, Tensor]:
        settings = self.settings
        set_learning_rate(self.optimiser, settings.learning_rate, settings.schedule, batch.progress)
        images = shifted(
            distorted(batch.images, settings.distortion, batch.random), settings.shift, batch.random
        )
        if settings.input_noise:
            images = images + settings.input_noise * batch.normal(*images.shape)
        logits = self.classifier.train()(images).float()
        loss = F.cross_entropy(logits, batch.labels)
        update(loss, self.optimiser)
        if settings.averaging:
            self.average.update_parameters(self.classifier)
        return {"cross_entropy": loss, "accuracy": (logits.argmax(1) == batch.labels).float().mean()}

    @torch.no_grad()
    def measure(self, images: Tensor, labels: Tensor) -> Mapping[str, float]:
        logits = in_batches(self.trained().eval(), images, images.shape[1:])
        return {
            "held_out_accuracy": float((logits.argmax(1) == labels).float().mean()),
            "held_out_cross_entropy": float(F.cross_entropy(logits, labels)),
        }

    def trained(self) -> nn.Module:
        return self.average.module if self.settings.averaging else self.classifier

    def networks(self) -> Mapping[str, nn.Module]:
        return {self.name: self.trained()}


class GanStage:
    """G and D by binary cross-entropy on logits, non-saturating, one step of each a batch on the same z (R3–R5).

    Both steps come from one pass through D, see `gradient_for_generator`: the two players move at the same time, where
    the authors' code lets D move first and draws its dropout masks again.
    """

    name: StageName = "gan"

    def __init__(
        self,
        generator: Generator,
        discriminator: Discriminator,
        classifier: nn.Module,
        settings: GanSettings,
        latent_dimensions: int,
    ) -> None:
        self.settings = settings
        self.generator, self.discriminator, self.classifier = generator, discriminator, classifier
        self.latent_dimensions = latent_dimensions
        self.average = average_of(generator, settings.averaging)
        betas = settings.beta_1, settings.beta_2
        optimiser = OptimisticAdam if settings.optimiser == "optimistic-adam" else adam
        self.of_generator = optimiser(generator.parameters(), settings.learning_rate, betas)
        self.of_discriminator = optimiser(discriminator.parameters(), settings.learning_rate, betas)
        self.state = StageState(
            {"generator": generator, "discriminator": discriminator, "average": self.average},
            {"generator": self.of_generator, "discriminator": self.of_discriminator},
        )

    def step(self, batch: Batch, update: Update) -> Mapping[str, Tensor]:
        settings = self.settings
        for optimiser in (self.of_generator, self.of_discriminator):
            set_learning_rate(optimiser, settings.learning_rate, settings.schedule, batch.progress)
        self.generator.train()
        self.discriminator.train()
        self.discriminator.reseed(batch.seed)
        generated = self.generator(batch.normal(len(batch.images), self.latent_dimensions))
        judged = generated.detach().float().requires_grad_()
        real, fake = self.discriminator(torch.cat([batch.images, judged])).float().chunk(2)
        on_real = F.binary_cross_entropy_with_logits(real, torch.ones_like(real))
        on_fake = F.binary_cross_entropy_with_logits(fake, torch.zeros_like(fake))
        of_generator = F.binary_cross_entropy_with_logits(fake.detach(), torch.ones_like(fake))
        update(on_real + on_fake, self.of_discriminator)
        update((generated * gradient_for_generator(judged, fake)).sum(), self.of_generator)
        if settings.averaging:
            self.average.update_parameters(self.generator)
        return {"discriminator_real": on_real, "discriminator_fake": on_fake, "generator": of_generator}

    @torch.no_grad()
    def measure(self, images: Tensor, labels: Tensor) -> Mapping[str, float]:
        """How C reads images of fixed codes, 1 000 if not large: confidence, and evenness of labels (1: all alike).

        Beside as many held-out images: `sample_measures` on C's features.
        """
        number = max(FEWEST_CODES, min(MOST_CODES, VALUES_OF_CODES // images[0].numel()))
        codes = torch.randn((MOST_CODES, self.latent_dimensions), generator=torch.Generator().manual_seed(0))
        generator, layers = self.trained().eval(), self.classifier.layers
        assert isinstance(layers, nn.Sequential)
        features = in_batches(
            lambda batch: layers[:-1](generator(batch)), codes[:number].to(images.device), images.shape[1:]
        )
        of_images = in_batches(layers[:-1], images[:number], images.shape[1:])
        probabilities = layers[-1](features).softmax(1)
        share = torch.bincount(probabilities.argmax(1), minlength=probabilities.shape[1]) / number
        evenness = -torch.special.xlogy(share, share).sum() / torch.log(torch.tensor(float(len(share))))
        return {
            "confidence": float(probabilities.amax(1).mean()),
            "label_evenness": float(evenness),
            "rarest_label_share": float(share.min()),
            **sample_measures(of_images, features),
        }

    def trained(self) -> nn.Module:
        return self.average.module if self.settings.averaging else self.generator

    def networks(self) -> Mapping[str, nn.Module]:
        return {"gan": self.trained(), "discriminator": self.discriminator}


class LabelAxes(nn.Module):
    """Running class means of the codes and the orthonormal axes nearest to them (R40), for the amplitude loss.

    Those of `random` are drawn instead, and stay as long as nothing updates them.
    """

    def __init__(self, number_of_labels: int, latent_dimensions: int) -> None:
        super().__init__()
        self.momentum = 0.99
        self.register_buffer("sums", torch.zeros(number_of_labels, latent_dimensions))
        self.register_buffer("weights", torch.zeros(number_of_labels))
        self.sums: Tensor
        self.weights: Tensor

    @classmethod
    def random(cls, number_of_labels: int, latent_dimensions: int) -> LabelAxes:
        """A frame drawn from torch's random state, each as likely as any other."""
        drawn = cls(number_of_labels, latent_dimensions)
        drawn.sums = _nearest_frame(torch.randn(number_of_labels, latent_dimensions))
        drawn.weights = torch.ones(number_of_labels)
        return drawn

    @torch.no_grad()
    def update(self, codes: Tensor, labels: Tensor) -> None:
        one_hot = F.one_hot(labels, len(self.weights)).to(codes.dtype)
        self.sums.mul_(self.momentum).add_(one_hot.T @ codes)
        self.weights.mul_(self.momentum).add_(one_hot.sum(0))

    @torch.no_grad()
    def axes(self) -> Tensor:
        """Unit vectors [l, M]: Löwdin's frame of the class means."""
        return _nearest_frame(self.sums / self.weights.clamp(min=1e-6)[:, None])


class EncoderStage:
    """E against frozen G and C (R7, R8): hinge, λ·cross-entropy of C(G(z)) and KL; squared error, amplitudes, turns.

    The last three are ours, weighted 0 in the paper's profiles. The hinge drives every grey pixel to black or white;
    the squared error keeps it. The amplitude term is a cross-entropy on tₖ = ⟨ξ̂ₖ|z⟩, with ξ̂ the unit axes of the
    running class means, or of a frame drawn beforehand: over tₖ for the true label and |tₖ| for the others. It raises
    the amplitude on the label's own axis and lowers those on the others in both signs, so that the absolute and the
    signed reading (R16) agree.
    The turn term rotates each code by a quarter turn from its label's axis to that of another label, drawn at random
    (R21), brings it to ⟨z|z⟩ = M (R22) and asks C to read the picture as that label: what lies outside set 1 must then
    be style, not label.
    """

    name: StageName = "encoder"

    def __init__(
        self,
        encoder: Encoder,
        generator: nn.Module,
        classifier: nn.Module,
        settings: EncoderSettings,
        axes: LabelAxes,
    ) -> None:
        self.settings = settings
        self.encoder, self.generator, self.classifier = encoder, generator.eval(), classifier.eval()
        for frozen in (generator, classifier):
            frozen.requires_grad_(False)
        self.axes = axes
        self.average = average_of(encoder, settings.averaging)
        self.optimiser = adam(
            encoder.parameters(), settings.learning_rate, (settings.beta_1, settings.beta_2)
        )
        self.state = StageState(
            {"encoder": encoder, "average": self.average, "axes": self.axes}, {"encoder": self.optimiser}
        )

    def step(self, batch: Batch, update: Update) -> Mapping[str, Tensor]:
        settings = self.settings
        set_learning_rate(self.optimiser, settings.learning_rate, settings.schedule, batch.progress)
        mean, log_sigma = (head.float() for head in self.encoder.train()(batch.images))
        codes = mean + log_sigma.exp() * batch.normal(*mean.shape)
        images = self.generator(codes)
        logits = self.classifier(images).float()
        hinge = F.relu(1 - images.float() * batch.images).mean()
        cross_entropy = F.cross_entropy(logits, batch.labels)
        kl = divergence_from_normal(mean, log_sigma).mean()
        loss = settings.hinge_weight * hinge + settings.label_weight * cross_entropy + settings.kl_weight * kl
        losses = {"hinge": hinge, "cross_entropy": cross_entropy, "kl": kl}
        if settings.squared_error_weight:
            losses["squared_error"] = (images.float() - batch.images).square().mean()
            loss = loss + settings.squared_error_weight * losses["squared_error"]
        if settings.axes == "running":
            self.axes.update(mean.detach(), batch.labels)
        if settings.amplitude_weight or settings.turn_weight:
            axes = self.axes.axes()
        if settings.amplitude_weight:
            losses["amplitude"] = amplitude_loss(codes, axes, batch.labels)
            loss = loss + settings.amplitude_weight * losses["amplitude"]
        if settings.turn_weight:
            others = other_labels(batch, len(axes))
            turned = self.generator(renormalised(turned_to(codes, axes, batch.labels, others)))
            losses["turn"] = F.cross_entropy(self.classifier(turned).float(), others)
            loss = loss + settings.turn_weight * losses["turn"]
        update(loss, self.optimiser, settings.gradient_clip)
        if settings.averaging:
            self.average.update_parameters(self.encoder)
        return losses

    def measure(self, images: Tensor, labels: Tensor) -> Mapping[str, float]:
        return measure_encoder(self.trained(), self.generator, self.classifier, images, labels)

    def trained(self) -> nn.Module:
        return self.average.module if self.settings.averaging else self.encoder

    def networks(self) -> Mapping[str, nn.Module]:
        return {"encoder": self.trained(), "axes": self.axes}


@torch.no_grad()
def measure_encoder(
    encoder: nn.Module, generator: nn.Module, classifier: nn.Module, images: Tensor, labels: Tensor
) -> Mapping[str, float]:
    """Held-out images: C's accuracy on G(z), peak signal-to-noise ratio in dB, rotations to the next label."""
    encoder, generator = encoder.eval(), generator.eval()
    shape = images.shape[1:]
    mean = in_batches(lambda batch: encoder(batch)[0], images, shape)
    log_sigma = in_batches(lambda batch: encoder(batch)[1], images, shape)
    noise = torch.randn(mean.shape, generator=torch.Generator().manual_seed(0)).to(mean.device)
    measures = {
        "mean_norm": float(mean.square().sum(1).mean()),
        "mean_sigma": float(log_sigma.exp().mean()),
    }
    present, places = labels.unique(return_inverse=True)
    axes = _nearest_frame(torch.stack([mean[labels == label].mean(0) for label in present]))
    for kind, codes in (("mean", mean), ("sampled", mean + log_sigma.exp() * noise)):
        amplitudes = codes @ axes.T
        measures[f"signed_accuracy_{kind}"] = _accuracy(amplitudes, places)
        measures[f"absolute_accuracy_{kind}"] = _accuracy(amplitudes.abs(), places)
        decoded = in_batches(generator, codes, shape)
        measures[f"reconstruction_accuracy_{kind}"] = _accuracy(
            in_batches(classifier, decoded, shape), labels
        )
        measures[f"psnr_{kind}"] = float(signal_to_noise(decoded, images).mean())
    following = (places + 1) % len(present)
    turned = in_batches(generator, renormalised(turned_to(mean, axes, places, following)), shape)
    measures["turned_accuracy_mean"] = _accuracy(in_batches(classifier, turned, shape), present[following])
    return measures


def amplitude_loss(codes: Tensor, axes: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy on tₖ = ⟨axisₖ|z⟩ for the true label and |tₖ| for the others, in nats (see `EncoderStage`).

    Args:
        codes: [N, M].
        axes: orthonormal rows [l, M].
        labels: int64 [N].
    """
    amplitudes = codes @ axes.T
    own = F.one_hot(labels, len(axes)).bool()
    return F.cross_entropy(torch.where(own, amplitudes, amplitudes.abs()), labels)


def turned_to(codes: Tensor, axes: Tensor, labels: Tensor, others: Tensor) -> Tensor:
    """Codes [N, M], each turned by 90° from its label's axis to another label's (R21); their length stays.

    Args:
        codes: [N, M].
        axes: orthonormal rows [l, M].
        labels, others: int64 [N], unequal in every place.
    """
    first, second = axes[labels], axes[others]
    along_first = (codes * first).sum(1, keepdim=True)
    along_second = (codes * second).sum(1, keepdim=True)
    return codes - (along_first + along_second) * first + (along_first - along_second) * second


def renormalised(codes: Tensor) -> Tensor:
    """Codes [N, M], each at ⟨z|z⟩ = M (R22)."""
    return codes * (codes.shape[1] ** 0.5 / codes.norm(dim=1, keepdim=True))


def other_labels(batch: Batch, number_of_labels: int) -> Tensor:
    """Labels int64 [N], none of them the image's own, drawn with equal chances."""
    ahead = torch.randint(1, number_of_labels, batch.labels.shape, generator=batch.random)
    return (batch.labels + ahead.to(batch.labels.device)) % number_of_labels


def _nearest_frame(vectors: Tensor) -> Tensor:
    """Löwdin's orthonormal frame nearest to the rows (R40); NaN where they are no finite numbers."""
    if not bool(torch.isfinite(vectors).all()):
        return torch.full_like(vectors, torch.nan)
    left, _, right = torch.linalg.svd(vectors.double().cpu(), full_matrices=False)
    return (left @ right).to(vectors)


def _accuracy(scores: Tensor, labels: Tensor) -> float:
    return float((scores.argmax(1) == labels).float().mean())


def gradient_for_generator(judged: Tensor, logits: Tensor) -> Tensor:
    """Gradient of G's loss with respect to the generated images, from D's own backward pass.

    An image x enters both losses through its logit s alone: D's with dL/ds = σ(s), G's with σ(s) − 1. So G's gradient
    is D's, image by image, times (σ(s) − 1) / σ(s) = −e⁻ˢ, and neither D's forward nor its backward pass is needed
    again.
    """
    assert judged.grad is not None
    factor = -torch.exp(-logits.detach().clamp(min=-60))
    return judged.grad * factor.view(-1, 1, 1, 1)


def in_batches(function: Callable[[Tensor], Tensor], inputs: Tensor, image_shape: Sequence[int]) -> Tensor:
    """A function of images or codes, applied to as many at once as pictures of that shape allow."""
    return torch.cat([function(batch).float() for batch in inputs.split(images_at_once(image_shape))])
