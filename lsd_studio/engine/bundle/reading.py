"""Open a bundle, trusting nothing: what does not validate is refused in one sentence."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import safetensors
import safetensors.numpy
import torch
from numpy.typing import NDArray
from safetensors.torch import load as tensors_from_bytes
from torch import nn

from lsd_studio.engine.bundle.manifest import (
    BASIS,
    EVALUATION,
    EVALUATIONS,
    MANIFEST,
    NETWORK_FILES,
    OPERATORS,
    PROFILE,
    FileName,
    Manifest,
    validate_manifest,
)
from lsd_studio.engine.bundle.writing import standing_place
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.inference import Networks
from lsd_studio.engine.networks import Classifier, Discriminator, Encoder, Generator, validate_image_shape
from lsd_studio.engine.profiles import Profile, parse_profile
from lsd_studio.engine.quasi_eigenbasis import QuasiEigenbasis
from lsd_studio.engine.resources import resource

Network = TypeVar("Network", bound=nn.Module)

LARGEST_TEXT_FILE = 32 * 2**20
"""Bytes that a manifest or an evaluation may have."""

ORTHOGONALITY_TOLERANCE = 1e-9
"""Largest |⟨ξ_i|ξ_j⟩| / M, i ≠ j, and |⟨ξ_i|ξ_i⟩ / M − 1| that a basis may have."""


@dataclass(frozen=True, eq=False)
class Bundle:
    """Trained networks with their quasi-eigenbasis.

    Attributes:
        path: the bundle's folder.
        manifest: where its numbers come from.
        networks: generator, encoder and classifier, ready for inference.
        basis: η and ξ, float64 [n·l, M], set outer, label inner.
        profile: the settings that it was trained with.
        hash: SHA-256 of its manifest, and so of all its files.

    """

    path: Path
    manifest: Manifest
    networks: Networks
    basis: QuasiEigenbasis
    profile: Profile
    hash: str

    @property
    def made_from_ink(self) -> bool:
        """Whether the networks know images as MNIST's: bright ink on black, scaled and centred."""
        return self.manifest.data.name.startswith(("mnist", "emnist"))

    def discriminator(self) -> Discriminator | None:
        """The discriminator, for training that goes on from here; None where the bundle has none.

        Raises:
            StudioError: its file has changed since the bundle was opened.

        """
        if NETWORK_FILES["discriminator"] not in self.manifest.files:
            return None
        shape = self.manifest.image_shape
        return _open_network(lambda: Discriminator(shape), self.path, "discriminator", self.manifest)

    def evaluation(self) -> dict[str, object] | None:
        """What `evaluate` last found for this bundle, or None.

        Raises:
            StudioError: the file beside the manifest is no JSON object.

        """
        return read_evaluation(self.path)


def shipped_bundles() -> tuple[str, ...]:
    """Names of the bundles that come with LSD Studio, the one to open first in front."""
    try:
        folder = resource("bundles")
    except StudioError:
        return ()
    found = sorted(entry.name for entry in folder.iterdir() if (entry / MANIFEST).is_file())
    return tuple(sorted(found, key=lambda name: name != "mnist-studio"))


def is_shipped_name(path_or_name: str | Path) -> bool:
    """Whether this names a bundle that comes with LSD Studio, and no file or folder here."""
    return str(path_or_name) in shipped_bundles() and not Path(path_or_name).exists()


def find_bundle(path_or_name: str | Path) -> Path:
    """The folder of a bundle: given itself, a run that holds it in `bundle/`, or the name of a shipped one.

    Raises:
        StudioError: nothing of the kind is there.

    """
    path = Path(path_or_name)
    if path.is_dir() and (path / "run.json").exists() and not (path / MANIFEST).exists():
        path = path / "bundle"
        if not standing_place(path).exists():
            raise StudioError(
                f"{path.parent} is a run whose training has not finished: please finish it with "
                f"`lsd-studio train --out {path.parent} --resume`."
            )
    if standing_place(path).exists():
        return standing_place(path)
    if is_shipped_name(path_or_name):
        return resource("bundles", str(path_or_name))
    shipped = " or ".join(shipped_bundles()) or "none here"
    raise StudioError(
        f"{path_or_name} is neither a bundle's folder nor the name of a shipped bundle ({shipped}): "
        "please check its spelling."
    )


def read_manifest(path_or_name: str | Path) -> Manifest:
    """The validated manifest of a bundle alone, without opening what it describes.

    Raises:
        StudioError: there is no bundle, or its manifest does not validate.

    """
    return _read_manifest(find_bundle(path_or_name))[0]


def read_evaluation(path: Path) -> dict[str, object] | None:
    """What the last evaluation kept in the bundle's folder at `path` found, or None.

    Raises:
        StudioError: the file beside the manifest is no JSON object.

    """
    file = path / EVALUATION
    if not file.exists():
        return None
    return _parse_object(_read(file, LARGEST_TEXT_FILE), file)


def open_bundle(path_or_name: str | Path) -> Bundle:
    """Open and check a bundle: its folder, a run that holds one, or the name of a shipped one.

    Every file must be a plain file of the folder, listed in the manifest with its size and SHA-256; every tensor
    must have the name, shape and type that the profile's networks expect and finite values; ξ must be orthogonal.

    Raises:
        StudioError: it does not validate; the sentence names the file, the field and what was expected.

    """
    path = find_bundle(path_or_name)
    manifest, manifest_hash = _read_manifest(path)
    _check_listing(path, manifest)
    profile = _open_profile(path, manifest)
    networks = _open_networks(path, manifest, profile)
    bundle = Bundle(path, manifest, networks, _open_basis(path, manifest), profile, manifest_hash)
    bundle.discriminator()
    return bundle


def _open_networks(path: Path, manifest: Manifest, profile: Profile) -> Networks:
    shape, dimensions, labels = manifest.image_shape, manifest.latent_dimensions, manifest.number_of_labels
    encoder = profile.encoder
    return Networks(
        _open_network(lambda: Generator(dimensions, shape), path, "generator", manifest),
        _open_network(
            lambda: Encoder(shape, dimensions, encoder.trunk, encoder.heads), path, "encoder", manifest
        ),
        _open_network(
            lambda: Classifier(shape, labels, profile.classifier.widths), path, "classifier", manifest
        ),
        shape,
        labels,
        dimensions,
    )


def _read_manifest(path: Path) -> tuple[Manifest, str]:
    if not path.is_dir():
        raise StudioError(
            f"{path}: expected a bundle's folder, found a file; please choose the folder it is in."
        )
    file = path / MANIFEST
    if not os.path.lexists(file):
        raise StudioError(f"{path} is no bundle: expected a file {MANIFEST} in it.")
    content = _read(file, LARGEST_TEXT_FILE)
    manifest = validate_manifest(_parse_object(content, file), str(file))
    try:
        validate_image_shape(manifest.image_shape)
    except StudioError as error:
        raise StudioError(f"{file}, field image_shape: {error}") from error
    return manifest, hashlib.sha256(content).hexdigest()


def _check_listing(path: Path, manifest: Manifest) -> None:
    present = {entry.name for entry in path.iterdir()}
    missing = sorted(set(manifest.files) - present)
    if missing:
        raise StudioError(f"{path / missing[0]} is missing: expected the file that {MANIFEST} lists.")
    foreign = sorted(present - set(manifest.files) - {MANIFEST, EVALUATION, EVALUATIONS, OPERATORS})
    if foreign:
        raise StudioError(
            f"{path / foreign[0]} does not belong to the bundle: expected only files that {MANIFEST} lists."
        )


def _read(file: Path, largest: int) -> bytes:
    """The bytes of a plain file that is no link, at most `largest` of them."""
    try:
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        if file.is_symlink():
            raise StudioError(
                f"{file} is a link: expected a plain file inside the bundle's folder."
            ) from error
        raise StudioError(
            f"{file} could not be read ({error.strerror}): please check that it is a readable file."
        ) from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise StudioError(f"{file} is no plain file: expected a plain file inside the bundle's folder.")
    with os.fdopen(descriptor, "rb") as opened:
        if status.st_size > largest:
            raise StudioError(f"{file}, size: expected at most {largest} bytes, found {status.st_size}.")
        return opened.read(largest + 1)


def _read_listed(path: Path, name: FileName, manifest: Manifest) -> bytes:
    """The bytes of a listed file, once their number and hash are what the manifest says."""
    file = path / name
    record = manifest.files[name]
    content = _read(file, 2**30)
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


def _parse_object(content: bytes, file: Path) -> dict[str, object]:
    try:
        parsed = json.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise StudioError(
            f"{file}: expected JSON text, found something else or only a part of it."
        ) from error
    if not isinstance(parsed, dict):
        raise StudioError(f"{file}: expected a JSON object.")
    return parsed


def _open_profile(path: Path, manifest: Manifest) -> Profile:
    file = path / PROFILE
    content = _read_listed(path, PROFILE, manifest)
    try:
        profile = parse_profile(tomllib.loads(content.decode("utf-8")), str(file))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise StudioError(f"{file}: expected TOML text, found something else.") from error
    for field, found, expected in (
        ("name", profile.name, manifest.profile),
        ("latent_dimensions", profile.latent_dimensions, manifest.latent_dimensions),
    ):
        if found != expected:
            raise StudioError(f"{file}, field {field}: expected {expected} as in {MANIFEST}, found {found}.")
    return profile


def _open_network(build: Callable[[], Network], path: Path, name: str, manifest: Manifest) -> Network:
    file = path / NETWORK_FILES[name]
    content = _read_listed(path, NETWORK_FILES[name], manifest)
    try:
        found = tensors_from_bytes(content)
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise StudioError(f"{file}: expected the safetensors format, found something else.") from error
    with torch.device(
        "meta"
    ):  # no memory for weights, so that a manifest cannot ask for more than its files hold
        network = build()
    expected = network.state_dict()
    _check_names(file, set(found), set(expected))
    for key, tensor in expected.items():
        if found[key].shape != tensor.shape or found[key].dtype != tensor.dtype:
            raise StudioError(
                f"{file}, tensor {key}: expected {_described(tensor)}, found {_described(found[key])}."
            )
        if found[key].is_floating_point() and not bool(torch.isfinite(found[key]).all()):
            raise StudioError(f"{file}, tensor {key}: expected finite numbers, found infinite ones or NaN.")
    network.load_state_dict(found, assign=True)
    return network.eval().requires_grad_(False)


def _open_basis(path: Path, manifest: Manifest) -> QuasiEigenbasis:
    file = path / BASIS
    try:
        found = safetensors.numpy.load(_read_listed(path, BASIS, manifest))
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise StudioError(f"{file}: expected the safetensors format, found something else.") from error
    _check_names(file, set(found), {"eta", "xi"})
    dimensions = manifest.latent_dimensions
    for key, vectors in found.items():
        if vectors.shape != (dimensions, dimensions) or vectors.dtype != np.float64:
            raise StudioError(
                f"{file}, tensor {key}: expected float64 {[dimensions, dimensions]}, "
                f"found {vectors.dtype} {list(vectors.shape)}."
            )
        if not np.isfinite(vectors).all():
            raise StudioError(f"{file}, tensor {key}: expected finite numbers, found infinite ones or NaN.")
    if _orthogonality_error(found["xi"]) > ORTHOGONALITY_TOLERANCE:
        raise StudioError(f"{file}, tensor xi: expected orthogonal vectors of squared norm {dimensions}.")
    return QuasiEigenbasis.from_vectors(found["eta"], found["xi"], manifest.number_of_labels)


def _orthogonality_error(xi: NDArray[np.float64]) -> float:
    dimensions = xi.shape[1]
    with np.errstate(over="ignore", invalid="ignore"):
        error = float(np.abs(xi @ xi.T / dimensions - np.eye(dimensions)).max())
    return error if np.isfinite(error) else np.inf


def _check_names(file: Path, found: set[str], expected: set[str]) -> None:
    for name in sorted(expected - found):
        raise StudioError(f"{file}: expected a tensor {name}, found none.")
    for name in sorted(found - expected):
        raise StudioError(f"{file}, tensor {name}: expected no tensor of this name.")


def _described(tensor: torch.Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {list(tensor.shape)}"
