"""A real bundle of MNIST's size for the window, and checks that no window leaves anything running."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lsd_studio.engine.api import Engine
from lsd_studio.ui.app.application import prepare_application
from lsd_studio.ui.app.settings import open_settings
from lsd_studio.ui.app.theme import ThemeChoice
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.tasks import asyncio_within_qt


@pytest.fixture(scope="session")
def mnist_sized_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle with the studio profile's networks for MNIST, weights drawn from a fixed seed."""
    import torch

    from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis
    from lsd_studio.engine.bundle import DataRecord, Facts, save_bundle
    from lsd_studio.engine.models.inference import Networks
    from lsd_studio.engine.models.networks import Classifier, Encoder, Generator
    from lsd_studio.engine.runs.profiles import load_profile

    overrides = "encoder.trunk=residual", "judge.epochs=0", "joint.epochs=0"
    profile, shape, labels = load_profile("studio", overrides), (1, 28, 28), 10
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        networks = Networks(
            Generator(profile.latent_dimensions, shape),
            Encoder(shape, profile.latent_dimensions, profile.encoder.trunk, profile.encoder.heads),
            Classifier(shape, labels, profile.classifier.widths),
            shape,
            labels,
            profile.latent_dimensions,
        )
    eta = np.random.default_rng(7).standard_normal((profile.latent_dimensions, profile.latent_dimensions))
    path = tmp_path_factory.mktemp("bundles") / "seeded"
    save_bundle(
        path,
        profile=profile,
        networks=networks,
        discriminator=None,
        basis=QuasiEigenbasis.from_averages(eta, labels),
        facts=Facts(
            data=DataRecord(name="mnist", checksum="0" * 64, images=50_000, held_out=10_000),
            label_names=tuple(str(label) for label in range(labels)),
            seeds={"training": 7},
            device="cpu",
            precision="float32",
        ),
    )
    return path


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    """The application as it really is."""
    prepare_application()
    return QApplication


@pytest.fixture(autouse=True)
def folders_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept in the user's cache and data folder is kept for these tests alone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("LSD_STUDIO_DATA", str(tmp_path_factory.getbasetemp() / "data"))


@pytest.fixture(scope="module", autouse=True)
def asyncio_loop(qapp: QApplication) -> Iterator[None]:
    """Coroutines of the window go on whenever a test lets Qt handle events; its timers end with them."""
    with asyncio_within_qt():
        yield
        for window in qapp.topLevelWidgets():
            for timer in window.findChildren(QTimer):
                timer.stop()


@pytest.fixture(autouse=True)
def nothing_left_running(qapp: QApplication) -> Iterator[None]:
    """No thread of the engine and no window outlives its test."""
    yield
    deadline = time.monotonic() + 60
    while _engine_threads() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert _engine_threads() == []
    qapp.processEvents()
    assert [widget for widget in qapp.topLevelWidgets() if widget.isVisible()] == []


def _engine_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("lsd-")]


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        yield engine


@pytest.fixture
def themes(qapp: QApplication, tmp_path: Path) -> ThemeChoice:
    return ThemeChoice(open_settings(tmp_path / "window.ini"))


@pytest.fixture
def bare_window(engine: Engine, themes: ThemeChoice, tmp_path: Path) -> Iterator[MainWindow]:
    """The window without a bundle."""
    window = MainWindow(engine, themes, open_settings(tmp_path / "window.ini"))
    window.resize(1280, 800)
    window.show()
    yield window
    window.close()
    window.deleteLater()


@pytest.fixture
def window(bare_window: MainWindow, mnist_sized_bundle: Path, qtbot: QtBot) -> MainWindow:
    """The window with a bundle and the test images."""
    bare_window.open_bundle(mnist_sized_bundle)
    qtbot.waitUntil(lambda: bare_window.decompose.picker.grid.model() is not None, timeout=120_000)
    return bare_window
