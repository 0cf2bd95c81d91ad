"""README's tables of what to expect, from what was measured of the bundles that ship.

lsd-studio evaluate BUNDLE --data DATA --trials 20 --keep    # measures one of them anew
lsd-studio evaluate BUNDLE --data DATA --steering --keep
python docs/readme_numbers.py                                # puts the numbers into README
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "resources" / "bundles"
NONE = "–"
SPACE = "\N{NO-BREAK SPACE}"
STYLE = ("slant", "ink", "width", "height")
Cell = Callable[[Any], str]


def expected() -> str:
    """What the paper says, and what `evaluation.json` says of every bundle with a basis."""
    measured = _measured("evaluation.json")
    rows: list[tuple[str, str, Cell]] = [
        ("test images", f"10{SPACE}000 of MNIST", _images),
        ("C, accuracy", "98.9 %", _share("classifier_accuracy")),
        ("E→G→C, sampled z", "≈ 94 %", _share("reconstruction_accuracy.sampled")),
        ("E→G→C, mean μ", NONE, _share("reconstruction_accuracy.mean")),
        ("LSD argmax \\|c\\|, sampled z, set 1 only", "≈ 92 %", _share("lsd_accuracy.sampled.set_one")),
        ("LSD, largest signed c of set 1, sampled z", NONE, _share("lsd_accuracy.sampled.signed")),
        (
            "LSD, mean μ, signed / absolute",
            NONE,
            _joined(" / ", "lsd_accuracy.mean.signed", "lsd_accuracy.mean.set_one", of=_percent),
        ),
        ("weight of the loss that trained E to be read so", "0", _plain("chosen_for.amplitude_weight", "g")),
        (
            "logistic regression / LDA / nearest class mean on the same sampled z",
            NONE,
            _joined(
                " / ",
                *(
                    f"baselines.{name}.sampled"
                    for name in ("logistic_regression", "lda", "nearest_class_mean")
                ),
                of=_percent,
            ),
        ),
        ("LSD less LDA, the same images and draws", NONE, _difference("lsd_less_baseline.lda.sampled")),
        ("LSD less nearest class mean", NONE, _difference("lsd_less_baseline.nearest_class_mean.sampled")),
        (
            "LSD less logistic regression",
            NONE,
            _difference("lsd_less_baseline.logistic_regression.sampled"),
        ),
        (
            "true label in the top 4 of 100 by \\|c\\|, sampled z",
            "98.9 %",
            _joined("", "among_first_four.sampled.absolute", of=_percent),
        ),
        ("winners in set 1", "99 %", _joined("", "set_one_share", of=_percent)),
        (
            "ξ that C∘G gives their own label, of these chosen for it",
            "≈ 20 of 100, 0",
            lambda found: ", ".join(
                (
                    f"{100 * found['basis']['xi_label_rate']:.0f} of 100",
                    f"{100 * found['chosen_for']['xi']:.0f}",
                )
            ),
        ),
        (
            "MSE of the 20 largest terms of 500 images: the basis / random past set 1 / principal axes",
            NONE,
            _joined(
                " / ",
                *(f"basis.truncation.{name}" for name in ("own", "random_complement", "principal_axes")),
                of=lambda value: f"{value:.3f}",
            ),
        ),
        (
            "orthogonality error, largest entry of \\|ξξᵀ/M − I\\|",
            NONE,
            _plain("basis.orthogonality_error", ".1e"),
        ),
        (
            "SSIM of the mean reconstruction / after refinement (100 images)",
            NONE,
            _joined(
                " / ", "reconstruction.ssim", "reconstruction.refined.ssim", of=lambda value: f"{value:.3f}"
            ),
        ),
        ("weight of the loss that trained turns to be read so", "0", _plain("chosen_for.turn_weight", "g")),
        (
            "weights of the losses that held their style: in the picture / in the code",
            "0",
            _joined(
                " / ", "chosen_for.likeness_weight", "chosen_for.cycle_weight", of=lambda value: f"{value:g}"
            ),
        ),
        (
            "turned by the rotation from label α to α + 1, mean μ, C reads α + 1",
            NONE,
            _share("paths.rotation.endpoint_rate"),
        ),
        ("of these, style kept: r of slant, ink, width, height", NONE, _style("paths.rotation.style")),
        (
            "the same with half of it, through the labels' averages",
            NONE,
            _share("paths.half_through_averages.endpoint_rate"),
        ),
        ("of these, style kept", NONE, _style("paths.half_through_averages.style")),
        (
            "the same with nothing but the label (the transport, Eq. 11)",
            NONE,
            lambda found: _of_codes(found["paths"]["transport"]["endpoint_rate"]),
        ),
    ]
    return _table(
        (
            "on all test images, 20 trials (95 % interval)",
            "the paper says",
            *(f"`{name}`" for name in measured),
        ),
        [(words, paper, *(cell(found) for found in measured.values())) for words, paper, cell in rows],
    )


def steered() -> str:
    """What `steering.json` says of the bundles that have one."""
    rows: list[tuple[str, Cell]] = []
    for name, reader in (("C", "classifier"), ("the judge", "judge")):
        rows += [
            (f"read by {name} as the label turned to", _share(f"{reader}.arrived")),
            (f"least pair of labels, by {name}", _least_pair(reader)),
            (f"least station of the walk through all labels, by {name}", _least_station(reader)),
            (
                f"Fréchet distance of random samples on the features of {name} / of halves of the images",
                _joined(
                    " / ",
                    f"{reader}.frechet.random",
                    f"{reader}.frechet.halves_of_images",
                    of=lambda value: f"{value:.2f}",
                ),
            ),
        ]
    rows += [
        ("style kept: r of slant, ink, width, height", _style("style")),
        (
            "PSNR / SSIM of the mean reconstruction",
            lambda found: (
                f"{_at(found, 'reconstruction.psnr'):.1f} dB / {_at(found, 'reconstruction.ssim'):.3f}"
            ),
        ),
    ]
    measured = _measured("steering.json")
    return _table(
        ("each test image turned by the rotation to each other label", *(f"`{name}`" for name in measured)),
        [(words, *(cell(found) for found in measured.values())) for words, cell in rows],
    )


def filled(text: str) -> str:
    """README's text with its tables told anew."""
    for mark, table in (("what to expect", expected), ("steering", steered)):
        between = re.compile(rf"(<!-- {mark} -->\n).*?(\n<!-- end -->)", re.DOTALL)
        assert between.search(text), f"README has no marks of {mark}"
        told = table()
        text = between.sub(lambda found, told=told: found[1] + told + found[2], text)
    return text


def _measured(file: str) -> dict[str, Any]:
    """What was measured of each bundle that has it; the method's own first, then in alphabetical order."""
    found = {
        path.parent.name: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(SHIPPED.glob(f"*/{file}"))
    }
    return {
        name: found[name] for name in sorted(found, key=lambda name: (not name.startswith("mnist"), name))
    }


def _images(measured: Any) -> str:
    name = {"mnist": "MNIST", "fashion-mnist": "Fashion-MNIST"}[measured["data"]["name"]]
    return f"{measured['images']:,} of {name}".replace(",", SPACE)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _found(measured: Any, key: str) -> Any:
    for part in key.split("."):
        measured = measured.get(part) if isinstance(measured, dict) else None
    return measured


def _at(measured: Any, key: str) -> Any:
    found = _found(measured, key)
    return found["value"] if isinstance(found, dict) else found


def _percent(value: float) -> str:
    return f"{100 * value:.2f} %"


def _share(key: str) -> Cell:
    def cell(measured: Any) -> str:
        found = _found(measured, key)
        if found is None:
            return NONE
        value, low, high = (f"{100 * found[part]:.2f}" for part in ("value", "low", "high"))
        return f"{value} % ({low} … {high})"

    return cell


def _difference(key: str) -> Cell:
    def cell(measured: Any) -> str:
        found = _found(measured, key)
        value, low, high = (
            f"{100 * found[part]:+.2f}".replace("-", "−") for part in ("value", "low", "high")
        )
        return f"{value} ({low} … {high})"

    return cell


def _joined(between: str, *keys: str, of: Callable[[float], str]) -> Cell:
    def cell(measured: Any) -> str:
        values = [_at(measured, key) for key in keys]
        return NONE if None in values else between.join(map(of, values))

    return cell


def _style(key: str) -> Cell:
    return _joined(", ", *(f"{key}.{name}" for name in STYLE), of=lambda value: f"{value:.2f}")


def _plain(key: str, form: str) -> Cell:
    def cell(measured: Any) -> str:
        value = _at(measured, key)
        return NONE if value is None else f"{value:{form}}"

    return cell


def _of_codes(arrived: dict[str, float]) -> str:
    """Images of a label come to one code, so that codes are what counts."""
    count = round(arrived["count"])
    return f"{round(arrived['value'] * count)} of {count} codes: at least {100 * arrived['low']:.0f} %"


def _least_pair(reader: str) -> Cell:
    def cell(measured: Any) -> str:
        least = _found(measured, f"{reader}.least_pair")
        return (
            NONE
            if least is None
            else f"{least['source']} → {least['target']}: {_of_images(least['arrived'])}"
        )

    return cell


def _least_station(reader: str) -> Cell:
    def cell(measured: Any) -> str:
        least = _found(measured, f"{reader}.walk.least")
        return NONE if least is None else f"{least['station']}: {_of_images(least['read'])}"

    return cell


def _of_images(share: dict[str, float]) -> str:
    return f"{100 * share['value']:.1f} % of {share['count']}"


if __name__ == "__main__":
    page = ROOT / "README.md"
    page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
