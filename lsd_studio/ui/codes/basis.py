"""Basis of labelled codes: what of their averages is signal, and the averages' inner products (R12, R35)."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QWidget

from lsd_studio.engine.api import Engine
from lsd_studio.engine.figures.panels.basis import products_panel, shares_panel
from lsd_studio.engine.figures.spec import PlotFigure
from lsd_studio.engine.operations.spaces import CodesBasis
from lsd_studio.percentages import percentage
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.codes.codes_in_use import CodesInUse
from lsd_studio.ui.codes.workspace import LabelledCodesWorkspace
from lsd_studio.ui.plots.gram_heatmap import GramHeatmap
from lsd_studio.ui.plots.panel_plot import PanelPlot
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title
from lsd_studio.ui.widgets.text_table import TextTable
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

HEADS = ("label", "codes", "cosine", "share", "apart")
TIPS = (
    "The label",
    "Codes that are averaged",
    "Between ξ and η of the label",
    "Of the variance between the label and all others, along their difference",
    "Whether the share exceeds what the largest of all labels reaches by chance in 99 % of the dealings",
)


class CodesBasisWorkspace(LabelledCodesWorkspace):
    """The audit in words, a line for each label, what of the variance lies between labels, and ⟨η|η⟩."""

    def __init__(self, engine: Engine, themes: ThemeManager, selection: Selection) -> None:
        self.found: CodesBasis | None = None
        self._source = ""
        self.sentence = WrappedLabel("Summary of the audit", "statement")
        self.table = TextTable("Labels, and what tells them apart")
        self.shares = PanelPlot(themes, "Variance between labels")
        self.products = GramHeatmap(themes, "Inner products of η")
        self.figures_words = caption(name="Figures of the basis")
        left = column(title("Labels"), (self.table, 1), self.figures_words)
        right = column(title("Variance between labels"), (self.shares, 1), title("⟨η|η⟩"), (self.products, 2))
        body = QWidget()
        body.setLayout(
            column(
                card(column(self.sentence)),
                (row((card(left), 1), (card(right), 1), spacing=12), 1),
                spacing=12,
            )
        )
        body.setMinimumHeight(60 * GRID)
        super().__init__(engine, themes, selection, body)

    async def compute(self, codes: CodesInUse, labels: str) -> float:
        call = self.engine.spaces.basis(codes.space, labels)
        found = self.found = await self.followed(call)
        self._source = f"{codes.space.name}, labels of {labels}"
        audit = found.audit
        self.sentence.setText(" ".join((audit.sentence, *found.notes)))
        columns = (
            found.counts.tolist(),
            found.cosines.tolist(),
            audit.label_shares.tolist(),
            audit.apart.tolist(),
        )
        rows = [
            (
                name,
                str(count),
                f"{cosine:.3f}",
                "–" if math.isnan(share) else percentage(share, 1),
                "yes" if apart else "no",
            )
            for name, count, cosine, share, apart in zip(found.label_names, *columns, strict=True)
        ]
        self.table.show_rows(HEADS, rows, TIPS)
        self.shares.show_panel(shares_panel(audit))
        products = found.eta_products
        self.products.show_matrix(products, found.label_names, float(abs(products).max()), "⟨η|η⟩")
        self.figures_words.setText(
            f"ξ are orthogonal to {found.orthogonality_error:.1e}, η have the condition number "
            f"{found.condition_number:.3g}; the audit looks at {audit.axes} principal axes of {audit.codes} codes and "
            f"deals their labels {audit.permutations} times."
        )
        return call.milliseconds

    def figures(self) -> tuple[PlotFigure, ...]:
        if self.found is None:
            return ()
        found = self.found
        return (
            PlotFigure(
                "codes-basis",
                "Averages of labelled codes",
                (shares_panel(found.audit), products_panel("η", found.eta_products, len(found.label_names))),
                self._source,
                found.audit.sentence,
                columns=2,
                wide=True,
                of="codes",
            ),
        )
