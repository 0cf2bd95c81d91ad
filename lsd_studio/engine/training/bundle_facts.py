"""What a bundle will say of a training, put together before the first batch: what could not be said is refused then."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import ValidationError

from lsd_studio.engine.bundle import DataRecord, Facts, library_versions
from lsd_studio.engine.bundle.manifest import FORMAT_VERSION, AnyManifest
from lsd_studio.engine.datasets import LabelledImages, hold_out
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.profiles import Profile
from lsd_studio.files.json_text import first_fault

__all__ = ["bundle_facts"]

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
