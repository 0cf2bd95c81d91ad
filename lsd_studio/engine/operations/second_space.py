"""A second space of the same rows beside the codes that are open: other networks, or another array of the same file."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lsd_studio.engine.latent.codes_alone import CodeRows
from lsd_studio.engine.operations import Operations, operation
from lsd_studio.engine.steps import Doing

if TYPE_CHECKING:
    from lsd_studio.engine.datasets import LabelledImages
    from lsd_studio.engine.latent.dataset import EncodingStep, LatentDataset
    from lsd_studio.engine.latent.second_space import Beside


class SecondSpaceOperations(Operations):
    """Opens a space beside the codes that `LatentOperations` opened; raises a StudioError where none are open."""

    @operation("analysis", scope="latent space")
    def open(self, name: str | Path) -> Generator[Doing | EncodingStep, None, Beside]:
        """Open a second space of the same rows beside the codes, in the place of the one before.

        Planes that are `second` then show it, turned to what the same plane of the first shows.

        Args:
            name: one of `OpenedLatentSpace.beside`: another array of the file, or of images a coder that encodes
                them too, by its folder as well; or `LAST_LAYOUT`.

        Raises:
            StudioError: it cannot be opened, has not the same rows, or there are too few codes.
        """
        from lsd_studio.engine.latent.second_space import (
            LAST_LAYOUT,
            Beside,
            laid_out,
            second_space,
            shared_neighbours,
        )

        of = self._session.open_latent_dataset()
        data = of.data
        if name == LAST_LAYOUT:
            second = laid_out(of)
        elif isinstance(data, CodeRows):
            yield Doing("reading the second codes")
            second = second_space(str(name), data.read_array(str(name)), data.rows, of.codes)
        else:
            other = yield from _encoded_by(name, data, len(of.codes))
            second = second_space(other.coder.name, other.codes, np.arange(len(of.codes)), of.codes)
        yield Doing("looking for shared neighbours")
        shared = shared_neighbours(of.codes, second.codes)
        of.use_second(second)
        return Beside(second.name, second.codes.shape[1], shared)


def _encoded_by(
    coder: str | Path, images: LabelledImages, most: int
) -> Generator[Doing | EncodingStep, None, LatentDataset]:
    from lsd_studio.engine.autoencoders.coders import load_coder
    from lsd_studio.engine.latent.dataset import encode_data_set

    yield Doing("opening the second model")
    return (yield from encode_data_set(load_coder(coder), images, most))
