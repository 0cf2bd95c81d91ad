"""Evaluating the open bundle: kept findings at once, a first look at the means, or everything."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.datasets import LabelledImages, hold_out, load_fitting
from lsd_studio.engine.desks.scope import while_open
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.cache import (
    Dependencies,
    cache_folder,
    home_of_findings,
    keep_findings,
    kept_findings,
)
from lsd_studio.engine.evaluation.evaluation import Step, evaluate_bundle, first_look
from lsd_studio.engine.evaluation.findings import Findings
from lsd_studio.engine.evaluation.published_metrics import stated_by, stated_by_others, statement
from lsd_studio.engine.messages.core import Event, Request
from lsd_studio.engine.messages.evaluate import Evaluate, Evaluated, Evaluating, EvaluationStated
from lsd_studio.engine.operations.bundles import bundle_name
from lsd_studio.engine.session import Handler, Session, milliseconds_since

__all__ = ["HANDLERS"]


def _evaluate(session: Session, number: int, request: Evaluate) -> Iterator[Event]:
    start = time.perf_counter()
    bundle = session.open_bundle()
    yield EvaluationStated(number, stated_by(bundle, bundle_name(bundle)), stated_by_others(bundle))
    yield Evaluating(number, "reading the test images", 0.0)
    test = load_fitting(bundle.manifest.trained_on, request.data, "test")
    dependencies = Dependencies.of(bundle, test, trials=request.trials, seed=request.seed)
    look = replace(dependencies, trials=0)
    findings, trouble = kept_findings(bundle, dependencies), None
    if findings is None and not request.whole:
        findings = kept_findings(bundle, look)
    if findings is None:
        for step in _steps(bundle, test, request):
            yield Evaluating(number, step.doing, step.share, statement("", step.per_trial).series)
            findings = step.findings
        if request.whole and findings is not None:
            trouble = _keep(home_of_findings(bundle), dependencies, findings)
        elif findings is not None:
            _keep(cache_folder(), look, findings)
    if findings is not None:
        yield _evaluated(number, bundle, test, findings, trouble is None, start)
    if trouble is not None:
        raise trouble


def _steps(bundle: Bundle, test: LabelledImages, request: Evaluate) -> Iterator[Step]:
    if not request.whole:
        return first_look(bundle.networks, bundle.basis, test, reading=bundle.profile.reading)
    training, _ = hold_out(load_fitting(bundle.manifest.trained_on, request.data, "train"))
    return evaluate_bundle(bundle, test, training, trials=request.trials, seed=request.seed)


def _keep(folder: Path, dependencies: Dependencies, findings: Findings) -> StudioError | None:
    """Keep what was found; where there is no room, the reason."""
    try:
        keep_findings(folder, dependencies, findings)
    except StudioError as error:
        return error
    return None


def _evaluated(
    number: int, bundle: Bundle, test: LabelledImages, findings: Findings, kept: bool, start: float
) -> Evaluated:
    name, profile = bundle_name(bundle), bundle.profile
    return Evaluated(
        number,
        images=test.images,
        label_names=test.label_names,
        reading=profile.reading,
        findings=findings,
        statement=replace(statement(name, findings.measured), profile=profile.name, data=test.name),
        kept=kept,
        milliseconds=milliseconds_since(start),
    )


HANDLERS: dict[type[Request], Handler] = {Evaluate: while_open(_evaluate)}
