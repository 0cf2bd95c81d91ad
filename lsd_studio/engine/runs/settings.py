"""All settings of a profile as a form needs them, and what is wrong with those that were chosen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from lsd_studio.engine.bundle.profile_text import profile_text
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.manifest import read_run
from lsd_studio.engine.runs.profiles import (
    AutoencoderSettings,
    JointSettings,
    Profile,
    load_profile,
    override_profile,
    section_model,
    shipped_profiles,
)
from lsd_studio.engine.runs.run_reader import NOT_SETTINGS, differences_between, flat_settings
from lsd_studio.engine.runs.setting import CheckedSettings, Setting, SettingKind, ShippedProfile, Value
from lsd_studio.engine.runs.summary import Difference
from lsd_studio.engine.training.plan import reusable_stages

KINDS: dict[type, SettingKind] = {tuple: "integers", int: "integer", float: "number", str: "text"}

UNITS = {
    "epochs": "epochs",
    "batch_size": "images",
    "shift": "pixels",
    "vectors": "vectors",
    "max_draws": "draws",
}

TITLES = {
    "beta_1": "β₁",
    "beta_2": "β₂",
    "data": "data set",
    "kl_weight": "KL weight",
    "latent_dimensions": "latent dimensions M",
}


def described_settings() -> tuple[Setting, ...]:
    """Every setting, those of the profile itself first, then section by section, in the order of the model."""
    defaults = {name: flat_settings(load_profile(name)) for name in shipped_profiles()}
    whole = [
        _setting("", key, field, defaults)
        for key, field in Profile.model_fields.items()
        if key not in NOT_SETTINGS and not _fields_of_section(field)
    ]
    parts = [
        _setting(section, key, inner, defaults)
        for section, field in Profile.model_fields.items()
        for key, inner in _fields_of_section(field).items()
    ]
    return (*whole, *parts)


def described_profiles() -> tuple[ShippedProfile, ...]:
    """The profiles that ship, the default first, those of autoencoders last."""
    profiles = [load_profile(name) for name in shipped_profiles()]
    profiles.sort(key=lambda profile: (profile.autoencoder is not None, profile.name != "studio"))
    return tuple(
        ShippedProfile(profile.name, profile.description, profile_text(profile), profile.notes)
        for profile in profiles
    )


def check_settings(profile: str, overrides: Sequence[str], parent: Path | None) -> CheckedSettings:
    """Settings, validated; those that are refused are an answer too."""
    try:
        before, base = _to_start_from(profile, parent)
        chosen = override_profile(before, overrides)
        reusable = reusable_stages(parent, chosen) if parent is not None else ()
    except StudioError as error:
        key = _named_key(str(error))
        return CheckedSettings(str(error), key, {}, None, (), "", ())
    differences: tuple[Difference, ...] = differences_between(chosen, before)
    values: dict[str, Value] = flat_settings(chosen)
    return CheckedSettings(None, None, values, base, differences, profile_text(chosen), reusable)


def _to_start_from(profile: str, parent: Path | None) -> tuple[Profile, str]:
    if parent is None:
        before = load_profile(profile)
        return before, f"profile {before.name}"
    known = read_run(parent)
    return known.profile, known.name or parent.name


def _named_key(sentence: str) -> str | None:
    """The setting that a refusal is about: the first that its sentence names."""
    of_the_method = flat_settings(Profile(name="any", joint=JointSettings()))
    of_autoencoders = flat_settings(Profile(name="any", autoencoder=AutoencoderSettings()))
    keys = sorted({**of_the_method, **of_autoencoders}, key=len, reverse=True)
    found = [
        (match.start(), key)
        for key in keys
        if (match := re.search(rf"(?<![\w.]){re.escape(key)}\b", sentence))
    ]
    return min(found)[1] if found else None


def _fields_of_section(field: FieldInfo) -> dict[str, FieldInfo]:
    section = section_model(field)
    return section.model_fields if section is not None else {}


def _setting(section: str, name: str, field: FieldInfo, defaults: dict[str, dict[str, Any]]) -> Setting:
    key = f"{section}.{name}" if section else name
    kind, choices = _kind(field.annotation)
    bounds: dict[str, float] = {
        kind: float(bound)
        for entry in field.metadata
        for kind in ("ge", "gt", "le", "lt")
        if (bound := getattr(entry, kind, None)) is not None
    }
    return Setting(
        section=section,
        key=key,
        title=TITLES.get(name, name.replace("_", " ")),
        kind=kind,
        low=bounds.get("ge", bounds.get("gt")),
        high=bounds.get("le", bounds.get("lt")),
        low_open="gt" in bounds,
        high_open="lt" in bounds,
        choices=choices,
        unit=UNITS.get(name, ""),
        description=field.description or "",
        defaults={profile: values[key] for profile, values in defaults.items() if key in values},
    )


def _kind(annotation: Any) -> tuple[SettingKind, tuple[str, ...]]:
    if get_origin(annotation) is Literal:
        return "choice", tuple(map(str, get_args(annotation)))
    if annotation is bool:
        return "choice", ("true", "false")
    return KINDS[get_origin(annotation) or annotation], ()
