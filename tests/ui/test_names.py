"""What people name is text in the window, whatever it looks like."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction, QFontMetrics, QTextLayout
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.basis.measures import DecodedVectors
from lsd_studio.ui.app.theme import BODY, CAPTION, ThemeManager, font
from lsd_studio.ui.basis.vector_grid import LEAST_NAME, VectorGrid
from lsd_studio.ui.basis.workspace import BasisWorkspace
from lsd_studio.ui.latent.component_curves import ComponentCurves
from lsd_studio.ui.operate.label_path import LabelPath
from lsd_studio.ui.operate.path_curves import SharesPlot
from lsd_studio.ui.plots.plots import LEAST_PLOT
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.shell.recent import Kind, Recent
from lsd_studio.ui.shell.workspaces import START, WORKSPACES
from lsd_studio.ui.widgets.painting import named_words
from lsd_studio.ui.widgets.plain_text import button_words, capitalised, plain_label, tip_words
from lsd_studio.ui.widgets.vector_names import vector_name

PATIENCE = 120_000
NAMES = (
    "<b>bold</b>",
    "<img src='file:///etc/passwd'>",
    "a & b",
    "%s {0} %d",
    "$x_1^2$",
    "_hidden",
    "[bold]x[/]",
    ":smile:",
    "Ж 日本 é",
    "&lt;i&gt;",
)


def test_a_sentence_begins_with_a_capital_unless_a_name_has_its_own() -> None:
    assert capitalised("reading IMG") == "Reading IMG"
    for unchanged in ("t-SNE, step 3", "", "E alone"):
        assert capitalised(unchanged) == unchanged


@pytest.fixture
def named_bundle(mnist_sized_bundle: Path, tmp_path: Path) -> Path:
    """A bundle whose folder and labels have names that could be taken for something else."""
    path = Path(shutil.copytree(mnist_sized_bundle, tmp_path / "<h1>A & B<"))
    manifest = json.loads((path / "manifest.json").read_text("utf-8"))
    manifest["label_names"] = NAMES
    (path / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return path


def looks_like_more(widget: QWidget) -> bool:
    """Whether a widget's text or tool tip is shown as something else than what it says."""
    rich = Qt.TextFormat.AutoText
    if isinstance(widget, QLabel) and widget.textFormat() == rich and Qt.mightBeRichText(widget.text()):
        return True
    tip = widget.toolTip()
    return Qt.mightBeRichText(tip) and any(name in tip for name in NAMES if "<" in name)


def test_names_of_bundle_and_labels_are_shown_as_they_are(
    qtbot: QtBot, bare_window: MainWindow, named_bundle: Path
) -> None:
    window = bare_window
    window.open_bundle(named_bundle)
    qtbot.waitUntil(lambda: window.selection.bundle is not None, timeout=PATIENCE)
    assert window.bundle_button.text() == "<h1>A && B<"
    for place in (*WORKSPACES, START):
        window.go_to(place.name)
        QApplication.processEvents()
        assert not window.grab().isNull()
    wrong = [each for each in window.findChildren(QWidget) if looks_like_more(each)]
    assert [(type(each).__name__, each.toolTip()) for each in wrong] == []
    for name in NAMES:
        window.message_bar.say(f"There is no {name}.")
        assert window.message_bar.text == f"There is no {name}."
    window.message_bar.hide()


def test_recent_files_are_named_as_they_are(bare_window: MainWindow, tmp_path: Path) -> None:
    for name in ("<b>&1.png", "a&b.png"):
        (tmp_path / name).write_bytes(b"")
        bare_window.recent.note(Recent(Kind.IMAGE, str(tmp_path / name)))
    actions = [action for action in bare_window.findChildren(QAction) if "png" in action.text()]
    assert {action.text() for action in actions} == {"<b>&&1.png", "a&&b.png"}
    tips = {action.toolTip() for action in actions}
    assert any(tip.startswith("<qt>") and "&lt;b&gt;&amp;1.png" in tip for tip in tips)


def test_words_for_each_kind_of_widget(qtbot: QtBot) -> None:
    for name in NAMES:
        label = plain_label(name)
        qtbot.addWidget(label)
        assert label.textFormat() is Qt.TextFormat.PlainText
        assert button_words(name).replace("&&", "&") == name
        assert "<b>" not in tip_words(name)
        assert "<img" not in tip_words(name)
    assert tip_words("a & b") == "a & b"


LONG = (
    "a label whose name is of forty characters",
    "сорок букв в имени этой метки, и ни одной",
    "شارة " * 8,
    "WWWW" * 10,
)


def test_vectors_of_labels_with_long_names_need_no_more_room(themes: ThemeManager, qtbot: QtBot) -> None:
    def grid_of(names: tuple[str, ...]) -> VectorGrid:
        grid = VectorGrid(themes, "ξ")
        qtbot.addWidget(grid)
        vectors = 40
        black = np.zeros((vectors, 28, 28, 1), np.uint8)
        read = np.arange(vectors) % 4
        grid.show_vectors(DecodedVectors(black, read, np.ones(vectors), np.ones(vectors, bool)), names)
        return grid

    grid = grid_of(LONG)
    assert grid.minimumWidth() <= grid_of(("0", "1", "2", "3")).minimumWidth() + LEAST_NAME
    grid.resize(370, 360)
    assert grid.cell_of(0).left() <= 0.3 * grid.width()
    assert grid.label_at(QPointF(20, 30)) == 0
    assert grid.label_at(grid.cell_of(0).center()) == -1


def test_names_end_where_the_words_around_them_leave_no_room() -> None:
    metrics = QFontMetrics(font(BODY, bold=True))
    assert named_words(metrics, "{} → {}", ("1", "7"), 80) == "1 → 7"
    for names in ((LONG[0], LONG[1]), (LONG[0], "7"), ("7", LONG[1])):
        words = named_words(metrics, "{} → {}   30°", names, 160)
        assert metrics.horizontalAdvance(words) <= 160
        before, after = words.removesuffix("   30°").split(" → ")
        assert before[:1] == names[0][:1]
        assert after[:1] == names[1][:1]
    assert named_words(metrics, "{} ✓", ("{long} name",), 400) == "{long} name ✓"


def test_the_number_of_a_curve_stands_below_the_top_of_a_low_plot(themes: ThemeManager, qtbot: QtBot) -> None:
    curves = ComponentCurves(themes, "Densities")
    qtbot.addWidget(curves)
    curves.resize(400, LEAST_PLOT)
    curves.show()
    middles = np.linspace(-4, 4, 33)
    curves.show_densities(middles, np.exp(-(middles**2))[None], (0,), (-4.0, 4.0), 1.0)
    for high in (LEAST_PLOT, 400, LEAST_PLOT):
        curves.resize(400, high)
        curves.grab()
        box = curves.plotItem.vb.sceneBoundingRect()
        number = curves._coloured[0][1]
        assert number.sceneBoundingRect().top() + number.textItem.document().documentMargin() >= box.top()


def test_stations_of_a_path_do_not_run_into_each_other(themes: ThemeManager, qtbot: QtBot) -> None:
    plot = SharesPlot(themes, "Probabilities along the path")
    qtbot.addWidget(plot)
    plot.resize(320, 120)
    plot.show()
    plot.show_path(LabelPath(tuple(range(4))), LONG)
    metrics = QFontMetrics(font(CAPTION))
    for wide in (320, 900):
        plot.resize(wide, 120)
        plot.grab()
        axis = plot.getPlotItem().getAxis("bottom")
        names = [name for _, name in axis._tickLevels[0]]
        assert all(metrics.horizontalAdvance(name) < axis.width() / plot._legs for name in names)


def places(words: str, *parts: str) -> list[float]:
    """Where parts of a line begin and end on average, in pixels from the left."""
    layout = QTextLayout(words, font(BODY))
    layout.beginLayout()
    line = layout.createLine()
    layout.endLayout()
    found = []
    for part in parts:
        start = words.index(part)
        ends = [line.cursorToX(place)[0] for place in range(start, start + len(part) + 1)]
        found.append(sum(ends) / len(ends))
    return found


def test_names_written_from_the_right_leave_the_footer_in_order(
    bare_window: MainWindow, mnist_sized_bundle: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    name = "حزمة"
    bare_window.open_bundle(Path(shutil.copytree(mnist_sized_bundle, tmp_path / name)))
    qtbot.waitUntil(lambda: bare_window.selection.bundle is not None, timeout=PATIENCE)
    basis = bare_window.go_to("Basis")
    assert isinstance(basis, BasisWorkspace)
    qtbot.waitUntil(lambda: basis.view is not None, timeout=PATIENCE)
    words = bare_window.source.text()
    assert (found := places(words, name, "profile", "V =", "seed")) == sorted(found), words


def test_names_written_from_the_right_leave_the_words_around_them_in_order() -> None:
    metrics, first, second = QFontMetrics(font(BODY)), "شارة", "قميص"
    for words, parts in (
        (named_words(metrics, "{} → {}", (first, second), 400), (first, "→", second)),
        (vector_name("ξ", 2, (first, second)), ("ξ", first, ", 2", ")")),
        (f"{isolated(first)}  99.4 %", (first, "99.4")),
        (f"{isolated(first)} · rotation, {isolated(second)}, 40°", (first, "rotation", second, "40")),
    ):
        assert (found := places(words, *parts)) == sorted(found), words
    assert isolated("shirt") == "shirt"
