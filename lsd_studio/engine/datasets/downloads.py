"""Files fetched once from the internet, checked, and kept in the user's cache."""

from __future__ import annotations

import hashlib
import http.client
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lsd_studio.engine.datasets.labelled_images import Progress
from lsd_studio.engine.errors import StudioError
from lsd_studio.files.writing import whole_file

_BLOCK = 1 << 18
_SECONDS_WITHOUT_ANSWER = 30


class _FailedError(Exception):
    """An address gave no intact copy."""


@dataclass(frozen=True)
class PublishedFile:
    """A file on the internet: its addresses in the order to try them, and its MD5 sum (hexadecimal) as published."""

    name: str
    addresses: tuple[str, ...]
    md5: str


def fetch(file: PublishedFile, folder: Path, progress: Progress | None) -> Path:
    """Path of an intact copy of `file` in `folder`, downloaded if it is not there yet.

    A download is written beside its final name and renamed when its checksum is right, so that an interrupted one
    leaves nothing behind. `progress` is called with the share of the file that has arrived.

    Raises:
        StudioError: the copy in the folder is damaged, no address gave an intact one, or the disk is full.
    """
    target = folder / file.name
    if target.exists():
        with target.open("rb") as stream:
            if hashlib.file_digest(stream, "md5").hexdigest() == file.md5:
                return target
        raise StudioError(f"{target} is damaged (MD5): please delete it, and it will be downloaded again.")
    failures = []
    for address in file.addresses:
        try:
            _download(address, file, target, progress)
        except _FailedError as error:
            failures.append(f"{address}: {error}")
        else:
            return target
    raise StudioError(
        f"{file.name} could not be downloaded ({'; '.join(failures)}): "
        f"please check the connection and try again, or put an intact copy into {folder}."
    )


def _download(address: str, file: PublishedFile, target: Path, progress: Progress | None) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with _answer(address) as answer, whole_file(target) as part:
        total = int(answer.headers.get("Content-Length") or 0)
        digest = hashlib.md5(usedforsecurity=False)
        received = 0
        for block in _blocks(answer):
            part.write(block)
            digest.update(block)
            received += len(block)
            if progress is not None and total > 0:
                progress(f"Downloading {file.name}", min(1.0, received / total))
        if digest.hexdigest() != file.md5:
            raise _FailedError("what came is not the published file (MD5)")


def _answer(address: str) -> http.client.HTTPResponse:
    try:
        answer: http.client.HTTPResponse = urllib.request.urlopen(address, timeout=_SECONDS_WITHOUT_ANSWER)
    except urllib.error.HTTPError as error:
        error.close()
        raise _FailedError(f"the server answers {error.code}") from error
    except (OSError, http.client.HTTPException) as error:
        raise _FailedError(_reason(error)) from error
    return answer


def _blocks(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    try:
        while block := answer.read(_BLOCK):
            yield block
    except (OSError, http.client.HTTPException) as error:
        raise _FailedError(_reason(error)) from error


def _reason(error: OSError | http.client.HTTPException) -> str:
    """Why an address gave nothing, in the words of this program and of the system."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    match cause:
        case TimeoutError():
            return f"no answer in {_SECONDS_WITHOUT_ANSWER} s"
        case ssl.SSLError():
            return "its certificate cannot be checked"
        case socket.gaierror():
            return "no such server is found"
        case OSError(strerror=str(reason)):
            return reason[:1].lower() + reason[1:]
    return "the connection broke off"
