"""A run from its first batch to its bundle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from lightning_fabric import Fabric

from lsd_studio.engine.autoencoders.bundle import open_autoencoder, save_autoencoder
from lsd_studio.engine.basis.latent_sets import basis_in_steps
from lsd_studio.engine.basis.progress import BasisStep, LatentSetsProgress
from lsd_studio.engine.bundle import open_bundle, save_bundle
from lsd_studio.engine.datasets import LabelledImages, hold_out
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.platform.seeds import derived_seed
from lsd_studio.engine.runs.files import events_file
from lsd_studio.engine.runs.journal import read_journal
from lsd_studio.engine.runs.profiles import Profile
from lsd_studio.engine.runs.state import run_held
from lsd_studio.engine.training.branch import branch_run
from lsd_studio.engine.training.bundle_facts import bundle_facts, stage_records
from lsd_studio.engine.training.control import Control
from lsd_studio.engine.training.events import BasisProgress, Cancelled, RunDone, TrainingEvent
from lsd_studio.engine.training.memory_needed import (
    available_bytes,
    check_memory,
    memory_errors_explained,
)
from lsd_studio.engine.training.monitoring.recorder import Recorder
from lsd_studio.engine.training.plan import Plan
from lsd_studio.engine.training.precision import arithmetic_of
from lsd_studio.engine.training.run import (
    check_beginning,
    check_fit,
    fitted_profile,
    make_fabric,
    train_networks,
)
from lsd_studio.engine.training.stage_settings import run_stages_of


def carry_out(plan: Plan, run: Path, data: LabelledImages, control: Control) -> Iterator[TrainingEvent]:
    """Train as planned into the folder `run`; a branch begins with what its parent has learnt. Yields what happens.

    A folder that `folder_of` made goes again where nothing was written into it.

    Raises:
        StudioError: as `train_run` and `branch_run`.
    """
    try:
        if plan.parent is not None:
            branch_run(plan, plan.parent, run, data)
            plan = replace(plan, resume=True)
        yield from train_run(plan, run, data, control)
    finally:
        if plan.run is None:
            with suppress(OSError):  # something is in it
                run.rmdir()


def train_run(
    plan: Plan, run: Path, data: LabelledImages, control: Control | None = None
) -> Iterator[TrainingEvent]:
    """Train all models, build the basis, and write `run/bundle`; yields what happens and keeps it in `run`.

    A profile with the section autoencoder has no basis: its bundle is written when the autoencoder is trained.
    RunDone comes with the last stage. A run that is done is left as it is. A cancelled run ends after its checkpoint,
    without RunDone, and goes on from there when it is resumed. Under `torchrun` all processes train, and the first one
    builds the basis and writes the bundle.

    Args:
        run: the run's folder, made where it is missing.
        data: the training images; the last of them are held out for measures, and no test image is seen.
        control: pauses and cancels between batches.

    Raises:
        StudioError: the folder holds another run or one that another process trains, M does not fit the labels, a
            stage that is needed is not trained, a checkpoint is broken, memory does not suffice, the training
            diverges, the disk is full, or a label cannot be filled while the basis is built.
    """
    bundle_facts(plan.profile, data, plan.seed)
    plan = replace(plan, profile=fitted_profile(plan.profile, data))
    fabric = make_fabric(plan.profile, plan.device, arithmetic_of(run) if plan.resume else None)
    check_fit(plan.profile, data)
    images = len(hold_out(data)[0])
    free = available_bytes(fabric.device)
    check_memory(plan.profile, data.image_shape, data.number_of_labels, images, free)
    events = _all_stages(plan, run, data, control or Control(), fabric)
    if not fabric.is_global_zero:
        yield from events
        return
    check_beginning(plan, run, data)
    with run_held(run), Recorder(run, plan.stages, data.label_names, plan.expected_seconds) as recorder:
        with memory_errors_explained():
            for event in events:
                yield from recorder.record(event)


def _all_stages(
    plan: Plan, run: Path, data: LabelledImages, control: Control, fabric: Fabric
) -> Iterator[TrainingEvent]:
    profile, seed = plan.profile, plan.seed
    trained = yield from train_networks(plan, run, data, control, fabric)
    if trained is None or run_stages_of(profile)[-1] not in plan.stages or not fabric.is_global_zero:
        return
    bundle = run / "bundle"
    if plan.resume and _is_done(bundle, profile, data, seed):
        yield RunDone(bundle)
        return
    used, _ = hold_out(data)
    facts = bundle_facts(
        profile, data, seed, device=str(fabric.device.type), precision=str(fabric._precision.precision)
    ).model_copy(update={"stages": stage_records(read_journal(events_file(run)))})
    if profile.autoencoder is not None:
        save_autoencoder(
            bundle,
            profile=profile,
            autoencoder=trained["autoencoder"],
            classifier=trained["classifier"],
            facts=facts,
        )
        yield RunDone(bundle)
        return
    networks = Networks(
        trained["gan"],
        trained["encoder"],
        trained["classifier"],
        data.image_shape,
        data.number_of_labels,
        profile.latent_dimensions,
        trained.get("judge"),
    )
    basis_seed = derived_seed(seed, "basis")
    building = basis_in_steps(networks, used, profile.basis, basis_seed)
    overall = 0.0
    while True:
        yield from control.hold("basis", int(100 * overall))
        if control.cancelled:
            yield Cancelled("basis", int(100 * overall))
            return
        try:
            progress = basis_progress(next(building), profile)
        except StopIteration as finished:
            basis = finished.value
            break
        overall = progress.overall
        yield progress
    save_bundle(
        bundle,
        profile=profile,
        networks=networks,
        discriminator=trained["discriminator"],
        basis=basis,
        facts=facts.model_copy(update={"seeds": {"training": seed, "basis": basis_seed}}),
    )
    yield RunDone(bundle)


def _is_done(bundle: Path, profile: Profile, data: LabelledImages, seed: int) -> bool:
    """Whether the bundle is there already that these settings, images and seed end in."""
    try:
        found = open_bundle(bundle) if profile.autoencoder is None else open_autoencoder(bundle)
    except StudioError:
        return False
    known = found.manifest
    return (
        found.profile == profile
        and known.data.checksum == data.checksum
        and known.seeds.get("training") == seed
    )


def basis_progress(step: BasisStep, profile: Profile) -> BasisProgress:
    """How far the basis of a profile is, as an event of the run."""
    parts = 2 if profile.basis.complement == "labelled" else 1
    if isinstance(step, LatentSetsProgress):
        return BasisProgress("latent sets", step.fraction, step.fraction / parts, step.note)
    return BasisProgress("labelled frame", step.fraction, (parts - 1 + step.fraction) / parts)
