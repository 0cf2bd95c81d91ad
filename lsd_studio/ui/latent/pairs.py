"""The Pairs page: which components go together, and how near a pair of them is to a Gaussian (R30)."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit

from lsd_studio.engine.figures.panels.latent import correlations_panel, pair_panel
from lsd_studio.engine.figures.spec import Panel, ViewSettings
from lsd_studio.engine.latent.statistics.correlations import Correlations
from lsd_studio.engine.latent.statistics.gaussian_twin import TwinOf
from lsd_studio.engine.latent.statistics.pairs import MOST_LEVELS, Ellipse, PairStatistics
from lsd_studio.engine.latent.statistics.planes import Plane
from lsd_studio.engine.latent.twin_comparison import TwinTestSettings
from lsd_studio.engine.operations.latent import LatentOperations, OpenedLatentSpace
from lsd_studio.engine.scheduler import Call
from lsd_studio.ui.app.theme import GRID, Theme, ThemeManager
from lsd_studio.ui.latent.matrix import PearsonHeatmap
from lsd_studio.ui.latent.page import LatentPage
from lsd_studio.ui.latent.plane_pane import PlanePane
from lsd_studio.ui.latent.selection.selected_codes import SelectedCodes
from lsd_studio.ui.latent.state import PairsState
from lsd_studio.ui.latent.twin import TwinMode, TwinPanes
from lsd_studio.ui.plots.cloud_plot import Overlay
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.eliding_label import ElidingLabel
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title
from lsd_studio.ui.widgets.side_by_side import SideBySide

CORRELATIONS, PAIR = "correlating components", "contours of the pair"
"""Keys of the tasks that fetch the matrix and the pair, and what is shown of them."""

LEVELS = (1.0, 2.0, 3.0)
BAD_LEVELS = "Enter up to ten comma-separated numbers above 0, such as 1, 2, 2.5."


class PairsPage(LatentPage):
    """The Pearson matrix, and the pair that is picked in it: points, contours, and ellipses with what they hold.

    Attributes:
        pair: the components that are shown.
    """

    def __init__(
        self, latent: LatentOperations, tasks: Tasks, themes: ThemeManager, selected: SelectedCodes
    ) -> None:
        super().__init__(latent, tasks, themes)
        self._selected = selected
        self.pair = (0, 1)
        self._wanted: tuple[int, int] | None = None
        self._levels: tuple[float, ...] = LEVELS
        self._correlations: Correlations | None = None
        self._shown: dict[bool, PairStatistics] = {}
        self._build()
        self._lay_out()

    @property
    def shown(self) -> PairStatistics | None:
        """Contours and ellipses of the codes that are shown."""
        return self._shown.get(False)

    @property
    def next_step(self) -> str:
        if self._correlations is None:
            return "Wait for the correlations of the components."
        return "Click a cell to show its pair, or choose one of the strongest."

    def test(self) -> TwinTestSettings | None:
        """The test of the pair that is shown."""
        return None if self.shown is None else TwinTestSettings(self._plane)

    def panels(self) -> tuple[Panel, ...]:
        """The matrix, and the pair of the codes and of the twin where it is shown."""
        matrix = () if self._correlations is None else (correlations_panel(self._correlations),)
        pairs = [pair_panel(self._shown[twin], name) for twin, name in self.sides if twin in self._shown]
        return (*matrix, *pairs)

    def show_pair(self, first: int, second: int) -> None:
        if first == second or self.space is None:
            return
        self.pair = first, second
        self.matrix.choose(second, first)
        self._name_pair()
        self._ask_pair()

    @property
    def view_settings(self) -> ViewSettings:
        return PairsState(pair=self.pair, levels=self._levels).model_dump(mode="json")

    def show_view(self, settings: ViewSettings) -> None:
        """Show the same pair, with the same ellipses."""
        state = PairsState.model_validate(settings)
        components = 0 if self.space is None else self.space.components
        if (pair := state.pair) is not None and 0 <= min(pair) < max(pair) < components:
            self._wanted = pair
        if state.levels is not None:
            self.levels.setText(", ".join(f"{k:g}" for k in state.levels))
            self._choose_levels()
        self.ask_again()

    @property
    def _plane(self) -> Plane:
        return Plane("components", *self.pair)

    def _build(self) -> None:
        self.matrix = PearsonHeatmap(self.themes)
        self.matrix.picked.connect(lambda row, column: self.show_pair(column, row))
        self.matrix.pointed.connect(self._point_at)
        self.strongest = QComboBox()
        self.strongest.setAccessibleName("Strongest correlations")
        self.strongest.setPlaceholderText("Strongest pairs")
        self.strongest.setMinimumWidth(24 * GRID)
        self.strongest.activated.connect(lambda place: self.show_pair(*self.strongest.itemData(place)))
        self.matrix_words = caption(name="Summary of the correlations")
        self.cell_words = caption(name="The pair under the pointer")
        shared = self.latent, self.tasks, self.themes
        self.own = PlanePane(*shared, "Codes on the pair's plane", "pair", selected=self._selected)
        self.own.draw_with(self._selected)
        self.other = PlanePane(*shared, "The twin on the pair's plane", "pair of the twin", twin=True)
        for pane in (self.own, self.other):
            pane.colour_labels(False)
        self.own.move_with(self.other)
        self.other.move_with(self.own)
        self.twin_panes = (TwinPanes(self.own, self.other),)
        self.levels = QLineEdit(", ".join(f"{k:g}" for k in LEVELS))
        self.levels.setAccessibleName("k of the confidence ellipses")
        self.levels.setToolTip("At how many σ the ellipses are drawn, up to ten numbers")
        self.levels.setFixedWidth(12 * GRID)
        self.levels.editingFinished.connect(self._choose_levels)
        self.heading = ElidingLabel("The pair that is shown", "title")
        self.coverage, self.twin_coverage = QLabel(), QLabel()
        for table, whose in ((self.coverage, "Codes"), (self.twin_coverage, "Points of the twin")):
            table.setTextFormat(Qt.TextFormat.RichText)
            table.setAccessibleName(f"{whose} inside the ellipses, measured and exact")
        self.legend = caption(name="What the lines are")
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.themes.changed.connect(self._apply_theme)
        self._apply_theme(self.themes.theme)

    def _lay_out(self) -> None:
        matrix = column(
            row(title("Pearson matrix"), None, self.strongest),
            self.cell_words,
            (self.matrix, 1),
            self.matrix_words,
        )
        pair = column(
            row(self.heading, None, QLabel("ellipses at k ="), self.levels),
            self.legend,
            (self.twin_panes[0], 1),
            SideBySide(row(self.coverage, None), row(self.twin_coverage, None)),
        )
        self.setLayout(column(SideBySide(card(matrix), card(pair), stretches=(4, 5), spacing=12)))

    def use_space(self, space: OpenedLatentSpace | None) -> None:
        for pane in (self.own, self.other):
            pane.use_space(space)
        self.pair, self._wanted = (0, 1), None
        super().use_space(space)

    def clear(self) -> None:
        self._correlations, self._shown = None, {}
        self.matrix.clear_matrix()
        self.strongest.clear()
        for label in (self.heading, self.matrix_words, self.cell_words, self.coverage, self.twin_coverage):
            label.setText("")

    def ask(self) -> None:
        self.tasks.cancel(CORRELATIONS)
        self.tasks.run(self._take_matrix(self.latent.correlations()), CORRELATIONS)

    def ask_twin(self) -> None:
        if self._correlations is not None:
            self._ask_twin_pair()

    def show_twin(self, mode: TwinMode, of: TwinOf = "codes") -> None:
        super().show_twin(mode, of)
        self.twin_coverage.setVisible(mode != "off")

    def _ask_pair(self) -> None:
        self.tasks.cancel(PAIR)
        self._shown = {}
        self.own.show_overlays(())
        self.coverage.setText("")
        self.own.show_plane(self._plane)
        self.tasks.run(self._take_pair(self.latent.pair(self._plane, self._levels, pane="codes")), PAIR)
        if self.twin != "off":
            self._ask_twin_pair()

    def _ask_twin_pair(self) -> None:
        self.other.show_overlays(())
        self.twin_coverage.setText("")
        self.other.show_plane_of(self.own)
        call = self.latent.pair(self._plane, self._levels, twin=True, pane="twin")
        self.tasks.deliver(call, self._show_twin_pair, PAIR)

    @Slot()
    def _choose_levels(self) -> None:
        try:
            levels = tuple(
                float(part) for part in self.levels.text().replace(";", ",").split(",") if part.strip()
            )
        except ValueError:
            levels = ()
        if not 0 < len(levels) <= MOST_LEVELS or min(levels) <= 0:
            self.legend.setText(BAD_LEVELS)
            return
        self._apply_theme(self.themes.theme)
        if levels != self._levels:
            self._levels = levels
            if self._correlations is not None:
                self._ask_pair()

    async def _take_matrix(self, call: Call[Any, Correlations]) -> None:
        self._correlations = event = await call
        self.matrix.show_matrix(event.matrix)
        with QSignalBlocker(self.strongest):
            self.strongest.clear()
            for first, second, r in event.strongest:
                self.strongest.addItem(f"{first} and {second}: r = {_signed(r)}", (first, second))
        notes = () if self.space is None else self.space.notes
        self.matrix_words.setText(
            f"99 % of independent pairs stay below |r| = {event.chance:.3f}; of these pairs, "
            f"{100 * event.above_chance:.0f} % are above it. {' '.join(notes)}"
        )
        self.answered.emit(call.milliseconds, "Pearson correlations of all components")
        wanted, self._wanted = self._wanted, None
        self.show_pair(*(wanted or (event.strongest[0][:2] if event.strongest else (0, 1))))
        self.guided.emit()

    def _name_pair(self) -> None:
        first, second = self.pair
        self.heading.setText(f"Components {first} and {second}")
        known = [self.strongest.itemData(at) for at in range(self.strongest.count())]
        place = next((at for at, pair in enumerate(known) if set(pair) == set(self.pair)), -1)
        self.strongest.setCurrentIndex(place)

    async def _take_pair(self, call: Call[Any, PairStatistics]) -> None:
        self._shown[False] = event = await call
        self.own.show_overlays(_outlines(event))
        self.coverage.setText(coverage_table("Codes", event.ellipses))
        first, second = self.pair
        self.heading.setText(f"Components {first} and {second}: r = {_signed(event.correlation)}")
        self.answered.emit(call.milliseconds, f"density and ellipses of components {first} and {second}")

    def _show_twin_pair(self, event: PairStatistics) -> None:
        self._shown[True] = event
        self.other.show_overlays(_outlines(event))
        self.twin_coverage.setText(coverage_table("Gaussian twin", event.ellipses))

    @Slot(int, int)
    def _point_at(self, row_: int, column_: int) -> None:
        values = self.matrix.values
        if values is None or row_ < 0:
            self.cell_words.setText("Click a cell to show its pair; arrow keys move on.")
        else:
            self.cell_words.setText(f"{column_} and {row_}: r = {_signed(float(values[row_, column_]))}")

    @Slot(object)
    def _apply_theme(self, theme: Theme) -> None:
        self.legend.setText(
            f'<span style="color:{theme.text}">—</span> contours of the kernel density &nbsp; '
            f'<span style="color:{theme.warning}">╌</span> ellipses at k σ &nbsp; '
            "They coincide where the pair is Gaussian."
        )


def _outlines(of: PairStatistics) -> tuple[Overlay, ...]:
    """Contours of the density, and ellipses."""
    lines = (line for contour in of.contours for line in contour.lines if len(line) > 1)
    return (
        *(Overlay(line, "text", 1.0) for line in lines),
        *(Overlay(ellipse.outline, "warning", 2.0, dashed=True) for ellipse in of.ellipses),
    )


def coverage_table(whose: str, ellipses: tuple[Ellipse, ...]) -> str:
    """Shares inside the ellipses as rich text: measured, and exact of a Gaussian."""
    heads = "".join(
        f'<td align="right" style="padding: 0 10px 2px 0">{words}</td>'
        for words in (whose, "measured", "exact")
    )
    lines = "".join(
        f'<tr><td align="right" style="padding-right: 10px">{each.k:g} σ</td>'
        f'<td align="right" style="padding-right: 10px">{100 * each.measured:.2f} %</td>'
        f'<td align="right" style="padding-right: 10px">{100 * each.exact:.2f} ± {100 * each.standard_error:.2f} %</td>'
        "</tr>"
        for each in ellipses
    )
    return f"<table cellspacing='0'><tr>{heads}</tr>{lines}</table>"


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")
