"""Comparisons of operators, stored in files that are each named for everything they depend on.

A file lies in the bundle's folder `evaluations`, or in the user's cache where the bundle ships with the program or
cannot be written to. One that does not validate is as good as none, for what it says can be measured again.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pydantic import ConfigDict

from lsd_studio import __version__
from lsd_studio.engine.bundle import EVALUATIONS, Bundle
from lsd_studio.engine.datasets import LabelledImages
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.cache import cache_folder, findings_folder
from lsd_studio.engine.operators.compared import Comparison
from lsd_studio.engine.operators.label_operators import OPERATORS
from lsd_studio.engine.operators.picture_style import MEASURES
from lsd_studio.files.folders import make_folder
from lsd_studio.files.json_text import Strict, read_json
from lsd_studio.files.writing import write_file

FORMAT = 1


class Dependencies(Strict):
    """All that a comparison depends on: the bundle with its ξ, test and training images by checksum, pairs and seed."""

    bundle: str
    basis: str
    test: str
    training: str
    pairs: int | None
    seed: int
    operators: tuple[str, ...] = tuple(OPERATORS)
    version: str = __version__
    format: int = FORMAT

    @classmethod
    def of(
        cls, bundle: Bundle, test: LabelledImages, training: LabelledImages, pairs: int | None, seed: int
    ) -> Dependencies:
        """Those of a comparison by a bundle on these images."""
        basis = hashlib.sha256(bundle.basis.xi_.tobytes() + bundle.basis.eta_.tobytes()).hexdigest()
        return cls(
            bundle=bundle.hash,
            basis=basis,
            test=test.checksum,
            training=training.checksum,
            pairs=pairs,
            seed=seed,
        )

    @property
    def file_name(self) -> str:
        """The same for the same dependencies, another for others."""
        stated = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return f"operators-{hashlib.sha256(stated.encode()).hexdigest()[:24]}.json"


class _Stored(Strict):
    model_config = ConfigDict(ser_json_inf_nan="strings")

    depends_on: Dependencies
    comparison: Comparison


def store_comparison(bundle: Bundle, depends_on: Dependencies, comparison: Comparison) -> Path:
    """Write a comparison beside its bundle; returns the file.

    Raises:
        StudioError: the folder cannot be written to.
    """
    folder = findings_folder(bundle)
    make_folder(folder, "please make room for what was found")
    file = folder / depends_on.file_name
    write_file(file, _Stored(depends_on=depends_on, comparison=comparison).model_dump_json().encode())
    return file


def stored_comparison(bundle: Bundle, depends_on: Dependencies) -> Comparison | None:
    """What was measured before under the same dependencies; None where nothing valid is stored."""
    for folder in (bundle.path / EVALUATIONS, cache_folder()):
        file = folder / depends_on.file_name
        if folder.is_symlink() or not file.exists():
            continue
        try:
            stored = read_json(file, _Stored, follow_links=False)
        except StudioError:
            continue
        if stored.depends_on == depends_on and _is_whole(stored.comparison, bundle.manifest.number_of_labels):
            return stored.comparison
    return None


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
