"""An operator from one label to another in the units of the codes that it was built from, for use anywhere (R23)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors.numpy

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.evaluation.intervals import stated
from lsd_studio.engine.operators.label_operators import OPERATORS
from lsd_studio.engine.operators.path_quality import share_of
from lsd_studio.engine.operators.planes import FloatArray
from lsd_studio.engine.operators.store import SUFFIX, Way
from lsd_studio.engine.spaces.probed_codes import ProbedCodes
from lsd_studio.files.json_text import json_bytes
from lsd_studio.files.writing import write_file


@dataclass(frozen=True, eq=False)
class CodesOperator:
    """z ↦ matrix · z + shift, whole; what codes have beyond the principal axes that were looked at stays.

    Attributes:
        name: of `LABEL_OPERATORS`; source, target: labels by name.
        matrix: float64 [M, M]; shift: float64 [M].
        way: how it goes from the identity to itself.
        arrived: the share of held-out codes of the source that the probe reads as the target.
        built_on: number of codes that it was built from; made_from: what these are, in words.
    """

    name: str
    source: str
    target: str
    matrix: FloatArray
    shift: FloatArray
    way: Way
    arrived: Measure
    built_on: int
    made_from: str


def operator_of_codes(of: ProbedCodes, name: str, source: int, target: int) -> CodesOperator:
    """Build an operator from whitened codes and say it in the units of the codes.

    With w = W (z − μ) the whitened code, and U with W U = I, an operator w ↦ A w + b is z ↦ z + U ((A − I) w + b).

    Args:
        name: of `LABEL_OPERATORS`; source, target: labels, 0…l − 1.

    Raises:
        StudioError: there is no such operator, or the labels are one.
    """
    if name not in OPERATORS:
        raise StudioError(f"There is no operator {name}: choose one of {', '.join(OPERATORS)}.")
    if source == target:
        raise StudioError("An operator leads from one label to another: name two.")
    matrix, shift = OPERATORS[name].build(of.known, source, target)(1.0)
    seen = of.reader.see(of.codes[of.labels == source] @ matrix.T + shift)
    beyond = matrix - np.eye(len(matrix))
    whiten, unwhiten = of.whiten, of.unwhiten
    return CodesOperator(
        name=name,
        source=of.label_names[source],
        target=of.label_names[target],
        matrix=np.eye(len(of.mean)) + unwhiten @ beyond @ whiten,
        shift=unwhiten @ (shift - beyond @ whiten @ of.mean),
        way=OPERATORS[name].way,
        arrived=share_of(seen.labels["probe"] == target, len(np.unique(seen.which))),
        built_on=len(of.known.codes),
        made_from=of.source,
    )


def write_operator_of_codes(operator: CodesOperator, file: Path) -> Path:
    """Write matrix and shift as safetensors, and beside it as JSON what is stated of them; returns the JSON file.

    Raises:
        StudioError: the file has another ending, or the disk is full or not writable.
    """
    if file.suffix != SUFFIX:
        raise StudioError(f"{file} cannot hold an operator: give it the ending {SUFFIX}.")
    beside = file.with_suffix(".json")
    content = {
        "operator": operator.name,
        "source": operator.source,
        "target": operator.target,
        "way": operator.way,
        "made_from": operator.made_from,
        "built_on": operator.built_on,
        "arrived": stated(operator.arrived),
        "components": len(operator.shift),
    }
    write_file(file, safetensors.numpy.save({"matrix": operator.matrix, "shift": operator.shift}))
    write_file(beside, json_bytes(content))
    return beside
