"""A choice between a few things, as joined buttons."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QToolButton, QWidget

from lsd_studio.ui.widgets.layouts import row


class Segments(QWidget):
    """Joined buttons of which one is down.

    Args:
        name: what is chosen, for screen readers.
        choices: for each a value, its text, and what it means.
        value: of the button that is down at first; take: connected to `chosen`.

    Signals:
        chosen: the value of the button that a person pressed.
    """

    chosen = Signal(str)

    def __init__(
        self,
        name: str,
        *choices: tuple[str, str, str],
        value: str = "",
        take: Callable[..., object] | None = None,
    ) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._buttons: dict[str, QToolButton] = {}
        self._group = QButtonGroup(self)
        ends = ["left", *["middle"] * (len(choices) - 2), "right"]
        for end, (choice, text, meaning) in zip(ends, choices, strict=True):
            button = QToolButton()
            button.setText(text)
            button.setToolTip(meaning)
            button.setAccessibleName(f"{name}: {text}")
            button.setCheckable(True)
            button.setProperty("role", "segment")
            button.setProperty("end", end)
            self._group.addButton(button)
            self._buttons[choice] = button
        self.setLayout(row(*self._buttons.values(), spacing=0))
        self._group.buttonClicked.connect(self._clicked)
        if value:
            self.set_value(value)
        if take is not None:
            self.chosen.connect(take)

    @property
    def value(self) -> str | None:
        """The value of the button that is down."""
        return next((value for value, button in self._buttons.items() if button.isChecked()), None)

    def set_value(self, value: str) -> None:
        """Press a button without telling anyone."""
        self._buttons[value].setChecked(True)

    def release(self) -> None:
        """Let no button be down, without telling anyone."""
        self._group.setExclusive(False)
        for button in self._buttons.values():
            button.setChecked(False)
        self._group.setExclusive(True)

    def button(self, value: str) -> QToolButton:
        """The button of a value."""
        return self._buttons[value]

    @Slot(QAbstractButton)
    def _clicked(self, button: QAbstractButton) -> None:
        self.chosen.emit(next(value for value, each in self._buttons.items() if each is button))
