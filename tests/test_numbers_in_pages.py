"""Numbers in sentences of the pages and of the profiles' notes are those of the JSON that ships."""

from __future__ import annotations

import json
import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.evaluation.intervals import exact_interval

ROOT = Path(__file__).resolve().parents[1]
METHOD = ROOT / "docs" / "method"
RESOURCES = ROOT / "resources"
RANDOM = {
    "lsd_four_terms": "random_four_terms",
    "lsd_automatic": "random_automatic",
    "lsd_saw_noise_automatic": "random_saw_noise_automatic",
}
"""Truncations in ξ and the same in a random basis, in the curves that ship."""


def page(path: Path) -> str:
    """A page as one line, since its lines break anywhere."""
    return " ".join(path.read_text(encoding="utf-8").split())


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def manifest(bundle: str) -> Any:
    return read(RESOURCES / "bundles" / bundle / "manifest.json")


def stage(bundle: str, name: str) -> Any:
    return next(each for each in manifest(bundle)["stages"] if each["name"] == name)


def psnr(kind: Any, method: str) -> np.ndarray[Any, Any]:
    """Mean PSNR of a method at every level above 0."""
    return np.array([each["value"] for each in kind["methods"][method]["psnr"][1:]])


def signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")


@pytest.fixture
def kinds() -> Any:
    return read(RESOURCES / "denoisers" / "mnist-studio" / "curves.json")["kinds"].values()


@pytest.mark.parametrize("bundle", ["mnist-paper", "mnist-studio"])
def test_the_table_of_noise_floors(bundle: str) -> None:
    floor = read(RESOURCES / "bundles" / bundle / "evaluation.json")["noise_floor"]["sampled"]["signed"]
    by_chance = f"{floor['ks_by_chance']:.4f}" if floor["ks_by_chance"] >= 0.0001 else "below 0.0001"

    assert (
        f"| `{bundle}` | {floor['measured_amplitude']:.2f} / {floor['measured_noise']:.2f} = "
        f"{floor['amplitude']:.2f} | {100 * floor['first_by_floor']:.1f} % | {100 * floor['first']:.1f} % | "
        f"{floor['ks_distance']:.3f} | {by_chance} |"
    ) in page(METHOD / "reading.md")


def test_how_many_vectors_of_each_set_keep_their_label() -> None:
    bundle = open_bundle("mnist-paper")
    basis, networks = bundle.basis, bundle.networks
    read_as = networks.classify(networks.decode(basis.xi_.astype(np.float32))).argmax(axis=1)
    kept = (read_as == basis.labels_).reshape(-1, basis.number_of_labels).sum(axis=1).tolist()
    low, high = exact_interval(sum(kept[2:]), 80)

    assert (sum(kept), *kept[:2]) == (32, 10, 9)
    assert (
        f"{', '.join(map(str, kept[2:-1]))} and {kept[-1]} of the sets 3 to 10: {sum(kept[2:])} of 80, or "
        f"{100 * sum(kept[2:]) / 80:.0f} % ({100 * low:.0f} … {100 * high:.0f} %)"
    ) in page(METHOD / "basis.md")


def test_truncation_beside_a_random_basis(kinds: Any) -> None:
    best, four = [], []
    for kind in kinds:
        own = np.stack([psnr(kind, name) for name in RANDOM])
        random = np.stack([psnr(kind, name) for name in RANDOM.values()])
        winner = own.argmax(axis=0)
        best += np.take_along_axis(own - random, winner[None], axis=0)[0].tolist()
        four.append(own[0] - random[0])
        assert (winner > 0).all()
    ahead, behind = ([each[place] for each in four] for place in (0, -1))
    verdicts = " ".join(
        part for kind in kinds for part in kind["verdict"].partition("Truncation in ξ")[2].split(". ")[1:]
    )

    said = page(METHOD / "truncation.md")
    assert f"{signed(min(best))} to {signed(max(best))} dB" in said
    assert f"{signed(min(best))} to {signed(max(best))} dB" in page(METHOD / "corrections.md")
    assert f"{min(ahead):.1f} to {max(ahead):.1f} dB ahead of four random ones at the weakest" in said
    assert f"{signed(min(behind))} to {signed(max(behind))} dB beside them at the strongest" in said
    counts = dict.fromkeys(("ahead", "level", "behind"), 0)
    for part in re.split(r"[.;] ", verdicts):
        for word in counts:
            if part.lower().startswith(word):
                counts[word] += part.count("dB")
    assert counts == {"behind": 4, "level": 12, "ahead": 0}
    assert "behind it at 4 of 16 levels, level at 12, ahead at none" in said


def test_what_eight_descents_bring(kinds: Any) -> None:
    gained = [psnr(kind, "lsd_posterior") - psnr(kind, "lsd_descent") for kind in kinds]
    others = np.concatenate(gained[1:])

    assert all(levels[-1] > 0.5 for levels in gained)
    assert (
        f"{signed(gained[0].min())} to {signed(gained[0].max())} dB under Gaussian noise and "
        f"{signed(others.min())} to {signed(others.max())} dB under the others, better where noise is heavy"
    ) in page(ROOT / "docs" / "workspaces" / "denoise.md")


def test_false_alarms_over_all_cells() -> None:
    cells = read(METHOD / "twin-calibration.json")["cells"]
    found = {
        level: tuple(sum(cell["false_alarms"][level][part] for cell in cells) for part in ("found", "trials"))
        for level in ("0.01", "0.05")
    }

    (clear, trials), (usual, _) = found["0.01"], found["0.05"]
    assert (
        f"{clear} of {trials:,} trials ({100 * clear / trials:.1f} %) have p ≤ 0.01 and {usual} "
        f"({100 * usual / trials:.1f} %) p ≤ 0.05"
    ).replace(",", " ") in page(METHOD / "latent-space.md")


def test_the_papers_own_number_of_passes_takes_four_days() -> None:
    days = (
        sum(each["seconds"] / each["epochs"] * 500 for each in manifest("mnist-paper")["stages"]) / 24 / 3600
    )

    assert round(days) == 4
    assert "that is four days for all three" in page(ROOT / "docs" / "workspaces" / "train.md")


def test_notes_of_the_profile_studio() -> None:
    notes = tomllib.loads((RESOURCES / "profiles" / "studio.toml").read_text(encoding="utf-8"))["notes"]
    encoder = stage("mnist-studio", "encoder")
    last, history = encoder["metrics"], encoder["history"]

    said = f"{100 * last['signed_accuracy_sampled']:.2f} % signed and "
    assert said + f"{100 * last['absolute_accuracy_sampled']:.2f} % absolute" in notes["reading"]
    classifier = stage("mnist-studio", "classifier")["history"]["held_out_accuracy"]
    assert {f"{100 * each:.1f}" for each in classifier[16:]} == {"99.4", "99.5"}
    signed = [f"{100 * each:.1f} %" for each in history["signed_accuracy_mean"]]
    assert f"name {signed[3]} after pass 4 and {signed[-1]} at the end" in notes["encoder.epochs"]
    assert f"{signed[-1]} after {encoder['epochs']} passes with 150" in notes["encoder.amplitude_weight"]
    read_right = {f"{100 * each:.1f}" for each in history["reconstruction_accuracy_mean"][3:]}
    assert read_right == {"98.7", "98.8"}
    assert f"gains {history['psnr_mean'][-1] - history['psnr_mean'][-2]:.1f} dB" in notes["encoder.epochs"]


@pytest.mark.parametrize("profile", ["autoencoder", "variational-autoencoder"])
def test_notes_of_the_autoencoders_are_the_table_of_widths(profile: str) -> None:
    notes = tomllib.loads((RESOURCES / "profiles" / f"{profile}.toml").read_text(encoding="utf-8"))["notes"]
    measured = {
        (tuple(each["widths"]), each["batch_normalisation"], each["seed"]): each["psnr"]
        for each in read(METHOD / "autoencoders.json")
        if each["latent_dimensions"] == 12
    }
    usual = (16, 32, 64, 64)
    lost = [1e-9 + measured[usual, True, seed] - measured[usual, False, seed] for seed in range(3)]

    assert (
        f"half as many lose {measured[usual, True, 0] - measured[(8, 16, 32, 32), True, 0]:.1f} dB"
        in notes["autoencoder.widths"]
    )
    assert (
        f"gain {measured[(32, 64, 64, 64), True, 0] - measured[usual, True, 0]:.1f} dB"
        in notes["autoencoder.widths"]
    )
    assert f"{min(lost):.1f} to {max(lost):.1f} dB lower" in notes["autoencoder.batch_normalisation"]


def test_how_long_the_autoencoder_took() -> None:
    notes = tomllib.loads((RESOURCES / "profiles" / "autoencoder.toml").read_text(encoding="utf-8"))["notes"]
    coder = stage("mnist-autoencoder", "autoencoder")

    assert (coder["epochs"], round(coder["seconds"] / 60)) == (6, 4)
    assert notes["autoencoder.epochs"].startswith("6 passes of a one-cycle rate, four minutes")


def test_the_table_of_images_that_are_no_digits() -> None:
    found = read(METHOD / "outliers.json")["bundles"]
    text = page(ROOT / "docs" / "workspaces" / "decompose.md")
    for row, name in (
        ("Fashion-MNIST, 10 000 test images", "fashion-mnist"),
        ("noise, 2 000", "noise"),
        ("scribbles, 2 000", "scribbles"),
        ("dots, 2 000", "dots"),
        ("a blank page", "blank"),
        ("MNIST, 10 000 test images", "mnist test images"),
    ):
        cells = [
            f"{each['auc']:.3f} | {each['held_back']:.1%}"
            if "auc" in each
            else f"– | {each['held_back']:.1%}"
            for each in (found[bundle][name] for bundle in ("mnist-studio", "mnist-paper"))
        ]
        assert f"| {row} | {' | '.join(cells).replace('%', ' %')} |" in text


def test_the_tables_of_a_study_have_its_means_and_differences() -> None:
    tables = runpy.run_path(str(ROOT / "docs" / "tables.py"))

    def over_seeds(mean: float) -> dict[str, float | int]:
        return {"mean": mean, "sd": 0.001, "low": mean - 0.002, "high": mean + 0.002, "n": 5}

    found = {
        "study": {"measure": {"labelled_codes": [100, 10]}},
        "reference": "first",
        "means": {
            "mnist": {
                "first": {
                    "classifier_accuracy": over_seeds(0.98),
                    "reconstruction.ssim": over_seeds(0.8),
                    "labelled_codes.10.lsd": over_seeds(0.5),
                    "labelled_codes.10.lsd_less_shrunk_lda": over_seeds(-0.01),
                },
                "second": {"classifier_accuracy": over_seeds(0.97)},
            }
        },
        "differences": {"mnist": {"second": {"classifier_accuracy": over_seeds(-0.01)}}},
    }
    rows = tables["study_table"](found, "mnist").replace("\N{NO-BREAK SPACE}", " ").splitlines()
    assert rows[:3] == [
        "| mnist | first | second |",
        "| --- | --- | --- |",
        "| C, accuracy | 98.00 ± 0.10 (97.80 … 98.20) | 97.00 ± 0.10 (96.80 … 97.20) |",
    ]
    assert "| C, accuracy: less first | – | −1.00 ± 0.10 (−1.20 … −0.80) |" in rows
    assert any("| 0.800 ± 0.001 (0.798 … 0.802) | – |" in row for row in rows)
    _, _, few, many = (
        tables["labelled_codes_table"](found, "mnist").replace("\N{NO-BREAK SPACE}", " ").splitlines()
    )
    assert few == "| 10 | 50.00 ± 0.10 (49.80 … 50.20) | – | – | – | – | −1.00 ± 0.10 (−1.20 … −0.80) | – |"
    assert many == "| 100 |" + " – |" * 7


def test_what_the_judge_says_of_turned_clothes() -> None:
    said = read(RESOURCES / "bundles" / "fashion-studio" / "steering.json")
    arrived = {reader: said[reader]["arrived"]["value"] for reader in ("classifier", "judge")}
    least = said["judge"]["least_pair"]

    assert (least["source"], least["target"]) == ("Shirt", "Sandal")
    assert 0.3 < least["arrived"]["value"] < 0.37
    assert (
        f"C reads {100 * arrived['classifier']:.0f} % as that label and the judge {100 * arrived['judge']:.0f} %"
    ) in page(METHOD / "fine-tuning.md")


def test_what_clothes_say_of_lsd_beside_other_readers() -> None:
    less = read(RESOURCES / "bundles" / "fashion-studio" / "evaluation.json")["lsd_less_baseline"]
    sampled = {name: each["sampled"] for name, each in less.items()}
    ahead = {name: f"{100 * each['value']:.2f}" for name, each in sampled.items()}

    assert min(sampled[name]["low"] for name in ("nearest_class_mean", "lda")) > 0
    assert sampled["logistic_regression"]["low"] < 0 < sampled["logistic_regression"]["high"]
    sentence = (
        f"in `fashion-studio` {ahead['nearest_class_mean']} ahead of the nearest class mean, "
        f"{ahead['lda']} ahead of LDA, both beyond their intervals, and level with logistic regression."
    )
    for said in (ROOT / "README.md", ROOT / "docs" / "reproducing.md"):
        assert sentence in page(said)


def test_what_is_said_of_readers_that_rank_generators_is_what_was_measured() -> None:
    """By `benchmarks/generator_ranking.py`, whose answer ships."""
    found = read(METHOD / "generator-ranking.json")
    text = runpy.run_path(str(ROOT / "docs" / "tables.py"))["on_page_markdown"](page(METHOD / "generator.md"))
    tau = found["tau"]

    assert "<!-- table" not in text
    assert f"| Fréchet distance (FID∞) | {tau['frechet']['mean']:.2f} (" in text
    assert (found["trained"], found["generators"]) == (5, 25)
    assert found["classifiers"] + found["judges"] == 9
    assert tau["frechet"]["judges"] > 0.8
    assert tau["frechet"]["untouched"] > 0.9
    assert max(tau, key=lambda name: tau[name]["mean"]) == "recall"
    assert max(tau[name]["mixed"] for name in ("precision", "density")) < 0.35
    assert min(each["mixed"] for name, each in tau.items() if name not in ("precision", "density")) > 0.5
