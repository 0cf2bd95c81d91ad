"""Small files beside bundles and figures that anyone may have written: one sentence, bounded, nothing else raised."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.denoising.kit import read_manifest
from lsd_studio.engine.denoising.stored_curves import stored_curves
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.cache import Dependencies, stored_findings
from lsd_studio.engine.evaluation.published_metrics import published_metrics
from lsd_studio.engine.figures.files import write_figure
from lsd_studio.engine.figures.record import read_record
from lsd_studio.engine.figures.spec import FigureLook, FigureView, Line, Panel, PlotFigure
from lsd_studio.engine.operators.store import Operator, load_operators, save_operator
from lsd_studio.engine.runs.profiles import load_profile

DEEP = '{"a":' * 900 + "1" + "}" * 900
TEXTS = [
    DEEP,
    "[" * 200_000,
    "[]",
    "null",
    '"text"',
    "{}",
    '{"format": ' + "9" * 400 + "}",
    '{"format": 1e999}',
    "\x00",
]


def sentence_of(refused: pytest.ExceptionInfo[StudioError], file: Path) -> str:
    sentence = str(refused.value)
    assert file.name in sentence
    assert len(sentence.splitlines()) == 1
    assert len(sentence) < 1000
    return sentence


@pytest.fixture
def bundle(tmp_path, save_small_bundle):
    return open_bundle(save_small_bundle(tmp_path / "bundle"))


@pytest.fixture
def figure(tmp_path) -> Path:
    values = np.arange(3.0)
    panel = Panel((Line(name="line", x=values, y=values),))
    drawn = PlotFigure("line", "A line", (panel,), "nothing", settings={"steps": 3})
    view = FigureView("Decompose", {"terms": 3, "vectors": [1, 2]})
    write_figure(drawn, tmp_path, "line", (), FigureLook(), None, view)
    return tmp_path / "line.json"


@pytest.mark.parametrize("text", TEXTS)
def test_an_evaluation_beside_a_bundle(bundle, text) -> None:
    (bundle.path / "evaluation.json").write_text(text)
    said = published_metrics(bundle, "bundle")
    assert said is None or not said.measures


@pytest.mark.parametrize("text", TEXTS)
def test_a_kept_operator(bundle, text) -> None:
    file = save_operator(bundle, Operator("one", np.eye(4), "composed", ""))
    found = safetensors.numpy.load(file.read_bytes())
    stated = np.frombuffer(text.encode(), np.uint8)
    file.write_bytes(safetensors.numpy.save({**found, "stated": stated}))
    with pytest.raises(StudioError) as refused:
        load_operators(bundle)
    sentence_of(refused, file)


def test_a_pipe_in_place_of_a_kept_operator_or_of_findings(bundle, tmp_path) -> None:
    file = save_operator(bundle, Operator("one", np.eye(4), "composed", ""))
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(StudioError, match="is not a plain file"):
        load_operators(bundle)
    dependencies = Dependencies(bundle.hash, "0" * 64, "0" * 64, images=2, trials=0, seed=0)
    (bundle.path / "evaluations").mkdir()
    os.mkfifo(bundle.path / "evaluations" / dependencies.file_name)
    assert stored_findings(bundle, dependencies) is None


@pytest.mark.parametrize("text", TEXTS)
def test_stored_findings(bundle, text) -> None:
    dependencies = Dependencies(bundle.hash, "0" * 64, "0" * 64, images=2, trials=0, seed=0)
    (bundle.path / "evaluations").mkdir()
    stated = {"stated": np.frombuffer(text.encode(), np.uint8)}
    (bundle.path / "evaluations" / dependencies.file_name).write_bytes(safetensors.numpy.save(stated))
    assert stored_findings(bundle, dependencies) is None


@pytest.mark.parametrize("text", TEXTS)
def test_denoisers_and_their_curves(bundle, text) -> None:
    folder = bundle.path.parent / "kit"
    folder.mkdir()
    (folder / "manifest.json").write_text(text)
    with pytest.raises(StudioError) as refused:
        read_manifest(folder)
    sentence_of(refused, folder / "manifest.json")
    assert stored_curves(bundle) is None


@pytest.mark.parametrize("text", TEXTS)
def test_the_json_of_a_figure(figure, text) -> None:
    figure.write_text(text)
    with pytest.raises(StudioError) as refused:
        read_record(figure)
    sentence_of(refused, figure)


def test_a_figure_that_is_a_pipe_or_a_folder(tmp_path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    for file in tmp_path.iterdir():
        with pytest.raises(StudioError, match="is not a plain file"):
            read_record(file)


def test_a_view_is_read_as_it_is_told(figure) -> None:
    """What of it a workspace can show is for the workspace to say, see `tests/ui/test_restored_views.py`."""
    stated = json.loads(figure.read_text())
    for value in (3, 2**31, "x" * 2_000, {"deep": [2**40]}):
        stated["view"]["settings"]["terms"] = value
        figure.write_text(json.dumps(stated))
        view = read_record(figure).figure_view
        assert view is not None
        assert view.settings == {"terms": value, "vectors": [1, 2]}


def test_changed_bytes_in_the_json_of_a_figure_raise_nothing_else(figure) -> None:
    drawn, whole = random.Random(0), figure.read_bytes()
    refused = 0
    for _ in range(1500):
        content = bytearray(whole)
        for _ in range(drawn.choice((1, 2, 8))):
            content[drawn.randrange(len(content))] = drawn.choice(b'0915{}[]",:-e\\\x00\xff')
        figure.write_bytes(content)
        try:
            read_record(figure)
        except StudioError:
            refused += 1
    assert refused > 500


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 50_000,
        "[a]\nb = " + "9" * 5_000,
        ".".join("a" * 20_000) + " = 1",
        "name = 0x" + "f" * 50_000,
        "\x00",
    ],
)
def test_a_profile_is_refused_in_one_sentence(tmp_path, text) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(StudioError) as refused:
        load_profile(str(file))
    sentence_of(refused, file)


@pytest.mark.parametrize(
    "setting",
    [
        "gan.epochs=" + "9" * 5_000,
        "gan.epochs=" + "9" * 1_500,
        "gan.epochs=0x" + "f" * 1_900,
        "gan.epochs=" + "[" * 1_500,
        "gan.epochs=" + "[" * 900 + "]" * 900,
        ".".join("a" * 900) + "=1",
        "classifier.widths=[" + "1," * 900 + "]",
    ],
)
def test_a_setting_of_the_command_line_is_refused_in_one_sentence(setting) -> None:
    with pytest.raises(StudioError) as refused:
        load_profile("studio", (setting,))
    assert len(str(refused.value)) < 2500


def test_a_pipe_as_a_profile(tmp_path) -> None:
    os.mkfifo(tmp_path / "mine.toml")
    with pytest.raises(StudioError):
        load_profile(str(tmp_path / "mine.toml"))
