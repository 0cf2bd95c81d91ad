"""Latent spaces of others, read from files: what is in them, and the basis of their labelled codes.

N codes of M components, l labels.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lsd_studio.engine.operations import Operations, operation
from lsd_studio.engine.steps import Doing
from lsd_studio.engine.vocabulary import Others, SetOne

if TYPE_CHECKING:
    from lsd_studio.engine.figures.spec import PlotFigure
    from lsd_studio.engine.latent.report import ReportSettings
    from lsd_studio.engine.operators.compared import Comparison
    from lsd_studio.engine.operators.walks import PathSettings
    from lsd_studio.engine.spaces.attribute_axes import AttributeAxes
    from lsd_studio.engine.spaces.code_operators import CodesOperator
    from lsd_studio.engine.spaces.code_paths import FollowedCodes
    from lsd_studio.engine.spaces.label_audit import LabelAudit
    from lsd_studio.engine.spaces.latent_space import LatentSpace
    from lsd_studio.engine.spaces.probed_codes import ProbedCodes
    from lsd_studio.engine.spaces.survey import SpaceSurvey


@dataclass(frozen=True, eq=False)
class CodesBasis:
    """The basis of labelled codes, and what of it is signal.

    Args:
        eta, xi: float64 [M, M], set outer and label inner; eta_products: of all η, [M, M].
        label_names: l names; counts: int64 [l], codes of each.
        orthogonality_error: largest entry of |⟨ξ|ξ⟩ / M − I|; condition_number: of η.
        cosines: float64 [l], of each ξ of set 1 with its η.
        audit: of the averages.
        notes: one sentence each on what was left out.
    """

    eta: np.ndarray
    xi: np.ndarray
    eta_products: np.ndarray
    label_names: tuple[str, ...]
    counts: np.ndarray
    orthogonality_error: float
    condition_number: float
    cosines: np.ndarray
    audit: LabelAudit
    notes: tuple[str, ...]


class SpaceOperations(Operations):
    """Reads latent spaces, and answers about them; a space is given along, so that several can be held."""

    @operation("loading", scope="engine")
    def read(self, file: Path, codes: str | None = None) -> LatentSpace:
        """The latent space in a file.

        Args:
            codes: name of the array in it; None where only one can be the codes.

        Raises:
            StudioError: the file is none of the formats, is damaged, or has no such array.
        """
        from lsd_studio.engine.spaces.reading import read_latent_space

        return read_latent_space(file, codes)

    @operation("analysis", scope="engine")
    def where(self, space: LatentSpace, condition: str) -> LatentSpace:
        """The same space, of which only the codes that match a condition on their columns are used.

        Args:
            condition: such as `kind = B cell and age > 40`, or a text that a label or name holds.

        Raises:
            StudioError: no code matches, or the condition names a column or a value that is not there.
        """
        from lsd_studio.engine.spaces.conditions import where

        return where(space, condition)

    @operation("loading", scope="engine")
    def survey(self, file: Path, codes: str | None = None) -> SpaceSurvey:
        """The latent space in a file, with its first rows and ranges; of several arrays the first where none is named.

        Raises:
            StudioError: as `read`.
        """
        from lsd_studio.engine.spaces.survey import survey_space

        return survey_space(file, codes)

    @operation("analysis", scope="engine")
    def basis(
        self,
        space: LatentSpace,
        labels: str,
        set_one: SetOne = "gram-schmidt",
        others: Others = "gram-schmidt",
        seed: int = 0,
    ) -> Generator[Doing, None, CodesBasis]:
        """Average codes by their label, make the averages orthogonal, and audit them (R11–R14, R35).

        Args:
            labels: name of the column.
            seed: of the order of the codes, and of the dealings that the audit compares with.

        Raises:
            StudioError: there is no such column of labels, there are more labels than components, or an average
                depends linearly on others.
        """
        from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis
        from lsd_studio.engine.spaces.label_audit import audit_labels
        from lsd_studio.engine.spaces.labelled_codes import labelled_codes

        yield Doing("reading the codes")
        of = labelled_codes(space, labels, seed)
        basis = QuasiEigenbasis(set_one, others).fit(of.codes, of.labels)
        audit = yield from audit_labels(of, seed)
        number = len(of.label_names)
        eta, xi = basis.eta_[:number], basis.xi_[:number]
        lengths = np.linalg.norm(eta, axis=1) * np.linalg.norm(xi, axis=1)
        return CodesBasis(
            eta=basis.eta_,
            xi=basis.xi_,
            eta_products=basis.eta_ @ basis.eta_.T,
            label_names=of.label_names,
            counts=of.counts,
            orthogonality_error=basis.orthogonality_error_,
            condition_number=basis.condition_number_,
            cosines=(eta * xi).sum(axis=1) / lengths,
            audit=audit,
            notes=of.notes,
        )

    @operation("analysis", scope="engine")
    def evaluate(
        self, space: LatentSpace, labels: str, seed: int = 0
    ) -> Generator[Doing, None, dict[str, Any]]:
        """Read held-out codes by LSD and by classifiers that anyone would try (R16, R37).

        Args:
            labels: name of the column.
            seed: of the split, the intervals and the dealings that the audit compares with.

        Returns:
            As `evaluate_codes`, with the notes on what was left out under `notes`.

        Raises:
            StudioError: there is no such column of labels, or there are too few codes.
        """
        from lsd_studio.engine.spaces.code_evaluation import MOST_NUMBERS, evaluate_codes
        from lsd_studio.engine.spaces.labelled_codes import labelled_codes

        yield Doing("reading the codes")
        of = labelled_codes(space, labels, seed, MOST_NUMBERS)
        found = yield from evaluate_codes(of, seed)
        return {**found, "notes": [*space.notes, *of.notes]}

    @operation("analysis", scope="engine")
    def probe(self, space: LatentSpace, labels: str, seed: int = 0) -> Generator[Doing, None, ProbedCodes]:
        """Deal labelled codes to operators, a probe that reads them, and held-out codes that are moved.

        Args:
            labels: name of the column; seed: of the dealing.

        Raises:
            StudioError: there is no such column of labels, or there are too few codes of its labels.
        """
        from lsd_studio.engine.spaces.labelled_codes import labelled_codes
        from lsd_studio.engine.spaces.probed_codes import MOST_NUMBERS, probed_codes

        yield Doing("reading the codes")
        of = labelled_codes(space, labels, seed, MOST_NUMBERS)
        yield Doing("fitting the probe")
        return probed_codes(of)

    @operation("analysis", scope="engine")
    def compare_operators(
        self, of: ProbedCodes, pairs: int | None = None, seed: int = 0
    ) -> Generator[Doing | Comparison, None, Comparison]:
        """Compare every operator from label to label on held-out codes, as `LabelOperatorOperations.compare` does.

        Args:
            pairs: over so many (source, target) pairs of labels, drawn by `seed`; None for all, or 90 of more.

        Raises:
            StudioError: more pairs than there are.
        """
        from lsd_studio.engine.operators.comparison import compare
        from lsd_studio.engine.spaces.probed_codes import pairs_to_compare

        chosen = pairs_to_compare(of, pairs, seed)
        return (
            yield from compare(
                of.reader, of.known, of.codes, of.labels, of.source,
                pairs=chosen, seed=seed, probed_on=of.probed_on,
            )
        )  # fmt: skip

    @operation("analysis", scope="engine")
    def operator(
        self, of: ProbedCodes, name: str, source: int, target: int, file: Path | None = None
    ) -> CodesOperator:
        """An operator from label to label in the units of the codes, written to a file where one is named.

        Raises:
            StudioError: as `operator_of_codes` and `write_operator_of_codes`.
        """
        from lsd_studio.engine.spaces.code_operators import operator_of_codes, write_operator_of_codes

        made = operator_of_codes(of, name, source, target)
        if file is not None:
            write_operator_of_codes(made, file)
        return made

    @operation("analysis", scope="engine")
    def attributes(
        self, space: LatentSpace, columns: Sequence[str], held: Sequence[str] = (), seed: int = 0
    ) -> Generator[Doing, None, AttributeAxes]:
        """Directions of several attributes, and which of the others each moves along, as `attribute_axes` says.

        Raises:
            StudioError: as `attribute_axes`.
        """
        from lsd_studio.engine.spaces.attribute_axes import attribute_axes

        yield Doing("Moving codes along attributes", 0.0)
        return attribute_axes(space, columns, held, seed)

    @operation("analysis", scope="engine")
    def follow(
        self, of: ProbedCodes, path: PathSettings, step: float = 30.0, row: int | None = None
    ) -> Generator[Doing, None, FollowedCodes]:
        """Take held-out codes along a path of labels (R20–R22).

        Args:
            step: degrees from position to position, 90 a leg.
            row: of the space, whose nearest codes are told; None takes the code in the middle of its label.

        Raises:
            StudioError: stations that make no path, or a row that is no held-out code of the first label.
        """
        from lsd_studio.engine.spaces.code_paths import follow_codes

        return (yield from follow_codes(of, path, step, row))

    @operation("loading", scope="engine")
    def pictures(self, space: LatentSpace, rows: Sequence[int]) -> np.ndarray:
        """The pictures of rows, uint8 [R, H, W, 3], in the size of the first; white where one has none.

        Raises:
            StudioError: there is no picture of any of them.
        """
        from lsd_studio.engine.spaces.row_pictures import row_pictures

        return row_pictures(space, rows)

    @operation("analysis", scope="engine")
    def figures(
        self, space: LatentSpace, labels: str, names: Sequence[str], seed: int = 0
    ) -> Generator[Doing, None, dict[str, PlotFigure]]:
        """Figures of labelled codes, by name, described; `FigureOperations.save` draws them.

        Args:
            labels: name of the column; names: of `CODE_FIGURES`.

        Raises:
            StudioError: there is no such column of labels, or there are too few codes.
        """
        from lsd_studio.engine.figures.code_figures import code_figures

        return (yield from code_figures(space, labels, names, seed))

    @operation("analysis", scope="engine")
    def report(
        self, space: LatentSpace, labels: str | None, settings: ReportSettings, folder: Path | None = None
    ) -> Generator[Doing, None, dict[str, Any]]:
        """Measure where codes lie, as `LatentOperations.report` does; what needs a decoder is left out by name.

        Args:
            labels: name of the column whose labels are shown; None shows none.
            settings: what is measured; coder, data and split say nothing here.
            folder: takes figures, tables and a page; None: no files.

        Raises:
            StudioError: there is no such column of labels, a number is out of range, or the folder cannot be written
                to.
        """
        from lsd_studio.engine.latent.report import check_report, make_report
        from lsd_studio.engine.spaces.code_dataset import code_dataset

        check_report(settings, folder)
        yield Doing("Reading the codes", 0.0)
        codes = code_dataset(space, labels, settings.most, settings.seed)
        return (yield from make_report(codes, settings, folder))
