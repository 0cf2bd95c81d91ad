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
    "LSD less logistic regression": ("lsd_less_baseline.logistic_regression.sampled",),
    "true label in the top 4 of 100 by \\|c\\|, sampled z": ("among_first_four.sampled.absolute",),
    "winners in set 1": ("set_one_share",),
    "turned by the rotation from label α to α + 1, mean μ, C reads α + 1": ("paths.rotation.endpoint_rate",),
    "the same with half of it, through the labels' averages": ("paths.half_through_averages.endpoint_rate",),
}
"""Rows of shares under "What to expect", and where their numbers are found in `evaluation.json`."""

STYLE = ("slant", "ink", "width", "height")
OTHERS = {
    "weight of the loss that trained E to be read so": ("chosen_for.amplitude_weight",),
    "MSE of the 20 largest terms of 500 images: the basis / random past set 1 / principal axes": (
        "basis.truncation.own",
        "basis.truncation.random_complement",
        "basis.truncation.principal_axes",
    ),
    "orthogonality error, largest entry of \\|ξξᵀ/M − I\\|": ("basis.orthogonality_error",),
    "SSIM of the mean reconstruction / after refinement (100 images)": (
        "reconstruction.ssim",
        "reconstruction.refined.ssim",
    ),
    "of these, style kept: r of slant, ink, width, height": tuple(
        f"paths.rotation.style.{name}" for name in STYLE
    ),
    "of these, style kept": tuple(f"paths.half_through_averages.style.{name}" for name in STYLE),
}
"""Rows of other numbers, and where they are found."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[list[str]]:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("lsd-studio ")]


@pytest.mark.parametrize("row", MEASURED)
@pytest.mark.parametrize("column", [2, 3])
def test_what_to_expect_is_what_ships(row: str, column: int) -> None:
    said = _cells(row)[column].replace("−", "-")
    expected = [_found(_evaluation(column), key) for key in MEASURED[row]]
    numbers = [float(number) for number in re.findall(r"-?\d+\.\d+", said)]
    with_interval = " … " in said
    shown = [
        100 * part
        for each in expected
        for part in ((each["value"], each["low"], each["high"]) if with_interval else (each["value"],))
    ]
    assert numbers == pytest.approx(shown, abs=0.0051)


@pytest.mark.parametrize("row", OTHERS)
@pytest.mark.parametrize("column", [2, 3])
def test_numbers_that_are_no_shares_are_what_ships(row: str, column: int) -> None:
    said = _cells(row)[column]
    written = re.split(r" / |, ", said)
    for text, key in zip(written, OTHERS[row], strict=True):
        value = _found(_evaluation(column), key)["value"]
        digits = text.partition("e")[0].partition(".")[2]
        kind = "e" if "e" in text else "f"
        assert float(text) == float(f"{value:.{len(digits)}{kind}}")


@pytest.mark.parametrize("column", [2, 3])
def test_counts_and_their_exact_bound_are_what_ships(column: int) -> None:
    measured = _evaluation(column)
    chosen = _cells("ξ that C∘G gives their own label, of these chosen for it")[column]
    transport = _cells("the same with nothing but the label (the transport, Eq. 11)")[column]
    arrived = measured["paths"]["transport"]["endpoint_rate"]

    kept, of_these = (
        round(100 * share) for share in (measured["basis"]["xi_label_rate"], measured["chosen_for"]["xi"])
    )
    assert chosen == f"{kept} of 100, {of_these}"
    count = arrived["count"]
    assert transport == (
        f"{round(arrived['value'] * count)} of {count} codes: at least {100 * arrived['low']:.0f} %"
    )


def _cells(row: str) -> list[str]:
    cells = [re.split(r"(?<!\\) ?\| ?", line)[1:-1] for line in README.splitlines() if line.startswith("| ")]
    return next(line for line in cells if line[0] == row)


def _evaluation(column: int) -> Any:
    name = _cells("on all 10 000 MNIST test images, 20 trials (95 % interval)")[column].strip("`")
    file = ROOT / "resources" / "bundles" / name / "evaluation.json"
    return json.loads(file.read_text(encoding="utf-8"))


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
