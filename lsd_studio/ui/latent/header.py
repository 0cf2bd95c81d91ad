"""Which coder encodes which images (R24)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.operations.bundles import OpenedBundle
from lsd_studio.engine.operations.latent import OpenedLatentSpace
from lsd_studio.engine.vocabulary import Split
from lsd_studio.ui.codes.codes_in_use import CodesInUse
from lsd_studio.ui.widgets.controls import outlined_button
from lsd_studio.ui.widgets.dialogs import ask_for_images, ask_for_path
from lsd_studio.ui.widgets.layouts import row
from lsd_studio.ui.widgets.number_formatting import counted
from lsd_studio.ui.widgets.plain_text import button_words, tip_words

CODER, IMAGES = "The model that encodes and decodes", "The images to encode"
CODES, LABELS, NO_LABELS = "The file that codes were read from", "What codes are coloured by", "No labels"

FOLDER, FILE = "A folder of images, one subfolder per label…", "A file of images…"
WIDEST = 160
"""Pixels of the name of a model or of images on its button, at most."""


@dataclass(frozen=True)
class LatentSource:
    """Where codes come from: a coder by name or folder, and the images that it encodes, as for `_Data`."""

    coder: str | Path
    data: str | None = None
    split: Split = "test"

    def is_same_as(self, other: LatentSource) -> bool:
        """Whether both encode the same images by the same coder, whose whole path counts: runs end in one name."""
        return (str(self.coder), self.data, self.split) == (str(other.coder), other.data, other.split)


@dataclass(frozen=True)
class _Data:
    """Images to encode: a data set by name or folder, None for the coder's own, and which of them."""

    name: str | None
    split: Split

    @property
    def words(self) -> str:
        which = "test images" if self.split == "test" else "training images"
        return which if self.name is None else f"{Path(self.name).name}, {which}"


class LatentHeader(QWidget):
    """Two menus: the coder, and the images that it encodes.

    Signals:
        wanted: the LatentSource that a person asks for.
        codes_wanted: the CodesInUse, of other labels, that a person asks for.
    """

    wanted = Signal(object)
    codes_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._shipped: tuple[str, ...] = ()
        self._bundle: OpenedBundle | None = None
        self._coder: str | Path | None = None
        self._data = _Data(None, "test")
        self._codes: CodesInUse | None = None
        self.coder = _menu_button("Coder", CODER)
        self.data = _menu_button("Images", IMAGES)
        self.coder.menu().triggered.connect(self._pick_coder)
        self.data.menu().triggered.connect(self._pick_data)
        self.setLayout(row(self.coder, self.data))
        self._fill()

    @property
    def source(self) -> LatentSource | CodesInUse | None:
        """What to open; None while no coder is known and no codes came alone."""
        if self._codes is not None:
            return self._codes
        return None if self._coder is None else LatentSource(self._coder, self._data.name, self._data.split)

    def offer(self, shipped: tuple[str, ...], bundle: OpenedBundle | None) -> None:
        """Offer the coders that ship, by name, and the bundle in use; the first is chosen where none was."""
        self._shipped, self._bundle = shipped, bundle
        if self._coder is None:
            self._coder = next(iter(shipped), None if bundle is None else bundle.path)
        self._fill()

    def show_source(self, source: LatentSource | CodesInUse) -> None:
        """Say what is opened, by whomever."""
        if isinstance(source, CodesInUse):
            self._codes = source
            self._fill()
            return
        self._codes = None
        self._coder, self._data = source.coder, _Data(source.data, source.split)
        self._fill()

    def choose_coder(self, coder: str | Path) -> None:
        """Open a coder, one that ships by its name or any by its folder, with its own images."""
        self._codes = None
        self._coder, self._data = coder, _Data(None, self._data.split)
        self._ask()

    def choose_data(self, name: str | None, split: Split) -> None:
        self._codes = None
        self._data = _Data(name, split)
        self._ask()

    def _ask(self) -> None:
        self._fill()
        if self.source is not None:
            self.wanted.emit(self.source)

    def _fill(self) -> None:
        coders = self.coder.menu()
        coders.clear()
        for name in self._shipped:
            self._add(coders, name, name)
        if self._bundle is not None and self._bundle.name not in self._shipped:
            words = f"Encoder and generator of {isolated(self._bundle.name)}, the bundle in use"
            self._add(coders, words, self._bundle.path)
        coders.addSeparator()
        coders.addAction("A bundle, an autoencoder or a run in a folder…")
        images = self.data.menu()
        images.clear()
        if self._codes is not None:
            self._offer_labels(self._codes)
            return
        self._add(images, "Its own data set, test images", _Data(None, "test"))
        self._add(images, "Its own data set, training images", _Data(None, "train"))
        images.addSeparator()
        for words in (FOLDER, FILE):
            images.addAction(words)
        coder = "No coder" if self._coder is None else Path(self._coder).name
        self._name_buttons((coder, CODER), (self._data.words, IMAGES))

    def _offer_labels(self, codes: CodesInUse) -> None:
        """Offer the columns that codes can be coloured by, in place of images."""
        for name in (None, *codes.space.label_columns):
            action = self.data.menu().addAction(NO_LABELS if name is None else f"Labels of {name}")
            action.setData(replace(codes, column=name))
            action.setCheckable(True)
            action.setChecked(name == codes.column)
        labels = NO_LABELS if codes.column is None else f"labels of {codes.column}"
        self._name_buttons((codes.space.file.name, CODES), (labels, LABELS))

    def _name_buttons(self, *named: tuple[str, str]) -> None:
        for button, (words, meaning) in zip((self.coder, self.data), named, strict=True):
            short = button.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, WIDEST)
            button.setText(button_words(short))
            button.setToolTip(meaning if short == words else tip_words(f"{words}: {meaning}"))

    def _add(self, menu: QMenu, words: str, value: object) -> None:
        action = menu.addAction(words)
        action.setData(value)
        action.setCheckable(True)
        action.setChecked(value in (self._coder, self._data))

    @Slot(QAction)
    def _pick_coder(self, action: QAction) -> None:
        if action.data() is not None:
            self.choose_coder(action.data())
            return
        ask_for_path(self, "Open a bundle, an autoencoder or a finished run", self.choose_coder)

    @Slot(QAction)
    def _pick_data(self, action: QAction) -> None:
        data: _Data | CodesInUse | None = action.data()
        if isinstance(data, CodesInUse):
            self.codes_wanted.emit(data)
            return
        if data is not None:
            self.choose_data(data.name, data.split)
            return
        ask_for_images(
            self, lambda name: self.choose_data(name, self._data.split), in_folder=action.text() == FOLDER
        )


def space_words(space: OpenedLatentSpace) -> str:
    """What codes are of, and what is to be known of them."""
    if not space.split:
        return " ".join(
            (f"{counted(space.count)} codes of {space.components} components: {space.data}.", *space.notes)
        )
    which = "test" if space.split == "test" else "training"
    codes = f"{counted(space.count)} codes of {space.components} components: {which} images of {isolated(space.data)}"
    return " ".join((f"{codes}, encoded by {space.provenance}.", *space.notes))


def _menu_button(name: str, meaning: str) -> QToolButton:
    button = outlined_button("", meaning, name=name)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(QMenu(button))
    return button
