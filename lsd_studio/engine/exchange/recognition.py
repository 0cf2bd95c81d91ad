"""What a file or folder is, known from its name, its first bytes and its own manifest; nothing in it is executed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, count, islice
from pathlib import Path
from typing import Literal

from lsd_studio.engine.bundle.checked_files import LARGEST_TEXT_FILE
from lsd_studio.engine.bundle.imported import BUNDLE_NAME, bundles_folder, name_like
from lsd_studio.engine.bundle.manifest import MANIFEST
from lsd_studio.engine.bundle.reading import shipped_bundles
from lsd_studio.engine.data_files.safetensors_files import read_safetensors
from lsd_studio.engine.datasets.set_files import holds_images, is_set_file, tables_in
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.archives import check_archive
from lsd_studio.engine.exchange.described_networks import read_description
from lsd_studio.engine.exchange.onnx_exporter import NETWORKS
from lsd_studio.engine.exchange.onnx_files import input_of, parsed_model
from lsd_studio.engine.exchange.onnx_networks import Role
from lsd_studio.engine.exchange.onnx_sources import read_model
from lsd_studio.engine.exchange.pickles import refuse_pickle
from lsd_studio.engine.exchange.state_dicts import role_of_weights
from lsd_studio.engine.images.files import SUFFIXES, read_image
from lsd_studio.engine.operators.store import SUFFIX as OPERATOR
from lsd_studio.engine.runs.store import runs_at
from lsd_studio.engine.spaces.file_names import is_code_file
from lsd_studio.files.json_text import parse_json_object
from lsd_studio.files.plain_files import read_plain

Kind = Literal[
    "archive", "autoencoder", "bundle", "codes", "figure", "image", "images", "network", "operator", "run"
]  # fmt: skip

FORMATS: dict[object, Kind] = {
    "lsd-studio-bundle": "bundle",
    "lsd-studio-autoencoder": "autoencoder",
    "lsd-studio-figure": "figure",
    "lsd-studio-network": "network",
}
"""What the files of this program say that they are."""

MOST_LOOKED_AT = 2000
"""Entries of a folder among which images are looked for."""

KNOWN = (
    "an image, a folder or file of labelled images, a bundle or its zip archive, a run, a network (ONNX, or "
    "described), a file of codes, a shared operator, or a figure's JSON file"
)


@dataclass(frozen=True)
class RecognisedNetwork:
    """What the file of a network says of itself.

    Attributes:
        role: what its inputs and outputs make it, its description says, or its weights are named for.
        batch: how many items it takes at a time, None where that is free.
        inputs: shape of one item that it takes, () where there are weights alone; outputs: names of what it gives.
    """

    role: Role
    batch: int | None
    inputs: tuple[int, ...]
    outputs: tuple[str, ...]

    @property
    def in_words(self) -> str:
        """Such as "generator: takes codes of 100 numbers, gives images"."""
        if not self.inputs:
            return f"{self.role}: weights for that of the chosen profile"
        takes = "×".join(map(str, self.inputs))
        what = f"codes of {takes} numbers" if self.role == "generator" else f"images {takes}"
        at_once = "" if self.batch is None else f", {self.batch} at a time"
        return f"{self.role}: takes {what}{at_once}, gives {', '.join(self.outputs)}"


@dataclass(frozen=True)
class Recognised:
    """What a file or folder is.

    Attributes:
        kind: "archive" is a shared bundle in one file, "images" a folder or file of labelled ones, "run" a run or a
            folder of runs.
        path: of the file or folder itself, such as a bundle's folder where its manifest was given.
        network: what the file of a network says of itself.
        name: a free one for a shared bundle, "" for all else.
    """

    kind: Kind
    path: Path
    network: RecognisedNetwork | None = None
    name: str = ""


def recognise(path: Path) -> Recognised:
    """Tell what a file or folder is.

    Raises:
        StudioError: it is nothing that can be used here, or damaged; the sentence says what can.
    """
    path = path.absolute()
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        raise StudioError(f"{path} does not exist: please choose another.")
    suffix = path.suffix.lower()
    if suffix == ".zip":
        check_archive(path)
        return Recognised("archive", path, name=free_name(path.stem))
    refuse_pickle(path)
    if suffix == ".onnx":
        return Recognised("network", path, _network(path))
    if suffix == ".safetensors" and (role := _role_of_weights(path)) is not None:
        return Recognised("network", path, RecognisedNetwork(role, None, (), ()))
    if suffix == OPERATOR:
        return Recognised("operator", path)
    if suffix == ".json":
        return _described(path)
    if is_set_file(path):
        with suppress(StudioError):  # what is damaged, or needs a library, is told where codes are opened
            if holds_images(path):
                return Recognised("images", path)
    if suffix in SUFFIXES:
        return Recognised("image", path)
    if is_code_file(path):
        return Recognised("codes", path)
    with suppress(StudioError):  # images have other names at times
        read_image(path)
        return Recognised("image", path)
    raise StudioError(f"{path.name} is nothing that can be opened here: please choose {KNOWN}.")


def free_name(name: str) -> str:
    """A name like this one that no bundle of the user has, nor one that ships."""
    plain = name_like(name)[:72].rstrip(".-_")
    base = plain if BUNDLE_NAME.fullmatch(plain) else "bundle"
    taken = {each.lower() for each in shipped_bundles()}
    with suppress(OSError):
        taken |= {entry.name.lower() for entry in bundles_folder().iterdir()}
    numbered = (f"{base}-{number}" for number in count(2))
    return next(each for each in chain([base], numbered) if each.lower() not in taken)


def _folder(folder: Path) -> Recognised:
    if next(iter(runs_at(folder)), None) is not None:
        return Recognised("run", folder)
    if (folder / MANIFEST).is_file():
        return _described(folder / MANIFEST)
    inside = islice(folder.rglob("*"), MOST_LOOKED_AT)
    if tables_in(folder) or any(entry.suffix.lower() in SUFFIXES for entry in inside):
        return Recognised("images", folder)
    raise StudioError(
        f"{folder.name} holds no images, no bundle and no run: please choose {KNOWN}; images may be in one "
        "subfolder per label."
    )


def _described(file: Path) -> Recognised:
    """What the JSON file of this program describes."""
    kind = FORMATS.get(parse_json_object(read_plain(file, LARGEST_TEXT_FILE), file).get("format"))
    if kind == "network":
        stated = read_description(file)
        return Recognised(
            kind, file, RecognisedNetwork(stated.role, None, stated.input, NETWORKS[stated.role][1])
        )
    if kind is None:
        raise StudioError(f"{file} describes nothing that can be opened here: please choose {KNOWN}.")
    return Recognised(kind, file if kind == "figure" else file.parent)


def _role_of_weights(file: Path) -> Role | None:
    """The network of our profiles that a file holds the weights of."""
    with suppress(StudioError):  # what is damaged is told where codes are opened
        return role_of_weights({tensor.name for tensor in read_safetensors(file)})
    return None


def _network(file: Path) -> RecognisedNetwork:
    """The role of a network, from the shape of its input and the names of its outputs."""
    model = parsed_model(read_model(file), str(file))
    batch, inputs = input_of(model, str(file))
    outputs = tuple(output.name[:40] for output in model.graph.output)
    takes_codes = sum(size > 1 for size in inputs) < 2
    role: Role = "generator" if takes_codes else "encoder" if len(outputs) > 1 else "classifier"
    return RecognisedNetwork(role, batch, inputs, outputs)
