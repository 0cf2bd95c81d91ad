"""Rows, columns and cards on the 8 px grid, and the small widgets that every workspace has."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lsd_studio.ui.app.theme import GRID
from lsd_studio.ui.widgets.plain_text import plain_label

Part = QWidget | QLayout | tuple[QWidget | QLayout, int] | None
"""What is laid out: None is a stretch, and a number beside a part is its share of the room that is left over."""

Margin = int | tuple[int, int, int, int]
"""Pixels around what is laid out, the same on all sides or at the left, the top, the right and the bottom."""


def row(*parts: Part, spacing: int = GRID, margin: Margin = 0) -> QHBoxLayout:
    """Side by side."""
    layout = QHBoxLayout()
    _fill(layout, parts, spacing, margin)
    return layout


def column(*parts: Part, spacing: int = GRID, margin: Margin = 0) -> QVBoxLayout:
    """One below the other."""
    layout = QVBoxLayout()
    _fill(layout, parts, spacing, margin)
    return layout


def scrolled(inside: QWidget, *, sideways: bool = False) -> QScrollArea:
    """A widget that scrolls where there is no room for it; the ground behind it shows through.

    Without `sideways` it is made as narrow as the room is.
    """
    area = QScrollArea()
    area.setProperty("role", "clear")
    area.setFrameShape(QFrame.Shape.NoFrame)
    if not sideways:
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidgetResizable(True)
    area.setWidget(inside)
    return area


def scroll_to(widget: QWidget) -> None:
    """Bring a widget into sight in all that scrolls around it."""
    around = widget.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(widget, GRID, GRID)
        around = around.parentWidget()


def card(inside: QWidget | QLayout, margin: Margin = 12) -> QFrame:
    """A raised surface with room around what is in it."""
    frame = QFrame()
    frame.setProperty("role", "card")
    frame.setLayout(column(inside, margin=margin))
    return frame


def title(text: str) -> QLabel:
    """The heading of a card."""
    label = plain_label(text)
    label.setProperty("role", "title")
    return label


def caption(text: str = "", name: str = "") -> QLabel:
    """Small muted text that wraps; `name` is what screen readers call it."""
    label = plain_label(text)
    label.setProperty("role", "caption")
    label.setWordWrap(True)
    if name:
        label.setAccessibleName(name)
    return label


def tool_button(name: str, meaning: str, *, checkable: bool = False, shortcut: str = "") -> QToolButton:
    """A button that an icon or a text is put on; `name` is what screen readers call it."""
    button = QToolButton()
    button.setAccessibleName(name)
    button.setToolTip(meaning)
    button.setCheckable(checkable)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setMinimumHeight(3 * GRID)  # an icon cannot be painted on a button without height
    if shortcut:
        button.setShortcut(shortcut)
    return button


def _fill(layout: QHBoxLayout | QVBoxLayout, parts: tuple[Part, ...], spacing: int, margin: Margin) -> None:
    layout.setContentsMargins(*((margin,) * 4 if isinstance(margin, int) else margin))
    layout.setSpacing(spacing)
    for each in parts:
        part, share = each if isinstance(each, tuple) else (each, 0)
        if part is None:
            layout.addStretch(1)
        elif isinstance(part, QWidget):
            layout.addWidget(part, share)
        else:
            layout.addLayout(part, share)


def tell_size(widget: QWidget) -> None:
    """Notify all layouts around a widget at once that it prefers another size.

    Qt notifies one parent after the other, in events of their own, and no layout within a layout: while a window is
    being resized such a change would get lost, and columns would stay as wide as they were.
    """
    widget.updateGeometry()
    around = widget.parentWidget()
    while around is not None and not around.isWindow():
        if (layout := around.layout()) is not None:
            _invalidate(layout)
        around.updateGeometry()
        around = around.parentWidget()


def _invalidate(layout: QLayout) -> None:
    """Forget the sizes that this layout and all within it have come to."""
    layout.invalidate()
    for place in range(layout.count()):
        inside = layout.itemAt(place)
        if inside is not None and (nested := inside.layout()) is not None:
            _invalidate(nested)
