"""A run from its first batch to its bundle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lsd_studio.engine.bundle import DataRecord, Facts, open_bundle, save_bundle
from lsd_studio.engine.datasets import LabelledImages, hold_out
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.inference import Networks
from lsd_studio.engine.labelled_frame import LabelledFrameProgress
from lsd_studio.engine.latent_sets import LatentSetsProgress, basis_in_steps
from lsd_studio.engine.profiles import Profile
from lsd_studio.engine.training.control import Control
from lsd_studio.engine.training.events import BasisProgress, RunDone, StageStarted, TrainingEvent
from lsd_studio.engine.training.journal import note_event, read_journal, stage_records
from lsd_studio.engine.training.loop import derived_seed
from lsd_studio.engine.training.run import make_fabric, train_networks

__all__ = ["train_run"]


def train_run(
    run: Path,
    profile: Profile,
    data: LabelledImages,
    *,
    seed: int,
    resume: bool,
    control: Control | None = None,
) -> Iterator[TrainingEvent]:
    """Train all three models, build the basis, and write `run/bundle`; yields what happens.

    A run that is done is left as it is.
    A cancelled run ends after its checkpoint, without RunDone, and goes on from there when it is resumed. Under
    `torchrun` all processes train, and the first one builds the basis and writes the bundle.

    Args:
        run: the run's folder, made where it is missing.
        data: the training images; the last of them are held out for measures, and no test image is seen.
        seed: of all random draws.
        resume: go on with the run that the folder holds.
        control: pauses and cancels between batches.

    Raises:
        StudioError: the folder holds another run, M does not fit the labels, a checkpoint is broken, the disk is
            full, or a label cannot be filled while the basis is built.
    """
    control = control or Control()
    fabric = make_fabric(profile)
    journal = run / "events.jsonl"
    training = train_networks(run, profile, data, seed=seed, resume=resume, control=control, fabric=fabric)
    device, precision = "cpu", "32-true"
    while True:
        try:
            event = next(training)
        except StopIteration as finished:
            trained = finished.value
            break
        if isinstance(event, StageStarted):
            device, precision = event.device, event.precision
        if fabric.is_global_zero:
            note_event(journal, event)
        yield event
    if trained is None or not fabric.is_global_zero:
        return
    networks = Networks(
        trained["gan"],
        trained["encoder"],
        trained["classifier"],
        data.image_shape,
        data.number_of_labels,
        profile.latent_dimensions,
    )
    bundle = run / "bundle"
    if resume and _is_done(bundle, profile, data, seed):
        yield RunDone(bundle)
        return
    used, kept_back = hold_out(data)
    basis_seed = derived_seed(seed, "basis")
    building = basis_in_steps(networks, used, profile.basis, basis_seed)
    while True:
        try:
            step = next(building)
        except StopIteration as finished:
            basis = finished.value
            break
        yield _told(step)
        control.wait_while_paused()
        if control.cancelled:
            return
    save_bundle(
        bundle,
        profile=profile,
        networks=networks,
        discriminator=trained["discriminator"],
        basis=basis,
        facts=Facts(
            data=DataRecord(
                name=data.name, checksum=data.checksum, images=len(used), held_out=len(kept_back)
            ),
            label_names=data.label_names,
            seeds={"training": seed, "basis": basis_seed},
            device=device,
            precision=precision,
            stages=stage_records(read_journal(journal)),
        ),
    )
    done = RunDone(bundle)
    note_event(journal, done)
    yield done


def _is_done(bundle: Path, profile: Profile, data: LabelledImages, seed: int) -> bool:
    """Whether the bundle is there already that these settings, images and seed end in."""
    try:
        found = open_bundle(bundle)
    except StudioError:
        return False
    known = found.manifest
    return (
        found.profile == profile
        and known.data.checksum == data.checksum
        and known.seeds.get("training") == seed
    )


def _told(step: LatentSetsProgress | LabelledFrameProgress) -> BasisProgress:
    if isinstance(step, LatentSetsProgress):
        return BasisProgress("latent sets", step.fraction)
    return BasisProgress("labelled frame", step.fraction)
