"""The example workspace of the documentation, with the real engine behind it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lsd_studio.engine.api import Engine
from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.shell.selection import Selection

PAGE = Path(__file__).resolve().parents[2] / "docs" / "extending" / "workspace.md"


def test_a_slider_asks_and_the_picture_follows(
    mnist_sized_bundle: Path,
    engine: Engine,
    themes: ThemeManager,
    qtbot: QtBot,
) -> None:
    page: dict[str, Any] = {"__name__": "example"}
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    for block in blocks:
        exec(compile(block, PAGE.name, "exec", dont_inherit=True), page)
    assert sum(bool(line.strip()) for block in blocks for line in block.splitlines()) <= 30
    engine.bundles.open(mnist_sized_bundle).result()
    engine.mixture = page["MixtureOperations"](engine)  # type: ignore[attr-defined]
    workspace = page["MixtureWorkspace"](engine, themes, Selection())
    qtbot.addWidget(workspace)
    workspace.show()
    qtbot.keyClick(workspace.slider, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: workspace.picture.pixmap().width() == 256, timeout=60_000)
    xi = open_bundle(mnist_sized_bundle).basis.xi_
    expected = pictures(open_bundle(mnist_sized_bundle).networks.decode(xi[1:2]))[0]
    np.testing.assert_array_equal(engine.mixture.picture(1.0).result(), expected)  # type: ignore[attr-defined]
