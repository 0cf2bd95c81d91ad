"""What was found about steering: how many turns arrive, what of the style stays, how like images random samples are.

Only NumPy and text, as `findings`. N test images, l labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lsd_studio.engine.evaluation.findings import FloatArray, Measure
from lsd_studio.engine.evaluation.intervals import exact_interval, stated


@dataclass(frozen=True)
class RandomSamples:
    """Fréchet distances on the features of one network, without intervals; `count` is the images on either side.

    Attributes:
        to_images: from random samples to the test images.
        between_halves: from one half of the test images to the other, for comparison: 0 but for its bias, which is
            larger than that of `to_images`, since a half has half the images.
    """

    to_images: Measure
    between_halves: Measure


@dataclass(frozen=True, eq=False)
class Arrivals:
    """What one network, C or the judge, reads in pictures of turned codes.

    Attributes:
        in_the_losses: whether a loss of E or G had this network, which then marks its own work.
        share: of all turns the share that is read as their target, with an interval that counts images.
        pairs: float64 [l, l], the same of each source (row) and target (column); NaN where nothing was turned.
        counts: int64 [l, l], the images of each pair.
        walk: at each label of the walk, the first included, the share that is read as it; empty where no image starts.
        samples: how like the test images random samples are to it; None where that was not measured.
    """

    in_the_losses: bool
    share: Measure
    pairs: FloatArray
    counts: np.ndarray
    walk: tuple[Measure, ...]
    samples: RandomSamples | None

    @property
    def least_pair(self) -> tuple[int, int, Measure]:
        """Source, target and share of the pair that arrives least; its interval does not know that it was picked."""
        source, target = np.unravel_index(np.nanargmin(self.pairs), self.pairs.shape)
        value, count = float(self.pairs[source, target]), int(self.counts[source, target])
        share = Measure(value, *exact_interval(round(value * count), count), count)
        return int(source), int(target), share

    @property
    def least_station(self) -> tuple[int, Measure] | None:
        """Label and share of the station of the walk that is read least, likewise; None without a walk."""
        if not self.walk:
            return None
        station = min(range(len(self.walk)), key=lambda place: self.walk[place].value)
        return station, self.walk[station]


@dataclass(frozen=True, eq=False)
class Steering:
    """How well codes of N test images are steered to other labels (R21), with what it costs.

    Attributes:
        images: N; turns: to how many other labels each image was turned.
        arrivals: by `classifier` and, where the bundle has one, `judge`.
        style: correlation within (source, target) of each of `picture_style.MEASURES`, in the pictures of the codes
            before and after the turn, of all turns; counts and intervals are of images.
        psnr, ssim: of the reconstruction from the mean, in dB and −1…1 (R38).
        left_out: why something was not measured, by dotted name.
    """

    images: int
    turns: int
    arrivals: Mapping[str, Arrivals]
    style: Mapping[str, Measure]
    psnr: Measure
    ssim: Measure
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[str, ...]:
        """Who marked whose work, a sentence each."""
        notes = []
        if self.arrivals["classifier"].in_the_losses:
            notes.append("C was in the losses of the training, so it marks its own work.")
            notes.append(
                "The judge was in no loss: its figures are the ones to quote."
                if "judge" in self.arrivals
                else "This bundle has no judge: train one with a section [judge] in the profile."
            )
        return (*notes, *self.left_out.values())

    def measured(self, label_names: Sequence[str]) -> dict[str, Any]:
        """All of it as JSON's types; labels by name, NaN as null."""
        return {
            "images": self.images,
            "turns_an_image": self.turns,
            **{name: _stated(each, label_names) for name, each in self.arrivals.items()},
            "style": {name: stated(kept) for name, kept in self.style.items()},
            "reconstruction": {"psnr": stated(self.psnr), "ssim": stated(self.ssim)},
            "left_out": dict(self.left_out),
        }


def _stated(arrivals: Arrivals, names: Sequence[str]) -> dict[str, Any]:
    source, target, share = arrivals.least_pair
    found: dict[str, Any] = {
        "in_the_losses": arrivals.in_the_losses,
        "arrived": stated(arrivals.share),
        "least_pair": {"source": names[source], "target": names[target], "arrived": stated(share)},
        "pairs": [[None if np.isnan(value) else value for value in row] for row in arrivals.pairs.tolist()],
    }
    if (least := arrivals.least_station) is not None:
        found["walk"] = {
            "stations": [stated(station) for station in arrivals.walk],
            "least": {"station": names[least[0]], "read": stated(least[1])},
        }
    if arrivals.samples is not None:
        found["frechet"] = {
            "random": stated(arrivals.samples.to_images),
            "halves_of_images": stated(arrivals.samples.between_halves),
        }
    return found
