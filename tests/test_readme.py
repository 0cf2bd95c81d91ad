"""What README promises can be typed."""

from __future__ import annotations

import re
import runpy
import shlex
from pathlib import Path

import pytest

from lsd_studio.cli.arguments import parse_arguments

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[list[str]]:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("lsd-studio ")]


def test_what_to_expect_is_what_ships() -> None:
    """After `evaluate … --keep`, `python docs/readme_numbers.py` puts the new numbers into README."""
    assert runpy.run_path(str(ROOT / "docs" / "readme_numbers.py"))["filled"](README) == README


@pytest.mark.parametrize("arguments", commands(), ids=" ".join)
def test_commands_are_understood(arguments: list[str]) -> None:
    assert parse_arguments(arguments).command == arguments[0]


def test_the_example_reads_the_first_test_images(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = blocks("python")
    exec(compile(example, "README.md", "exec"), {})
    assert capsys.readouterr().out.split() == ["[7", "2", "1", "0", "4]"]
