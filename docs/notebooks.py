"""Tutorials: notebooks that are kept without outputs, and executed whenever the pages are built."""

from __future__ import annotations

import os
from functools import cache
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from mkdocs.structure.files import File, Files
from nbclient import NotebookClient
from nbconvert import MarkdownExporter

LONGEST = 120
"""Seconds that a cell may take."""


def on_files(files: Files, config: Any) -> Files:
    """Put a page beside each notebook, which stays to be downloaded, and its pictures into a folder of the page's name.

    Raises:
        CellExecutionError: a cell fails, and so the build does.
    """
    for file in [each for each in files if each.src_uri.endswith(".ipynb")]:
        page = file.src_uri.removesuffix(".ipynb")
        name = page.rpartition("/")[2]
        text, pictures = executed(file.content_string, name)
        told = f"\n\nThis page is [a notebook]({name}.ipynb): download it, and run it where LSD Studio is installed.\n"
        files.append(File.generated(config, f"{page}.md", content=text + told))
        for path, content in pictures.items():
            files.append(File.generated(config, f"{page.removesuffix(name)}{path}", content=content))
    return files


@cache
def executed(notebook: str, name: str) -> tuple[str, dict[str, bytes]]:
    """The Markdown of a notebook with what its cells print, and its pictures by their paths."""
    read = nbformat.reads(notebook, as_version=4)
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # else the kernel warns of a debugger that nobody uses
    with TemporaryDirectory() as folder:
        NotebookClient(read, timeout=LONGEST, resources={"metadata": {"path": folder}}).execute()
    text, resources = MarkdownExporter().from_notebook_node(
        read, {"output_files_dir": f"{name}_files", "unique_key": name}
    )
    return text, resources["outputs"]
