"""A path through labels, as a person edits it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lsd_studio.engine.operators.paths import QUARTER


@dataclass(frozen=True)
class LabelPath:
    """Labels in the order in which they are visited; a closed path comes back to the first.

    A place on it is counted in legs: 0 is the first label, 1.5 half way from the second to the third.
    """

    labels: tuple[int, ...]
    closed: bool = False

    @property
    def legs(self) -> int:
        """How many legs there are: one fewer than labels, or as many where the path is closed."""
        return len(self.labels) - (0 if self.closed else 1)

    @property
    def stations(self) -> tuple[int, ...]:
        """The labels from start to end; a closed path ends where it starts."""
        return (*self.labels, self.labels[0]) if self.closed else self.labels

    @property
    def is_walkable(self) -> bool:
        """Whether there are two labels or more and no leg leads from a label to itself."""
        return len(self.labels) > 1 and all(
            first != second for first, second in zip(self.stations, self.stations[1:], strict=False)
        )

    def moved(self, source: int, target: int) -> LabelPath:
        """The path with the label at one place of the order taken to another."""
        labels = list(self.labels)
        labels.insert(target, labels.pop(source))
        return replace(self, labels=tuple(labels))

    def inserted(self, place: int, label: int) -> LabelPath:
        """The path with a label put in before the one at `place`."""
        return replace(self, labels=(*self.labels[:place], label, *self.labels[place:]))

    def removed(self, place: int) -> LabelPath:
        return replace(self, labels=self.labels[:place] + self.labels[place + 1 :])

    def toggled(self) -> LabelPath:
        """The closed path opened, or the open one closed."""
        return replace(self, closed=not self.closed)

    def within(self, position: float) -> float:
        """The nearest place that is on the path; a closed one can be gone round as often as one likes, either way."""
        return position if self.closed else min(max(position, 0.0), float(self.legs))

    def first_round(self, position: float) -> float:
        """The place of the first round at which a place of any round is, 0 … legs."""
        return position % self.legs if self.closed else position

    def leg_at(self, position: float) -> tuple[int, int, float]:
        """The two labels between which a place lies and the degrees, 0…90, turned from the first to the second."""
        place = self.first_round(position)
        leg = min(int(place), self.legs - 1)
        return self.stations[leg], self.stations[leg + 1], QUARTER * (place - leg)
