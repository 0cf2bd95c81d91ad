"""The tables of numbers, read from the shipped bundles whenever the pages are built, so that none is copied by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BUNDLES = Path(__file__).resolve().parents[1] / "resources" / "bundles"
CALIBRATION = Path(__file__).resolve().parent / "method" / "twin-calibration.json"
AUTOENCODERS = Path(__file__).resolve().parent / "method" / "autoencoders.json"
USUAL = (12, [16, 32, 64, 64])
NAMES = ("mnist-paper", "mnist-studio")

MEASURES = (
    ("C, accuracy", "98.9 %", "classifier_accuracy"),
    ("E→G→C, sampled z", "≈ 94 %", "reconstruction_accuracy.sampled"),
    ("E→G→C, mean μ", "–", "reconstruction_accuracy.mean"),
    ("LSD, largest \\|c\\|, set 1 only, sampled z", "≈ 92 %", "lsd_accuracy.sampled.set_one"),
    ("LSD, largest \\|c\\|, any set, sampled z", "≈ 92 %", "lsd_accuracy.sampled.any_set"),
    ("LSD, largest signed c of set 1, sampled z", "–", "lsd_accuracy.sampled.signed"),
    ("LSD, largest \\|c\\|, set 1 only, mean μ", "–", "lsd_accuracy.mean.set_one"),
    ("LSD, largest signed c of set 1, mean μ", "–", "lsd_accuracy.mean.signed"),
    ("nearest class mean, sampled z", "–", "baselines.nearest_class_mean.sampled"),
    ("linear discriminant analysis, sampled z", "–", "baselines.lda.sampled"),
    ("logistic regression, sampled z", "–", "baselines.logistic_regression.sampled"),
    (
        "LSD less nearest class mean, sampled z, in points",
        "–",
        "lsd_less_baseline.nearest_class_mean.sampled",
    ),
    ("LSD less linear discriminant analysis, sampled z, in points", "–", "lsd_less_baseline.lda.sampled"),
    (
        "LSD less logistic regression, sampled z, in points",
        "–",
        "lsd_less_baseline.logistic_regression.sampled",
    ),
    ("weight of the loss that trained E to be read so", "0", "chosen_for.amplitude_weight"),
    ("winners in set 1", "99 %", "set_one_share"),
    (
        "true label among the first 4 of 100 by \\|c\\|, sampled z",
        "98.9 %",
        "among_first_four.sampled.absolute",
    ),
    ("the same of the 10 of set 1 by signed c", "–", "among_first_four.sampled.signed"),
    ("ξ that C∘G gives their own label", "≈ 20 of 100", "basis.xi_label_rate"),
    ("of these chosen for it", "0 of 100", "chosen_for.xi"),
    ("MSE of 20 of 100 terms, the basis", "–", "basis.truncation.own"),
    ("the same, set 1 and random directions", "–", "basis.truncation.random_complement"),
    ("the same, principal axes of training images", "–", "basis.truncation.principal_axes"),
    ("SSIM of the mean's reconstruction", "–", "reconstruction.ssim"),
    ("SSIM after refinement, 100 images", "–", "reconstruction.refined.ssim"),
    ("a quarter turn by the rotation, C reads the next label", "–", "paths.rotation.endpoint_rate"),
    ("slant kept by those that arrive, r in pictures", "–", "paths.rotation.style.slant"),
    ("ink kept, r", "–", "paths.rotation.style.ink"),
    ("width kept, r", "–", "paths.rotation.style.width"),
    ("height kept, r", "–", "paths.rotation.style.height"),
    ("half of the rest through the averages, C reads it", "–", "paths.half_through_averages.endpoint_rate"),
    ("slant kept, r", "–", "paths.half_through_averages.style.slant"),
    ("ink kept, r", "–", "paths.half_through_averages.style.ink"),
    ("by the transport, C reads it", "–", "paths.transport.endpoint_rate"),
)
"""In words, what the paper says, and where it is found in `evaluation.json`."""

STAGES = {"classifier": "C", "gan": "G and D", "encoder": "E"}


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put tables where a page asks for them."""
    for name, table in (
        ("evaluation", _evaluation),
        ("training", _training),
        ("twin-calibration", _calibration),
        ("widths", _widths),
        ("normalisation", _normalisation),
    ):
        place = f"<!-- table: {name} -->"
        if place in markdown:
            markdown = markdown.replace(place, table())
    return markdown


def _evaluation() -> str:
    said = [_read(name, "evaluation.json") for name in NAMES]
    rows = [
        f"| {words} | {paper} | " + " | ".join(_number(key, each) for each in said) + f" | `{key}` |"
        for words, paper, key in MEASURES
    ]
    heads = " | ".join(f"`{name}`" for name in NAMES)
    return "\n".join((f"| | the paper | {heads} | key |", "| --- | --- | --- | --- | --- |", *rows))


def _training() -> str:
    rows = [
        f"| `{name}` | {STAGES[stage['name']]} | {stage['epochs']} | {stage['steps']:,} | {stage['seconds'] / 60:.0f} |"
        for name in NAMES
        for stage in _read(name, "manifest.json")["stages"]
    ]
    head = ("| bundle | network | passes | steps | minutes |", "| --- | --- | ---: | ---: | ---: |")
    return "\n".join((*head, *rows))


def _calibration() -> str:
    said = json.loads(CALIBRATION.read_text(encoding="utf-8"))
    rows = [
        f"| {one['codes']:,} | {one['components']} | {one['axes']} | "
        + " | ".join(
            (*(_found(one["false_alarms"][level]) for level in ("0.01", "0.05")),
             *(_found(one["power"][name]["0.01"]) for name in ("clusters", "filaments", "radial_t5")))
        )
        + " |"
        for one in said["cells"]
    ]  # fmt: skip
    for name, codes in (("window", "a window of"), ("by_label", "10 labels of")):
        one = said[name]
        alarms = " | ".join(_found(one["false_alarms"][level]) for level in ("0.01", "0.05"))
        rows.append(
            f"| {codes} {one['codes']:,} | {one['components']} | {one['components']} | {alarms} | | | |"
        )
    head = (
        "| codes | components | axes compared | false alarms, p ≤ 0.01 | p ≤ 0.05 | clusters found | filaments | t₅ |",
        "| --- | ---: | ---: | --- | --- | --- | --- | --- |",
    )
    return "\n".join((*head, *rows))


def _found(one: Mapping[str, float]) -> str:
    low, high = (f"{100 * one[end]:.1f}" for end in ("low", "high"))
    return f"{one['found']} of {one['trials']} ({low}\N{NO-BREAK SPACE}…\N{NO-BREAK SPACE}{high}\N{NO-BREAK SPACE}%)"


def _autoencoders() -> list[dict[str, Any]]:
    """What `benchmarks/autoencoders.py` measured."""
    return json.loads(AUTOENCODERS.read_text(encoding="utf-8"))


def _widths() -> str:
    rows = [
        f"| {each['latent_dimensions']} | {', '.join(map(str, each['widths']))} | {each['psnr']:.1f} dB | "
        f"{100 * each['label_read']:.1f} % |"
        for each in sorted(_autoencoders(), key=lambda each: (each["latent_dimensions"], each["widths"]))
        if each["batch_normalisation"] and each["seed"] == 0
    ]
    return "\n".join(("| \\(M\\) | widths | PSNR | label read |", "| --- | --- | --- | --- |", *rows))


def _normalisation() -> str:
    compared = [each for each in _autoencoders() if (each["latent_dimensions"], each["widths"]) == USUAL]
    rows = [
        f"| {'with' if each['batch_normalisation'] else 'without'} | {each['seed']} | {each['psnr']:.1f} dB | "
        f"{100 * each['label_read']:.1f} % | {each['radius_mean']:.1f} ± {each['radius_spread']:.1f} | "
        f"{each['distance_from_normal']:.3f} | {each['excess_kurtosis']:.2f} | "
        f"{100 * each['inside_two_deviations']:.1f} % | {each['largest_correlation']:.2f} |"
        for each in sorted(compared, key=lambda each: (not each["batch_normalisation"], each["seed"]))
    ]
    head = (
        "| batch normalisation | seed | PSNR | label read | radius | from N(0, 1) | excess kurtosis | in the ellipse | "
        "largest correlation |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    )
    return "\n".join((*head, *rows))


def _number(key: str, said: Mapping[str, Any]) -> str:
    found: Any = said
    for part in key.split("."):
        if isinstance(found, list):
            found = found[int(part)]
        elif part in found:
            found = found[part]
        else:
            return "not measured"
    if not isinstance(found, Mapping):
        return _written(key, found)
    if found["value"] is None:
        return "–"
    if found["low"] is None:
        return _written(key, found["value"])
    low, high = (_written(key, found[end]).removesuffix("\N{NO-BREAK SPACE}%") for end in ("low", "high"))
    count = found.get("count", said["images"])
    of = f" of {count:,}" if count != said["images"] else ""
    return f"{_written(key, found['value'])} ({low}\N{NO-BREAK SPACE}…\N{NO-BREAK SPACE}{high}{of})"


def _written(key: str, value: float) -> str:
    if "ssim" in key or "truncation" in key:
        return f"{value:.3f}"
    if "style" in key:
        return f"{value:.2f}"
    if key == "chosen_for.amplitude_weight":
        return f"{value:g}"
    if key in ("basis.xi_label_rate", "chosen_for.xi"):
        return f"{100 * value:.0f} of 100"
    if key.startswith("lsd_less_baseline"):
        return f"{100 * value:+.2f}".replace("-", "−")
    return f"{100 * value:.2f}\N{NO-BREAK SPACE}%"


def _read(name: str, file: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((BUNDLES / name / file).read_text(encoding="utf-8"))
    return content
