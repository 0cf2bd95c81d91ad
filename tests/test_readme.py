"""What README promises can be typed."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from lsd_studio.cli.arguments import parse_arguments

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

MEASURED = {
    "C, accuracy": ("classifier_accuracy",),
    "E→G→C, sampled z": ("reconstruction_accuracy.sampled",),
    "LSD argmax \\|c\\|, sampled z, set 1 only": ("lsd_accuracy.sampled.set_one",),
    "LSD, largest signed c of set 1, sampled z": ("lsd_accuracy.sampled.signed",),
    "LSD, mean μ, signed / absolute": ("lsd_accuracy.mean.signed", "lsd_accuracy.mean.set_one"),
    "logistic regression, LDA, nearest class mean on the same sampled z": (
        "baselines.logistic_regression.sampled",
        "baselines.lda.sampled",
        "baselines.nearest_class_mean.sampled",
    ),
    "LSD less LDA, the same images and draws": ("lsd_less_baseline.lda.sampled",),
    "LSD less nearest class mean": ("lsd_less_baseline.nearest_class_mean.sampled",),
    "true label in the top 4 of 100 by \\|c\\|, sampled z": ("among_first_four.sampled.absolute",),
    "winners in set 1": ("set_one_share",),
    "turned by R21 from label α to α + 1, mean μ, C reads α + 1": ("paths.rotation.endpoint_rate",),
    "the same with half of it, through the labels' averages": ("paths.half_through_averages.endpoint_rate",),
}
"""Rows of shares under "What to expect", and where their numbers are found in `evaluation.json`."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[list[str]]:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("lsd-studio ")]


@pytest.mark.parametrize("row", MEASURED)
@pytest.mark.parametrize("column", [2, 3])
def test_what_to_expect_is_what_ships(row: str, column: int) -> None:
    cells = [re.split(r"(?<!\\) ?\| ?", line)[1:-1] for line in README.splitlines() if line.startswith("| ")]
    names = next(line for line in cells if line[0].startswith("on all 10 000 MNIST"))
    said = next(line[column] for line in cells if line[0] == row).replace("−", "-")
    file = ROOT / "resources" / "bundles" / names[column].strip("`") / "evaluation.json"
    expected = [_found(json.loads(file.read_text(encoding="utf-8")), key) for key in MEASURED[row]]
    numbers = [float(number) for number in re.findall(r"-?\d+\.\d+", said)]
    with_interval = " … " in said
    shown = [
        100 * part
        for each in expected
        for part in ((each["value"], each["low"], each["high"]) if with_interval else (each["value"],))
    ]
    assert numbers == pytest.approx(shown, abs=0.0051)


def _found(measured: Any, key: str) -> dict[str, float]:
    for part in key.split("."):
        measured = measured[part]
    return measured if isinstance(measured, dict) else {"value": measured}


@pytest.mark.parametrize("arguments", commands(), ids=" ".join)
def test_commands_are_understood(arguments: list[str]) -> None:
    assert parse_arguments(arguments).command == arguments[0]


def test_the_example_reads_the_first_test_images(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = blocks("python")
    exec(compile(example, "README.md", "exec"), {})
    assert capsys.readouterr().out.split() == ["[7", "2", "1", "0", "4]"]
