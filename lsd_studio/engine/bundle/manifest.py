"""What a bundle says about itself: a validated record of where its numbers come from."""

from __future__ import annotations

import platform
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from lsd_studio import __version__
from lsd_studio.engine.datasets.fitting import TrainedOn
from lsd_studio.engine.datasets.folder_reading import FolderReading
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.models.prior import PriorRecord
from lsd_studio.files.json_text import first_fault

FORMAT_VERSION = 4
"""Raised when an older LSD Studio could not read what a newer one writes: 2 came with networks in ONNX files, 3 with
how a folder of images was read, 4 with a prior other than N(0, I); a bundle without them is still written as before."""

Format = Literal["lsd-studio-bundle", "lsd-studio-autoencoder"]
KINDS: dict[str, tuple[str, str]] = {
    "lsd-studio-bundle": ("a bundle of generator, encoder and quasi-eigenbasis", "open it as a bundle"),
    "lsd-studio-autoencoder": (
        "an autoencoder, which has no generator and no quasi-eigenbasis",
        "open it in Latent space, or with `lsd-studio latent`",
    ),
}
"""What the field format of a manifest says that its folder is, and what to do with it."""

FileName = Literal[
    "generator.safetensors",
    "discriminator.safetensors",
    "classifier.safetensors",
    "encoder.safetensors",
    "judge.safetensors",
    "generator.onnx",
    "classifier.onnx",
    "encoder.onnx",
    "basis.safetensors",
    "prior.safetensors",
    "profile.toml",
]
"""The files that a manifest lists; beside them may stand the manifest itself, evaluations, and operators."""

FILE_NAMES: tuple[FileName, ...] = get_args(FileName)

MANIFEST = "manifest.json"
EVALUATION = "evaluation.json"
STEERING = "steering.json"
EVALUATIONS = "evaluations"
"""Folder of what evaluations found, each in a file named for all that it depends on; a cache, never needed."""
MEASURED = (EVALUATION, EVALUATIONS, STEERING, "curves.json")
"""What is measured of a bundle or of a kit of denoisers, and goes when that is replaced."""
OPERATORS = "operators"
"""Folder of the operators that were kept, one in each file."""
PROFILE: FileName = "profile.toml"
BASIS: FileName = "basis.safetensors"
PRIOR: FileName = "prior.safetensors"
"""The samples that a prior is known by."""
NETWORK_FILES: dict[str, FileName] = {
    "generator": "generator.safetensors",
    "discriminator": "discriminator.safetensors",
    "classifier": "classifier.safetensors",
    "encoder": "encoder.safetensors",
    "judge": "judge.safetensors",
}
OPTIONAL_NETWORKS = frozenset({"discriminator", "judge"})
ONNX_FILES: dict[str, FileName] = {
    "generator": "generator.onnx",
    "classifier": "classifier.onnx",
    "encoder": "encoder.onnx",
}
"""Where a network stands that others made, in place of its file in `NETWORK_FILES`."""

_RECORDED_LIBRARIES = ("torch", "numpy", "scipy", "safetensors", "lightning-fabric")

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, Field(min_length=1, max_length=300)]
Count = Annotated[int, Field(ge=0, lt=2**63)]
Finite = Annotated[float, Field(allow_inf_nan=False)]

SomeManifest = TypeVar("SomeManifest", bound="AnyManifest")


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileRecord(_Record):
    """Size in bytes and SHA-256 of one file of the bundle."""

    bytes: Annotated[int, Field(gt=0, le=2**30)]
    sha256: Hash


class DataRecord(_Record):
    """The labelled image set that the networks were trained on.

    `images` counts the images trained on, `held_out` those kept aside for choices; `reading` says how the folder was
    read that they came from, which holds for all later images.
    """

    name: Annotated[str, Field(min_length=1, max_length=4096)]
    checksum: Hash
    images: Count
    held_out: Count
    reading: FolderReading | None = None


class StageRecord(_Record):
    """One stage of the training: how long it took, what it reached, and how it got there.

    `metrics` are the last values, `history` the values epoch by epoch, both by name;
    None where it was no finite number.
    """

    name: Literal["gan", "classifier", "judge", "encoder", "joint", "autoencoder", "basis"]
    epochs: Count
    steps: Count
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    metrics: dict[Text, Finite] = {}
    history: dict[Text, Annotated[tuple[Finite | None, ...], Field(max_length=100_000)]] = {}


class Facts(_Record):
    """What whoever saves a bundle knows and the bundle's files do not.

    Attributes:
        data: the images that the networks were trained on.
        label_names: l names, in the order of the labels; one where the images have no labels.
        seeds: by what they were used for, such as {"training": 1, "basis": 2}.
        device: "cpu", "cuda" or "mps"; precision: such as "32-true" or "bf16-mixed".
        stages: the training, stage by stage.
        parents: manifest hashes of the bundles that this one was made from.
        prior: that the generator was trained with; None for N(0, I).
    """

    data: DataRecord
    label_names: Annotated[tuple[Text, ...], Field(min_length=1, max_length=10_000)]
    seeds: dict[Text, Count]
    device: Text
    precision: Text
    stages: Annotated[tuple[StageRecord, ...], Field(max_length=1000)] = ()
    parents: Annotated[tuple[Hash, ...], Field(max_length=1000)] = ()
    prior: PriorRecord | None = None

    @model_validator(mode="after")
    def _label_names_differ(self) -> Self:
        if len(set(self.label_names)) < len(self.label_names):
            raise ValueError("label_names must differ from each other")
        return self


class AnyManifest(Facts):
    """What every `manifest.json` says: the facts, the format, and the shape of images and codes.

    The number of labels l is `number_of_labels`; `latent_dimensions` is M; `image_shape` is (C, H, W).
    """

    format: Format
    format_version: Annotated[int, Field(ge=1, le=FORMAT_VERSION)]
    created: datetime
    profile: Text
    image_shape: tuple[
        Annotated[int, Field(ge=1, le=4)],
        Annotated[int, Field(ge=8, le=4096)],
        Annotated[int, Field(ge=8, le=4096)],
    ]
    latent_dimensions: Annotated[int, Field(ge=2, le=4096)]
    versions: dict[Text, Text]

    @property
    def number_of_labels(self) -> int:
        """The number of labels l."""
        return len(self.label_names)

    @property
    def trained_on(self) -> TrainedOn:
        """The images that the networks were trained on; one label or none tells nothing apart and is not known."""
        return TrainedOn(
            name=self.data.name,
            checksum=self.data.checksum,
            image_shape=self.image_shape,
            label_names=self.label_names if self.number_of_labels > 1 else None,
            reading=self.data.reading,
            made_from_ink=self.made_from_ink,
        )

    @property
    def made_from_ink(self) -> bool:
        """Whether the networks know images as MNIST's: bright ink on black, scaled and centred."""
        framing = None if self.data.reading is None else self.data.reading.framing
        return self.data.name.startswith(("mnist", "emnist")) or (
            framing is not None and framing.way == "digit"
        )


class Manifest(AnyManifest):
    """The manifest of a bundle, with the hash of every file beside it; M is a multiple of l, which is 2 at least."""

    label_names: Annotated[tuple[Text, ...], Field(min_length=2, max_length=10_000)]
    format: Literal["lsd-studio-bundle"]
    files: dict[FileName, FileRecord]

    def file_of(self, network: str) -> FileName:
        """The file that holds this network: the weights of one of ours, or another's as ONNX."""
        onnx = ONNX_FILES.get(network)
        return onnx if onnx is not None and onnx in self.files else NETWORK_FILES[network]

    def record_of(self, network: str) -> FileRecord:
        """What is stated of that file."""
        return self.files[self.file_of(network)]

    @model_validator(mode="after")
    def _sets_are_whole(self) -> Self:
        if self.latent_dimensions % self.number_of_labels:
            raise ValueError(
                f"latent_dimensions must be a multiple of the {self.number_of_labels} labels, "
                f"not {self.latent_dimensions}"
            )
        required = {PROFILE, BASIS} | {
            file
            for network, file in NETWORK_FILES.items()
            if network not in OPTIONAL_NETWORKS and ONNX_FILES[network] not in self.files
        }
        if self.prior is not None and self.prior.kind == "samples":
            required.add(PRIOR)
        missing = sorted(required - set(self.files))
        if missing:
            raise ValueError(f"files must list {', '.join(missing)}")
        for network, file in ONNX_FILES.items():
            if {file, NETWORK_FILES[network]} <= set(self.files):
                raise ValueError(f"files must list one of {file} and {NETWORK_FILES[network]}")
        return self


def format_version(facts: Facts, *, has_onnx: bool) -> int:
    """The oldest version of the format that has what is to be written."""
    if facts.prior is not None:
        return FORMAT_VERSION
    if facts.data.reading is not None:
        return 3
    return 2 if has_onnx else 1


def library_versions() -> dict[str, str]:
    """Versions of Python, of LSD Studio and of the libraries that numbers depend on."""
    versions = {"python": platform.python_version(), "lsd-studio": __version__}
    for library in _RECORDED_LIBRARIES:
        try:
            versions[library] = version(library)
        except PackageNotFoundError:
            versions[library] = "unknown"
    return versions


def validate_manifest(content: object, where: str, kind: type[SomeManifest]) -> SomeManifest:
    """The manifest of that kind in parsed JSON; `where` names the file in errors.

    Raises:
        StudioError: it is that of something else, comes from a newer LSD Studio, or a field is missing, foreign or out
            of range; the sentence names the field and what was expected.
    """
    (expected,) = get_args(kind.model_fields["format"].annotation)
    found = content.get("format") if isinstance(content, dict) else None
    if not isinstance(content, dict) or found != expected:
        if isinstance(found, str) and found in KINDS:
            what, use = KINDS[found]
            raise StudioError(f"{Path(where).parent} is {what}: please {use}.")
        raise StudioError(
            f'{where}, field format: expected "{expected}"; this is not a bundle of LSD Studio.'
        )
    stated = content.get("format_version")
    if isinstance(stated, int) and stated > FORMAT_VERSION:
        raise StudioError(
            f"{where}, field format_version: expected at most {FORMAT_VERSION}, found {stated}; "
            "please update LSD Studio to open this bundle."
        )
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise StudioError(f"{where}, {first_fault(error)}.") from error
