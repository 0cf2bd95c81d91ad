"""The paper about the program: each of its numbers is one that a command prints, and is what ships says."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from lsd_studio.cli.arguments import parse_arguments

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "packaging" / "joss"
BUNDLES = ROOT / "resources" / "bundles"
TRUNCATIONS = ("lsd_four_terms", "lsd_automatic", "lsd_saw_noise_automatic")
DEFINITIONS = {"95", "10 000", "100", "0.01", "0.05"}
"""Numbers that say how something was measured: the level of intervals and tests, the test images, the axes."""


def read(*path: str) -> Any:
    return json.loads(Path(ROOT, *path).read_text(encoding="utf-8"))


def sections() -> dict[str, str]:
    """The text of each section by its title, on one line each, without front matter."""
    text = (FOLDER / "paper.md").read_text(encoding="utf-8").split("\n---\n", 1)[1]
    parts = re.split(r"^# (.+)$", text, flags=re.MULTILINE)
    return {title: " ".join(part.split()) for title, part in zip(parts[1::2], parts[2::2], strict=True)}


def shown(found: Any, form: str, factor: float = 1, unit: str = "") -> str:
    value, low, high = ((found[end] * factor) for end in ("value", "low", "high"))
    return f"{value:{form}}{unit} ({low:{form}} … {high:{form}})".replace("-", "−")


def percents(found: Any) -> str:
    return shown(found, ".2f", 100, " %")


def of_evaluation(bundle: str) -> Iterator[str]:
    found = read("resources", "bundles", bundle, "evaluation.json")
    yield percents(found["lsd_accuracy"]["sampled"]["signed"])
    yield shown(found["lsd_less_baseline"]["lda"]["sampled"], "+.2f", 100)
    yield f"{100 * found['basis']['xi_label_rate']:.0f}"
    yield f"{100 * found['chosen_for']['xi']:.0f}"
    yield f"{found['reconstruction']['ssim']['value']:.3f}"


def of_steering(bundle: str) -> Iterator[str]:
    found = read("resources", "bundles", bundle, "steering.json")
    if "judge" in found:
        yield percents(found["judge"]["arrived"])
    yield ", ".join(f"{found['style'][part]['value']:.2f}" for part in ("slant", "height"))


def of_weights() -> Iterator[str]:
    chosen = read("resources", "bundles", "mnist-studio", "evaluation.json")["chosen_for"]
    for name in ("amplitude_weight", "turn_weight", "likeness_weight", "cycle_weight"):
        yield f"{chosen[name]:g}"


def of_noise_floor() -> Iterator[str]:
    floor = read("resources", "bundles", "mnist-paper", "evaluation.json")["noise_floor"]["sampled"]["signed"]
    yield f"{100 * floor['first_by_floor']:.1f} %"
    yield f"{100 * floor['first']:.1f} %"


def of_denoising() -> Iterator[str]:
    found = read("resources", "denoisers", "mnist-studio", "curves.json")
    behind, beside, ahead = [], [], []
    for kind in found["kinds"].values():

        def psnr(*methods: str, kind: Any = kind) -> np.ndarray[Any, Any]:
            rows = [[each["value"] for each in kind["methods"][name]["psnr"][1:]] for name in methods]
            return np.array(rows)

        own = psnr(*TRUNCATIONS)
        random = psnr(*(name.replace("lsd", "random") for name in TRUNCATIONS))
        winner = own.argmax(axis=0)[None]
        regression = psnr("linear_regression")[0]
        behind += (regression - own.max(axis=0)).tolist()
        beside += np.take_along_axis(own - random, winner, axis=0)[0].tolist()
        ahead += (psnr("lsd_posterior")[0] - regression).tolist()
    assert min(behind) > 0
    yield f"{len(behind)}"
    yield f"{min(behind):.1f} to {max(behind):.1f} dB"
    yield f"{min(beside):+.1f} to {max(beside):+.1f} dB".replace("-", "−")
    yield f"{max(ahead):.1f} dB"
    yield f"{found['images']} images"


def of_calibration() -> Iterator[str]:
    cells = read("docs", "method", "twin-calibration.json")["cells"]
    for level in ("0.01", "0.05"):
        found, trials = (
            sum(cell["false_alarms"][level][part] for cell in cells) for part in ("found", "trials")
        )
        yield f"{trials:,} sets".replace(",", " ")
        yield f"{100 * found / trials:.1f} %"


def of_generator() -> Iterator[str]:
    (file,) = (BUNDLES / "mnist-studio" / "evaluations").glob("generator-*.json")
    sets = read(str(file))["found"]["readers"]["judge"]["sets"]
    for name in ("samples", "real"):
        yield shown(sets[name]["frechet"], ".2f")


def measured() -> dict[str, list[str]]:
    """What the paper may say, by the letter of the command that prints it."""
    return {
        "a": [*of_evaluation("mnist-studio"), *of_weights()],
        "b": [*of_evaluation("mnist-paper"), *of_noise_floor()],
        "c": [*of_steering("mnist-studio")],
        "d": [*of_steering("mnist-paper")],
        "e": [*of_denoising()],
        "f": [*of_calibration()],
        "g": [*of_generator()],
    }


def test_each_number_is_measured_or_defines_a_measure() -> None:
    text = sections()
    text.pop("The numbers")
    left = " ".join(text.values())
    for letter, numbers in measured().items():
        for number in dict.fromkeys(numbers):
            assert f"{number}^{letter}^" in left, f"{number}^{letter}^ is not in the paper"
            left = re.sub(rf"(?<![\d.,−+]){re.escape(number)}\^{letter}\^", "", left)
    assert not re.findall(r"[^ ]* ?[^ ]*\^\w\^", left), "a number that nothing measures"
    left = re.sub(r"`[^`]*`|\[?@\w+[^\]]*?\]?", "", left)
    for number in re.findall(r"\d+(?: \d{3})*(?:\.\d+)?", left):
        assert number in DEFINITIONS, number


def test_each_letter_has_a_command_that_is_understood() -> None:
    commands = dict(re.findall(r"\| (\w) \| `([^`]+)` \|", sections()["The numbers"]))
    assert commands.keys() == measured().keys()
    for command in commands.values():
        program, *words = shlex.split(command)
        if program == "lsd-studio":
            assert parse_arguments(words).command == words[0]
        else:
            assert (ROOT / words[0]).is_file()


def test_it_is_as_long_as_its_journal_asks() -> None:
    text = sections()
    text.pop("The numbers")
    words = [word for part in text.values() for word in part.split() if re.search(r"\w", word)]
    assert 750 <= len(words) <= 1000


def test_every_source_is_cited_and_listed() -> None:
    cited = {name for part in sections().values() for name in re.findall(r"@(\w+)", part)}
    listed = re.findall(
        r"^@\w+\{(\w+),", (FOLDER / "paper.bib").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert cited == set(listed)
