"""What README and docs/workspaces/denoise.md say of denoising, from the curves that ship with mnist-studio.

lsd-studio denoise mnist-studio --data mnist --number 40 --keep    # measures them anew
python docs/denoising_numbers.py                                    # puts what they say into both pages
"""

from __future__ import annotations

import re
from pathlib import Path

from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.denoising.curves import Curves, KindCurves
from lsd_studio.engine.denoising.denoised_image import amount
from lsd_studio.engine.denoising.methods import control_of
from lsd_studio.engine.denoising.stored_curves import stored_curves
from lsd_studio.engine.denoising.verdicts import CHAMPION, WORDS

ROOT = Path(__file__).resolve().parents[1]
PAGES = {"README.md": "summary", "docs/workspaces/denoise.md": "table"}
COLUMNS = {
    "noisy": "noisy",
    "truncation in ξ, best of 3": "",
    "the same, random basis": "",
    "PCA": "principal_components",
    "linear regression": "linear_regression",
    "8 descents on G's prior, no ξ": CHAMPION,
    "autoencoder": "autoencoder",
}


def shipped() -> Curves:
    """The curves that ship."""
    curves = stored_curves(open_bundle("mnist-studio"))
    assert curves is not None
    return curves


def table(curves: Curves) -> str:
    """Mean PSNR in dB of the methods that matter, a row a level; then what the program says of each kind of noise."""
    lines = [
        f"| PSNR (dB), {curves.images} test images, seed {curves.seed} | {' | '.join(COLUMNS)} |",
        "| --- " * (len(COLUMNS) + 1) + "|",
    ]
    for kind in curves.kinds:
        for place, level in enumerate(kind.levels):
            if level:
                cells = [f"{value:.1f}" for value in _values(curves, kind, place)]
                lines.append(f"| {WORDS[kind.kind]}, {amount(kind.kind, level)} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", *(f"- {kind.verdict}" for kind in curves.kinds)])


def _inside(words: str) -> str:
    """Words within a sentence; only Gauss keeps his capital."""
    return words if words.startswith("Gauss") else words.lower()


def summary(curves: Curves) -> str:
    """A paragraph for README: the smallest and the largest difference over the levels of a kind of noise."""
    behind, control = [], []
    for kind in curves.kinds:
        for place in range(1, len(kind.levels)):
            _, in_xi, random, _, regression, *_ = _values(curves, kind, place)
            behind.append(regression - in_xi)
            control.append(in_xi - random)
    champion = "; ".join(
        f"{_inside(WORDS[kind.kind])} {_range(_ahead(kind, 'classical', curves))}" for kind in curves.kinds
    )
    learned = "; ".join(
        f"{_inside(WORDS[kind.kind])} {_range(_ahead(kind, 'learned', curves))}" for kind in curves.kinds
    )
    return "\n".join(
        (
            f"Denoising, mean PSNR of {curves.images} test images (`lsd-studio denoise mnist-studio --data mnist "
            f"--number {curves.images}`, seed {curves.seed}).",
            "Truncation in ξ, which the paper calls denoising, the best of three at each level, is "
            f"{min(behind):.1f} to {max(behind):.1f} dB behind linear regression on",
            f"the pixels, and {_range(control)} dB beside the same truncation in a random orthogonal basis. What does "
            "denoise uses no ξ: eight descents",
            "on G's prior, averaged, against the best of linear regression, PCA of any number of components, total "
            f"variation and non-local means: {champion} dB.",
            f"Against the denoising autoencoder, trained on all four kinds of noise: {learned} dB.",
        )
    )


def _values(curves: Curves, kind: KindCurves, place: int) -> tuple[float, ...]:
    def psnr(name: str) -> float:
        return float(kind.methods[name]["psnr"].values[place])

    in_xi = max((name for name in kind.methods if curves.families[name] == "lsd"), key=psnr)
    chosen = iter((in_xi, control_of(in_xi)))
    return tuple(psnr(name or next(chosen)) for name in COLUMNS.values())


def _ahead(kind: KindCurves, family: str, curves: Curves) -> list[float]:
    """By how much the champion is ahead of the best method of a family that is not told where the noise hit."""
    rivals = [
        name for name in kind.methods if curves.families[name] == family and not name.endswith("_known")
    ]
    return [
        float(kind.methods[CHAMPION]["psnr"].values[place])
        - max(float(kind.methods[name]["psnr"].values[place]) for name in rivals)
        for place in range(1, len(kind.levels))
    ]


def _range(values: list[float]) -> str:
    low, high = (f"{value:+.1f}".replace("-", "−") for value in (min(values), max(values)))
    return f"{low} to {high}"


def filled(page: str, text: str) -> str:
    """The text of a page with what is between its two marks told anew."""
    mark = "denoising numbers"
    told = {"table": table, "summary": summary}[PAGES[page]](shipped())
    between = re.compile(rf"(<!-- {mark} -->\n).*?(\n<!-- end -->)", re.DOTALL)
    assert between.search(text), f"{page} has no marks"
    return between.sub(lambda found: found[1] + told + found[2], text)


if __name__ == "__main__":
    for page in PAGES:
        path = ROOT / page
        path.write_text(filled(page, path.read_text(encoding="utf-8")), encoding="utf-8")
