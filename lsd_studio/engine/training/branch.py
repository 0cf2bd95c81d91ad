"""A new run that begins with what another one has learnt.

Of each stage the branch takes the finished checkpoint over (its settings are unchanged), goes on from it with other
settings, or begins anew. What goes on keeps its step: a branch that only adds epochs at a constant learning rate ends
at the very weights of a run that had these epochs from the start.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lsd_studio.engine.datasets import LabelledImages, hold_out, is_same_source
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.facts import checkpoint_file, read_facts
from lsd_studio.engine.runs.files import check_place, events_file, history_file, run_file
from lsd_studio.engine.runs.frames import frame_file, stored_frames
from lsd_studio.engine.runs.journal import Noted, note_events, read_journal
from lsd_studio.engine.runs.manifest import ParentRun, RunManifest, read_run, write_run
from lsd_studio.engine.runs.profiles import Profile
from lsd_studio.engine.training.checkpoint import read_checkpoint, write_checkpoint
from lsd_studio.engine.training.events import (
    Diagnosed,
    EpochDone,
    PicturesSaved,
    StageDone,
    StageName,
    StageStarted,
)
from lsd_studio.engine.training.plan import Plan
from lsd_studio.engine.training.stage_settings import settings_behind, steps_per_epoch


def branch_run(plan: Plan, parent: Path, run: Path, data: LabelledImages) -> None:
    """Make the folder of a run that can be resumed, with the parent's checkpoints, curves and pictures in it.

    The checkpoints of the stages taken over are kept as they are; those to go on begin at the parent's step with the
    parent's weights and the settings of the plan's profile.

    Raises:
        StudioError: `run` holds a run already, the images are others, a stage to go on from has no checkpoint, has
            been trained for all its epochs, or has another shape; or the disk is full.
    """
    known = read_run(parent)
    if run_file(run).exists():
        raise StudioError(f"{run} already holds a run; name another folder for the branch.")
    check_place(run)
    if known.data.checksum != data.checksum:
        raise StudioError(
            f"The training images of {data.name} have changed since {parent} was started: please put back what was "
            "there, or start a new run."
            if is_same_source(known.data.name, data.name)
            else f"{parent} was trained on other images ({known.data.name}); a branch keeps its parent's data, "
            "so start a new run for others."
        )
    images = len(hold_out(data)[0])
    origins: dict[str, str] = {}
    moves = [(stage, checkpoint_file(parent, stage)) for stage in (*plan.taken_over, *plan.go_on)]
    steps = {
        stage: _step_in_branch(stage, path, plan.profile, images)
        for stage, path in moves
        if stage in plan.go_on
    }
    with _nothing_left_on_failure(run):
        try:
            for stage, path in moves:
                target = checkpoint_file(run, stage)
                if stage in steps:
                    facts = {
                        "stage": stage,
                        "settings": settings_behind(stage, plan.profile),
                        "step": steps[stage],
                        "measures": read_facts(path).measures,
                    }
                    write_checkpoint(target, read_checkpoint(path), facts)
                    origins[stage] = f"gone on at step {steps[stage]}"
                else:
                    _share(path, target)
                    origins[stage] = "taken over"
                _share_what_was_seen(parent, run, stage, steps.get(stage))
        except OSError as error:
            raise StudioError(
                f"The branch {run} cannot be written ({error.strerror}); choose another folder or make room."
            ) from error
        name = known.name or parent.resolve().name
        origin = ParentRun(path=parent.resolve(), id=known.id, name=name, origins=origins)
        write_run(run, RunManifest(profile=plan.profile, data=known.data, seed=plan.seed, parent=origin))


@contextmanager
def _nothing_left_on_failure(run: Path) -> Iterator[None]:
    """Let the run's folder go again where nothing was in it before and the block fails."""
    was_empty = not run.is_dir() or not any(run.iterdir())
    try:
        yield
    except BaseException:
        if was_empty:
            shutil.rmtree(run, ignore_errors=True)
        raise


def _step_in_branch(stage: StageName, checkpoint: Path, profile: Profile, images: int) -> int:
    """The parent's step, in batches of the branch's size."""
    if not checkpoint.exists():
        raise StudioError(f"{checkpoint} does not exist; let the branch begin the {stage} anew.")
    facts = read_facts(checkpoint)
    batch_size = facts.settings_of(stage).get("batch_size")
    if not isinstance(batch_size, int) or batch_size < 1:
        raise StudioError(
            f"{checkpoint} does not say how it was made; let the branch begin the {stage} anew."
        )
    before = steps_per_epoch(images, batch_size)
    settings = getattr(profile, stage)
    after = steps_per_epoch(images, settings.batch_size)
    step = facts.step if before == after else round(facts.step * after / before)
    if step >= after * settings.epochs:
        raise StudioError(
            f"The {stage} has done {facts.step / before:.4g} epochs already: set {stage}.epochs above that to go "
            "on from there, or let the branch begin it anew."
        )
    return step


def _share_what_was_seen(parent: Path, run: Path, stage: StageName, step: int | None) -> None:
    """Curves, pictures and journal of a stage, up to `step` where the branch goes on from there.

    Where the branch counts its steps in batches of another size, they stay with the parent.
    """
    if step not in (None, read_facts(checkpoint_file(parent, stage)).step):
        return
    if history_file(parent, stage).is_file():
        _share(history_file(parent, stage), history_file(run, stage))
    for shown in stored_frames(parent, stage):
        if step is None or shown <= step:
            _share(frame_file(parent, stage, shown), frame_file(run, stage, shown))
    note_events(events_file(run), _noted_until(read_journal(events_file(parent)), stage, step))


def _noted_until(noted: Sequence[Noted], stage: StageName, step: int | None) -> list[Noted]:
    shared = []
    total_steps = 0
    for entry in noted:
        match entry.event:
            case StageStarted(stage=of):
                belongs = of == stage
                total_steps = entry.event.total_steps
            case EpochDone(stage=of, epoch=epoch, epochs=epochs):
                belongs = of == stage and (step is None or epoch * total_steps <= step * epochs)
            case PicturesSaved(stage=of, step=at) | Diagnosed(stage=of, step=at):
                belongs = of == stage and (step is None or at <= step)
            case StageDone(stage=of):
                belongs = of == stage and step is None
            case _:
                belongs = False
        if belongs:
            shared.append(entry)
    return shared


def _share(file: Path, target: Path) -> None:
    """The same content under another name: a second link where the system has them; both are only ever replaced."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)
