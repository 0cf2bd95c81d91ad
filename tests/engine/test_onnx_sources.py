"""ONNX files as people have them: of older opsets, with weights beside them, of fixed batches, with other pixels."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.errors import StudioError
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
