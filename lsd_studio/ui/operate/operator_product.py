"""A product of operators: its factors in order, their powers, and a name to save it under."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QModelIndex, QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QListWidget, QListWidgetItem, QWidget

from lsd_studio.engine.operators.products import Factor, Product, Turn
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.widgets.controls import slider
from lsd_studio.ui.widgets.layouts import column, row, title, tool_button
from lsd_studio.ui.widgets.plain_text import plain_label
from lsd_studio.ui.widgets.vector_names import vector_name

LAST = "last fit"
"""What the operator without a name is called."""

POWERS = 100
"""Steps of the slider from one power to the next; it goes from −2 to 3."""


class OperatorProduct(QWidget):
    """Factors that are dragged into another order, raised to powers, inverted and left out.

    Attributes:
        power, power_text: a slider for the chosen factor's power and what it says; they are laid out elsewhere.

    Signals:
        changed: there are other factors, or other powers.
        save_wanted: a name to save the product under.
    """

    changed = Signal()
    save_wanted = Signal(str)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._factors: list[Factor | Turn] = []
        self.list = QListWidget()
        self.list.setAccessibleName("Operators in the order of application")
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setMinimumHeight(48)
        self.list.model().rowsMoved.connect(self._reorder)
        self.list.currentRowChanged.connect(self._choose)
        self.invert = tool_button("Invert", "Invert the product: the last factor first, each to the power −t")
        self.invert.clicked.connect(self._invert)
        self.drop = tool_button("Remove from the product", "Remove the selected factor from the product")
        self.drop.clicked.connect(self._drop)
        self.name = QLineEdit()
        self.name.setPlaceholderText("Name, such as thicker")
        self.name.setAccessibleName("Name of the product")
        self.name.returnPressed.connect(self._save)
        self.save = tool_button("Save to the bundle", "Save the product of these operators to the bundle")
        self.save.clicked.connect(self._save)
        self.power = slider("Power t of the selected factor", "", -2 * POWERS, 3 * POWERS)
        self.power.valueChanged.connect(self._set_power)
        self.power_text = plain_label()
        self.power_text.setMinimumWidth(8 * GRID)
        head = row(title("Applied in this order"), None, self.invert, self.drop)
        self.setLayout(column(head, (self.list, 1), row(self.name, self.save)))
        themed_icon(self.invert, "mdi6.swap-vertical", themes)
        themed_icon(self.drop, "mdi6.minus", themes)
        themed_icon(self.save, "mdi6.content-save-outline", themes)
        self._show()

    @property
    def factors(self) -> Product:
        """The factors, the first one to be applied first."""
        return tuple(self._factors)

    def use_labels(self, names: tuple[str, ...]) -> None:
        """Another bundle is in use: its labels are called so, and the factors are gone."""
        self._names = names
        self.use_factors(())

    def use_factors(self, factors: Sequence[Factor | Turn]) -> None:
        """Take other factors; the last one is chosen."""
        self._factors = list(factors)
        self._show()
        self.changed.emit()

    def append(self, name: str) -> None:
        """Apply a saved operator too, after the others."""
        self.use_factors((*self._factors, Factor(name)))

    def remove(self, name: str) -> None:
        """Leave an operator out wherever it is a factor."""
        self.use_factors(
            [each for each in self._factors if not (isinstance(each, Factor) and each.name == name)]
        )

    @Slot()
    def _drop(self) -> None:
        place = self.list.currentRow()
        if 0 <= place < len(self._factors):
            self.use_factors(self._factors[:place] + self._factors[place + 1 :])

    @Slot()
    def _invert(self) -> None:
        self.use_factors([_inverse(factor) for factor in reversed(self._factors)])

    @Slot(QModelIndex, int, int, QModelIndex, int)
    def _reorder(self, *_: object) -> None:
        order = [self.list.item(place).data(Qt.ItemDataRole.UserRole) for place in range(self.list.count())]
        factors = [self._factors[each] for each in order]
        QTimer.singleShot(0, self, lambda: self.use_factors(factors))

    @Slot()
    def _save(self) -> None:
        if (name := self.name.text().strip().lower()) and self._factors:
            self.save_wanted.emit(name)
            self.name.clear()

    @Slot(int)
    def _choose(self, place: int) -> None:
        chosen = self._factors[place] if 0 <= place < len(self._factors) else None
        power = chosen.power if isinstance(chosen, Factor) else None
        self.power.setEnabled(power is not None)
        with QSignalBlocker(self.power):
            self.power.setValue(round(POWERS * (1 if power is None else power)))
        self.power_text.setText("" if power is None else f"t = {number(power)}")

    @Slot(int)
    def _set_power(self, value: int) -> None:
        place = self.list.currentRow()
        factor = self._factors[place] if 0 <= place < len(self._factors) else None
        if isinstance(factor, Factor):
            self._factors[place] = replace(factor, power=value / POWERS)
            self.list.item(place).setText(self._words(self._factors[place]))
            self.power_text.setText(f"t = {number(value / POWERS)}")
            self.changed.emit()

    def _show(self) -> None:
        with QSignalBlocker(self.list):
            self.list.clear()
            for place, factor in enumerate(self._factors):
                item = QListWidgetItem(self._words(factor))
                item.setData(Qt.ItemDataRole.UserRole, place)
                self.list.addItem(item)
            self.list.setCurrentRow(len(self._factors) - 1)
        for control in (self.drop, self.name, self.save):
            control.setEnabled(bool(self._factors))
        undoable = all(isinstance(factor, Factor) or factor.style == 1 for factor in self._factors)
        self.invert.setEnabled(bool(self._factors) and undoable)
        self._choose(self.list.currentRow())

    def _words(self, factor: Factor | Turn) -> str:
        if isinstance(factor, Factor):
            return f"{factor.name or LAST}   t = {number(factor.power)}"
        source, target = (vector_name("ξ", each, self._names) for each in (factor.source, factor.target))
        return f"{source} → {target}   {number(factor.degrees, 0)}°"


def _inverse(factor: Factor | Turn) -> Factor | Turn:
    if isinstance(factor, Factor):
        return replace(factor, power=-factor.power)
    return replace(factor, source=factor.target, target=factor.source)


def number(value: float, places: int = 2) -> str:
    """A number with a true minus sign."""
    return f"{value:.{places}f}".replace("-", "−")
