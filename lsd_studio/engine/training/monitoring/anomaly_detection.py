"""What goes wrong in a training, recognised from its events, in words and with what to try."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.training.events import (
    Diagnosed,
    PicturesSaved,
    StageStarted,
    StepDone,
    TrainingEvent,
)
from lsd_studio.percentages import percentage

STEPS_REMEMBERED = 200
"""Over how many steps D's loss is averaged."""

LEAST_DISCRIMINATOR_LOSS = 0.05
"""Nats, real and fake together; 2 ln 2 = 1.39 is a D that cannot tell them apart."""

SETTLED = 0.2
"""The fraction of the GAN's steps before which missing labels are nothing unusual."""

FEWEST_STEPS = 1000
"""Nor before these: with 600 digits and the studio profile, G draws one label alone for some 250 steps, and nine of ten
after 370. A GAN with fewer in all is judged at its end, and what it lacks is steps."""


class AnomalyDetector:
    """Follows the events of a run; each finding is reported once until it has gone away or changed.

    The network that is judged is the one that is kept: where weights are averaged, the average.
    """

    def __init__(self, label_names: Sequence[str]) -> None:
        self._label_names = label_names
        self._total_steps = 0
        self._losses: list[float] = []
        self._wins = False
        self._missing: frozenset[int] = frozenset()
        self._commonest: int | None = None

    def examine(self, event: TrainingEvent) -> Iterator[Diagnosed]:
        """Report what this event shows to be wrong."""
        match event:
            case StageStarted():
                self._total_steps = event.total_steps
                self._losses.clear()
            case StepDone():
                yield from self._not_finite(event)
                if event.stage == "gan":
                    yield from self._discriminator_wins(event)
            case PicturesSaved(stage="gan") if self._is_settled(event.step):
                yield from self._collapse(event)
                if self._commonest is None:
                    yield from self._label_missing(event)

    def _is_settled(self, step: int) -> bool:
        earliest = max(FEWEST_STEPS, SETTLED * self._total_steps)
        return step >= min(earliest, self._total_steps)

    def _advice(self, where_it_had_time: str) -> str:
        if self._total_steps >= FEWEST_STEPS:
            return where_it_had_time
        return (
            f"Its {self._total_steps} steps are few: train for more epochs (gan.epochs), so that it has "
            f"{FEWEST_STEPS} or more, or on more images."
        )

    def _not_finite(self, event: StepDone) -> Iterator[Diagnosed]:
        broken = [name.replace("_", " ") for name, value in event.losses.items() if not math.isfinite(value)]
        if broken:
            yield Diagnosed(
                event.stage,
                event.step,
                "not finite",
                f"The {event.stage} has diverged: its loss ({', '.join(broken)}) is no longer finite.",
                f"Branch from the last checkpoint with a lower {event.stage}.learning_rate"
                + (" or a smaller encoder.gradient_clip." if event.stage == "encoder" else "."),
            )

    def _discriminator_wins(self, event: StepDone) -> Iterator[Diagnosed]:
        self._losses.append(event.losses["discriminator_real"] + event.losses["discriminator_fake"])
        if len(self._losses) < STEPS_REMEMBERED:
            return
        del self._losses[:-STEPS_REMEMBERED]
        mean = math.fsum(self._losses) / STEPS_REMEMBERED
        if mean < LEAST_DISCRIMINATOR_LOSS and not self._wins:
            self._wins = True
            yield Diagnosed(
                event.stage,
                event.step,
                "discriminator wins",
                f"D tells real from generated images almost without fail (its loss is {mean:.3f} nats, 1.39 would be "
                "guessing), so G has little to learn from.",
                "Wait some epochs; if it stays, branch with a lower gan.learning_rate, gan.beta_1 = 0.5 or a larger "
                "gan.batch_size.",
            )
        self._wins = mean < 2 * LEAST_DISCRIMINATOR_LOSS and self._wins

    def _label_missing(self, event: PicturesSaved) -> Iterator[Diagnosed]:
        missing = frozenset(label for label, count in enumerate(event.counts) if count == 0)
        if missing and missing != self._missing:
            names = _listed([self._label_names[label] for label in sorted(missing)])
            yield Diagnosed(
                event.stage,
                event.step,
                "label missing",
                f"G draws no {names}: C reads none of {sum(event.counts)} images at a fixed z so.",
                self._advice(
                    "Train for more epochs (gan.epochs); if it stays, branch with a lower gan.learning_rate or a "
                    "larger gan.batch_size."
                )
                + " Without it the basis cannot be built.",
            )
        self._missing = missing

    def _collapse(self, event: PicturesSaved) -> Iterator[Diagnosed]:
        total, labels = sum(event.counts), len(event.counts)
        commonest = max(range(labels), key=lambda label: event.counts[label])
        share = event.counts[commonest] / total
        if share <= min(0.95, 5 / labels):
            self._commonest = None
        elif commonest != self._commonest:
            self._commonest = commonest
            name = isolated(self._label_names[commonest])
            drawn = f"C reads {percentage(share)} of {total} images at a fixed z as {name}."
            yield Diagnosed(
                event.stage,
                event.step,
                "collapse",
                f"G has collapsed: {drawn}"
                if self._total_steps >= FEWEST_STEPS
                else f"G draws hardly more than one label: {drawn}",
                self._advice(
                    "Branch from an earlier run or another seed with a lower gan.learning_rate, gan.beta_1 = 0.5 or "
                    "a larger gan.batch_size."
                ),
            )


def _listed(names: Sequence[str]) -> str:
    return " and no ".join([", no ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
