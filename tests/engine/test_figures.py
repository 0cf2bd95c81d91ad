"""Figures for publication: what is in the files, and that a file brings its view back."""

from __future__ import annotations

import csv
import io
import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.patches import PathPatch
from PIL import Image

from lsd_studio.engine.api import Engine
from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures import draw
from lsd_studio.engine.figures.choosing import chosen_numbers
from lsd_studio.engine.figures.drawing import draw_plot, figure_bytes
from lsd_studio.engine.figures.files import write_figure
from lsd_studio.engine.figures.numbers import FIGURES
from lsd_studio.engine.figures.record import read_record
from lsd_studio.engine.figures.spec import (
    PAPER_FIGURES,
    Axis,
    Bars,
    FigureFormat,
    FigureLook,
    FigureStyle,
    FigureView,
    Heatmap,
    Line,
    Mosaic,
    NumberedFigure,
    Panel,
    PlotFigure,
    Points,
    Rule,
    Steps,
)
from lsd_studio.engine.operations.figures import ReadFigure
from lsd_studio.engine.platform.fonts import with_escapes

SaveBundle = Callable[[Path], Path]

X = np.arange(1, 6)
Y = np.array([0.1, 1 / 3, np.pi, np.nan, 1e-9])


def curves() -> PlotFigure:
    """Every part that is no picture, with Greek, a logarithmic axis and a sign that could be read as mathematics."""
    left = Panel(
        (
            Line("λ·loss, $10", X, Y, "blue", low=Y - 0.1, high=Y + 0.1, mark="diamond"),
            Points("measured", X, Y, "red", "cross", low=Y - 0.2, high=Y + 0.3),
            Rule("noise floor", 0.5, ink="purple"),
        ),
        Axis("step"),
        Axis("KL", "nats"),
        title="α − β",
    )
    right = Panel(
        (
            Bars("shares", X, Y, (0, 1, 2, 3, 12)),
            Steps("counts", np.arange(4.0), np.array([1.0, 4.0, 9.0]), "teal"),
        ),
        Axis("rank"),
        Axis("value", logarithmic=True),
    )
    return PlotFigure("curves", "Curves", (left, right), "a test", "A caption.", columns=2, wide=True)


def pictures() -> PlotFigure:
    """A matrix and a mosaic."""
    matrix = Heatmap("⟨η|η⟩", np.arange(-8.0, 8.0).reshape(4, 4), "signed", group=2)
    random = np.random.default_rng(0)
    mosaic = Mosaic(
        "digits",
        random.integers(0, 256, (2, 3, 8, 8, 1), np.uint8),
        ("0", "1"),
        ("1", "2", "3"),
        marked=np.eye(2, 3, dtype=bool),
    )
    return PlotFigure("pictures", "Pictures", (Panel((matrix,)), Panel((mosaic,))), "a test", columns=2)


def test_type_is_embedded_in_pdf_as_truetype_and_none_as_drawings() -> None:
    content = figure_bytes(curves(), FigureLook(), "pdf")
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    assert content.startswith(b"%PDF")
    assert b"/FontFile2" in content
    assert b"/DejaVuSans" in content.replace(b"+", b"/")
    assert b"/Type3" not in content
    assert any(b" Tj" in _inflated(stream) or b" TJ" in _inflated(stream) for stream in streams)


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def test_svg_is_xml_without_type_or_links_and_of_the_chosen_size() -> None:
    root = ElementTree.fromstring(figure_bytes(pictures(), FigureLook(width=120, height=60), "svg"))
    assert root.attrib["width"] == f"{120 / 25.4 * 72:.6f}".rstrip("0") + "pt"
    assert not list(root.iter("{http://www.w3.org/2000/svg}text"))
    links = [value for part in root.iter() for name, value in part.attrib.items() if name.endswith("href")]
    assert links
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in links)


@pytest.mark.parametrize(("figure", "kind"), [(curves(), "pdf"), (pictures(), "svg")], ids=["pdf", "svg"])
def test_the_same_description_gives_the_same_bytes(figure: PlotFigure, kind: FigureFormat) -> None:
    assert figure_bytes(figure, FigureLook(), kind) == figure_bytes(figure, FigureLook(), kind)


@pytest.mark.parametrize(("style", "width"), [("column", 86), ("double", 178), ("slide", 254)])
def test_png_has_the_width_of_its_style_and_shows_something_to_its_edges(
    style: FigureStyle, width: int
) -> None:
    png = figure_bytes(curves(), FigureLook(style, dpi=100), "png")
    with Image.open(io.BytesIO(png)) as image:
        assert image.width == int(width / 25.4 * 100)
        dark = np.argwhere(np.asarray(image.convert("L")) < 200)
    assert dark.min() > 0
    assert dark[:, 1].max() > 0.95 * image.width


def test_csv_holds_every_point_exactly(tmp_path: Path) -> None:
    paths = write_figure(curves(), tmp_path, "curves", ("svg",), FigureLook(), None, None)
    assert [path.name for path in paths] == ["curves.svg", "curves.csv", "curves.json"]
    with paths[1].open(newline="") as file:
        rows = list(csv.DictReader(file))
    line = [row for row in rows if row["kind"] == "line"]
    assert {row["series"] for row in line} == {"λ·loss, $10"}
    for column, values in (("x", X), ("y", Y), ("low", Y - 0.1), ("high", Y + 0.1)):
        np.testing.assert_array_equal([float(row[column]) for row in line], values)
    bins = [(row["x"], row["x_end"], row["y"]) for row in rows if row["kind"] == "steps"]
    assert bins == [("0.0", "1.0", "1.0"), ("1.0", "2.0", "4.0"), ("2.0", "3.0", "9.0")]
    assert [row["y"] for row in rows if row["kind"] == "rule"] == ["0.5"]


def test_npz_holds_matrices_and_pictures_and_the_record_says_what_they_are(tmp_path: Path) -> None:
    figure = pictures()
    (matrix,), (mosaic,) = (panel.parts for panel in figure.panels)
    assert isinstance(matrix, Heatmap)
    assert isinstance(mosaic, Mosaic)
    write_figure(figure, tmp_path, "both", ("png",), FigureLook(dpi=50), None, None)
    record = read_record(tmp_path / "both.json")
    with np.load(tmp_path / record.data, allow_pickle=False) as arrays:
        assert set(arrays) == set(record.arrays)
        np.testing.assert_array_equal(arrays["panel1_part1_values"], matrix.values)
        np.testing.assert_array_equal(arrays["panel2_part1_pictures"], mosaic.pictures)
    assert record.arrays["panel1_part1_values"] == "⟨η|η⟩ · values"


def test_a_record_is_strict(tmp_path: Path) -> None:
    write_figure(
        curves(), tmp_path, "curves", ("svg",), FigureLook(), None, FigureView("Train", {"stage": "gan"})
    )
    path = tmp_path / "curves.json"
    stated = json.loads(path.read_text())
    assert read_record(path).figure_view == FigureView("Train", {"stage": "gan"})
    for change, words in (
        ({"format": "something"}, "describes no figure"),
        ({"colour": 1}, "field colour"),
        ({"look": {**stated["look"], "dpi": 10**6}}, "field look.dpi"),
        ({"versions": {"python": 3}}, "field versions.python"),
    ):
        path.write_text(json.dumps({**stated, **change}))
        with pytest.raises(StudioError, match=words):
            read_record(path)
    path.write_text("[" * 100_000)
    with pytest.raises(StudioError, match="at most 50 levels"):
        read_record(path)


def test_numbers_name_one_figure_or_all_of_its_parts() -> None:
    assert chosen_numbers(["5c", "4"]) == ("4a", "4b", "4c", "4d", "5c")
    assert chosen_numbers(list(FIGURES)) == tuple(FIGURES) == PAPER_FIGURES
    with pytest.raises(StudioError, match="did you mean 4"):
        chosen_numbers(["4e"])


def colour_bar(values: np.ndarray, end: float, linear_within: float | None = None) -> tuple[int, list[str]]:
    """How many arrows the scale of colours has beyond its ends, and its words."""
    part = Heatmap("⟨η|η⟩", values, "signed", ends=(-end, end), linear_within=linear_within)
    bar = draw_plot(PlotFigure("bar", "Bar", (Panel((part,)),), "a test")).axes[1]
    arrows = sum(isinstance(child, PathPatch) for child in bar.get_children())
    return arrows, [tick.get_text() for tick in bar.get_yticklabels()]


def test_a_scale_of_colours_goes_on_only_where_values_do_and_names_far_ends() -> None:
    rounded, beyond = np.eye(3) * 100 * (1 + 1e-15), np.eye(3) * 101.0
    assert [colour_bar(values, 100.0)[0] for values in (rounded, beyond)] == [0, 1]
    words = colour_bar(np.eye(3) * 82.4, 82.4, linear_within=1.0)[1]
    assert words == ["−82", "−10", "−1", "0", "1", "10", "82"]
    assert colour_bar(np.eye(3) * 12.0, 12.0, linear_within=1.0)[1] == ["−10", "−1", "0", "1", "10"]


def test_sizes_out_of_range_are_refused() -> None:
    with pytest.raises(StudioError, match="20 to 1000 mm wide"):
        figure_bytes(curves(), FigureLook(width=5), "png")
    with pytest.raises(StudioError, match="nothing to draw"):
        figure_bytes(PlotFigure("empty", "Empty", (), "a test"), FigureLook(), "png")


def test_a_png_of_too_many_pixels_is_refused_with_the_resolution_that_fits() -> None:
    """1 000 × 1 000 mm at 1 200 dpi would take 66 GiB of memory."""
    large = FigureLook(width=1000, height=1000, dpi=1200)
    with pytest.raises(
        StudioError, match="47244 × 47244 pixels, more than 100 million: choose at most 253 dots"
    ):
        figure_bytes(curves(), large, "png")
    with pytest.raises(StudioError, match="choose at most"):
        figure_bytes(curves(), FigureLook(width=1000, dpi=1200), "png")
    picture = Mosaic("pictures", np.zeros((1, 1, 8, 8, 3), np.uint8))
    content = figure_bytes(PlotFigure("p", "P", (Panel((picture,)),), "a test"), large, "pdf")
    assert len(content) < 1_000_000


@pytest.mark.parametrize("kind", ["png", "pdf", "svg"])
@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("$x_1$", "$x_1$"),
        ("_hidden", "\N{HAIR SPACE}_hidden"),
        ("%s {0} %", "%s {0} %"),
        ("<b>&amp;", "<b>&amp;"),
        ("caf\udce9", "caf\\udce9"),
        ("a\x00\x1b[1m", "a\\x00\\x1b[1m"),
        ("line\nline", "line\nline"),
        ("Ж 日 é", with_escapes("Ж 日 é")),
    ],
)
@pytest.mark.filterwarnings("error:Glyph")
def test_what_people_name_is_text_in_figures(name: str, written: str, kind: FigureFormat) -> None:
    line = np.arange(3.0)
    parts = (Line(name, line, line), Line("other", line, line))
    ticks = ((0.0, name), (1.0, "b"))
    figure = PlotFigure("named", name, (Panel(parts, Axis(name, ticks=ticks), Axis(name), name),), name, name)
    assert len(figure_bytes(figure, FigureLook(dpi=50), kind)) > 1000
    (axes,) = draw_plot(figure).axes
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [written, "other"]
    assert axes.get_title() == axes.get_xlabel() == written.removeprefix("\N{HAIR SPACE}")


def test_draw_gives_a_figure_of_the_paper_for_notebooks(
    save_small_bundle: SaveBundle, tmp_path: Path
) -> None:
    bundle = open_bundle(save_small_bundle(tmp_path / "small"))
    drawn = draw("4d", bundle)
    values = drawn.axes[0].images[0].get_array()
    np.testing.assert_allclose(np.asarray(values), 4 * np.eye(4), atol=1e-12)
    with Image.open(io.BytesIO(drawn._repr_png_())) as shown:
        assert shown.width == int(150 * drawn.get_figwidth())


def test_a_figure_brings_its_bundle_and_its_view_back(save_small_bundle: SaveBundle, tmp_path: Path) -> None:
    path = save_small_bundle(tmp_path / "small")
    view = FigureView("Basis", {"view": "products", "range": 12})
    with Engine() as engine:
        engine.bundles.open(path).result()
        engine.figures.save(pictures(), tmp_path / "mine.svg", FigureLook(), view).result()
        saved = engine.figures.save(NumberedFigure("4b"), tmp_path / "four", formats=("svg", "png")).result()
        assert [file.name for file in saved.files[:2]] == ["four.svg", "four.png"]
        assert saved.files[-1] == tmp_path / "four.json"
        rendered = engine.figures.render(NumberedFigure("4a"), FigureLook(dpi=80)).result()
        with Image.open(io.BytesIO(rendered.png)) as image:
            assert image.size == (rendered.width, rendered.height)
    record = read_record(tmp_path / "mine.json")
    assert record.bundle is not None
    assert record.bundle.hash == open_bundle(path).hash
    assert record.bundle.seeds == {"training": 1}
    with Engine() as engine:
        mine = engine.figures.read(tmp_path / "mine.json").result()
        four = engine.figures.read(tmp_path / "four.json").result()
    assert mine.opened is not None
    assert (mine.opened.path, mine.view) == (path, view)
    assert four == ReadFigure(
        "All ξ, decoded",
        read_record(tmp_path / "four.json").source,
        FigureView("Basis", {"view": "vectors"}),
    )


def test_a_figure_of_a_bundle_that_is_nowhere_says_so(save_small_bundle: SaveBundle, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    with Engine() as engine:
        engine.bundles.open(save_small_bundle(tmp_path / "small")).result()
        engine.figures.save(pictures(), away / "mine.png", FigureLook(dpi=50), FigureView("Basis")).result()
    with Engine() as engine, pytest.raises(StudioError, match="open it first"):
        engine.figures.read(away / "mine.json").result()
