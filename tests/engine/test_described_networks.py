"""Networks given by their weights: layers that a JSON file describes, and the architectures of the profiles."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from lsd_studio.cli import main
from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.datasets import scale_pixels
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.adoption import Given
from lsd_studio.engine.exchange.described_networks import read_described_network
from lsd_studio.engine.exchange.given_weights import with_onnx_files
from lsd_studio.engine.exchange.onnx_networks import OnnxNetwork
from lsd_studio.engine.exchange.onnx_sources import read_model
from lsd_studio.engine.exchange.recognition import recognise
from lsd_studio.engine.runs.profiles import load_profile
from tests.engine.small_networks import IMAGE_SHAPE, LABELS, LATENT_DIMENSIONS, small_images, small_networks

pytest.importorskip("onnxscript")

PAGE = Path(__file__).parents[2] / "docs" / "exchange.md"
SIZES = {"image_shape": IMAGE_SHAPE, "number_of_labels": LABELS, "latent_dimensions": LATENT_DIMENSIONS}


def of_the_page() -> dict[str, Any]:
    """The DCGAN that the page describes."""
    (text,) = re.findall(r"^```json\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    found: dict[str, Any] = json.loads(text)
    return found


class DCGAN(nn.Module):
    """As people write it: `main`, codes [N, M, 1, 1]."""

    def __init__(self) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(30, 64, 2, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(True),
            nn.ConvTranspose2d(64, 32, 4, 2, 1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(True),
            nn.ConvTranspose2d(32, 1, 4, 2, 1),
            nn.Tanh(),
        )

    def forward(self, codes: Tensor) -> Tensor:
        return self.main(codes)


def trained() -> DCGAN:
    """Taught for a few steps to draw the small digits from codes uniform on [−1, 1] that an encoder has for them."""
    data = small_images("train", 900)
    pixels = torch.from_numpy(scale_pixels(data.images))
    mean = torch.from_numpy(small_networks().encode(pixels.numpy())[0])
    codes = torch.erf(mean / 2**0.5)[..., None, None]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = DCGAN()
        optimiser = torch.optim.Adam(network.parameters(), lr=1e-2)
        for chosen in torch.randint(len(pixels), (80, 60)):
            optimiser.zero_grad()
            functional.mse_loss(network(codes[chosen]), pixels[chosen]).backward()
            optimiser.step()
    return network.eval()


@pytest.fixture(scope="module")
def dcgan() -> DCGAN:
    return trained()


def written(folder: Path, network: nn.Module, stated: dict[str, Any], name: str = "dcgan") -> Path:
    save_file(network.state_dict(), folder / f"{name}.safetensors")
    (folder / f"{name}.json").write_text(json.dumps(stated))
    return folder / f"{name}.json"


def test_the_dcgan_of_the_page_is_what_it_was_in_pytorch(tmp_path: Path, dcgan: DCGAN) -> None:
    file = written(tmp_path, dcgan, of_the_page())
    _, network = read_described_network(file)
    codes = torch.randn(5, 30, 1, 1, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.testing.assert_close(network(codes), dcgan(codes))
    found = recognise(file)
    assert found.network is not None
    assert found.network.in_words == "generator: takes codes of 30×1×1 numbers, gives images"


def test_it_becomes_a_bundle_on_the_command_line(
    tmp_path: Path, dcgan: DCGAN, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the weights of the other networks in files of their own architecture, and codes of [−1, 1]."""
    data = small_images("train", 300)
    for place, (image, label) in enumerate(zip(data.images, data.labels.tolist(), strict=True)):
        folder = tmp_path / "digits" / str(label)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[0]).save(folder / f"{place:03}.png")
    file = written(tmp_path, dcgan, of_the_page())
    save_file(small_networks().classifier.state_dict(), tmp_path / "c.safetensors")
    words = [
        "adopt",
        "--generator",
        str(file),
        "--classifier",
        str(tmp_path / "c.safetensors"),
        "--prior",
        "uniform",
    ]
    words += [
        "--data",
        str(tmp_path / "digits"),
        "--out",
        str(tmp_path / "out"),
        "--json",
        "-",
        "--profile",
        "paper",
    ]
    settings = [
        "basis.vectors=2",
        "basis.max_draws=200000",
        "classifier.widths=[16,32,32]",
        "encoder.epochs=1",
    ]

    assert main([*words, "--set", *settings]) == 0

    told = json.loads(capsys.readouterr().out)
    assert (told["trained"], told["prior"]) == (["encoder"], "uniform on [-1, 1]")
    assert told["classifier_accuracy"] > 0.5
    networks = open_bundle(told["bundle"]).networks
    z = torch.randn(5, 30, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        expected = dcgan(torch.erf(z / 2**0.5)[..., None, None])
    np.testing.assert_allclose(networks.decode(z.numpy()), expected, atol=1e-4)


def test_weights_of_our_own_architectures_are_what_they_were(tmp_path: Path) -> None:
    own = small_networks()
    files = {}
    for role in ("generator", "encoder", "classifier"):
        files[role] = tmp_path / f"{role}.safetensors"
        save_file(
            {name: tensor.contiguous() for name, tensor in getattr(own, role).state_dict().items()},
            files[role],
        )
        found = recognise(files[role])
        assert found.network is not None
        assert found.network.in_words == f"{role}: weights for that of the chosen profile"
    changes = ("encoder.trunk=residual", "encoder.heads=free", "classifier.widths=[16,32,32]")
    (tmp_path / "onnx").mkdir()
    given = with_onnx_files(
        Given(**files), load_profile("paper", changes), small_images("train", 20), tmp_path / "onnx"
    )
    pixels = torch.from_numpy(scale_pixels(small_images("test", 5).images))
    codes = torch.randn(5, LATENT_DIMENSIONS, generator=torch.Generator().manual_seed(0))
    for role, items in (("generator", codes), ("encoder", pixels), ("classifier", pixels)):
        network = OnnxNetwork(read_model(given.files[role]), role, role, **SIZES)
        with torch.inference_mode():
            found, expected = network(items), getattr(own, role)(items)
        np.testing.assert_allclose(torch.stack(_all(found)), torch.stack(_all(expected)), atol=1e-4)


def _all(outputs: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return outputs if isinstance(outputs, tuple) else (outputs,)


def test_weights_of_another_profile_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "encoder.safetensors"
    save_file({name: each.contiguous() for name, each in small_networks().encoder.state_dict().items()}, file)
    data, settings = small_images("train", 20), load_profile("paper", ())
    with pytest.raises(
        StudioError, match=r"as the encoder of the profile paper for images of mnist.*tensor trunk"
    ):
        with_onnx_files(Given(file.with_name("g.onnx"), file), settings, data, tmp_path)
    with pytest.raises(StudioError, match="holds no weights of a classifier of the profiles here"):
        with_onnx_files(Given(file.with_name("g.onnx"), classifier=file), settings, data, tmp_path)


def test_many_layers_and_roles_are_what_they_are_in_pytorch(tmp_path: Path) -> None:
    layers: list[tuple[nn.Module, dict[str, Any]]] = [
        (nn.Conv2d(1, 8, 3, padding=1, groups=1), {"type": "Conv2d", "in_channels": 1, "out_channels": 8,
                                                   "kernel_size": 3, "padding": 1}),
        (nn.InstanceNorm2d(8), {"type": "InstanceNorm2d", "num_features": 8}),
        (nn.PReLU(8), {"type": "PReLU", "num_parameters": 8}),
        (nn.GroupNorm(2, 8), {"type": "GroupNorm", "num_groups": 2, "num_channels": 8}),
        (nn.SiLU(), {"type": "SiLU"}),
        (nn.PixelShuffle(2), {"type": "PixelShuffle", "upscale_factor": 2}),
        (nn.Upsample(scale_factor=2), {"type": "Upsample", "scale_factor": 2}),
        (nn.MaxPool2d(2), {"type": "MaxPool2d", "kernel_size": 2}),
        (nn.AvgPool2d(2), {"type": "AvgPool2d", "kernel_size": 2}),
        (nn.Dropout(0.5), {"type": "Dropout", "p": 0.5}),
        (nn.Flatten(), {"type": "Flatten"}),
        (nn.Linear(128, 32), {"type": "Linear", "in_features": 128, "out_features": 32}),
        (nn.BatchNorm1d(32), {"type": "BatchNorm1d", "num_features": 32}),
        (nn.LeakyReLU(0.2), {"type": "LeakyReLU", "negative_slope": 0.2}),
        (nn.Unflatten(1, (2, 4, 4)), {"type": "Unflatten", "unflattened_size": [2, 4, 4]}),
        (nn.AdaptiveAvgPool2d(1), {"type": "AdaptiveAvgPool2d", "output_size": 1}),
        (nn.ELU(), {"type": "ELU"}),
    ]  # fmt: skip
    whole = nn.Sequential(*(layer for layer, _ in layers)).eval()
    stated = {
        "format": "lsd-studio-network",
        "role": "encoder",
        "input": [1, 8, 8],
        "layers": [each for _, each in layers],
    }
    file = written(tmp_path, whole.half(), stated)
    whole.float()
    _, network = read_described_network(file)
    images = torch.randn(3, 1, 8, 8)
    with torch.inference_mode():
        mean, log_sigma = network(images)
        torch.testing.assert_close(torch.cat([mean, log_sigma], 1), whole(images).flatten(1))


def without(*path: Any) -> Callable[[dict[str, Any]], None]:
    def change(stated: dict[str, Any]) -> None:
        *outer, last = path
        for step in outer:
            stated = stated[step]
        del stated[last]

    return change


def with_value(value: Any, *path: Any) -> Callable[[dict[str, Any]], None]:
    def change(stated: dict[str, Any]) -> None:
        *outer, last = path
        for step in outer:
            stated = stated[step]
        stated[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (with_value("Lambda", "layers", 1, "type"), "to be one of"),
        (without("layers", 1, "type"), "expected a field 'type'"),
        (with_value("rm -rf /", "layers", 1, "code"), "expected no field of this name"),
        (with_value(0, "layers", 0, "kernel_size"), "expected at least 1"),
        (with_value(10**9, "layers", 0, "out_channels"), "expected at most 1048576"),
        (with_value(7, "layers", 3, "in_channels"), r"layer 3 \(ConvTranspose2d\) does not take what comes"),
        (with_value(5, "layers", 0, "groups"), r"layer 0 \(ConvTranspose2d\) does not take what comes before"),
        (with_value([2**20] * 3, "input"), "input: up to here the network is too large"),
        (with_value([{"type": "Flatten"}, {"type": "Linear", "in_features": 30, "out_features": 2**20},
                     {"type": "Linear", "in_features": 2**20, "out_features": 2**20}], "layers"),
         r"layer 2 \(Linear\): up to here the network is too large"),
        (with_value([{"type": "Upsample", "scale_factor": 16}] * 9, "layers"), "up to here the network is too large"),
        (with_value([{"type": "Unflatten", "unflattened_size": [30]}, {"type": "Flatten"}], "layers"),
         r"the last layer gives \[N, 30\], and a generator gives images"),
        (with_value(["layers"], "role"), "role: expected"),
        (with_value("../dcgan.safetensors", "weights"), "weights: expected the name of a file in the same folder"),
        (with_value("..", "weights"), "weights: expected the name of a file in the same folder"),
        (with_value("gone.safetensors", "weights"), "keeps its weights in gone.safetensors, which is not beside it"),
        (with_value("", "prefix"), "expected a tensor 0.weight of shape"),
        (with_value("lsd-studio-figure", "format"), "format"),
    ],
)  # fmt: skip
def test_wrong_descriptions_are_refused(
    tmp_path: Path, dcgan: DCGAN, change: Callable[[dict[str, Any]], None], sentence: str
) -> None:
    stated = of_the_page()
    change(stated)
    file = written(tmp_path, dcgan, stated)
    with pytest.raises(StudioError, match=sentence) as refused:
        read_described_network(file)
    assert len(str(refused.value)) < 900


def test_networks_that_would_take_hours_are_refused(tmp_path: Path, dcgan: DCGAN) -> None:
    stated = of_the_page()
    convolution = {
        "type": "Conv2d",
        "in_channels": 512,
        "out_channels": 512,
        "kernel_size": 31,
        "padding": 15,
    }
    wide = {"type": "Conv2d", "in_channels": 30, "out_channels": 512, "kernel_size": 1}
    stated["layers"] = [{"type": "Upsample", "scale_factor": 16}, wide, convolution]
    with pytest.raises(
        StudioError, match=r"layer 2 \(Conv2d\): up to here the network would take more than 2e\+10 op"
    ):
        read_described_network(written(tmp_path, dcgan, stated))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda state: state.pop("main.0.weight"), "expected a tensor 0.weight of shape"),
        (lambda state: state.update({"main.0.weight": torch.zeros(1)}), "0.weight: expected float32 "),
        (lambda state: state.update({"main.9.weight": torch.zeros(1)}), "9.weight: expected no tensor"),
        (lambda state: state["main.6.bias"].fill_(torch.nan), "expected finite numbers"),
        (lambda state: state.update({"main.6.bias": torch.zeros(1, dtype=torch.int64)}), "expected float32"),
    ],
)  # fmt: skip
def test_wrong_weights_are_refused(
    tmp_path: Path, dcgan: DCGAN, change: Callable[[dict[str, Tensor]], Any], sentence: str
) -> None:
    file = written(tmp_path, dcgan, of_the_page())
    state = {name: tensor.clone() for name, tensor in dcgan.state_dict().items()}
    change(state)
    save_file(state, tmp_path / "dcgan.safetensors")
    with pytest.raises(StudioError, match=sentence):
        read_described_network(file)


def test_what_is_no_safetensors_is_refused(tmp_path: Path, dcgan: DCGAN) -> None:
    file = written(tmp_path, dcgan, of_the_page())
    torch.save(dcgan.state_dict(), tmp_path / "dcgan.safetensors")
    with pytest.raises(StudioError, match="expected the safetensors format"):
        read_described_network(file)
    (tmp_path / "dcgan.safetensors").unlink()
    (tmp_path / "dcgan.safetensors").symlink_to("/etc/passwd")
    with pytest.raises(StudioError, match="is a link"):
        read_described_network(file)


def test_a_description_of_another_role_is_refused(tmp_path: Path, dcgan: DCGAN) -> None:
    file = written(tmp_path, dcgan, of_the_page())
    given = replace(Given(tmp_path / "g.onnx"), classifier=file)
    with pytest.raises(StudioError, match="describes a network as generator: please give it as --generator"):
        with_onnx_files(given, load_profile("paper", ()), small_images("train", 20), tmp_path)
