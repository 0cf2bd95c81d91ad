"""`lsd-studio operate`: an image moved along a path of labels, or under an operator, saved or fitted now."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np

from lsd_studio.cli.answers import Bars, answer, bars, check_destination, print_table
from lsd_studio.cli.exit_codes import EXIT_DONE
from lsd_studio.cli.stations import station_name, stations
from lsd_studio.engine.bundle import Bundle, open_bundle
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.films import check_film, write_film
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.images.preparation import prepared_for
from lsd_studio.engine.operators.algebra import power
from lsd_studio.engine.operators.filming import caption, place_on_path
from lsd_studio.engine.operators.pair_codes import FitOnPairs, fit_on_pairs
from lsd_studio.engine.operators.pair_sources import FolderPairs, MeasuredPairs, PairSource, SequencePairs
from lsd_studio.engine.operators.picture_style import MEASURES, picture_style
from lsd_studio.engine.operators.planes import FloatArray, matrix_of, renormalise
from lsd_studio.engine.operators.store import Operator, check_name, load_operator, save_operator
from lsd_studio.engine.operators.walks import DEFAULT_STYLE, DEFAULT_THROUGH, PathSettings, Walk, set_out
from lsd_studio.engine.steps import finished
from lsd_studio.engine.vocabulary import PairMeasure

STYLES = {"rotation": 1.0, "transport": 0.0, None: DEFAULT_STYLE}


@dataclass(frozen=True, eq=False)
class Shown:
    """What a strip shows: codes float64 [P, M] at norm √M, and of each what it is called and what is known."""

    codes: FloatArray
    captions: tuple[str, ...]
    facts: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...] = ()


def run(options: argparse.Namespace) -> int:
    """Operate on the image, write its pictures, and answer with what C reads in each."""
    check_destination(options.json)
    _check_options(options)
    with bars() as shown_progress:
        shown_progress.show("opening the bundle", 0.0)
        bundle = open_bundle(options.bundle)
        prepared = prepared_for(bundle, options.image)
        code = bundle.networks.encode(prepared.pixels[None])[0]
        made = _fit(bundle, options, shown_progress) if options.fit else None
        shown_progress.show("operating", 0.0)
        if options.path:
            shown, operator = _path(bundle, code, options)
        else:
            applied = load_operator(bundle, options.operator) if made is None else made.operator
            shown, operator = _operator(code, applied, options)
        pixels = bundle.networks.decode(shown.codes)
        probabilities = bundle.networks.classify(pixels)
        if options.keep:
            save_operator(bundle, operator)
        if options.out:
            _write(bundle, options.out, prepared.pixels, pixels, _captions(bundle, shown, probabilities))
        shown_progress.show("operating", 1.0)
    names = bundle.manifest.label_names
    style = picture_style(pixels)
    entries = [
        {
            **facts,
            "label": int(read.argmax()),
            "label_name": names[int(read.argmax())],
            "probabilities": [round(float(value), 6) for value in read],
            "style": {
                name: None if math.isnan(values[place]) else float(values[place])
                for name, values in style.items()
            },
        }
        for place, (facts, read) in enumerate(zip(shown.facts, probabilities, strict=True))
    ]
    print_table(
        ("at", "read as", "⟨z|z⟩ / M", *(f"{name} {unit}".strip() for name, unit in MEASURES.items())),
        [
            (
                what,
                f"{entry['label_name']} ({max(entry['probabilities']):.1%})",
                f"{entry['squared_norm']:.2f}",
                *("–" if value is None else f"{value:.2f}" for value in entry["style"].values()),
            )
            for what, entry in zip(shown.captions, entries, strict=True)
        ],
        options.json,
    )
    result: dict[str, Any] = {
        "image": str(options.image),
        "prepared": list(prepared.steps),
        "operator": operator.description,
        "notes": [*(() if made is None else made.fit.notes), *shown.notes],
        "pictures": entries,
    }
    if made is not None:
        errors = _errors(made.operator)
        print_table(
            ("on held-out pairs", "mean |z′ − O z|² / mean |z′|²"),
            [(words, f"{value:.3f}") for words, value in errors.items()],
            options.json,
        )
        fitted = made.operator
        result["fit"] = {
            "method": fitted.made,
            "pairs": fitted.pairs,
            "held_out": fitted.held_out,
            "held_out_errors": errors,
            "fit_error": fitted.fit_error,
        }
    answer(result, options.json)
    return EXIT_DONE


def _check_options(options: argparse.Namespace) -> None:
    if [options.path, options.operator, options.fit].count(None) != 2:
        raise StudioError(
            "operate needs one of --path, --operator and --fit; see `lsd-studio operate --help`."
        )
    if options.out:
        check_film(options.out)
    if options.keep:
        check_name(options.keep)
    if not (options.out or options.keep or options.json):
        raise StudioError("operate shows nothing yet: name a file with --out, such as strip.png or film.gif.")


def _path(bundle: Bundle, code: np.ndarray, options: argparse.Namespace) -> tuple[Shown, Operator]:
    names = bundle.manifest.label_names
    visited = stations(options.path, names, bundle.basis.number_of_sets)
    style = STYLES[options.kind] if options.style is None else options.style
    in_set_one = max(visited) < bundle.basis.number_of_labels
    through = options.through or (DEFAULT_THROUGH if in_set_one else "vectors")
    path = PathSettings(visited, options.loop, style, through)
    walk = set_out(bundle.basis, path, code)
    positions = walk.path.positions(options.step).tolist()
    moved = [walk.at(position) for position in positions]
    called = [station_name(station, names) for station in visited]
    told = " → ".join(station_name(station, names) for station in path.visited)
    captions = [place_on_path(called, position) for position in positions]
    facts = [
        {"position": position, "squared_norm": float(part.squared_norms[0])}
        for position, part in zip(positions, moved, strict=True)
    ]
    codes = np.concatenate([part.codes for part in moved])
    operator = Operator(
        options.keep or "",
        _matrix(walk),
        "composed",
        f"{path.kind} along {told}, start to end",
    )
    return Shown(codes, tuple(captions), tuple(facts)), operator


def _fit(bundle: Bundle, options: argparse.Namespace, progress: Bars) -> FitOnPairs:
    work = fit_on_pairs(bundle, _pairs(options.fit, bundle.manifest.trained_on.name), options.method)
    return finished(work, lambda step: progress.show("fitting", step[1] or 0.0, step[0]))


def _pairs(named: str, data: str) -> PairSource:
    """Measured pairs of the bundle's data set, pairs of two subfolders, or a sequence in one folder."""
    for measure in get_args(PairMeasure):
        if named == measure:
            return MeasuredPairs(data, measure)
    folder = Path(named)
    return FolderPairs(folder) if (folder / "before").is_dir() else SequencePairs(folder)


def _errors(fitted: Operator) -> dict[str, float]:
    """The errors on the held-out pairs of an operator, and of simpler answers beside it."""
    named = {
        fitted.made: fitted.held_out_error,
        "doing nothing": fitted.identity_error,
        "one shift for all": fitted.shift_error,
        "one shift per label": fitted.label_shift_error,
    }
    return {words: error for words, error in named.items() if error is not None}


def _operator(code: np.ndarray, applied: Operator, options: argparse.Namespace) -> tuple[Shown, Operator]:
    """The image as it is encoded, and under an operator or a power of it; as it is, a fit is kept with its errors."""
    raised = power(applied.matrix, options.power)
    codes = np.concatenate([code, code @ raised.matrix.T])
    named = applied.name or f"{applied.made}, {applied.description}"
    told = named if options.power == 1 else f"{named} to the power {options.power:g}"
    is_the_fit = not applied.name and options.power == 1
    operator = (
        replace(applied, name=options.keep or "")
        if is_the_fit
        else Operator(options.keep or "", raised.matrix, "composed", told)
    )
    facts = [{"squared_norm": float(part @ part / len(part))} for part in codes.astype(np.float64)]
    notes = (raised.note,) if raised.note else ()
    caption = told if applied.name else "fitted operator"
    return Shown(renormalise(codes), ("encoded", caption), tuple(facts), notes), operator


def _matrix(walk: Walk) -> FloatArray:
    path = walk.path
    return matrix_of(
        lambda codes: path.carry(codes, 0.0, float(path.legs), style=walk.style), path.anchors.shape[1]
    )


def _write(bundle: Bundle, out: Path, image: np.ndarray, pixels: np.ndarray, captions: list[str]) -> None:
    """Write the film; a strip begins with the image itself."""
    if out.suffix.lower() == ".png":
        read = bundle.networks.classify(image[None])
        pixels, captions = (
            np.concatenate([image[None], pixels]),
            [caption("image", bundle.manifest.label_names, read[0]), *captions],
        )
    write_film(out, pictures(pixels), captions)


def _captions(bundle: Bundle, shown: Shown, probabilities: np.ndarray) -> list[str]:
    names = bundle.manifest.label_names
    return [caption(what, names, read) for what, read in zip(shown.captions, probabilities, strict=True)]
