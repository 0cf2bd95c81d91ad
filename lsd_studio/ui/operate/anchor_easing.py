"""Lets the anchors of a ring glide to new places when the path changes."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation, Signal, Slot

EASE = 180
"""Milliseconds in which anchors make way."""


class AnchorEasing(QObject):
    """Where the anchors of a ring stand now, each on its way to its place.

    Attributes:
        places: for each anchor its place in turns from the top of the ring, 0…1.

    Signals:
        moved: the anchors are elsewhere.
    """

    moved = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.places: list[float] = []
        self._labels: tuple[int, ...] = ()
        self._starts: list[float] = []
        self._targets: list[float] = []
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(EASE)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._go)

    def go_to(self, labels: tuple[int, ...]) -> None:
        """Let each label's anchor go to its place among these; a label that was not there appears at its place."""
        targets = [place / len(labels) for place in range(len(labels))]
        if labels == self._labels and targets == self._targets:
            return
        old = list(zip(self._labels, self.places, strict=True))
        starts = []
        for label, target in zip(labels, targets, strict=True):
            same = [each for each in old if each[0] == label]
            nearest = min(same, key=lambda each: abs(short_way(target, each[1])), default=None)
            if nearest is not None:
                old.remove(nearest)
            starts.append(target if nearest is None else nearest[1])
        self._labels = labels
        self._starts, self._targets, self.places = starts, targets, list(starts)
        self._animation.stop()
        self._animation.start()

    @Slot(object)
    def _go(self, share: float) -> None:
        self.places = [
            (start + share * short_way(start, target)) % 1
            for start, target in zip(self._starts, self._targets, strict=True)
        ]
        self.moved.emit()


def short_way(start: float, target: float) -> float:
    """From one place of a circle to another, in turns, the shorter way round."""
    return (target - start + 0.5) % 1 - 0.5
