"""Pictures of a training at moments that its length fixes, drawn without touching what the training depends on.

The codes, the noise and the images are the same at every moment, and no global random state is used, so weights come
out the same with pictures and without.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lsd_studio.engine.platform.seeds import derived_seed
from lsd_studio.engine.runs.frames import Frame, GroupTitle, PictureGroup, frame_file, save_frame
from lsd_studio.engine.training.autoencoder_stage import AutoencoderStage
from lsd_studio.engine.training.events import PicturesSaved
from lsd_studio.engine.training.joint_stage import JointStage
from lsd_studio.engine.training.loop import ImageTensors
from lsd_studio.engine.training.stages import EncoderStage, GanStage, Stage, in_batches

PICTURES = 64
"""Pictures a group, an 8 × 8 grid."""

COUNTED = 256
"""Images whose labels are counted at each moment."""


class SnapshotWriter:
    """Draws what the generator makes of fixed codes, and what an encoder with it or a decoder makes of fixed images."""

    def __init__(self, run: Path, seed: int, latent_dimensions: int, held_out: ImageTensors) -> None:
        self.run = run
        random = torch.Generator().manual_seed(derived_seed(seed, "pictures"))
        device = held_out.pixels.device
        self.codes = torch.randn(COUNTED, latent_dimensions, generator=random).to(device)
        self.images = held_out.scaled(slice(COUNTED))
        self.labels = held_out.labels[:COUNTED]
        self.noise = torch.randn(len(self.images), latent_dimensions, generator=random).to(device)

    @torch.no_grad()
    def take(self, stage: Stage, step: int, total_steps: int) -> PicturesSaved | None:
        """Draw and keep the pictures of this moment; None for a stage that draws none, or whose networks diverged.

        Raises:
            StudioError: the disk is full or not writable.
        """
        drawn: dict[GroupTitle, tuple[Tensor, Tensor | None]] = {}
        if isinstance(stage, GanStage):
            drawn["generated"] = self._batched(stage.trained().eval(), self.codes), None
        elif isinstance(stage, EncoderStage | JointStage):
            encoder = stage.trained().eval()
            generator = (
                stage.generator if isinstance(stage, EncoderStage) else stage.networks()["gan"]
            ).eval()
            encoded = self._batched(lambda batch: torch.cat(encoder(batch), dim=1), self.images)
            mean, log_sigma = encoded.chunk(2, dim=1)
            drawn["data"] = self.images, self.labels
            drawn["encoded"] = self._batched(generator, mean + log_sigma.exp() * self.noise), self.labels
            drawn["random"] = self._batched(generator, self.codes[:PICTURES]), None
        elif isinstance(stage, AutoencoderStage):
            autoencoder = stage.trained().eval()
            given = stage.given(self.images, seed=0)
            drawn["data"] = self.images, self.labels
            if stage.settings.task != "reconstruct":
                drawn["given"] = given, self.labels
            drawn["encoded"] = self._batched(autoencoder, given), self.labels
            if stage.settings.is_variational:
                drawn["random"] = self._batched(autoencoder.decoder, self.codes[:PICTURES]), None
        else:
            return None
        counted: GroupTitle = "generated" if isinstance(stage, GanStage) else "encoded"
        if not bool(drawn[counted][0].isfinite().all()):
            return None
        classifier = stage.classifier
        read = {title: self._batched(classifier, images).softmax(1) for title, (images, _) in drawn.items()}
        groups = tuple(
            _group(title, images, read[title], labels) for title, (images, labels) in drawn.items()
        )
        path = frame_file(self.run, stage.name, step)
        frame = Frame(stage.name, step, total_steps, groups, *_counted(read[counted]))
        save_frame(path, frame)
        return PicturesSaved(stage.name, step, path, tuple(frame.counts.tolist()))

    def _batched(self, function: Callable[[Tensor], Tensor], inputs: Tensor) -> Tensor:
        return in_batches(function, inputs, self.images.shape[1:])


def _group(title: GroupTitle, images: Tensor, probabilities: Tensor, labels: Tensor | None) -> PictureGroup:
    pixels = images[:PICTURES].float().clamp(-1, 1).add(1).mul(127.5).round().byte().permute(0, 2, 3, 1)
    surest, label = probabilities[:PICTURES].max(1)
    return PictureGroup(
        title,
        np.ascontiguousarray(pixels.cpu().numpy()),
        label.cpu().numpy(),
        surest.cpu().numpy(),
        None if labels is None else labels[:PICTURES].cpu().numpy(),
    )


def _counted(probabilities: Tensor) -> tuple[np.ndarray, np.ndarray, float]:
    surest, label = (part.cpu().numpy() for part in probabilities.max(1))
    number_of_labels = probabilities.shape[1]
    counts = np.bincount(label, minlength=number_of_labels)
    sums = np.bincount(label, weights=surest, minlength=number_of_labels)
    means = np.full(number_of_labels, np.nan, np.float32)
    np.divide(sums, counts, out=means, where=counts > 0, casting="same_kind")
    return counts.astype(np.int64), means, float(surest.mean())
