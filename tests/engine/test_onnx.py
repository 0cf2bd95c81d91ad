"""Networks as ONNX, out and in: exported here, built by other code, hostile; and bundles made of them."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from lsd_studio.cli import main
from lsd_studio.cli.endings import Stopped, signals_obeyed
from lsd_studio.engine.basis.latent_sets import build_basis
from lsd_studio.engine.basis.variant import own_basis, save_with_basis
from lsd_studio.engine.bundle import Bundle, DataRecord, Facts, open_bundle, save_bundle
from lsd_studio.engine.datasets import hold_out
from lsd_studio.engine.decomposition.refinement import refined_codes
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.evaluation import first_look
from lsd_studio.engine.exchange.adoption import Adopted, Given, adopt_models
from lsd_studio.engine.exchange.archives import import_archive, write_archive
from lsd_studio.engine.exchange.onnx_export import export_onnx
from lsd_studio.engine.exchange.onnx_exporter import exported as exported_network
from lsd_studio.engine.exchange.onnx_networks import OnnxNetwork, Role
from lsd_studio.engine.platform import limited_process
from lsd_studio.engine.platform.seeds import derived_seed
from lsd_studio.engine.runs.profiles import Profile, load_profile
from lsd_studio.engine.steps import finished
from tests.engine.small_networks import IMAGE_SHAPE, LABELS, LATENT_DIMENSIONS, small_images, small_networks

SEED = 3
IMAGES = 900
PROFILE = (
    "basis.vectors=10",
    "encoder.epochs=2",
    "encoder.learning_rate=2e-3",
    "classifier.epochs=2",
    "classifier.learning_rate=4e-3",
)
ROLES: tuple[Role, ...] = ("generator", "encoder", "classifier")


def profile() -> Profile:
    return load_profile("paper", PROFILE)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle of the small networks, with the basis that their adoption must give again."""
    data = small_images("train", IMAGES)
    used, held_out = hold_out(data)
    networks = small_networks()
    path = tmp_path_factory.mktemp("original") / "original"
    save_bundle(
        path,
        profile=profile().model_copy(
            update={
                "latent_dimensions": LATENT_DIMENSIONS,
                "encoder": profile().encoder.model_copy(update={"trunk": "residual", "heads": "free"}),
            }
        ),
        networks=networks,
        discriminator=None,
        basis=build_basis(networks, used, profile().basis, derived_seed(SEED, "basis")),
        facts=Facts(
            data=DataRecord(name="small", checksum=data.checksum, images=len(used), held_out=len(held_out)),
            label_names=data.label_names,
            seeds={"basis": derived_seed(SEED, "basis")},
            device="cpu",
            precision="32-true",
        ),
    )
    return open_bundle(path)


@pytest.fixture(scope="module")
def exported(original: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Their ONNX files."""
    folder = tmp_path_factory.mktemp("exported") / "onnx"
    written = list(export_onnx(original, folder))
    assert [part.network for part in written] == list(ROLES)
    assert max(part.deviation for part in written) < 1e-4
    return folder


def opened(content: bytes, role: Role = "generator", **changes: Any) -> OnnxNetwork:
    sizes: dict[str, Any] = {
        "image_shape": IMAGE_SHAPE,
        "number_of_labels": LABELS,
        "latent_dimensions": LATENT_DIMENSIONS,
    }
    return OnnxNetwork(content, f"{role}.onnx", role, **{**sizes, **changes})


def made(given: Given, out: Path, **changes: Any) -> Adopted:
    asked = {"data": small_images("train", IMAGES), "profile": profile(), **changes}
    working = adopt_models(given, asked["data"], asked["profile"], out, seed=SEED)
    while True:
        try:
            next(working)
        except StopIteration as finished:
            return finished.value


def test_files_have_free_batches_and_say_where_they_are_from(original: Bundle, exported: Path) -> None:
    images, codes, logits = list(IMAGE_SHAPE), [LATENT_DIMENSIONS], [LABELS]
    expected = {
        "generator": ({"codes": codes}, {"images": images}),
        "encoder": ({"images": images}, {"mean": codes, "log_sigma": codes}),
        "classifier": ({"images": images}, {"logits": logits}),
    }
    for role in ROLES:
        session = onnxruntime.InferenceSession(exported / f"{role}.onnx", providers=["CPUExecutionProvider"])
        described = [
            {value.name: value.shape for value in values}
            for values in (session.get_inputs(), session.get_outputs())
        ]
        for found, wanted in zip(described, expected[role], strict=True):
            assert {name: shape[1:] for name, shape in found.items()} == wanted
            assert all(isinstance(shape[0], str) for shape in found.values())
        assert session.get_modelmeta().custom_metadata_map["bundle"] == original.hash


@pytest.mark.parametrize("count", [1, 7, 40])
def test_onnx_runtime_gives_what_the_networks_give(original: Bundle, exported: Path, count: int) -> None:
    codes = np.random.default_rng(0).standard_normal((count, LATENT_DIMENSIONS), dtype=np.float32)
    images = original.networks.decode(codes)
    mean, log_sigma = original.networks.encode(images)

    def run(role: Role, given: np.ndarray) -> list[np.ndarray]:
        session = onnxruntime.InferenceSession(exported / f"{role}.onnx", providers=["CPUExecutionProvider"])
        return session.run(None, {session.get_inputs()[0].name: given})

    np.testing.assert_allclose(run("generator", codes)[0], images, atol=1e-4)
    for found, wanted in zip(run("encoder", images), (mean, log_sigma), strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-4)
    logits = torch.from_numpy(run("classifier", images)[0])
    np.testing.assert_allclose(logits.softmax(dim=1).numpy(), original.networks.classify(images), atol=1e-4)


def test_a_file_that_differs_is_not_written(original: Bundle, exported: Path, tmp_path: Path) -> None:
    """A network that PyTorch runs otherwise than its file says, as a fault of the exporter would have it."""
    network = opened((exported / "generator.onnx").read_bytes())
    network.register_forward_hook(lambda module, given, images: images + 1e-3)
    wrong = replace(original, networks=replace(original.networks, generator=network))
    with pytest.raises(
        StudioError, match=r"generator\.onnx was not written: ONNX Runtime differs from PyTorch by 1"
    ):
        list(export_onnx(wrong, tmp_path))
    assert not list(tmp_path.iterdir())


def test_an_export_can_be_interrupted_at_any_time(original: Bundle, tmp_path: Path) -> None:
    def interrupt_once_it_is_exported() -> None:
        while not limited_process._running:
            over.wait(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    over = threading.Event()
    interrupting = threading.Thread(target=interrupt_once_it_is_exported)
    interrupting.start()
    with signals_obeyed(), pytest.raises(Stopped):
        list(export_onnx(original, tmp_path / "networks"))
    interrupting.join()
    assert not limited_process._running
    assert not list(tmp_path.iterdir())


def test_what_the_exporter_says_of_its_failure_is_not_lost(original: Bundle, tmp_path: Path) -> None:
    no_role: Any = "painter"
    with pytest.raises(RuntimeError, match="KeyError: 'painter'"):
        exported_network(original.path, no_role, {})
    gone = replace(original, path=tmp_path / "gone")
    with pytest.raises(StudioError, match="gone is neither a bundle's folder nor"):
        list(export_onnx(gone, tmp_path / "networks"))
    assert not list(tmp_path.iterdir())


def test_a_bundle_goes_to_onnx_and_back_with_the_same_evaluation(
    original: Bundle, exported: Path, tmp_path: Path
) -> None:
    given = Given(*(exported / f"{role}.onnx" for role in ("generator", "encoder", "classifier")))
    adopted = made(given, tmp_path / "again")
    assert adopted.trained == ()
    again = open_bundle(adopted.bundle)
    assert set(again.manifest.files) == {
        "generator.onnx", "encoder.onnx", "classifier.onnx", "basis.safetensors", "profile.toml",
    }  # fmt: skip
    assert again.manifest.format_version == 2
    np.testing.assert_allclose(again.basis.xi_, original.basis.xi_, atol=1e-3)
    found = []
    for bundle in (original, again):
        look = first_look(bundle.networks, bundle.basis, small_images("test", 500), reading="absolute")
        found.append(dict(numbers(finished(look).measured)))
    assert any("accuracy" in name for name in found[0])
    for name, value in found[0].items():
        assert found[1][name] == pytest.approx(value, abs=1e-3), name


def numbers(measured: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    for name, value in measured.items():
        if isinstance(value, dict):
            yield from numbers(value, f"{prefix}{name}.")
        elif isinstance(value, float):
            yield prefix + name, value


def test_the_adopted_bundle_does_what_others_do(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing encoder is trained; gradients go through the files; it is saved with another basis, and shared."""
    given = Given(exported / "generator.onnx", classifier=exported / "classifier.onnx")
    adopted = made(given, tmp_path / "adopted")
    assert adopted.trained == ("encoder",)
    assert adopted.reconstruction_accuracy > 0.3
    assert [path.name for path in tmp_path.iterdir()] == ["adopted"]
    bundle = open_bundle(adopted.bundle)
    assert [stage.name for stage in bundle.manifest.stages] == ["encoder"]
    assert "generator.onnx" in bundle.profile.notes["generator"]
    images = small_images("test", 5).images.astype(np.float32) / 127.5 - 1
    codes, _ = bundle.networks.encode(images)
    refined = refined_codes(bundle.networks, images, codes, steps=5)
    errors = [np.square(bundle.networks.decode(z) - images).mean() for z in (codes, refined)]
    assert errors[1] < errors[0]
    saved = save_with_basis(bundle, own_basis(bundle), tmp_path / "saved")
    again = open_bundle(tmp_path / "saved")
    np.testing.assert_array_equal(saved.networks.decode(codes), again.networks.decode(codes))
    monkeypatch.setenv("LSD_STUDIO_DATA", str(tmp_path / "home"))
    write_archive(bundle, tmp_path / "shared.zip")
    assert open_bundle(import_archive(tmp_path / "shared.zip")[0]).hash == bundle.hash
    (tmp_path / "adopted" / "generator.onnx").write_bytes(b"changed")
    with pytest.raises(StudioError, match=r"generator\.onnx, size: expected"):
        open_bundle(adopted.bundle)


def test_on_the_command_line(exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = small_images("train", 300)
    for place, (image, label) in enumerate(zip(data.images, data.labels.tolist(), strict=True)):
        folder = tmp_path / "digits" / str(label)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[0]).save(folder / f"{place:03}.png")
    files = [word for role in ROLES for word in (f"--{role}", str(exported / f"{role}.onnx"))]
    asked = ["adopt", *files, "--data", str(tmp_path / "digits"), "--out", str(tmp_path / "out")]
    settings = ["--profile", "paper", "--set", "basis.vectors=2", "--json", "-"]
    assert main([*asked, *settings]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["trained"] == []
    assert told["classifier_accuracy"] > 0.5
    assert open_bundle(told["bundle"]).manifest.label_names == tuple("0123456789")
    assert main(asked) == 2
    assert "is not empty" in capsys.readouterr().err


def test_an_interrupted_adoption_goes_on(exported: Path, tmp_path: Path) -> None:
    given = Given(exported / "generator.onnx", exported / "encoder.onnx")
    working = adopt_models(given, small_images("train", IMAGES), profile(), tmp_path / "out", seed=SEED)
    for event in working:
        if type(event).__name__ == "CheckpointSaved":
            break
    working.close()
    (work,) = tmp_path.iterdir()
    assert work.name.startswith(".out.adopting-")
    going_on = adopt_models(given, small_images("train", IMAGES), profile(), tmp_path / "out", seed=SEED)
    first = next(going_on)
    assert (first.stage, first.first_step) == ("classifier", first.total_steps)
    list(going_on)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("given", [ROLES, ROLES[:2]], ids=["nothing trained", "classifier trained"])
def test_an_adoption_that_fails_keeps_what_was_trained_and_nothing_else(
    exported: Path, tmp_path: Path, given: Sequence[Role]
) -> None:
    basis = profile().basis.model_copy(update={"vectors": 10_000_000, "max_draws": 1})
    with pytest.raises(StudioError) as refused:
        made(
            Given(*(exported / f"{role}.onnx" for role in given)),
            tmp_path / "out",
            profile=profile().model_copy(update={"basis": basis}),
        )
    kept = [path.name for path in tmp_path.iterdir()]
    assert len(kept) == len(ROLES) - len(given)
    assert all(f"What was trained is kept in {tmp_path / name}" in str(refused.value) for name in kept)


# Networks built by other code.


def dense(
    names: Sequence[str], weights: Sequence[np.ndarray], *, given: Sequence[Any], outputs: dict[str, Sequence[Any]],
    nodes: Sequence[onnx.NodeProto], opset: int = 17,
) -> onnx.ModelProto:  # fmt: skip
    graph = helper.make_graph(
        nodes,
        "of another",
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, given)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(weight, name) for name, weight in zip(names, weights, strict=True)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)


def linear_generator(image_shape: Sequence[int] = IMAGE_SHAPE, **changes: Any) -> onnx.ModelProto:
    """Principal components of the small digits as a generator of one layer, codes [N, M, 1, 1] as DCGANs have them."""
    data = small_images("train", IMAGES).images.reshape(IMAGES, -1).astype(np.float64) / 127.5 - 1
    mean = data.mean(axis=0)
    _, sizes, directions = np.linalg.svd(data - mean, full_matrices=False)
    components = (sizes[:, None] * directions)[:LATENT_DIMENSIONS] / np.sqrt(len(data))
    nodes = [
        helper.make_node("Flatten", ["z"], ["flat"], axis=1),
        helper.make_node("MatMul", ["flat", 'components"]; import os; ["'], ["sum"]),
        helper.make_node("Add", ["sum", "mean"], ["pixels"]),
        helper.make_node("Clip", ["pixels", "low", "high"], ["clipped"]),
        helper.make_node("Reshape", ["clipped", "shape"], ["images"], name='")); raise SystemExit; (("'),
    ]
    asked: dict[str, Any] = {
        "names": ['components"]; import os; ["', "mean", "low", "high", "shape"],
        "weights": [
            components.astype(np.float32), mean.astype(np.float32), np.float32(-1), np.float32(1),
            np.array([0, *image_shape]),
        ],
        "given": ["N", LATENT_DIMENSIONS, 1, 1],
        "outputs": {"images": ["N", *image_shape]},
        "nodes": nodes,
    }  # fmt: skip
    return dense(**{**asked, **changes})


def test_a_generator_of_others_becomes_a_bundle(exported: Path, tmp_path: Path) -> None:
    """Its layers have names that would end the program, did any reach generated code."""
    model = linear_generator()
    onnx.save(model, tmp_path / "g.onnx")
    network = opened(model.SerializeToString())
    assert network.obstacle == ""
    codes = torch.randn(4, LATENT_DIMENSIONS, requires_grad=True)
    network(codes).sum().backward()
    assert codes.grad is not None
    assert float(codes.grad.abs().sum()) > 0
    given = Given(tmp_path / "g.onnx", classifier=exported / "classifier.onnx")
    adopted = made(given, tmp_path / "bundle")
    assert adopted.trained == ("encoder",)
    assert adopted.reconstruction_accuracy > 0.3
    assert open_bundle(tmp_path / "bundle").basis.orthogonality_error_ < 1e-12


def test_networks_without_gradients_still_run(tmp_path: Path) -> None:
    """A layer that the converter does not know: what needs no gradient works, the rest is refused."""
    model = linear_generator(opset=19)
    pool = helper.make_node(
        "AveragePool", ["images"], ["pooled"],
        kernel_shape=[3, 3], dilations=[2, 2], pads=[2, 2, 2, 2], ceil_mode=1,
    )  # fmt: skip
    model.graph.node.append(pool)
    model.graph.output[0].name = "pooled"
    found = opened(model.SerializeToString())
    assert found.obstacle
    codes = torch.randn(3, LATENT_DIMENSIONS)
    assert found(codes).shape == (3, *IMAGE_SHAPE)
    with pytest.raises(StudioError, match=r"No gradient can be had through generator\.onnx"):
        found(codes.requires_grad_())
    onnx.save(model, tmp_path / "g.onnx")
    with pytest.raises(StudioError, match="An encoder cannot be trained for this generator"):
        made(Given(tmp_path / "g.onnx"), tmp_path / "bundle")
    assert [path.name for path in tmp_path.iterdir()] == ["g.onnx"]


# What is refused.


def looping(model: onnx.ModelProto) -> None:
    body = helper.make_graph([helper.make_node("Identity", ["c"], ["d"])], "body",
                             [helper.make_tensor_value_info("i", TensorProto.INT64, []),
                              helper.make_tensor_value_info("c", TensorProto.BOOL, [])],
                             [helper.make_tensor_value_info("d", TensorProto.BOOL, [])])  # fmt: skip
    model.graph.node.insert(0, helper.make_node("Loop", ["", ""], [], body=body))


def outside(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[1]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../../etc/passwd"


def custom(model: onnx.ModelProto) -> None:
    model.graph.node[1].domain = "com.example"
    model.opset_import.append(helper.make_opsetid("com.example", 1))


def huge(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(numpy_helper.from_array(np.array([1, 1, 1 << 15, 1 << 15]), "far"))
    model.graph.node.append(helper.make_node("ReduceMax", ["images"], ["one"], keepdims=1, axes=[1, 2, 3]))
    model.graph.node.append(helper.make_node("Expand", ["one", "far"], ["large"]))


def unknowable(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("ReduceMax", ["mean"], ["value"], keepdims=0))
    model.graph.node.append(helper.make_node("Cast", ["value"], ["whole"], to=TensorProto.INT64))
    model.graph.node.append(helper.make_node("Reshape", ["whole", "shape_of_it"], ["one"]))
    model.graph.initializer.append(numpy_helper.from_array(np.array([1]), "shape_of_it"))
    model.graph.node.append(helper.make_node("ConstantOfShape", ["one"], ["as_many"]))


def random(model: onnx.ModelProto) -> None:
    model.graph.node[0].op_type = "RandomNormalLike"


def infinite(model: onnx.ModelProto) -> None:
    model.graph.initializer[1].CopyFrom(numpy_helper.from_array(np.full(64, np.inf, np.float32), "mean"))


def short(model: onnx.ModelProto) -> None:
    model.graph.initializer[1].raw_data = b"too short"


def broken(model: onnx.ModelProto) -> None:
    model.graph.node[2].input[1] = "nothing of this name"


def two_inputs(model: onnx.ModelProto) -> None:
    model.graph.input.append(helper.make_tensor_value_info("noise", TensorProto.FLOAT, ["N", 1]))


def other_codes(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = LATENT_DIMENSIONS + 10
    model.graph.initializer[0].CopyFrom(
        numpy_helper.from_array(
            np.zeros((LATENT_DIMENSIONS + 10, 64), np.float32), model.graph.initializer[0].name
        )
    )


def many_outputs(model: onnx.ModelProto) -> None:
    model.graph.output.append(helper.make_tensor_value_info("sum", TensorProto.FLOAT, ["N", 64]))


def crossing(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("Transpose", ["flat"], ["turned"], perm=[1, 0]))
    model.graph.node.append(helper.make_node("MatMul", ["flat", "turned"], ["pairs"]))


def newest(model: onnx.ModelProto) -> None:
    model.opset_import[0].version = 999


REFUSED: dict[Callable[[onnx.ModelProto], None], str] = {
    looping: "holds the operator 'Loop'",
    outside: "refers to another file",
    custom: "holds the operator 'com.example.MatMul'",
    huge: r"would take .* MiB for one image",
    unknowable: "cannot be known in advance",
    random: "holds the operator 'RandomNormalLike'",
    infinite: "expected finite weights",
    short: "does not hold the numbers that it declares",
    broken: "is not a valid ONNX model",
    two_inputs: "expected one input, found 2",
    other_codes: r"expected codes in of shape \[N, 30\], found \[N, 40, 1, 1\]",
    many_outputs: "expected one output, found 2",
    crossing: "'pairs' grows faster than the batch",
    newest: "expected opset 9 to",
}


@pytest.mark.parametrize("change", REFUSED, ids=lambda change: change.__name__)
def test_hostile_and_unfitting_files_are_refused(change: Callable[[onnx.ModelProto], None]) -> None:
    model = linear_generator()
    change(model)
    with pytest.raises(StudioError, match=REFUSED[change]) as refused:
        opened(model.SerializeToString())
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"no protobuf", bytes(100), b"\x80\x04cos\nsystem\n"])
def test_what_is_no_onnx_is_refused(content: bytes) -> None:
    with pytest.raises(StudioError, match=r"^generator\.onnx") as refused:
        opened(content)
    assert "\n" not in str(refused.value)


def test_pixels_labels_and_names_that_do_not_fit(exported: Path, tmp_path: Path) -> None:
    model = linear_generator()
    model.graph.initializer[2].CopyFrom(numpy_helper.from_array(np.float32(-9), "low"))
    model.graph.initializer[1].CopyFrom(numpy_helper.from_array(np.full(64, -5, np.float32), "mean"))
    onnx.save(model, tmp_path / "low.onnx")
    with pytest.raises(StudioError, match=r"they must lie in \[−1, 1\], \[0, 1\] or \[0, 255\]"):
        made(Given(tmp_path / "low.onnx", exported / "encoder.onnx"), tmp_path / "out")
    probable = onnx.load(exported / "classifier.onnx")
    probable.graph.node.append(helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1))
    probable.graph.output[0].name = "probabilities"
    onnx.save(probable, tmp_path / "probable.onnx")
    given = Given(exported / "generator.onnx", exported / "encoder.onnx", tmp_path / "probable.onnx")
    with pytest.raises(StudioError, match="without its last softmax"):
        made(given, tmp_path / "out")
    with pytest.raises(StudioError, match="outputs named mean and log_sigma"):
        opened((exported / "classifier.onnx").read_bytes(), "encoder")
    with pytest.raises(StudioError, match=r"expected images in of shape \[N, 3, 8, 8\]"):
        opened((exported / "classifier.onnx").read_bytes(), "classifier", image_shape=(3, 8, 8))
    digits = small_images("train", IMAGES)
    seven = digits.take(digits.labels < 7)
    with pytest.raises(StudioError, match=r"a multiple of the 7 labels .* 28, 35 latent dimensions"):
        made(
            Given(exported / "generator.onnx"),
            tmp_path / "out",
            data=replace(seven, label_names=tuple("0123456")),
        )
    assert not (tmp_path / "out").exists()


def test_without_the_libraries_one_sentence_names_the_extra(
    original: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    assert main(["export", str(original.path), "--onnx", str(tmp_path / "none")]) == 2
    assert "pip install 'lsd-studio[onnx]'" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(StudioError, match=r"pip install 'lsd-studio\[onnx\]'"):
        opened(b"anything")
