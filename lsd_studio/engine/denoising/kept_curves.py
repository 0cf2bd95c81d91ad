"""Curves that were measured once and stand beside the trained denoisers, as `curves.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.denoising.curves import Curve, Curves, KindCurves, Measure, as_json
from lsd_studio.engine.denoising.kit import kit_folder
from lsd_studio.engine.denoising.methods import Family
from lsd_studio.engine.vocabulary import NoiseKind
from lsd_studio.files.json_text import json_bytes, read_json
from lsd_studio.files.writing import write_file

FILE = "curves.json"

Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Point(_Record):
    value: Finite
    low: Finite | None
    high: Finite | None


_Points = Annotated[tuple[_Point, ...], Field(min_length=1, max_length=1000)]


class _Method(_Record):
    title: Annotated[str, Field(max_length=200)]
    family: Family


class _Kind(_Record):
    levels: tuple[Finite, ...]
    methods: dict[str, dict[Measure, _Points]]
    terms: tuple[int, ...]
    by_terms: dict[str, tuple[dict[Measure, _Points], ...]]
    verdict: Annotated[str, Field(max_length=5000)]


class _Kept(_Record):
    bundle: str
    images: Annotated[int, Field(ge=1)]
    seed: Annotated[int, Field(ge=0)]
    methods: dict[str, _Method]
    kinds: dict[NoiseKind, _Kind]


def keep_curves(folder: Path, bundle: Bundle, curves: Curves) -> None:
    """Write the curves beside the denoisers in `folder`.

    Raises:
        StudioError: the folder cannot be written.
    """
    content = {"bundle": bundle.hash, **as_json(curves)}
    write_file(folder / FILE, json_bytes(content) + b"\n")


def kept_curves(bundle: Bundle) -> Curves | None:
    """The curves that stand beside this bundle's denoisers; None where there are none, or they are another bundle's.

    Raises:
        StudioError: the file does not validate.
    """
    folder = kit_folder(bundle)
    if folder is None or not (folder / FILE).exists():
        return None
    file = folder / FILE
    kept = read_json(file, _Kept, follow_links=False, advice="please measure these curves of denoising again")
    if kept.bundle != bundle.hash:
        return None
    return Curves(
        kept.images,
        kept.seed,
        {name: method.title for name, method in kept.methods.items()},
        {name: method.family for name, method in kept.methods.items()},
        tuple(_kind(kind, found) for kind, found in kept.kinds.items()),
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
            *(
                np.array([getattr(point, part) for point in points], dtype=np.float64)
                for part in ("value", "low", "high")
            )
        )
        for measure, points in measured.items()
    }
