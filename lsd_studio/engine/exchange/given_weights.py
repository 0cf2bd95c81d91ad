"""Networks that are given by their weights, written as the ONNX files that an adoption takes."""

from __future__ import annotations

from pathlib import Path

import torch

from lsd_studio.engine.datasets import LabelledImages
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.adoption import Given
from lsd_studio.engine.exchange.described_networks import read_described_network
from lsd_studio.engine.exchange.live_networks import onnx_of
from lsd_studio.engine.exchange.onnx_exporter import plain
from lsd_studio.engine.exchange.onnx_networks import Role
from lsd_studio.engine.exchange.state_dicts import read_own_network
from lsd_studio.engine.models.networks import Generator
from lsd_studio.engine.runs.profiles import Profile


def with_onnx_files(given: Given, profile: Profile, data: LabelledImages, folder: Path) -> Given:
    """What was given, with ONNX files in a folder in place of descriptions (`.json`) and weights (`.safetensors`).

    Raises:
        StudioError: as `read_described_network` and `read_own_network`; or a description is that of another role.
    """
    files = {role: _onnx_file(role, file, profile, data, folder) for role, file in given.files.items()}
    return Given(files["generator"], files.get("encoder"), files.get("classifier"), given.prior)


def _onnx_file(role: Role, file: Path, profile: Profile, data: LabelledImages, folder: Path) -> Path:
    shape: tuple[int, ...]
    match file.suffix.lower():
        case ".json":
            stated, network = read_described_network(file)
            if stated.role != role:
                raise StudioError(
                    f"{file} describes a network as {stated.role}: please give it as --{stated.role}."
                )
            shape = stated.input
        case ".safetensors":
            network = plain(read_own_network(file, role, profile, data))
            shape = data.image_shape
            if isinstance(network, Generator):
                shape = (network.project.in_features,)
        case _:
            return file
    (folder / role).mkdir()
    written = folder / role / f"{file.stem}.onnx"
    written.write_bytes(onnx_of(role, network, torch.zeros(2, *shape)))
    return written
