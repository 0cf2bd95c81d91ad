"""The bundle of an autoencoder: a folder with `manifest.json`, one `.safetensors` file a network, and its profile.

Written all or nothing, checked as a whole when it is opened, and nothing in it is ever unpickled, as with the bundles
of generator, encoder and basis.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Self, get_args

import torch
from pydantic import model_validator

from lsd_studio.engine.autoencoders.networks import Autoencoder, ConvolutionalDecoder, ConvolutionalEncoder
from lsd_studio.engine.autoencoders.tasks import Task
from lsd_studio.engine.bundle.checked_files import check_listing, open_manifest, open_network, open_profile
from lsd_studio.engine.bundle.first_batch import check_size
from lsd_studio.engine.bundle.manifest import AnyManifest, Facts, FileRecord, format_version, library_versions
from lsd_studio.engine.bundle.profile_text import profile_text
from lsd_studio.engine.bundle.reading import find_bundle, shipped_folders
from lsd_studio.engine.bundle.writing import file_record, weights, write_bundle
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.models.networks import Classifier
from lsd_studio.engine.runs.profiles import AutoencoderSettings, Profile

FileName = Literal["encoder.safetensors", "decoder.safetensors", "classifier.safetensors", "profile.toml"]
FILE_NAMES: tuple[FileName, ...] = get_args(FileName)
PROFILE: FileName = "profile.toml"
ENCODER: FileName = "encoder.safetensors"
DECODER: FileName = "decoder.safetensors"
CLASSIFIER: FileName = "classifier.safetensors"


class AutoencoderManifest(AnyManifest):
    """The manifest of an autoencoder's bundle, with its task and the hash of every file beside it.

    A variational one has an encoder that gives a log σ beside the mean.
    """

    format: Literal["lsd-studio-autoencoder"]
    is_variational: bool
    task: Task
    files: dict[FileName, FileRecord]

    @model_validator(mode="after")
    def _files_are_all(self) -> Self:
        missing = sorted({ENCODER, DECODER, CLASSIFIER, PROFILE} - set(self.files))
        if missing:
            raise ValueError(f"files must list {', '.join(missing)}")
        return self


@dataclass(frozen=True, eq=False)
class AutoencoderBundle:
    """A trained autoencoder with its networks, ready for inference; `hash` is the SHA-256 of its manifest."""

    path: Path
    manifest: AutoencoderManifest
    encoder: ConvolutionalEncoder
    decoder: ConvolutionalDecoder
    classifier: Classifier
    profile: Profile
    hash: str


def shipped_autoencoders() -> tuple[str, ...]:
    """Names of the autoencoders that come with LSD Studio."""
    return tuple(folder.name for folder in shipped_folders() if (folder / DECODER).is_file())


def is_autoencoder(path_or_name: str | Path) -> bool:
    """Whether the bundle there is that of an autoencoder, as its files say.

    Raises:
        StudioError: there is no bundle.
    """
    return (find_bundle(path_or_name) / DECODER).is_file()


def save_autoencoder(
    path: Path, *, profile: Profile, autoencoder: Autoencoder, classifier: Classifier, facts: Facts
) -> AutoencoderManifest:
    """Write the bundle of an autoencoder at `path`, in place of the bundle that may be there, all or nothing.

    Raises:
        StudioError: the disk is full or not writable, or `path` holds something that is no bundle; whatever was at
            `path` is then still there.
    """
    settings = _settings(profile)
    contents: dict[FileName, bytes] = {
        ENCODER: weights(autoencoder.encoder),
        DECODER: weights(autoencoder.decoder),
        CLASSIFIER: weights(classifier),
        PROFILE: profile_text(profile).encode(),
    }
    manifest = AutoencoderManifest(
        **dict(facts),
        format="lsd-studio-autoencoder",
        format_version=format_version(facts, has_onnx=False),
        created=datetime.now(UTC).replace(microsecond=0),
        profile=profile.name,
        image_shape=autoencoder.image_shape,
        latent_dimensions=settings.latent_dimensions,
        is_variational=settings.is_variational,
        task=settings.task,
        versions=library_versions(),
        files={name: file_record(content) for name, content in contents.items()},
    )
    write_bundle(path, manifest, contents)
    return manifest


def open_autoencoder(path_or_name: str | Path) -> AutoencoderBundle:
    """Open and check the bundle of an autoencoder: its folder, a run that holds one, or the name of a shipped one.

    Only files that the manifest lists are read; each must be a plain file of the folder with the size and SHA-256
    stated there; every tensor must have the name, shape and type that the profile's networks expect and finite values;
    and the networks are tried on two codes.

    Raises:
        StudioError: it does not validate, or is a bundle of another kind; the sentence says which.
    """
    path = find_bundle(path_or_name)
    manifest, manifest_hash = open_manifest(path, AutoencoderManifest)
    check_listing(path, manifest.files.keys())
    profile = _open_profile(path / PROFILE, manifest)
    shape, settings = manifest.image_shape, _settings(profile)
    size = settings.latent_dimensions, settings.widths
    bundle = AutoencoderBundle(
        path,
        manifest,
        open_network(
            lambda: ConvolutionalEncoder(
                shape,
                *size,
                is_variational=settings.is_variational,
                batch_normalisation=settings.batch_normalisation,
            ),
            path / ENCODER,
            manifest.files[ENCODER],
        ),
        open_network(
            lambda: ConvolutionalDecoder(shape, *size, batch_normalisation=settings.batch_normalisation),
            path / DECODER,
            manifest.files[DECODER],
        ),
        open_network(
            lambda: Classifier(shape, manifest.number_of_labels, profile.classifier.widths),
            path / CLASSIFIER,
            manifest.files[CLASSIFIER],
        ),
        profile,
        manifest_hash,
    )
    _check_results(bundle)
    return bundle


def _check_results(bundle: AutoencoderBundle) -> None:
    """Refuse networks that give no numbers, or huge ones, for two random codes."""
    random = torch.Generator().manual_seed(0)
    with torch.inference_mode():
        images = bundle.decoder(torch.randn(2, bundle.manifest.latent_dimensions, generator=random))
        check_size(images.numpy(), f"{bundle.path}: the decoder's images")
        for part in bundle.encoder(images):
            if part is not None:
                check_size(part.numpy(), f"{bundle.path}: the encoder's codes")
        check_size(
            bundle.classifier(images).softmax(dim=1).numpy(), f"{bundle.path}: the classifier's results"
        )


def _open_profile(file: Path, manifest: AutoencoderManifest) -> Profile:
    profile = open_profile(file, manifest.files[PROFILE])
    if profile.autoencoder is None:
        raise StudioError(f"{file}, field autoencoder: expected the settings of an autoencoder, found none.")
    settings = profile.autoencoder
    for field, found, expected in (
        ("name", profile.name, manifest.profile),
        ("autoencoder.latent_dimensions", settings.latent_dimensions, manifest.latent_dimensions),
        ("autoencoder.task", settings.task, manifest.task),
        ("autoencoder.kl_weight above 0", settings.is_variational, manifest.is_variational),
    ):
        if found != expected:
            raise StudioError(
                f"{file}, field {field}: expected {expected} as in manifest.json, found {found}."
            )
    return profile


def _settings(profile: Profile) -> AutoencoderSettings:
    assert profile.autoencoder is not None, "only a profile with the section autoencoder makes one"
    return profile.autoencoder
