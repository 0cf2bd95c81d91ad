"""What an autoencoder is given of each image, and must make the image from (R24)."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.denoising.noise import Noise, corrupt
from lsd_studio.engine.errors import StudioError

Task = Literal["reconstruct", "denoise", "inpaint", "recolour"]
TASKS: tuple[Task, ...] = get_args(Task)

Array = NDArray[np.float32]

LUMA = np.array((0.299, 0.587, 0.114), np.float32)
"""Shares of red, green and blue in grey (ITU-R BT.601)."""


def given_images(images: Array, task: Task, *, noise: float, dropped: float, seed: int) -> Array:
    """What the encoder is given in place of images [N, channels, edge, edge] in [−1, 1], of the same shape.

    Args:
        task: "reconstruct" gives the image itself; "denoise" adds normal noise of standard deviation `noise` and clips
            to [−1, 1]; "inpaint" turns a share `dropped` of the pixels black; "recolour" gives its grey three times.
        noise: 0…2; dropped: 0…0.95.
    """
    match task:
        case "reconstruct":
            return images
        case "denoise":
            return corrupt(images, Noise("gaussian", noise), seed).images
        case "inpaint":
            return corrupt(images, Noise("dropped", dropped), seed).images
        case "recolour":
            grey = np.tensordot(LUMA, images, axes=(0, 1))[:, None]
            return np.broadcast_to(grey, images.shape)


def check_task(task: Task, channels: int) -> None:
    """Refuse what cannot be asked of such images.

    Raises:
        StudioError: grey images are to be recoloured.
    """
    if task == "recolour" and channels != 3:
        raise StudioError(
            "Images must have colours to learn recolouring from, and these are grey: choose another data set, or set "
            "autoencoder.task to reconstruct, denoise or inpaint."
        )
