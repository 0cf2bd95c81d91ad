"""What is answered to what cannot be asked: one sentence, exit code 2, and the nearest valid word."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsd_studio.cli import main

COMMANDS = ("train", "basis", "evaluate", "decompose", "denoise", "operate", "faces", "screenshots")


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    return printed.err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main([command, "--help"])
    assert done.value.code == 0
    assert f"usage: lsd-studio {command}" in capsys.readouterr().out


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main(["--help"])
    assert done.value.code == 0
    printed = capsys.readouterr().out
    assert all(command in printed for command in COMMANDS)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["trian", "--out", "x"], "train"),
        (["evalute", "x"], "evaluate"),
        (["train", "--oot", "x"], "--out"),
        (["train", "--out", "x", "--resme"], "--resume"),
        (["evaluate", "x", "--trails", "3"], "--trials"),
    ],
)
def test_the_nearest_word_is_named(
    written: list[str], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert f"did you mean {meant}?" in complaint(capsys, *written)


@pytest.mark.parametrize(
    "written",
    [
        ["basis"],
        ["evaluate"],
        ["decompose"],
        ["decompose", "bundle"],
        ["screenshots"],
        ["evaluate", "x", "--trials", "none"],
        ["evaluate", "x", "--trials", "0"],
        ["basis", "x", "--vectors", "-5"],
        ["train", "--out", "x", "--seed", "1.5"],
        ["evaluate", "x", "y"],
    ],
)
def test_missing_or_senseless_values(written: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert "--help" in complaint(capsys, *written)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (["encoder.epoch=3"], "encoder.epochs"),
        (["latent_dimension=50"], "latent_dimensions"),
        (["gan.batchsize=3"], "gan.batch_size"),
        (["encoder.epochs=none"], "encoder.epochs"),
        (["encoder.epochs=-1"], "encoder.epochs"),
        (["encoder.epochs"], "key=value"),
    ],
)
def test_unknown_settings(
    settings: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert expected in complaint(capsys, "train", "--out", str(run), "--set", *settings)
    assert not run.exists()


def test_unknown_profile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sentence = complaint(capsys, "train", "--out", str(tmp_path / "run"), "--profile", "sudio")
    assert "did you mean studio?" in sentence


def test_unknown_data_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "run"
    assert "mnist" in complaint(capsys, "train", "--out", str(run), "--data", "minst")
    assert not run.exists()


@pytest.mark.parametrize(
    "command", [["evaluate", "nowhere"], ["decompose", "nowhere", "x.png"], ["basis", "nowhere"]]
)
def test_no_bundle(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert "nowhere is neither a bundle's folder nor the name of a shipped or imported bundle" in complaint(
        capsys, *command
    )


def test_result_that_could_not_be_written_is_told_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    destination = str(tmp_path / "missing" / "result.json")
    assert "cannot be written" in complaint(capsys, "train", "--out", str(run), "--json", destination)
    assert not run.exists()
