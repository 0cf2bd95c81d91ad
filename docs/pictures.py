"""The pictures of these pages, rendered by the program, so that they never rot.

    python docs/pictures.py refresh    # render them anew
    python docs/pictures.py compare    # say which no longer look like what is shown; exit code 1 where one does not

The look at codes shows the first model that is found, and another may be added, so it is not compared. Trainings are
not shown: what one has come to when it is held depends on the machine's pace.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PIL import Image
from PySide6.QtGui import QFontInfo, QGuiApplication
from skimage.metrics import structural_similarity

from lsd_studio.ui.screenshots.rendering import save_screenshots
from lsd_studio.ui.screenshots.scenes import LOOKS

HERE = Path(__file__).resolve().parent / "pictures"
COMPARED = (
    "basis-vectors",
    "basis-inner-products",
    "decompose-drawing",
    "denoise-gaussian",
    "evaluate-figure-5",
    "operate-one",
    "start",
)
NOT_COMPARED = ("latent-planes",)
VIEW = "light-1280x800"
LEAST_SIMILARITY = 0.997
"""Mean SSIM below which a picture is another one: one more entry in the rail and the menu cost 0.004."""
FONT = "DejaVu Sans"
"""What the pictures are written in; in another font every line is another picture."""

MILLISECONDS = (slice(28, 68), slice(880, None)), (slice(124, 144), slice(130, 300))
"""Rows and columns where the header and Operate tell milliseconds, which are never the same."""


def render(folder: Path, names: tuple[str, ...]) -> dict[str, Path]:
    """The pictures of these looks, at the size and in the theme of these pages."""
    looks = [look for look in LOOKS if look[0] in names]
    save_screenshots(folder, looks=looks, progress=lambda name, _: print(name, flush=True))
    return {name: folder / f"{name}-{VIEW}.png" for name, _ in looks}


def refresh() -> int:
    """Put new pictures in the place of the old ones."""
    HERE.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        for name, path in render(Path(folder), (*COMPARED, *NOT_COMPARED)).items():
            Image.open(path).convert("RGB").save(HERE / f"{name}.png", optimize=True)
    return 0


def compare() -> int:
    """Tell how alike each picture is to what the program shows now; what differs is rendered once more."""
    differing = COMPARED
    for _ in range(2):
        with TemporaryDirectory() as folder:
            pairs = [(HERE / f"{name}.png", path) for name, path in render(Path(folder), differing).items()]
            if (font := QFontInfo(QGuiApplication.font()).family()) != FONT:
                print(f"The pictures are written in {FONT} and this machine writes {font}: not compared.")
                return 0
            likeness = [similarity(*pair) for pair in pairs]
            for (kept, path), value in zip(pairs, likeness, strict=True):
                print(f"{kept.stem}: SSIM {value:.3f}{where_they_differ(kept, path)}")
        differing = tuple(
            kept.stem for (kept, _), value in zip(pairs, likeness, strict=True) if value < LEAST_SIMILARITY
        )
        if not differing:
            return 0
    print(f"No longer as shown: {', '.join(differing)}. Render them anew: python docs/pictures.py refresh")
    return 1


def similarity(first: Path, second: Path) -> float:
    """Mean SSIM of two picture files in grey but for `MILLISECONDS`, at most 1; −1 where their sizes differ."""
    one, other = pixels(first), pixels(second)
    return float(structural_similarity(one, other)) if one.shape == other.shape else -1.0


def where_they_differ(first: Path, second: Path) -> str:
    """The rows and columns that hold every other pixel, in words; "" where there is none."""
    one, other = pixels(first), pixels(second)
    if one.shape != other.shape:
        return f", {other.shape[1]}×{other.shape[0]} for {one.shape[1]}×{one.shape[0]} pixels"
    rows, columns = np.nonzero(one != other)
    if not len(rows):
        return ""
    return f", rows {rows.min()}–{rows.max()} and columns {columns.min()}–{columns.max()} differ"


def pixels(path: Path) -> np.ndarray:
    """A picture in grey, black at `MILLISECONDS`."""
    grey = np.array(Image.open(path).convert("L"))
    for place in MILLISECONDS:
        grey[place] = 0
    return grey


if __name__ == "__main__":
    commands = {"refresh": refresh, "compare": compare}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    sys.exit(commands[sys.argv[1]]())
