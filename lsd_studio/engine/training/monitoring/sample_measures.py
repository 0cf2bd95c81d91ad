"""What random samples of a generator under way have of held-out images, on C's features: cheap, for every epoch."""

from __future__ import annotations

from torch import Tensor

from lsd_studio.engine.evaluation.generator.kernel_distance import kernel_distance
from lsd_studio.engine.evaluation.generator.neighbourhoods import neighbourhoods

FEWEST = 20
"""Images on either side, below which neighbourhoods say nothing."""


def sample_measures(held_out: Tensor, drawn: Tensor) -> dict[str, float]:
    """Kernel distance, precision, recall and coverage of features [N, d] of samples and of as many held-out images.

    C was trained on the training images, not on these. The same images and codes are compared after each epoch, so that
    curves show what the training did; there are no intervals. With fewer than 20 of either nothing is measured.
    """
    count = min(len(held_out), len(drawn))
    if count < FEWEST:
        return {}
    real, samples = (features[:count].float().cpu().numpy() for features in (held_out, drawn))
    near = neighbourhoods(real, samples)
    return {
        "kernel_distance": kernel_distance(real, samples),
        "precision": near.precision,
        "recall": near.recall,
        "coverage": near.coverage,
    }
