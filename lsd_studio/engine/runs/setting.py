"""Settings of a profile as a form needs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lsd_studio.engine.runs.summary import Difference
from lsd_studio.engine.training.events import RunStage

Value = bool | int | float | str | tuple[int, ...]
"""Of a setting."""

SettingKind = Literal["integer", "number", "choice", "text", "integers"]


@dataclass(frozen=True)
class Setting:
    """One setting of a profile, as a form needs it.

    Args:
        section: "" for the profile itself, else such as "encoder"; key: as in overrides, "encoder.epochs".
        kind: "integers" is a list of whole numbers, written "[16, 32, 32]".
        low, high: bounds of a number, None where there is none; low_open, high_open: whether they are left out.
        choices: of a choice; unit: such as "epochs", or "".
        description: what it does, with the paper's value and the R-number.
        defaults: its value in each shipped profile that has it.
    """

    section: str
    key: str
    title: str
    kind: SettingKind
    low: float | None
    high: float | None
    low_open: bool
    high_open: bool
    choices: tuple[str, ...]
    unit: str
    description: str
    defaults: Mapping[str, Value]


@dataclass(frozen=True)
class ShippedProfile:
    """A profile that ships: its TOML text, and its notes, each difference from the paper with its reason."""

    name: str
    description: str
    text: str
    notes: Mapping[str, str]


@dataclass(frozen=True)
class CheckedSettings:
    """Settings, validated.

    Args:
        problem: the sentence that refuses them, None where they are good; problem_key: the setting it is about.
        values: all settings by key, empty where they are refused.
        base, differences: as in RunSummary: what differs from the profile of the same name or from the parent.
        profile_text: the whole profile as TOML.
        reusable: with a parent, the stages that can be taken over unchanged.
    """

    problem: str | None
    problem_key: str | None
    values: Mapping[str, Value]
    base: str | None
    differences: tuple[Difference, ...]
    profile_text: str
    reusable: tuple[RunStage, ...]
