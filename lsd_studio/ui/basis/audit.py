"""Basis, audited: what of it carries labels and what is sampling noise (R35)."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QLabel, QLayout, QPushButton, QSizePolicy, QWidget

from lsd_studio.engine.basis.measures import BasisView, Repetition
from lsd_studio.engine.figures.panels.basis import audit_panels
from lsd_studio.engine.figures.spec import Panel
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.plots.gram_heatmap import plain_number
from lsd_studio.ui.plots.panel_plot import PanelPlot
from lsd_studio.ui.plots.plots import LEAST_PLOT, Plot
from lsd_studio.ui.plots.vector_scatter import VectorScatter
from lsd_studio.ui.widgets.eliding_label import ElidingLabel
from lsd_studio.ui.widgets.layouts import card, column, row, title
from lsd_studio.ui.widgets.number_formatting import counted
from lsd_studio.ui.widgets.plain_text import plain_label
from lsd_studio.ui.widgets.side_by_side import SideBySide
from lsd_studio.ui.widgets.vector_names import vector_name
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

REPEAT_HINT = "Rebuild with another seed to see which directions repeat."

LEAST = LEAST_PLOT + 16
"""Pixels in height of a plot whose left axis has more than one number."""


class AuditView(QWidget):
    """The sentence, the figures, and four plots with a point for each vector.

    Attributes:
        repeat: has the basis that is shown built again with another seed.

    Signals:
        selected: index of the vector that was clicked.
    """

    selected = Signal(int)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._view: BasisView | None = None
        self._repetitions: dict[str, Repetition] = {}
        self.sentence = WrappedLabel("Summary of the audit", "statement")
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.figures = {name: _Figure(words) for name, words in FIGURES.items()}
        self.repeat = QPushButton("Rebuild with another seed")
        self.repeat.setToolTip("See which directions repeat and which were chance")
        self.residuals = VectorScatter(themes, "|R_kk| (σ of z)", logarithmic=True)
        self.spectrum = PanelPlot(themes, "Singular values of η")
        self.spectrum.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.cosines = VectorScatter(themes, "cosine (1)")
        self.again = VectorScatter(themes, "|cosine| (1)")
        self.again.hint = "Not rebuilt yet."
        self.again_sentence = WrappedLabel("What repeats with another seed")
        self.again_sentence.setText(REPEAT_HINT)
        self._legends = {
            self.residuals: "dashed: what sampling noise alone adds",
            self.cosines: "full: C reads its label, ring: another",
            self.again: "dashed: two random directions",
        }
        self._readouts = {
            plot: ElidingLabel("What is drawn, or the vector under the pointer") for plot in self._legends
        }
        for plot, readout in self._readouts.items():
            readout.setText(self._legends[plot])
            plot.selected.connect(self.selected)
            plot.pointed.connect(self._point)
        self._lay_out()

    def show_view(self, view: BasisView | None) -> None:
        self._view = view
        self.repeat.setEnabled(view is not None)
        if view is None:
            self.sentence.setText("")
            for figure in self.figures.values():
                figure.say("")
            for plot in (self.residuals, self.cosines, self.again):
                plot.clear_values()
            self.spectrum.show_panel(Panel(()))
            self._show_again()
            return
        audit, labels, vectors = view.audit, view.number_of_labels, len(view.xi.kept)
        self.sentence.setText(audit.sentence)
        self.figures["condition"].say(counted(audit.condition_number))
        self.figures["rank"].say(f"{audit.effective_rank:.1f} of {vectors}")
        self.figures["directions"].say(f"{audit.directions_above_noise} of {vectors}")
        self.figures["lengths"].say(f"{int(audit.above_noise.sum())} of {vectors}")
        self.figures["eta"].say(f"{int(view.eta.kept.sum())} of {vectors}")
        self.figures["xi"].say(f"{int(view.xi.kept.sum())} of {vectors}")
        self.figures["error"].say(plain_number(audit.orthogonality_error))
        span = _span(audit.residuals, audit.sampling_scales)
        self.residuals.show_values(audit.residuals, view.xi.kept, labels, span, audit.sampling_scales)
        self.spectrum.show_panel(audit_panels(audit, view.xi.kept, labels)[-1])
        self.spectrum.name_axes("rank of the singular value", "value (σ of z)")
        self.cosines.show_values(audit.cosines, view.xi.kept, labels, (-1.15, 1.15), np.zeros(vectors))
        self._show_again()

    def show_repetition(self, repeated: Repetition) -> None:
        """Show which directions came again."""
        self._repetitions[repeated.key] = repeated
        self._show_again()

    def select(self, vector: int) -> None:
        """Mark the selected vector; −1 marks none."""
        for plot in self._readouts:
            plot.select(vector)

    def _lay_out(self) -> None:
        shown = tuple(self.figures.values())
        spacing = 3 * GRID
        figures = SideBySide(
            row(*shown[:4], None, spacing=spacing),
            row(*shown[4:], None, spacing=spacing),
            spacing=spacing,
            stretches=(0, 1),
        )
        upper = row(
            (self._card("|R_kk|, what each η adds to those before it", self.residuals), 1),
            (self._card("Cosine of each ξ with its η", self.cosines), 1),
            spacing=12,
        )
        again = row((self.again_sentence, 1), self.repeat)
        lower = row(
            (self._card("Singular values of η, and the edge of noise", self.spectrum), 1),
            (self._card("|Cosine| with its twin from another seed", self.again, again), 1),
            spacing=12,
        )
        top = card(column(self.sentence, figures, spacing=12))
        self.setLayout(column(top, (upper, 1), (lower, 1), spacing=12))

    def _card(self, words: str, plot: Plot, *below: QLayout) -> QFrame:
        readouts = [self._readouts[plot]] if isinstance(plot, VectorScatter) else []
        plot.setMinimumHeight(LEAST)
        return card(column(title(words), *readouts, (plot, 1), *below))

    def _show_again(self) -> None:
        repetition = None if self._view is None else self._repetitions.get(self._view.key)
        if self._view is None or repetition is None:
            self.again.clear_values()
            self.again_sentence.setText(REPEAT_HINT)
            return
        self.again.show_values(
            repetition.xi_cosines,
            self._view.xi.kept,
            self._view.number_of_labels,
            (-0.03, 1.08),
            np.full(len(repetition.xi_cosines), repetition.chance),
        )
        self.again_sentence.setText(repetition.sentence)

    @Slot(int)
    def _point(self, vector: int) -> None:
        for plot, readout in self._readouts.items():
            there = vector >= 0 and plot.values is not None and vector < len(plot.values)
            readout.setText(self._words(plot, vector) if there else self._legends[plot])

    def _words(self, plot: VectorScatter, vector: int) -> str:
        assert self._view is not None
        assert plot.values is not None
        name = vector_name("ξ", vector, self._view.label_names)
        value = f"{name}  {plot.values[vector]:.3f}".replace("-", "−")
        if plot is self.residuals:
            audit = self._view.audit
            than = "above" if audit.above_noise[vector] else "not above"
            return f"{value}, sampling scale {audit.sampling_scales[vector]:.3f}: {than} noise"
        if plot is self.cosines:
            read = self._view.label_names[int(self._view.xi.labels[vector])]
            return f"{value}, C reads {read}"
        return f"{value}, by chance {self._repetitions[self._view.key].chance:.3f}"


FIGURES = {
    "condition": "condition number κ(η)",
    "rank": "effective rank of η",
    "directions": "directions of η above noise",
    "lengths": "|R_kk| above noise",
    "eta": "η read as their label",
    "xi": "ξ read as their label",
    "error": "error of ⟨ξ|ξ⟩ / M",
}


class _Figure(QWidget):
    """One number with what it is below it."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self._value = plain_label()
        self._value.setProperty("role", "title")
        self._value.setAccessibleName(words)
        below = QLabel(words)
        below.setProperty("role", "caption")
        self.setLayout(column(self._value, below, spacing=0))

    @property
    def value(self) -> str:
        return self._value.text()

    def say(self, value: str) -> None:
        self._value.setText(value)


def _span(*values: np.ndarray) -> tuple[float, float]:
    """An axis with room for all values above 0."""
    everything = np.concatenate([each[each > 0] for each in values])
    return float(everything.min()) / 2, float(everything.max()) * 2
