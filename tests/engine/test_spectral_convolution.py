"""The spectral layer against PyTorch's sliding window, forward and backward."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from lsd_studio.engine.models.spectral_convolution import (
    SMALLEST_BATCH,
    SMALLEST_BATCH_HELD,
    SpectralConvTranspose2d,
)


@settings(max_examples=20, deadline=None)
@given(
    size=st.integers(4, 12),
    kernel_size=st.sampled_from([1, 3, 5]),
    channels=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    count=st.sampled_from([1, SMALLEST_BATCH - 1, SMALLEST_BATCH, 30]),
    seed=st.integers(0, 2**31),
)
def test_equals_the_transposed_convolution(size, kernel_size, channels, count, seed):
    torch.manual_seed(seed)
    spectral = SpectralConvTranspose2d(*channels, kernel_size, size)
    direct = nn.ConvTranspose2d(*channels, kernel_size, padding=kernel_size // 2)
    direct.load_state_dict(spectral.state_dict())
    images = torch.randn(count, channels[0], size, size)
    results = []
    for layer in (spectral, direct):
        given_images = images.clone().requires_grad_()
        output = layer(given_images)
        (output * torch.arange(output.numel()).view(output.shape).sin()).sum().backward()
        results.append((output, given_images.grad, layer.weight.grad, layer.bias.grad))
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("count", [1, SMALLEST_BATCH_HELD, SMALLEST_BATCH])
def test_a_held_spectrum_gives_the_same(count):
    torch.manual_seed(0)
    layer = SpectralConvTranspose2d(3, 2, 5, 7)
    images = torch.randn(count, 3, 7, 7)
    before = layer(images)
    layer.hold_spectrum()
    torch.testing.assert_close(layer(images), before, rtol=1e-5, atol=1e-5)


def test_computes_in_float32_under_autocast():
    torch.manual_seed(0)
    layer = SpectralConvTranspose2d(3, 2, 5, 7)
    images = torch.randn(30, 3, 7, 7)
    expected = layer(images)
    with torch.autocast("cpu", torch.bfloat16):
        found = layer(images)
        from_coarse = layer(images.bfloat16())
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(from_coarse, expected, rtol=0.05, atol=0.05)
    from_coarse.sum().backward()
    assert layer.weight.grad.isfinite().all()


def test_refuses_images_of_another_size():
    with pytest.raises(ValueError, match="7×7"):
        SpectralConvTranspose2d(1, 1, 5, 7)(torch.zeros(1, 1, 8, 8))
