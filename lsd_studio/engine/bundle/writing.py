"""Write a bundle so that a crash, a full disk or a pulled plug leaves the old one or the new one."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import safetensors.numpy
import safetensors.torch

from lsd_studio.engine.bundle.checked_files import LARGEST_TEXT_FILE
from lsd_studio.engine.bundle.manifest import (
    BASIS,
    EVALUATION,
    MANIFEST,
    MEASURED,
    NETWORK_FILES,
    ONNX_FILES,
    PRIOR,
    PROFILE,
    STEERING,
    AnyManifest,
    Facts,
    FileName,
    FileRecord,
    Manifest,
    format_version,
    library_versions,
)
from lsd_studio.engine.bundle.profile_text import profile_text
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.onnx_networks import OnnxNetwork
from lsd_studio.files.json_text import json_bytes, parse_json_object
from lsd_studio.files.plain_files import read_plain
from lsd_studio.files.writing import flush_folder, hidden_folder, is_leftover, unwritable, write_file

if TYPE_CHECKING:
    from torch import nn

    from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors
    from lsd_studio.engine.models.inference import Networks
    from lsd_studio.engine.runs.profiles import Profile


def save_bundle(
    path: Path,
    *,
    profile: Profile,
    networks: Networks,
    discriminator: nn.Module | None,
    basis: QuasiEigenvectors,
    facts: Facts,
) -> Manifest:
    """Write a bundle folder at `path`, in place of the bundle that may be there.

    All files are written to a temporary sibling, flushed to the disk, and only then is the folder renamed. The old
    bundle is set aside meanwhile under the name that `recover` looks for.

    Raises:
        StudioError: the disk is full or not writable, or `path` holds something that is not a bundle; whatever was at
            `path` is then still there.
    """
    modules: dict[str, nn.Module] = {
        "generator": networks.generator,
        "classifier": networks.classifier,
        "encoder": networks.encoder,
    }
    optional = {"discriminator": discriminator, "judge": networks.judge}
    modules |= {name: module for name, module in optional.items() if module is not None}
    contents: dict[FileName, bytes] = {}
    for name, module in modules.items():
        if isinstance(module, OnnxNetwork):
            contents[ONNX_FILES[name]] = module.content
        else:
            contents[NETWORK_FILES[name]] = weights(module)
    vectors = {"eta": basis.eta_, "xi": basis.xi_}
    contents[BASIS] = safetensors.numpy.save(
        {name: np.ascontiguousarray(values, np.float64) for name, values in vectors.items()}
    )
    if networks.prior.samples is not None:
        contents[PRIOR] = safetensors.numpy.save({"samples": networks.prior.samples})
    contents[PROFILE] = profile_text(profile).encode()
    manifest = Manifest(
        **dict(facts),
        format="lsd-studio-bundle",
        format_version=format_version(facts, has_onnx=bool(set(contents) & set(ONNX_FILES.values()))),
        created=datetime.now(UTC).replace(microsecond=0),
        profile=profile.name,
        image_shape=networks.image_shape,
        latent_dimensions=networks.latent_dimensions,
        versions=library_versions(),
        files={name: file_record(content) for name, content in contents.items()},
    )
    write_bundle(path, manifest, contents)
    return manifest


def write_bundle(path: Path, manifest: AnyManifest, contents: Mapping[Any, bytes]) -> None:
    """Put a folder with a manifest and the files that it lists at `path`, in place of the bundle that may be there.

    Raises:
        StudioError: as `replace_folder`.
    """
    described = json_bytes(manifest.model_dump(mode="json", exclude_none=True))
    replace_folder(Path(path), {MANIFEST: described, **contents})


def keep_evaluation(path: Path, evaluation: Mapping[str, object]) -> None:
    """Write the result of an evaluation beside the manifest of the bundle at `path`, atomically.

    Raises:
        StudioError: the disk is full or not writable.
    """
    write_file(path / EVALUATION, json_bytes(evaluation) + b"\n")


def keep_steering(path: Path, measured: Mapping[str, object]) -> None:
    """Write how well a bundle is steered beside the manifest of the bundle at `path`, atomically.

    Raises:
        StudioError: the disk is full or not writable.
    """
    write_file(path / STEERING, json_bytes(measured) + b"\n")


def replace_folder(path: Path, contents: Mapping[str, bytes]) -> None:
    """Put a folder with these files at `path`, all or nothing; a bundle that was there is replaced.

    What somebody else put into its folder stays in it; what was measured of the bundle before goes with it.

    Raises:
        StudioError: the disk is full or not writable, or `path` holds something that is not a bundle.
    """
    path = path.absolute()
    recover(path)
    if path.exists() and not _may_be_replaced(path):
        raise StudioError(
            f"{path} holds something that is not a bundle: please choose another folder to save to."
        )
    try:
        with hidden_folder(path) as temporary:
            for name, content in contents.items():
                with (temporary / name).open("wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
            for other in _others_in(path):
                if other.is_dir() and not other.is_symlink():
                    shutil.copytree(other, temporary / other.name, symlinks=True)
                else:
                    shutil.copy2(other, temporary / other.name, follow_symlinks=False)
            flush_folder(temporary)
            _swap(temporary, path)
    except BaseException as error:
        recover(path)
        if isinstance(error, OSError):
            raise unwritable(path, error) from error
        raise


def standing_place(path: Path) -> Path:
    """Where the bundle of `path` is now: there, or set aside by a replacement that was cut off."""
    return path if path.exists() or not _set_aside_name(path).is_dir() else _set_aside_name(path)


def recover(path: Path) -> None:
    """Bring back the bundle that was set aside when a replacement of it was cut off between its two renames."""
    aside = _set_aside_name(path)
    if not aside.is_dir():
        return
    if path.exists():
        shutil.rmtree(aside, ignore_errors=True)
    else:
        aside.rename(path)


def _swap(new: Path, path: Path) -> None:
    aside = _set_aside_name(path)
    if path.exists():
        path.rename(aside)
    new.rename(path)
    flush_folder(path.parent)
    shutil.rmtree(aside, ignore_errors=True)


def _set_aside_name(path: Path) -> Path:
    return path.parent / f".{path.name}.previous"


def _may_be_replaced(path: Path) -> bool:
    return (
        path.is_dir() and not path.is_symlink() and ((path / MANIFEST).is_file() or not any(path.iterdir()))
    )


def _others_in(path: Path) -> list[Path]:
    """What lies in a bundle's folder and is neither listed by its manifest nor measured of it."""
    if not (path / MANIFEST).is_file():
        return []
    content = read_plain(path / MANIFEST, LARGEST_TEXT_FILE)
    listed = parse_json_object(content, path / MANIFEST).get("files")
    own = {MANIFEST, *MEASURED, *(listed if isinstance(listed, dict) else ())}
    return [entry for entry in path.iterdir() if entry.name not in own and not is_leftover(entry.name)]


def weights(module: nn.Module) -> bytes:
    """The weights of a network as the bytes of a safetensors file."""
    state = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in module.state_dict().items()}
    return safetensors.torch.save(state)


def file_record(content: bytes) -> FileRecord:
    """What a manifest says of a file with this content."""
    return FileRecord(bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
