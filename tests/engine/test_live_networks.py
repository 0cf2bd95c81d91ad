"""Networks in memory that speak otherwise than bundles do: adopted as they are, and pickles by their owner's script."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from lsd_studio.engine.datasets import scale_pixels
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.live_networks import Conventions, write_live_networks
from lsd_studio.engine.exchange.onnx_networks import OnnxNetwork
from lsd_studio.engine.exchange.onnx_sources import read_model
from lsd_studio.engine.exchange.pickles import SCRIPT
from lsd_studio.engine.exchange.recognition import recognise
from lsd_studio.engine.platform.resources import resource
from lsd_studio.engine.spaces.reading import read_latent_space
from tests.engine.small_networks import IMAGE_SHAPE, LABELS, LATENT_DIMENSIONS, small_images, small_networks

pytest.importorskip("onnxscript")

SIZES = {"image_shape": IMAGE_SHAPE, "number_of_labels": LABELS, "latent_dimensions": LATENT_DIMENSIONS}


class Foreign(nn.Module):
    """The small generator as others write theirs: 4-D codes and a label in, [N, H, W, C] in [0, 1] out."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = small_networks().generator

    def forward(self, codes: Tensor, label: Tensor) -> Tensor:
        images = self.generator(codes.flatten(1) + 0 * label.sum(dim=1, keepdim=True))
        return ((images + 1) / 2).permute(0, 2, 3, 1)


class ForeignEncoder(nn.Module):
    """The small encoder: [N, H, W, C] in [0, 1] in, mean and log σ² out."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = small_networks().encoder

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_sigma = self.encoder(images.permute(0, 3, 1, 2) * 2 - 1)
        return mean, 2 * log_sigma


class ForeignClassifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.classifier = small_networks().classifier

    def forward(self, images: Tensor) -> Tensor:
        return self.classifier(images.permute(0, 3, 1, 2) * 2 - 1)


CONVENTIONS = Conventions(
    (LATENT_DIMENSIONS, 1, 1),
    (0.0, 1.0),
    channels_last=True,
    condition=torch.eye(LABELS)[3],
    log_variance=True,
)


def test_networks_of_other_conventions_are_what_they_were(tmp_path: Path) -> None:
    networks = {"generator": Foreign(), "encoder": ForeignEncoder(), "classifier": ForeignClassifier()}
    given = write_live_networks(tmp_path, networks, CONVENTIONS)

    own = small_networks()
    pixels = torch.from_numpy(scale_pixels(small_images("test", 5).images))
    codes = torch.randn(5, LATENT_DIMENSIONS, generator=torch.Generator().manual_seed(0))
    for role, items in (("generator", codes), ("encoder", pixels), ("classifier", pixels)):
        file = given.files[role]
        found = OnnxNetwork(read_model(file), str(file), role, **SIZES)
        with torch.inference_mode():
            expected = getattr(own, role)(items)
            for one, other in zip(_all(found(items)), _all(expected), strict=True):
                np.testing.assert_allclose(one, other, atol=1e-4)


def _all(outputs: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return outputs if isinstance(outputs, tuple) else (outputs,)


def test_networks_that_do_not_take_what_is_said_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"The generator fails on items of shape \[7\]"):
        write_live_networks(tmp_path, {"generator": nn.Linear(5, 5)}, Conventions((7,)))
    with pytest.raises(StudioError, match="images have four dimensions"):
        write_live_networks(tmp_path, {"generator": nn.Linear(5, 5)}, Conventions((5,)))
    with pytest.raises(StudioError, match="from a lower to a higher value"):
        Conventions((5,), (1.0, 0.0))


# Pickles.


def convert(*words: object, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the script as its owner does, in a process that knows nothing of this package."""
    beside = ["--path", str(path)] if path is not None else []
    command = [sys.executable, "-I", str(resource(SCRIPT)), *map(str, words), *beside]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_pickle_is_refused_by_name_of_the_script(tmp_path: Path) -> None:
    for name in ("stylegan.pkl", "generator.pt", "weights.pth", "model.keras"):
        (tmp_path / name).write_bytes(b"\x80\x04")
        with pytest.raises(StudioError, match=r"is a (pickle|model of Keras), which runs code") as refused:
            recognise(tmp_path / name)
        assert str(resource(SCRIPT)) in str(refused.value)
    with pytest.raises(StudioError, match="is a pickle"):
        read_model(tmp_path / "generator.pt")


def test_torch_script_becomes_onnx(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.ConvTranspose2d(6, 1, 8), nn.Tanh())
    torch.jit.trace(network, torch.zeros(2, 6, 1, 1)).save(str(tmp_path / "generator.pt"))

    ended = convert(tmp_path / "generator.pt", "--codes", "6,1,1")

    assert ended.returncode == 0, ended.stderr
    found = recognise(tmp_path / "generator.onnx")
    assert found.network is not None
    assert found.network.role == "generator"
    codes = torch.randn(3, 6)
    sizes = {**SIZES, "image_shape": (1, 8, 8), "latent_dimensions": 6}
    adopted = OnnxNetwork(read_model(found.path), "G", "generator", **sizes)
    with torch.inference_mode():
        np.testing.assert_allclose(adopted(codes), network(codes[:, :, None, None]), atol=1e-5)


def test_a_whole_module_becomes_onnx(tmp_path: Path) -> None:
    network = nn.Sequential(nn.ConvTranspose2d(6, 1, 8), nn.Tanh())
    torch.save(network, tmp_path / "generator.pt")

    ended = convert(tmp_path / "generator.pt", "--codes", "6,1,1")

    assert ended.returncode == 0, ended.stderr
    assert recognise(tmp_path / "generator.onnx").network is not None


def test_an_encoder_becomes_onnx_with_log_sigma_of_its_log_variance(tmp_path: Path) -> None:
    torch.manual_seed(0)
    scripted = torch.jit.script(Variational())
    scripted.save(str(tmp_path / "encoder.pt"))

    ended = convert(tmp_path / "encoder.pt", "--images", "1,4,4", "--log-variance")

    assert ended.returncode == 0, ended.stderr
    sizes = {"image_shape": (1, 4, 4), "number_of_labels": 2, "latent_dimensions": 3}
    encoder = OnnxNetwork(read_model(tmp_path / "encoder.onnx"), "E", "encoder", **sizes)
    images = torch.randn(5, 1, 4, 4)
    with torch.inference_mode():
        mean, log_sigma = encoder(images)
        expected, log_variance, _ = scripted(images)
    np.testing.assert_allclose(mean, expected, atol=1e-5)
    np.testing.assert_allclose(log_sigma, log_variance / 2, atol=1e-5)


class Variational(nn.Module):
    """An encoder as most are written: mean, log σ² and a code that is drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.mean, self.log_variance = nn.Linear(16, 3), nn.Linear(16, 3)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mean, log_variance = self.mean(images.flatten(1)), self.log_variance(images.flatten(1))
        return mean, log_variance, mean + (log_variance / 2).exp() * torch.randn_like(mean)


def test_a_model_of_keras_in_hdf5_holds_no_codes(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "generator.h5", "w") as opened:
        opened.attrs.update({"keras_version": "3.15.1", "backend": "tensorflow", "model_config": "{}"})
        opened["model_weights/dense/kernel"] = np.zeros((8, 256), np.float32)
    with pytest.raises(StudioError, match="is a model of Keras") as refused:
        read_latent_space(tmp_path / "generator.h5")
    assert str(resource(SCRIPT)) in str(refused.value)


def test_weights_become_safetensors(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    network = nn.Linear(3, 2)
    torch.save({"epoch": 3, "state_dict": network.state_dict()}, tmp_path / "weights.pth")

    ended = convert(tmp_path / "weights.pth")

    assert ended.returncode == 0, ended.stderr
    torch.testing.assert_close(load_file(tmp_path / "weights.safetensors"), dict(network.state_dict()))


STYLE_GAN = '''
import torch


class Generator(torch.nn.Module):
    """As StyleGAN2-ADA's: it takes codes and labels, with options of its own."""

    def __init__(self):
        super().__init__()
        self.z_dim, self.c_dim = 6, 3
        self.layer = torch.nn.Linear(9, 48)

    def forward(self, z, c, truncation_psi=1, noise_mode="random", force_fp32=False):
        assert noise_mode == "const" and force_fp32
        return torch.tanh(self.layer(torch.cat([z, c], dim=1))).reshape(-1, 3, 4, 4)
'''


def test_a_style_gan_becomes_onnx_with_one_label(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "their_networks.py").write_text(STYLE_GAN)
    make = (
        "import pickle, sys, torch; sys.path.insert(0, 'code'); import their_networks; torch.manual_seed(0); "
        "pickle.dump({'G_ema': their_networks.Generator()}, open('network.pkl', 'wb'))"
    )
    subprocess.run([sys.executable, "-c", make], cwd=tmp_path, check=True)

    ended = convert(tmp_path / "network.pkl", "--label", 1, path=tmp_path / "code")

    assert ended.returncode == 0, ended.stderr
    found = recognise(tmp_path / "network.onnx")
    assert found.network is not None
    assert found.network.in_words == "generator: takes codes of 6 numbers, gives images"
