"""Runs and times in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsd_studio.durations import format_duration
from lsd_studio.ui.train.panels import STAGE_NAMES, figure

if TYPE_CHECKING:
    from lsd_studio.engine.runs.summary import RunSummary, StageSummary

STATES = {
    "running": "training",
    "paused": "paused",
    "elsewhere": "training elsewhere",
    "stopped": "stopped",
    "finished": "finished",
    "failed": "failed",
    "damaged": "cannot be read",
}
KEY_MEASURES = {
    "classifier": ("held_out_accuracy", "held out", "%"),
    "judge": ("held_out_accuracy", "held out", "%"),
    "gan": ("confidence", "confidence of C", "%"),
    "encoder": ("reconstruction_accuracy_mean", "E→G→C held out", "%"),
    "joint": ("turned_accuracy_mean", "turned, held out", "%"),
    "autoencoder": ("psnr_mean", "PSNR held out", "dB"),
}
"""The one measure of each stage that says most: its name, words and unit."""

RESULTS = (
    ("classifier.held_out_accuracy", "C", "%"),
    ("encoder.reconstruction_accuracy_mean", "E→G→C", "%"),
    ("encoder.psnr_mean", "PSNR", "dB"),
    ("joint.turned_accuracy_mean", "turned", "%"),
    ("autoencoder.reconstruction_accuracy_mean", "decoded", "%"),
    ("autoencoder.psnr_mean", "PSNR", "dB"),
)
"""What the list of runs shows of a run's results."""


def duration(seconds: float | None) -> str:
    """A time as people say it, "4 min"; empty where it is not known."""
    return "" if seconds is None else format_duration(seconds)


def measure(value: float, unit: str) -> str:
    """A measure with its unit; shares come as 0…1."""
    return figure(100 * value if unit == "%" else value, unit)


def state_words(run: RunSummary) -> str:
    """What a run does now, or how it ended."""
    words = STATES[run.state]
    stage = next((each for each in run.stages if each.state == "under way"), None)
    if stage is None or run.state in ("finished", "damaged"):
        return words
    share = f" {100 * stage.step / stage.total_steps:.0f} %" if stage.total_steps else ""
    return f"{words}, {STAGE_NAMES[stage.stage]}{share}"


def stage_words(stage: StageSummary) -> str:
    """What was measured last of a stage, or where it came from."""
    key, words, unit = KEY_MEASURES.get(stage.stage, ("", "", ""))
    if key in stage.measures:
        return f"{measure(stage.measures[key], unit)} {words}"
    return stage.origin


def differences_words(run: RunSummary) -> str:
    """The settings that differ, as "gan.epochs 12 (studio: 9)"; empty where none do."""
    return ", ".join(f"{each.key} {each.value} ({each.other})" for each in run.differences)


def results_words(run: RunSummary) -> str:
    """A run's results in a line."""
    known = [(words, run.results[key], unit) for key, words, unit in RESULTS if key in run.results]
    return " · ".join(f"{words} {measure(value, unit)}" for words, value, unit in known)
