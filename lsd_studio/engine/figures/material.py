"""What the figures of one bundle are made of: each thing is read or computed when the first figure needs it."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.basis.measures import LatentDensities
from lsd_studio.engine.basis.variant import training_images
from lsd_studio.engine.bundle import Bundle, known_name
from lsd_studio.engine.datasets import LabelledImages, hold_out, load_fitting
from lsd_studio.engine.evaluation.cache import Dependencies, findings_folder, store_findings, stored_findings
from lsd_studio.engine.evaluation.evaluation import evaluate_bundle
from lsd_studio.engine.evaluation.findings import Findings, Read
from lsd_studio.engine.figures.spec import WIDE_FIGURES, FigureInputs, Panel, PlotFigure
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.latent.label_densities import label_latents, latent_densities
from lsd_studio.engine.steps import Doing, mapped
from lsd_studio.engine.vocabulary import Reading, Source

Result = TypeVar("Result")


Work: TypeAlias = Generator[Doing, None, Result]
"""Yields how far it is and returns its result; it may be abandoned between two yields."""

Drawn: TypeAlias = Work[PlotFigure]


@dataclass(frozen=True, eq=False)
class Samples:
    """Latent vectors of one source, counted by label [l], with their densities.

    `pictures`, uint8 [l, S, H, W, C], has them decoded; black where a label has fewer than S.
    """

    pictures: NDArray[np.uint8]
    counts: NDArray[np.int64]
    densities: LatentDensities


class Material:
    """The bundle, its images, and what was measured and sampled for the figures so far.

    `notes` are what a reader must know of the test images, once they are read.
    """

    def __init__(self, bundle: Bundle, inputs: FigureInputs | None = None) -> None:
        self.bundle = bundle
        self.inputs = inputs or FigureInputs()
        self.notes: tuple[str, ...] = ()
        self._findings: Findings | None = None
        self._samples: dict[Source, Samples] = {}

    @property
    def labels(self) -> int:
        """l, the number of labels."""
        return self.bundle.basis.number_of_labels

    @property
    def label_names(self) -> tuple[str, ...]:
        """The names of the labels."""
        return self.bundle.manifest.label_names

    @property
    def reading(self) -> Reading:
        """How amplitudes name a label."""
        return self.inputs.reading or self.bundle.profile.reading

    @cached_property
    def test(self) -> LabelledImages:
        """The test images.

        Raises:
            StudioError: they are not here, or do not fit the bundle.
        """
        test = load_fitting(self.bundle.manifest.trained_on, self.inputs.data, "test")
        self.notes = test.notes
        return test.take(np.arange(min(len(test), self.inputs.images or len(test))))

    def findings(self) -> Work[Findings]:
        """The evaluation on the test images: what was kept of it, or else measured now and kept."""
        if self._findings is None:
            test, trials, seed = self.test, self.inputs.trials, self.inputs.seed
            dependencies = Dependencies.of(self.bundle, test, trials=trials, seed=seed)
            self._findings = stored_findings(self.bundle, dependencies)
            if self._findings is None:
                yield Doing("reading the training images", 0.0)
                training, _ = hold_out(
                    load_fitting(self.bundle.manifest.trained_on, self.inputs.data, "train")
                )
                steps = evaluate_bundle(self.bundle, test, training, trials=trials, seed=seed)
                self._findings = yield from mapped(
                    steps, lambda step: Doing(f"evaluating: {step.doing}", step.share)
                )
                store_findings(findings_folder(self.bundle), dependencies, self._findings)
        return self._findings

    def read(self) -> Work[Read]:
        """The sampled codes of the test images, by the reading asked for."""
        findings = yield from self.findings()
        return findings.reads["sampled", self.reading]

    def samples(self, source: Source) -> Work[Samples]:
        """Latent vectors of each label, drawn from a source (step 4a or 4b), decoded, with their densities."""
        if source not in self._samples:
            self._samples[source] = yield from self._drawn(source)
        return self._samples[source]

    def _drawn(self, source: Source) -> Work[Samples]:
        yield Doing(f"drawing {source} latent vectors", 0.0)
        networks, each = self.bundle.networks, self.inputs.samples
        images, _ = training_images(self.bundle)
        drawn = []
        for batch in label_latents(networks, images, source, each, self.inputs.seed):
            drawn.append(batch)
            yield Doing(f"drawing {source} latent vectors", float(batch.counts.sum() / (each * self.labels)))
        codes, pixels, labels = (
            np.concatenate([getattr(batch, part) for batch in drawn])
            for part in ("codes", "images", "labels")
        )
        shown = pictures(pixels)
        mosaics = np.zeros((self.labels, each, *shown.shape[1:]), np.uint8)
        for label in range(self.labels):
            of_label = shown[labels == label]
            mosaics[label, : len(of_label)] = of_label
        return Samples(mosaics, drawn[-1].counts, latent_densities(codes, labels, self.labels))

    def figure(
        self,
        number: str,
        title: str,
        panels: tuple[Panel, ...],
        source: str,
        caption: str,
        settings: tuple[str, ...] = (),
        columns: int = 1,
    ) -> PlotFigure:
        """The figure of this number; `settings` are the names of the inputs that it depends on."""
        inputs = {**dataclasses.asdict(self.inputs), "reading": self.reading}
        if "data" in settings:
            inputs["data"] = self.test.name
        return PlotFigure(
            name=f"figure-{number}",
            title=title,
            panels=panels,
            source=source,
            caption=caption,
            columns=columns,
            wide=number in WIDE_FIGURES,
            number=number,
            settings={name: inputs[name] for name in settings},
        )

    def source(self, *parts: str) -> str:
        """What a figure was computed from, in words."""
        return " · ".join((known_name(self.bundle.path), f"profile {self.bundle.profile.name}", *parts))

    def test_source(self, *parts: str) -> str:
        """The same for a figure of test images."""
        return self.source(f"{len(self.test)} test images of {self.test.name}", *parts)
