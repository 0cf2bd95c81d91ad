"""A table of words and numbers that is read and copied, not edited."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableWidget, QTableWidgetItem

from lsd_studio.ui.app.theme import CAPTION, GRID, font
from lsd_studio.ui.widgets.plain_text import tip_words

ROW = 26


class TextTable(QTableWidget):
    """Heads and rows of text; `name` is what screen readers call it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFont(font(CAPTION))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setFrameShape(QTableWidget.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        head = self.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_rows(
        self, heads: Sequence[str], rows: Sequence[Sequence[str]], tips: Sequence[str] = (), most: int = 12
    ) -> None:
        """Show rows below their heads, which explain themselves by `tips`; as high as `most` rows, at most."""
        self.setRowCount(len(rows))
        self.setColumnCount(len(heads))
        for place, head in enumerate(heads):
            item = QTableWidgetItem(head)
            item.setToolTip(tip_words(tips[place]) if tips else "")
            self.setHorizontalHeaderItem(place, item)
        for line, row in enumerate(rows):
            for place, words in enumerate(row):
                self.setItem(line, place, QTableWidgetItem(words))
        self.setMinimumHeight((min(len(rows), most) + 1) * ROW + 3 * GRID)
