"""Write a pickled network as ONNX, or its weights as safetensors, in the environment where it was made.

Opening a pickle runs the code in it, which is why LSD Studio does not: run this yourself, on files that you trust. It
needs none of LSD Studio; copy it to where the network's own code and libraries are.

    python convert_network.py network.pkl --codes 512 --path stylegan2-ada-pytorch   # StyleGAN's G_ema
    python convert_network.py generator.pt --codes 100,1,1                            # TorchScript, or a whole module
    python convert_network.py classifier.pt --images 3,64,64
    python convert_network.py weights.pth                                             # a state_dict: safetensors
    python convert_network.py model.keras --codes 128                                 # Keras
"""

from __future__ import annotations

import argparse
import pickle
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

OPSET = 18


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
        "--path", type=Path, help="folder of the network's own code, such as StyleGAN's repository"
    )
    parser.add_argument("--label", type=int, help="of a StyleGAN with labels: the one that is drawn")
    options = parser.parse_args()
    if options.path is not None:
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


def _write_onnx(network: Any, shape: tuple[int, ...], takes: str, options: argparse.Namespace) -> int:
    import torch

    out = options.out or options.file.with_suffix(".onnx")
    items = torch.zeros(2, *shape)
    with torch.no_grad():
        outputs = network.eval()(items)
    gives = (
        ["mean", "log_sigma"] if isinstance(outputs, tuple) else ["images" if takes == "codes" else "logits"]
    )
    torch.onnx.export(
        network,
        (items,),
        str(out),
        input_names=[takes],
        output_names=gives,
        dynamic_axes={name: {0: "batch"} for name in (takes, *gives)},
        opset_version=OPSET,
        dynamo=False,  # TorchScript has no other exporter
    )
    sys.stdout.write(f"{out}: takes {takes} {list(shape)}, gives {', '.join(gives)}\n")
    return 0


def _write_weights(weights: dict[str, Any], options: argparse.Namespace) -> int:
    from safetensors.torch import save_file

    out = options.out or options.file.with_suffix(".safetensors")
    save_file({name: tensor.detach().clone().contiguous() for name, tensor in weights.items()}, str(out))
    sys.stdout.write(f"{out}: {len(weights)} tensors; a network's code is not among them\n")
    return 0


def _convert_keras(options: argparse.Namespace) -> int:
    keras = import_module("keras")
    out = options.out or options.file.with_suffix(".onnx")
    keras.models.load_model(options.file).export(str(out), format="onnx")
    sys.stdout.write(f"{out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
