"""`lsd-studio basis FILE`: the basis of labelled codes, and what of their averages is signal."""

from __future__ import annotations

import argparse
import math
from typing import Any

from lsd_studio.cli.answers import answer, bars, print_table
from lsd_studio.cli.codes.space import label_column, read_space, refuse_for_codes
from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.operations.spaces import CodesBasis
from lsd_studio.engine.spaces.latent_space import NEEDS_NETWORKS


def run(options: argparse.Namespace) -> None:
    """Make the basis and audit it; without --audit η and ξ are in the answer too.

    Raises:
        StudioError: no column is named, or what is asked needs networks.
    """
    refuse_for_codes(options, "vectors")
    if options.complement in ("labelled", "informative"):
        raise StudioError(
            f"--complement {options.complement} needs a decoder and a classifier, and {options.bundle} has codes "
            f"alone: {NEEDS_NETWORKS}, or leave it out."
        )
    chosen = {name: value for name in ("set_one", "seed") if (value := getattr(options, name)) is not None}
    if options.complement is not None:
        chosen["others"] = options.complement
    with Engine() as engine, bars() as shown:
        space = read_space(engine, options, shown)
        column = label_column(options, space)
        found = engine.spaces.basis(space, column, **chosen).result(shown.follow)
        shown.note(*found.notes)
    audit = found.audit
    measures = {
        "orthogonality_error": found.orthogonality_error,
        "condition_number": found.condition_number,
        "directions": audit.directions,
        "largest_share": float(audit.shares[0]),
        "share_by_chance": audit.share_by_chance,
        "p_value": audit.p_value,
    }
    rows = [(name, f"{value:.6g}") for name, value in measures.items()]
    print_table(("measure", "value"), [*rows, ("in words", audit.sentence)], options.json)
    labels = _labels(found)
    print_table(tuple(labels[0]), [[_cell(value) for value in row.values()] for row in labels], options.json)
    vectors = {} if options.audit else {"eta": found.eta.tolist(), "xi": found.xi.tolist()}
    result = {
        "space": space.facts(),
        "basis": {**measures, **chosen, **vectors},
        "labels": labels,
        "audit": {
            "codes": audit.codes,
            "axes": audit.axes,
            "permutations": audit.permutations,
            "shares": audit.shares.tolist(),
            "share_by_chance": audit.share_by_chance,
            "label_share_by_chance": audit.label_share_by_chance,
            "directions": audit.directions,
            "p_value": audit.p_value,
            "sentence": audit.sentence,
        },
        "notes": [*space.notes, *found.notes],
    }
    answer(result, options.json)


def _labels(found: CodesBasis) -> list[dict[str, Any]]:
    """What is known of each label."""
    names = "label", "codes", "cosine", "share", "apart"
    audit = found.audit
    shares = [None if math.isnan(share) else share for share in audit.label_shares.tolist()]
    columns = found.counts.tolist(), found.cosines.tolist(), shares, audit.apart.tolist()
    rows = zip(found.label_names, *columns, strict=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
