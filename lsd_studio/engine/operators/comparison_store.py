"""Comparisons of operators, stored beside what they depend on (`evaluation.stored_json`)."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.evaluation.cache import findings_folder
from lsd_studio.engine.evaluation.stored_json import MeasuredOn, Stored, found_before, store
from lsd_studio.engine.operators.compared import Comparison
from lsd_studio.engine.operators.label_operators import OPERATORS
from lsd_studio.engine.operators.picture_style import MEASURES


class ComparedOn(MeasuredOn):
    """All that a comparison depends on."""

    prefix: ClassVar[str] = "operators"

    pairs: int | None
    operators: tuple[str, ...] = tuple(OPERATORS)


_Stored = Stored[ComparedOn, Comparison]


def store_comparison(bundle: Bundle, depends_on: ComparedOn, comparison: Comparison) -> Path:
    """Write a comparison beside its bundle; returns the file.

    Raises:
        StudioError: the folder cannot be written to.
    """
    return store(findings_folder(bundle), _Stored(depends_on=depends_on, found=comparison))


def stored_comparison(bundle: Bundle, depends_on: ComparedOn) -> Comparison | None:
    """What was compared before under the same dependencies; None where nothing valid is stored."""
    labels = bundle.manifest.number_of_labels
    return found_before(bundle, depends_on, _Stored, lambda found: _is_whole(found, labels))


def _is_whole(comparison: Comparison, labels: int) -> bool:
    """Whether all that is shown of it is there: every operator, read by the same, over labels that there are."""
    readers = {frozenset(each.arrivals) for each in comparison.operators}
    arrivals = [arrival for each in comparison.operators for arrival in each.arrivals.values()]
    least = [(arrival.least_pair.source, arrival.least_pair.target) for arrival in arrivals]
    shares = [share for each in arrivals for share in (each.reached.value, *each.random)]
    of_each = [(each.style, each.random_style) for each in comparison.operators]
    return (
        tuple(each.name for each in comparison.operators) == tuple(OPERATORS)
        and len(readers) == 1
        and "classifier" in next(iter(readers))
        and all(0 <= label < labels for pair in (*comparison.pairs, *least) for label in pair)
        and all(0 <= share <= 1 for share in shares)
        and all(len(arrival.random) == comparison.draws > 0 for arrival in arrivals)
        and all(set(style) == set(random) == set(MEASURES) for style, random in of_each)
        and all(len(draws) == comparison.draws for _, random in of_each for draws in random.values())
    )
