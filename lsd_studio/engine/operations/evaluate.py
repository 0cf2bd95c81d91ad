"""Evaluating the open bundle on test images: what it published, a first look at the means, and all that is measured."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.findings import BundleMetrics, Evaluating, Findings
from lsd_studio.engine.operations import Operations, operation
from lsd_studio.engine.operations.bundles import bundle_name
from lsd_studio.engine.steps import Doing, report_doing

if TYPE_CHECKING:
    from lsd_studio.engine.datasets import LabelledImages
    from lsd_studio.engine.evaluation.cache import Dependencies
    from lsd_studio.engine.evaluation.generator.report import GeneratorReport, Space
    from lsd_studio.engine.evaluation.generator.store import ReportedOn
    from lsd_studio.engine.evaluation.steering_findings import Steering


@dataclass(frozen=True)
class PublishedMetrics:
    """The metrics that bundles come with, for comparison: the open one's, if it has any, and the shipped ones'."""

    own: BundleMetrics | None = None
    others: tuple[BundleMetrics, ...] = ()


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The open bundle, evaluated.

    Args:
        images: uint8 [N, C, H, W], the test images; label_names: l names.
        findings: everything; `findings.trials` is 0 after a first look.
        metrics: the numbers by dotted name, with the bundle, its profile and the test images.
        depends_on: all that they depend on.
        notes: what a reader must know of the images that were read, a sentence each.
        not_stored: why it could not be stored, in a sentence; "" where it is.
    """

    images: np.ndarray
    label_names: tuple[str, ...]
    findings: Findings
    metrics: BundleMetrics
    depends_on: Dependencies
    notes: tuple[str, ...] = ()
    not_stored: str = ""


@dataclass(frozen=True, eq=False)
class SteeredImages:
    """How well the open bundle is steered on test images: the findings, the same as JSON's types, and notes."""

    steering: Steering
    measured: Mapping[str, Any]
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ReportedGenerator:
    """How good the open bundle's generator is.

    Args:
        report: everything; measured: the same as JSON's types, with the bundle, the data, the seed and the versions.
        depends_on: all that it depends on.
        notes: what a reader must know of the images and of the numbers, a sentence each.
        not_stored: why it could not be stored, in a sentence; "" where it is.
    """

    report: GeneratorReport
    measured: Mapping[str, Any]
    depends_on: ReportedOn
    notes: tuple[str, ...]
    not_stored: str = ""


@dataclass(frozen=True, eq=False)
class ClosestSamples:
    """The samples of a report that lie closest to a training image, uint8 [K, H, W, C], and these images likewise."""

    report: GeneratorReport
    samples: np.ndarray
    training: np.ndarray


class EvaluateOperations(Operations):
    """Says what the open bundle is worth (R16–R18, R34, R37)."""

    @operation()
    def published(self) -> PublishedMetrics:
        """The metrics that the open bundle and the shipped ones come with."""
        from lsd_studio.engine.evaluation.published_metrics import published_metrics, shipped_metrics

        bundle = self._session.open_bundle()
        return PublishedMetrics(published_metrics(bundle, bundle_name(bundle)), shipped_metrics(bundle))

    @operation("analysis")
    def measure(
        self,
        data: str | None = None,
        whole: bool = True,
        trials: int = 20,
        seed: int = 0,
        stored: bool = True,
        images: int | None = None,
    ) -> Generator[Doing | Evaluating, None, Evaluation]:
        """Evaluate the open bundle.

        Args:
            data: the test images, by name or folder; None takes the data set that the bundle was trained on.
            whole: whether to measure all, with many draws; or only to look at the means.
            trials: draws of each test image.
            seed: of all draws.
            images: how many test images are used, from the first; None: all.
            stored: whether a stored result of the same evaluation is returned at once, and another is stored.

        Raises:
            StudioError: there are no such images, or they do not fit the bundle.
        """
        from lsd_studio.engine.datasets import hold_out, load_fitting
        from lsd_studio.engine.evaluation.cache import (
            Dependencies,
            cache_folder,
            findings_folder,
            store_findings,
            stored_findings,
        )
        from lsd_studio.engine.evaluation.evaluation import evaluate_bundle, first_look
        from lsd_studio.engine.evaluation.published_metrics import bundle_metrics

        bundle = self._session.open_bundle()
        trained_on, profile = bundle.manifest.trained_on, bundle.profile
        yield Doing("reading the test images", 0.0)
        test = load_fitting(trained_on, data, "test", report_doing)
        test = test.part(0, len(test) if images is None else images)
        notes, not_stored = test.notes, ""
        all_trials = Dependencies.of(bundle, test, trials=trials, seed=seed)
        wanted = all_trials if whole else replace(all_trials, trials=0)
        findings = stored_findings(bundle, all_trials) or stored_findings(bundle, wanted) if stored else None
        if findings is None:
            if whole:
                training, _ = hold_out(load_fitting(trained_on, data, "train", report_doing))
                notes += training.notes
                steps = evaluate_bundle(bundle, test, training, trials=trials, seed=seed)
            else:
                steps = first_look(bundle.networks, bundle.basis, test, reading=profile.reading)
            findings = yield from steps
            try:
                if stored:
                    store_findings(findings_folder(bundle) if whole else cache_folder(), wanted, findings)
            except StudioError as error:
                not_stored = str(error) if whole else ""
        metrics = bundle_metrics(bundle_name(bundle), findings.measured)
        metrics = replace(metrics, profile=profile.name, data=test.name)
        return Evaluation(test.images, test.label_names, findings, metrics, wanted, notes, not_stored)

    @operation("analysis")
    def steer(
        self, data: str | None = None, turns: int | None = None, seed: int = 0, images: int | None = None
    ) -> Generator[Doing, None, SteeredImages]:
        """Measure whether test images turned to other labels are drawn as those (R21), and what it costs.

        Args:
            data: the test images, by name or folder; None takes the data set that the bundle was trained on.
            turns: to how many other labels each image is turned, drawn by the seed; None: to each.
            seed: of all draws.
            images: how many test images are used, from the first; None: all.

        Raises:
            StudioError: there are no such images, or they do not fit the bundle.
        """
        from lsd_studio.engine.datasets import load_fitting
        from lsd_studio.engine.evaluation.steering import steer_bundle

        bundle = self._session.open_bundle()
        yield Doing("reading the test images", 0.0)
        test = load_fitting(bundle.manifest.trained_on, data, "test", report_doing)
        test = test.part(0, len(test) if images is None else images)
        steering, measured = yield from steer_bundle(bundle, test, turns=turns, seed=seed)
        return SteeredImages(steering, measured, (*test.notes, *steering.notes))

    @operation("analysis")
    def generator(
        self, data: str | None = None, seed: int = 0, images: int | None = None, stored: bool = True
    ) -> Generator[Doing, None, ReportedGenerator]:
        """Measure how good the open bundle's generator is, on C's features and on the judge's.

        Args:
            data: the test images, by name or folder; None takes the data set that the bundle was trained on.
            seed: of all draws.
            images: how many test images are used, drawn by the seed; None: all, at most 10 000.
            stored: whether a stored report of the same is returned at once, and another is stored.

        Raises:
            StudioError: there are no such images, too few, or they do not fit the bundle.
        """
        from lsd_studio.engine.evaluation.cache import findings_folder
        from lsd_studio.engine.evaluation.evaluation import measured_on
        from lsd_studio.engine.evaluation.generator.measuring import report_on_generator
        from lsd_studio.engine.evaluation.generator.store import ReportedOn, store_report, stored_report

        bundle = self._session.open_bundle()
        yield Doing("reading images", 0.0)
        test, training = self._images_of_report(data)
        depends_on = ReportedOn.of(bundle, test, training, seed, images=images)
        report, not_stored = stored_report(bundle, depends_on) if stored else None, ""
        if report is None:
            report = yield from report_on_generator(bundle, test, training, images=images, seed=seed)
            try:
                if stored:
                    store_report(findings_folder(bundle), depends_on, report)
            except StudioError as error:
                not_stored = str(error)
        measured = {**report.content, **measured_on(bundle, test, seed)}
        notes = (*test.notes, *training.notes, *report.notes)
        return ReportedGenerator(report, measured, depends_on, notes, not_stored)

    @operation("loading")
    def generator_stored(self, data: str | None = None) -> GeneratorReport | None:
        """The report on the open bundle's generator that was stored before; None where there is none.

        Raises:
            StudioError: there are no such images.
        """
        from lsd_studio.engine.evaluation.generator.store import ReportedOn, stored_report

        bundle = self._session.open_bundle()
        return stored_report(bundle, ReportedOn.of(bundle, *self._images_of_report(data), 0, images=None))

    @operation("analysis")
    def closest_samples(
        self, report: GeneratorReport, space: Space, data: str | None = None
    ) -> ClosestSamples:
        """Draw the samples of a report that lie closest to training images, closest first, beside these.

        Args:
            space: what they lie close in; data: the data set of the report.

        Raises:
            StudioError: the training images have changed since.
        """
        from lsd_studio.engine.evaluation.generator.sets import sample_codes
        from lsd_studio.engine.images.pictures import pictures

        bundle = self._session.open_bundle()
        _, training = self._images_of_report(data)
        closest = report.memorisation[space].closest
        numbers, images = [sample for sample, _, _ in closest], [image for _, image, _ in closest]
        if max(numbers) >= report.images or max(images) >= len(training):
            raise StudioError(
                "The training images have changed since the generator was measured: measure it again."
            )
        codes = sample_codes(report.images, bundle.networks, report.seed)[numbers]
        drawn = pictures(bundle.networks.decode(codes))
        return ClosestSamples(report, drawn, np.moveaxis(training.images[images], 1, 3))

    @operation("loading")
    def publish_generator(self, reported: ReportedGenerator) -> None:
        """Keep a report in the open bundle, under the name of all that it depends on.

        Raises:
            StudioError: the bundle cannot be written to.
        """
        from lsd_studio.engine.bundle import EVALUATIONS
        from lsd_studio.engine.evaluation.generator.store import store_report

        store_report(self._session.open_bundle().path / EVALUATIONS, reported.depends_on, reported.report)

    def _images_of_report(self, data: str | None) -> tuple[LabelledImages, LabelledImages]:
        """The test images, and those of the training images that were trained on."""
        from lsd_studio.engine.datasets import hold_out, load_fitting

        trained_on = self._session.open_bundle().manifest.trained_on
        test, training = (load_fitting(trained_on, data, split, report_doing) for split in ("test", "train"))
        return test, hold_out(training)[0]

    @operation("loading")
    def publish_steering(self, steered: SteeredImages) -> None:
        """Keep how well the open bundle is steered in it, as `steering.json`.

        Raises:
            StudioError: the bundle cannot be written to.
        """
        from lsd_studio.engine.bundle import keep_steering

        keep_steering(self._session.open_bundle().path, steered.measured)

    @operation("loading")
    def publish(self, evaluation: Evaluation) -> None:
        """Let an evaluation be the one that the open bundle comes with, and store what was found beside it.

        Raises:
            StudioError: the bundle cannot be written to.
        """
        from lsd_studio.engine.bundle import EVALUATIONS, keep_evaluation
        from lsd_studio.engine.evaluation.cache import store_findings

        bundle = self._session.open_bundle()
        keep_evaluation(bundle.path, evaluation.findings.measured)
        store_findings(bundle.path / EVALUATIONS, evaluation.depends_on, evaluation.findings)
