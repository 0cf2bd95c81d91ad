"""The tables of numbers, read from the shipped bundles whenever the pages are built, so that none is copied by hand."""

from __future__ import annotations

import json
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BUNDLES = Path(__file__).resolve().parents[1] / "resources" / "bundles"
CALIBRATION = Path(__file__).resolve().parent / "method" / "twin-calibration.json"
AUTOENCODERS = Path(__file__).resolve().parent / "method" / "autoencoders.json"
RANKING = Path(__file__).resolve().parent / "method" / "generator-ranking.json"
STUDY = Path(__file__).resolve().parent / "label-axes.json"
USUAL = (12, [16, 32, 64, 64])
NAMES = ("mnist-paper", "mnist-studio", "fashion-studio")
FINE_TUNED = ("mnist-studio", "fashion-studio")

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
    ("weight of the loss that trained turns to be read so", "0", "chosen_for.turn_weight"),
    ("of the loss that held their style in the picture", "0", "chosen_for.likeness_weight"),
    ("of the loss that held it in the code", "0", "chosen_for.cycle_weight"),
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

STAGES = {
    "classifier": "C",
    "judge": "the judge",
    "gan": "G and D",
    "encoder": "E",
    "joint": "G and E together",
}


COMPARED = (
    ("C, accuracy", "classifier_accuracy"),
    ("E→G→C, mean μ", "reconstruction_accuracy.mean"),
    ("E→G→C, sampled z", "reconstruction_accuracy.sampled"),
    ("LSD, signed c, mean μ", "lsd_accuracy.mean.signed"),
    ("LSD, \\|c\\|, mean μ", "lsd_accuracy.mean.set_one"),
    ("LSD, signed c, sampled z", "lsd_accuracy.sampled.signed"),
    ("LSD, \\|c\\|, sampled z", "lsd_accuracy.sampled.set_one"),
    ("true label among the first 4 by \\|c\\|, sampled z", "among_first_four.sampled.absolute"),
    ("nearest class mean, mean μ", "baselines.nearest_class_mean.mean"),
    ("linear discriminant analysis, mean μ", "baselines.lda.mean"),
    ("logistic regression, mean μ", "baselines.logistic_regression.mean"),
    ("LSD less nearest class mean, mean μ", "lsd_less_baseline.nearest_class_mean.mean"),
    ("LSD less linear discriminant analysis, mean μ", "lsd_less_baseline.lda.mean"),
    ("LSD less logistic regression, mean μ", "lsd_less_baseline.logistic_regression.mean"),
    ("turned to another label, C reads it", "steering.classifier.arrived"),
    ("turned to another label, the judge reads it", "steering.judge.arrived"),
    ("PSNR of the mean's reconstruction, dB", "reconstruction.psnr"),
    ("SSIM of the mean's reconstruction", "reconstruction.ssim"),
)
"""Measures of a study in words, and their names in its result."""
READERS = ("lsd", "nearest_class_mean", "shrunk_lda", "logistic_regression")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put tables where a page asks for them."""
    for name, table in (
        ("evaluation", _evaluation),
        ("training", _training),
        ("twin-calibration", _calibration),
        ("generator-ranking", _ranking),
        ("widths", _widths),
        ("normalisation", _normalisation),
        ("study", _study),
        ("labelled-codes", _labelled_codes),
        ("fine-tuning", _fine_tuning),
        ("steering", _steering),
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
    return "\n".join(
        (f"| | the paper | {heads} | key |", "| --- | --- |" + " --- |" * (len(NAMES) + 1), *rows)
    )


def _training() -> str:
    rows = [
        f"| `{name}` | {STAGES[stage['name']]} | {stage['epochs']} | {stage['steps']:,} | {stage['seconds'] / 60:.0f} |"
        for name in NAMES
        for stage in _read(name, "manifest.json")["stages"]
    ]
    head = ("| bundle | network | passes | steps | minutes |", "| --- | --- | ---: | ---: | ---: |")
    return "\n".join((*head, *rows))


def _fine_tuning() -> str:
    """What the trainings measured on held-out images at the end of two stages."""
    trainings = [
        {stage["name"]: stage["metrics"] for stage in _read(name, "manifest.json")["stages"]}
        for name in FINE_TUNED
    ]
    rows = [
        f"| {words} | "
        + " | ".join(form(stages[stage][key]) for stages in trainings for stage in ("encoder", "joint"))
        + " |"
        for words, key, form in (
            ("turned to the next label, read by C as that", "turned_accuracy_mean", "{:.1%}".format),
            ("C on the reconstruction", "reconstruction_accuracy_mean", "{:.1%}".format),
            ("label of the largest signed amplitude", "signed_accuracy_mean", "{:.1%}".format),
            ("PSNR of the reconstruction", "psnr_mean", "{:.1f} dB".format),
        )
    ]
    columns = [f"`{name}`, {when}" for name in FINE_TUNED for when in ("before", "after")]
    head = (
        f"| means of 10 000 held-out images | {' | '.join(columns)} |",
        "| --- |" + " --- |" * len(columns),
    )
    return "\n".join((*head, *rows)).replace("%", "\N{NO-BREAK SPACE}%")


def _steering() -> str:
    said: str = runpy.run_path(str(Path(__file__).with_name("readme_numbers.py")))["steered"]()
    return said


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


def _ranking() -> str:
    """Kendall's τ between readers, by measure, with how many generators and readers there were."""
    found = json.loads(RANKING.read_text(encoding="utf-8"))
    readers, pairs = found["classifiers"] + found["judges"], found["tau"]["frechet"]["pairs"]
    worse = found["generators"] - found["trained"]
    said = (
        f"{found['generators']} generators, {found['trained']} that were trained and {worse} made worse of these; "
        f"{readers} readers, {found['classifiers']} \\(C\\) and {found['judges']} judges, so {pairs} pairs; "
        f"{found['images']} images of each against as many test images:"
    )
    kinds = ("least", "classifiers", "judges", "mixed", "untouched")
    rows = [
        f"| {tau['measure']} | {tau['mean']:.2f} ({tau['low']:.2f} … {tau['high']:.2f}) | "
        + " | ".join("–" if tau[kind] is None else f"{tau[kind]:.2f}" for kind in kinds)
        + " |"
        for tau in found["tau"].values()
    ]
    head = (
        "| measure | τ, mean of all pairs | least of a pair | two \\(C\\) | two judges | \\(C\\) and a judge | "
        "trained ones alone |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    )
    return "\n".join((said, "", *head, *rows)).replace("-0.00", "0.00").replace("-0.", "−0.")


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


def _study() -> str:
    """A table for each data set: every variant, and below it what it differs by from the reference."""
    found = json.loads(STUDY.read_text(encoding="utf-8"))
    return "\n\n".join(study_table(found, data) for data in found["means"])


def study_table(found: Mapping[str, Any], data: str) -> str:
    """The result of `lsd-studio study --json` on one data set as a table."""
    reference, means, less = found["reference"], found["means"][data], found["differences"][data]
    rows = [
        f"| {words} | " + " | ".join(_over_seeds(name, means[variant].get(name)) for variant in means) + " |"
        for words, name in COMPARED
    ]
    rows += [
        f"| {words}: less {reference} | – | "
        + " | ".join(_over_seeds(name, less[variant].get(name), is_difference=True) for variant in less)
        + " |"
        for words, name in COMPARED
        if any(name in less[variant] for variant in less)
    ]
    head = (f"| {data} | " + " | ".join(means) + " |", "| --- |" + " --- |" * len(means))
    return "\n".join((*head, *rows))


def _labelled_codes() -> str:
    """A table for each data set: what readers of the reference make of so many labelled codes."""
    found = json.loads(STUDY.read_text(encoding="utf-8"))
    return "\n\n".join(labelled_codes_table(found, data) for data in found["means"])


def labelled_codes_table(found: Mapping[str, Any], data: str) -> str:
    """The accuracies of all readers of the reference, fitted on so many labelled codes, and LSD's less the others'."""
    measures = found["means"][data][found["reference"]]
    names = (*READERS, *(f"lsd_less_{name}" for name in READERS[1:]))
    rows = []
    for count in sorted(found["study"]["measure"]["labelled_codes"]):
        cells = [
            _over_seeds(name, measures.get(f"labelled_codes.{count}.{name}"), is_difference="less" in name)
            for name in names
        ]
        rows.append(f"| {count:,} | " + " | ".join(cells) + " |")
    head = (
        f"| {data}, labelled codes | LSD | nearest mean | shrunk LDA | logistic regression | LSD less nearest mean | "
        "LSD less shrunk LDA | LSD less logistic regression |",
        "| ---: |" + " --- |" * len(names),
    )
    return "\n".join((*head, *rows))


def _over_seeds(name: str, found: Mapping[str, Any] | None, is_difference: bool = False) -> str:
    """Mean ± SD (interval), in per cent or points where it is a share; "–" of what was not measured."""
    if found is None:
        return "–"
    is_plain = "psnr" in name or "ssim" in name
    digits, scale = (3 if "ssim" in name else 2), (1 if is_plain else 100)
    sign = "+" if is_difference or "less" in name else ""

    def written(value: float, plus: str = sign) -> str:
        return f"{scale * value:{plus}.{digits}f}".replace("-", "−")

    spread = "" if found["sd"] is None else f" ± {written(found['sd'], '')}"
    between = "" if found["low"] is None else f" ({written(found['low'])} … {written(found['high'])})"
    return (written(found["mean"]) + spread + between).replace(" ", "\N{NO-BREAK SPACE}")


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
    if key.startswith("chosen_for.") and key.endswith("_weight"):
        return f"{value:g}"
    if key in ("basis.xi_label_rate", "chosen_for.xi"):
        return f"{100 * value:.0f} of 100"
    if key.startswith("lsd_less_baseline"):
        return f"{100 * value:+.2f}".replace("-", "−")
    return f"{100 * value:.2f}\N{NO-BREAK SPACE}%"


def _read(name: str, file: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((BUNDLES / name / file).read_text(encoding="utf-8"))
    return content
