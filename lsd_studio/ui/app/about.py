"""About: what this is, on which versions it runs, and how to cite the method."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QPushButton, QWidget

import lsd_studio
from lsd_studio.ui.app.citation import BIBTEX, CITATION, DOI
from lsd_studio.ui.app.theme import GRID
from lsd_studio.ui.app.versions import versions, versions_text
from lsd_studio.ui.widgets.controls import push_button
from lsd_studio.ui.widgets.layouts import caption, card, column, row, title

WIDTH = 720

WHAT = (
    "Latent spectral decomposition in a window: an image becomes a code in the latent space of a generative model, the "
    "code becomes amplitudes over labelled quasi-eigenvectors, and these are ranked, truncated, turned and decoded."
)
LICENCES = (
    "LSD Studio is under the MIT licence. The MNIST images that ship, by Yann LeCun and Corinna Cortes, are under "
    "CC BY-SA 3.0. Qt and PySide6 are used under the LGPL, version 3."
)


class AboutDialog(QDialog):
    """Versions and citation, each with a button that copies it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About LSD Studio")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.copy_versions = _copying("Copy the versions", versions_text())
        self.copy_citation = _copying("Copy the citation", f"{CITATION} {DOI}\n")
        self.copy_bibtex = _copying("Copy as BibTeX", BIBTEX)
        name = QLabel("LSD Studio")
        name.setProperty("role", "display")
        what = QLabel(WHAT)
        what.setWordWrap(True)
        cited = QLabel(f'{CITATION} <a href="{DOI}">{DOI.removeprefix("https://")}</a>')
        cited.setTextFormat(Qt.TextFormat.RichText)
        cited.setOpenExternalLinks(True)
        cited.setWordWrap(True)
        cited.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        cited.setAccessibleName("Citation")
        cite = column(
            title("If you use the method, please cite its authors"),
            cited,
            row(self.copy_citation, self.copy_bibtex, None),
        )
        whole = column(
            row(name, caption(f"version {lsd_studio.__version__}"), None),
            what,
            card(cite),
            card(column(title("Versions"), _table(versions()), row(self.copy_versions, None))),
            caption(LICENCES),
            row(None, push_button("Close", self.accept, default=True)),
            spacing=2 * GRID,
            margin=(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID),
        )
        self.setLayout(whole)
        self._whole = whole

    def showEvent(self, event: QShowEvent) -> None:
        """Be as high as all the words are, which have the window's typeface only now."""
        super().showEvent(event)
        self.setFixedSize(WIDTH, self._whole.totalHeightForWidth(WIDTH))


def _table(pairs: tuple[tuple[str, str], ...]) -> QWidget:
    """Names and values in three columns of pairs."""
    table = QWidget()
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(2 * GRID)
    grid.setVerticalSpacing(GRID // 2)
    rows = -(-len(pairs) // 3)
    for place, (name, value) in enumerate(pairs):
        at, pair = place % rows, 2 * (place // rows)
        shown = QLabel(value)
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        term = caption(name)
        term.setWordWrap(False)
        grid.addWidget(term, at, pair)
        grid.addWidget(shown, at, pair + 1)
    for column_of_values in (1, 3, 5):
        grid.setColumnStretch(column_of_values, 1)
    return table


def _copying(text: str, what: str) -> QPushButton:
    button = QPushButton(text)
    button.clicked.connect(partial(_copy, button, what))
    return button


def _copy(button: QPushButton, what: str) -> None:
    QGuiApplication.clipboard().setText(what)
    button.setText("Copied")
