"""A report on a generator in words: the rows of its table, and what the tests of memorisation say."""

from __future__ import annotations

import math

from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.evaluation.generator.report import (
    MEASURES,
    PATHS,
    SETS,
    Nearness,
    ReaderReport,
    SetName,
)
from lsd_studio.percentages import percentage

WITH_INTERVAL: tuple[SetName, ...] = ("samples", "real")
"""Sets whose intervals a table has room for; the others are so far off that theirs say little."""

MOST_DECIMALS = 3


def measure_rows(reader: ReaderReport) -> list[tuple[str, ...]]:
    """A row for each measure, with a cell for each of `SETS`; a row for each kind of paths, which are of samples."""
    nothing = ("",) * (len(SETS) - 1)
    of_sets = [
        (words, *(_cell(name, found.measure(measure)) for name, found in reader.sets.items()))
        for measure, words in MEASURES.items()
    ]
    return [
        *of_sets,
        *((PATHS[of], measure_words(length), *nothing) for of, length in reader.path_length.items()),
    ]


def measure_words(measure: Measure) -> str:
    """A measure with its interval, in as many decimals as that has two digits of."""
    if math.isnan(measure.low):
        return _short(measure.value)
    width = measure.high - measure.low
    decimals = min(MOST_DECIMALS, max(0, 1 - math.floor(math.log10(width)))) if width > 0 else 2
    value, low, high = (_number(f"{end:.{decimals}f}") for end in (measure.value, measure.low, measure.high))
    return f"{value} ({low} … {high})"


def nearness_words(near: Nearness) -> str:
    """What the two tests of memorisation say, in a sentence."""
    nearest = round(near.nearest.value * near.nearest.count)
    share, of_pairs, of_nearest = (
        percentage(near.nearer, 1),
        p_words(near.p_value),
        p_words(near.nearest_p_value),
    )
    return (
        f"A sample lies nearer than a held-out image in {share} of pairs ({of_pairs}). Of the {near.nearest.count} "
        f"nearest of both {nearest} are samples ({of_nearest})."
    )


def p_words(p_value: float) -> str:
    """A p-value, such as "p = 0.03"."""
    return "p < 0.0001" if p_value < 0.0001 else f"p = {p_value:.2g}"


def _cell(name: SetName, measure: Measure) -> str:
    return measure_words(measure) if name in WITH_INTERVAL else _short(measure.value)


def _short(value: float) -> str:
    return _number(f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}")


def _number(text: str) -> str:
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")
