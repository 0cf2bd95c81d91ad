"""What a study is: trainings of the method by every variant, with every seed, on every data set; read from TOML."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.platform.file_names import path_named
from lsd_studio.engine.platform.resources import resource
from lsd_studio.engine.runs.profiles import Profile, load_profile
from lsd_studio.files.json_text import Strict, validated
from lsd_studio.files.plain_files import read_plain
from lsd_studio.files.toml_text import LARGEST_TOML, parse_toml

LONGEST_DATA_NAME = 40
"""Characters of a data set's name that a run's folder repeats."""

Name = Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,60}$")]
Seed = Annotated[int, Field(ge=0, lt=2**63)]


class Variant(Strict):
    """One way to train: a profile, the study's own where none is named, with settings replaced as by `--set`."""

    profile: str | None = None
    set: tuple[str, ...] = ()


class Measuring(Strict):
    """What every bundle is measured on: test images from the first, draws of each, labels that each is turned to.

    `images` and `turns` are all where they are None; `labelled_codes` are the numbers that readers are fitted on.
    """

    trials: Annotated[int, Field(ge=1, le=1000)] = 5
    images: Annotated[int, Field(ge=4)] | None = None
    turns: Annotated[int, Field(ge=1)] | None = None
    labelled_codes: tuple[Annotated[int, Field(ge=2)], ...] = ()


class Study(Strict):
    """The contents of a study's file.

    The first variant is the reference, which the others are compared with. `set` holds for all of them; `jobs` are
    the trainings at once.
    """

    name: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    description: str = ""
    profile: str = "studio"
    data: Annotated[tuple[str, ...], Field(min_length=1)] = ("mnist",)
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1)]
    set: tuple[str, ...] = ()
    variants: Annotated[dict[Name, Variant], Field(min_length=1)]
    measure: Measuring = Measuring()
    jobs: Annotated[int, Field(ge=1, le=1024)] = 1

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for listed in (self.seeds, self.data):
            if len(set(listed)) < len(listed):
                raise ValueError("expected each seed and each data set once")
        return self

    @property
    def reference(self) -> str:
        """The name of the variant that the others are compared with."""
        return next(iter(self.variants))

    def profile_of(self, variant: str) -> Profile:
        """The profile that a variant trains by.

        Raises:
            StudioError: there is no such profile or setting, or it trains an autoencoder.
        """
        profile = load_profile(*self._asked(variant))
        if profile.autoencoder is not None:
            raise StudioError(
                f"The variant {variant} trains an autoencoder, which has no basis to measure: choose another profile."
            )
        return profile

    def trainings(self, folder: Path) -> tuple[Training, ...]:
        """All trainings, by data set, variant and seed; each has its run in a folder of its own in `folder`.

        Raises:
            StudioError: two data sets have one name.
        """
        names = [_short(data) for data in self.data]
        if len(set(names)) < len(names):
            raise StudioError("Two data sets of the study have one name: rename one of the folders.")

        def run(name: str, variant: str, seed: int) -> Path:
            return folder / f"{name}-{variant}-seed-{seed}"

        return tuple(
            Training(
                run(name, variant, seed), run(name, self.reference, seed), variant, data, seed,
                *self._asked(variant), self.measure,
            )
            for data, name in zip(self.data, names, strict=True)
            for variant in self.variants
            for seed in self.seeds
        )  # fmt: skip

    def _asked(self, variant: str) -> tuple[str, tuple[str, ...]]:
        own = self.variants[variant]
        return own.profile or self.profile, (*self.set, *own.set)


@dataclass(frozen=True)
class Training:
    """One training of a study.

    Attributes:
        run: the run's folder; reference: that of the reference with this seed on these data, the same for itself.
        variant, data, seed: what it is one of.
        profile, overrides: what it trains by, as `--profile` and `--set`.
        measure: what its bundle is measured on.
    """

    run: Path
    reference: Path
    variant: str
    data: str
    seed: int
    profile: str
    overrides: tuple[str, ...]
    measure: Measuring

    @property
    def is_reference(self) -> bool:
        """Whether others are compared with it, and begin with what it has learnt."""
        return self.run == self.reference


def shipped_studies() -> tuple[str, ...]:
    """Names of the studies that ship."""
    return tuple(sorted(path.stem for path in resource("studies").glob("*.toml")))


def load_study(name_or_path: str) -> Study:
    """The study of that name or file, every profile in it checked.

    Raises:
        StudioError: no such study or file, no TOML, an unknown field or setting, a value out of range.
    """
    shipped = shipped_studies()
    file = resource("studies") / f"{name_or_path}.toml" if name_or_path in shipped else Path(name_or_path)
    if not file.is_file():
        near = _nearest(name_or_path, shipped)
        raise StudioError(
            f"There is no study {name_or_path}{near}: name a TOML file or one of {', '.join(shipped)}."
        )
    settings = parse_toml(read_plain(file, LARGEST_TOML, follow_links=True), file.name)
    study = validated(Study, settings, file.name, table="a table")
    for variant in study.variants:
        study.profile_of(variant)
    return study


def _nearest(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f", did you mean {close[0]}?" if close else ""


def _short(data: str) -> str:
    """A data set's name as a part of a folder's name."""
    return re.sub(r"[^\w.-]+", "-", path_named(data).name)[:LONGEST_DATA_NAME].strip("-.") or "data"
