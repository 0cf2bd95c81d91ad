"""Runs listed, shown and kept in order; settings described, checked and tried. The training lane trains."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch

from lsd_studio.engine.datasets.loading import DATA_SETS
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.messages.core import Event, Request
from lsd_studio.engine.messages.training import (
    CheckSettings,
    DescribeSettings,
    Device,
    EstimateTraining,
    Estimating,
    ListRuns,
    PicturesShown,
    RenameRun,
    RunRenamed,
    RunsListed,
    RunsTrashed,
    SettingsDescribed,
    ShowPictures,
    ShowRun,
    StartTraining,
    TrashRuns,
)
from lsd_studio.engine.runs.files import runs_folder
from lsd_studio.engine.runs.frames import frame_file, kept_frames, load_frame
from lsd_studio.engine.runs.keeping import found_runs, rename_run, trash_run
from lsd_studio.engine.runs.known_run import read_run
from lsd_studio.engine.runs.run_reader import RunReader
from lsd_studio.engine.runs.settings import check_settings, described_profiles, described_settings
from lsd_studio.engine.session import Handler, Session
from lsd_studio.engine.steps import told
from lsd_studio.engine.training.estimate import estimate_in_steps
from lsd_studio.engine.training.plan import plan_training, planned_images
from lsd_studio.engine.training.run import available_devices

__all__ = ["HANDLERS"]


def _list_runs(session: Session, number: int, request: ListRuns) -> Iterator[Event]:
    readers = _readers(session)
    found = found_runs(request.opened)
    runs = [readers.setdefault(run, RunReader(run)).summary() for run in found]
    yield RunsListed(number, runs_folder(), tuple(sorted(runs, key=lambda run: -run.created)))


def _show_run(session: Session, number: int, request: ShowRun) -> Iterator[Event]:
    run = request.run.resolve()
    yield _readers(session).setdefault(run, RunReader(run)).shown(number)


def _readers(session: Session) -> dict[Path, RunReader]:
    """One for each run that was looked at, so that only what is new is read."""
    readers: dict[Path, RunReader] = session.notes.setdefault("run readers", {})
    return readers


def _show_pictures(session: Session, number: int, request: ShowPictures) -> Iterator[Event]:
    kept = kept_frames(request.run, request.stage)
    if not kept:
        raise StudioError(
            f"There are no pictures of the {request.stage} of {request.run.name} yet; they come as it is trained."
        )
    wanted = kept[-1] if request.step is None else request.step
    step = min(kept, key=lambda known: abs(known - wanted))
    frame = load_frame(frame_file(request.run, request.stage, step))
    names = read_run(request.run).data.label_names
    yield PicturesShown(
        number,
        run=request.run,
        stage=request.stage,
        step=frame.step,
        total_steps=frame.total_steps,
        steps=kept,
        groups=frame.groups,
        label_names=names if len(names) == len(frame.counts) else tuple(map(str, range(len(frame.counts)))),
        counted=int(frame.counts.sum()),
        counts=frame.counts,
        confidences=frame.confidences,
        confidence=frame.confidence,
    )


def _rename_run(session: Session, number: int, request: RenameRun) -> Iterator[Event]:
    yield RunRenamed(number, request.run, rename_run(request.run, request.name))


def _trash_runs(session: Session, number: int, request: TrashRuns) -> Iterator[Event]:
    for run in request.runs:
        trash_run(run)
    yield RunsTrashed(number, request.runs)


def _describe_settings(session: Session, number: int, request: DescribeSettings) -> Iterator[Event]:
    devices = tuple(
        Device(name, _device_title(name), "bfloat16" if precise == "bf16-mixed" else "float32")
        for name, precise in available_devices()
    )
    yield SettingsDescribed(number, described_settings(), described_profiles(), DATA_SETS, devices)


def _device_title(name: str) -> str:
    if name == "cuda":
        return str(torch.cuda.get_device_name())
    return {"mps": "Apple's graphics processor", "cpu": "Processor"}[name]


def _check_settings(session: Session, number: int, request: CheckSettings) -> Iterator[Event]:
    yield check_settings(number, request.profile, request.overrides, request.parent)


def _estimate(session: Session, number: int, request: EstimateTraining) -> Iterator[Event]:
    plan = plan_training(
        StartTraining(
            profile=None if request.parent is not None else request.profile,
            overrides=request.overrides,
            data=request.data,
            device=request.device,
            stages=request.stages,
            parent=request.parent,
            go_on=request.go_on,
        )
    )
    yield Estimating(number, plan.stages[0], 0.0)
    trying = estimate_in_steps(number, plan, planned_images(plan))
    yield (yield from told(trying, lambda at: Estimating(number, *at)))


HANDLERS: dict[type[Request], Handler] = {
    ListRuns: _list_runs,
    ShowRun: _show_run,
    ShowPictures: _show_pictures,
    RenameRun: _rename_run,
    TrashRuns: _trash_runs,
    DescribeSettings: _describe_settings,
    CheckSettings: _check_settings,
    EstimateTraining: _estimate,
}
