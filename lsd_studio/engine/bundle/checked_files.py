"""Files of a bundle, read as what anyone may have sent: plain, listed, of the stated size and hash, and finite."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Set
from pathlib import Path
from typing import TypeVar

import safetensors
import torch
from safetensors.torch import load as tensors_from_bytes
from torch import nn

from lsd_studio.engine.bundle.manifest import MANIFEST, FileRecord, SomeManifest, validate_manifest
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.models.networks import validate_image_shape
from lsd_studio.engine.runs.profiles import Profile, parse_profile
from lsd_studio.files.json_text import parse_json_object
from lsd_studio.files.plain_files import read_plain
from lsd_studio.files.toml_text import parse_toml

Network = TypeVar("Network", bound=nn.Module)

LARGEST_TEXT_FILE = 32 * 2**20
"""Bytes that a manifest or an evaluation may have."""


def check_listing(path: Path, listed: Set[str]) -> None:
    """Refuse a bundle's folder that lacks a file which its manifest lists.

    What else lies there, a system's own files or a person's figures, is never read and so never in the way.

    Raises:
        StudioError: a file is missing.
    """
    missing = sorted(listed - {entry.name for entry in path.iterdir()})
    if missing:
        raise StudioError(f"{path / missing[0]} is missing: expected the file that {MANIFEST} lists.")


def read_listed(file: Path, record: FileRecord) -> bytes:
    """The bytes of a listed file, once their number and hash are what the manifest says.

    Raises:
        StudioError: they are not, or the file cannot be read.
    """
    content = read_plain(file, 2**30)
    if len(content) != record.bytes:
        raise StudioError(
            f"{file}, size: expected the {record.bytes} bytes that {MANIFEST} states, found {len(content)}; "
            "please copy the bundle again."
        )
    found = hashlib.sha256(content).hexdigest()
    if found != record.sha256:
        raise StudioError(
            f"{file}, sha256: expected {record.sha256[:12]}… as {MANIFEST} states, found {found[:12]}…; "
            "please copy the bundle again."
        )
    return content


def open_manifest(path: Path, kind: type[SomeManifest]) -> tuple[SomeManifest, str]:
    """The validated manifest of that kind in a bundle's folder, and its SHA-256.

    Raises:
        StudioError: there is none, it is that of something else, or it does not validate.
    """
    if not path.is_dir():
        raise StudioError(
            f"{path}: expected a bundle's folder, found a file; please choose the folder it is in."
        )
    file = path / MANIFEST
    if not os.path.lexists(file):
        raise StudioError(f"{path} is not a bundle: expected a file {MANIFEST} in it.")
    content = read_plain(file, LARGEST_TEXT_FILE)
    manifest = validate_manifest(parse_json_object(content, file), str(file), kind)
    try:
        validate_image_shape(manifest.image_shape)
    except StudioError as error:
        raise StudioError(f"{file}, field image_shape: {error}") from error
    return manifest, hashlib.sha256(content).hexdigest()


def open_profile(file: Path, record: FileRecord) -> Profile:
    """The profile in a listed file.

    Raises:
        StudioError: it is no TOML text, or not what the manifest lists, or does not validate.
    """
    return parse_profile(parse_toml(read_listed(file, record), file), str(file))


def open_network(build: Callable[[], Network], file: Path, record: FileRecord) -> Network:
    """The network that `build` makes, with the weights of a listed file, ready for inference.

    Raises:
        StudioError: a tensor is missing or foreign, has another shape or type, or holds what is no finite number.
    """
    found = tensors_of(read_listed(file, record), file)
    # No memory for weights, so that a manifest cannot ask for more than its files hold.
    with torch.device("meta"):
        network = build()
    expected = network.state_dict()
    check_names(file, set(found), set(expected))
    for key, tensor in expected.items():
        if found[key].shape != tensor.shape or found[key].dtype != tensor.dtype:
            raise StudioError(
                f"{file}, tensor {key}: expected {described(tensor)}, found {described(found[key])}."
            )
        if found[key].is_floating_point() and not all(map(torch.isfinite, found[key].aminmax())):
            raise StudioError(f"{file}, tensor {key}: expected finite numbers, found infinite ones or NaN.")
    network.load_state_dict(found, assign=True)
    return network.eval().requires_grad_(False)


def tensors_of(content: bytes, file: Path) -> dict[str, torch.Tensor]:
    """The tensors in the content of a safetensors file.

    Raises:
        StudioError: it is none; the sentence names the file.
    """
    try:
        return tensors_from_bytes(content)
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise StudioError(f"{file}: expected the safetensors format, found something else.") from error


def check_names(file: Path, found: set[str], expected: set[str]) -> None:
    """Refuse a file whose tensors have other names than expected.

    Raises:
        StudioError: one is missing or foreign.
    """
    for name in sorted(expected - found):
        raise StudioError(f"{file}: expected a tensor {name}, found none.")
    for name in sorted(found - expected):
        raise StudioError(f"{file}, tensor {name}: expected no tensor of this name.")


def described(tensor: torch.Tensor | None) -> str:
    """Type and shape of a tensor, or that there is none."""
    return "none" if tensor is None else f"{str(tensor.dtype).removeprefix('torch.')} {list(tensor.shape)}"
