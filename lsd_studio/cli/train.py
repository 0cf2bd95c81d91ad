"""`lsd-studio train`: all three models, then the basis, in a run's folder that can be resumed or branched from.

Unlike other commands it follows the training itself on the main thread, and not through the engine: a signal is obeyed
between two batches, and `torchrun` starts several such processes that train as one.
"""

from __future__ import annotations

import argparse
import shlex
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from lsd_studio.cli.answers import Bars, answer, bars, say
from lsd_studio.cli.endings import EXIT_DONE, Stopped, interrupts_held, obeying
from lsd_studio.durations import format_duration
from lsd_studio.engine.api import Engine
from lsd_studio.engine.images.framing import Framing
from lsd_studio.engine.steps import Doing
from lsd_studio.engine.training.control import Control
from lsd_studio.engine.training.estimate import Estimating
from lsd_studio.engine.training.events import (
    BasisProgress,
    Cancelled,
    Diagnosed,
    EpochDone,
    PicturesSaved,
    Progressed,
    RunDone,
    StageDone,
    StageStarted,
    StepDone,
    TrainingEvent,
)
from lsd_studio.engine.training.plan import folder_of, plan_training, planned_images
from lsd_studio.engine.training.settings import TrainingSettings
from lsd_studio.percentages import percentage


def run(options: argparse.Namespace) -> int:
    """Train, tell how it goes, and answer with the bundle's place and what each stage reached."""
    settings = _settings(options)
    if options.estimate:
        return _estimate(settings, options.json)
    plan = plan_training(settings)
    started = time.monotonic()
    run_folder: Path | None = options.out
    stop = _Stop()
    with bars() as shown, obeying(stop):
        result = ProgressReporter(shown)
        try:
            data = planned_images(plan, shown.show)
            shown.note(*data.notes)
            # Imported here, since torch takes seconds and a mistake in what was asked for should not.
            with interrupts_held():
                from lsd_studio.engine.training.whole_run import carry_out

            run_folder = folder_of(plan)
            for event in carry_out(plan, run_folder, data, stop.control):
                stop.now = False
                result.report(event)
        except KeyboardInterrupt:
            result.stopped = True
    answer(
        {
            "outcome": "cancelled" if result.stopped else "finished",
            "run": str(run_folder) if run_folder else None,
            "bundle": str(result.bundle) if result.bundle else None,
            "profile": plan.profile.name,
            "data": plan.source,
            "seed": plan.seed,
            "stages": result.stages,
            "diagnoses": result.diagnoses,
            "seconds": round(time.monotonic() - started, 1),
        },
        options.json,
    )
    if result.stopped:
        if run_folder is not None and (run_folder / "run.json").exists():
            go_on = f"go on with: lsd-studio train --out {shlex.quote(str(run_folder))} --resume"
            say(f"Stopped, the last checkpoint is kept; {go_on}")
        else:
            say("Stopped before the run began.")
        return 128 + stop.signal
    done = (
        f"the bundle is in {result.bundle}" if result.bundle else f"{', '.join(plan.stages)} in {run_folder}"
    )
    say(f"Done: {done}")
    return EXIT_DONE


def _settings(options: argparse.Namespace) -> TrainingSettings:
    return TrainingSettings(
        run=options.out,
        profile=options.profile,
        data=options.data,
        framing=options.size and Framing(way=options.fit, height=options.size, width=options.size),
        seed=options.seed,
        overrides=tuple(options.overrides),
        resume=options.resume,
        name=options.name,
        device=options.device,
        stages=tuple(options.stages) if options.stages else None,
        parent=options.parent,
        go_on=tuple(options.go_on),
        checkpoint_seconds=options.checkpoint_every,
    )


def _estimate(settings: TrainingSettings, destination: str | None) -> int:
    """Tell what the training would take, and train nothing."""
    with Engine() as engine, bars() as shown:

        def show(step: Doing | Estimating) -> None:
            if isinstance(step, Doing):
                shown.follow(step)
            else:
                shown.show(f"trial: {step.stage}", step.fraction)

        found = engine.training.estimate(settings).result(show)
        shown.note(*found.notes)
    result = {
        "seconds": round(found.seconds, 1),
        "seconds_by_stage": {stage: round(seconds, 1) for stage, seconds in found.seconds_by_stage.items()},
        "seconds_per_step": found.seconds_per_step,
        "steps": found.steps,
        "memory_megabytes": round(found.memory_megabytes),
        "device": found.device,
        "precision": found.precision,
    }
    answer(result, destination)
    say(found.sentence)
    return EXIT_DONE


LONGEST_SILENCE = 30.0
"""Seconds after which a line says how far it is, for logs, in which no bar is seen."""


class ProgressReporter:
    """Turns the events of a run into bars and lines, and keeps what the answer needs.

    Attributes:
        stages: the last measures of each stage.
        bundle: where the bundle is, once everything is trained.
        diagnoses: what was found wrong, each as a sentence and what to try.
        stopped: whether the run was stopped before its end.
    """

    def __init__(self, shown: Bars, clock: Callable[[], float] = time.monotonic) -> None:
        self._shown = shown
        self._clock = clock
        self.stages: dict[str, dict[str, float]] = {}
        self.diagnoses: list[str] = []
        self.bundle: Path | None = None
        self.stopped = False
        self._left = self._waiting = ""
        self._said_at = self._clock()

    def report(self, event: TrainingEvent | Doing) -> None:
        """Show one event, or a step before the first."""
        match event:
            case Doing():
                self._shown.follow(event)
            case StageStarted():
                state = f"from step {event.first_step}" if event.first_step else "from the start"
                self._say(
                    f"{event.stage}: {state}, {event.total_steps} steps, {event.device}, {event.precision}"
                )
            case StepDone():
                note = f"{_numbers(event.losses)}{self._left}"
                self._shown.show(event.stage, event.step / event.total_steps, note)
            case EpochDone():
                self.stages[event.stage] = dict(event.measures)
                took = f"{event.seconds:.0f} s{self._left}"
                self._say(f"{event.stage} {event.epoch}/{event.epochs}: {_numbers(event.measures)} ({took})")
            case Progressed(seconds_left_in_stage=left, seconds_per_step=pace):
                self._left = f", {format_duration(left)} left" if left is not None else ""
                if pace and event.stage != "basis":
                    self._left += f" at {1 / pace:.3g} steps/s"
                if self._clock() - self._said_at > LONGEST_SILENCE:
                    share = event.step / max(1, event.total_steps)
                    self._say(f"{event.stage}: {percentage(share)}{self._left}{self._waiting}")
            case PicturesSaved():
                self._say(f"{event.stage}: pictures of step {event.step} kept")
            case Diagnosed():
                self.diagnoses.append(f"{event.sentence} {event.advice}")
                self._say(f"{event.stage}, step {event.step}: {event.sentence} {event.advice}")
            case StageDone():
                self.stages[event.stage] = dict(event.measures)
            case BasisProgress():
                self._waiting = f", {event.note}" if event.note else ""
                self._shown.show(f"basis: {event.doing}", event.fraction, event.note)
            case RunDone():
                self.bundle = event.bundle
            case Cancelled():
                self.stopped = True
                self._say(f"{event.stage}: stopped after step {event.step}")

    def _say(self, text: str) -> None:
        self._said_at = self._clock()
        self._shown.say(text)


class _Stop:
    """Ctrl-C, SIGTERM or SIGHUP in training: stop after the batch under way with a checkpoint; a second one at once.

    Attributes:
        control: what the training loop obeys between batches.
        now: whether nothing is lost by stopping at once, as while data is loaded.
        signal: the one that came, SIGINT before any did; the exit code is 128 and this number.
    """

    def __init__(self) -> None:
        self.control = Control()
        self.now = True
        self.signal = int(signal.SIGINT)

    def __call__(self, number: int) -> None:
        self.signal = number
        if self.now or self.control.cancelled:
            raise Stopped(number)
        self.control.cancel()


def _numbers(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in values.items())
