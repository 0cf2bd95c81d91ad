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
    from lsd_studio.engine.evaluation.cache import Dependencies
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
