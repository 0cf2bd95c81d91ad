"""Panels of operators: pictures and curves along a path, what an operator is like, and what it makes of images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from lsd_studio.engine.figures.spec import Axis, Bars, Ink, Line, Mosaic, Panel, Points
from lsd_studio.engine.operators.paths import QUARTER
from lsd_studio.engine.operators.results import AnalysedOperator, FollowedPath
from lsd_studio.engine.operators.walks import PathSettings

if TYPE_CHECKING:
    from lsd_studio.engine.operators.store import Operator

CURVE = 0.28
"""Height over width of curves along a path, which stand above each other."""

KEPT: dict[str, tuple[str, str]] = {
    "squared_norms": ("⟨z|z⟩ / M", "Squared norm along the path"),
    "slant_moved": ("slant moved, °", "Change of slant in the pictures along the path"),
}

Kept = Literal["squared_norms", "slant_moved"]


def at_steps(followed: FollowedPath, step: float) -> np.ndarray:
    """Which positions, bool [P], are stations, or whole steps of so many degrees from the start."""
    steps = followed.positions * QUARTER / step
    whole = np.abs(np.remainder(steps + 0.5, 1.0) - 0.5) < 1e-6
    return np.asarray(whole | (followed.positions == np.round(followed.positions)))


def film_panel(followed: FollowedPath, step: float, label_names: Sequence[str]) -> Panel:
    """Every image (row) at every step along a path (column), Fig. 8: at a station the label aimed at, and below it what
    C reads, of several images in how many it is the one aimed at; the others are framed.
    """
    chosen = at_steps(followed, step)
    named = {
        float(place): f"{name}\n{_read(followed, at, label_names)}"
        for (place, name), at in zip(_stations(followed.path, label_names), followed.stations, strict=True)
    }
    columns = tuple(named.get(float(place), "") for place in followed.positions[chosen])
    mosaic = Mosaic(
        "G(z) along the path",
        followed.pictures[chosen].swapaxes(0, 1),
        columns=columns,
        marked=followed.misread[chosen].T,
    )
    return Panel((mosaic,), Axis("aimed at, and read by C"))


def _read(followed: FollowedPath, at: int, label_names: Sequence[str]) -> str:
    """What C reads at one position, or in how many of the images it is the station's label."""
    images = followed.probabilities.shape[1]
    if images == 1:
        return label_names[int(followed.probabilities[at, 0].argmax())]
    return f"{images - int(followed.misread[at].sum())}/{images}"


def shares_panel(followed: FollowedPath, label_names: Sequence[str]) -> Panel:
    """C's probabilities of the labels on a path, and of all others together, means over the images."""
    shares = followed.probabilities.mean(axis=1)
    labels = tuple(dict.fromkeys(station % len(label_names) for station in followed.path.stations))
    lines = [Line(label_names[label], followed.positions, shares[:, label], label) for label in labels]
    if len(labels) < len(label_names):
        others = np.delete(shares, labels, axis=1).sum(axis=1)
        lines.append(Line("other labels", followed.positions, others, "grey", dash="dotted"))
    return Panel(
        tuple(lines),
        _along(followed.path, label_names),
        Axis("C's probability", limits=(-0.03, 1.03)),
        legend="right",
        aspect=CURVE,
    )


def mean_along(followed: FollowedPath, kept: Kept) -> tuple[np.ndarray, np.ndarray]:
    """Positions float64 [P′] and means there, over the images of which it is known, of what is kept along a path."""
    values = np.ma.masked_invalid(getattr(followed, kept)).mean(axis=1)
    known = ~np.ma.getmaskarray(values)
    return followed.positions[known], values.data[known]


def kept_panel(
    curves: Mapping[str, tuple[FollowedPath, Ink]], kept: Kept, label_names: Sequence[str]
) -> Panel:
    """What is kept along a path under each operator: the codes' squared norm before it is restored, or the pictures'
    slant; means over the images of which it is known.
    """
    lines = tuple(Line(name, *mean_along(followed, kept), ink) for name, (followed, ink) in curves.items())
    top = 1.05 * max(1.0, *(float(line.y.max(initial=0.0)) for line in lines))
    path = next(iter(curves.values()))[0].path
    return Panel(
        lines,
        _along(path, label_names),
        Axis(KEPT[kept][0], limits=(-0.03 * top, top)),
        title=KEPT[kept][1],
        legend="right",
        aspect=0.5 * CURVE,
    )


def read_panel(pictures: np.ndarray, labels: np.ndarray, label_names: Sequence[str]) -> Panel:
    """Pictures uint8 [N, H, W, C] in a row, named by what C reads, int64 [N]."""
    read = tuple(label_names[label] for label in labels.tolist())
    return Panel((Mosaic("pictures", pictures[None], columns=read),), Axis("C reads"))


def rows_panel(rows: Mapping[str, np.ndarray], title: str) -> Panel:
    """Named rows of as many pictures uint8 [N, H, W, C] each."""
    return Panel((Mosaic(title, np.stack(list(rows.values())), tuple(rows)),), title=title)


def eigenvalues_panel(operator: AnalysedOperator) -> Panel:
    """The eigenvalues in the complex plane, with the unit circle, on which those of an orthogonal operator lie."""
    turn, values = np.linspace(0.0, 2 * np.pi, 181), operator.eigenvalues
    far = 1.15 * max(1.0, float(np.abs(values).max(initial=1.0)))
    return Panel(
        (
            Line("|λ| = 1", np.cos(turn), np.sin(turn), "grey"),
            Points("eigenvalues", values.real, values.imag, "blue"),
        ),
        Axis("Re λ", limits=(-far, far)),
        Axis("Im λ", limits=(-far, far)),
        title="Eigenvalues",
        legend="none",
        aspect=1.0,
    )


def errors_panel(operator: Operator) -> Panel | None:
    """Errors of an operator beside those of doing nothing and of shifts, as shares of the codes' squared norm; None
    where none are known.
    """
    named: tuple[tuple[str, float | None, Ink], ...] = (
        (f"held out\n({operator.held_out})", operator.held_out_error, "blue"),
        (f"fitted on\n({operator.pairs})", operator.fit_error, "grey"),
        ("doing\nnothing", operator.identity_error, "orange"),
        ("one\nshift", operator.shift_error, "orange"),
        ("a shift\na label", operator.label_shift_error, "orange"),
    )
    known = [(words, value, ink) for words, value, ink in named if value is not None]
    if not known:
        return None
    ticks = tuple((float(place), words) for place, (words, _, _) in enumerate(known))
    bars = Bars(
        "error",
        np.arange(len(known), dtype=float),
        np.array([value for _, value, _ in known]),
        tuple(ink for _, _, ink in known),
        width=0.6,
    )
    return Panel(
        (bars,),
        Axis("pairs", ticks=ticks),
        Axis("mean |z′ − O z|² / mean |z′|²"),
        title="Error",
        legend="none",
        aspect=1.0,
    )


def _stations(path: PathSettings, label_names: Sequence[str]) -> tuple[tuple[float, str], ...]:
    return tuple(
        (float(place), label_names[label % len(label_names)]) for place, label in enumerate(path.visited)
    )


def _along(path: PathSettings, label_names: Sequence[str]) -> Axis:
    apart = ", a quarter turn apart" if path.through == "vectors" else ""
    stations = _stations(path, label_names)
    return Axis(f"labels on the path{apart}", limits=(0.0, stations[-1][0]), ticks=stations)
