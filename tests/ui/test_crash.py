"""Errors that nobody foresaw: told once, with a report to copy; and the log file."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lsd_studio.engine.errors import StudioError
from lsd_studio.ui.app.crash import CrashReporter
from lsd_studio.ui.app.log_file import last_fault
from lsd_studio.ui.shell.main_window import MainWindow

PATIENCE = 60_000


@pytest.fixture
def reporter(qtbot: QtBot, tmp_path: Path) -> Iterator[CrashReporter]:
    window = QWidget()
    qtbot.addWidget(window)
    log = tmp_path / "lsd-studio.log"
    log.write_text("the day before\nthe last line\n", encoding="utf-8")
    reporter = CrashReporter(window, log)
    reporter.install()
    yield reporter
    reporter.uninstall()
    if reporter.dialog is not None:
        reporter.dialog.close()


def fail() -> None:
    raise ZeroDivisionError("a slot fell over")


def test_an_error_in_a_slot_is_shown_and_can_be_copied(qtbot: QtBot, reporter: CrashReporter) -> None:
    QTimer.singleShot(0, fail)
    qtbot.waitUntil(lambda: reporter.dialog is not None, timeout=PATIENCE)
    dialog = reporter.dialog
    assert dialog is not None
    dialog.copy.click()
    report = QGuiApplication.clipboard().text()
    assert "ZeroDivisionError: a slot fell over" in report
    assert "def" not in report.split("Traceback")[0]
    assert f"Python: {sys.version.split()[0]}" in report
    assert "the last line" in report
    dialog.go_on.click()
    assert reporter.dialog is None


def test_the_same_error_is_shown_once(qtbot: QtBot, reporter: CrashReporter) -> None:
    with qtbot.waitSignal(reporter._happened, timeout=PATIENCE):
        QTimer.singleShot(0, fail)
    dialog = reporter.dialog
    assert dialog is not None
    dialog.go_on.click()
    with qtbot.waitSignal(reporter._happened, timeout=PATIENCE):
        QTimer.singleShot(0, fail)
    assert reporter.dialog is None


def test_an_error_on_another_thread_is_shown_too(qtbot: QtBot, reporter: CrashReporter) -> None:
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: reporter.dialog is not None, timeout=PATIENCE)
    assert reporter.dialog is not None
    assert "a slot fell over" in reporter.dialog.report.toPlainText()


def test_a_mistake_of_the_engine_offers_its_report_and_one_of_the_user_does_not(
    qtbot: QtBot, bare_window: MainWindow
) -> None:
    try:
        raise RuntimeError("no number")
    except RuntimeError as error:
        bare_window.tasks.failed.emit(error)
    with qtbot.waitSignal(bare_window.message_bar.report_wanted) as wanted:
        bare_window.message_bar.report.click()
    assert "RuntimeError: no number" in wanted.args[0]
    bare_window.tasks.failed.emit(StudioError("Open an image first."))
    assert not bare_window.message_bar.report.isVisible()


LOGGING = """
import logging, sys
from pathlib import Path
from PySide6.QtCore import qWarning
from lsd_studio.ui.app.log_file import LARGEST, start_log
file = start_log(Path(sys.argv[1]))
print(file)
qWarning("from Qt")
logging.getLogger("lsd_studio").info("from the program")
for _ in range(5 * LARGEST // 10_000):
    logging.getLogger("lsd_studio").info("x" * 10_000)
"""


DYING = """
import os, sys
from pathlib import Path
from lsd_studio.ui.app.log_file import last_fault, start_log
assert last_fault(Path(sys.argv[1])) == ""
start_log(Path(sys.argv[1]))
def deep_in_foreign_code():
    os.abort()
deep_in_foreign_code()
"""


def test_a_process_that_died_is_told_of_by_the_next_one_once(reporter: CrashReporter, tmp_path: Path) -> None:
    folder = tmp_path / "log"
    died = subprocess.run(
        [sys.executable, "-c", DYING, str(folder)], capture_output=True, timeout=PATIENCE / 1000, check=False
    )
    assert died.returncode != 0
    fault = last_fault(folder)
    assert "Fatal Python error: Aborted" in fault
    assert "deep_in_foreign_code" in fault
    reporter.show_last(fault)
    dialog = reporter.dialog
    assert dialog is not None
    dialog.copy.click()
    report = QGuiApplication.clipboard().text()
    assert "deep_in_foreign_code" in report
    assert f"Python: {sys.version.split()[0]}" in report
    run_logging(folder)
    assert last_fault(folder) == ""


def run_logging(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LOGGING, str(folder)],
        capture_output=True,
        text=True,
        timeout=PATIENCE / 1000,
        check=True,
    )


def test_the_log_file_rotates_and_hears_qt(tmp_path: Path) -> None:
    done = run_logging(tmp_path / "log")
    assert done.stdout.strip() == str(tmp_path / "log" / "lsd-studio.log")
    assert "from Qt" in done.stderr
    assert "from the program" not in done.stderr
    kept = sorted(path.name for path in (tmp_path / "log").iterdir())
    assert kept == ["fault.log", *("lsd-studio.log" + end for end in ("", ".1", ".2", ".3"))]
    assert all(path.stat().st_size <= 1_000_000 for path in (tmp_path / "log").iterdir())


def test_without_a_place_for_the_log_the_program_runs_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    done = run_logging(tmp_path / "file")
    assert done.stdout.strip() == "None"
    assert "There is no log file" in done.stderr
