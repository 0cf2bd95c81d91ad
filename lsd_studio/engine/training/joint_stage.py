"""G and E fine-tuned together, after the encoder, so that codes turned to another label are drawn as that label."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lsd_studio.engine.models.networks import Classifier, Discriminator, Encoder, Generator
from lsd_studio.engine.runs.profiles import JointSettings
from lsd_studio.engine.training.checkpoint import StageState
from lsd_studio.engine.training.events import StageName
from lsd_studio.engine.training.losses import (
    coarse_difference,
    difference_of_moments,
    divergence_from_normal,
    uncertainty,
)
from lsd_studio.engine.training.optimisers import adam, average_of, learning_rate_factor
from lsd_studio.engine.training.stages import (
    Batch,
    LabelAxes,
    Update,
    amplitude_loss,
    gradient_for_generator,
    measure_encoder,
    other_labels,
    turned_to,
)


class JointStage:
    """G and E against a frozen C, with D as in the GAN (R3); ours, the paper freezes G here.

    Each step decodes three codes an image: the image's own z, the same turned by a quarter turn from its label's axis
    to that of another, drawn at random (R21, length kept), and z ~ N(0, I). The first is held to the image, as in the
    encoder stage. The turned one is to be read by C as the other label and encoded as the code that it was drawn
    from, so that what lies outside set 1 comes back, as style; coarsely, its picture is to stay what it was. The
    random one is to be drawn as by the G of the GAN, yet read by C surely and each label as often as among the
    images, with features of C whose mean and covariance are those of the images (feature matching, Salimans et al.
    2016). D judges turned and random pictures beside the images.
    """

    name: StageName = "joint"

    def __init__(
        self,
        generator: Generator,
        encoder: Encoder,
        discriminator: Discriminator,
        classifier: Classifier,
        axes: LabelAxes,
        settings: JointSettings,
    ) -> None:
        self.settings = settings
        self.generator_before = deepcopy(generator).eval().requires_grad_(False)
        self.generator, self.encoder = deepcopy(generator), deepcopy(encoder)
        self.discriminator, self.axes = deepcopy(discriminator), deepcopy(axes)
        for trained in (self.generator, self.encoder, self.discriminator):
            trained.requires_grad_(True)
        self.classifier = classifier.eval().requires_grad_(False)
        self.average_of_generator = average_of(self.generator, settings.averaging)
        self.average_of_encoder = average_of(self.encoder, settings.averaging)
        betas = settings.beta_1, settings.beta_2
        self.of_both = adam([*self.generator.parameters()], settings.generator_learning_rate, betas)
        self.of_both.add_param_group(
            {"params": [*self.encoder.parameters()], "lr": settings.encoder_learning_rate}
        )
        self.of_discriminator = adam(
            self.discriminator.parameters(), settings.discriminator_learning_rate, betas
        )
        self.rates = (
            (self.of_both, (settings.generator_learning_rate, settings.encoder_learning_rate)),
            (self.of_discriminator, (settings.discriminator_learning_rate,)),
        )
        self.state = StageState(
            {
                "generator": self.generator,
                "encoder": self.encoder,
                "discriminator": self.discriminator,
                "average_of_generator": self.average_of_generator,
                "average_of_encoder": self.average_of_encoder,
                "axes": self.axes,
            },
            {"both": self.of_both, "discriminator": self.of_discriminator},
        )

    def step(self, batch: Batch, update: Update) -> Mapping[str, Tensor]:
        settings = self.settings
        for optimiser, rates in self.rates:
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = rate * learning_rate_factor(settings.schedule, batch.progress)
        for network in (self.generator, self.encoder, self.discriminator):
            network.train()
        self.discriminator.reseed(batch.seed)
        mean, log_sigma = (head.float() for head in self.encoder(batch.images))
        codes = mean + log_sigma.exp() * batch.normal(*mean.shape)
        if settings.axes == "running":
            self.axes.update(mean.detach(), batch.labels)
        axes = self.axes.axes()
        others = other_labels(batch, len(axes))
        turned = turned_to(codes, axes, batch.labels, others)
        random = batch.normal(*codes.shape)
        drawn = self.generator(torch.cat([codes, turned, random])).float()
        images, turned_images, random_images = drawn.chunk(3)
        with torch.no_grad():
            random_images_before = self.generator_before(random).float()
            features_of_images = self.classifier.layers[:-1](batch.images).float()
        features = self.classifier.layers[:-1](drawn)
        logits, turned_logits, random_logits = self.classifier.layers[-1](features).float().chunk(3)
        again, _ = self.encoder.eval()(turned_images)

        losses = {
            "squared_error": (images - batch.images).square().mean(),
            "hinge": F.relu(1 - images * batch.images).mean(),
            "cross_entropy": F.cross_entropy(logits, batch.labels),
            "kl": divergence_from_normal(mean, log_sigma).mean(),
            "amplitude": amplitude_loss(codes, axes, batch.labels),
            "turn": F.cross_entropy(turned_logits, others),
            "cycle": (again.float() - turned.detach()).square().mean(),
            "likeness": coarse_difference(turned_images, images.detach()),
            "anchor": (random_images - random_images_before).square().mean(),
            "uncertainty": uncertainty(random_logits, batch.labels),
            "features": difference_of_moments(features.float().chunk(3)[2], features_of_images),
        }
        weights = {
            "squared_error": settings.squared_error_weight,
            "hinge": settings.hinge_weight,
            "cross_entropy": settings.label_weight,
            "kl": settings.kl_weight,
            "amplitude": settings.amplitude_weight,
            "turn": settings.turn_weight,
            "cycle": settings.cycle_weight,
            "likeness": settings.likeness_weight,
            "anchor": settings.anchor_weight,
            "uncertainty": settings.certainty_weight,
            "features": settings.features_weight,
        }
        loss = torch.stack([weights[name] * value for name, value in losses.items()]).sum()
        judged = drawn[len(images) :].detach().requires_grad_()
        verdicts = self.discriminator(torch.cat([batch.images, judged])).float()
        real, fake = verdicts.split([len(images), 2 * len(images)])
        on_real = F.binary_cross_entropy_with_logits(real, torch.ones_like(real))
        on_fake = F.binary_cross_entropy_with_logits(fake, torch.zeros_like(fake))
        of_generator = F.binary_cross_entropy_with_logits(fake.detach(), torch.ones_like(fake))
        update(on_real + on_fake, self.of_discriminator, settings.gradient_clip)
        adversarial = (drawn[len(images) :] * gradient_for_generator(judged, fake)).sum()
        update(loss + settings.adversarial_weight * adversarial, self.of_both, settings.gradient_clip)
        self.average_of_generator.update_parameters(self.generator)
        self.average_of_encoder.update_parameters(self.encoder)
        return {
            **losses,
            "discriminator_real": on_real,
            "discriminator_fake": on_fake,
            "generator": of_generator,
        }

    def measure(self, images: Tensor, labels: Tensor) -> Mapping[str, float]:
        return measure_encoder(self.trained(), self.networks()["gan"], self.classifier, images, labels)

    def trained(self) -> nn.Module:
        return self.networks()["encoder"]

    def networks(self) -> Mapping[str, nn.Module]:
        generator: nn.Module = self.generator
        encoder: nn.Module = self.encoder
        if self.settings.averaging:
            generator, encoder = self.average_of_generator.module, self.average_of_encoder.module
        return {"gan": generator, "encoder": encoder, "discriminator": self.discriminator}
