"""`lsd-studio operate FILE`: held-out codes moved from label to label, and read by a probe that other codes fitted."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsd_studio.cli.answers import answer, bars, print_table
from lsd_studio.cli.codes import attributes
from lsd_studio.cli.codes.space import label_column, read_space, refuse_for_codes
from lsd_studio.cli.stations import station_name, stations
from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.films import check_film, write_film
from lsd_studio.engine.operators.filming import place_on_path
from lsd_studio.engine.operators.walks import PathSettings
from lsd_studio.engine.spaces.latent_space import LatentSpace
from lsd_studio.engine.steps import Doing
from lsd_studio.engine.vocabulary import Through
from lsd_studio.percentages import percentage

if TYPE_CHECKING:
    from lsd_studio.engine.operators.compared import Comparison
    from lsd_studio.engine.spaces.code_operators import CodesOperator
    from lsd_studio.engine.spaces.code_paths import FollowedCodes
    from lsd_studio.engine.spaces.probed_codes import ProbedCodes

STYLES = {"rotation": 1.0, "transport": 0.0}
THROUGH: Through = "averages"


def run(options: argparse.Namespace) -> None:
    """Compare operators, or take held-out codes along a path, and answer with what the probe reads.

    Raises:
        StudioError: no column is named, or what is asked needs networks.
    """
    refuse_for_codes(options, "data", "fit", "keep")
    if options.attributes:
        attributes.run(options)
        return
    if options.hold:
        raise StudioError("--hold is for --attributes: add it, or leave --hold out.")
    row = _row(options.image)
    if options.compare == bool(options.path):
        raise StudioError(
            "operate takes codes along a --path of labels, or compares operators with --compare."
        )
    if options.compare and row is not None:
        raise StudioError("--compare moves all held-out codes: leave the row out.")
    if options.pairs and not options.compare:
        raise StudioError("--pairs is for --compare: add it, or leave it out.")
    if options.operator and options.compare:
        raise StudioError("--compare measures every operator: leave --operator out.")
    if options.out is not None and not options.operator:
        if options.compare:
            raise StudioError("--compare has no pictures: leave --out out.")
        check_film(options.out)
    with Engine() as engine, bars() as shown:
        space = read_space(engine, options, shown)
        column = label_column(options, space)
        of = engine.spaces.probe(space, column, options.seed).result(shown.follow)
        shown.note(*of.notes)
        shown.say(
            f"The probe reads {percentage(of.read.value, 1)} of {of.read.count} held-out codes as their label "
            "before any is moved."
        )
        if options.compare:
            compared = engine.spaces.compare_operators(of, options.pairs, options.seed).result(
                lambda step: shown.follow(step) if isinstance(step, Doing) else None
            )
            shown.note(*compared.notes)
        elif options.operator:
            made = _operator(engine, of, options)
        else:
            path = _path(of, options)
            followed = engine.spaces.follow(of, path, options.step, row).result(shown.follow)
            if options.out is not None:
                _write(engine, options.out, space, path, followed, of.label_names)
    result = {
        "space": space.facts(),
        "labels": column,
        "seed": options.seed,
        "notes": [*space.notes, *of.notes],
        "probe": {
            "built_on": len(of.known.codes),
            "probed_on": of.probed_on,
            "held_out": len(of.codes),
            "axes": of.codes.shape[1],
            "read": _stated(of.read),
        },
    }
    if options.compare:
        answer({**result, "comparison": _compared(compared, of.label_names, options.json)}, options.json)
    elif options.operator:
        answer({**result, "operator": _made(made, options.json)}, options.json)
    else:
        answer({**result, "path": _followed(followed, path, of, space, options.json)}, options.json)


def _row(image: Path | None) -> int | None:
    if image is None:
        return None
    try:
        return int(str(image))
    except ValueError as error:
        raise StudioError(
            f"{image} is no row: of a file of codes, name a row by its number, counted from 0, in place of an image."
        ) from error


def _path(of: ProbedCodes, options: argparse.Namespace) -> PathSettings:
    visited = stations(options.path, of.label_names, of.sets)
    style = STYLES.get(options.kind, 1.0) if options.style is None else options.style
    in_set_one = max(visited) < len(of.label_names)
    through = options.through or (THROUGH if in_set_one else "vectors")
    return PathSettings(visited, options.loop, style, through)


def _operator(engine: Engine, of: ProbedCodes, options: argparse.Namespace) -> CodesOperator:
    visited = stations(options.path, of.label_names, of.sets)
    if len(visited) != 2 or max(visited) >= len(of.label_names):
        raise StudioError("--operator leads from one label to another: name two with --path.")
    source, target = visited
    call = engine.spaces.operator(of, options.operator.replace("-", "_"), source, target, options.out)
    return call.result()


def _made(made: CodesOperator, destination: str | None) -> dict[str, Any]:
    reached = made.arrived
    print_table(
        ("operator", "from", "to", "arrived, 95 % interval"),
        [
            (
                made.name,
                made.source,
                made.target,
                f"{percentage(reached.value, 1)} ({percentage(reached.low, 1)} to {percentage(reached.high, 1)} of "
                f"{reached.count})",
            )
        ],
        destination,
    )
    return {
        "name": made.name,
        "source": made.source,
        "target": made.target,
        "way": made.way,
        "built_on": made.built_on,
        "arrived": _stated(reached),
        "matrix": made.matrix.tolist(),
        "shift": made.shift.tolist(),
    }


def _compared(found: Comparison, names: Sequence[str], destination: str | None) -> dict[str, Any]:
    """A row for each operator, and what was found as JSON's types with its p-values and a sentence."""
    p_values = found.p_values("probe")
    rows = []
    for operator, p_value in zip(found.operators, p_values, strict=True):
        arrival = operator.arrivals["probe"]
        reached, least = arrival.reached, arrival.least_pair
        rows.append(
            (
                operator.title,
                percentage(reached.value, 1),
                f"{percentage(reached.low, 1)} to {percentage(reached.high, 1)} of {reached.count}",
                percentage(arrival.random_mean, 1),
                f"{p_value:.2g}",
                f"{percentage(least.reached.value, 1)}, {names[least.source]} → {names[least.target]}",
            )
        )
    print_table(
        ("operator", "arrived", "95 % interval", "random", "p", "least pair, picked"), rows, destination
    )
    sentence = found.verdict("probe")
    print_table(("in words",), [(sentence,)], destination)
    content = found.content
    for stated, p_value in zip(content["operators"], p_values, strict=True):
        stated["p_value"] = p_value
    return {**content, "label_names": list(names), "sentence": sentence}


def _followed(
    found: FollowedCodes, path: PathSettings, of: ProbedCodes, space: LatentSpace, destination: str | None
) -> dict[str, Any]:
    """A row for each place of the path, and the same as JSON's types."""
    names = of.label_names
    called = [station_name(station, names) for station in path.stations]
    places = []
    for place, position in enumerate(found.positions.tolist()):
        leg = round(position)
        at_station = leg >= 1 and leg == position
        places.append(
            {
                "position": position,
                "at": place_on_path(called, position),
                "read": dict(zip(names, found.read[place].tolist(), strict=True)),
                **({"arrived": _stated(found.arrived[leg - 1])} if at_station else {}),
                "near": float(found.near[place]),
                "nearest": {
                    **space.row(int(found.nearest[place])),
                    "distance": float(found.distances[place]),
                },
            }
        )
    print_table(
        (
            "at",
            "read as",
            "arrived, 95 % interval",
            "within the data",
            f"of that label nearest to row {found.row}",
        ),
        [
            (
                one["at"],
                _most(one["read"]),
                _arrived(one),
                percentage(one["near"]),
                _words(one["nearest"]),
            )
            for one in places
        ],
        destination,
    )
    along = " → ".join(station_name(station, names) for station in path.visited)
    return {
        "operator": f"{path.kind} along {along}",
        "codes": found.codes,
        "row": space.row(found.row),
        "places": places,
    }


def _write(
    engine: Engine,
    out: Path,
    space: LatentSpace,
    path: PathSettings,
    found: FollowedCodes,
    names: Sequence[str],
) -> None:
    """Write the pictures of the row and of those nearest to it on its way."""
    called = [station_name(station, names) for station in path.stations]
    captions = [f"row {found.row}\nheld out"]
    for position, row in zip(found.positions.tolist(), found.nearest.tolist(), strict=True):
        captions.append(f"{place_on_path(called, position)}\nrow {row}")
    write_film(out, engine.spaces.pictures(space, (found.row, *found.nearest.tolist())).result(), captions)


def _stated(measure: Any) -> dict[str, float | None]:
    from lsd_studio.engine.evaluation.intervals import stated  # loads SciPy

    return stated(measure)


def _most(read: dict[str, float]) -> str:
    name = max(read, key=lambda each: read[each])
    return f"{name} ({percentage(read[name])})"


def _arrived(place: dict[str, Any]) -> str:
    if "arrived" not in place:
        return ""
    share = place["arrived"]
    return (
        f"{percentage(share['value'], 1)} ({percentage(share['low'], 1)} to {percentage(share['high'], 1)} of "
        f"{share['count']})"
    )


def _words(nearest: dict[str, Any]) -> str:
    said = ", ".join(f"{value}" for name, value in nearest.items() if name not in ("row", "distance"))
    return f"{nearest['row']} at {nearest['distance']:.1f} σ" + (f": {said}" if said else "")
