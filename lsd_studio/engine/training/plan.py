"""From what was asked for to what will be trained: the same for the window, the command line and a script."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.framing import Framing
from lsd_studio.engine.platform.file_names import path_named, text_of_path
from lsd_studio.engine.runs.facts import checkpoint_file, read_facts
from lsd_studio.engine.runs.files import events_file, new_run_folder, run_file
from lsd_studio.engine.runs.journal import read_journal
from lsd_studio.engine.runs.manifest import RunManifest, read_run
from lsd_studio.engine.runs.profiles import Profile, load_profile, override_profile
from lsd_studio.engine.training.events import RunStage, StageDone, StageName
from lsd_studio.engine.training.settings import TrainingSettings
from lsd_studio.engine.training.stage_settings import (
    BEHIND,
    UNCHANGEABLE,
    is_made_with,
    run_stages_of,
    stages_of,
)

if TYPE_CHECKING:
    from lsd_studio.engine.datasets import LabelledImages, Progress


@dataclass(frozen=True)
class Plan:
    """What will be trained, every choice made.

    Attributes:
        source: name of a data set, or absolute path of a folder.
        seed: of all random draws.
        stages: those to train, in their order; those before them that they need must have been trained.
        run: the run's folder; None: a new one in the user's data folder.
        name: of the run, for people; "" keeps the one that it has, or takes the folder's.
        resume: go on with the run that the folder holds.
        device: "cpu", "cuda" or "mps"; None: the best there is.
        parent: the run that this is a branch of.
        taken_over, go_on: stages that a branch begins with, see `branch`.
        checkpoint_seconds: the longest time that a crash may cost; None: as it was, or 60.
        expected_seconds: of stages, for the time left while they have not begun.
        framing: how images of a folder that have another size come to one.
    """

    profile: Profile
    source: str
    seed: int
    stages: tuple[RunStage, ...]
    run: Path | None = None
    name: str = ""
    resume: bool = False
    device: str | None = None
    parent: Path | None = None
    taken_over: tuple[StageName, ...] = ()
    go_on: tuple[StageName, ...] = ()
    checkpoint_seconds: float | None = None
    expected_seconds: Mapping[RunStage, float] = field(default_factory=dict)
    framing: Framing | None = None


def plan_training(settings: TrainingSettings) -> Plan:
    """Make every choice that is left open; nothing is written and torch is not needed.

    Raises:
        StudioError: what was asked for contradicts itself, or names a profile, run or setting that is not there.
    """
    known = _known_before(settings)
    profile = _profile(settings, known)
    seed = settings.seed if settings.seed is not None else known.seed if known else 0
    source = data_source(settings.data or (known.data.name if known else profile.data))
    stages, taken_over = _stages(settings, profile, seed)
    return Plan(
        profile=profile,
        source=source,
        seed=seed,
        stages=stages,
        run=settings.run,
        name=settings.name or "",
        resume=settings.resume,
        device=settings.device,
        parent=settings.parent,
        taken_over=taken_over,
        go_on=tuple(stage for stage in stages_of(profile) if stage in settings.go_on),
        checkpoint_seconds=settings.checkpoint_seconds,
        expected_seconds=settings.expected_seconds,
        framing=settings.framing,
    )


def folder_of(plan: Plan) -> Path:
    """The run's folder; a new one is made in the user's data folder where none was named.

    Raises:
        StudioError: it cannot be made.
    """
    return plan.run or new_run_folder(plan.name or plan.profile.name)


def data_source(source: str) -> str:
    """A data set's name as it is, or the absolute path of a folder or file, which holds wherever the run is resumed."""
    from lsd_studio.engine.datasets.loading import is_own

    return text_of_path(path_named(source).expanduser().resolve()) if is_own(source) else source


def planned_images(plan: Plan, progress: Progress | None = None) -> LabelledImages:
    """The training images of a plan; those of a run that is resumed or branched are read as they were.

    Raises:
        StudioError: as `load_data_set`, or there is no such run.
    """
    from lsd_studio.engine.datasets import load_data_set, reading_kept

    before = plan.parent or (plan.run if plan.resume else None)
    known = read_run(before).data if before is not None and run_file(before).is_file() else None
    return load_data_set(
        plan.source,
        "train",
        progress,
        labelled=plan.profile.needs_labels,
        framing=plan.framing,
        reading=None
        if known is None
        else reading_kept(known.name, known.checksum, known.reading, plan.source),
    )


def reusable_stages(
    parent: Path, profile: Profile, seed: int | None = None, without: Collection[RunStage] = ()
) -> tuple[StageName, ...]:
    """The stages that a branch with this profile can take over from its parent as they are.

    Trained to the end with the same settings, and all stages that they build on too. A `seed` other than the
    parent's leaves none; those in `without` are trained again.

    Raises:
        StudioError: `parent` holds no run.
    """
    if seed not in (None, read_run(parent).seed):
        return ()
    reusable: list[StageName] = []
    for stage in stages_of(profile):
        behind_reusable = all(other in reusable for other in BEHIND[stage] if other != stage)
        if behind_reusable and stage not in without and _is_trained(parent, stage, profile):
            reusable.append(stage)
    return tuple(reusable)


def _is_trained(parent: Path, stage: StageName, profile: Profile) -> bool:
    checkpoint = checkpoint_file(parent, stage)
    if not checkpoint.exists():
        return False
    facts = read_facts(checkpoint)
    if not is_made_with(facts, stage, profile):
        return False
    if facts.total_steps is not None:
        return facts.step == facts.total_steps
    done = (entry.event for entry in read_journal(events_file(parent)))
    return any(isinstance(event, StageDone) and event.stage == stage for event in done)


def _known_before(settings: TrainingSettings) -> RunManifest | None:
    if settings.parent is not None:
        if settings.resume:
            raise StudioError("A branch is a new run: leave out either --from or --resume.")
        return read_run(settings.parent)
    if settings.go_on:
        raise StudioError("Only a branch goes on from another run's weights: name that run with --from.")
    if settings.resume:
        if settings.run is None:
            raise StudioError("Name the run's folder that is to be resumed.")
        return read_run(settings.run)
    return None


def _profile(settings: TrainingSettings, known: RunManifest | None) -> Profile:
    if settings.profile or known is None:
        return load_profile(settings.profile or "studio", settings.overrides)
    return override_profile(known.profile, settings.overrides)


def _stages(
    settings: TrainingSettings, profile: Profile, seed: int
) -> tuple[tuple[RunStage, ...], tuple[StageName, ...]]:
    asked, there_are = settings.stages, run_stages_of(profile)
    if asked is not None and not asked:
        raise StudioError(f"Name at least one stage to train: {', '.join(there_are)}.")
    foreign = [stage for stage in (*(asked or ()), *settings.go_on) if stage not in there_are]
    if foreign:
        raise StudioError(
            f"A run of the profile {profile.name} has no stage {foreign[0]}: choose among {', '.join(there_are)}."
        )
    if settings.parent is None:
        return _in_order(asked if asked is not None else there_are, there_are), ()
    _check_shapes(settings, profile)
    begun = (*settings.go_on, *(asked or ()))
    taken_over = reusable_stages(settings.parent, profile, seed if asked is None else None, begun)
    if asked is None:
        asked = tuple(stage for stage in there_are if stage not in taken_over)
    return _in_order((*asked, *settings.go_on), there_are), taken_over


def _in_order(stages: tuple[RunStage, ...], order: tuple[RunStage, ...]) -> tuple[RunStage, ...]:
    return tuple(stage for stage in order if stage in stages)


def _check_shapes(settings: TrainingSettings, profile: Profile) -> None:
    """Refuse to go on with weights that the settings give another shape."""
    assert settings.parent is not None
    before = read_run(settings.parent).profile
    for stage in settings.go_on:
        for key in UNCHANGEABLE[stage]:
            if _setting(before, key) != _setting(profile, key):
                raise StudioError(
                    f"The {stage} cannot go on from {settings.parent} with another {key} "
                    f"({_setting(before, key)} there): keep it, or let the branch begin the {stage} anew."
                )


def _setting(profile: Profile, key: str) -> Any:
    value: Any = profile
    for part in key.split("."):
        value = getattr(value, part, None)
    return value
