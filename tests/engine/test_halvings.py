"""Networks that halve larger images more often, and are what they were for small ones."""

from __future__ import annotations

import pytest
import torch

from lsd_studio.engine.models.networks import Generator, number_of_halvings
from lsd_studio.engine.runs.new_networks import new_discriminator, new_encoder, new_generator
from lsd_studio.engine.runs.profiles import load_profile


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
