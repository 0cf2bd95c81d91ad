"""The hardest test images: a gallery sorted by margin, the most wrong first."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.evaluation.findings import Latent
from lsd_studio.engine.operations.evaluate import Evaluation
from lsd_studio.engine.vocabulary import Reading
from lsd_studio.ui.app.theme import BODY, CAPTION, ThemeManager, font
from lsd_studio.ui.plots.ink_colours import ink_colour
from lsd_studio.ui.widgets.controls import outlined_button
from lsd_studio.ui.widgets.layouts import column, row, title
from lsd_studio.ui.widgets.number_formatting import counted, signed_number
from lsd_studio.ui.widgets.painting import named_words, paint_line
from lsd_studio.ui.widgets.pictures import paint_picture, picture_image
from lsd_studio.ui.widgets.plain_text import tip_words
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

LONGEST = 500
"""Images in the gallery at most."""

PICTURE, CELL = 84, QSize(108, 140)
AnyIndex = QModelIndex | QPersistentModelIndex


class HardestView(QWidget):
    """Pictures with their margin, true label and label read.

    Attributes:
        only: the true label of the images shown and the label read; None where they are of all labels.

    Signals:
        picked: place in the test set of an image that was clicked or chosen with Enter.
    """

    picked = Signal(int)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._model: _HardestModel | None = None
        self._evaluation: Evaluation | None = None
        self._way: tuple[Latent, Reading] = ("mean", "signed")
        self.only: tuple[int, int] | None = None
        self.title = title("Hardest test images")
        self.words = WrappedLabel("About the margin")
        self.all = outlined_button("Show all labels", "Show the hardest images of all labels", self.show_all)
        self.grid = QListView()
        self.grid.setAccessibleName("Hardest test images")
        self.grid.setViewMode(QListView.ViewMode.IconMode)
        self.grid.setResizeMode(QListView.ResizeMode.Adjust)
        self.grid.setMovement(QListView.Movement.Static)
        self.grid.setUniformItemSizes(True)
        self.grid.setGridSize(CELL)
        self.grid.setMouseTracking(True)
        self.grid.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.grid.setItemDelegate(_Card(themes, self.grid))
        self.grid.activated.connect(self._pick)
        self.grid.clicked.connect(self._pick)
        self.setLayout(column(row(self.title, None, self.all), self.words, (self.grid, 1)))

    @property
    def shown(self) -> np.ndarray:
        """Places in the test set of the images shown, the hardest first."""
        return np.empty(0, np.int64) if self._model is None else self._model.order

    def show_findings(self, evaluation: Evaluation | None, latent: Latent, reading: Reading) -> None:
        """Show the hardest images of an evaluation."""
        if evaluation is not self._evaluation:
            self.only = None
        self._evaluation, self._way = evaluation, (latent, reading)
        self._show()

    def show_confusion(self, true: int, read: int) -> None:
        """Show the images of one label that are read as another, or rightly read ones by their margin."""
        self.only = true, read
        self._show()

    @Slot()
    def show_all(self) -> None:
        """Show the hardest images of all labels."""
        self.only = None
        self._show()

    def _show(self) -> None:
        self.all.setVisible(self.only is not None)
        if self._evaluation is None:
            self._model = None
            self.grid.setModel(None)
            return
        self._model = _HardestModel(self._evaluation, *self._way, self.only)
        self.grid.setModel(self._model)
        names = self._evaluation.label_names
        if self.only is None:
            self.title.setText("Hardest test images")
        else:
            true, read = (isolated(names[label]) for label in self.only)
            self.title.setText(f"Images of label {true} read as {read}")
        found, total = len(self._model.order), len(self._evaluation.findings.labels)
        wrong = int((self._evaluation.findings.reads[self._way].margins < 0).sum())
        self.words.setText(
            f"{counted(found)} of {counted(total)} test images, smallest margin first; {counted(wrong)} have a "
            "margin below 0. Margin: the largest amplitude of the true label minus the largest of any other, in units "
            "of c. The label read is that of the first draw. Click an image to decompose it."
        )

    @Slot(QModelIndex)
    def _pick(self, index: QModelIndex) -> None:
        if self._model is not None and index.isValid():
            self.picked.emit(int(self._model.order[index.row()]))


class _HardestModel(QAbstractListModel):
    """Test images by rising margin."""

    def __init__(
        self, evaluation: Evaluation, latent: Latent, reading: Reading, only: tuple[int, int] | None
    ) -> None:
        super().__init__()
        read = evaluation.findings.reads[latent, reading]
        self.evaluation = evaluation
        self.read = read.statistics.first_read
        self.margins = read.margins
        order = np.argsort(self.margins, kind="stable")
        if only is not None:
            order = order[(evaluation.findings.labels[order] == only[0]) & (self.read[order] == only[1])]
        self.order = order[:LONGEST]

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 Qt's own signature
        return len(self.order)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role not in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        image = int(self.order[index.row()])
        names = self.evaluation.label_names
        words = (
            f"Test image {image}: label {isolated(names[self.evaluation.findings.labels[image]])}, "
            f"LSD reads {isolated(names[self.read[image]])}, margin {signed_number(float(self.margins[image]), 3)}"
        )
        return tip_words(words) if role == Qt.ItemDataRole.ToolTipRole else words


class _Card(QStyledItemDelegate):
    """A picture, what is true and what is read, and the margin."""

    def __init__(self, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return CELL

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        model = index.model()
        if not isinstance(model, _HardestModel):
            return
        theme = self._themes.theme
        image = int(model.order[index.row()])
        truth, read = int(model.evaluation.findings.labels[image]), int(model.read[image])
        names, margin = model.evaluation.label_names, float(model.margins[image])
        cell = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pointed = bool(option.state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus))
        wrong = ink_colour("red", theme)
        edge = theme.colour("accent") if pointed else wrong if truth != read else theme.colour("line")
        square = QRectF(cell.center().x() - PICTURE / 2, cell.top() + 4, PICTURE, PICTURE)
        pixels = model.evaluation.images[image].transpose(1, 2, 0)
        paint_picture(painter, picture_image(pixels), square, edge, smooth=False)
        painter.setFont(font(BODY, bold=True))
        painter.setPen(wrong if truth != read else theme.colour("text"))
        words = QRectF(cell.left() + 2, square.bottom() + 4, cell.width() - 4, 20)
        said, told = ("{} → {}", (truth, read)) if truth != read else ("{} ✓", (truth,))
        shown = tuple(names[label] for label in told)
        text = named_words(painter.fontMetrics(), said, shown, words.width())
        paint_line(painter, words, text, Qt.AlignmentFlag.AlignCenter)
        painter.setFont(font(CAPTION))
        painter.setPen(theme.colour("muted"))
        painter.drawText(words.translated(0, 19), Qt.AlignmentFlag.AlignCenter, signed_number(margin))
        painter.restore()
