"""What other packagers say of the program is what pyproject.toml says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import lsd_studio
from lsd_studio.cli.display import WINDOW_PACKAGES

ROOT = Path(__file__).resolve().parents[1]
RECIPE = (ROOT / "packaging" / "conda" / "recipe.yaml").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

CONDA_NAMES = {
    "torch": "pytorch",
    "lightning-fabric": "pytorch-lightning",
    "matplotlib": "matplotlib-base",
    "pyside6-essentials": "pyside6",
}


def least(requirements: list[str]) -> dict[str, str]:
    """The lowest version of each requirement by its name in small letters."""
    found = (re.match(r"([\w.-]+) ?>=([\d.]+)", requirement) for requirement in requirements)
    return {match[1].lower(): match[2] for match in found if match}


def test_the_recipe_for_conda_requires_what_pip_requires() -> None:
    asked = least(re.findall(r"^ +- (.+)$", RECIPE, re.MULTILINE))
    required = least(PROJECT["dependencies"])
    assert len(required) > 20
    assert {name: asked.get(CONDA_NAMES.get(name, name)) for name in required} == required
    assert f'version: "{lsd_studio.__version__}"' in RECIPE
    assert f'python_min: "{PROJECT["requires-python"].removeprefix(">=")}"' in RECIPE


def test_authors_are_the_same_everywhere() -> None:
    (author,) = (author["name"] for author in PROJECT["authors"])
    for file, line in (
        ("CITATION.cff", f"\nauthors:\n  - name: {author}\n"),
        ("LICENSE", f"Copyright (c) 2026 {author}\n"),
        ("packaging/joss/paper.md", f"\nauthors:\n  - name: {author}\n"),
        (
            "packaging/linux/org.lsd_studio.LSDStudio.metainfo.xml",
            f"<developer_name>{author}</developer_name>",
        ),
    ):
        assert line in (ROOT / file).read_text(encoding="utf-8"), file


def test_what_only_the_window_needs_is_required() -> None:
    window = {re.split(r"[^\w.-]", package)[0].lower() for package in WINDOW_PACKAGES.values()}
    assert window <= set(least(PROJECT["dependencies"]))
