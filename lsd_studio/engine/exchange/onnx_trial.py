"""Networks of others, first tried in a process of their own: what ends it, or takes too much, never reaches this one.

There they are checked, made, and run on a few batches, all just as it is done here afterwards. After that they may run
here: the shapes of all values, and so memory and operations, depend on the size of a batch alone (`checked_model`), and
whole numbers are divided by safe weights only, so that no other codes or images can do what the tried ones did not.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from itertools import zip_longest
from pathlib import Path

import platformdirs

from lsd_studio import __version__
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.onnx_files import library, parsed_model
from lsd_studio.engine.exchange.onnx_networks import OnnxNetwork, Role, out_of_memory
from lsd_studio.engine.platform.limited_process import Ended, Limits, limit_this_process, run_limited

LIMITS = Limits()

OnnxFile = tuple[bytes, str]
"""The content of an ONNX file, and what names it in errors."""

ANSWER = b"tried: "
"""Before each answer of the process; libraries may write lines of their own."""

_LIBRARIES = ("onnx", "onnxruntime", "onnx2pytorch", "torch")


def tried_networks(
    files: Mapping[Role, OnnxFile],
    *,
    image_shape: Sequence[int],
    number_of_labels: int,
    latent_dimensions: int,
    limits: Limits = LIMITS,
) -> dict[Role, OnnxNetwork]:
    """The networks in ONNX files, see `OnnxNetwork`, each tried in a process of its own unless it was tried before.

    That it was tried is remembered in the user's cache folder, by what the files hold and by the libraries.

    Raises:
        StudioError: as `OnnxNetwork`; or a network takes more than the limits, or ended its process.
    """
    sizes = {
        "image_shape": list(image_shape),
        "number_of_labels": number_of_labels,
        "latent_dimensions": latent_dimensions,
    }
    marks = {role: _mark(content, role, sizes) for role, (content, _) in files.items()}
    for content, where in files.values():
        parsed_model(content, where)
    untried = {role: file for role, file in files.items() if not marks[role].exists()}
    for role in _tried(untried, sizes, limits) if untried else ():
        with suppress(OSError):
            marks[role].parent.mkdir(parents=True, exist_ok=True)
            marks[role].touch()
    return {
        role: OnnxNetwork(
            content,
            where,
            role,
            image_shape=image_shape,
            number_of_labels=number_of_labels,
            latent_dimensions=latent_dimensions,
        )
        for role, (content, where) in files.items()
    }


def _tried(files: Mapping[Role, OnnxFile], sizes: Mapping[str, object], limits: Limits) -> Iterator[Role]:
    """Make and run networks in a process of their own; yields those that passed, in order."""
    asked = {
        "files": [[role, where, len(content)] for role, (content, where) in files.items()],
        "sizes": sizes,
        "limits": [limits.memory, limits.processor_seconds],
    }
    contents = (content for content, _ in files.values())
    ended = run_limited(__name__, b"\n".join([json.dumps(asked).encode(), b"".join(contents)]), limits)
    answers = [line.removeprefix(ANSWER) for line in ended.output.splitlines() if line.startswith(ANSWER)]
    for (role, (_, where)), answer in zip_longest(files.items(), answers):
        if answer:
            raise StudioError(answer.decode())
        if answer is None:
            raise StudioError(_early_end(ended, where, limits))
        yield role


def _early_end(ended: Ended, where: str, limits: Limits) -> str:
    """What to say where the process ended before it had tried the network."""
    if ended.given_up:
        return f"{where} was not opened: the program was closed meanwhile."
    if ended.too_slow:
        return (
            f"{where} takes more than {limits.processor_seconds} s to be made and run on a few items, and is not taken "
            "in: please give a smaller network."
        )
    return (
        f"{where} ended the process in which it was tried (code {ended.code}), and is not accepted: please export the "
        "network again."
    )


def _mark(content: bytes, role: Role, sizes: Mapping[str, object]) -> Path:
    """The empty file that says that this content passed with these libraries."""
    stated = [hashlib.sha256(content).hexdigest(), role, sizes, __version__, *map(_version, _LIBRARIES)]
    name = hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()
    return platformdirs.user_cache_path("lsd-studio", appauthor=False) / "tried-networks" / name


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"


def _main() -> None:
    """Answer with a line for each network: nothing but `ANSWER` where it passed, else why it did not, and no more."""
    asked = json.loads(sys.stdin.buffer.readline())
    memory, seconds = asked["limits"]
    where = asked["files"][0][1]
    try:
        for name in _LIBRARIES:
            library(name)
        limit_this_process(Limits(memory, seconds))
        for role, where, size in asked["files"]:
            OnnxNetwork(sys.stdin.buffer.read(size), where, role, **asked["sizes"])
            _answer(b"")
    except StudioError as error:
        _answer(str(error).encode())
    except Exception as error:  # libraries say in many ways that memory has run out
        if not out_of_memory(error):
            raise
        _answer(
            f"{where} takes more memory than {memory / 2**30:.3g} GiB: please give a smaller network.".encode()
        )


def _answer(words: bytes) -> None:
    sys.stdout.buffer.write(b"\n" + ANSWER + b" ".join(words.splitlines()) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    _main()
