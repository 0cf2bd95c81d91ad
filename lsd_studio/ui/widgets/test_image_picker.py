"""Test images to pick from: a grid, shuffled on demand, of one label or of all."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QSignalBlocker,
    QSize,
    QStringListModel,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QComboBox, QListView, QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.operations.bundles import TestImages
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.widgets.layouts import column, row, title, tool_button
from lsd_studio.ui.widgets.pictures import picture_image
from lsd_studio.ui.widgets.plain_text import tip_words

THUMB = 40
AnyIndex = QModelIndex | QPersistentModelIndex


class TestImageModel(QStringListModel):
    """The test images in the order in which they are offered.

    Its rows are Qt's own, without words: a grid of 10 000 asks for their number four times each to lay them out.
    """

    __test__ = False

    def __init__(self, loaded: TestImages) -> None:
        super().__init__()
        self._loaded = loaded
        self._offer(np.arange(len(loaded.labels)))

    def arrange(self, label: int | None, seed: int) -> None:
        """Offer the images of a label (None: of all) in the order that the seed gives (0: as stored)."""
        labels = self._loaded.labels
        order = np.arange(len(labels)) if label is None else np.flatnonzero(labels == label)
        self._offer(np.random.default_rng(seed).permutation(order) if seed else order)

    def _offer(self, order: np.ndarray) -> None:
        self._order = order
        self.setStringList([""] * len(order))

    def number_at(self, row: int) -> int:
        """The place of the image in the test set."""
        return int(self._order[row])

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The picture of an image, and its number and label in words."""
        number = self.number_at(index.row())
        if role == Qt.ItemDataRole.DecorationRole:
            image = picture_image(self._loaded.images[number].transpose(1, 2, 0))
            size = QSize(THUMB, THUMB)
            return QPixmap.fromImage(image.scaled(size, mode=Qt.TransformationMode.SmoothTransformation))
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            name = self._loaded.label_names[self._loaded.labels[number]]
            words = f"Test image {number}, label {isolated(name)}"
            return tip_words(words) if role == Qt.ItemDataRole.ToolTipRole else words
        return None


class TestImagePicker(QWidget):
    """A grid of test images with a label filter and a shuffle.

    Signals:
        picked: the place of an image in the test set.
    """

    __test__ = False
    picked = Signal(int)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._model: TestImageModel | None = None
        self._seed = 0
        self._filter = QComboBox()
        self._filter.setAccessibleName("Label of the test images")
        self._filter.addItem("All labels", None)
        self._filter.currentIndexChanged.connect(self._arrange)
        self._shuffle = tool_button("Shuffle the test images", "Shuffle the test images")
        self._shuffle.clicked.connect(self.shuffle)
        self.grid = QListView()
        self.grid.setAccessibleName("Test images")
        self.grid.setViewMode(QListView.ViewMode.IconMode)
        self.grid.setResizeMode(QListView.ResizeMode.Adjust)
        self.grid.setMovement(QListView.Movement.Static)
        self.grid.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.grid.setUniformItemSizes(True)
        self.grid.setIconSize(QSize(THUMB, THUMB))
        self.grid.setGridSize(QSize(THUMB + GRID, THUMB + GRID))
        self.grid.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.grid.setMinimumHeight(THUMB + 2 * GRID)
        head = row(title("Test images"), None, self._filter, self._shuffle)
        self.setLayout(column(head, (self.grid, 1)))
        self._enable()
        themed_icon(self._shuffle, "mdi6.shuffle-variant", themes)

    def show_images(self, loaded: TestImages | None) -> None:
        """Offer these images; None while those of another bundle are being read."""
        self._model = None if loaded is None else TestImageModel(loaded)
        self.grid.setModel(self._model)
        if self._model is not None:
            self.grid.selectionModel().currentChanged.connect(self._picked)
        with QSignalBlocker(self._filter):
            self._filter.clear()
            self._filter.addItem("All labels", None)
            for label, name in enumerate(() if loaded is None else loaded.label_names):
                self._filter.addItem(f"Label {name}" if name.isdigit() else name, label)
        self._enable()

    def filter_by(self, label: int | None) -> None:
        """Offer the images of one label, or of all."""
        self._filter.setCurrentIndex(0 if label is None else label + 1)

    @Slot()
    def shuffle(self) -> None:
        """Offer the images in another order."""
        self._seed += 1
        self._arrange()

    def forget_pick(self) -> None:
        """Mark no image, since something else is shown."""
        self.grid.clearSelection()
        self.grid.setCurrentIndex(QModelIndex())

    @Slot()
    def _arrange(self) -> None:
        if self._model is not None:
            self._model.arrange(self._filter.currentData(), self._seed)

    @Slot(QModelIndex, QModelIndex)
    def _picked(self, index: QModelIndex, before: QModelIndex) -> None:
        if self._model is not None and index.isValid():
            self.picked.emit(self._model.number_at(index.row()))

    def _enable(self) -> None:
        for control in (self._filter, self._shuffle, self.grid):
            control.setEnabled(self._model is not None)
