"""A folder or file of images that is to be trained on: a few of them, what it holds, and how they come to one size."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QComboBox, QLabel, QWidget

from lsd_studio.engine.images.framing import Framing
from lsd_studio.engine.vocabulary import FramingWay
from lsd_studio.ui.widgets.layouts import column, row
from lsd_studio.ui.widgets.number_boxes import whole_number_box
from lsd_studio.ui.widgets.number_formatting import counted
from lsd_studio.ui.widgets.pictures import picture_sheet
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

if TYPE_CHECKING:
    from lsd_studio.engine.datasets.image_survey import ImageSurvey

STRIP, EDGE = 6, 44
"""Pictures in a row, and their edge in pixels."""

MOST_LABELS = 8
"""Labels that are named."""


class FolderCard(QWidget):
    """Says what was found; fitting is offered where the images do not have one square size.

    Signals:
        fitted: a Framing that a person chose.
    """

    fitted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._survey: ImageSurvey | None = None
        self.pictures = QLabel()
        self.pictures.setAccessibleName("A few of the images")
        self.words = WrappedLabel("What the folder or file holds")
        self.way = QComboBox()
        self.way.setAccessibleName("How images come to one size")
        self.way.addItems(get_args(FramingWay))
        self.way.activated.connect(self._fit)
        meaning = "Edge of the square that all images come to; a multiple of 4"
        self.edge = whole_number_box("Edge of the images", 8, 512, 8, meaning)
        self.edge.setSingleStep(4)
        self.edge.setSuffix(" px")
        self.edge.setKeyboardTracking(False)
        self.edge.valueChanged.connect(self._fit)
        self._fitting = QWidget()
        self._fitting.setLayout(row(QLabel("Fit to a square by"), self.way, self.edge, None))
        self.setLayout(column(self.pictures, self.words, self._fitting))
        self.hide()

    @property
    def framing(self) -> Framing | None:
        """How the images come to one size; None where they have one, or the data set has a name."""
        return None if self._survey is None else self._survey.framing

    def show_survey(self, survey: ImageSurvey | None) -> None:
        """Show what a folder or file holds; None where neither is chosen."""
        self._survey = survey
        self.setVisible(survey is not None)
        if survey is None:
            return
        self.words.setText(_words(survey))
        sheet = QPixmap.fromImage(picture_sheet(survey.pictures, STRIP))
        smooth = Qt.TransformationMode.SmoothTransformation
        self.pictures.setPixmap(sheet.scaledToWidth(STRIP * EDGE, smooth))
        self._fitting.setVisible(survey.framing is not None)
        if survey.framing is not None:
            with QSignalBlocker(self.way), QSignalBlocker(self.edge):
                self.way.setCurrentText(survey.framing.way)
                self.edge.setValue(survey.framing.width)

    @Slot()
    def _fit(self) -> None:
        way: FramingWay = get_args(FramingWay)[self.way.currentIndex()]
        edge = self.edge.value() // 4 * 4
        self.fitted.emit(Framing(way=way, height=edge, width=edge))


def _words(survey: ImageSurvey) -> str:
    total = sum(survey.counts.values())
    named = [f"{name} ({count})" for name, count in survey.counts.items()]
    more = f" and {len(named) - MOST_LABELS} more" if len(named) > MOST_LABELS else ""
    split = "about a sixth of each label is for testing"
    if survey.split is not None:
        training, testing = map(counted, survey.split)
        sayer = "the names of its parts" if survey.recognised else "its folders"
        split = f"{training} for training and {testing} for testing, as {sayer} say"
    (width, height), _ = survey.sizes[0]
    sizes = f"{width}×{height} pixels"
    if len(survey.sizes) > 1:
        sizes = f"{len(survey.sizes)} sizes, most often {sizes}"
    return " ".join(
        (
            *((survey.recognised,) if survey.recognised else ()),
            f"{counted(total)} images of {len(named)} labels: {', '.join(named[:MOST_LABELS])}{more}; {split}.",
            f"{sizes[:1].upper()}{sizes[1:]}.",
            *(() if survey.framing is None else (survey.framing.sentence,)),
            *survey.notes,
        )
    )
