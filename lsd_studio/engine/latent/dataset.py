"""A data set of codes under a coder, and what all views of it share."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.data_files.columns import Column
from lsd_studio.engine.datasets import LabelledImages, fit_images
from lsd_studio.engine.datasets.labelled_images import UNLABELLED
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.codes_alone import CodeRows, NoCoder
from lsd_studio.engine.latent.second_space import Aligned, SecondSpace, aligned
from lsd_studio.engine.latent.statistics.gaussian_twin import (
    TwinOf,
    draw_gaussian,
    draw_gaussian_of_each_label,
)
from lsd_studio.engine.latent.statistics.moments import Codes, Moments, finite_rows, moments
from lsd_studio.engine.latent.statistics.plane_index import PlaneIndex
from lsd_studio.engine.latent.statistics.planes import MANY_POINTS, Plane, axis_name, check_axes, project
from lsd_studio.engine.latent.statistics.principal_axes import PrincipalAxes, principal_axes
from lsd_studio.engine.latent.statistics.sample_quality import boundary_of
from lsd_studio.engine.platform.allocation import keep_freed_memory
from lsd_studio.engine.platform.seeds import random_numbers

if TYPE_CHECKING:
    from lsd_studio.engine.autoencoders.coders import Coder
    from lsd_studio.engine.latent.views import Layout

MOST_CODES = 200_000
IMAGES_AT_ONCE = 1000

SMALL_ARRAYS = 32 << 20
"""Bytes of an array that a view of a plane makes, at most, and that is kept for the next; codes are larger."""

PLANES_KEPT = 8
"""Projections that are kept, so that panning and zooming cost no projection."""

LARGE_PLANES_KEPT = 3
"""Of many points."""


@dataclass(frozen=True)
class EncodingStep:
    """How many images are encoded, of how many, and how fast."""

    done: int
    wanted: int
    images_per_second: float


@dataclass(eq=False)
class LatentDataset:
    """Codes float32 [N, M] of the images of `data`, in their order, by the encoder of `coder`; or codes alone.

    Attributes:
        coder, data: of codes that came without networks and images, `NoCoder` and `CodeRows`.
        notes: one sentence each on what a reader must know of these codes.
        moments, principal: of the codes.
        distances: float64 [N], Mahalanobis distance of each code from the mean; sorted.
        boundary: the distance within which 99 % of the codes lie.
        twin: float32 [N, M], the Gaussian twin drawn last; None before the first.
        second: another space of the same rows; None before one is opened beside this.
        layout: what t-SNE made last of the codes; None before the first.
        running: cleared while the embedding is paused.
    """

    coder: Coder | NoCoder
    data: LabelledImages | CodeRows
    codes: Codes
    notes: tuple[str, ...]
    moments: Moments = field(init=False)
    principal: PrincipalAxes = field(init=False)
    distances: NDArray[np.float64] = field(init=False)
    boundary: float = field(init=False)
    twin: Codes | None = None
    second: SecondSpace | None = None
    layout: Layout | None = None
    running: threading.Event = field(default_factory=threading.Event)
    _planes: dict[tuple[Plane, bool], Codes] = field(default_factory=dict)
    _aligned: dict[Plane, Aligned] = field(default_factory=dict)
    _indices: dict[tuple[Plane, bool], PlaneIndex] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        keep_freed_memory(SMALL_ARRAYS)
        self.moments = moments(self.codes)
        self.principal = principal_axes(self.moments)
        if self.principal.rank == 0:
            raise StudioError("All codes are the same, so there is nothing to show: train the model again.")
        self.distances = np.sort(self.principal.distances(self.codes))
        self.boundary = boundary_of(self.distances)
        self.notes += _remarks(self)

    @property
    def components(self) -> int:
        """M, the number of components."""
        return self.codes.shape[1]

    @property
    def decoder(self) -> Coder:
        """What draws codes, and reads what it drew.

        Raises:
            StudioError: there are codes alone.
        """
        if isinstance(self.coder, NoCoder):
            raise StudioError(
                f"{self.data.name} has no decoder, which this needs: make a bundle of its networks with "
                "`lsd-studio adopt`."
            )
        return self.coder

    @property
    def images(self) -> LabelledImages:
        """The images that the codes are of.

        Raises:
            StudioError: there are codes alone.
        """
        if isinstance(self.data, CodeRows):
            raise StudioError(f"{self.data.name} has no images beside its codes, which this needs.")
        return self.data

    @property
    def in_words(self) -> str:
        """What the codes are of, such as "10000 images of mnist (test)"."""
        if isinstance(self.data, CodeRows):
            return f"{len(self.codes)} codes of {self.data.name}"
        return f"{len(self.codes)} images of {self.data.name} ({self.data.split})"

    @property
    def rows(self) -> NDArray[np.int64]:
        """Which image or row of its file each code is, int64 [N]."""
        return self.data.rows if isinstance(self.data, CodeRows) else np.arange(len(self.codes))

    @property
    def columns(self) -> Mapping[str, Column]:
        """One value for each code, by name: of a file's columns, or of images their labels."""
        if isinstance(self.data, CodeRows):
            return self.data.columns
        if self.data.label_names == UNLABELLED:
            return {}
        return {"label": Column("label", "labels", self.data.labels, self.data.label_names)}

    @property
    def labels_read(self) -> tuple[str, ...]:
        """Names of what C reads; none without a classifier."""
        return () if self.coder.classifier is None else self.coder.label_names or ()

    def draw_twin(self, seed: int, of: TwinOf = "codes") -> None:
        """Draw the Gaussian twin of all codes (R33) or of each label (R47), in the place of the one before.

        Raises:
            StudioError: the twin is of the labels, and there are none.
        """
        random = random_numbers(seed, "twin", of)
        if of == "codes":
            twin = draw_gaussian(self.principal, len(self.codes), random)
        elif self.data.label_names == UNLABELLED:
            raise StudioError("These codes have no labels: choose one Gaussian for all of them.")
        else:
            twin = draw_gaussian_of_each_label(self.codes, self.data.labels, random)
        with self._lock:
            self.twin = twin
            self._planes = {key: points for key, points in self._planes.items() if not key[1]}
            self._indices = {key: index for key, index in self._indices.items() if not key[1]}

    def use_second(self, second: SecondSpace) -> None:
        """Have another space of the same rows beside this, in the place of the one before."""
        with self._lock:
            self.second, self._aligned = second, {}
            self._planes = {key: points for key, points in self._planes.items() if not key[0].second}
            self._indices = {key: index for key, index in self._indices.items() if not key[0].second}

    def aligned(self, plane: Plane) -> Aligned:
        """The second space, aligned with this one, or with a plane where it has no more than two components.

        Raises:
            StudioError: there is no such plane, no second space, or no relation between them.
        """
        if self.second is None:
            raise StudioError("There is no second space beside these codes: open one first.")
        if self.second.whole is not None:
            return self.second.whole
        with self._lock:
            found = self._aligned.get(plane)
        if found is None:
            points = self.projected(replace(plane, second=False), twin=False)
            found = aligned(self.second.codes, points, with_plane=True)
            with self._lock:
                kept = list(self._aligned.items())[1 - PLANES_KEPT :]
                self._aligned = {**dict(kept), plane: found}
        return found

    def population(self, twin: bool) -> Codes:
        """The codes, or their Gaussian twin.

        Raises:
            StudioError: the twin is not drawn yet.
        """
        if not twin:
            return self.codes
        if self.twin is None:
            raise StudioError("The Gaussian twin is not drawn yet: draw it first.")
        return self.twin

    def projected(self, plane: Plane, twin: bool) -> Codes:
        """Points float32 [N, 2] on a plane, kept for the next view.

        Raises:
            StudioError: there is no such plane, or no twin.
        """
        check_axes(self.components, plane.x, plane.y)
        found = self.aligned(plane) if plane.second else None
        if found is not None and found.with_plane:
            return found.codes
        with self._lock:
            points = self._planes.pop((plane, twin), None)
            if points is None:
                codes = self.population(twin) if found is None else found.codes
                points = project(codes, plane.axes, plane.x, plane.y, self.principal)
            self._planes[plane, twin] = points
            kept = PLANES_KEPT if len(points) < MANY_POINTS else LARGE_PLANES_KEPT
            for oldest in list(self._planes)[:-kept]:
                del self._planes[oldest]
                self._indices.pop(oldest, None)
        return points

    def indexed(self, plane: Plane, twin: bool) -> PlaneIndex | None:
        """The index of the points on a plane, kept as long as they are; None where they are not many.

        Raises:
            StudioError: there is no such plane, or no twin.
        """
        points = self.projected(plane, twin)
        if len(points) < MANY_POINTS:
            return None
        with self._lock:
            found = self._indices.get((plane, twin))
            if found is None:
                found = self._indices[plane, twin] = PlaneIndex(points)
        return found

    def axis_names(self, plane: Plane) -> tuple[str, str]:
        """Names of the axes of a plane, for plots, such as "principal axis 1 (12.3 % of variance)".

        Raises:
            StudioError: there is no such plane.
        """
        check_axes(self.components, plane.x, plane.y)
        across, up = (axis_name(plane.axes, axis, self.principal) for axis in (plane.x, plane.y))
        if plane.second:
            across, up = (f"{name.partition(' (')[0]} of the first space" for name in (across, up))
        return across, up

    def labels(self, indices: NDArray[np.int64], twin: bool) -> NDArray[np.int64]:
        """Labels of the images of codes; −1 for points of the twin, which have no image."""
        return np.full(len(indices), -1, dtype=np.int64) if twin else self.data.labels[indices]

    def share_beyond(self, distances: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share of the codes that lie farther out than each Mahalanobis distance, 0…1."""
        return 1 - np.searchsorted(self.distances, distances, side="right") / len(self.distances)


def encode_data_set(
    coder: Coder, data: LabelledImages, most: int
) -> Generator[EncodingStep, None, LatentDataset]:
    """Encode the first `most` images, with progress.

    Images whose codes are not finite are left out, and a note says how many; another one says where there are more
    images than `most`.

    Raises:
        StudioError: the images do not fit the coder, or there are too few codes.
    """
    if not 1 <= most <= MOST_CODES:
        raise StudioError(
            f"1 to {MOST_CODES} images can be encoded, not {most}: choose a number in this range."
        )
    data = fit_images(data, coder.trained_on, any_labels=True)
    notes = data.notes
    if len(data) > most:
        notes = (f"These are the first {most} of its {len(data)} images.", *notes)
        data = data.take(np.arange(most))
    codes = np.empty((len(data), coder.latent_dimensions), dtype=np.float32)
    start = time.perf_counter()
    for first in range(0, len(data), IMAGES_AT_ONCE):
        some = slice(first, min(first + IMAGES_AT_ONCE, len(data)))
        codes[some], _ = coder.encode(data.images[some])
        yield EncodingStep(some.stop, len(data), some.stop / (time.perf_counter() - start))
    finite = finite_rows(codes)
    if not finite.all():
        lost = len(finite) - int(finite.sum())
        notes = (
            *notes,
            f"{lost} of {len(finite)} images have codes that are not finite numbers; they are left out.",
        )
        data, codes = data.take(finite), codes[finite]
    return LatentDataset(coder, data, codes, notes)


def _remarks(of: LatentDataset) -> tuple[str, ...]:
    remarks = []
    count, components, rank = len(of.codes), of.components, of.principal.rank
    if (constant := np.flatnonzero(of.moments.constant)).size:
        named = ", ".join(map(str, constant[:10])) + ("…" if len(constant) > 10 else "")
        remarks.append(
            f"{len(constant)} of {components} components are constant and have no density or correlation: {named}."
        )
    if count <= components:
        remarks.append(
            f"{count} codes of {components} components vary in {rank} directions only, within which distances and "
            "samplers stay: take more images for more."
        )
    elif rank < components - len(constant):
        remarks.append(
            f"The codes vary in {rank} directions of {components} only, within which distances and samplers stay."
        )
    item = "codes" if isinstance(of.data, CodeRows) else "images"
    if of.data.label_names == UNLABELLED:
        remarks.append(f"The {item} have no labels, so colours tell nothing apart.")
    elif len(np.unique(of.data.labels)) == 1:
        remarks.append(f"All {item} have one label, so colours tell nothing apart.")
    if isinstance(of.coder, NoCoder):
        return tuple(remarks)
    names = of.coder.label_names
    if names is not None and of.coder.classifier is not None and names != of.data.label_names:
        remarks.append(
            f"C reads the labels of {of.coder.trained_on.name}, which are not those of {of.data.name}."
        )
    return tuple(remarks)
