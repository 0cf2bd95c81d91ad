"""`lsd-studio train`: all three models, then the basis, in a run's folder that can be resumed."""

from __future__ import annotations

import argparse
import shlex
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from lsd_studio.cli.answers import Bars, answer, bars, check_destination, console, is_first_process
from lsd_studio.cli.exit_codes import EXIT_DONE, EXIT_INTERRUPTED
from lsd_studio.cli.interrupts import interrupts_held
from lsd_studio.engine.datasets import load_data_set
from lsd_studio.engine.profiles import Profile, load_profile, override_profile
from lsd_studio.engine.training.control import Control
from lsd_studio.engine.training.events import (
    BasisProgress,
    Cancelled,
    EpochDone,
    RunDone,
    StageDone,
    StageStarted,
    StepDone,
    TrainingEvent,
)
from lsd_studio.engine.training.known_run import read_run


def run(options: argparse.Namespace) -> int:
    """Train, tell how it goes, and answer with the bundle's place and what each stage reached."""
    check_destination(options.json)
    profile, source, seed = _what_to_train(options)
    started = time.monotonic()
    with bars() as shown, _ctrl_c() as stop:
        result = Teller(shown)
        try:
            data = load_data_set(source, "train", shown.show)
            # Imported here, since torch takes seconds and a mistake in what was asked for should not.
            with interrupts_held():
                from lsd_studio.engine.training.whole_run import train_run

            for event in train_run(
                options.out, profile, data, seed=seed, resume=options.resume, control=stop.control
            ):
                stop.now = isinstance(event, StageDone | BasisProgress)
                result.tell(event)
        except KeyboardInterrupt:
            result.stopped = True
    answer(
        {
            "outcome": "cancelled" if result.bundle is None else "finished",
            "run": str(options.out),
            "bundle": str(result.bundle) if result.bundle else None,
            "profile": profile.name,
            "data": source,
            "seed": seed,
            "stages": result.stages,
            "seconds": round(time.monotonic() - started, 1),
        },
        options.json,
    )
    if not is_first_process():
        return EXIT_INTERRUPTED if result.stopped else EXIT_DONE
    if result.bundle is None:
        begun = (options.out / "run.json").exists()
        go_on = f"go on with: lsd-studio train --out {shlex.quote(str(options.out))} --resume"
        told = f"Stopped, the last checkpoint is kept; {go_on}" if begun else "Stopped before the run began."
        console.print(told, markup=False, soft_wrap=True)
        return EXIT_INTERRUPTED
    console.print(f"Done: the bundle is in {result.bundle}", markup=False, soft_wrap=True)
    return EXIT_DONE


def _what_to_train(options: argparse.Namespace) -> tuple[Profile, str, int]:
    """Profile, data source and seed: what was asked for, else what the resumed run has, else the defaults."""
    if options.resume:
        known = read_run(options.out)
        profile, source, seed = known.profile, known.data.name, known.seed
        if options.profile:
            profile = load_profile(options.profile, options.overrides)
        elif options.overrides:
            profile = override_profile(profile, options.overrides)
    else:
        profile = load_profile(options.profile or "studio", options.overrides)
        source, seed = profile.data, 0
    return profile, options.data or source, seed if options.seed is None else options.seed


class Teller:
    """Turns the events of a run into bars and lines, and keeps what the answer needs.

    Attributes:
        stages: the last measures of each stage.
        bundle: where the bundle is, once everything is trained.
        stopped: whether the run was stopped before its end.

    """

    def __init__(self, shown: Bars) -> None:
        self._shown = shown
        self.stages: dict[str, dict[str, float]] = {}
        self.bundle: Path | None = None
        self.stopped = False

    def tell(self, event: TrainingEvent) -> None:
        """Show one event."""
        match event:
            case StageStarted():
                state = f"from step {event.first_step}" if event.first_step else "from the start"
                self._say(
                    f"{event.stage}: {state}, {event.total_steps} steps, {event.device}, {event.precision}"
                )
            case StepDone():
                self._shown.show(event.stage, event.step / event.total_steps, _numbers(event.losses))
            case EpochDone():
                self.stages[event.stage] = dict(event.measures)
                self._say(
                    f"{event.stage} {event.epoch}/{event.epochs}: {_numbers(event.measures)} ({event.seconds:.0f} s)"
                )
            case StageDone():
                self.stages[event.stage] = dict(event.measures)
            case BasisProgress():
                self._shown.show(f"basis: {event.doing}", event.fraction)
            case RunDone():
                self.bundle = event.bundle
            case Cancelled():
                self.stopped = True
                self._say(f"{event.stage}: stopped after step {event.step}")

    def _say(self, text: str) -> None:
        if is_first_process():
            self._shown.say(text)


class _Stop:
    """Ctrl-C during training: stop after the batch under way with a checkpoint; pressed again, stop at once.

    Attributes:
        control: what the training loop obeys between batches.
        now: whether nothing is lost by stopping at once, as while data is loaded or the basis is built.

    """

    def __init__(self) -> None:
        self.control = Control()
        self.now = True

    def __call__(self, signal_number: int, frame: FrameType | None) -> None:
        if self.now or self.control.cancelled:
            raise KeyboardInterrupt
        self.control.cancel()


@contextmanager
def _ctrl_c() -> Iterator[_Stop]:
    stop = _Stop()
    before = signal.signal(signal.SIGINT, stop)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _numbers(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in values.items())
