"""Real, small networks: the package's own, trained for seconds on a slice of MNIST averaged down to 8×8 pixels."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import torch
from torch.nn import functional

from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis
from lsd_studio.engine.datasets import LabelledImages, load_data_set, scale_pixels
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.models.networks import Classifier, Encoder, Generator, Judge
from lsd_studio.engine.vocabulary import Split

IMAGE_SHAPE = (1, 8, 8)
LABELS = 10
LATENT_DIMENSIONS = 30


def small_images(split: Split, count: int) -> LabelledImages:
    return _all_small_images(split).take(np.arange(count))


@cache
def _all_small_images(split: Split) -> LabelledImages:
    full = load_data_set("mnist", split).take(np.arange(4000))
    blocks = full.images[:, :, 2:26, 2:26].reshape(-1, 1, 8, 3, 8, 3).astype(np.float64).mean(axis=(3, 5))
    return replace(full, images=np.minimum(blocks * 1.5, 255).astype(np.uint8))


@cache
def small_networks() -> Networks:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return _trained_networks()


@cache
def judged_networks() -> Networks:
    """The small networks with a judge, trained on the same images for seconds."""
    data = small_images("train", 1500)
    images, labels = torch.from_numpy(scale_pixels(data.images)), torch.from_numpy(data.labels)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        judge = Judge(IMAGE_SHAPE, LABELS, (8, 16, 16))
        optimiser = torch.optim.Adam(judge.parameters(), lr=1e-2)
        for chosen in torch.randint(len(images), (80, 60)):
            optimiser.zero_grad()
            functional.cross_entropy(judge(images[chosen]), labels[chosen]).backward()
            optimiser.step()
    return replace(small_networks(), judge=judge)


@cache
def small_basis() -> QuasiEigenbasis:
    """Set 1 from the labels' mean codes, the rest at random."""
    data = small_images("train", 1500)
    codes = small_networks().encode(scale_pixels(data.images))[0]
    means = np.stack([codes[data.labels == label].mean(axis=0) for label in range(LABELS)])
    rest = np.random.default_rng(0).standard_normal((20, codes.shape[1]))
    return QuasiEigenbasis.from_averages(np.concatenate([means, rest]), LABELS)


def _trained_networks() -> Networks:
    data = small_images("train", 4000)
    images, labels = torch.from_numpy(scale_pixels(data.images)), torch.from_numpy(data.labels)
    generator = Generator(LATENT_DIMENSIONS, IMAGE_SHAPE)
    encoder = Encoder(IMAGE_SHAPE, LATENT_DIMENSIONS, "residual", "free")
    classifier = Classifier(IMAGE_SHAPE, LABELS, (16, 32, 32))
    autoencoder = [*generator.parameters(), *encoder.parameters()]
    optimiser = torch.optim.Adam([*autoencoder, *classifier.parameters()], lr=4e-3, fused=True)
    for chosen in torch.randint(len(images), (60, 80)):
        batch, answers = images[chosen], labels[chosen]
        mean, log_sigma = encoder(batch)
        decoded = generator(mean + log_sigma.exp() * torch.randn_like(mean))
        divergence = 0.5 * (mean**2 + (2 * log_sigma).exp() - 2 * log_sigma - 1).sum(dim=1).mean()
        loss = (
            100 * functional.mse_loss(decoded, batch)
            + divergence
            + functional.cross_entropy(classifier(batch), answers)
            + functional.cross_entropy(classifier(decoded), answers)
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return Networks(generator, encoder, classifier, IMAGE_SHAPE, LABELS, LATENT_DIMENSIONS)
