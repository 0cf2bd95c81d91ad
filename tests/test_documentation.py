"""What the documentation promises can be typed, and its examples do what they say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from lsd_studio import __version__
from lsd_studio.cli.arguments import parse_arguments

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
EXAMPLES = ("library.md", "extending/data-set.md", "extending/network.md")


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )


def commands() -> list[list[str]]:
    lines = [line for page in PAGES for block in blocks(page, "sh") for line in block.splitlines()]
    found = {line for line in lines if line.startswith("lsd-studio ")}
    return [shlex.split(line, comments=True)[1:] for line in sorted(found)]


@pytest.mark.parametrize("arguments", commands(), ids=" ".join)
def test_commands_are_understood(arguments: list[str]) -> None:
    assert parse_arguments(arguments).command == arguments[0]


def test_every_page_is_found_from_the_contents() -> None:
    contents = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert [page for page in PAGES if str(page.relative_to(DOCS).as_posix()) not in contents] == []


def test_pictures_are_used_and_small() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    pictures = sorted((DOCS / "pictures").glob("*.png"))
    assert set(re.findall(r"pictures/([\w-]+\.png)", text)) == {picture.name for picture in pictures}
    assert sum(picture.stat().st_size for picture in pictures) < 1_500_000


def test_the_pages_show_the_icon_of_the_window() -> None:
    assert (DOCS / "icon.svg").read_bytes() == (ROOT / "lsd_studio/ui/lsd-studio.svg").read_bytes()


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("CITATION.cff", "\nversion: {}\n"),
        ("packaging/linux/org.lsd_studio.LSDStudio.metainfo.xml", '<release version="{}"'),
    ],
)
def test_what_names_the_version_names_this_one(file: str, words: str) -> None:
    assert words.format(__version__) in (ROOT / file).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("page", "number", "said"),
    [
        ("library.md", 0, ["{'set_one':", "7 7 ["]),
        ("library.md", 1, ["True\nTrue\nTrue 400\n"]),
        ("library.md", 2, ["True"]),
        ("library.md", 3, ["mnist-studio 100"]),
        ("extending/data-set.md", 0, ["50 10"]),
        ("extending/network.md", 0, ["[[", "]]"]),
    ],
)
def test_examples_run(page: str, number: int, said: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(blocks(DOCS / page, "python")[number], page, "exec"), {})
    printed = capsys.readouterr().out
    assert all(words in printed for words in said), printed


def test_all_examples_are_run() -> None:
    assert [len(blocks(DOCS / page, "python")) for page in EXAMPLES] == [4, 1, 1]
