"""What was measured of a bundle, stored as JSON in files that are each named for everything they depend on.

A file lies in the bundle's folder `evaluations`, or in the user's cache where the bundle ships with the program or
cannot be written to. One that does not validate is as good as none, for what it says can be measured again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Generic, Self, TypeVar

from pydantic import ConfigDict

from lsd_studio import __version__
from lsd_studio.engine.bundle import EVALUATIONS, Bundle
from lsd_studio.engine.datasets import LabelledImages
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.cache import cache_folder
from lsd_studio.files.folders import make_folder
from lsd_studio.files.json_text import Strict, read_json
from lsd_studio.files.writing import write_file

FORMAT = 1


class MeasuredOn(Strict):
    """What any measurement depends on: the bundle with its basis, test and training images by checksum, the seed.

    A kind of measurement adds what else is chosen for it, and the word that its files begin with.
    """

    prefix: ClassVar[str]

    bundle: str
    basis: str
    test: str
    training: str
    seed: int
    version: str = __version__
    format: int = FORMAT

    @classmethod
    def of(
        cls, bundle: Bundle, test: LabelledImages, training: LabelledImages, seed: int, **chosen: int | None
    ) -> Self:
        """What a measurement of a bundle on these images depends on."""
        basis = bundle.basis.xi_.tobytes() + bundle.basis.eta_.tobytes()
        return cls.model_validate(
            {
                "bundle": bundle.hash,
                "basis": hashlib.sha256(basis).hexdigest(),
                "test": test.checksum,
                "training": training.checksum,
                "seed": seed,
                **chosen,
            }
        )

    @property
    def file_name(self) -> str:
        """The same for the same dependencies, another for others."""
        stated = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return f"{self.prefix}-{hashlib.sha256(stated.encode()).hexdigest()[:24]}.json"


DependsOn = TypeVar("DependsOn", bound=MeasuredOn)
Found = TypeVar("Found")


class Stored(Strict, Generic[DependsOn, Found]):
    """What a file holds."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    depends_on: DependsOn
    found: Found


def store(folder: Path, stored: Stored[DependsOn, Found]) -> Path:
    """Write what was measured to a folder, made where it is missing; returns the file.

    Raises:
        StudioError: the folder cannot be written to.
    """
    make_folder(folder, "please make room for what was found")
    file = folder / stored.depends_on.file_name
    write_file(file, stored.model_dump_json(indent=1).encode())
    return file


def found_before(
    bundle: Bundle,
    depends_on: DependsOn,
    kind: type[Stored[DependsOn, Found]],
    is_whole: Callable[[Found], bool],
) -> Found | None:
    """What was measured before under the same dependencies, and is whole; None where nothing valid is stored."""
    for folder in (bundle.path / EVALUATIONS, cache_folder()):
        file = folder / depends_on.file_name
        if folder.is_symlink() or not file.exists():
            continue
        try:
            stored = read_json(file, kind, follow_links=False)
        except StudioError:
            continue
        if stored.depends_on == depends_on and is_whole(stored.found):
            return stored.found
    return None
