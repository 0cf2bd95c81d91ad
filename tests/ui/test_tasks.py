"""What a widget waits for ends with it, also where it had not begun."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import Callable

import pytest
import qasync
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from lsd_studio.ui.tasks import Tasks


def _destroyed(widget: QWidget, tasks: Tasks) -> None:
    widget.deleteLater()
    QApplication.sendPostedEvents(widget, 52)  # DeferredDelete


def _cancelled(widget: QWidget, tasks: Tasks) -> None:
    tasks.cancel("soon")


@pytest.mark.parametrize("given_up", [_destroyed, _cancelled])
@pytest.mark.parametrize("goes_on", [False, True])
def test_a_task_that_is_given_up_before_its_first_step_is_closed_quietly(
    qtbot: QtBot, given_up: Callable[[QWidget, Tasks], None], goes_on: bool
) -> None:
    begun = []
    widget = QWidget()
    tasks = Tasks(widget)
    loop = qasync.QEventLoop(QApplication.instance())
    heard: list[object] = []
    loop.set_exception_handler(lambda _, context: heard.append(context))

    async def work() -> None:
        begun.append(True)

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        asyncio.set_event_loop(loop)
        try:
            asyncio._set_running_loop(loop)
            tasks.run(work(), "soon")
            asyncio._set_running_loop(None)
            given_up(widget, tasks)
            if goes_on:
                loop.run_until_complete(asyncio.sleep(0.01))
                assert heard == []
        finally:
            asyncio._set_running_loop(None)
            asyncio.set_event_loop(None)
            loop.close()
        gc.collect()

    assert not begun
    assert [str(each.message) for each in warned if each.category is RuntimeWarning] == []
