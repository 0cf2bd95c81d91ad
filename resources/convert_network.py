"""Write a pickled network as ONNX, or its weights as safetensors, in the environment where it was made.

Opening a pickle runs the code in it, which is why LSD Studio does not: run this yourself, on files that you trust. It
needs none of LSD Studio; copy it to where the network's own code and libraries are.

    python convert_network.py network.pkl --codes 512 --path stylegan2-ada-pytorch   # StyleGAN's G_ema
    python convert_network.py generator.pt --codes 100,1,1                            # TorchScript, or a whole module
    python convert_network.py classifier.pt --images 3,64,64
    python convert_network.py weights.pth                                             # a state_dict: safetensors
    python convert_network.py model.keras --path layers.py                            # Keras on TensorFlow, tf2onnx
"""

from __future__ import annotations

import argparse
import pickle
import sys
from importlib import import_module
from pathlib import Path
from runpy import run_path
from typing import Any

OPSET = 18
OUTPUTS = ["mean", "spread"]
CHANNELS = (1, 3)
"""A last dimension of so many, of four, is that of channels."""


def main() -> int:
    """Read the file, and write what it holds beside it or where --out says."""
    parser = argparse.ArgumentParser(
        description="Write a pickled network as ONNX, or weights as safetensors."
    )
    parser.add_argument("file", type=Path, help="a pickle that you trust: .pkl, .pt, .pth, .keras or .h5")
    parser.add_argument(
        "--out", type=Path, help="file to write (default: the same name, .onnx or .safetensors)"
    )
    parser.add_argument(
        "--codes", type=_shape, help="shape of one code that a generator takes, such as 100 or 100,1,1"
    )
    parser.add_argument(
        "--images", type=_shape, help="shape of one image that the network takes, such as 3,64,64"
    )
    parser.add_argument(
        "--path",
        type=Path,
        help="folder of the network's own code, such as StyleGAN's repository; or one file of it that is run first, "
        "such as Keras layers of your own",
    )
    parser.add_argument("--label", type=int, help="of a StyleGAN with labels: the one that is drawn")
    parser.add_argument(
        "--log-variance", action="store_true", help="an encoder's second output is log σ², not log σ"
    )
    options = parser.parse_args()
    if options.path is not None and options.path.is_file():
        run_path(str(options.path))
    elif options.path is not None:
        sys.path.insert(0, str(options.path))
    if options.file.suffix in (".keras", ".h5"):
        return _convert_keras(options)
    found = _opened(options.file)
    if isinstance(found, dict) and "G_ema" in found:
        return _write_onnx(
            _style_gan(found["G_ema"], options.label), (found["G_ema"].z_dim,), "codes", options
        )
    weights = _weights(found)
    if weights is not None:
        return _write_weights(weights, options)
    shape = options.codes or options.images
    if shape is None:
        parser.error("say with --codes or --images what one item is that the network takes")
    return _write_onnx(found, shape, "codes" if options.codes else "images", options)


def _shape(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def _opened(file: Path) -> Any:
    import torch

    if file.suffix == ".pkl":
        with file.open("rb") as opened:
            return pickle.load(opened)  # noqa: S301  # by hand, by its owner, on a file that is trusted
    try:
        return torch.jit.load(str(file), map_location="cpu")
    except RuntimeError:  # no TorchScript
        try:
            return torch.load(file, map_location="cpu", weights_only=True)
        except pickle.UnpicklingError:  # a whole module, whose owner trusts it as above
            return torch.load(file, map_location="cpu", weights_only=False)


def _weights(found: Any) -> dict[str, Any] | None:
    """The tensors of a state_dict, also of one among others in a checkpoint; None where there is no such thing."""
    import torch

    if not isinstance(found, dict):
        return None
    if found and all(isinstance(value, torch.Tensor) for value in found.values()):
        return dict(found)
    return next((weights for value in found.values() if (weights := _weights(value))), None)


def _style_gan(generator: Any, label: int | None) -> Any:
    import torch

    class Alone(torch.nn.Module):
        """G with the noise of its layers held, and one label."""

        label: torch.Tensor

        def __init__(self) -> None:
            super().__init__()
            self.generator = generator.eval().float().cpu()
            self.register_buffer("label", torch.zeros(1, generator.c_dim))
            if label is not None:
                self.label[0, label] = 1.0

        def forward(self, codes: torch.Tensor) -> torch.Tensor:
            labels = self.label.expand(len(codes), -1)
            return self.generator(codes, labels, noise_mode="const", force_fp32=True)

    return Alone()


def _as_encoder(out: Path, takes: str, log_variance: bool) -> None:
    """Let a file give its first two outputs as mean and log_sigma; a code that is drawn by them is left out."""
    onnx = import_module("onnx")
    first = [output.name for output in onnx.load(str(out)).graph.output][:2]
    import_module("onnx.utils").extract_model(str(out), str(out), [takes], first)
    written = onnx.load(str(out))
    half = onnx.numpy_helper.from_array(
        import_module("numpy").float32(0.5 if log_variance else 1.0), "share of log_sigma"
    )
    written.graph.initializer.append(half)
    spread = written.graph.output[1]
    written.graph.node.append(onnx.helper.make_node("Mul", [spread.name, half.name], ["log_sigma"]))
    spread.name = "log_sigma"
    onnx.save(written, str(out))


def _write_onnx(network: Any, shape: tuple[int, ...], takes: str, options: argparse.Namespace) -> int:
    import torch

    out = options.out or options.file.with_suffix(".onnx")
    items = torch.zeros(2, *shape)
    with torch.no_grad():
        found = network.eval()(items)
    gives = _names(found, takes, options)
    named = OUTPUTS if len(gives) > 1 else gives
    torch.onnx.export(
        network,
        (items,),
        str(out),
        input_names=[takes],
        output_names=named,
        dynamic_axes={name: {0: "batch"} for name in (takes, *named)},
        opset_version=OPSET,
        dynamo=False,  # TorchScript has no other exporter
    )
    if len(gives) > 1:
        _as_encoder(out, takes, options.log_variance)
    return _say(out, takes, shape, gives)


def _write_weights(weights: dict[str, Any], options: argparse.Namespace) -> int:
    from safetensors.torch import save_file

    out = options.out or options.file.with_suffix(".safetensors")
    save_file({name: tensor.detach().clone().contiguous() for name, tensor in weights.items()}, str(out))
    sys.stdout.write(f"{out}: {len(weights)} tensors; a network's code is not among them\n")
    return 0


def _convert_keras(options: argparse.Namespace) -> int:
    """With images as PyTorch has them, [N, C, H, W], where Keras has [N, H, W, C]."""
    keras = import_module("keras")
    network = keras.models.load_model(options.file, compile=False)
    if len(network.inputs) != 1:
        sys.exit(
            f"{options.file} takes {len(network.inputs)} inputs, and one can be given: wrap it in a model of one"
        )
    shape = network.inputs[0].shape[1:]
    takes = "codes" if options.codes or (len(shape) == 1 and not options.images) else "images"
    turned = len(shape) == 3 and takes == "images" and shape[-1] in CHANNELS
    given = keras.Input((shape[-1], *shape[:-1]) if turned else shape, name=takes)
    found = network(keras.layers.Permute((2, 3, 1))(given) if turned else given)
    gives = _names(found, takes, options)
    outputs = list(found[:2]) if isinstance(found, list | tuple) else [found]
    if options.log_variance:
        outputs[1] = outputs[1] / 2
    if len(outputs[0].shape) == 4 and outputs[0].shape[-1] in CHANNELS:
        outputs = [keras.layers.Permute((3, 1, 2))(outputs[0])]
    whole = keras.Model(given, outputs)
    whole(keras.ops.zeros((2, *given.shape[1:])))  # a model that was never called is not exported
    out = options.out or options.file.with_suffix(".onnx")
    whole.export(str(out), format="onnx", opset_version=OPSET, verbose=False)
    onnx = import_module("onnx")
    written = onnx.load(str(out))
    for output, name in zip(written.graph.output, gives, strict=True):
        written.graph.node.append(onnx.helper.make_node("Identity", [output.name], [name]))
        output.name = name
    onnx.save(written, str(out))
    return _say(out, takes, given.shape[1:], gives)


def _names(found: Any, takes: str, options: argparse.Namespace) -> list[str]:
    """What the outputs of a network are called; several are an encoder's."""
    if isinstance(found, list | tuple):
        return ["mean", "log_sigma"]
    if options.log_variance:
        sys.exit(f"{options.file} gives one output, and --log-variance is of an encoder's two: leave it out")
    return ["images" if takes == "codes" else "logits"]


def _say(out: Path, takes: str, shape: Any, gives: list[str]) -> int:
    sys.stdout.write(f"{out}: takes {takes} {list(shape)}, gives {', '.join(gives)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
