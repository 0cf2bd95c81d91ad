"""What memory a training would take, found without taking it: networks without weights, batches without values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from lsd_studio.engine.autoencoders.networks import Autoencoder
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.models.networks import Classifier, Judge
from lsd_studio.engine.runs.new_networks import new_discriminator, new_encoder, new_generator
from lsd_studio.engine.runs.profiles import Profile
from lsd_studio.engine.training.events import StageName
from lsd_studio.engine.training.memory import module_bytes, peak_bytes

COPIES = 5
"""Of a network that is trained: weights, gradients, two moments and the running average."""


def bytes_needed(
    profile: Profile,
    image_shape: Sequence[int],
    number_of_labels: int,
    images: int,
    of_stages: Collection[StageName] | None = None,
) -> int:
    """The most bytes that the stages of a profile, all or some, hold at one time, beside the images.

    Weights with all that goes with them, and what one batch keeps for its backward pass; or, where that is more, the
    weights twice, as while a checkpoint is written. What an operation takes for itself meanwhile is not counted.
    """
    with torch.device("meta"):
        classifier = Classifier(image_shape, number_of_labels, profile.classifier.widths)
        stages: dict[StageName, tuple[list[nn.Module], list[nn.Module], Callable[[], Tensor]]] = {
            "classifier": (
                [classifier],
                [],
                lambda: classifier(_batch(profile.classifier.batch_size, images, image_shape)),
            )
        }
        if (of_judge := profile.judge) is not None:
            judge = Judge(image_shape, number_of_labels, of_judge.widths)
            stages["judge"] = [judge], [], lambda: judge(_batch(of_judge.batch_size, images, image_shape))
        if profile.autoencoder is not None:
            settings = profile.autoencoder
            autoencoder = Autoencoder(
                image_shape,
                settings.latent_dimensions,
                settings.widths,
                is_variational=settings.is_variational,
                batch_normalisation=settings.batch_normalisation,
            )
            stages["autoencoder"] = (
                [autoencoder],
                [classifier],
                lambda: autoencoder(_batch(settings.batch_size, images, image_shape)),
            )
        else:
            latent = profile.latent_dimensions
            generator, discriminator = (
                new_generator(profile, image_shape),
                new_discriminator(profile, image_shape),
            )
            encoder = new_encoder(profile, image_shape)

            def players() -> Tensor:
                drawn = generator(_batch(profile.gan.batch_size, images, (latent,)))
                return discriminator(torch.cat([torch.empty_like(drawn), drawn]))

            def encoded() -> Tensor:
                mean, _ = encoder(_batch(profile.encoder.batch_size, images, image_shape))
                return classifier(generator(mean))

            stages["gan"] = [generator, discriminator], [classifier], players
            stages["encoder"] = [encoder], [classifier, generator, discriminator], encoded
            if profile.joint is not None:
                batch_size = profile.joint.batch_size

                def together() -> Tensor:
                    mean, _ = encoder(_batch(batch_size, images, image_shape))
                    drawn = generator(torch.cat([mean, mean, mean]))
                    return classifier(drawn).sum() + discriminator(drawn).sum() + encoder(drawn)[0].sum()

                stages["joint"] = [generator, encoder, discriminator], [classifier, generator], together
        return max(
            _bytes_of_stage(*stage)
            for name, stage in stages.items()
            if of_stages is None or name in of_stages
        )


def _batch(batch_size: int, images: int, shape: Sequence[int]) -> Tensor:
    return torch.empty((max(2, min(batch_size, images)), *shape), device="meta")


def _bytes_of_stage(
    trained: Sequence[nn.Module], frozen: Sequence[nn.Module], forward: Callable[[], Tensor]
) -> int:
    weights = COPIES * sum(map(module_bytes, trained)) + sum(map(module_bytes, frozen))
    return weights + max(peak_bytes(lambda: forward().sum().backward()), weights)


def available_bytes(device: torch.device) -> int | None:
    """The memory that could be had now; None where the system does not say.

    Of the processor, what Linux calls available, or the limit of the control group if that is less.
    """
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    found = [_available(Path("/proc/meminfo")), _left_of_group(Path("/sys/fs/cgroup"))]
    known = [value for value in found if value is not None]
    return min(known) if known else None


def _available(meminfo: Path) -> int | None:
    try:
        lines = dict(line.split(":") for line in meminfo.read_text().splitlines())
        return 1024 * int(lines["MemAvailable"].split()[0])
    except (OSError, ValueError, KeyError):
        return None


def _left_of_group(group: Path) -> int | None:
    try:
        return int((group / "memory.max").read_text()) - int((group / "memory.current").read_text())
    except (OSError, ValueError):  # "max": no limit
        return None


def check_memory(
    profile: Profile,
    image_shape: tuple[int, int, int],
    number_of_labels: int,
    images: int,
    available: int | None,
    of_stages: Collection[StageName] | None = None,
) -> None:
    """Refuse a training that memory does not suffice for, before any of it is taken.

    Args:
        images: that are trained on.
        available: bytes; None where it is not known, and nothing is refused.
        of_stages: those that are trained; None: all of the profile.

    Raises:
        StudioError: it does not; the sentence names the largest size that would do.
    """
    if available is None:
        return
    channels, edge, _ = image_shape

    def needed(of_edge: int) -> int:
        return bytes_needed(profile, (channels, of_edge, of_edge), number_of_labels, images, of_stages)

    wanted = needed(edge)
    if wanted <= available:
        return
    low, high = 1, edge // 4
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if needed(4 * middle) <= available else (low, middle)
    advice = (
        f"the largest images that fit are {4 * low}×{4 * low}: resize them, or set smaller batches"
        if low > 1
        else "set smaller batches, or close other programs"
    )
    raise StudioError(
        f"Training on images of {edge}×{edge} pixels takes about {_size(wanted)} of memory, and {_size(available)} "
        f"are free; {advice}."
    )


def _size(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


@contextmanager
def memory_errors_explained() -> Iterator[None]:
    """Where memory ran out nevertheless, say so in a sentence.

    Raises:
        StudioError: it did.
    """
    try:
        yield
    except (MemoryError, torch.OutOfMemoryError) as error:
        raise _ran_out() from error
    except RuntimeError as error:
        if "allocate memory" not in str(error):
            raise
        raise _ran_out() from error


def _ran_out() -> StudioError:
    return StudioError(
        "The memory of this machine ran out: please close other programs, set smaller batches, or resize the images."
    )
