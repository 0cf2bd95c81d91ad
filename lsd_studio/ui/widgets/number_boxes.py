"""Fields for numbers: without buttons, with a name for screen readers and a tip."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox


def whole_number_box(name: str, least: int, most: int, value: int, meaning: str = "") -> QSpinBox:
    """A field for a whole number; its tip is its meaning, or its name."""
    box = QSpinBox()
    box.setRange(least, most)
    box.setValue(value)
    _name(box, name, meaning)
    return box


def number_box(
    name: str, least: float, most: float, value: float, meaning: str = "", *, decimals: int = 1
) -> QDoubleSpinBox:
    """A field for a number; its tip is its meaning, or its name."""
    box = QDoubleSpinBox()
    box.setDecimals(decimals)
    box.setRange(least, most)
    box.setValue(value)
    _name(box, name, meaning)
    return box


def _name(box: QAbstractSpinBox, name: str, meaning: str) -> None:
    box.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
    box.setAccessibleName(name)
    box.setToolTip(meaning or name)
