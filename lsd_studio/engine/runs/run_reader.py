"""A run read from its folder, also while another process writes there."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.curves import Curve, batch_curves, held_out_curves
from lsd_studio.engine.runs.facts import checkpoint_file
from lsd_studio.engine.runs.files import events_file, history_file, run_file, state_file
from lsd_studio.engine.runs.frames import stored_frames
from lsd_studio.engine.runs.history import ThinnedHistory
from lsd_studio.engine.runs.journal import JournalReader
from lsd_studio.engine.runs.manifest import RunManifest, read_run
from lsd_studio.engine.runs.profiles import Profile, load_profile, shipped_profiles
from lsd_studio.engine.runs.state import NotedState, is_held, read_state
from lsd_studio.engine.runs.summary import Difference, RunDetails, RunState, RunSummary, StageSummary
from lsd_studio.engine.training.events import (
    CheckpointSaved,
    Diagnosed,
    EpochDone,
    StageDone,
    StageStarted,
    TrainingEvent,
)
from lsd_studio.engine.training.stage_settings import run_stages_of, stages_of, steps_per_epoch
from lsd_studio.files.json_text import read_json

NOT_SETTINGS = ("name", "description", "notes")
"""Fields of a profile that change nothing of what is trained."""


class RunReader:
    """Reads one run again and again; of its journal only what is new."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self._journal = JournalReader(events_file(run))
        self._cached: tuple[object, RunSummary] | None = None

    def summary(self) -> RunSummary:
        """How the run stands now; a run that cannot be read is shown as damaged."""
        seen = self._fingerprint()
        if self._cached is not None and self._cached[0] == seen:
            return self._cached[1]
        try:
            summary = self._summary(read_run(self.run))
            self._cached = (seen, summary) if summary.state in ("stopped", "finished", "failed") else None
            return summary
        except StudioError as error:
            return RunSummary(self.run, self.run.name, "damaged", sentence=str(error))

    def details(self) -> RunDetails:
        """The run's summary, curves and what was found wrong.

        Raises:
            StudioError: there is no run, or its curves cannot be read.
        """
        known = read_run(self.run)
        events = [noted.event for noted in self._journal.read()]
        started = {event.stage: event for event in events if isinstance(event, StageStarted)}
        epochs = [event for event in events if isinstance(event, EpochDone)]
        an_epoch = {
            stage: max(1, event.total_steps // getattr(known.profile, stage).epochs)
            for stage, event in started.items()
            if stage in stages_of(known.profile)
        }
        curves: list[Curve] = []
        for stage in stages_of(known.profile):
            history = ThinnedHistory.load(history_file(self.run, stage))
            curves += batch_curves(stage, history, known.profile.encoder.label_weight)
            if stage in an_epoch:
                curves += held_out_curves(stage, epochs, an_epoch[stage])
        return RunDetails(
            summary=self._summary(known),
            curves=tuple(curves),
            frames={stage: stored_frames(self.run, stage) for stage in stages_of(known.profile)},
            diagnoses=tuple(event for event in events if isinstance(event, Diagnosed)),
            total_steps={stage: event.total_steps for stage, event in started.items()},
            steps_per_epoch=an_epoch,
        )

    def _summary(self, known: RunManifest) -> RunSummary:
        noted = self._journal.read()
        events = [entry.event for entry in noted]
        state = read_state(self.run)
        bundle = self.run / "bundle"
        has_bundle = (bundle / "manifest.json").is_file()
        run_state = _run_state(self.run, state, has_bundle)
        under_way = run_state in ("running", "paused", "elsewhere")
        stages = tuple(_stages(self.run, known, events, state if under_way else None, has_bundle))
        base, other = _base(known)
        created = known.created.timestamp() if known.created else (noted[0].time if noted else 0.0)
        return RunSummary(
            run=self.run,
            name=known.name or self.run.name,
            state=run_state,
            sentence=state.sentence if state is not None and run_state == "failed" else "",
            profile=known.profile.name,
            data=known.data.name,
            seed=known.seed,
            device=state.device if state is not None else "",
            stages=stages,
            parent=known.parent.path if known.parent else None,
            parent_name=known.parent.name if known.parent else None,
            base=base,
            differences=differences_between(known.profile, other) if other is not None else (),
            results=_results(stages, self.run),
            bundle=bundle if has_bundle else None,
            created=created,
            seconds=state.seconds if state is not None else _seconds(events),
            seconds_left=state.seconds_left if state is not None and under_way else None,
        )

    def _fingerprint(self) -> tuple[object, ...]:
        """What changes whenever the summary of a run that nobody trains would."""
        files = (run_file(self.run), state_file(self.run), events_file(self.run), _evaluation_file(self.run))
        return (*(file.stat().st_mtime_ns if file.exists() else 0 for file in files), is_held(self.run))


def _run_state(run: Path, state: NotedState | None, has_bundle: bool) -> RunState:
    if is_held(run):
        if state is None or not state.is_here():
            return "elsewhere"
        return "paused" if state.state == "paused" else "running"
    if state is not None and state.state in ("running", "paused") and state.is_fresh():
        return "elsewhere"
    if state is not None and state.state == "failed":
        return "failed"
    return "finished" if has_bundle else "stopped"


def _stages(
    run: Path,
    known: RunManifest,
    events: Sequence[TrainingEvent],
    state: NotedState | None,
    has_bundle: bool,
) -> Iterator[StageSummary]:
    """`state` is that of the process that trains the run now, None where there is none."""
    origins = known.parent.origins if known.parent else {}
    for stage in stages_of(known.profile):
        settings = getattr(known.profile, stage)
        total = (
            steps_per_epoch(known.data.images, settings.batch_size) * settings.epochs
            if known.data.images
            else 0
        )
        step, measures, done = 0, {}, False
        for event in events:
            match event:
                case StageStarted(stage=of, first_step=first, total_steps=all_steps) if of == stage:
                    step, total, done = first, all_steps, False
                case CheckpointSaved(stage=of, step=saved) if of == stage:
                    step = saved
                case EpochDone(stage=of, measures=measured) if of == stage:
                    measures = dict(measured)
                case StageDone(stage=of, measures=measured) if of == stage:
                    measures, done, step = dict(measured) or measures, True, total
        under_way = state is not None and state.stage == stage
        if under_way and state is not None:
            step, total = state.step, state.total_steps
        done = done and checkpoint_file(run, stage).exists()
        origin = origins.get(stage, "")
        yield StageSummary(
            stage,
            "done" if done else "under way" if under_way or step else "waiting",
            step,
            total,
            settings.epochs,
            _origin_in_words(origin, known.parent.name if known.parent else ""),
            measures,
        )
    if "basis" not in run_stages_of(known.profile):
        return
    under_way = state is not None and state.stage == "basis"
    step = 100 if has_bundle else state.step if under_way and state is not None else 0
    yield StageSummary(
        "basis", "done" if has_bundle else "under way" if under_way else "waiting", step, 100, 1, "", {}
    )


def _origin_in_words(origin: str, parent: str) -> str:
    if origin.startswith("gone on at"):
        return origin.replace("gone on at", f"gone on from {parent} at")
    return f"{origin} from {parent}" if origin else ""


def _base(known: RunManifest) -> tuple[str | None, Profile | None]:
    """What a run's settings are compared with: its parent's, else the shipped profile of the same name."""
    if known.parent is not None:
        try:
            return known.parent.name, read_run(known.parent.path).profile
        except StudioError:
            return None, None
    if known.profile.name in shipped_profiles():
        return f"profile {known.profile.name}", load_profile(known.profile.name)
    return None, None


def differences_between(profile: Profile, other: Profile) -> tuple[Difference, ...]:
    """The settings that differ, in the order of the profile."""
    ours, theirs = flat_settings(profile), flat_settings(other)
    return tuple(
        Difference(key, _text(value), _text(theirs[key]))
        for key, value in ours.items()
        if key in theirs and value != theirs[key]
    )


def flat_settings(profile: Profile) -> dict[str, Any]:
    """All settings that its stages use, by key such as "encoder.epochs"; name, description and notes are none."""
    flat: dict[str, Any] = {}
    for name, value in profile.settings("python").items():
        if name in NOT_SETTINGS:
            continue
        if isinstance(value, dict):
            flat.update({f"{name}.{key}": inner for key, inner in value.items()})
        else:
            flat[name] = value
    return flat


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _results(stages: Sequence[StageSummary], run: Path) -> dict[str, float]:
    """The last measures of the stages, and the accuracies of a stored evaluation on test images."""
    results = {f"{stage.stage}.{name}": value for stage in stages for name, value in stage.measures.items()}
    with suppress(StudioError):
        results |= _values("test", read_json(_evaluation_file(run), TypeAdapter(dict[str, Any])))
    return {name: value for name, value in results.items() if math.isfinite(value)}


def _evaluation_file(run: Path) -> Path:
    return run / "bundle" / "evaluation.json"


def _values(place: str, table: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, inner in table.items():
        if not isinstance(inner, dict) or not ("accuracy" in name or "accuracy" in place):
            continue
        value = inner.get("value")
        if isinstance(value, int | float):
            yield f"{place}.{name}", float(value)
        else:
            yield from _values(f"{place}.{name}", inner)


def _seconds(events: Sequence[TrainingEvent]) -> float:
    epochs = {(event.stage, event.epoch): event.seconds for event in events if isinstance(event, EpochDone)}
    return sum(epochs.values())
