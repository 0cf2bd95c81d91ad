"""`lsd-studio operate FILE --attributes …`: which attributes move along when codes are moved along one of them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from lsd_studio.cli.answers import answer, bars, print_table
from lsd_studio.cli.codes.space import read_space
from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.vocabulary import ATTRIBUTE_WAYS
from lsd_studio.percentages import percentage

if TYPE_CHECKING:
    from lsd_studio.engine.spaces.attribute_axes import AttributeAxes, Entanglement

ELSEWHERE = "labels", "image", "path", "compare", "pairs", "out"
"""Options of `operate` that say nothing of attributes."""


def run(options: argparse.Namespace) -> None:
    """Move held-out codes along each attribute, and answer with what is read of all of them.

    Raises:
        StudioError: an option that is of labels, or what `attribute_axes` refuses.
    """
    for name in ELSEWHERE:
        if getattr(options, name):
            shown = "the row" if name == "image" else f"--{name}"
            raise StudioError(
                f"--attributes moves all held-out codes along each of its columns: leave {shown} out."
            )
    with Engine() as engine, bars() as shown_bars:
        space = read_space(engine, options, shown_bars)
        call = engine.spaces.attributes(space, options.attributes, options.hold, options.seed)
        found = call.result(shown_bars.follow)
        shown_bars.note(*found.notes)
    print_table(
        ("attribute", "read rightly, 95 % interval", "always the more frequent"),
        [
            (
                name,
                f"{percentage(read.value, 1)} ({percentage(read.low, 1)} to {percentage(read.high, 1)} of "
                f"{read.count})",
                percentage(always, 1),
            )
            for name, read, always in zip(found.names, found.read, found.always, strict=True)
        ],
        options.json,
    )
    for way in found.ways:
        print_table(
            (f"asked, {ATTRIBUTE_WAYS[way.way]}", "reached", *(f"{name} changed" for name in found.names)),
            [_row(found, way, place) for place in range(len(found.names))],
            options.json,
        )
    print_table(("in words",), [(found.sentence,)], options.json)
    answer(
        {
            "space": space.facts(),
            "seed": options.seed,
            "held": list(options.hold),
            "notes": [*space.notes, *found.notes],
            "attributes": _content(found),
        },
        options.json,
    )


def _row(found: AttributeAxes, way: Entanglement, asked: int) -> tuple[str, ...]:
    reached = way.reached[asked]
    changed = zip(way.changed[asked].tolist(), way.is_beyond_chance[asked].tolist(), strict=True)
    return (
        found.names[asked],
        f"{percentage(reached.value, 1)} of {reached.count}",
        *(f"{percentage(share, 1)}{'' if beyond else ', as at random'}" for share, beyond in changed),
    )


def _content(found: AttributeAxes) -> dict[str, Any]:
    from lsd_studio.engine.evaluation.intervals import stated  # loads SciPy

    return {
        "names": list(found.names),
        "built_on": found.built_on,
        "probed_on": found.probed_on,
        "held_out": found.held_out,
        "axes": found.axes,
        "read": [stated(each) for each in found.read],
        "always": list(found.always),
        "cosines": found.cosines.tolist(),
        "ways": {
            way.way: {
                "directions": way.directions.tolist(),
                "reached": [stated(each) for each in way.reached],
                "changed": way.changed.tolist(),
                "p_values": way.p_values.tolist(),
            }
            for way in found.ways
        },
        "sentence": found.sentence,
    }
