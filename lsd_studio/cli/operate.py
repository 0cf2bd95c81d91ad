"""`lsd-studio operate`: an image moved along a path of labels, or under a saved operator."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lsd_studio.cli.answers import answer, bars, check_destination, print_table
from lsd_studio.cli.exit_codes import EXIT_DONE
from lsd_studio.cli.stations import station_name, stations
from lsd_studio.engine.bundle import Bundle, open_bundle
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.films import check_film, write_film
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.images.preparation import prepared_for
from lsd_studio.engine.operators.algebra import power
from lsd_studio.engine.operators.paths import QUARTER
from lsd_studio.engine.operators.picture_style import MEASURES, picture_style
from lsd_studio.engine.operators.planes import FloatArray, matrix_of, renormalise
from lsd_studio.engine.operators.store import Operator, check_name, load_operator, save_operator
from lsd_studio.engine.operators.walks import PathSettings, Walk, set_out

STYLES = {"rotation": 1.0, "transport": 0.0}


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
        shown_progress.show("operating", 0.0)
        shown, operator = (
            _operator(bundle, code, options) if options.operator else _path(bundle, code, options)
        )
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
                caption,
                f"{entry['label_name']} ({max(entry['probabilities']):.1%})",
                f"{entry['squared_norm']:.2f}",
                *("–" if value is None else f"{value:.2f}" for value in entry["style"].values()),
            )
            for caption, entry in zip(shown.captions, entries, strict=True)
        ],
        options.json,
    )
    result = {
        "image": str(options.image),
        "prepared": list(prepared.steps),
        "operator": operator.description,
        "notes": list(shown.notes),
        "pictures": entries,
    }
    answer(result, options.json)
    return EXIT_DONE


def _check_options(options: argparse.Namespace) -> None:
    if (options.path is None) == (options.operator is None):
        raise StudioError("operate needs either --path or --operator; see `lsd-studio operate --help`.")
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
    path = PathSettings(visited, options.loop, style, options.through)
    walk = set_out(bundle.basis, path, code)
    positions = walk.path.positions(options.step).tolist()
    moved = [walk.at(position) for position in positions]
    called = [station_name(station, names) for station in visited]
    told = " → ".join(station_name(station, names) for station in path.visited)
    captions = [_place(called, position) for position in positions]
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


def _operator(bundle: Bundle, code: np.ndarray, options: argparse.Namespace) -> tuple[Shown, Operator]:
    kept = load_operator(bundle, options.operator)
    raised = power(kept.matrix, options.power)
    codes = np.concatenate([code, code @ raised.matrix.T])
    told = kept.name if options.power == 1 else f"{kept.name} to the power {options.power:g}"
    operator = Operator(options.keep or "", raised.matrix, "composed", told)
    facts = [{"squared_norm": float(part @ part / len(part))} for part in codes.astype(np.float64)]
    notes = (raised.note,) if raised.note else ()
    return Shown(renormalise(codes), ("encoded", told), tuple(facts), notes), operator


def _matrix(walk: Walk) -> FloatArray:
    path = walk.path
    return matrix_of(
        lambda codes: path.carry(codes, 0.0, float(path.legs), style=walk.style), path.anchors.shape[1]
    )


def _place(names: list[str], position: float) -> str:
    leg = int(position)
    if position == leg:
        return names[leg % len(names)]
    return f"{names[leg]} to {names[(leg + 1) % len(names)]}, {QUARTER * (position - leg):.0f}°"


def _write(bundle: Bundle, out: Path, image: np.ndarray, pixels: np.ndarray, captions: list[str]) -> None:
    """Write the film; a strip begins with the image itself."""
    if out.suffix.lower() == ".png":
        read = bundle.networks.classify(image[None])
        pixels, captions = (
            np.concatenate([image[None], pixels]),
            [_caption(bundle, "image", read[0]), *captions],
        )
    write_film(out, pictures(pixels), captions)


def _captions(bundle: Bundle, shown: Shown, probabilities: np.ndarray) -> list[str]:
    return [_caption(bundle, what, read) for what, read in zip(shown.captions, probabilities, strict=True)]


def _caption(bundle: Bundle, what: str, probabilities: np.ndarray) -> str:
    return (
        f"{what}\nreads {bundle.manifest.label_names[int(probabilities.argmax())]}, {probabilities.max():.0%}"
    )
