"""Runs listed, read and managed; settings described, checked and tried."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.framing import Framing
from lsd_studio.engine.operations import Host, Operations, operation
from lsd_studio.engine.runs.files import choose_runs_folder, runs_folder
from lsd_studio.engine.runs.frames import Frame, frame_file, load_frame, stored_frames
from lsd_studio.engine.runs.setting import CheckedSettings, Setting, ShippedProfile
from lsd_studio.engine.runs.summary import RunDetails, RunList
from lsd_studio.engine.steps import Doing, report_doing
from lsd_studio.engine.training.control import Control
from lsd_studio.engine.training.estimate import Estimating, TrainingEstimate
from lsd_studio.engine.training.events import StageName
from lsd_studio.engine.training.settings import DeviceName, TrainingSettings
from lsd_studio.engine.training.trainer import Trainer

if TYPE_CHECKING:
    from lsd_studio.engine.datasets.image_survey import ImageSurvey
    from lsd_studio.engine.runs.run_reader import RunReader


@dataclass(frozen=True)
class Device:
    """Where training can run on this machine, the best first; precision: what "auto" comes to there."""

    name: DeviceName
    title: str
    precision: str


@dataclass(frozen=True)
class TrainingChoices:
    """What can be chosen; `data_sets` can be named without a path, the ones that ship first."""

    settings: tuple[Setting, ...]
    profiles: tuple[ShippedProfile, ...]
    data_sets: tuple[str, ...]
    devices: tuple[Device, ...]


@dataclass(frozen=True, eq=False)
class RunPictures:
    """Pictures from a moment of the training; steps: all at which pictures of this stage were stored, rising."""

    run: Path
    frame: Frame
    steps: tuple[int, ...]
    label_names: tuple[str, ...]


class TrainingOperations(Operations):
    """Training, and what is asked about its runs; none of it belongs to the bundle that is open.

    How the training under way goes is broadcast (`Engine.subscribe`). Pausing, stepping, resuming and cancelling are
    obeyed between two batches; each raises StudioError where no training is under way.
    """

    def __init__(self, host: Host, trainer: Trainer) -> None:
        super().__init__(host)
        self._trainer = trainer
        self._readers: dict[Path, RunReader] = {}

    def start(self, settings: TrainingSettings) -> None:
        """Begin to train, and return at once; that it cannot be done is broadcast as the end of the training.

        Raises:
            StudioError: a training is under way already, or the engine is closed.
        """
        self._trainer.start(settings)

    def pause(self) -> None:
        """Pause the training before its next batch."""
        self._control.pause()

    def step(self) -> None:
        """Do one batch, or one step of building the basis, and pause again."""
        self._control.step()

    def resume(self) -> None:
        """Go on with the paused training."""
        self._control.resume()

    def cancel(self) -> None:
        """Stop the training at its next batch, with a checkpoint."""
        self._control.cancel()

    @property
    def _control(self) -> Control:
        if not self._trainer.is_running:
            raise StudioError("No training is under way; start one first.")
        return self._trainer.control

    @operation("loading", scope="engine")
    def runs(self, opened: tuple[Path, ...] = ()) -> RunList:
        """The runs in the user's data folder, and those below the folders `opened`, newest first."""
        from lsd_studio.engine.runs.store import found_runs

        runs = [self._reader(run).summary() for run in found_runs(opened)]
        return RunList(runs_folder(), tuple(sorted(runs, key=lambda run: -run.created)))

    @operation("loading", latest="run", scope="engine")
    def run(self, run: Path) -> RunDetails:
        """A run's summary and curves from its folder, also while another process writes it."""
        return self._reader(run.resolve()).details()

    @operation("loading", scope="engine")
    def pictures(self, run: Path, stage: StageName, step: int | None = None) -> RunPictures:
        """The pictures that were kept nearest to `step`, or the newest for None.

        Raises:
            StudioError: none were kept yet.
        """
        from lsd_studio.engine.runs.manifest import read_run

        kept = stored_frames(run, stage)
        if not kept:
            raise StudioError(
                f"There are no pictures of the {stage} of {run.name} yet; they come as it is trained."
            )
        wanted = kept[-1] if step is None else step
        frame = load_frame(frame_file(run, stage, min(kept, key=lambda known: abs(known - wanted))))
        names = read_run(run).data.label_names
        if len(names) != len(frame.counts):
            names = tuple(map(str, range(len(frame.counts))))
        return RunPictures(run, frame, kept, names)

    @operation("loading", latest="run", scope="engine")
    def rename(self, run: Path, name: str) -> str:
        """Give a run another name, and return it as it is written; its folder keeps its own."""
        from lsd_studio.engine.runs.store import rename_run

        return rename_run(run, name)

    @operation("loading", latest="runs", scope="engine")
    def trash(self, runs: tuple[Path, ...]) -> None:
        """Move runs to the system's trash; refused for a run that is being trained."""
        from lsd_studio.engine.runs.store import trash_run

        for run in runs:
            trash_run(run)

    @operation(scope="engine")
    def folder(self) -> Path:
        """Where new runs are kept."""
        return runs_folder()

    @operation(scope="engine")
    def choose_folder(self, folder: Path) -> Path:
        """Keep new runs in another folder, for the command line too; those that are there stay where they are."""
        choose_runs_folder(folder)
        return runs_folder()

    @operation("loading", scope="engine")
    def choices(self) -> TrainingChoices:
        """All settings, shipped profiles, data sets and devices."""
        from lsd_studio.engine.datasets.loading import DATA_SETS
        from lsd_studio.engine.runs.settings import described_profiles, described_settings
        from lsd_studio.engine.training.run import available_devices

        devices = tuple(
            Device(name, _device_title(name), "bfloat16" if precise == "bf16-mixed" else "float32")
            for name, precise in available_devices()
        )
        return TrainingChoices(described_settings(), described_profiles(), DATA_SETS, devices)

    @operation("loading", scope="engine")
    def check(
        self, profile: str = "studio", overrides: tuple[str, ...] = (), parent: Path | None = None
    ) -> CheckedSettings:
        """Validate settings as they are chosen; those that are refused are an answer too.

        Args:
            profile: name of a shipped profile or path of a profile file.
            overrides: settings as "encoder.epochs=3".
            parent: the run that is to be branched from; its settings are then the ones that are overridden.
        """
        from lsd_studio.engine.runs.settings import check_settings

        return check_settings(profile, overrides, parent)

    @operation("loading", latest="path", scope="engine")
    def survey(self, path: Path, framing: Framing | None = None) -> ImageSurvey:
        """Look over a folder or file of images that is to be trained on, fitted as `framing` says or as it needs.

        Raises:
            StudioError: it holds no labelled images, or one cannot be read.
        """
        from lsd_studio.engine.datasets.image_survey import survey_images

        return survey_images(path, framing)

    @operation("analysis", scope="engine")
    def estimate(self, settings: TrainingSettings) -> Generator[Doing | Estimating, None, TrainingEstimate]:
        """Measure a few batches of each stage of a training, on networks that are thrown away."""
        from lsd_studio.engine.training.plan import plan_training, planned_images
        from lsd_studio.engine.training.trial import estimate_in_steps

        plan = plan_training(settings)
        yield Doing("reading the training images")
        return (yield from estimate_in_steps(plan, planned_images(plan, report_doing)))

    def _reader(self, run: Path) -> RunReader:
        """One for each run, so that only what is new is read."""
        from lsd_studio.engine.runs.run_reader import RunReader

        return self._readers.setdefault(run, RunReader(run))


def _device_title(name: str) -> str:
    if name == "cuda":
        import torch

        return str(torch.cuda.get_device_name())
    return {"mps": "Apple's graphics processor", "cpu": "Processor"}[name]
