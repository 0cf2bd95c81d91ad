"""Measured curves, stored beside the trained denoisers as `curves.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.denoising.curves import Curve, Curves, KindCurves, Measure, as_json
from lsd_studio.engine.denoising.kit import kit_folder
from lsd_studio.engine.denoising.methods import Family
from lsd_studio.engine.vocabulary import NoiseKind
from lsd_studio.files.json_text import Strict, json_bytes, read_json
from lsd_studio.files.writing import write_file

FILE = "curves.json"

Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Point(Strict):
    value: Finite
    low: Finite | None
    high: Finite | None


_Points = Annotated[tuple[_Point, ...], Field(min_length=1, max_length=1000)]


class _Method(Strict):
    title: Annotated[str, Field(max_length=200)]
    family: Family


class _Kind(Strict):
    levels: tuple[Finite, ...]
    methods: dict[str, dict[Measure, _Points]]
    terms: tuple[int, ...]
    by_terms: dict[str, tuple[dict[Measure, _Points], ...]]
    verdict: Annotated[str, Field(max_length=5000)]


class _Stored(Strict):
    bundle: str
    images: Annotated[int, Field(ge=1)]
    seed: Annotated[int, Field(ge=0)]
    methods: dict[str, _Method]
    kinds: dict[NoiseKind, _Kind]


def store_curves(folder: Path, bundle: Bundle, curves: Curves) -> None:
    """Write curves to the folder of the trained denoisers.

    Raises:
        StudioError: the folder cannot be written.
    """
    content = {"bundle": bundle.hash, **as_json(curves)}
    write_file(folder / FILE, json_bytes(content) + b"\n")


def stored_curves(bundle: Bundle) -> Curves | None:
    """The curves stored beside this bundle's denoisers; None where there are none, or they are another bundle's.

    Raises:
        StudioError: the file does not validate.
    """
    folder = kit_folder(bundle)
    if folder is None or not (folder / FILE).exists():
        return None
    file = folder / FILE
    stored = read_json(
        file, _Stored, follow_links=False, advice="please measure these curves of denoising again"
    )
    if stored.bundle != bundle.hash:
        return None
    return Curves(
        stored.images,
        stored.seed,
        {name: method.title for name, method in stored.methods.items()},
        {name: method.family for name, method in stored.methods.items()},
        tuple(_kind(kind, found) for kind, found in stored.kinds.items()),
    )


def _kind(kind: NoiseKind, found: _Kind) -> KindCurves:
    return KindCurves(
        kind,
        found.levels,
        {name: _curves(measured) for name, measured in found.methods.items()},
        found.terms,
        {name: tuple(_curves(level) for level in levels) for name, levels in found.by_terms.items()},
        found.verdict,
    )


def _curves(measured: dict[Measure, tuple[_Point, ...]]) -> dict[Measure, Curve]:
    return {
        measure: Curve(
            *np.array([(point.value, point.low, point.high) for point in points], dtype=np.float64).T
        )
        for measure, points in measured.items()
    }
