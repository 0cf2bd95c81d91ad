"""Networks that halve larger images more often, and are what they were for small ones."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional
from torch.optim.swa_utils import update_bn

from lsd_studio.engine.datasets import scale_pixels
from lsd_studio.engine.models.networks import Classifier, Generator, number_of_halvings
from lsd_studio.engine.runs.new_networks import new_discriminator, new_encoder, new_generator
from lsd_studio.engine.runs.profiles import load_profile
from tests.engine.colour_photographs import EDGE, LABEL_NAMES, photograph_patches


@pytest.mark.parametrize("edge", [8, 16, 28, 32])
def test_small_images_have_the_networks_of_the_paper(edge: int) -> None:
    shape = 1, edge, edge
    as_in_paper = load_profile("studio", ("halvings=paper",))
    for build in (new_generator, new_discriminator, new_encoder):
        shapes = [
            {name: tensor.shape for name, tensor in build(profile, shape).state_dict().items()}
            for profile in (load_profile("studio"), as_in_paper)
        ]
        assert shapes[0] == shapes[1]


@pytest.mark.parametrize("trunk", ["paper", "residual", "deep"])
@pytest.mark.parametrize("shape", [(3, 48, 48), (1, 64, 64), (3, 96, 96), (1, 128, 128)])
def test_images_come_out_as_they_go_in(shape: tuple[int, int, int], trunk: str) -> None:
    profile = load_profile("studio", (f"encoder.trunk={trunk}", "latent_dimensions=10"))
    generator, codes = new_generator(profile, shape), torch.randn(2, 10)
    images = generator(codes)
    assert images.shape == (2, *shape)
    assert generator.seed_edge <= 8
    assert new_discriminator(profile, shape)(images).shape == (2,)
    assert all(part.shape == (2, 10) for part in new_encoder(profile, shape)(images))


def test_each_pixel_of_a_large_picture_depends_on_most_of_what_z_was_projected_to() -> None:
    """Halved twice, a pixel of 64 by 64 sees 7 of the 16 by 16 places; halved three times, most of all 8 by 8."""

    def seen(halvings: int) -> float:
        generator = Generator(10, (1, 64, 64), halvings).eval()
        for norm in generator.modules():
            if isinstance(norm, torch.nn.BatchNorm2d):
                torch.nn.init.constant_(norm.bias, 1.0)
        seeds = torch.rand(1, 256, generator.seed_edge, generator.seed_edge, requires_grad=True)
        generator.upsample(generator.refine(seeds))[0, 0, 32, 32].backward()
        assert seeds.grad is not None
        return float((seeds.grad.abs().sum(dim=1) > 0).float().mean())

    assert number_of_halvings(64, "growing") == 3
    assert seen(3) > 3 * seen(2)


def test_networks_of_studio_learn_colour_photographs_of_64_pixels() -> None:
    """On the halves of five photographs that they have not seen; chance reads 20 %."""
    shape, seen, unseen = (3, EDGE, EDGE), photograph_patches("train", 150), photograph_patches("test", 40)
    profile = load_profile("studio", ("latent_dimensions=50",))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        encoder, generator = new_encoder(profile, shape), new_generator(profile, shape)
        classifier = Classifier(shape, len(LABEL_NAMES), profile.classifier.widths)
        networks = torch.nn.ModuleList([encoder, generator, classifier])
        optimiser = torch.optim.Adam(networks.parameters(), lr=1e-3)
        images, labels = torch.from_numpy(scale_pixels(seen.images)), torch.from_numpy(seen.labels)
        for chosen in torch.randint(len(images), (60, 12)):
            batch = images[chosen]
            misfit = functional.mse_loss(generator(encoder(batch)[0]), batch)
            loss = 10 * misfit + functional.cross_entropy(classifier(batch), labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    with torch.no_grad():
        update_bn(images[::4].split(30), encoder)
        update_bn(encoder.eval()(images[::4])[0].split(30), generator)
        networks.eval()
        wanted = torch.from_numpy(scale_pixels(unseen.images))
        left = functional.mse_loss(generator(encoder(wanted)[0]), wanted)
        of_mean_picture = functional.mse_loss(images.mean(dim=0).expand_as(wanted), wanted)
        read = classifier(wanted).argmax(dim=1).numpy() == unseen.labels
    assert left < 0.5 * of_mean_picture
    assert read.mean() > 0.6
