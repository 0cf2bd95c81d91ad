"""What the window offers around its workspaces: start page, palette, help, tour, preferences, About."""

from __future__ import annotations

from pathlib import Path

from lsd_studio.ui.screenshots.scenes.decompose import draw, two
from lsd_studio.ui.screenshots.scenes.waiting import Look, settle, wait
from lsd_studio.ui.shell.main_window import MainWindow
from lsd_studio.ui.shell.recent import Kind, Recent

OPENED = (
    Recent(Kind.IMAGE, str(Path("/data/digits/seven.png"))),
    Recent(Kind.RUN, str(Path("/data/runs/fashion-24"))),
    Recent(Kind.BUNDLE, "mnist-paper"),
)


def _calm(window: MainWindow) -> None:
    """Put away whatever lies over the window."""
    window.guidance.palette.put_away()
    window.guidance.help.hide()
    if window.guidance.tour is not None:
        window.guidance.tour.put_away()
    if window.guidance.dialog is not None:
        window.guidance.dialog.close()


def _over_decompose(act: Look) -> Look:
    """What is done where Decompose shows an image."""

    def look(window: MainWindow) -> None:
        _calm(window)
        window.go_to("Decompose")
        if window.decompose.shown is None:
            draw(window, two())
            wait(window, lambda: window.decompose.shown is not None and not window.decompose.tasks.is_busy)
        settle()
        act(window)
        settle()

    return look


def _start(window: MainWindow) -> None:
    _calm(window)
    for each in OPENED:
        window.recent.note(each)
    window.go_to("Start")
    settle()


def _palette(window: MainWindow) -> None:
    window.guidance.palette.open()
    window.guidance.palette.field.setText("op")


def _tour(window: MainWindow) -> None:
    window.guidance.begin_tour()
    if window.guidance.tour is not None:
        window.guidance.tour.following.click()


LOOKS: tuple[tuple[str, Look], ...] = (
    ("start", _start),
    ("palette", _over_decompose(_palette)),
    ("help", _over_decompose(lambda window: window.guidance.help.toggle())),
    ("tour", _over_decompose(_tour)),
    ("preferences", _over_decompose(lambda window: window.guidance.open_preferences())),
    ("about", _over_decompose(lambda window: window.guidance.open_about())),
)
