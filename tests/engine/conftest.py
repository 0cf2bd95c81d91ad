"""An engine, and one with a small bundle open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lsd_studio.engine.api import Engine

SaveBundle = Callable[[Path], Path]


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        yield engine


@pytest.fixture
def opened(engine: Engine, save_small_bundle: SaveBundle, tmp_path: Path) -> Engine:
    engine.bundles.open(save_small_bundle(tmp_path / "small")).result()
    return engine
