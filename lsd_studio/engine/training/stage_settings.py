"""Which stages a run has, and which settings each stage's weights come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from lsd_studio.engine.training.events import RunStage, StageName

if TYPE_CHECKING:
    from lsd_studio.engine.runs.facts import CheckpointFacts
    from lsd_studio.engine.runs.profiles import Profile

STAGES: tuple[StageName, ...] = get_args(StageName)
RUN_STAGES: tuple[RunStage, ...] = get_args(RunStage)
"""All that there are; a run has those of its profile, see `run_stages_of`."""

OF_THE_METHOD: tuple[StageName, ...] = ("classifier", "gan", "encoder")
OF_AN_AUTOENCODER: tuple[StageName, ...] = ("classifier", "autoencoder")

BEHIND: dict[StageName, tuple[StageName, ...]] = {
    "classifier": ("classifier",),
    "judge": ("judge",),
    "gan": ("gan",),
    "encoder": OF_THE_METHOD,
    "joint": (*OF_THE_METHOD, "joint"),
    "autoencoder": ("autoencoder",),
}
"""The stages that each stage's weights come from."""

UNCHANGEABLE: dict[StageName, tuple[str, ...]] = {
    "classifier": ("classifier.widths",),
    "judge": ("judge.widths",),
    "gan": ("latent_dimensions", "gan.optimiser"),
    "encoder": ("latent_dimensions", "encoder.trunk", "encoder.heads"),
    "joint": ("latent_dimensions", "encoder.trunk", "encoder.heads"),
    "autoencoder": (
        "autoencoder.latent_dimensions",
        "autoencoder.widths",
        "autoencoder.batch_normalisation",
        "autoencoder.is_variational",
    ),
}
"""Settings that must stay as they are where a stage goes on from weights: they shape what a checkpoint holds."""


def stages_of(profile: Profile) -> tuple[StageName, ...]:
    """The networks that a profile trains, in their order."""
    if profile.autoencoder is not None:
        return OF_AN_AUTOENCODER
    left_out = {name for name in ("judge", "joint") if getattr(profile, name) is None}
    return tuple(name for name in STAGES if name not in left_out | {"autoencoder"})


def run_stages_of(profile: Profile) -> tuple[RunStage, ...]:
    """What a run of a profile is made of, in its order."""
    return (*stages_of(profile), "basis") if profile.autoencoder is None else OF_AN_AUTOENCODER


def settings_behind(stage: StageName, profile: Profile) -> dict[str, Any]:
    """The settings that a stage's weights depend on: its own and those of the stages that it builds on."""
    settings: dict[str, Any] = {
        name: getattr(profile, name).model_dump(mode="json") for name in BEHIND[stage]
    }
    if stage in ("gan", "encoder", "joint"):
        settings["latent_dimensions"] = profile.latent_dimensions
    return settings


def is_made_with(facts: CheckpointFacts, stage: StageName, profile: Profile) -> bool:
    """Whether a checkpoint of these facts comes from this profile's settings.

    A setting that the checkpoint's version did not have yet counts as its default, which changes nothing.
    """
    wanted = settings_behind(stage, profile)
    filled: dict[str, Any] = {"latent_dimensions": facts.settings.get("latent_dimensions")}
    for name in BEHIND[stage]:
        defaults = type(getattr(profile, name))().model_dump(mode="json")
        filled[name] = {**defaults, **facts.settings_of(name)}
    return all(filled[name] == value for name, value in wanted.items())


def steps_per_epoch(images: int, batch_size: int) -> int:
    """Batches a pass over so many images; a last, incomplete one is left out."""
    return max(1, images // batch_size)
