"""What tests of the Latent space workspace share."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from lsd_studio.ui.latent.workspace import LatentWorkspace

PATIENCE = 120_000


def settle(qtbot: QtBot, latent: LatentWorkspace) -> None:
    """Wait until nothing is computed, nor about to be after a delay."""
    qtbot.wait(60)
    while latent.tasks.is_busy:
        qtbot.waitUntil(lambda: not latent.tasks.is_busy, timeout=PATIENCE)
        qtbot.wait(60)
