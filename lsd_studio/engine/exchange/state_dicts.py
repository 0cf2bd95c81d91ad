"""Weights of others in safetensors files: of the architectures of a profile, or of layers that are described."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import torch
from torch import nn

from lsd_studio.engine.bundle.checked_files import described, tensors_of
from lsd_studio.engine.datasets import LabelledImages
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.onnx_networks import Role
from lsd_studio.engine.models.networks import Classifier
from lsd_studio.engine.runs.new_networks import new_encoder, new_generator
from lsd_studio.engine.runs.profiles import Profile
from lsd_studio.files.plain_files import read_plain

LARGEST_FILE = 2**30
COUNTER = "num_batches_tracked"
"""Of a batch normalisation; no result depends on it."""

NETWORKS: dict[Role, frozenset[str]] = {
    "generator": frozenset({"project.weight", "upsample.0.weight"}),
    "encoder": frozenset({"mean.0.weight", "log_sigma.0.weight"}),
    "classifier": frozenset({"layers.0.weight"}),
}
"""Weights by which a network of a profile is known."""

Network = TypeVar("Network", bound=nn.Module)


def role_of_weights(names: set[str]) -> Role | None:
    """The network of a profile that has weights of these names; None: none."""
    return next((role for role, some in NETWORKS.items() if some <= names), None)


def read_own_network(file: Path, role: Role, profile: Profile, data: LabelledImages) -> nn.Module:
    """The generator, encoder or classifier of a profile for images like these, with the weights of a file.

    Raises:
        StudioError: they are not its weights.
    """
    found = tensors_of(read_plain(file, LARGEST_FILE), file)
    if role_of_weights(set(found)) != role:
        raise StudioError(
            f"{file} holds no weights of a {role} of the profiles here: please describe its layers in a JSON file "
            "(docs/exchange.md), or give it as ONNX."
        )
    codes = {"generator": ("project.weight", -1), "encoder": ("mean.0.weight", 0)}
    if role in codes:
        name, axis = codes[role]
        if found[name].ndim != 2 or not 2 <= found[name].shape[axis] <= 4096:
            raise StudioError(
                f"{file}, tensor {name}: expected two dimensions, one of them 2 to 4096 for the codes."
            )
        profile = profile.model_copy(update={"latent_dimensions": found[name].shape[axis]})
    network: nn.Module
    with torch.random.fork_rng(devices=[]):  # weights are drawn before they are replaced
        match role:
            case "generator":
                network = new_generator(profile, data.image_shape)
            case "encoder":
                network = new_encoder(profile, data.image_shape)
            case "classifier":
                network = Classifier(data.image_shape, data.number_of_labels, profile.classifier.widths)
    what = f"{file}, as the {role} of the profile {profile.name} for images of {data.name}"
    return _filled(network, found, what)


def with_weights(network: Network, file: Path, prefix: str = "") -> Network:
    """A network with the weights of a file in place of its own, in evaluation mode.

    Args:
        prefix: before the names of its weights in the file; tensors without it are others'.

    Raises:
        StudioError: a tensor is missing, foreign, of another shape, or holds what is no finite number.
    """
    found = {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors_of(read_plain(file, LARGEST_FILE), file).items()
        if name.startswith(prefix)
    }
    return _filled(network, found, str(file))


def _filled(network: Network, found: dict[str, torch.Tensor], where: str) -> Network:
    expected = network.state_dict()
    kept: dict[str, torch.Tensor] = {}
    for name, wanted in expected.items():
        tensor = found.get(name)
        if name.endswith(COUNTER):
            kept[name] = torch.zeros((), dtype=torch.int64)
        elif tensor is None:
            raise StudioError(f"{where}: expected a tensor {name} of shape {list(wanted.shape)}, found none.")
        elif tensor.shape != wanted.shape or not tensor.is_floating_point():
            raise StudioError(
                f"{where}, tensor {name}: expected {described(wanted)}, found {described(tensor)}."
            )
        elif not bool(torch.isfinite(tensor).all()):
            raise StudioError(f"{where}, tensor {name}: expected finite numbers, found infinite ones or NaN.")
        else:
            kept[name] = tensor.float()
    for name in sorted(set(found) - set(expected)):
        if not name.endswith(COUNTER):
            raise StudioError(f"{where}, tensor {name[:80]}: expected no tensor of this name.")
    network.load_state_dict(kept, assign=True)
    return network.eval().requires_grad_(False)
