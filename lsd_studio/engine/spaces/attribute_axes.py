"""Axes of several attributes at once, and which of the others move along when a code is moved along one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from lsd_studio.engine.data_files.columns import Column
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.latent.statistics.moments import moments
from lsd_studio.engine.latent.statistics.principal_axes import principal_axes
from lsd_studio.engine.operators.path_quality import share_of
from lsd_studio.engine.operators.planes import FloatArray
from lsd_studio.engine.platform.seeds import checked_seed, random_numbers
from lsd_studio.engine.spaces.label_audit import CODES_AN_AXIS
from lsd_studio.engine.spaces.latent_space import LatentSpace
from lsd_studio.engine.spaces.probed_codes import FEWEST_CODES, MOST_AXES, MOST_NUMBERS
from lsd_studio.engine.vocabulary import ATTRIBUTE_WAYS, AttributeWay

DRAWS = 999
"""Directions at random that each move is compared with."""

CLEAR = 0.01
"""Share of the directions at random that change as many readings, below which a change counts as beyond chance."""

NOTHING_LEFT = 1e-6
"""Length of what is left of a unit vector, below which that is rounding."""

LEAST_OWN = 0.1
"""Cosine between a direction and the attribute's own, below which attributes cannot be told apart."""


@dataclass(frozen=True, eq=False)
class Entanglement:
    """What is read of K attributes after codes without one of them were moved along its direction.

    Attributes:
        way: how the directions were made of the attributes' own.
        directions: float64 [K, M], in the units of the codes: added whole, each moves its attribute from the average
            of codes without it to that of codes with it.
        reached: of each attribute asked, the share of held-out codes without it that are read as having it.
        changed: float64 [K, K], asked × read, the share of these codes of which the reading changed.
        p_values: float64 [K, K], the share of directions at random, as long, that change as large a share; this
            direction counted among them.
    """

    way: AttributeWay
    directions: FloatArray
    reached: tuple[Measure, ...]
    changed: FloatArray
    p_values: FloatArray

    @property
    def is_beyond_chance(self) -> NDArray[np.bool_]:
        """[K, K], whether at most 1 % of the directions at random change as many readings."""
        return self.p_values <= CLEAR


@dataclass(frozen=True, eq=False)
class AttributeAxes:
    """Attributes of codes, the probes that read them, and how they move each other.

    Attributes:
        names: K, with the value that is asked for where that is not "yes".
        source: of what codes, in words.
        built_on, probed_on, held_out: numbers of codes that the directions and the probes were fitted on, and that
            were moved.
        axes: principal axes that were looked at.
        read: the share of held-out codes that each probe reads rightly before any is moved; always: the same of always
            naming the more frequent value.
        cosines: float64 [K, K], between the attributes' own directions, in whitened codes.
        ways: what each way of making directions brings.
        notes: one sentence each on what was left out.
    """

    names: tuple[str, ...]
    source: str
    built_on: int
    probed_on: int
    held_out: int
    axes: int
    read: tuple[Measure, ...]
    always: tuple[float, ...]
    cosines: FloatArray
    ways: tuple[Entanglement, ...]
    notes: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Which attributes move others along beyond chance, for each way."""
        parts = "; ".join(f"{ATTRIBUTE_WAYS[one.way]}: {self._entangled(one)}" for one in self.ways)
        return (
            f"Beyond what {100 * (1 - CLEAR):g} % of {DRAWS} directions at random change, each pair by itself. "
            + f"{parts[0].upper()}{parts[1:]}."
        )

    def _entangled(self, of: Entanglement) -> str:
        found = [
            f"{self.names[asked]} moves {self.names[read]}"
            for asked, read in np.argwhere(of.is_beyond_chance).tolist()
            if asked != read
        ]
        return ", ".join(found) if found else "no attribute moves another"


def attribute_axes(
    space: LatentSpace, columns: Sequence[str], held: Sequence[str] = (), seed: int = 0
) -> AttributeAxes:
    """Directions of attributes, made three ways, and what each moves of the others on held-out codes.

    Codes are dealt to three: on the first third the directions are measured, cov(z, a) / var(a), which of yes and no is
    the difference of the averages; on the second a logistic regression is fitted for each attribute, the probe; the
    last third, which fitted nothing, is moved. All codes are whitened along the principal axes of the first two. In
    whitened codes the best linear predictor of an attribute is along its own direction, so that moving orthogonally to
    it leaves what is linearly known of it as it was (LEACE, Belrose et al. 2023).

    Args:
        columns: two or more, of yes and no or of two labels.
        held: of these, what the third way holds while another is moved; none: all others.
        seed: deals the codes, and draws the directions at random.

    Raises:
        StudioError: fewer than two columns, one that has more than two values, a held one that is not among them, too
            few codes of a value, or attributes that coincide.
    """
    chosen = [_two_valued(space, name) for name in dict.fromkeys(columns)]
    if len(chosen) < 2:
        raise StudioError("Attributes are compared with each other: please name two columns or more.")
    unknown = [name for name in held if name not in columns]
    if unknown:
        raise StudioError(f"{unknown[0]} is held but not among the attributes: name it there too.")
    given = np.stack([column.values for column in chosen], axis=1).astype(np.int64)
    rows = np.flatnonzero(space.usable & (given >= 0).all(axis=1))
    random = random_numbers(checked_seed(seed), "attributes of codes")
    notes = [f"{len(space) - len(rows)} of {len(space)} codes are left out, where a value is missing."]
    taken = random.permutation(rows)[: max(MOST_NUMBERS // space.components, 1)]
    if len(taken) < len(rows):
        notes.append(f"{len(taken)} of {len(rows)} codes are taken, drawn by seed {seed}.")
    codes, values = np.asarray(space.codes[np.sort(taken)], np.float32), given[np.sort(taken)]
    third = random.permutation(len(codes)) % 3
    _check_counts(space, chosen, values, third)
    axes = principal_axes(moments(codes[third < 2]))
    number = min(axes.rank, max(int((third < 2).sum()) // CODES_AN_AXIS, 1), MOST_AXES)
    white = axes.whitened(codes)[:, :number].astype(np.float64)

    own = _own_directions(white[third == 0], values[third == 0])
    probes = [LogisticRegression(max_iter=1000).fit(white[third == 1], one) for one in values[third == 1].T]
    normals = np.stack([probe.coef_[0] for probe in probes])
    scores = white[third == 2] @ normals.T + np.array([probe.intercept_[0] for probe in probes])
    measured = values[third == 2]
    right = (scores > 0) == (measured == 1)
    places = [[column.name for column in chosen].index(name) for name in dict.fromkeys(held)]
    turned = np.linalg.qr(random.standard_normal((DRAWS, number, 1)))[0][..., 0]
    ways: dict[AttributeWay, FloatArray] = {
        "own": own,
        "orthogonal": _as_far(_orthogonal(_unit(own)), own),
        "held": _as_far(_holding(_unit(own), places), own),
    }
    return AttributeAxes(
        names=tuple(_name(column) for column in chosen),
        source=space.name,
        built_on=int((third == 0).sum()),
        probed_on=int((third == 1).sum()),
        held_out=len(measured),
        axes=number,
        read=tuple(share_of(column, len(column)) for column in right.T),
        always=tuple(np.maximum(measured.mean(axis=0), 1 - measured.mean(axis=0)).tolist()),
        cosines=_unit(own) @ _unit(own).T,
        ways=tuple(
            _entanglement(way, directions, axes.root[:number], scores, measured, normals, turned)
            for way, directions in ways.items()
        ),
        notes=tuple(notes if len(rows) < len(space) else notes[1:]),
    )


def _two_valued(space: LatentSpace, name: str) -> Column:
    column = space.label_column(name)
    if len(column.words) != 2:
        raise StudioError(
            f"The column {name} of {space.file} has {len(column.words)} values, and an attribute has two: choose "
            "another column, or save one of yes and no for each value."
        )
    return column


def _name(column: Column) -> str:
    return column.name if column.kind == "attribute" else f"{column.name} {column.words[1]}"


def _check_counts(
    space: LatentSpace, columns: Sequence[Column], values: NDArray[np.int64], third: NDArray[np.int64]
) -> None:
    for place, column in enumerate(columns):
        fewest = min(
            int((values[third == part, place] == value).sum()) for part in range(3) for value in (0, 1)
        )
        if fewest < FEWEST_CODES // 3:
            raise StudioError(
                f"Of {column.name} in {space.file}, a third of the codes has {fewest} with one of its two values, and "
                f"{FEWEST_CODES // 3} are needed: take more codes, or leave it out."
            )


def _own_directions(codes: FloatArray, values: NDArray[np.int64]) -> FloatArray:
    """cov(z, a) / var(a) of codes [N, K'] and attributes [N, K], float64 [K, K']."""
    centred = values - values.mean(axis=0)
    return (centred.T @ (codes - codes.mean(axis=0))) / (centred**2).sum(axis=0)[:, None]


def _unit(directions: FloatArray) -> FloatArray:
    return directions / np.linalg.norm(directions, axis=1, keepdims=True)


def _orthogonal(directions: FloatArray) -> FloatArray:
    """The orthogonal directions nearest to these unit vectors (Löwdin, as set 1 of a symmetric basis)."""
    left, _, right = np.linalg.svd(directions, full_matrices=False)
    return left @ right


def _holding(directions: FloatArray, held: Sequence[int]) -> FloatArray:
    """Each direction without what it has of the held ones; all others are held where none is named."""
    found = np.empty_like(directions)
    for place, direction in enumerate(directions):
        kept = [other for other in held or range(len(directions)) if other != place]
        found[place] = direction - directions[kept].T @ np.linalg.lstsq(directions[kept].T, direction)[0]
    return found


def _as_far(directions: FloatArray, own: FloatArray) -> FloatArray:
    """Directions so long that each goes as far along the attribute's own as that is long.

    Raises:
        StudioError: next to nothing of an attribute's own direction is left.
    """
    lengths, unit = np.linalg.norm(directions, axis=1), _unit(own)
    some = lengths > NOTHING_LEFT
    along = np.where(some, (directions * unit).sum(axis=1) / np.where(some, lengths, 1.0), 0.0)
    if along.min() < LEAST_OWN:
        raise StudioError(
            "Two of the attributes, or one and several others together, lie along one direction, so that none moves "
            "alone: leave one of them out, or hold fewer."
        )
    return directions * (np.linalg.norm(own, axis=1) / along / lengths)[:, None]


def _entanglement(
    way: AttributeWay,
    directions: FloatArray,
    root: FloatArray,
    scores: FloatArray,
    values: NDArray[np.int64],
    normals: FloatArray,
    turned: FloatArray,
) -> Entanglement:
    """Move held-out codes without each attribute along its direction and along directions at random, as long."""
    reached, changed, p_values = [], [], []
    for place, direction in enumerate(directions):
        moved = scores[values[:, place] == 0]
        before = moved > 0
        after = moved + normals @ direction > 0
        reached.append(share_of(after[:, place], len(moved)))
        own = (after != before).mean(axis=0)
        shifts = np.linalg.norm(direction) * turned @ normals.T
        at_random = np.stack([((moved + shift > 0) != before).mean(axis=0) for shift in shifts])
        changed.append(own)
        p_values.append(((at_random >= own).sum(axis=0) + 1) / (len(shifts) + 1))
    return Entanglement(way, directions @ root, tuple(reached), np.stack(changed), np.stack(p_values))
