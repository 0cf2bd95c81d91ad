"""`lsd-studio` where there is no display: one sentence, one decomposed digit, exit code 0."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from PIL import Image

from lsd_studio.cli.display import why_no_window
from lsd_studio.cli.sample import show_sample
from tests.cli.small_run import Command

NO_DISPLAY = {"DISPLAY": None, "WAYLAND_DISPLAY": None, "QT_QPA_PLATFORM": None}

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")


@linux
@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "has no display"),
        ({"DISPLAY": ":987"}, "the display :987 does not answer"),
        ({"DISPLAY": "nonsense"}, "does not answer"),
        ({"WAYLAND_DISPLAY": "wayland-987"}, "does not answer"),
    ],
)
def test_reasons(variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NO_DISPLAY:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert expected in (why_no_window() or "")


def test_a_platform_that_was_asked_for_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert why_no_window() is None


def test_sample(
    trained_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lsd-studio-sample.png").write_text("what was there before")
    show_sample(str(trained_run))
    printed = capsys.readouterr().out
    assert "lsd-studio decompose" in printed
    assert "1 term " in printed
    assert not re.search(r"\b1 terms|\d%|-0\.00", printed)
    assert (tmp_path / "lsd-studio-sample.png").read_text() == "what was there before"
    with Image.open(tmp_path / "lsd-studio-sample-2.png") as picture:
        assert picture.width > 500
        assert len(picture.getcolors(maxcolors=1 << 20) or ()) > 10


@linux
def test_no_display(tmp_path: Path, lsd_studio: Command) -> None:
    finished = lsd_studio(cwd=tmp_path, env=NO_DISPLAY)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith("No window can be shown, because this machine has no display")
    assert "lsd-studio decompose" in finished.stdout
    assert "\n  lsd-studio screenshots DIR\n" in finished.stdout
    assert (tmp_path / "lsd-studio-sample.png").is_file()
