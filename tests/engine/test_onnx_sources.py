"""ONNX files as people have them: of older opsets, with weights beside them, of fixed batches, with other pixels."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange import adoption
from lsd_studio.engine.exchange.adoption import Given
from lsd_studio.engine.exchange.onnx_networks import OnnxNetwork
from lsd_studio.engine.exchange.onnx_sources import read_model
from tests.engine.small_networks import IMAGE_SHAPE, LATENT_DIMENSIONS
from tests.engine.test_onnx import exported, linear_generator, made, opened, original

__all__ = ["exported", "original"]  # fixtures

FILES = Path(__file__).parent / "onnx_files"


@pytest.mark.parametrize(
    ("name", "edge"),
    [("dcgan32.old17", 32), ("up_group.old17", 28), ("up_batch.old13", 28), ("default", 28)],
)
def test_what_exporters_of_several_years_write_has_gradients(name: str, edge: int) -> None:
    """BatchNormalization with training_mode 0, GroupNorm, Reshape of opset 13, weights in a file beside (issue 12)."""
    network = OnnxNetwork(
        read_model(FILES / f"{name}.onnx"),
        f"{name}.onnx",
        "generator",
        image_shape=(1, edge, edge),
        number_of_labels=10,
        latent_dimensions=100,
    )
    assert network.obstacle == ""
    codes = torch.randn(5, 100, requires_grad=True)
    images = network(codes)
    assert images.shape == (5, 1, edge, edge)
    images.square().sum().backward()
    assert codes.grad is not None
    assert bool((codes.grad.abs().sum(dim=1) > 0).all())


@pytest.mark.parametrize("location", ["../default.onnx.data", "/etc/passwd", "..", "", "C:weights", "a\\b"])
def test_weights_elsewhere_are_never_read(tmp_path: Path, location: str) -> None:
    (tmp_path / "inner").mkdir()
    shutil.copy(FILES / "default.onnx.data", tmp_path)
    model = onnx.load(FILES / "default.onnx", load_external_data=False)
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            entry.value = location if entry.key == "location" else entry.value
    (tmp_path / "inner" / "g.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(StudioError, match=r"external_data=False"):
        read_model(tmp_path / "inner" / "g.onnx")


def test_weights_beside_that_are_missing_a_link_or_too_few(tmp_path: Path) -> None:
    file, weights = tmp_path / "default.onnx", tmp_path / "default.onnx.data"
    shutil.copy(FILES / "default.onnx", file)
    with pytest.raises(StudioError, match="which is not beside it: please put it there"):
        read_model(file)
    weights.symlink_to(FILES / "default.onnx.data")
    with pytest.raises(StudioError, match="is a link"):
        read_model(file)
    weights.unlink()
    weights.write_bytes((FILES / "default.onnx.data").read_bytes()[:-1])
    with pytest.raises(StudioError, match="do not fit each other"):
        read_model(file)


@pytest.mark.parametrize("batch", [1, 4])
def test_a_fixed_batch_is_filled(batch: int) -> None:
    """Any number of codes gives what the same network with a free batch gives."""
    model = linear_generator()
    free = opened(model.SerializeToString())
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = batch
    model.graph.output[0].type.tensor_type.shape.dim[0].dim_value = batch
    fixed = opened(model.SerializeToString())
    assert (free.batch, fixed.batch, fixed.obstacle) == (None, batch, "")
    codes = torch.randn(7, LATENT_DIMENSIONS, requires_grad=True)
    images = fixed(codes)
    torch.testing.assert_close(images, free(codes))
    images.sum().backward()
    assert codes.grad is not None
    with torch.inference_mode():
        torch.testing.assert_close(fixed(codes), free(codes))


def with_pixels(highest: float, kind: int) -> onnx.ModelProto:
    """The linear generator with pixels from 0 to `highest`."""
    model = linear_generator()
    made: list[tuple[str, list[float]]] = [("Add", [1.0]), ("Mul", [highest / 2])]
    last = "images"
    for place, (operator, number) in enumerate(made):
        model.graph.initializer.append(numpy_helper.from_array(np.array(number, np.float32), f"by_{place}"))
        model.graph.node.append(helper.make_node(operator, [last, f"by_{place}"], [f"step_{place}"]))
        last = f"step_{place}"
    if kind == TensorProto.UINT8:
        model.graph.node.append(helper.make_node("Round", [last], ["rounded"]))
        model.graph.node.append(helper.make_node("Cast", ["rounded"], ["bytes"], to=kind))
        last = "bytes"
    model.graph.output[0].name = last
    model.graph.output[0].type.tensor_type.elem_type = kind
    return model


@pytest.mark.parametrize(("highest", "kind"), [(1, TensorProto.FLOAT), (255, TensorProto.UINT8)])
def test_pixels_from_0_are_scaled_and_it_is_said(
    exported: Path, tmp_path: Path, highest: float, kind: int
) -> None:
    onnx.save(with_pixels(highest, kind), tmp_path / "g.onnx")
    given = Given(tmp_path / "g.onnx", exported / "encoder.onnx", exported / "classifier.onnx")
    adopted = made(given, tmp_path / "bundle")
    (said,) = adopted.taken
    assert said.startswith(f"g.onnx gives pixels from 0 to {highest}, which are scaled to [−1, 1] here")
    bundle = open_bundle(adopted.bundle)
    assert bundle.profile.notes["taken"] == said
    codes = np.random.default_rng(0).standard_normal((9, LATENT_DIMENSIONS), dtype=np.float32)
    plain = opened(linear_generator().SerializeToString())
    with torch.inference_mode():
        expected = plain(torch.from_numpy(codes)).numpy()
    assert expected.shape == (9, *IMAGE_SHAPE)
    np.testing.assert_allclose(bundle.networks.decode(codes), expected, atol=1e-5)
    assert bundle.networks.generator.obstacle == ""


def grouped(opset: int, groups: int = 4) -> tuple[bytes, np.ndarray, np.ndarray]:
    """GroupNormalization of codes [N, 32] as images [N, 8, 2, 2], with its scale and bias."""
    size = 8 if opset >= 21 else groups
    scale, bias = np.random.default_rng(0).standard_normal((2, size)).astype(np.float32)
    layers = [
        helper.make_node("Reshape", ["codes", "shape"], ["values"]),
        helper.make_node("GroupNormalization", ["values", "scale", "bias"], ["images"], num_groups=groups),
    ]
    weights = {"shape": np.array([0, 8, 2, 2]), "scale": scale, "bias": bias}
    graph = helper.make_graph(
        layers,
        "grouped",
        [helper.make_tensor_value_info("codes", TensorProto.FLOAT, ["N", 32])],
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["N", 8, 2, 2])],
        [numpy_helper.from_array(values, name) for name, values in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    return model.SerializeToString(), scale, bias


def of_codes(content: bytes, shape: tuple[int, ...], dimensions: int) -> OnnxNetwork:
    return OnnxNetwork(
        content, "g.onnx", "generator", image_shape=shape, number_of_labels=2, latent_dimensions=dimensions
    )


@pytest.mark.parametrize("opset", [21, 23])
def test_group_normalization_of_today_is_taken_with_gradients(opset: int) -> None:
    """Scale and bias are for each channel there; NumPy's own arithmetic says what is right, and torch's its slope."""
    content, scale, bias = grouped(opset)
    network = of_codes(content, (8, 2, 2), 32)
    assert network.obstacle == ""
    codes = torch.randn(5, 32, generator=torch.Generator().manual_seed(1)).requires_grad_()
    found = network(codes)
    groups = codes.detach().double().numpy().reshape(5, 4, 8)
    alike = (groups - groups.mean(2, keepdims=True)) / np.sqrt(groups.var(2, keepdims=True) + 1e-5)
    expected = alike.reshape(5, 8, 2, 2) * scale[:, None, None] + bias[:, None, None]
    np.testing.assert_allclose(found.detach().numpy(), expected, atol=1e-6)
    (slope,) = torch.autograd.grad(found.pow(3).sum(), codes)
    own = torch.nn.functional.group_norm(
        codes.reshape(5, 8, 2, 2), 4, torch.tensor(scale), torch.tensor(bias)
    )
    (right,) = torch.autograd.grad(own.pow(3).sum(), codes)
    torch.testing.assert_close(slope, right, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(("opset", "groups"), [(18, 4), (20, 4), (21, 0), (21, 3), (21, 2**62)])
def test_other_group_normalization_is_told_how_to_be_exported(opset: int, groups: int) -> None:
    content = grouped(21, 4)[0] if opset >= 21 else grouped(opset)[0]
    model = onnx.load_model_from_string(content)
    for attribute in model.graph.node[1].attribute:
        attribute.i = groups
    with pytest.raises(StudioError, match=r"torch\.onnx\.export\(…, opset_version=18\)"):
        of_codes(model.SerializeToString(), (8, 2, 2), 32)


class _ByChannel(torch.nn.Module):
    """A normalisation of the last axis, over channels."""

    def __init__(self, layer: torch.nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.layer(images.movedim(1, -1)).movedim(-1, 1)


def _generator(
    normalisation: torch.nn.Module, activation: torch.nn.Module, growing: torch.nn.Module
) -> torch.nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        first = torch.nn.Linear(8, 16 * 4 * 4)
    unflatten = torch.nn.Unflatten(1, (16, 4, 4))
    return torch.nn.Sequential(first, unflatten, normalisation, activation, growing, torch.nn.Tanh()).eval()


GENERATORS = {
    "GroupNorm, SiLU, ConvTranspose": (
        torch.nn.GroupNorm(4, 16),
        torch.nn.SiLU(),
        torch.nn.ConvTranspose2d(16, 1, 4, 2, 1),
    ),
    "LayerNorm, GELU, PixelShuffle": (
        _ByChannel(torch.nn.LayerNorm(16)),
        torch.nn.GELU(),
        torch.nn.Sequential(torch.nn.Conv2d(16, 4, 1), torch.nn.PixelShuffle(2)),
    ),
    "BatchNorm, CELU, bilinear": (
        torch.nn.BatchNorm2d(16),
        torch.nn.CELU(),
        torch.nn.Sequential(torch.nn.Upsample(scale_factor=2, mode="bilinear"), torch.nn.Conv2d(16, 1, 1)),
    ),
    "RMSNorm, LeakyReLU, nearest": (
        _ByChannel(torch.nn.RMSNorm(16)),
        torch.nn.LeakyReLU(0.2),
        torch.nn.Sequential(torch.nn.Upsample(scale_factor=2), torch.nn.Conv2d(16, 1, 1)),
    ),
}


@pytest.mark.parametrize("opset", [18, 23])
@pytest.mark.parametrize("name", GENERATORS)
def test_what_torch_exports_today_is_taken_or_told_how_to_be_exported(
    name: str, opset: int, tmp_path: Path
) -> None:
    network = _generator(*GENERATORS[name])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (torch.randn(2, 8),),
            tmp_path / "g.onnx",
            dynamic_shapes=({0: "batch"},),
            external_data=False,
            opset_version=opset,
            verbose=False,
        )
    content = (tmp_path / "g.onnx").read_bytes()
    if opset > 18 and name.startswith("RMSNorm"):
        with pytest.raises(StudioError, match=r"torch\.onnx\.export\(…, opset_version=18\)"):
            of_codes(content, (1, 8, 8), 8)
        return
    taken = of_codes(content, (1, 8, 8), 8)
    assert taken.obstacle == ""
    codes = torch.randn(5, 8)
    with torch.inference_mode():
        torch.testing.assert_close(taken(codes), network(codes), atol=1e-4, rtol=0)


def test_opening_a_network_warns_of_nothing_and_leaves_other_warnings_alone() -> None:
    """The converter speaks of each Resize, and what it makes is compared with ONNX Runtime anyway."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        before = list(warnings.filters)
        network = OnnxNetwork(
            read_model(FILES / "up_batch.old13.onnx"),
            "g.onnx",
            "generator",
            image_shape=(1, 28, 28),
            number_of_labels=10,
            latent_dimensions=100,
        )
        network(torch.randn(2, 100))
        assert warnings.filters == before
    assert network.obstacle == ""
    assert [str(warning.message) for warning in heard] == []


def test_adoption_asks_for_the_memory_of_what_it_trains_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "g.onnx").write_bytes(linear_generator().SerializeToString())
    monkeypatch.setattr(adoption, "available_bytes", lambda device: 1000)
    with pytest.raises(StudioError, match=r"takes about .* of memory, and 0 MB are free"):
        made(Given(tmp_path / "g.onnx"), tmp_path / "adopted")
    assert [each.name for each in tmp_path.iterdir()] == ["g.onnx"]
