"""`lsd-studio operate`: an image moved along a path of labels or under an operator, or operators compared."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

import lsd_studio.cli.codes.operate as of_codes
from lsd_studio.cli.answers import answer, bars, print_table
from lsd_studio.cli.codes.space import refuse_for_bundles
from lsd_studio.cli.stations import station_name, stations
from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.films import check_film, write_film
from lsd_studio.engine.operations.bundles import BundleInUse
from lsd_studio.engine.operations.decompose import DecomposedImage
from lsd_studio.engine.operators.filming import caption, place_on_path
from lsd_studio.engine.operators.names import check_name
from lsd_studio.engine.operators.pair_sources import FolderPairs, MeasuredPairs, PairSource, SequencePairs
from lsd_studio.engine.operators.picture_style import MEASURES
from lsd_studio.engine.operators.products import Factor
from lsd_studio.engine.operators.results import FittedOperator, FollowedPath, TracedOperators
from lsd_studio.engine.operators.walks import PathSettings
from lsd_studio.engine.spaces.file_names import is_code_file
from lsd_studio.engine.steps import Doing
from lsd_studio.engine.vocabulary import READER_NAMES, PairMeasure, Reader
from lsd_studio.percentages import percent, percentage

if TYPE_CHECKING:
    from lsd_studio.engine.evaluation.findings import Measure
    from lsd_studio.engine.operators.compared import Arrival, ComparedOperator
    from lsd_studio.engine.operators.store import Operator

STYLES = {"rotation": 1.0, "transport": 0.0}


@dataclass(frozen=True, eq=False)
class Shown:
    """What a strip shows: the image at P places, what each is called, and what was done, in words.

    `positions` are those of a path, none of operators.
    """

    moved: FollowedPath | TracedOperators
    captions: tuple[str, ...]
    operator: str
    positions: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()


def run(options: argparse.Namespace) -> None:
    """Operate on the image, write its pictures, and answer with what C reads in each; or compare operators."""
    if is_code_file(options.bundle):
        of_codes.run(options)
        return
    refuse_for_bundles(options)
    _check_options(options)
    if options.compare:
        _compare(options)
        return
    fit: FittedOperator | None = None
    with Engine() as engine, bars() as progress:
        progress.show("opening the bundle", 0.0)
        opened = engine.bundles.use(options.bundle).result()
        image = engine.decompose.file(options.image).result()
        if options.fit:
            pairs = _pairs(options.fit, opened.data_set)
            fit = engine.operate.fit(pairs, options.method).result(
                lambda step: progress.show("fitting", step.share or 0.0, step.what)
            )
        progress.show("operating", 0.0)
        if options.path:
            shown = _path(engine, opened, options)
        else:
            shown = _operator(engine, fit, options)
        if options.out:
            _write(options.out, opened.label_names, image, shown)
        progress.show("operating", 1.0)
    entries = _entries(shown, opened.label_names)
    print_table(
        ("at", "read as", "⟨z|z⟩ / M", *(f"{name} {unit}".strip() for name, unit in MEASURES.items())),
        [
            (
                what,
                f"{entry['label_name']} ({percent(max(entry['probabilities']))})",
                f"{entry['squared_norm']:.2f}",
                *("–" if value is None else f"{value:.2f}" for value in entry["style"].values()),
            )
            for what, entry in zip(shown.captions, entries, strict=True)
        ],
        options.json,
    )
    result: dict[str, Any] = {
        "image": str(options.image),
        "prepared": list(image.steps),
        "operator": shown.operator,
        "notes": [*(() if fit is None else fit.notes), *shown.notes],
        "pictures": entries,
    }
    if fit is not None:
        fitted = fit.analysed.operator
        errors = _errors(fitted)
        print_table(
            ("on held-out pairs", "mean |z′ − O z|² / mean |z′|²"),
            [(words, f"{value:.3f}") for words, value in errors.items()],
            options.json,
        )
        result["fit"] = {
            "method": fitted.made,
            "pairs": fitted.pairs,
            "held_out": fitted.held_out,
            "held_out_errors": errors,
            "fit_error": fitted.fit_error,
        }
    answer(result, options.json)


def _check_options(options: argparse.Namespace) -> None:
    if options.compare:
        if any((options.image, options.path, options.operator, options.fit, options.out, options.keep)):
            raise StudioError(
                "--compare moves test images under every operator: leave out IMAGE, --path, --operator, --fit, "
                "--out and --keep."
            )
        return
    if options.data or options.pairs:
        raise StudioError("--data and --pairs are for --compare: add it, or leave them out.")
    if options.image is None:
        raise StudioError("operate needs an image: name a file, or compare operators with --compare.")
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


def _path(engine: Engine, opened: BundleInUse, options: argparse.Namespace) -> Shown:
    names = opened.label_names
    visited = stations(options.path, names, opened.latent_dimensions // opened.number_of_labels)
    usual = opened.usual_path
    style = STYLES.get(options.kind, usual.style) if options.style is None else options.style
    in_set_one = max(visited) < opened.number_of_labels
    through = options.through or (usual.through if in_set_one else "vectors")
    path = PathSettings(visited, options.loop, style, through)
    moved = engine.operate.follow(path, step=options.step).result()
    called = [station_name(station, names) for station in visited]
    positions = tuple(moved.positions.tolist())
    along = " → ".join(station_name(station, names) for station in path.visited)
    words = f"{path.kind} along {along}, start to end"
    if options.keep:
        engine.operate.save_path(options.keep, path, words).result()
    return Shown(moved, tuple(place_on_path(called, position) for position in positions), words, positions)


def _operator(engine: Engine, fit: FittedOperator | None, options: argparse.Namespace) -> Shown:
    """The image as it is encoded, and under an operator or a power of it; as it is, a fit is kept with its errors."""
    factors = (Factor(options.operator or "", options.power),)
    moved = engine.operate.trace(factors).result()
    if options.keep:
        engine.operate.save(options.keep, factors).result()
    words, name = options.operator, ""
    if fit is not None:
        fitted, name = fit.analysed.operator, "fitted operator"
        words = fitted.description if options.power == 1 else f"{fitted.made}, {fitted.description}"
    if options.power != 1:
        words = f"{words} to the power {options.power:g}"
    return Shown(moved, ("encoded", name or words), words, notes=moved.notes)


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


def _entries(shown: Shown, names: Sequence[str]) -> list[dict[str, Any]]:
    """What is known of each picture, as JSON values."""
    moved = shown.moved
    return [
        {
            **({"position": shown.positions[place]} if shown.positions else {}),
            "squared_norm": float(moved.squared_norms[place, 0]),
            "label": int(read.argmax()),
            "label_name": names[int(read.argmax())],
            "probabilities": [round(float(value), 6) for value in read],
            "style": {
                name: None if math.isnan(values[place, 0]) else float(values[place, 0])
                for name, values in moved.style.items()
            },
        }
        for place, read in enumerate(moved.probabilities[:, 0])
    ]


def _write(out: Path, names: Sequence[str], image: DecomposedImage, shown: Shown) -> None:
    """Write the film; a strip begins with the image itself."""
    pictures = shown.moved.pictures[:, 0]
    captions = [
        caption(what, names, read)
        for what, read in zip(shown.captions, shown.moved.probabilities[:, 0], strict=True)
    ]
    if out.suffix.lower() == ".png":
        pictures = np.concatenate([image.picture[None], pictures])
        captions = [f"image\nreads {names[image.label]}, {percent(image.probability)}", *captions]
    write_film(out, pictures, captions)


def _compare(options: argparse.Namespace) -> None:
    """Compare the operators, and answer with who arrives, with which style, and what random ones do."""
    with Engine() as engine, bars() as shown:
        shown.show("opening the bundle", 0.0)
        opened = engine.bundles.use(options.bundle).result()
        call = engine.label_operators.compare(options.data or opened.data_set, options.pairs, options.seed)
        found = call.result(lambda step: shown.follow(step) if isinstance(step, Doing) else None)
        compared = found.comparison
        shown.note(*compared.notes, *filter(None, [found.not_stored]))
    first = compared.readers[0]
    print_table(
        ("operator", "read by", "arrived", "95 % interval", "random, 99th", "clears"),
        [
            _row(operator, reader, arrival)
            for operator in compared.operators
            for reader, arrival in operator.arrivals.items()
        ],
        options.json,
    )
    print_table(
        ("style kept, r", *MEASURES, f"least pair, by {READER_NAMES[first]}"),
        [
            (
                operator.title,
                *(_style(operator.style[name]) for name in MEASURES),
                _least(operator.arrivals[first], opened.label_names),
            )
            for operator in compared.operators
        ],
        options.json,
    )
    answer({"bundle": opened.hash, "seed": options.seed, **compared.content}, options.json)


def _least(arrival: Arrival, names: Sequence[str]) -> str:
    least = arrival.least_pair
    return f"{percentage(least.reached.value, 1)}, {names[least.source]} → {names[least.target]}"


def _row(operator: ComparedOperator, reader: Reader, arrival: Arrival) -> tuple[str, ...]:
    reached = arrival.reached
    return (
        operator.title,
        READER_NAMES[reader],
        percentage(reached.value, 1),
        f"{percentage(reached.low, 1)} to {percentage(reached.high, 1)} of {reached.count}",
        percentage(arrival.random_percentile, 1),
        "yes" if arrival.clears_random else "no",
    )


def _style(kept: Measure) -> str:
    return "–" if math.isnan(kept.value) else f"{kept.value:.2f}"
