"""The choice of a plane: raw components or principal axes, and which two of them (R28)."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QSpinBox, QWidget

from lsd_studio.engine.latent.statistics.planes import Axes, Plane
from lsd_studio.ui.widgets.layouts import column, row
from lsd_studio.ui.widgets.number_boxes import whole_number_box
from lsd_studio.ui.widgets.segments import Segments


class PlaneAxes(QWidget):
    """Joined buttons for the kind of axes, and two numbers beside or below them.

    Args:
        stacked: whether the numbers stand below.

    Signals:
        changed: a person chose another plane.
    """

    changed = Signal()

    def __init__(self, *, stacked: bool = False) -> None:
        super().__init__()
        self.kind = Segments(
            "Axes",
            (
                "principal",
                "Principal",
                "Principal axes: directions of falling variance, from the mean of the codes",
            ),
            ("components", "Components", "The components z_k as the encoder gives them"),
        )
        self.kind.set_value("principal")
        self.kind.chosen.connect(self.changed)
        self.horizontal = _axis_box("Horizontal axis", "x  ")
        self.vertical = _axis_box("Vertical axis", "y  ")
        self.horizontal.valueChanged.connect(partial(self._keep_apart, self.vertical))
        self.vertical.valueChanged.connect(partial(self._keep_apart, self.horizontal))
        numbers = row(self.horizontal, self.vertical)
        self.setLayout(column(row(self.kind, None), numbers) if stacked else row(self.kind, None, numbers))
        self.use(2)

    @property
    def plane(self) -> Plane:
        axes: Axes = "components" if self.kind.value == "components" else "principal"
        return Plane(axes, self.horizontal.value(), self.vertical.value())

    def use(self, components: int) -> None:
        """There are so many axes from now on; the first two are chosen."""
        for box, value in ((self.horizontal, 0), (self.vertical, 1)):
            with QSignalBlocker(box):
                box.setMaximum(components - 1)
                box.setValue(value)

    def choose(self, plane: Plane) -> None:
        """Choose a plane without a signal, where there are such axes."""
        if (
            plane.x == plane.y
            or min(plane.x, plane.y) < 0
            or max(plane.x, plane.y) > self.horizontal.maximum()
        ):
            return
        self.kind.set_value(plane.axes)
        for box, value in ((self.horizontal, plane.x), (self.vertical, plane.y)):
            with QSignalBlocker(box):
                box.setValue(value)

    def _keep_apart(self, other: QSpinBox, value: int) -> None:
        """Two axes are never the same: the other one gives way."""
        if other.value() == value:
            with QSignalBlocker(other):
                other.setValue(value - 1 if value > 0 else value + 1)
        self.changed.emit()


def _axis_box(name: str, prefix: str) -> QSpinBox:
    box = whole_number_box(name, 0, 1, 0, f"{name}: number of the component or principal axis, from 0")
    box.setPrefix(prefix)
    box.setKeyboardTracking(False)
    return box
