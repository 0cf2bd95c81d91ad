"""Basis, seen as samples: what each label's latent vectors decode to, and how they are spread (Figure 3)."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QComboBox, QLabel, QWidget

from lsd_studio.engine.basis.measures import LatentDensities
from lsd_studio.engine.operations.basis import LabelSamples, SamplesDrawn
from lsd_studio.engine.vocabulary import Source
from lsd_studio.ui.app.theme import GRID, Theme, ThemeManager
from lsd_studio.ui.basis.mosaic import Mosaic
from lsd_studio.ui.basis.state import SamplesState
from lsd_studio.ui.plots.plots import Plot
from lsd_studio.ui.widgets.label_colours import edge_colour
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.side_by_side import SideBySide
from lsd_studio.ui.widgets.timers import delay

SOURCES: tuple[Source, ...] = ("encoded", "random")
NAMES = {"encoded": "Encoded images (set 1)", "random": "Random z (sets 2…n)"}
REPAINT = 200
"""Milliseconds between two repaints of the mosaics while samples come in."""


class SamplesView(QWidget):
    """Mosaics at the left; at the right the densities of both sources against N(0, 1).

    Signals:
        wanted: the source that samples are to be drawn from.
    """

    wanted = Signal(str)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._label_names: tuple[str, ...] = ()
        self._samples: dict[Source, list[list[np.ndarray]]] = {source: [] for source in SOURCES}
        self._asked = False
        self.source = Segments(
            "Source of the samples",
            ("encoded", NAMES["encoded"], "Training images, encoded with sampled z (step 4a)"),
            ("random", NAMES["random"], "Random z of G's prior, N(0, I) as a rule, labelled by C (step 4b)"),
        )
        self.source.set_value("encoded")
        self.source.chosen.connect(self._choose_source)
        self.label = QComboBox()
        self.label.setAccessibleName("Label of the samples")
        self.label.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.label.setMinimumContentsLength(10)
        self.label.currentIndexChanged.connect(self._repaint)
        self.component = QComboBox()
        self.component.setAccessibleName("Component of z")
        self.component.setToolTip("One component of z, or all of them together")
        self.component.currentIndexChanged.connect(self._show_densities)
        self.mosaic = Mosaic(themes)
        self.mosaic.chosen.connect(self._choose_label)
        self.words = caption("", "Number of samples")
        self.densities = {source: DensityPlot(themes, NAMES[source]) for source in SOURCES}
        self._frame = delay(self, REPAINT, self._repaint)
        self._lay_out()

    def _lay_out(self) -> None:
        head = SideBySide(row(title("Samples"), self.label, None), row(self.source, None), stretches=(1, 0))
        left = column(head, (self.mosaic, 1), self.words)
        dashed = QLabel("dashed: N(0, 1)")
        dashed.setProperty("role", "caption")
        densities = row(title("Latent densities"), dashed, None)
        right = column(SideBySide(densities, self.component, stretches=(1, 0)))
        for source, plot in self.densities.items():
            named = QLabel(NAMES[source])
            named.setProperty("role", "caption")
            right.addWidget(named)
            right.addWidget(plot, 1)
        self.setLayout(row((card(left), 5), (card(right), 3), spacing=2 * GRID))

    @property
    def shown_source(self) -> Source:
        """The source whose samples are shown."""
        return "random" if self.source.value == "random" else "encoded"

    @property
    def shown_component(self) -> int | None:
        """The component of z whose densities are shown; None: all of them together."""
        return self.component.currentIndex() - 1 if self.component.currentIndex() > 0 else None

    @property
    def shown_samples(self) -> dict[int, np.ndarray]:
        """Pictures uint8 [N, H, W, K] of the visible samples, by label, without labels that have none."""
        held, label = self._samples[self.shown_source], self.label.currentData()
        chosen = range(len(held)) if label in (None, -1) else (label,)
        for place in chosen:
            if len(held[place]) > 1:
                held[place] = [np.concatenate(held[place])]
        return {place: held[place][0] for place in chosen if held[place]}

    @property
    def state(self) -> SamplesState:
        return SamplesState(
            source=self.shown_source,
            label=self.label.currentIndex() - 1,
            component=self.component.currentIndex() - 1,
        )

    def show_state(self, state: SamplesState) -> None:
        """Show it again; labels and components that are not there are left as they are."""
        if state.source is not None:
            self.source.set_value(state.source)
            self._choose_source(state.source)
        for box, place in ((self.label, state.label), (self.component, state.component)):
            if place is not None and -1 <= place < box.count() - 1:
                box.setCurrentIndex(place + 1)

    def use_labels(self, label_names: tuple[str, ...], latent_dimensions: int) -> None:
        """Another bundle: forget all samples, which are asked for when the view is seen."""
        self._label_names = label_names
        self._samples = {source: [[] for _ in label_names] for source in SOURCES}
        self._asked = False
        with QSignalBlocker(self.label), QSignalBlocker(self.component):
            self.label.clear()
            self.component.clear()
            numbered = (f"Component {number}" for number in range(1, latent_dimensions + 1))
            self.component.addItems(["All components", *numbered])
            self.label.addItem("All labels", -1)
            for place, name in enumerate(label_names):
                self.label.addItem(f"Label {name}" if name.isdigit() else name, place)
        for plot in self.densities.values():
            plot.show_densities(None, label_names)
        self.words.setText("")
        self._repaint()

    def ask(self) -> None:
        """Ask for the samples of both sources, once for each bundle."""
        if self._label_names and not self._asked:
            self._asked = True
            self._samples = {source: [[] for _ in self._label_names] for source in SOURCES}
            for source in SOURCES:
                self.wanted.emit(source)

    def forget_asking(self) -> None:
        """The samples were stopped: ask again when the view is next chosen."""
        self._asked = False

    def add(self, drawn: SamplesDrawn) -> None:
        """Take more samples; they are shown a few times a second."""
        for label in np.unique(drawn.labels):
            self._samples[drawn.source][label].append(drawn.pictures[drawn.labels == label])
        if drawn.source == self.source.value:
            self._say(drawn.counts, drawn.each, drawn.draws)
            if not self._frame.isActive():
                self._frame.start()

    def finish(self, shown: LabelSamples) -> None:
        """All samples of a source are there."""
        self.densities[shown.source].show_densities(shown.densities, self._label_names)
        self._show_densities()
        if shown.source == self.source.value:
            self._say(shown.counts, shown.each, shown.draws)
            self._repaint()

    def _say(self, counts: np.ndarray, each: int, draws: int) -> None:
        self.words.setText(
            f"{int(counts.sum())} of {each * len(counts)} samples from {draws} latent vectors, labelled by C(G(z)); "
            "click a block to enlarge it."
        )

    @Slot(str)
    def _choose_source(self, source: str) -> None:
        self.words.setText("")
        self._repaint()

    @Slot(int)
    def _choose_label(self, label: int) -> None:
        self.label.setCurrentIndex(label + 1 if self.label.currentData() == -1 else 0)

    @Slot()
    def _repaint(self) -> None:
        self.mosaic.show_samples(self.shown_samples, self._label_names)
        label = self.label.currentData()
        for plot in self.densities.values():
            plot.stress(-1 if label is None else label)

    @Slot()
    def _show_densities(self) -> None:
        for plot in self.densities.values():
            plot.show_component(self.component.currentIndex() - 1)


class DensityPlot(Plot):
    """The density of the components of z for each label, in its colour, and that of N(0, 1), dashed."""

    def __init__(self, themes: ThemeManager, name: str) -> None:
        self.densities: LatentDensities | None = None
        self._curves: list[pg.PlotCurveItem] = []
        self._normal = pg.PlotCurveItem()
        self._component = -1
        self._stressed = -1
        super().__init__(themes, "component of z (σ of N(0, 1))", "density (1/σ)", f"Densities: {name}")
        plot = self.getPlotItem()
        self.hint = "Drawn once all samples are there."
        plot.vb.setMouseEnabled(x=False, y=False)
        plot.getAxis("left").setWidth(44)
        plot.addItem(self._normal)
        self._normal.setZValue(1)
        self.setMinimumHeight(96)

    def show_densities(self, densities: LatentDensities | None, label_names: tuple[str, ...]) -> None:
        self.densities = densities
        for curve in self._curves:
            self.removeItem(curve)
        self._curves = []
        self._normal.clear()
        if densities is None:
            return
        self._normal.setData(_middles(densities.edges), densities.normal)
        self._curves = [pg.PlotCurveItem() for _ in label_names]
        for curve in self._curves:
            self.addItem(curve)
        span = max(4.0, 4.0 * float(densities.spreads.max()))
        self.plotItem.vb.setXRange(-span, span, padding=0.0)
        self.show_component(self._component)
        self.restyle()

    def show_component(self, component: int) -> None:
        """Show one component of z, or with −1 all of them together."""
        self._component = component
        if self.densities is None:
            return
        held = self.densities.pooled if component < 0 else self.densities.components[:, component]
        for curve, values in zip(self._curves, held, strict=True):
            curve.setData(_middles(self.densities.edges), values)

    def stress(self, label: int) -> None:
        """Bring one label's curve forward; −1 shows all alike."""
        self._stressed = label
        self.restyle()

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self._normal.setPen(pg.mkPen(theme.colour("text"), width=1.5, dash=[4, 3]))
        for label, curve in enumerate(self._curves):
            colour = edge_colour(label, theme.colour("surface"))
            other = self._stressed >= 0 and label != self._stressed
            colour.setAlpha(50 if other else 255)
            curve.setPen(pg.mkPen(colour, width=1 if other else 1.5))


def _middles(edges: np.ndarray) -> np.ndarray:
    """Middles of the bins, where their densities are drawn."""
    return (edges[:-1] + edges[1:]) / 2
