"""The operators that were compared, a line each: who arrives, with which style, and whether chance explains it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableView

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.evaluation.findings import Measure
from lsd_studio.engine.figures.panels.compared_operators import operator_ink
from lsd_studio.engine.operators.compared import CLEAR, ComparedOperator, Comparison
from lsd_studio.engine.operators.picture_style import MEASURES
from lsd_studio.engine.vocabulary import LABEL_OPERATORS, READER_NAMES
from lsd_studio.percentages import percentage
from lsd_studio.ui.app.theme import CAPTION, GRID, Theme, ThemeManager, font
from lsd_studio.ui.plots.ink_colours import ink_colour
from lsd_studio.ui.widgets.layouts import tell_size
from lsd_studio.ui.widgets.painting import named_words
from lsd_studio.ui.widgets.plain_text import tip_words

AnyIndex = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()

ROW, HEAD, DOT, APART, PAIR = 32, 44, 10, 8, 96
"""Pixels of a line, of the heads, of the sign of an operator, between two columns, and of the names of two labels."""

BY_CHANCE = (
    "Mean share that arrives by the same operator in axes turned at random, and the share of turns in which the best "
    "of all operators gains as much over its own"
)
UNDEFINED = "–"
NAMES = tuple(LABEL_OPERATORS)


class OperatorTable(QTableView):
    """A line for each operator.

    Signals:
        chosen: the name of the operator whose line a person came to.
    """

    chosen = Signal(str)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._model = _OperatorModel(themes)
        self.setModel(self._model)
        self.setAccessibleName("Operators compared")
        self.setIconSize(QSize(DOT, DOT))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        head = self.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        self.setMinimumHeight(len(LABEL_OPERATORS) * ROW + HEAD + GRID)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.selectionModel().selectionChanged.connect(self._choose)
        themes.changed.connect(self._model.apply_theme)

    def show_comparison(self, comparison: Comparison | None, label_names: Sequence[str]) -> None:
        """Show what was found of the operators, so far; the one that is chosen stays so."""
        before = self.operator
        self._model.show(comparison, label_names)
        self.horizontalHeader().resizeSections(QHeaderView.ResizeMode.ResizeToContents)
        self.setMinimumWidth(self.horizontalHeader().length() + 4)
        tell_size(self)
        self.choose(before or "")

    def sizeHint(self) -> QSize:
        """As wide as all columns together."""
        return self.minimumSize()

    @property
    def operator(self) -> str | None:
        """The name of the one that is chosen."""
        lines = self.selectionModel().selectedRows()
        return self._model.name_at(lines[0].row()) if lines else None

    def choose(self, name: str) -> None:
        """Choose an operator's line, where it has one."""
        if (line := self._model.line_of(name)) >= 0:
            self.selectRow(line)

    @Slot(QItemSelection)
    def _choose(self, _: QItemSelection) -> None:
        if (name := self.operator) is not None:
            self.chosen.emit(name)


class _OperatorModel(QAbstractTableModel):
    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._theme = themes.theme
        self._shown: Comparison | None = None
        self._label_names: Sequence[str] = ()
        self._measures: Sequence[str] = tuple(MEASURES)
        self._p_values: Sequence[float] = ()

    def show(self, comparison: Comparison | None, label_names: Sequence[str]) -> None:
        self.beginResetModel()
        self._shown, self._label_names = comparison, label_names
        of_codes = comparison is not None and bool(comparison.probed_on)
        self._measures = () if of_codes else tuple(MEASURES)
        self._p_values = comparison.p_values("probe") if comparison is not None and of_codes else ()
        self.endResetModel()

    @Slot(object)
    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.layoutChanged.emit()

    def name_at(self, line: int) -> str:
        return NAMES[line]

    def line_of(self, name: str) -> int:
        return NAMES.index(name) if name in NAMES else -1

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return len(NAMES)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        return len(self._heads())

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        words, meaning = self._heads()[section]
        return {Qt.ItemDataRole.DisplayRole: words, Qt.ItemDataRole.ToolTipRole: meaning}.get(
            Qt.ItemDataRole(role)
        )

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._cells(index.row())[index.column()]
            case Qt.ItemDataRole.SizeHintRole:
                lines = self._cells(index.row())[index.column()].splitlines()
                metrics = QFontMetrics(font(CAPTION, bold=index.column() == 0))
                sign = DOT + 6 if index.column() == 0 else 0
                return QSize(max(map(metrics.horizontalAdvance, lines)) + sign + APART, ROW)
            case Qt.ItemDataRole.ToolTipRole:
                return self._tip(index.row(), index.column())
            case Qt.ItemDataRole.FontRole:
                return font(CAPTION, bold=index.column() == 0)
            case Qt.ItemDataRole.ForegroundRole:
                return QColor(self._theme.text if self._clears(index.row()) else self._theme.muted)
            case Qt.ItemDataRole.DecorationRole if index.column() == 0:
                return self._sign(NAMES[index.row()], hollow=not self._clears(index.row()))
        return None

    def _clears(self, line: int) -> bool:
        """Whether chance does not explain what arrives."""
        if self._p_values:
            return self._p_values[line] <= CLEAR
        operator = self._found(line)
        return operator is not None and operator.clears_random

    def _found(self, line: int) -> ComparedOperator | None:
        """What was found of the operator of a line; None so far."""
        known = () if self._shown is None else self._shown.operators
        return next((each for each in known if each.name == NAMES[line]), None)

    def _heads(self) -> list[tuple[str, str]]:
        readers = ("classifier",) if self._shown is None else self._shown.readers
        arrived = [
            (
                f"arrived,\n{READER_NAMES[reader].removeprefix('the ')}",
                "Share of the images moved that is read as the target, with its 95 % interval over different codes",
            )
            for reader in readers
        ]
        return [
            ("operator", "From one label to another, built on training images"),
            *arrived,
            ("least\npair", f"The pair of labels that arrives least, read by {READER_NAMES[readers[0]]}"),
            *(
                (name, f"Correlation of {name} in the pictures before and after, within pairs of labels")
                for name in self._measures
            ),
            ("random,\np", BY_CHANCE)
            if self._p_values
            else (
                "by\nchance",
                f"99th percentile of the random controls, read by {READER_NAMES[readers[0]]}, and whether what "
                "arrives is beyond or within it, by every reader",
            ),
        ]

    def _cells(self, line: int) -> list[str]:
        operator = self._found(line)
        if self._shown is None or operator is None:
            return [LABEL_OPERATORS[NAMES[line]], *[UNDEFINED] * (self.columnCount() - 1)]
        readers = self._shown.readers
        first = operator.arrivals[readers[0]]
        least = first.least_pair
        names = [self._label_names[label] for label in (least.source, least.target)]
        return [
            operator.title,
            *(_share(operator.arrivals[reader].reached) for reader in readers),
            f"{percentage(least.reached.value, 1)}\n{named_words(QFontMetrics(font(CAPTION)), '{} → {}', names, PAIR)}",
            *(_correlation(operator.style[name]) for name in self._measures),
            f"{percentage(first.random_mean, 1)}\n{self._p_values[line]:.2g}"
            if self._p_values
            else f"{percentage(first.random_percentile, 1)}\n{'beyond' if operator.clears_random else 'within'}",
        ]

    def _tip(self, line: int, column: int) -> str | None:
        """What has no room in the table: the interval of a correlation, and whole names of labels."""
        name, operator = self._heads()[column][0], self._found(line)
        if operator is None or self._shown is None:
            return None
        if column == len(self._shown.readers) + 1:
            least = operator.arrivals[self._shown.readers[0]].least_pair
            source, target = (isolated(self._label_names[label]) for label in (least.source, least.target))
            return tip_words(f"{source} → {target}: {_share(least.reached)}")
        if name not in MEASURES:
            return None
        kept = operator.style[name]
        if math.isnan(kept.low):
            return "Not defined: these pictures do not differ within a pair."
        return f"{name}, r = {kept.value:.2f}, 95 % interval {kept.low:.2f} … {kept.high:.2f}, {kept.count} images"

    def _sign(self, name: str, *, hollow: bool) -> QIcon:
        """The point of the operator in the plot: hollow where chance explains what arrives, or nothing is known."""
        sign = QPixmap(2 * DOT, 2 * DOT)
        sign.setDevicePixelRatio(2)
        sign.fill(QColor(0, 0, 0, 0))
        painter = QPainter(sign)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = ink_colour(operator_ink(name), self._theme)
        painter.setPen(colour)
        painter.setBrush(QColor(0, 0, 0, 0) if hollow else colour)
        painter.drawEllipse(1, 1, DOT - 3, DOT - 3)
        painter.end()
        return QIcon(sign)


def _share(reached: Measure) -> str:
    ends = f"{100 * reached.low:.1f} … {100 * reached.high:.1f}"
    return f"{percentage(reached.value, 1)}\n{ends}"


def _correlation(kept: Measure) -> str:
    return UNDEFINED if math.isnan(kept.value) else f"{kept.value:.2f}".replace("-", "−")
