"""The metrics that bundles come with, in their `evaluation.json`, read as data that anyone may have written."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from lsd_studio.engine.bundle import Bundle, find_bundle, read_evaluation, shipped_bundles
from lsd_studio.engine.bundle.manifest import BASIS
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.findings import BundleMetrics, Measure

LONGEST_TEXT = 80
LONGEST_REASON = 300
LEFT_OUT = ".left_out"


def bundle_metrics(name: str, measured: Mapping[str, Any]) -> BundleMetrics:
    """The numbers of an evaluation under dotted names, such as `lsd_accuracy.mean.signed`.

    What is neither a finite number nor `{"value", "low", "high"}` of such nor a list of them is left out; text is taken
    where it is the reason, `left_out`, why something was not measured.
    """
    measures: dict[str, Measure] = {}
    series: dict[str, tuple[float, ...]] = {}
    left_out: dict[str, str] = {}
    for key, value in _leaves(measured):
        if isinstance(value, Mapping):
            measures[key] = Measure.of(value)
        elif isinstance(value, str):
            left_out[key.removesuffix(LEFT_OUT)] = value[:LONGEST_REASON]
        elif isinstance(value, list | tuple):
            series[key] = tuple(map(float, value))
        else:
            measures[key] = Measure(float(value), math.nan, math.nan)
    data = measured.get("data")
    return BundleMetrics(
        bundle=name,
        profile=_text(measured.get("profile")),
        data=_text(data.get("name") if isinstance(data, Mapping) else None),
        measures=measures,
        series=series,
        left_out=left_out,
    )


def published_metrics(bundle: Bundle, name: str) -> BundleMetrics | None:
    """The metrics that a bundle comes with; None where it was never evaluated, they cannot be read, or another basis
    than its own is in use.
    """
    try:
        own = safetensors.numpy.load((bundle.path / BASIS).read_bytes())["xi"]
        measured = bundle.evaluation() if np.array_equal(own, bundle.basis.xi_) else None
    except (StudioError, OSError, safetensors.SafetensorError):
        return None
    return None if measured is None else bundle_metrics(name, measured)


def shipped_metrics(bundle: Bundle) -> tuple[BundleMetrics, ...]:
    """The metrics of the shipped bundles, but for this one."""
    found = []
    for name in shipped_bundles():
        try:
            path = find_bundle(name)
            measured = read_evaluation(path)
        except StudioError:
            continue
        if measured is not None and path != bundle.path:
            found.append(bundle_metrics(name, measured))
    return tuple(found)


def _leaves(measured: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in measured.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            if {"value", "low", "high"} <= set(value):
                if _is_measure(value):
                    yield name, value
            else:
                yield from _leaves(value, f"{name}.")
        elif (
            _is_number(value)
            or (isinstance(value, list | tuple) and value and all(map(_is_number, value)))
            or (isinstance(value, str) and name.endswith(LEFT_OUT))
        ):
            yield name, value


def _is_measure(value: Mapping[str, Any]) -> bool:
    numbers = (value["value"], value["low"], value["high"])
    count = value.get("count", 0)
    return all(number is None or _is_number(number) for number in numbers) and _is_number(count)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _text(value: object) -> str:
    return value[:LONGEST_TEXT] if isinstance(value, str) else ""
