"""`lsd-studio figures`, as a person uses it."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from lsd_studio.cli import main
from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.figures.material import Material
from lsd_studio.engine.figures.numbers import FIGURES
from lsd_studio.engine.figures.record import read_record
from lsd_studio.engine.figures.spec import PAPER_FIGURES, WIDE_FIGURES, FigureInputs, Line, Mosaic, PlotFigure
from tests.cli.small_run import Command


def test_figures_of_the_paper_are_written_with_their_data_and_origin(
    lsd_studio: Command, trained_run: Path, tmp_path: Path
) -> None:
    out = tmp_path / "figures"
    finished = lsd_studio(
        "figures",
        trained_run,
        "--out",
        out,
        "--only",
        "2a,4d,5",
        "--format",
        "svg",
        "--images",
        20,
        "--json",
        "-",
    )
    assert finished.returncode == 0, finished.stderr
    written = json.loads(finished.stdout)
    assert list(written) == ["2a", "4d", "5a", "5b", "5c"]
    bundle = open_bundle(trained_run)
    for number, paths in written.items():
        drawing, data, record = map(Path, paths)
        ElementTree.fromstring(drawing.read_bytes())
        told = read_record(record)
        assert told.number == number
        assert told.data == data.name
        assert told.bundle is not None
        assert told.bundle.hash == bundle.hash
        assert told.view is not None
    with np.load(out / "figure-4d.npz", allow_pickle=False) as arrays:
        np.testing.assert_allclose(arrays["panel1_part1_values"], bundle.basis.xi_ @ bundle.basis.xi_.T)
    assert (out / "figure-5b.csv").read_text().startswith("panel,series,kind,x,x_end,y,low,high\n")


def test_figure_3_has_as_many_samples_as_asked_for(trained_run: Path) -> None:
    material = Material(open_bundle(trained_run), FigureInputs(samples=12))
    mosaics, densities = made(material, "3a"), made(material, "3b")
    assert [panel.title for panel in mosaics.panels] == ["α = 0", "α = 1"]
    for panel in mosaics.panels:
        (mosaic,) = panel.parts
        assert isinstance(mosaic, Mosaic)
        assert mosaic.pictures.shape == (1, 12, 8, 8, 1)
    curve = densities.panels[1].parts[0]
    assert isinstance(curve, Line)
    assert np.sum(curve.y) * 0.25 == pytest.approx(1, abs=0.02)


def test_the_window_knows_which_figures_are_wide(trained_run: Path) -> None:
    material = Material(open_bundle(trained_run), FigureInputs(images=30, trials=2, samples=12))
    wide = {number for number in PAPER_FIGURES if made(material, number).wide}
    assert wide == set(WIDE_FIGURES)


def made(material: Material, number: str) -> PlotFigure:
    work = FIGURES[number].make(material)
    while True:
        try:
            next(work)
        except StopIteration as finished:
            return finished.value


def test_unknown_numbers_and_formats_name_the_nearest(
    lsd_studio: Command, trained_run: Path, tmp_path: Path
) -> None:
    out = tmp_path / "figures"
    for arguments, words in (
        (("--only", "5d"), "did you mean 5"),
        (("--format", "pfd"), "did you mean pdf?"),
    ):
        refused = lsd_studio("figures", trained_run, "--out", out, *arguments)
        assert refused.returncode == 2
        assert words in refused.stderr
        assert not out.exists()


def test_a_folder_that_nothing_was_written_into_is_not_left(tmp_path: Path) -> None:
    assert main(["figures", str(tmp_path / "no bundle"), "--out", str(tmp_path / "figures")]) == 2
    assert not list(tmp_path.iterdir())
