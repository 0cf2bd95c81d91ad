"""Dialogs that ask for a file, a folder or an answer, and go away by themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from lsd_studio.engine.datasets.set_files import IDX_PATTERNS, SUFFIXES

FILES_OF_IMAGES = f"Labelled images ({' '.join((*(f'*{suffix}' for suffix in SUFFIXES), *IDX_PATTERNS))})"


def ask_for_path(
    parent: QWidget, title: str, take: Callable[[Path], object], kind: str = "", folder: str = ""
) -> None:
    """Ask for a file of a kind such as "Archives (*.zip)", or for a folder without one; `folder` is shown first."""
    dialog = QFileDialog(parent, title, folder, kind)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile if kind else QFileDialog.FileMode.Directory)
    _open(dialog, take)


def ask_for_images(parent: QWidget, take: Callable[[str], object], *, in_folder: bool) -> None:
    """Ask for labelled images, in a folder or in a file; `take` is given the name of that data set."""
    title = (
        "Open a folder of images with one subfolder per label"
        if in_folder
        else "Open a file of labelled images"
    )
    ask_for_path(parent, title, lambda path: take(str(path)), "" if in_folder else FILES_OF_IMAGES)


def ask_for_new(
    parent: QWidget,
    title: str,
    take: Callable[[Path], object],
    name: str,
    kinds: Sequence[str] = (),
    folder: str = "",
) -> None:
    """Ask where to write a file or folder: `name` is suggested, and its ending added where there is one kind alone."""
    dialog = QFileDialog(parent, title, folder)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    if kinds:
        dialog.setNameFilters(kinds)
    if len(kinds) == 1:
        dialog.setDefaultSuffix(Path(name).suffix[1:])
    dialog.selectFile(name)
    _open(dialog, take)


def ask_whether(parent: QWidget, title: str, text: str, more: str, yes: str, no: str) -> QMessageBox:
    """Ask a question with two answers, of which `yes` is the usual one and emits `accepted`."""
    question = QMessageBox(QMessageBox.Icon.Question, title, text, parent=parent)
    question.setInformativeText(more)
    usual = question.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    question.addButton(no, QMessageBox.ButtonRole.RejectRole)
    question.setDefaultButton(usual)
    question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    question.open()
    return question


def _open(dialog: QFileDialog, take: Callable[[Path], object]) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda path: take(Path(path)))
    dialog.open()
