"""`lsd-studio latent --groups`: whether the codes of two labels differ in more than what they were drawn by."""

from __future__ import annotations

import argparse
from typing import Any

from lsd_studio.cli.answers import Bars, answer, bars, print_table
from lsd_studio.cli.codes.space import label_column, read_space
from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.selection import SeenAxes
from lsd_studio.engine.operations.latent import OpenedLatentSpace
from lsd_studio.engine.spaces.file_names import is_code_file
from lsd_studio.engine.steps import Doing


def compare(options: argparse.Namespace) -> None:
    """Compare two groups, and answer with the sentence and its numbers.

    Raises:
        StudioError: more than two labels, or axes that cannot be read, are named.
    """
    if len(options.groups) > 2:
        raise StudioError(
            f"Two labels are compared, or one and all others, not {len(options.groups)}: name fewer."
        )
    if options.report or options.only:
        raise StudioError("--groups takes the place of the report: leave --report and --only out.")
    seen = tuple(map(_seen, options.drawn_on))
    with Engine() as engine, bars() as shown:
        space = _open(engine, options, shown)
        shown.note(*space.notes)
        first, second = (*options.groups, None)[:2]
        selection = engine.selection.labelled(first, second, seen).result()
        found = engine.selection.compare(selection, options.seed).result(shown.follow)
    result: dict[str, Any] = {
        "space": {"name": space.name, "data": space.data, "codes": space.count, "notes": list(space.notes)},
        "groups": list(options.groups),
        "drawn_on": list(options.drawn_on),
        "seed": options.seed,
        **{name: value for name, value in vars(found).items() if name != "direction"},
        "direction": found.direction.tolist(),
    }
    named = f"A: {first}. B: {second}." if second else f"A: {first}."
    print_table(("in words",), [(f"{named} {found.sentence}",)], options.json)
    answer(result, options.json)


def _open(engine: Engine, options: argparse.Namespace, shown: Bars) -> OpenedLatentSpace:
    if is_code_file(options.bundle):
        space = read_space(engine, options, shown)
        call = engine.latent.open_codes(space, label_column(options, space), options.number, options.seed)
        return call.result(shown.follow)
    opened = engine.latent.open(options.bundle, options.data, options.split or "test", options.number)
    return opened.result(lambda step: shown.follow(step) if isinstance(step, Doing) else None)


def _seen(text: str) -> SeenAxes:
    kind, _, numbers = text.partition(":")
    parts = numbers.split(",")
    if kind not in ("principal", "components") or not all(
        part.isascii() and part.isdigit() for part in parts
    ):
        raise StudioError(f"{text} names no axes: write principal:0,1 or components:3,7.")
    return SeenAxes(
        "principal" if kind == "principal" else "components", tuple(int(part[:9]) for part in parts)
    )
