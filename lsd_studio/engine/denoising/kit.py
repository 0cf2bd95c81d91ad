"""The trained denoisers that go with a bundle: a folder of its own, safe to open whoever sent it.

`manifest.json` says what the files are, for which data set and generator, and what their training took;
`baselines.safetensors` holds the autoencoder and the principal components (in half precision), `encoder.safetensors`
(likewise) the encoder that saw noise. A kit is stored beside a bundle, as `BUNDLE-denoisers`, or ships.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import numpy as np
import safetensors
import safetensors.torch
import torch
from pydantic import Field
from torch import Tensor, nn

from lsd_studio.engine.bundle import Bundle, FileRecord, library_versions, ships
from lsd_studio.engine.bundle.checked_files import tensors_of
from lsd_studio.engine.bundle.writing import file_record, replace_folder
from lsd_studio.engine.denoising.autoencoder import DenoisingAutoencoder
from lsd_studio.engine.denoising.baselines import Parameters, PrincipalComponents
from lsd_studio.engine.denoising.noise import Noise
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.platform.resources import resource
from lsd_studio.engine.runs.files import data_folder
from lsd_studio.engine.runs.new_networks import new_encoder
from lsd_studio.engine.vocabulary import NoiseKind
from lsd_studio.files.json_text import Strict, json_bytes, read_json
from lsd_studio.files.plain_files import read_plain

MANIFEST, BASELINES, ENCODER = "manifest.json", "baselines.safetensors", "encoder.safetensors"
COMPONENTS = "mean", "components", "variances"
LARGEST_FILE = 64 * 2**20

Network = TypeVar("Network", bound=nn.Module)
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class TrainingRecord(Strict):
    """What a training took: steps of 100 images, seconds of processor time on one thread, its seed."""

    steps: Annotated[int, Field(ge=1)]
    seconds: NotNegative
    seed: Annotated[int, Field(ge=0)]


class ChosenParameters(Strict):
    """The parameters of the classical baselines for one noise, chosen on held-out training images."""

    kind: NoiseKind
    level: NotNegative
    weight: NotNegative
    strength: NotNegative
    deviation: NotNegative
    terms: Annotated[int, Field(ge=1)]


class KitManifest(Strict):
    """The contents of a kit's `manifest.json`.

    Attributes:
        data: name of the data set; data_checksum: SHA-256 of its training split.
        generator: SHA-256 of the file of the bundle's generator, into whose latent space the encoder encodes.
        training_images: how many were trained on; held_out_images: on how many the parameters were chosen.
        autoencoder, encoder: the two trainings.
        parameters: of the classical baselines, by noise.
    """

    format: Literal["lsd-studio-denoisers"]
    format_version: Literal[1]
    data: Annotated[str, Field(min_length=1, max_length=4096)]
    data_checksum: Hash
    generator: Hash
    training_images: Annotated[int, Field(ge=1)]
    held_out_images: Annotated[int, Field(ge=1)]
    autoencoder: TrainingRecord
    encoder: TrainingRecord
    parameters: Annotated[tuple[ChosenParameters, ...], Field(min_length=1, max_length=1000)]
    versions: dict[str, str]
    files: dict[Literal["baselines.safetensors", "encoder.safetensors"], FileRecord]


@dataclass(frozen=True, eq=False)
class Kit:
    """Trained denoisers, ready for use.

    Attributes:
        autoencoder, components: the baselines.
        networks: those of the bundle with the encoder that saw noise; None where that belongs to another generator.
    """

    manifest: KitManifest
    autoencoder: DenoisingAutoencoder
    components: PrincipalComponents
    networks: Networks | None


def parameters_for(kit: Kit | None, noise: Noise) -> Parameters:
    """Those chosen for the nearest level of this kind of noise, by the first shipped kit where there is none."""
    manifest = read_manifest(_shipped()[0]) if kit is None else kit.manifest
    of_kind = [entry for entry in manifest.parameters if entry.kind == noise.kind]
    near = min(of_kind, key=lambda entry: abs(entry.level - noise.level))
    return Parameters(near.weight, near.strength, near.deviation, near.terms)


def save_kit(
    path: Path,
    bundle: Bundle,
    *,
    autoencoder: nn.Module,
    components: PrincipalComponents,
    encoder: nn.Module,
    parameters: Mapping[Noise, Parameters],
    trainings: tuple[TrainingRecord, TrainingRecord],
    images: tuple[int, int],
) -> KitManifest:
    """Write a kit for a bundle to the folder `path`, all or nothing.

    Args:
        trainings: of the autoencoder and of the encoder.
        images: how many were trained on, and on how many the parameters were chosen.

    Raises:
        StudioError: the folder cannot be written, or holds something else.
    """
    baselines = {f"autoencoder.{name}": values for name, values in autoencoder.state_dict().items()}
    for name in COMPONENTS:
        baselines[f"components.{name}"] = torch.from_numpy(getattr(components, name))
    baselines["components.components"] = baselines["components.components"].half()
    half = {
        name: values.half() if values.is_floating_point() else values
        for name, values in encoder.state_dict().items()
    }
    contents = {
        name: safetensors.torch.save({key: value.contiguous().clone() for key, value in tensors.items()})
        for name, tensors in ((BASELINES, baselines), (ENCODER, half))
    }
    manifest = KitManifest.model_validate(
        {
            "format": "lsd-studio-denoisers",
            "format_version": 1,
            "data": bundle.manifest.data.name,
            "data_checksum": bundle.manifest.data.checksum,
            "generator": bundle.manifest.record_of("generator").sha256,
            "training_images": images[0],
            "held_out_images": images[1],
            "autoencoder": trainings[0],
            "encoder": trainings[1],
            "parameters": [
                {"kind": noise.kind, "level": noise.level, **vars(chosen)}
                for noise, chosen in parameters.items()
            ],
            "versions": library_versions(),
            "files": {name: file_record(content) for name, content in contents.items()},
        }
    )
    described = json_bytes(manifest.model_dump(mode="json")) + b"\n"
    replace_folder(path, {MANIFEST: described, **contents})
    return manifest


def find_kit(bundle: Bundle) -> Kit | None:
    """The kit beside the bundle, or a shipped one for its data set, with its encoder where that fits the generator.

    Raises:
        StudioError: a kit does not validate.
    """
    folder = kit_folder(bundle)
    return None if folder is None else open_kit(folder, bundle)


def kit_place(bundle: Bundle) -> Path:
    """Where a bundle's own kit is: beside it; of one that ships, in the user's data folder."""
    name = f"{bundle.path.name}-denoisers"
    return data_folder() / "denoisers" / name if ships(bundle.path) else bundle.path.with_name(name)


def kit_folder(bundle: Bundle) -> Path | None:
    """Where `find_kit` finds the kit, if there is one.

    Raises:
        StudioError: a kit's manifest does not validate.
    """
    beside, generator = kit_place(bundle), bundle.manifest.record_of("generator").sha256
    kits = {path: read_manifest(path) for path in ([beside] if beside.is_dir() else []) + _shipped()}
    fitting = [path for path, kit in kits.items() if kit.data_checksum == bundle.manifest.data.checksum]
    return min(fitting, key=lambda path: kits[path].generator != generator, default=None)


def read_manifest(path: Path) -> KitManifest:
    """The validated manifest of a kit.

    Raises:
        StudioError: it does not validate; the sentence names the file and the field.
    """
    advice = "please train the denoisers again with `lsd-studio denoise BUNDLE --train`"
    return read_json(path / MANIFEST, KitManifest, follow_links=False, advice=advice)


def open_kit(path: Path, bundle: Bundle) -> Kit:
    """Open and check a kit for use with a bundle.

    Raises:
        StudioError: it does not validate.
    """
    manifest = read_manifest(path)
    shape = bundle.networks.image_shape
    tensors = _tensors(path / BASELINES, manifest)
    mean, vectors, variances = (tensors.pop(f"components.{name}", torch.empty(0)) for name in COMPONENTS)
    pixels, count = int(np.prod(shape)), len(variances)
    if mean.shape != (pixels,) or vectors.shape != (count, pixels) or count == 0:
        raise StudioError(f"{path / BASELINES}: expected principal components of {pixels} pixels.")
    weights = {name.removeprefix("autoencoder."): values for name, values in tensors.items()}
    autoencoder = _loaded(DenoisingAutoencoder(shape), weights, path / BASELINES)
    networks = None
    if manifest.generator == bundle.manifest.record_of("generator").sha256:
        encoder = _loaded(
            new_encoder(bundle.profile, shape), _tensors(path / ENCODER, manifest), path / ENCODER
        )
        networks = replace(bundle.networks, encoder=encoder)
    components = PrincipalComponents(mean.numpy(), vectors.numpy(), variances.numpy())
    return Kit(manifest, autoencoder, components, networks)


def _shipped() -> list[Path]:
    return sorted(path for path in resource("denoisers").iterdir() if (path / MANIFEST).is_file())


def _tensors(file: Path, manifest: KitManifest) -> dict[str, Tensor]:
    content = read_plain(file, LARGEST_FILE)
    record = next((record for name, record in manifest.files.items() if name == file.name), None)
    if record is None or hashlib.sha256(content).hexdigest() != record.sha256:
        raise StudioError(f"{file} is not what {MANIFEST} lists: please copy the denoisers' folder again.")
    found = tensors_of(content, file)
    for name, values in found.items():
        if values.is_floating_point() and not bool(torch.isfinite(values).all()):
            raise StudioError(f"{file}, tensor {name}: expected finite numbers.")
    return {name: values.float() if values.is_floating_point() else values for name, values in found.items()}


def _loaded(network: Network, weights: dict[str, Tensor], file: Path) -> Network:
    expected = {name: values.shape for name, values in network.state_dict().items()}
    if {name: values.shape for name, values in weights.items()} != expected:
        raise StudioError(f"{file}: expected the tensors of this bundle's kind of network, found others.")
    network.load_state_dict(weights)
    return network.eval().requires_grad_(False)
