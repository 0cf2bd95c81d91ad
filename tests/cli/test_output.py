"""What commands print: JSON that is JSON in every terminal, names that are text, and one sentence where all fails."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsd_studio.cli import main
from lsd_studio.cli.answers import answer, bars, print_table, say
from lsd_studio.cli.endings import EXIT_DONE, EXIT_MISTAKE, EXIT_UNFORESEEN
from lsd_studio.cli.output import plain, promised_to_json
from lsd_studio.engine.errors import StudioError
from tests.cli.small_run import command_line, environment

NAMES = (
    "[bold]",
    "[/]",
    ":smile:",
    "<b>x</b>",
    "$x_1^2$",
    "%s%n{0}{x!r}",
    "a&b",
    "é × ξ",
    "\x1b[31mred",
    "new\nline",
    "\u202egpj.exe",
)


@pytest.fixture
def bundle(tmp_path: Path, save_small_bundle: Callable[[Path], Path]) -> Path:
    return save_small_bundle(tmp_path / "small [b] :smile: ×")


def picture(path: Path) -> Path:
    Image.fromarray(np.random.default_rng(2).integers(0, 256, (8, 8), dtype=np.uint8)).save(path, "PNG")
    return path


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8", "utf-16"])
def test_json_on_standard_output_is_ascii_in_every_terminal(
    bundle: Path, tmp_path: Path, encoding: str
) -> None:
    image = picture(tmp_path / "× ξ.png")
    for variables in ({"PYTHONIOENCODING": encoding}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}):
        finished = subprocess.run(
            command_line("decompose", bundle, image, "--json", "-"),
            env=environment(variables),
            capture_output=True,
            check=False,
            timeout=240,
        )
        assert finished.returncode == EXIT_DONE, finished.stderr
        (found,) = json.loads(finished.stdout.decode("ascii"))
        assert found["image"] == str(image)
        table = subprocess.run(
            command_line("decompose", bundle, image),
            env=environment(variables),
            capture_output=True,
            check=False,
            timeout=240,
        )
        assert table.returncode == EXIT_DONE
        assert table.stderr == b""


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
@pytest.mark.skipif(sys.platform != "linux", reason="other file systems take no such name")
def test_a_file_named_in_any_bytes_is_decomposed(
    bundle: Path, tmp_path: Path, lsd_studio: Callable[..., subprocess.CompletedProcess[str]], encoding: str
) -> None:
    image = picture(tmp_path / os.fsdecode(b"caf\xe9 [b] \x1b[1m.png"))
    finished = lsd_studio("decompose", bundle, image, env={"PYTHONIOENCODING": encoding, "COLUMNS": "300"})
    assert finished.returncode == EXIT_DONE, finished.stderr
    named = {"utf-8": "café", "ascii": "caf\\xe9"}[encoding]
    assert f"{named} [b] \\x1b[1m.png" in finished.stdout
    in_json = lsd_studio("decompose", bundle, image, "--json", "-", env={"PYTHONIOENCODING": encoding})
    assert json.loads(in_json.stdout)[0]["image"] == str(image)
    result = tmp_path / "result.json"
    assert lsd_studio("decompose", bundle, image, "--json", result).returncode == EXIT_DONE
    assert json.loads(result.read_text("utf-8"))[0]["image"] == str(image)
    missing = lsd_studio("decompose", bundle, f"{image}-gone", env={"PYTHONIOENCODING": encoding})
    assert missing.returncode == EXIT_MISTAKE
    assert "\x1b" not in missing.stderr
    assert missing.stderr.count("\n") == 1


def commands(bundle: Path, folder: Path) -> dict[str, list[object]]:
    """A quick command of every kind that answers with JSON, without what trains or renders for minutes."""
    image, data = picture(folder / "image.png"), folder / "data"
    for split in ("train", "test"):
        for label in ("left", "right"):
            (data / split / label).mkdir(parents=True, exist_ok=True)
            picture(data / split / label / f"{split}.png")
    return {
        "decompose": ["decompose", bundle, image],
        "denoise": ["denoise", bundle, image, "--out", folder / "clean.png"],
        "operate": ["operate", bundle, image, "--path", "left,right"],
        "vectors": ["export", bundle, "--vectors", folder / "vectors"],
        "archive": ["export", bundle, "--archive", folder / "shared.zip"],
        "onnx": ["export", bundle, "--onnx", folder / "onnx"],
        "figures": [
            "figures",
            bundle,
            "--data",
            data,
            "--only",
            "2",
            "--format",
            "png",
            "--out",
            folder / "pages",
        ],
    }


@pytest.mark.parametrize("name", ["decompose", "denoise", "operate", "vectors", "archive", "onnx", "figures"])
def test_standard_output_holds_one_json_and_nothing_else(
    name: str, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", output)
    code = main([*map(str, commands(bundle, tmp_path)[name]), "--json", "-"])
    assert code == EXIT_DONE
    assert isinstance(output.buffer, io.BytesIO)
    assert json.loads(output.buffer.getvalue().decode("ascii"))


def test_what_is_printed_beside_the_result_goes_to_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    with promised_to_json():
        sys.stdout.write("a library's chatter\n")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("careful", stacklevel=1)
        say("told")
        with bars() as shown:
            shown.show("task", 0.5)
            shown.say("a line")
        print_table(("a",), [("b",)], "-")
        answer({"×": "ξ\udce9"}, "-")
    out, err = capfd.readouterr()
    assert json.loads(out) == {"×": "ξ\udce9"}
    assert out.isascii()
    assert "chatter" in err
    assert "told\na line\n" in err


def test_a_result_that_is_not_finite_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    for number in (float("nan"), float("inf")):
        with pytest.raises(StudioError, match="not finite"):
            answer({"value": number}, "-")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", NAMES)
def test_names_are_printed_as_text(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    say(name)
    with bars() as shown:
        shown.show(name, 0.5, name)
        shown.say(name)
    print_table((name,), [(name,)])
    out, err = capsys.readouterr()
    assert err == f"{plain(name)}\n" * 2
    cell = plain(name, keep="")
    assert [line.strip() for line in out.splitlines()] == [cell, cell]
    assert "\x1b" not in out + err
    assert "\u202e" not in out + err


def test_what_nobody_foresaw_is_one_sentence_and_a_log(
    lsd_studio: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """A program that is broken, here by a folder in which a part of it is missing."""
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise RuntimeError('two.\\nlines')\n")
    paths = os.pathsep.join((str(tmp_path), environment()["PYTHONPATH"]))
    finished = lsd_studio(
        "decompose",
        "mnist-studio",
        "missing.png",
        env={"PYTHONPATH": paths, "XDG_STATE_HOME": str(tmp_path / "state")},
    )
    assert finished.returncode == EXIT_UNFORESEEN
    assert finished.stdout == ""
    assert finished.stderr.startswith("lsd-studio: something went wrong inside the program (RuntimeError)")
    assert finished.stderr.count("\n") == 1
    log = Path(finished.stderr.partition("where it happened is in ")[2].strip().removesuffix("."))
    assert "Traceback" in log.read_text("utf-8")
    assert "missing.png" in log.read_text("utf-8")


def test_what_is_said_of_a_path_reads_its_bytes_as_every_name(capsys: pytest.CaptureFixture[str]) -> None:
    say(f"Done: the bundle is in {os.fsdecode(b'/runs/caf' + bytes([0xE9]))}")

    assert capsys.readouterr().err == "Done: the bundle is in /runs/café\n"
