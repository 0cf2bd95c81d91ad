"""Names in four scripts, in strips and figures, with the fonts that are here and with one that is made for the test."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from PIL import Image

from lsd_studio.engine.figures.drawing import draw_plot
from lsd_studio.engine.figures.spec import Axis, Bars, Mosaic, Panel, PlotFigure
from lsd_studio.engine.images.films import write_film
from lsd_studio.engine.platform.fonts import first_font, fonts_for, has_letter, with_escapes

SCRIPTS = {"Latin": "T-shirt/top", "Cyrillic": "Футболка", "Arabic": "حذاء رياضي", "Chinese": "运动鞋"}

IN_A_PROCESS = """
import sys
from pathlib import Path
import numpy as np
from lsd_studio.engine.figures.drawing import figure_bytes
from lsd_studio.engine.images.films import write_film
from lsd_studio.engine.figures.spec import Axis, Bars, FigureLook, Panel, PlotFigure
from lsd_studio.engine.platform.fonts import with_escapes

folder, words = Path(sys.argv[1]), sys.argv[2]
print(ascii(with_escapes(words)))
write_film(folder / "strip.png", np.zeros((1, 28, 28, 1), np.uint8), [words])
bars = Bars(words, np.arange(1, 4), np.ones(3), (0, 1, 2))
panel = Panel((bars,), Axis("rank", ticks=((1.0, words), (2.0, "T-shirt"))), Axis("c"), title=words)
figure = PlotFigure("named", words, (panel,), "test")
for kind in ("png", "pdf", "svg"):
    (folder / f"figure.{kind}").write_bytes(figure_bytes(figure, FigureLook(), kind))
"""


@pytest.fixture
def chinese_font(tmp_path: Path) -> Path:
    """A font that has the three letters, each a square that leaves its middle empty, where fonts are installed."""
    letters = SCRIPTS["Chinese"]
    names = [".notdef", *(f"uni{ord(letter):04X}" for letter in letters)]
    pen = TTGlyphPen(None)
    for low, high in ((0, 800), (200, 600)):
        corners = [(low, low), (low, high), (high, high), (high, low)]
        pen.moveTo(corners[0])
        for corner in corners[1:] if low == 0 else corners[:0:-1]:
            pen.lineTo(corner)
        pen.closePath()
    square = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(letter): f"uni{ord(letter):04X}" for letter in letters})
    builder.setupGlyf({name: square for name in names})
    builder.setupHorizontalMetrics({name: (900, 0) for name in names})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Three letters", "styleName": "Regular", "psName": "Three-Regular"})
    builder.setupOS2()
    builder.setupPost()
    file = tmp_path / "share" / "fonts" / "three-letters.ttf"
    file.parent.mkdir(parents=True)
    builder.save(file)
    return file


@pytest.mark.parametrize("words", SCRIPTS.values(), ids=SCRIPTS)
def test_letters_are_drawn_where_any_font_has_them(words: str) -> None:
    fonts = fonts_for(words)
    assert fonts[0] == first_font()
    drawable = all(any(has_letter(font, letter) for font in fonts) for letter in words)
    assert (with_escapes(words) == words) is drawable
    if words != SCRIPTS["Chinese"]:
        assert drawable
    elif not drawable:
        assert with_escapes(words) == r"\u8fd0\u52a8\u978b"


@pytest.mark.parametrize("words", SCRIPTS.values(), ids=SCRIPTS)
def test_installed_fonts_are_used_in_strips_and_figures(
    words: str, chinese_font: Path, tmp_path: Path
) -> None:
    finished = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", IN_A_PROCESS, tmp_path, words],
        env={**os.environ, "XDG_DATA_HOME": str(chinese_font.parents[1]), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.strip() == ascii(words)
    with Image.open(tmp_path / "strip.png") as strip:
        below = np.asarray(strip.convert("L"))[8 + 84 :]
    assert (below < 128).sum() > 20
    assert all((tmp_path / f"figure.{kind}").stat().st_size > 1000 for kind in ("png", "pdf", "svg"))


@pytest.mark.parametrize("letters", range(1, 41, 13))
def test_captions_stay_below_their_own_picture(letters: int, tmp_path: Path) -> None:
    pictures = np.zeros((3, 28, 28, 1), np.uint8)
    write_film(tmp_path / "strip.png", pictures, ["W" * letters, "", "Щ" * letters])
    with Image.open(tmp_path / "strip.png") as strip:
        below = np.asarray(strip.convert("L"))[8 + 84 :]
    inked = np.flatnonzero((below < 128).any(axis=0))
    middle = inked[(inked > 104) & (inked < 180)]
    assert middle.size == 0
    assert inked.size


@pytest.mark.parametrize("names", [("7", "0"), ("T-shirt/top", "Пальто " * 6), ("运动鞋" * 13, "Ankle boot")])
def test_names_at_ticks_never_run_into_each_other(names: tuple[str, str]) -> None:
    many = [f"{names[place % 2]},{place}" for place in range(12)]
    bars = Bars("c", np.arange(12), np.ones(12), (0,) * 12)
    ticks = tuple((float(place), name) for place, name in enumerate(many))
    mosaic = Mosaic("pictures", np.zeros((1, 12, 8, 8, 1), np.uint8), columns=tuple(many))
    panels = (Panel((mosaic,)), Panel((bars,), Axis("vector", ticks=ticks), Axis("c")))
    drawn = draw_plot(PlotFigure("named", "names", panels, "test", wide=True))
    drawn.canvas.draw()
    for axes in drawn.axes:
        shown = [each for each in axes.get_xticklabels() if each.get_text()]
        assert len(shown) == 12
        assert all(len(each.get_text()) <= 24 or "\\u" in each.get_text() for each in shown)
        if shown[0].get_rotation() == 0:
            boxes = [each.get_window_extent() for each in shown]
            assert all(left.x1 <= right.x0 for left, right in itertools.pairwise(boxes))
        else:
            assert shown[0].get_rotation() == 45
