"""Evaluate of labelled codes: how well LSD and common classifiers read held-out codes (R16, R37)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from PySide6.QtWidgets import QWidget

from lsd_studio.engine.api import Engine
from lsd_studio.engine.figures.panels.evaluation import readers_panel
from lsd_studio.engine.figures.spec import PlotFigure
from lsd_studio.engine.vocabulary import BASELINE_NAMES
from lsd_studio.percentages import percentage
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.codes.codes_in_use import CodesInUse
from lsd_studio.ui.codes.workspace import LabelledCodesWorkspace
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.widgets.layouts import caption, card, column, title
from lsd_studio.ui.widgets.text_table import TextTable
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

HEADS = ("reader", "read right", "95 % interval", "by chance", "p")
TIPS = (
    "LSD counts amplitudes from 0 or from the mean of the training codes, and takes the largest, signed or absolute",
    "Share of held-out codes whose label is named",
    "Exact, over held-out codes",
    "What labels dealt at random to the held-out codes give on average",
    "Share of 999 dealings in which the best of all readers gains as much over its own chance",
)


class CodesEvaluateWorkspace(LabelledCodesWorkspace):
    """The finding in words, and a line for each reader."""

    def __init__(self, engine: Engine, themes: ThemeManager, selection: Selection) -> None:
        self.found: dict[str, Any] = {}
        self._source = ""
        self.sentence = WrappedLabel("What is read beyond chance", "statement")
        self.table = TextTable("Readers of held-out codes")
        self.audit = caption(name="The audit of the training codes, and what was left out")
        body = QWidget()
        inside = column(title("Held-out codes"), self.table, self.audit, None)
        body.setLayout(column(card(column(self.sentence)), (card(inside), 1), spacing=12))
        body.setMinimumHeight(50 * GRID)
        super().__init__(engine, themes, selection, body)

    async def compute(self, codes: CodesInUse, labels: str) -> float:
        call = self.engine.spaces.evaluate(codes.space, labels)
        found = self.found = await self.followed(call)
        self._source = f"{codes.space.name}, labels of {labels}"
        self.sentence.setText(found["sentence"])
        self.table.show_rows(HEADS, [_row(*reader) for reader in _readers(found)], TIPS)
        split = found["split"]
        left_out = [f"{BASELINE_NAMES.get(name, name)}: {why}" for name, why in found["left_out"].items()]
        self.audit.setText(
            " ".join(
                (
                    f"Fitted on {split['training']} codes, measured on {split['held_out']} others, split by seed "
                    f"{split['seed']}. Training codes: {found['audit']['sentence']}",
                    *left_out,
                    *found["notes"],
                )
            )
        )
        return call.milliseconds

    def figures(self) -> tuple[PlotFigure, ...]:
        if not self.found:
            return ()
        return (
            PlotFigure(
                "codes-readers",
                "Readers of held-out codes",
                (readers_panel(dict(_readers(self.found))),),
                self._source,
                self.found["sentence"],
                wide=True,
                of="codes",
            ),
        )


def _readers(found: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What was measured of each reader, by its name."""
    for start, readings in found["lsd_accuracy"].items():
        for reading, measured in readings.items():
            yield f"LSD {start.replace('_', ' ')}, {reading}", measured
    for name, measured in found["baselines"].items():
        yield BASELINE_NAMES.get(name, name), measured


def _row(name: str, measured: Mapping[str, Any]) -> tuple[str, ...]:
    interval = f"{percentage(measured['low'], 1)} … {percentage(measured['high'], 1)} of {measured['count']}"
    chance = percentage(measured["by_chance"], 1) if "by_chance" in measured else "–"
    p_value = f"{measured['p_value']:.2g}" if "p_value" in measured else "–"
    return name, percentage(measured["value"], 1), interval, chance, p_value
