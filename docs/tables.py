"""The tables of numbers, read from the shipped bundles whenever the pages are built, so that none is copied by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BUNDLES = Path(__file__).resolve().parents[1] / "resources" / "bundles"
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
    ("winners in set 1", "99 %", "set_one_share"),
    ("true label among the first 4, sampled z", "98.9 %", "cumulative_rank.sampled.3"),
    ("ξ that C∘G gives their own label", "≈ 20 of 100", "basis.xi_label_rate"),
    ("SSIM of the mean's reconstruction", "–", "reconstruction.ssim"),
    ("SSIM after refinement, 100 images", "–", "reconstruction.refined.ssim"),
    ("a quarter turn by the rotation, C reads the next label", "–", "paths.rotation.endpoint_rate"),
    ("the same by the transport", "–", "paths.transport.endpoint_rate"),
    ("style drift of the rotation", "–", "paths.rotation.style_drift"),
)
"""In words, what the paper says, and where it is found in `evaluation.json`."""

STAGES = {"classifier": "C", "gan": "G and D", "encoder": "E"}


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put tables where a page asks for them."""
    for name, table in (("evaluation", _evaluation), ("training", _training)):
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
    low, high = (_written(key, found[end]).removesuffix("\N{NO-BREAK SPACE}%") for end in ("low", "high"))
    return f"{_written(key, found['value'])} ({low}\N{NO-BREAK SPACE}…\N{NO-BREAK SPACE}{high})"


def _written(key: str, value: float) -> str:
    if "ssim" in key:
        return f"{value:.3f}"
    if "drift" in key:
        return f"{value:.1e}"
    if key == "basis.xi_label_rate":
        return f"{100 * value:.0f} of 100"
    return f"{100 * value:.2f}\N{NO-BREAK SPACE}%"


def _read(name: str, file: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((BUNDLES / name / file).read_text(encoding="utf-8"))
    return content
