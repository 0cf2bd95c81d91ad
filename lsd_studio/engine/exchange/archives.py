"""A bundle, or an autoencoder, as one file to share: a zip of its files in one folder, and nothing else.

What comes in is trusted in nothing: only names that belong to a bundle are unpacked, to places that are made up here,
no more bytes than the manifest states, into a hidden folder that takes its name only after it was opened as a bundle.
Other files, such as those that systems put into every folder, are left in the archive.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, LargeZipFile, ZipFile, ZipInfo

from lsd_studio.engine.autoencoders import bundle as autoencoders
from lsd_studio.engine.autoencoders.bundle import AutoencoderBundle, AutoencoderManifest
from lsd_studio.engine.basis.variant import UnsavedBundle
from lsd_studio.engine.bundle import EVALUATIONS, Bundle, Manifest, known_name, open_bundle, shipped_bundles
from lsd_studio.engine.bundle.checked_files import LARGEST_TEXT_FILE, read_listed
from lsd_studio.engine.bundle.imported import BUNDLE_NAME, bundles_folder, name_like
from lsd_studio.engine.bundle.manifest import (
    EVALUATION,
    FILE_NAMES,
    MANIFEST,
    OPERATORS,
    STEERING,
    AnyManifest,
    validate_manifest,
)
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.cache import LARGEST_FILE as LARGEST_FINDINGS
from lsd_studio.engine.operators import names, store
from lsd_studio.engine.steps import finished
from lsd_studio.files.json_text import parse_json_object
from lsd_studio.files.plain_files import read_plain
from lsd_studio.files.writing import clear_all_leftovers, hidden_folder, unwritable, whole_file
from lsd_studio.files.zip_files import DAMAGED, broken_zip, is_plain_entry, opened_zip

ARCHIVE = "the archive of a bundle"
MOST_ENTRIES = 1000
LARGEST_RATIO = 100
"""How many times its own size an archive may unpack to; the weights of networks hardly shrink."""

CHUNK = 2**20

_OPERATOR = re.compile(rf"{OPERATORS}/(?!(?:{names.RESERVED.pattern})\.){names.NAME.pattern}\.safetensors")
_FINDINGS = re.compile(
    rf"{EVALUATIONS}/([0-9a-f]{{24}}\.safetensors|(operators|generator)-[0-9a-f]{{24}}\.json)"
)


def write_archive(bundle: Bundle | AutoencoderBundle, file: Path) -> None:
    """As `archive_in_steps`, at once."""
    finished(archive_in_steps(bundle, file))


def archive_in_steps(bundle: Bundle | AutoencoderBundle, file: Path) -> Generator[float, None, None]:
    """Write a bundle with its evaluations and operators to one zip file; the same bundle gives the same bytes.

    Yields the share, 0…1, that is written; given up, it leaves no file behind.

    Raises:
        StudioError: the basis in use is not saved, a file of the bundle has changed since it was opened, the folder
            of `file` is missing, or the disk is full or not writable.
    """
    if isinstance(bundle, UnsavedBundle):
        raise StudioError("The basis in use is not saved yet: please save it, then share the saved bundle.")
    folder = _title(bundle)
    written, whole_size = 0, sum(record.bytes for record in bundle.manifest.files.values())
    try:
        with whole_file(file.absolute()) as whole, ZipFile(whole, "w", allowZip64=False) as archive:
            for name, content in _contents(bundle):
                entry = ZipInfo(f"{folder}/{name}")
                entry.external_attr = (stat.S_IFREG | 0o644) << 16
                archive.writestr(entry, content, ZIP_DEFLATED)
                written += len(content)
                yield min(1.0, written / whole_size)
    except LargeZipFile as error:
        raise StudioError(
            f"{bundle.path} does not fit into an archive of 4 GiB: please copy its folder instead."
        ) from error


def import_archive(file: Path, name: str | None = None) -> tuple[Path, AnyManifest]:
    """As `import_in_steps`, at once."""
    return finished(import_in_steps(file, name))


def check_archive(file: Path) -> AnyManifest:
    """The manifest of a shared bundle, whose list of files is checked; nothing is unpacked.

    Raises:
        StudioError: the file is no archive of a bundle, leads out of its folder, or would unpack to more than it
            states.
    """
    with opened_zip(file, ARCHIVE, MOST_ENTRIES) as archive:
        return _checked_manifest(archive, _checked_entries(archive, file), file)


def import_in_steps(file: Path, name: str | None = None) -> Generator[float, None, tuple[Path, AnyManifest]]:
    """Unpack a shared bundle into the user's folder of bundles; yields the share of its files that is unpacked.

    Args:
        file: what `write_archive` wrote.
        name: of the bundle here; None takes that of the file.

    Returns:
        Its folder, whose name opens it from now on, and its manifest.

    Raises:
        StudioError: the name is taken or cannot be one; or the file is no archive of a bundle, leads out of its
            folder, unpacks to more than it states, or does not validate as a bundle. Nothing is left behind.
    """
    target = bundles_folder() / _free_name(file.stem if name is None else name)
    clear_all_leftovers(bundles_folder())
    with opened_zip(file, ARCHIVE, MOST_ENTRIES) as archive:
        entries = _checked_entries(archive, file)
        manifest = _checked_manifest(archive, entries, file)
        yield from _unpack(archive, _wanted(entries, manifest), file, target)
    return target, manifest


def _title(bundle: Bundle | AutoencoderBundle) -> str:
    """The folder in the archive: the bundle's or its run's name, as far as it can be one everywhere."""
    return name_like(known_name(bundle.path))[:80] or "bundle"


def _contents(bundle: Bundle | AutoencoderBundle) -> Iterator[tuple[str, bytes]]:
    """The files of a bundle: the manifest, what it lists, what was measured with the bundle, and its operators."""
    yield MANIFEST, read_plain(bundle.path / MANIFEST, LARGEST_TEXT_FILE)
    for listed, record in sorted(bundle.manifest.files.items()):
        yield listed, read_listed(bundle.path / listed, record)
    if isinstance(bundle, AutoencoderBundle):
        return
    for measured in (EVALUATION, STEERING):
        if (bundle.path / measured).exists():
            yield measured, read_plain(bundle.path / measured, LARGEST_TEXT_FILE)
    for file in sorted((bundle.path / EVALUATIONS).glob("*")):
        if _FINDINGS.fullmatch(f"{EVALUATIONS}/{file.name}"):
            yield f"{EVALUATIONS}/{file.name}", read_plain(file, LARGEST_FINDINGS)
    for operator in store.load_operators(bundle):
        file = store.operators_folder(bundle) / f"{operator.name}{store.SUFFIX}"
        yield f"{OPERATORS}/{file.name}", read_plain(file, _largest_operator(bundle.manifest))


def _largest_operator(manifest: AnyManifest) -> int:
    return 8 * manifest.latent_dimensions**2 + store.ROOM_FOR_TEXT


def _free_name(name: str) -> str:
    if not BUNDLE_NAME.fullmatch(name):
        raise StudioError(
            f"{name!r} cannot name a bundle: please give it up to 80 letters, digits, dots, hyphens and underscores "
            "with --name."
        )
    if name in shipped_bundles() or os.path.lexists(bundles_folder() / name):
        raise StudioError(
            f"A bundle named {name} already exists: please give this one another name with --name."
        )
    return name


def _checked_entries(archive: ZipFile, file: Path) -> dict[str, ZipInfo]:
    """The entries of a bundle by their name in its folder, all plain files; what else is in the archive stays there."""
    entries: dict[str, ZipInfo] = {}
    folder = _folder(archive, file)
    for entry in archive.infolist():
        name = entry.orig_filename
        where = f"{file}, entry {name[:200]!r}"
        if "\\" in name or name.startswith("/") or re.match("[A-Za-z]:", name) or ".." in name.split("/"):
            raise StudioError(f"{where}: leads out of the bundle's folder; nothing was unpacked.")
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise StudioError(f"{where}: is a link or the like, and a bundle has plain files only.")
        inside = name.removeprefix(folder)
        if not name.startswith(folder) or not _belongs(inside):
            continue
        if inside in entries:
            raise StudioError(f"{where}: occurs twice; please get the archive again.")
        if not is_plain_entry(entry):
            raise StudioError(f"{where}: is encrypted or packed in an unusual way; please pack it plainly.")
        entries[inside] = entry
    return entries


def _folder(archive: ZipFile, file: Path) -> str:
    """The folder of the manifest, with its slash, or "" where that is in none."""
    places = [entry.orig_filename.rpartition("/") for entry in archive.infolist()]
    folders = [folder + slash for folder, slash, name in places if name == MANIFEST]
    if not folders:
        raise StudioError(f"{file} is not the archive of a bundle: expected {MANIFEST} in it.")
    return min(folders, key=len)


def _belongs(name: str) -> bool:
    """Whether a bundle may have a file of this name."""
    known = name in (MANIFEST, EVALUATION, STEERING, *FILE_NAMES, *autoencoders.FILE_NAMES)
    return known or bool(_OPERATOR.fullmatch(name) or _FINDINGS.fullmatch(name))


def _wanted(entries: Mapping[str, ZipInfo], manifest: Manifest | AutoencoderManifest) -> dict[str, ZipInfo]:
    """The entries without networks and the like that the manifest does not list."""
    unlisted = {*FILE_NAMES, *autoencoders.FILE_NAMES} - set(manifest.files)
    return {name: entry for name, entry in entries.items() if name not in unlisted}


def _checked_manifest(
    archive: ZipFile, entries: Mapping[str, ZipInfo], file: Path
) -> Manifest | AutoencoderManifest:
    """The manifest, once the archive unpacks to no more than it may and the manifest states; nothing is written yet."""
    if sum(entry.file_size for entry in entries.values()) > LARGEST_RATIO * file.stat().st_size:
        raise StudioError(
            f"{file} would unpack to more than {LARGEST_RATIO} times its size, as no bundle does; nothing was unpacked."
        )
    where = file / MANIFEST
    _check_size(where, entries[MANIFEST], LARGEST_TEXT_FILE)
    content = b"".join(_chunks(archive, entries[MANIFEST], file))
    parsed = parse_json_object(content, where)
    kind: type[Manifest | AutoencoderManifest]
    kind = AutoencoderManifest if parsed.get("format") == "lsd-studio-autoencoder" else Manifest
    manifest = validate_manifest(parsed, str(where), kind)
    largest: dict[str, int] = {name: record.bytes for name, record in manifest.files.items()}
    largest |= dict.fromkeys((MANIFEST, EVALUATION, STEERING), LARGEST_TEXT_FILE)
    for name, entry in entries.items():
        others = _largest_operator(manifest) if _OPERATOR.fullmatch(name) else LARGEST_FINDINGS
        _check_size(file / name, entry, largest.get(name, others))
    return manifest


def _check_size(where: Path, entry: ZipInfo, largest: int) -> None:
    if entry.file_size > largest:
        raise StudioError(f"{where}, size: expected at most {largest} bytes, found {entry.file_size}.")


def _unpack(
    archive: ZipFile, entries: Mapping[str, ZipInfo], file: Path, target: Path
) -> Generator[float, None, None]:
    """Write the entries to a hidden folder, open it as a bundle, and let it take its name."""
    try:
        with hidden_folder(target) as hidden:
            for number, (name, entry) in enumerate(entries.items()):
                yield number / len(entries)
                place = hidden / name
                place.parent.mkdir(exist_ok=True)
                with place.open("wb") as written:
                    for chunk in _chunks(archive, entry, file):
                        written.write(chunk)
                    written.flush()
                    os.fsync(written.fileno())
            _check_bundle(hidden, file)
            hidden.rename(target)
    except OSError as error:
        raise unwritable(target, error) from error


def _check_bundle(folder: Path, file: Path) -> None:
    """Open what was unpacked as a bundle, with its evaluation and its operators; `file` is where it came from."""
    try:
        if autoencoders.is_autoencoder(folder):
            autoencoders.open_autoencoder(folder)
            return
        bundle = open_bundle(folder)
        bundle.evaluation()
        store.load_operators(bundle)
    except StudioError as error:
        raise StudioError(str(error).replace(str(folder), str(file))) from error


def _chunks(archive: ZipFile, entry: ZipInfo, file: Path) -> Iterator[bytes]:
    """The bytes of an entry, no more than it states, once they have its checksum."""
    try:
        with archive.open(entry) as opened:
            while chunk := opened.read(CHUNK):
                yield chunk
    except DAMAGED as error:
        raise broken_zip(file, ARCHIVE) from error
