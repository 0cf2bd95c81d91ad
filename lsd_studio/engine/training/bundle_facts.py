"""What a bundle's manifest says of a training; what it could not say is refused before the first batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import ValidationError

from lsd_studio.engine.bundle import DataRecord, Facts, library_versions
from lsd_studio.engine.bundle.manifest import FORMAT_VERSION, AnyManifest, StageRecord
from lsd_studio.engine.datasets import LabelledImages, hold_out
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.journal import Noted
from lsd_studio.engine.runs.profiles import Profile
from lsd_studio.engine.training.divergence import finite
from lsd_studio.engine.training.events import EpochDone, StageName, StageStarted
from lsd_studio.files.json_text import first_fault

DEVICE, PRECISION = "cpu", "32-true"


def bundle_facts(
    profile: Profile, data: LabelledImages, seed: int, *, device: str = DEVICE, precision: str = PRECISION
) -> Facts:
    """The facts of a bundle that this profile trains on these images, its stages left out.

    Raises:
        StudioError: no bundle could hold them: names of labels that are empty, too long, double or too many, images of
            more channels or another size than a bundle may have, a seed of more than 63 bits.
    """
    used, held_out = hold_out(data)
    try:
        facts = Facts(
            data=DataRecord(
                name=data.name,
                checksum=data.checksum,
                images=len(used),
                held_out=len(held_out),
                reading=data.reading,
            ),
            label_names=data.label_names,
            seeds={"training": seed},
            device=device,
            precision=precision,
        )
        AnyManifest(
            **dict(facts),
            format="lsd-studio-bundle" if profile.autoencoder is None else "lsd-studio-autoencoder",
            format_version=FORMAT_VERSION,
            created=datetime.now(UTC),
            profile=profile.name,
            image_shape=data.image_shape,
            latent_dimensions=profile.latent_dimensions
            if profile.autoencoder is None
            else profile.autoencoder.latent_dimensions,
            versions=library_versions(),
        )
    except ValidationError as error:
        raise StudioError(
            f"{data.name} cannot be trained on, since no bundle could describe it ({first_fault(error)}): please "
            "change that first."
        ) from error
    return facts


def stage_records(noted: Sequence[Noted]) -> tuple[StageRecord, ...]:
    """The training, stage by stage, from a journal; of an epoch that was done twice the later one counts.

    A measure that was no finite number in some epoch is missing there.
    """
    events = [entry.event for entry in noted]
    steps = {event.stage: event.total_steps for event in events if isinstance(event, StageStarted)}
    epochs = [event for event in events if isinstance(event, EpochDone)]
    return tuple(
        _stage_record(stage, total, {event.epoch: event for event in epochs if event.stage == stage})
        for stage, total in steps.items()
    )


def _stage_record(stage: StageName, steps: int, epochs: dict[int, EpochDone]) -> StageRecord:
    in_order = [epochs[epoch] for epoch in sorted(epochs)]
    names = dict.fromkeys(name for event in in_order for name in event.measures)
    return StageRecord(
        name=stage,
        epochs=len(in_order),
        steps=steps,
        seconds=sum(event.seconds for event in in_order),
        metrics=finite(in_order[-1].measures) if in_order else {},
        history={name: tuple(finite(event.measures).get(name) for event in in_order) for name in names},
    )
