"""Centre, width and Gaussian fit of every component in a table, those that stand out first (R25)."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from lsd_studio.engine.latent.statistics.densities import AxisDensities
from lsd_studio.ui.app.theme import CAPTION, GRID, Theme, ThemeManager, font

AnyIndex = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
"""Above all lines: tables have no other."""

ROW, WIDTH = 24, 53 * GRID
"""Pixels of a line, and of all columns."""

COLUMNS = (
    ("axis", "Number of the component or principal axis; those that stand out are marked with a dot"),
    ("centre", "Mean of the codes along it"),
    ("σ", "Standard deviation of the codes along it"),
    ("FWHM", "Full width of the curve at half of its maximum"),
    ("fit centre", "Centre of the Gaussian fitted to the curve, and its standard error"),
    ("fit σ", "σ of the Gaussian fitted to the curve, and its standard error"),
    (
        "off fit",
        "Share of the codes that lie where the fitted Gaussian has none: half the area between the curves",
    ),
)

WIDE = (4, 5, 6)
"""Columns that take the room that they need."""


class ComponentTable(QTableView):
    """A line a component; a click on a head sorts by it.

    Signals:
        chosen: the component of the line that a person came to.
    """

    chosen = Signal(int)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._model = _ComponentModel(themes)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self._model)
        self._sorted.setSortRole(Qt.ItemDataRole.UserRole)
        self.setModel(self._sorted)
        self.setAccessibleName("Components")
        self.setSortingEnabled(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        head = self.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        head.setMinimumSectionSize(46)
        for column in WIDE:
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        head.setSortIndicatorShown(False)
        self.setMinimumSize(WIDTH, 8 * ROW)
        self.selectionModel().selectionChanged.connect(self._choose)
        themes.changed.connect(self._model.apply_theme)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, super().sizeHint().height())

    def show_densities(self, shown: AxisDensities) -> None:
        """Show the components of these densities."""
        self._model.show(shown)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.scrollToTop()

    def clear(self) -> None:
        self._model.show(None)

    def choose(self, component: int) -> None:
        """Mark a component's line; −1 marks none."""
        at = self._model.line_of(component)
        if at < 0:
            self.clearSelection()
            return
        index = self._sorted.mapFromSource(self._model.index(at, 0))
        self.selectRow(index.row())
        self.scrollTo(index)

    @Slot(QItemSelection)
    def _choose(self, selected: QItemSelection) -> None:
        if selected.indexes():
            self.chosen.emit(self._model.component_at(self._sorted.mapToSource(selected.indexes()[0]).row()))


class _ComponentModel(QAbstractTableModel):
    """Lines in the order in which components stand out, then by number."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._theme = themes.theme
        self._shown: AxisDensities | None = None
        self._order: tuple[int, ...] = ()
        self._reasons: dict[int, str] = {}

    def show(self, shown: AxisDensities | None) -> None:
        self.beginResetModel()
        self._shown = shown
        self._reasons = {} if shown is None else {each.component: each.reason for each in shown.outstanding}
        count = 0 if shown is None else len(shown.center)
        self._order = (*self._reasons, *(each for each in range(count) if each not in self._reasons))
        self.endResetModel()

    @Slot(object)
    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme

    def line_of(self, component: int) -> int:
        return self._order.index(component) if component in self._order else -1

    def component_at(self, line: int) -> int:
        return self._order[line]

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return len(self._order)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section][0]
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.ToolTipRole:
            return COLUMNS[section][1]
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        component, what = self._order[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._words(component, what)
            case Qt.ItemDataRole.UserRole:
                return float(index.row()) if what == 0 else self._value(component, what)
            case Qt.ItemDataRole.TextAlignmentRole:
                return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            case Qt.ItemDataRole.FontRole:
                return font(CAPTION, bold=what == 0 and component in self._reasons)
            case Qt.ItemDataRole.ForegroundRole:
                return QColor(
                    self._theme.accent if what == 0 and component in self._reasons else self._theme.text
                )
            case Qt.ItemDataRole.ToolTipRole:
                return self._reasons.get(component)
        return None

    def _value(self, component: int, what: int) -> float:
        assert self._shown is not None
        shown, fits = self._shown, self._shown.fits
        columns = shown.center, shown.sigma, shown.fwhm, fits.center, fits.sigma, fits.error
        return float(columns[what - 1][component])

    def _words(self, component: int, what: int) -> str:
        assert self._shown is not None
        if what == 0:
            return f"● {component}" if component in self._reasons else str(component)
        value = self._value(component, what)
        if not np.isfinite(value):
            return "–"
        if what == 6:
            return f"{100 * value:.1f} %"
        text = f"{value:.2f}".replace("-", "−")
        errors = {4: self._shown.fits.center_error, 5: self._shown.fits.sigma_error}
        return f"{text} ± {errors[what][component]:.2f}" if what in errors else text
