"""The bars around the workspaces: the header with the bundle in use, the rail to go from one to another, the footer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QButtonGroup, QFrame, QMenu, QToolButton

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.operations.bundles import OpenedBundle
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.codes.codes_in_use import CodesInUse
from lsd_studio.ui.shell.engine_state import EngineState
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.shell.vector_chip import VectorChip
from lsd_studio.ui.shell.workspaces import START, Place
from lsd_studio.ui.widgets.eliding_label import ElidingLabel
from lsd_studio.ui.widgets.layouts import Part, column, row
from lsd_studio.ui.widgets.plain_text import button_words, tip_words

RAIL = 104
NO_BUNDLE = "no bundle yet"

LONGEST_NAME = 32
"""Characters of a bundle's name that its button shows; its tool tip has the whole."""


class Header(QFrame):
    """The bundle in use and the way to another, its data, the selected vector, and what the engine does.

    Args:
        choose_bundle, choose_codes: the actions that ask for another bundle, and for codes in its place.

    Signals:
        bundle_wanted: a bundle that ships or was imported, as a Path.
    """

    bundle_wanted = Signal(object)

    def __init__(
        self, themes: ThemeManager, selection: Selection, choose_bundle: QAction, choose_codes: QAction
    ) -> None:
        super().__init__()
        self._choices = [choose_bundle, choose_codes]
        self.bundle_button = QToolButton()
        self.bundle_button.setText(NO_BUNDLE)
        self.bundle_button.setAccessibleName("Bundle in use")
        self.bundle_button.setToolTip("The bundle in use; press to open another")
        self.bundle_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.bundle_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self.bundle_button)
        self._menu.addActions(self._choices)
        self._menu.triggered.connect(self._open_offered)
        self.bundle_button.setMenu(self._menu)
        self.data_set = ElidingLabel("Data set")
        self.engine_state = EngineState(themes)
        chip = VectorChip(themes, selection)
        _lay_out(self, self.bundle_button, (self.data_set, 1), chip, self.engine_state)
        themed_icon(self.bundle_button, "mdi6.package-variant-closed", themes)

    def show_bundle(self, bundle: OpenedBundle) -> None:
        """Name the bundle in use and its data, and offer those that ship or were imported."""
        self.bundle_button.setText(button_words(_shortened(bundle.name)))
        self.bundle_button.setToolTip(
            tip_words(f"{isolated(bundle.name)}: the bundle in use; press to open another")
        )
        prior = f" · prior {bundle.prior}" if bundle.prior else ""
        self.data_set.setText(
            f"{isolated(bundle.data_set)} · profile {isolated(bundle.profile)} · {bundle.number_of_labels} labels × "
            f"{bundle.latent_dimensions // bundle.number_of_labels} sets{prior}"
        )
        self._menu.clear()
        for names in (bundle.shipped, bundle.imported):
            for name in names:
                self._menu.addAction(button_words(f"Open {_shortened(name)}")).setData(name)
            self._menu.addSeparator()
        self._menu.addActions(self._choices)

    def show_codes(self, codes: CodesInUse | None) -> None:
        """Name the codes that are in use in place of a bundle; None leaves it to the bundle that follows."""
        if codes is not None:
            self.bundle_button.setText(button_words(_shortened(codes.space.name)))
            self.bundle_button.setToolTip(
                tip_words(f"{codes.space.file}: the codes in use; press to open a bundle or others")
            )
            self.data_set.setText(codes.words)

    @Slot(QAction)
    def _open_offered(self, action: QAction) -> None:
        if action.data() is not None:
            self.bundle_wanted.emit(Path(action.data()))


class Rail(QFrame):
    """A button for each place of the window.

    Signals:
        place_wanted: the name of a place.
    """

    place_wanted = Signal(str)

    def __init__(self, themes: ThemeManager, places: Sequence[Place]) -> None:
        super().__init__()
        self._places = tuple(places)
        self.setProperty("role", "bar")
        self.setFixedWidth(RAIL)
        self.setAccessibleName("Workspaces")
        layout = column(spacing=GRID // 2, margin=GRID)
        self.setLayout(layout)
        self._buttons = QButtonGroup(self)
        for number, place in enumerate(self._places):
            button = QToolButton()
            button.setText(place.name)
            button.setCheckable(True)
            button.setProperty("role", "workspace")
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setIconSize(QSize(24, 24))
            button.setFixedWidth(RAIL - 2 * GRID)
            button.setAccessibleName("Start page" if place is START else f"{place.name} workspace")
            button.setToolTip(f"{place.name} (Ctrl+{(number + 1) % len(self._places)})")
            themed_icon(button, place.icon, themes)
            self._buttons.addButton(button, number)
            if place is START:
                layout.addStretch(1)
            layout.addWidget(button)
        self._buttons.idClicked.connect(self._want)

    def show_place(self, name: str) -> None:
        """Mark the place that is in front."""
        names = [place.name for place in self._places]
        self._buttons.button(names.index(name)).setChecked(True)

    @Slot(int)
    def _want(self, number: int) -> None:
        self.place_wanted.emit(self._places[number].name)


class Footer(QFrame):
    """Undo and redo, what the numbers in front were computed from, and what to do next."""

    def __init__(self, themes: ThemeManager, undo: QAction, redo: QAction) -> None:
        super().__init__()
        buttons = []
        for action, name, sign in ((undo, "Undo", "mdi6.undo-variant"), (redo, "Redo", "mdi6.redo-variant")):
            themed_icon(action, sign, themes)
            button = QToolButton()
            button.setDefaultAction(action)
            button.setAccessibleName(name)
            buttons.append(button)
        self.source = ElidingLabel("What the numbers were computed from")
        self.next_step = ElidingLabel("What to do next", role="")
        self.next_step.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        _lay_out(self, *buttons, (self.source, 1), self.next_step)


def _shortened(name: str) -> str:
    """The beginning of a long name: no name sets the width of the window."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _lay_out(bar: QFrame, *parts: Part) -> None:
    """Put the parts of a bar side by side."""
    bar.setProperty("role", "bar")
    bar.setLayout(row(*parts, margin=(2 * GRID, GRID // 2, 2 * GRID, GRID // 2)))
