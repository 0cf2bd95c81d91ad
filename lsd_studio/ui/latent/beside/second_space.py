"""Which second space is open beside the codes, and how many neighbours both share."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.dataset import EncodingStep
from lsd_studio.engine.latent.second_space import Beside
from lsd_studio.engine.latent.views import PlaneView
from lsd_studio.engine.operations.latent import OpenedLatentSpace
from lsd_studio.engine.operations.second_space import SecondSpaceOperations
from lsd_studio.percentages import percentage
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.dialogs import ask_for_path
from lsd_studio.ui.widgets.layouts import column
from lsd_studio.ui.widgets.number_formatting import counted
from lsd_studio.ui.widgets.plain_text import capitalised
from lsd_studio.ui.widgets.wrapped_label import WrappedLabel

BESIDE = "opening a second space"
"""Key of the task."""

ABOUT = (
    "Another space of the same rows beside this one: another array of the file, or of images another model. It is "
    "turned to be as near as it can be to this one, at the same mean and size; what is selected is so in both."
)
FOLDER = "A model in a folder…"


class SecondSpace(QWidget):
    """A list of what can be opened, and below it what was found.

    Attributes:
        now: what is open; None for nothing. wanted: by its name, until it is open.

    Signals:
        changed: another one is open, or none.
    """

    changed = Signal()

    def __init__(self, operations: SecondSpaceOperations, tasks: Tasks) -> None:
        super().__init__()
        self._operations, self._tasks = operations, tasks
        self.now: Beside | None = None
        self.wanted = ""
        self.choice = QComboBox()
        self.choice.setAccessibleName("Second space")
        self.choice.setToolTip(ABOUT)
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.activated.connect(self._choose)
        self.words = WrappedLabel("What both spaces share")
        self.setLayout(column(self.choice, self.words))
        self.use_space(None)

    def use_space(self, space: OpenedLatentSpace | None) -> None:
        """Offer what there is beside other codes; nothing is open."""
        self._tasks.cancel(BESIDE)
        self.choice.clear()
        self.choice.addItem("No second space", "")
        for name in () if space is None else space.beside:
            self.choice.addItem(isolated(name), name)
        if space is not None and space.split:
            self.choice.addItem(FOLDER, None)
        self.setVisible(self.choice.count() > 1)
        self.open("")

    def open(self, name: str) -> None:
        """Open a second space by its name or folder, "" for none."""
        self._tasks.cancel(BESIDE)
        self.wanted, self.now = name, None
        place = self.choice.findData(name)
        if place < 0:
            place = self.choice.count() - 1
            self.choice.insertItem(place, isolated(Path(name).name), name)
        self.choice.setCurrentIndex(place)
        self._tell("")
        self.changed.emit()
        if name:
            self._tasks.run(self._open(name), BESIDE)

    def say(self, event: PlaneView) -> None:
        """Say how near the second space comes to a plane, and how many neighbours both share."""
        if self.now is not None and event.aligned is not None:
            to = "this plane" if event.aligned.with_plane else "the first space"
            self._tell(
                f"{counted(self.now.components)} components. Turned to {to}, they explain "
                f"{percentage(event.aligned.share)} of the squared distances from the mean, "
                f"{percentage(event.aligned.by_chance, 1)} where rows are dealt at random. {self.now.shared.sentence}"
            )

    def _tell(self, words: str) -> None:
        self.words.setText(words)
        self.words.setVisible(bool(words))

    @Slot(int)
    def _choose(self, place: int) -> None:
        name = self.choice.itemData(place)
        if name is not None:
            self.open(name)
            return
        self.choice.setCurrentIndex(self.choice.findData(self.wanted))
        ask_for_path(
            self, "Open a bundle, an autoencoder or a finished run", lambda path: self.open(str(path))
        )

    async def _open(self, name: str) -> None:
        call = self._operations.open(name)
        try:
            async for step in call:
                if isinstance(step, EncodingStep):
                    self._tell(f"Encoding images: {counted(step.done)} of {counted(step.wanted)}…")
                else:
                    self._tell(f"{capitalised(step.what)}…")
            self.now = await call
        except StudioError as error:
            self._tell(str(error))
            return
        self.changed.emit()
