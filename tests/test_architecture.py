"""The walls of the house, where import-linter does not reach: what is loaded when a program runs."""

from __future__ import annotations

import pkgutil
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

import lsd_studio.engine
import lsd_studio.ui

ROOT = Path(__file__).resolve().parents[1]

WITHOUT_QT = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("PySide6", "shiboken6", "qtpy"):
            raise ImportError(name)

sys.meta_path.insert(0, Blocker())
"""


def run_python(code: str) -> str:
    finished = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_every_module_of_the_engine_can_be_imported_without_qt() -> None:
    names = [
        module.name for module in pkgutil.walk_packages(lsd_studio.engine.__path__, "lsd_studio.engine.")
    ]
    assert len(names) > 20
    imports = "\n".join(f"import {name}" for name in names)
    loaded = run_python(f"{WITHOUT_QT}\n{imports}\nprint(*sys.modules)").split()
    assert "lsd_studio.engine.evaluation.evaluation" in loaded
    assert not [
        name for name in loaded if name.startswith(("PySide6", "pyqtgraph", "qasync", "lsd_studio.ui"))
    ]


@pytest.mark.parametrize(
    "module", ["lsd_studio.engine.api", "lsd_studio.engine.operations.bundles", "lsd_studio.cli.arguments"]
)
def test_what_comes_before_the_window_loads_no_torch(module: str) -> None:
    loaded = run_python(f"import sys, {module}\nprint(*sys.modules)").split()
    assert module in loaded
    assert not {"torch", "torchvision", "lightning_fabric", "sklearn"} & set(loaded)


def test_commands_load_no_torch_before_the_engine_does() -> None:
    commands = (
        "basis",
        "decompose",
        "denoise",
        "evaluate",
        "figures",
        "latent",
        "operate",
        "sample",
        "study",
        "train",
    )
    imports = "\n".join(f"import lsd_studio.cli.{command}" for command in commands)
    loaded = run_python(f"import sys\n{imports}\nprint(*sys.modules)").split()
    assert "lsd_studio.cli.decompose" in loaded
    assert not {"torch", "torchvision", "lightning_fabric", "scipy", "sklearn", "skimage"} & set(loaded)


def test_the_window_loads_nothing_that_computes() -> None:
    names = [module.name for module in pkgutil.walk_packages(lsd_studio.ui.__path__, "lsd_studio.ui.")]
    assert len(names) > 100
    imports = "\n".join(f"import {name}" for name in names)
    loaded = run_python(f"import sys\n{imports}\nprint(*sys.modules)").split()
    assert "lsd_studio.ui.latent.workspace" in loaded
    assert not {"torch", "torchvision", "lightning_fabric", "scipy", "sklearn", "skimage"} & set(loaded)


@pytest.mark.parametrize("module", ["latent.workspace", "tasks"])
def test_a_module_of_the_window_can_be_the_first_that_is_imported(module: str) -> None:
    imported = subprocess.run(
        [sys.executable, "-c", f"import lsd_studio.ui.{module}"], capture_output=True, text=True, check=False
    )
    assert imported.returncode == 0, imported.stderr


def test_no_module_needs_itself_to_be_imported() -> None:
    graph = grimp.build_graph("lsd_studio", exclude_type_checking_imports=True)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(imports) > 400
    TopologicalSorter(imports).prepare()  # a CycleError names the modules of a circle


def test_nothing_in_the_program_opens_a_pickle() -> None:
    opens = re.compile(r"import c?pickle|import (dill|joblib\.load)|weights_only=False|allow_pickle=True")
    files = [*ROOT.joinpath("lsd_studio").rglob("*.py")]
    assert len(files) > 400
    assert [file for file in files if opens.search(file.read_text(encoding="utf-8"))] == []
