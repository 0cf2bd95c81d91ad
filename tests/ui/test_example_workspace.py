"""The example workspace of the documentation, with the real engine behind it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lsd_studio.engine import desks
from lsd_studio.engine.door import Engine
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.shell.bridge import EngineBridge
from lsd_studio.ui.shell.selection import Selection

PAGE = Path(__file__).resolve().parents[2] / "docs" / "extending" / "workspace.md"


def test_a_slider_asks_and_the_picture_follows(
    mnist_sized_bundle: Path,
    engine: Engine,
    themes: ThemeManager,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page: dict[str, Any] = {"__name__": "example"}
    for block in re.findall(
        r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    ):
        exec(compile(block, PAGE.name, "exec", dont_inherit=True), page)
    for request, handler in page["HANDLERS"].items():
        monkeypatch.setitem(desks.HANDLERS, request, handler)
    engine.bundles.open(mnist_sized_bundle).result()
    bridge = EngineBridge(engine)
    workspace = page["MixtureWorkspace"](bridge, themes, Selection())
    qtbot.addWidget(workspace)
    workspace.show()
    with qtbot.waitSignal(workspace.answered, timeout=60_000) as answered:
        qtbot.keyClick(workspace.slider, Qt.Key.Key_End)
    assert workspace.slider.value() == 100
    assert answered.args[1] == "mixture of ξ(0, 1) and ξ(1, 1)"
    assert workspace.picture.pixmap().width() == 256
    bridge.detach()
