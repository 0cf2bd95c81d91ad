"""Open a bundle, trusting nothing: what does not validate is refused in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray
from torch import nn

from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors
from lsd_studio.engine.bundle.checked_files import (
    LARGEST_TEXT_FILE,
    check_listing,
    check_names,
    open_manifest,
    open_network,
    open_profile,
    read_listed,
)
from lsd_studio.engine.bundle.first_batch import LARGEST_RESULT, check_results, check_size
from lsd_studio.engine.bundle.imported import bundles_folder, imported_bundles
from lsd_studio.engine.bundle.manifest import (
    BASIS,
    EVALUATION,
    MANIFEST,
    NETWORK_FILES,
    ONNX_FILES,
    PRIOR,
    PROFILE,
    FileRecord,
    Manifest,
)
from lsd_studio.engine.bundle.writing import standing_place
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.onnx_networks import Role
from lsd_studio.engine.exchange.onnx_trial import OnnxFile, tried_networks
from lsd_studio.engine.images.pixel_rule import PixelRule
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.models.networks import Classifier, Discriminator, Judge
from lsd_studio.engine.models.prior import Prior
from lsd_studio.engine.platform.resources import resource
from lsd_studio.engine.runs.new_networks import new_discriminator, new_encoder, new_generator
from lsd_studio.engine.runs.profiles import Profile
from lsd_studio.files.json_text import parse_json_object
from lsd_studio.files.plain_files import read_plain

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
    basis: QuasiEigenvectors
    profile: Profile
    hash: str

    @property
    def made_from_ink(self) -> bool:
        """Whether the networks know images as MNIST's: bright ink on black, scaled and centred."""
        return self.manifest.made_from_ink

    @property
    def pixel_rule(self) -> PixelRule | None:
        """The rule by which the training images became 8-bit pixels, if they had one."""
        reading = self.manifest.data.reading
        return None if reading is None else reading.pixels

    def discriminator(self) -> Discriminator | None:
        """The discriminator, for training that goes on from here; None where the bundle has none.

        Raises:
            StudioError: its file has changed since the bundle was opened.
        """
        name = NETWORK_FILES["discriminator"]
        if name not in self.manifest.files:
            return None
        shape = self.manifest.image_shape
        return open_network(
            lambda: new_discriminator(self.profile, shape), self.path / name, self.manifest.files[name]
        )

    def evaluation(self) -> dict[str, object] | None:
        """What `evaluate` last found for this bundle, or None.

        Raises:
            StudioError: the file beside the manifest is no JSON object.
        """
        return read_evaluation(self.path)


def shipped_bundles() -> tuple[str, ...]:
    """Names of the bundles that come with LSD Studio, the one to open first in front."""
    found = [folder.name for folder in shipped_folders() if (folder / BASIS).is_file()]
    return tuple(sorted(found, key=lambda name: name != "mnist-studio"))


def shipped_folders() -> tuple[Path, ...]:
    """The folders of all that comes with LSD Studio trained: bundles and autoencoders, by name."""
    try:
        folder = resource("bundles")
    except StudioError:
        return ()
    return tuple(sorted(entry for entry in folder.iterdir() if (entry / MANIFEST).is_file()))


def ships(folder: Path) -> bool:
    """Whether this very folder comes with LSD Studio; a copy of it elsewhere does not."""
    return folder.resolve() in {shipped.resolve() for shipped in shipped_folders()}


def is_shipped_name(path_or_name: str | Path) -> bool:
    """Whether this names a bundle or an autoencoder that comes with LSD Studio, and no file or folder here."""
    shipped = {folder.name for folder in shipped_folders()}
    return str(path_or_name) in shipped and not Path(path_or_name).exists()


def known_name(path: Path) -> str:
    """The name that a person knows a bundle by: its folder's, or that of the run that holds it."""
    return path.parent.name if path.name == "bundle" else path.name


def find_bundle(path_or_name: str | Path) -> Path:
    """The folder of a bundle: given itself, a run that holds it in `bundle/`, or the name of a shipped or imported one.

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
    if str(path_or_name) in imported_bundles():
        return bundles_folder() / str(path_or_name)
    named = " or ".join((*shipped_bundles(), *imported_bundles())) or "none here"
    raise StudioError(
        f"{path_or_name} is neither a bundle's folder nor the name of a shipped or imported bundle ({named}): "
        "please check its spelling."
    )


def read_manifest(path_or_name: str | Path) -> Manifest:
    """The validated manifest of a bundle alone, without opening what it describes.

    Raises:
        StudioError: there is no bundle, or its manifest does not validate.
    """
    return open_manifest(find_bundle(path_or_name), Manifest)[0]


def read_evaluation(path: Path) -> dict[str, object] | None:
    """What the last evaluation kept in the bundle's folder at `path` found, or None.

    Raises:
        StudioError: the file beside the manifest is no JSON object.
    """
    file = path / EVALUATION
    if not file.exists():
        return None
    return parse_json_object(read_plain(file, LARGEST_TEXT_FILE), file)


def open_bundle(path_or_name: str | Path) -> Bundle:
    """Open and check a bundle: its folder, a run that holds one, or the name of a shipped or imported one.

    Only files that the manifest lists are read; each must be a plain file of the folder with the size and SHA-256
    stated there; every tensor must have the name, shape and type that the profile's networks expect and finite values;
    ξ must be orthogonal, and the networks are tried on two codes.

    Raises:
        StudioError: it does not validate; the sentence names the file, the field and what was expected.
    """
    path = find_bundle(path_or_name)
    manifest, manifest_hash = open_manifest(path, Manifest)
    check_listing(path, manifest.files.keys())
    profile = _open_profile(path, manifest)
    networks = _open_networks(path, manifest, profile)
    bundle = Bundle(path, manifest, networks, _open_basis(path, manifest), profile, manifest_hash)
    bundle.discriminator()
    check_results(bundle.networks, path)
    return bundle


def _open_networks(path: Path, manifest: Manifest, profile: Profile) -> Networks:
    shape, dimensions, labels = manifest.image_shape, manifest.latent_dimensions, manifest.number_of_labels
    builders: dict[Role, Callable[[], nn.Module]] = {
        "generator": lambda: new_generator(profile, shape),
        "encoder": lambda: new_encoder(profile, shape),
        "classifier": lambda: Classifier(shape, labels, profile.classifier.widths),
    }
    networks: dict[Role, nn.Module] = {}
    foreign: dict[Role, OnnxFile] = {}
    for role, build in builders.items():
        name = manifest.file_of(role)
        file, record = path / name, manifest.files[name]
        if name == ONNX_FILES[role]:
            foreign[role] = read_listed(file, record), str(file)
        else:
            networks[role] = open_network(build, file, record)
    networks |= tried_networks(
        foreign, image_shape=shape, number_of_labels=labels, latent_dimensions=dimensions
    )
    judge, file_of_judge = None, NETWORK_FILES["judge"]
    if file_of_judge in manifest.files:
        if profile.judge is None:
            raise StudioError(
                f"{path / PROFILE}: expected the section judge, for {MANIFEST} lists {file_of_judge}."
            )
        widths = profile.judge.widths
        judge = open_network(
            lambda: Judge(shape, labels, widths), path / file_of_judge, manifest.files[file_of_judge]
        )
    return Networks(
        networks["generator"],
        networks["encoder"],
        networks["classifier"],
        shape,
        labels,
        dimensions,
        judge,
        _open_prior(path, manifest),
    )


def _open_prior(path: Path, manifest: Manifest) -> Prior:
    stated = manifest.prior
    if stated is None or stated.kind != "samples":
        return Prior(stated)
    file = path / PRIOR
    samples = _open_arrays(file, manifest.files[PRIOR], {"samples"})["samples"]
    shape = stated.samples, manifest.latent_dimensions
    if samples.shape != shape or samples.dtype != np.float32:
        raise StudioError(
            f"{file}, tensor samples: expected float32 {list(shape)}, found {samples.dtype} {list(samples.shape)}."
        )
    check_size(samples, f"{file}: the samples of the prior")
    return Prior(stated, samples)


def _open_profile(path: Path, manifest: Manifest) -> Profile:
    profile = open_profile(path / PROFILE, manifest.files[PROFILE])
    for field, found, expected in (
        ("name", profile.name, manifest.profile),
        ("latent_dimensions", profile.latent_dimensions, manifest.latent_dimensions),
    ):
        if found != expected:
            raise StudioError(
                f"{path / PROFILE}, field {field}: expected {expected} as in {MANIFEST}, found {found}."
            )
    return profile


def _open_basis(path: Path, manifest: Manifest) -> QuasiEigenvectors:
    file = path / BASIS
    found = _open_arrays(file, manifest.files[BASIS], {"eta", "xi"})
    dimensions = manifest.latent_dimensions
    for key, vectors in found.items():
        if vectors.shape != (dimensions, dimensions) or vectors.dtype != np.float64:
            raise StudioError(
                f"{file}, tensor {key}: expected float64 {[dimensions, dimensions]}, "
                f"found {vectors.dtype} {list(vectors.shape)}."
            )
        if not np.isfinite(vectors).all():
            raise StudioError(f"{file}, tensor {key}: expected finite numbers, found infinite ones or NaN.")
    largest = np.abs(found["eta"]).max(axis=1)
    if not ((largest >= 1 / LARGEST_RESULT) & (largest <= LARGEST_RESULT)).all():
        raise StudioError(
            f"{file}, tensor eta: expected averages of codes, with largest components from {1 / LARGEST_RESULT:g} to "
            f"{LARGEST_RESULT:g}; please get the bundle again or build its basis anew."
        )
    if _orthogonality_error(found["xi"]) > ORTHOGONALITY_TOLERANCE:
        raise StudioError(f"{file}, tensor xi: expected orthogonal vectors of squared norm {dimensions}.")
    return QuasiEigenvectors.from_vectors(found["eta"], found["xi"], manifest.number_of_labels)


def _open_arrays(file: Path, record: FileRecord, names: set[str]) -> dict[str, NDArray[Any]]:
    """The arrays of these names, and no others, in a listed file."""
    try:
        found = safetensors.numpy.load(read_listed(file, record))
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise StudioError(f"{file}: expected the safetensors format, found something else.") from error
    check_names(file, set(found), names)
    return found


def _orthogonality_error(xi: NDArray[np.float64]) -> float:
    dimensions = xi.shape[1]
    with np.errstate(over="ignore", invalid="ignore"):
        error = float(np.abs(xi @ xi.T / dimensions - np.eye(dimensions)).max())
    return error if np.isfinite(error) else np.inf
