"""What the documentation promises can be typed, and its examples do what they say."""

from __future__ import annotations

import json
import re
import runpy
import shlex
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from lsd_studio import __version__
from lsd_studio.cli.arguments import parse_arguments
from lsd_studio.engine.studies.study import load_study

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
OUTSIDE = [
    ROOT / name
    for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "packaging/README.md")
]
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


def test_the_study_that_is_shown_is_sound(tmp_path: Path) -> None:
    (text,) = blocks(DOCS / "studies.md", "toml")
    file = tmp_path / "shown.toml"
    file.write_text(text, encoding="utf-8")
    assert len(load_study(str(file)).trainings(tmp_path)) == 20


def test_every_page_is_found_from_the_contents() -> None:
    contents = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert [page for page in PAGES if str(page.relative_to(DOCS).as_posix()) not in contents] == []


@pytest.mark.parametrize("notebook", sorted(DOCS.rglob("*.ipynb")), ids=lambda notebook: notebook.stem)
def test_a_tutorial_is_kept_without_what_its_cells_print_and_is_found_from_the_contents(
    notebook: Path,
) -> None:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert code
    assert not any(cell["outputs"] or cell["execution_count"] for cell in code)
    page = notebook.relative_to(DOCS).with_suffix(".md").as_posix()
    assert f"- {page}\n" in (ROOT / "mkdocs.yml").read_text(encoding="utf-8")


def test_pictures_are_used_and_small() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    pictures = sorted((DOCS / "pictures").glob("*.png"))
    assert set(re.findall(r"pictures/([\w-]+\.png)", text)) == {picture.name for picture in pictures}
    assert sum(picture.stat().st_size for picture in pictures) < 1_500_000


def test_the_pages_show_the_icon_of_the_window() -> None:
    assert (DOCS / "icon.svg").read_bytes() == (ROOT / "lsd_studio/ui/app/lsd-studio.svg").read_bytes()


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("CHANGELOG.md", "\n## {} – "),
        ("CITATION.cff", "\nversion: {}\n"),
        ("packaging/linux/org.lsd_studio.LSDStudio.metainfo.xml", '<release version="{}"'),
    ],
)
def test_what_names_the_version_names_this_one(file: str, words: str) -> None:
    assert words.format(__version__) in (ROOT / file).read_text(encoding="utf-8")


def test_the_date_of_the_version_is_everywhere_the_same() -> None:
    (date,) = re.findall(r'^date-released: "(.*)"', (ROOT / "CITATION.cff").read_text(), re.MULTILINE)
    assert f"\n## {__version__} – {date}\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    metainfo = ROOT / "packaging/linux/org.lsd_studio.LSDStudio.metainfo.xml"
    assert f'<release version="{__version__}" date="{date}"' in metainfo.read_text()


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as the host of the repository and mkdocs make them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", OUTSIDE, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    """Of the pages that mkdocs does not see."""
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    for target, _, anchor in (link.partition("#") for link in links if "://" not in link):
        found = page.parent / target if target else page
        assert found.exists(), target
        assert not anchor or anchor in headings(found), f"{target}#{anchor}"


def test_files_that_are_named_are_there() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/.]+)`", text)
    assert named
    assert [file for file in named if not (ROOT / file).is_file()] == []


def test_what_contributors_type_is_what_is_checked() -> None:
    checked = (ROOT / ".ci" / "run").read_text() + (DOCS / "extending" / "index.md").read_text(
        encoding="utf-8"
    )
    typed = [line for block in blocks(ROOT / "CONTRIBUTING.md", "sh") for line in block.splitlines()]
    assert [line for line in typed if line not in checked] == []


def imported(text: str) -> set[tuple[str, str]]:
    """Module and name of what the text imports from the engine."""
    lines = re.findall(r"^(?:>>> )?from (lsd_studio\.engine[\w.]*) import (.+)$", text, re.MULTILINE)
    return {(module, name) for module, names in lines for name in names.split(", ")}


def test_the_names_that_are_promised_are_there_and_examples_need_no_other() -> None:
    (promised,) = blocks(DOCS / "versions.md", "python")
    exec(compile(promised, "versions.md", "exec"), {})
    examples = (ROOT / "README.md", DOCS / "library.md", ROOT / "lsd_studio" / "engine" / "__init__.py")
    used = set().union(*(imported(example.read_text(encoding="utf-8")) for example in examples))
    assert used - imported(promised) == set()


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


def test_the_tables_of_autoencoders_are_those_that_were_measured() -> None:
    """By `benchmarks/autoencoders.py`, whose answer ships; the sentences beside them hold for it."""
    specification = spec_from_file_location("tables", DOCS / "tables.py")
    assert specification is not None
    assert specification.loader is not None
    tables = module_from_spec(specification)
    specification.loader.exec_module(tables)
    page = tables.on_page_markdown((DOCS / "method" / "latent-space.md").read_text(encoding="utf-8"))
    assert "<!-- table" not in page
    assert "| with | 0 | 17.5 dB |" in page
    assert "| without | 2 | 16.5 dB |" in page
    measured = json.loads((DOCS / "method" / "autoencoders.json").read_text())
    usual = [
        each for each in measured if each["latent_dimensions"] == 12 and each["widths"] == [16, 32, 64, 64]
    ]
    by_kind = [[each for each in usual if each["batch_normalisation"] is kind] for kind in (True, False)]
    assert [[each["seed"] for each in kind] for kind in by_kind] == [[0, 1, 2], [0, 1, 2]]
    for seed in range(3):
        normalised, plain = (kind[seed] for kind in by_kind)
        assert 0.75 <= round(normalised["psnr"] - plain["psnr"], 2) < 1.55
        assert plain["largest_correlation"] > normalised["largest_correlation"]
        assert plain["radius_mean"] > 10 * normalised["radius_mean"]
        assert abs(plain["distance_from_normal"] - normalised["distance_from_normal"]) < 0.005


@pytest.mark.parametrize("page", ["README.md", "docs/workspaces/denoise.md"])
def test_what_is_said_of_denoising_is_what_the_curves_that_ship_say(page: str) -> None:
    """After `denoise mnist-studio --keep`, `python docs/denoising_numbers.py` puts the new numbers into the pages."""
    text = (ROOT / page).read_text(encoding="utf-8")

    assert runpy.run_path(str(DOCS / "denoising_numbers.py"))["filled"](page, text) == text


def test_the_map_of_the_house_shows_every_folder() -> None:
    page = (ROOT / "docs" / "extending" / "index.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    shown = {name.rstrip("/") for row in rows for name in re.findall(r"`([^`]+)`", row)}
    package = ROOT / "lsd_studio"
    assert shown == {file.parent.relative_to(package).as_posix() for file in package.glob("*/**/__init__.py")}


def test_no_folder_holds_more_modules_than_one_can_see() -> None:
    counts = {
        folder: sum(file.name != "__init__.py" for file in folder.glob("*.py"))
        for folder in (ROOT / "lsd_studio").rglob("*")
        if folder.is_dir()
    }
    assert max(counts.values()) <= 25
