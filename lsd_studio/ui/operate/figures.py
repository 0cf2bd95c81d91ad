"""What the Operate workspace shows, as figures for publication."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from lsd_studio.engine.figures.panels.compared_operators import arrivals_panel, front_panel
from lsd_studio.engine.figures.panels.operators import (
    Kept,
    eigenvalues_panel,
    errors_panel,
    film_panel,
    kept_panel,
    read_panel,
    rows_panel,
    shares_panel,
)
from lsd_studio.engine.figures.spec import Axis, Ink, Mosaic, Panel, PlotFigure
from lsd_studio.engine.operators.compared import Comparison
from lsd_studio.engine.operators.picture_style import MEASURES
from lsd_studio.engine.operators.results import (
    AnalysedOperator,
    AppliedOperators,
    FittedOperator,
    FollowedPath,
    ImagesOnPath,
)
from lsd_studio.engine.vocabulary import Reader
from lsd_studio.ui.operate.path_painting import rows_of
from lsd_studio.ui.operate.state import Snapshot

OPERATORS: dict[str, Ink] = {"transport": "orange", "rotation": "blue"}
KEPT: tuple[tuple[Kept, str], ...] = (("squared_norms", "norm"), ("slant_moved", "slant"))
ACROSS = 3
"""Snapshots in a row."""


def path_figures(
    here: ImagesOnPath | None,
    followed: Mapping[str, FollowedPath],
    step: float,
    label_names: Sequence[str],
    source: str,
    caption: str,
) -> tuple[PlotFigure, ...]:
    """Pictures and curves along the path together, then each alone, and what the handle shows.

    Args:
        here: what the handle shows.
        followed: the whole path, by the operator's name: transport, rotation.
        step: degrees between two pictures.
        source: whose codes are carried with which bundle, in words; caption: what was measured on the path.
    """
    parts: list[tuple[str, str, Panel]] = []
    for name, whole_path in followed.items():
        kind = whole_path.path.kind
        named = f"{kind[:1].upper()}{kind[1:]}"
        parts += [
            (f"film-{name}", f"{named}: pictures along the path", film_panel(whole_path, step, label_names)),
            (f"shares-{name}", f"{named}: C's probabilities", shares_panel(whole_path, label_names)),
        ]
    if followed:
        curves = {each.path.kind: (each, OPERATORS[name]) for name, each in followed.items()}
        for kept, name in KEPT:
            panel = kept_panel(curves, kept, label_names)
            parts.append((name, panel.title, replace(panel, title="")))
    figures = [
        PlotFigure(f"path-{name}", title, (panel,), source, caption, wide=True)
        for name, title, panel in parts
    ]
    if figures:
        together = tuple(replace(panel, title=title) for _, title, panel in parts)
        figures.insert(
            0, PlotFigure("path", "Pictures and curves along the path", together, source, caption, wide=True)
        )
    if here is not None:
        at_handle = read_panel(here.pictures, here.labels, label_names)
        words = f"{source} · {here.provenance}"
        figures.append(
            PlotFigure("path-handle", "At the handle", (at_handle,), words, wide=len(here.pictures) > 1)
        )
    return tuple(figures)


def fitted_figures(
    fitted: FittedOperator | None,
    applied: AppliedOperators | None,
    images: np.ndarray | None,
    chosen: AnalysedOperator | None,
    source: str,
) -> tuple[PlotFigure, ...]:
    """Held-out pairs, images under the operators, eigenvalues and errors together, then each alone.

    Args:
        fitted: the operator fitted last, with its held-out pairs; applied: the operators on the selected images.
        images: those images, uint8 [N, H, W, C].
        chosen: the operator chosen.
        source: whose bundle it is, in words.
    """
    parts: list[tuple[str, str, Panel]] = []
    if fitted is not None:
        rows = {"before": fitted.before, "operator": fitted.applied, "after": fitted.after}
        parts.append(("pairs", fitted.analysed.operator.description, rows_panel(rows, "Held-out pairs")))
    if applied is not None:
        rows = {} if images is None or len(images) != len(applied.pictures) else {"image": images}
        rows["operator"] = applied.pictures
        parts.append(("applied", applied.provenance, rows_panel(rows, "Selected images")))
    if chosen is not None:
        operator = chosen.operator
        words = f"{operator.made}, {operator.description}"
        parts.append(("eigenvalues", words, eigenvalues_panel(chosen)))
        errors = errors_panel(operator)
        if errors is not None:
            parts.append(("errors", words, errors))
    singles = tuple(
        PlotFigure(f"operator-{name}", panel.title, (replace(panel, title=""),), f"{source} · {words}")
        for name, words, panel in parts
    )
    if len(parts) < 2:
        return singles
    parts_in_words = "; ".join(dict.fromkeys(words for _, words, _ in parts))
    panels = tuple(panel for _, _, panel in parts)
    whole = PlotFigure(
        "operator", "Operator overview", panels, f"{source} · {parts_in_words}", columns=2, wide=True
    )
    return whole, *singles


def compared_figures(comparison: Comparison, reader: Reader, source: str) -> tuple[PlotFigure, ...]:
    """Arrival against every measure of style, together and alone, and who arrives how often.

    Args:
        reader: who says what arrived along the front.
        source: whose bundle it is, in words.
    """
    words, caption = f"{source} · {comparison.notes[0]}", " ".join(comparison.notes[1:])
    left_out = [each.title for each in comparison.operators if np.isnan(each.style["slant"].value)]
    if left_out:
        caption += f" Not in the plot, for its pictures do not differ within a pair: {', '.join(left_out)}."
    fronts = {name: front_panel(comparison, name, reader) for name in MEASURES}
    together = tuple(
        replace(panel, title=f"{name.capitalize()} kept", legend="right" if place % 2 else "none")
        for place, (name, panel) in enumerate(fronts.items())
    )
    title = "Operators: arrival against style kept"
    figures = [PlotFigure("operators-front", title, together, words, caption, columns=2, wide=True)]
    figures += [
        PlotFigure(f"operators-{name}", f"Operators: arrival against {name} kept", (panel,), words, caption)
        for name, panel in fronts.items()
    ]
    arrivals = (arrivals_panel(comparison),)
    figures.append(
        PlotFigure("operators-arrivals", "Operators: who arrives", arrivals, words, caption, wide=True)
    )
    return tuple(figures)


def snapshot_figures(
    snapshots: Sequence[Snapshot], label_names: Sequence[str], source: str
) -> tuple[PlotFigure, ...]:
    """All snapshots side by side, then each alone; none while there are none.

    Args:
        snapshots: as they are shown; label_names: of the data set.
        source: the bundle, in words.
    """
    singles = tuple(
        PlotFigure(
            f"snapshot-{place}",
            snapshot.name,
            (_snapshot_panel(snapshot, label_names),),
            f"{source} · {snapshot.provenance}",
            caption=_path_in_words(snapshot, label_names),
        )
        for place, snapshot in enumerate(snapshots, start=1)
    )
    if len(singles) < 2:
        return singles
    panels = tuple(replace(each.panels[0], title=each.title) for each in singles)
    caption = " ".join(f"{each.title}: {each.source.removeprefix(f'{source} · ')}." for each in singles)
    columns = min(ACROSS, len(panels))
    return PlotFigure("snapshots", "All snapshots", panels, source, caption, columns, wide=True), *singles


def _snapshot_panel(snapshot: Snapshot, label_names: Sequence[str]) -> Panel:
    pictures = snapshot.pictures
    columns = max(rows_of(len(pictures)))
    rows = -(-len(pictures) // columns)
    sheet = np.full((rows * columns, *pictures.shape[1:]), 255, np.uint8)
    sheet[: len(pictures)] = pictures
    counted = Counter(label_names[label] for label in snapshot.labels.tolist()).most_common(3)
    read = ", ".join(name if len(pictures) == 1 else f"{count} × {name}" for name, count in counted)
    mosaic = Mosaic("pictures", sheet.reshape(rows, columns, *pictures.shape[1:]))
    return Panel((mosaic,), Axis(f"C reads {read}"))


def _path_in_words(snapshot: Snapshot, label_names: Sequence[str]) -> str:
    return "Path " + " → ".join(label_names[label] for label in snapshot.state.path.stations) + "."
