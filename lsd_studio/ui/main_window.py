"""The main window: the frame that carries the workspaces."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSettings, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QGuiApplication, QKeySequence, QUndoGroup
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QMessageBox,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lsd_studio.engine.messages.bundles import BundleOpened, LoadTestImages, OpenBundle, TestImagesLoaded
from lsd_studio.engine.messages.core import Event, Failed, Progress, Stopped, Working
from lsd_studio.engine.messages.training import (
    CancelTraining,
    Progressed,
    TrainingEnded,
    TrainingReported,
    TrainingStarted,
)
from lsd_studio.ui.actions import Actions
from lsd_studio.ui.bridge import EngineBridge
from lsd_studio.ui.decompose_workspace import DecomposeWorkspace
from lsd_studio.ui.engine_state import EngineState
from lsd_studio.ui.icons import icon
from lsd_studio.ui.message_bar import MessageBar
from lsd_studio.ui.selection import Selection
from lsd_studio.ui.theme import GRID, Choice, Theme, ThemeManager
from lsd_studio.ui.train_panels import STAGE_NAMES
from lsd_studio.ui.train_words import duration
from lsd_studio.ui.vector_chip import VectorChip
from lsd_studio.ui.workspace import Workspace
from lsd_studio.ui.workspaces import WORKSPACES, Place

log = logging.getLogger(__name__)

RAIL = 104


class MainWindow(QMainWindow):
    """Header, rail of workspaces, the workspace in use, footer.

    Signals:
        closed: the window is gone; the engine may be closed.
    """

    closed = Signal()

    def __init__(self, bridge: EngineBridge, themes: ThemeManager, settings: QSettings) -> None:
        super().__init__()
        self._bridge = bridge
        self._themes = themes
        self._settings = settings
        self._closing = False
        self._working = 0
        self._training = ""
        self._icons: list[tuple[QToolButton | QAction, str]] = []
        self.question: QMessageBox | None = None
        self.setWindowTitle("LSD Studio")
        self.resize(1280, 800)
        self.selection = Selection(self)
        self._made: dict[str, Workspace] = {}
        self._sources: dict[Workspace, str] = {}
        self.workspaces = QStackedWidget()
        self._histories = QUndoGroup(self)
        decompose = self._make(next(place for place in WORKSPACES if place.name == "Decompose"))
        assert isinstance(decompose, DecomposeWorkspace)
        self.decompose = decompose
        self._act()
        self._lay_out()
        self.selection.image_wanted.connect(self._open_test_image)
        bridge.told.connect(self._hear)
        themes.changed.connect(self._dress)
        self._dress(themes.theme)
        if (geometry := settings.value("geometry")) is not None:
            self.restoreGeometry(geometry)
        self.go_to("Decompose")

    @property
    def workspace(self) -> Workspace:
        """The workspace in front."""
        shown = self.workspaces.currentWidget()
        assert isinstance(shown, Workspace)
        return shown

    def go_to(self, name: str) -> Workspace:
        """Bring a workspace to the front, made if this is the first visit."""
        place = next(place for place in WORKSPACES if place.name == name)
        workspace = self._made.get(name) or self._make(place)
        self.workspaces.setCurrentWidget(workspace)
        self._histories.setActiveStack(workspace.history)
        self._rail_group.button(WORKSPACES.index(place)).setChecked(True)
        self._guide()
        return workspace

    def open_bundle(self, path: Path | None) -> None:
        """Ask the engine to open a bundle; None is the one that is shipped."""
        self.engine_state.say("loading", "accent")
        self._bridge.submit(OpenBundle(path))

    # --- building -------------------------------------------------------------------------------------------------

    def _act(self) -> None:
        """Register all actions, in the order of the menus."""
        act = self.registry = Actions(self)
        keys = QKeySequence.StandardKey
        self.choose_bundle = act.add(
            "File",
            "Open a bundle or run…",
            self._choose_bundle,
            "Ctrl+Shift+O",
            meaning="Use another bundle, or a finished run, in all workspaces",
        )
        self.open_image = act.add(
            "File", "Open an image…", self._open_image, keys.Open, meaning="Decompose an image file"
        )
        act.separate("File")
        self.quit = act.add("File", "Quit", self.close, keys.Quit, meaning="Close the window")
        self.undo = act.adopt("Edit", self._histories.createUndoAction(self, "Undo"), keys.Undo)
        self.redo = act.adopt("Edit", self._histories.createRedoAction(self, "Redo"), keys.Redo)
        act.separate("Edit")
        self.paste = act.add(
            "Edit",
            "Paste an image",
            self._paste,
            keys.Paste,
            meaning="Take the image that is on the clipboard",
        )
        for number, place in enumerate(WORKSPACES, start=1):
            visit = act.add("View", place.name, partial(self.go_to, place.name), f"Ctrl+{number}")
            visit.setToolTip(f"Go to the {place.name} workspace")
        act.separate("View")
        self.theme_actions: dict[Choice, QAction] = {}
        group = QActionGroup(self)
        words = {Choice.SYSTEM: "As the system has it", Choice.LIGHT: "Light", Choice.DARK: "Dark"}
        for choice, text in words.items():
            action = QAction(text, self)
            action.setCheckable(True)
            action.setData(choice)
            action.setChecked(choice is self._themes.choice)
            group.addAction(action)
            self.theme_actions[choice] = act.adopt("View/Theme", action)
        group.triggered.connect(self._choose_theme)

    def _lay_out(self) -> None:
        self.message_bar = MessageBar(self._themes)
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self._rail())
        middle.addWidget(self.workspaces, 1)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header())
        column.addWidget(self.message_bar)
        column.addLayout(middle, 1)
        column.addWidget(self._footer())
        self.setCentralWidget(whole)
        self.decompose.canvas.setFocus()

    def _header(self) -> QFrame:
        self.bundle_button = QToolButton()
        self.bundle_button.setText("no bundle yet")
        self.bundle_button.setAccessibleName("Bundle in use")
        self.bundle_button.setToolTip("The bundle in use; press to open another")
        self.bundle_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.bundle_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._bundle_menu = QMenu(self.bundle_button)
        self._bundle_menu.addAction(self.choose_bundle)
        self._bundle_menu.triggered.connect(self._open_shipped)
        self.bundle_button.setMenu(self._bundle_menu)
        self._icons.append((self.bundle_button, "mdi6.package-variant-closed"))
        self.data_set = QLabel()
        self.data_set.setProperty("role", "caption")
        self.data_set.setAccessibleName("Data set")
        self.engine_state = EngineState(self._themes)
        self.engine_state.say("starting", "accent")
        self.looked_at = VectorChip(self._themes, self.selection)
        return _bar(self.bundle_button, self.data_set, None, self.looked_at, self.engine_state)

    def _rail(self) -> QFrame:
        rail = QFrame()
        rail.setProperty("role", "bar")
        rail.setFixedWidth(RAIL)
        rail.setAccessibleName("Workspaces")
        column = QVBoxLayout(rail)
        column.setContentsMargins(GRID, 2 * GRID, GRID, GRID)
        column.setSpacing(GRID)
        self._rail_group = QButtonGroup(self)
        for number, place in enumerate(WORKSPACES):
            button = QToolButton()
            button.setText(place.name)
            button.setCheckable(True)
            button.setProperty("role", "workspace")
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setIconSize(QSize(24, 24))
            button.setFixedWidth(RAIL - 2 * GRID)
            button.setAccessibleName(f"{place.name} workspace")
            button.setToolTip(f"{place.name} (Ctrl+{number + 1})")
            self._rail_group.addButton(button, number)
            self._icons.append((button, place.icon))
            column.addWidget(button)
        self._rail_group.idClicked.connect(self._visit)
        column.addStretch(1)
        return rail

    def _footer(self) -> QFrame:
        buttons = []
        for action, name in ((self.undo, "mdi6.undo-variant"), (self.redo, "mdi6.redo-variant")):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setAccessibleName("Undo" if action is self.undo else "Redo")
            self._icons.append((action, name))
            buttons.append(button)
        self.source = QLabel()
        self.source.setProperty("role", "caption")
        self.source.setAccessibleName("What the numbers were computed from")
        self.next_step = QLabel()
        self.next_step.setAccessibleName("What to do next")
        return _bar(*buttons, self.source, None, self.next_step)

    def _make(self, place: Place) -> Workspace:
        workspace = place.make(self._bridge, self._themes, self.selection)
        self._made[place.name] = workspace
        self.workspaces.addWidget(workspace)
        self._histories.addStack(workspace.history)
        workspace.answered.connect(partial(self._show_answer, workspace))
        workspace.guided.connect(self._guide)
        return workspace

    # --- doing ----------------------------------------------------------------------------------------------------

    @Slot()
    def _paste(self) -> None:
        data = QGuiApplication.clipboard().mimeData()
        if self.workspace.paste(data):
            return
        if self.decompose.paste(data):
            self.go_to("Decompose")
        else:
            self.message_bar.say("There is no image on the clipboard; copy one first.")

    @Slot(int)
    def _visit(self, number: int) -> None:
        self.go_to(WORKSPACES[number].name)

    @Slot()
    def _open_image(self) -> None:
        self.go_to("Decompose")
        self.decompose.open_file()

    @Slot(int)
    def _open_test_image(self, number: int) -> None:
        self.go_to("Decompose")
        self.decompose.look_at_test_image(number)

    @Slot()
    def _guide(self) -> None:
        self.source.setText(self._sources.get(self.workspace, ""))
        self.next_step.setText(self.workspace.next_step)

    @Slot()
    def _choose_bundle(self) -> None:
        dialog = QFileDialog(self, "Open a bundle or a finished run")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._open_chosen)
        dialog.open()

    @Slot(QAction)
    def _open_shipped(self, action: QAction) -> None:
        if action.data() is not None:
            self.open_bundle(Path(action.data()))

    @Slot(str)
    def _open_chosen(self, path: str) -> None:
        self.open_bundle(Path(path))

    @Slot(QAction)
    def _choose_theme(self, action: QAction) -> None:
        self._themes.choose(Choice(action.data()))

    @Slot(object)
    def _hear(self, event: Event) -> None:
        if (event.number == self._working and not isinstance(event, Progress)) or isinstance(event, Stopped):
            self._working = 0
            self._say_rest()
        match event:
            case Working():
                self._working = event.number
                self.engine_state.say(event.what, "accent")
            case BundleOpened():
                self.selection.use_bundle(event)
                self._show_bundle(event)
            case TestImagesLoaded():
                self.selection.use_tests(event)
            case TrainingStarted():
                self._training = event.run.name
                self._say_rest()
            case TrainingReported(report=Progressed() as at) if at.total_steps:
                left = f", {duration(at.seconds_left)} left" if at.seconds_left is not None else ""
                self._training = f"{STAGE_NAMES[at.stage]} {100 * at.step / at.total_steps:.0f} %{left}"
                if not self._working:
                    self._say_rest()
            case TrainingEnded():
                self._training = ""
                self._say_rest()
                if self._closing:
                    self.close()
            case Failed():
                self._show_failure(event)
            case _:
                pass

    def _say_rest(self) -> None:
        """Say what goes on where no request is being worked on."""
        if self._training:
            self.engine_state.say(f"training {self._training}", "accent")
        else:
            self.engine_state.say("ready")

    def _show_bundle(self, bundle: BundleOpened) -> None:
        self.bundle_button.setText(bundle.name)
        self.data_set.setText(
            f"{bundle.data_set} · profile {bundle.profile} · {bundle.number_of_labels} labels × "
            f"{bundle.latent_dimensions // bundle.number_of_labels} sets"
        )
        self._bundle_menu.clear()
        for name in bundle.shipped:
            self._bundle_menu.addAction(f"Open {name}").setData(name)
        self._bundle_menu.addSeparator()
        self._bundle_menu.addAction(self.choose_bundle)
        self.engine_state.say("ready")
        self.engine_state.show_cost(bundle.milliseconds)
        self._guide()
        self.message_bar.hide()
        self._bridge.submit(LoadTestImages(bundle.data_set))

    def _show_failure(self, event: Failed) -> None:
        log.error("%s: %s\n%s", event.request, event.sentence, event.traceback)
        self.message_bar.say(event.sentence, event.traceback)
        if event.request == "OpenBundle":
            self.engine_state.say(
                "no bundle" if self.bundle_button.text() == "no bundle yet" else "ready", "warning"
            )
            self.decompose.show_no_bundle()

    def _show_answer(self, workspace: Workspace, milliseconds: float, source: str) -> None:
        self._sources[workspace] = source
        self.engine_state.show_cost(milliseconds)
        self._guide()

    # --- closing --------------------------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close at once, or ask first where training is under way."""
        if self._bridge.engine.is_training:
            event.ignore()
            if not self._closing:
                self._ask_before_closing()
            return
        self._settings.setValue("geometry", self.saveGeometry())
        self._settings.sync()
        event.accept()
        self.closed.emit()

    def _ask_before_closing(self) -> None:
        if self.question is not None:
            return
        question = QMessageBox(self)
        question.setIcon(QMessageBox.Icon.Question)
        question.setWindowTitle("Training is under way")
        question.setText("Training is under way. Stop it at the next batch and close?")
        question.setInformativeText("A checkpoint is kept, so the run can be resumed.")
        stop = question.addButton("Stop and close", QMessageBox.ButtonRole.AcceptRole)
        question.addButton("Go on training", QMessageBox.ButtonRole.RejectRole)
        question.setDefaultButton(stop)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.finished.connect(self._answered_question)
        self.question = question
        question.open()

    @Slot(int)
    def _answered_question(self, result: int) -> None:
        question, self.question = self.question, None
        if (
            question is None
            or question.buttonRole(question.clickedButton()) != QMessageBox.ButtonRole.AcceptRole
        ):
            return
        self._closing = True
        self.engine_state.say("stopping at the next batch", "accent")
        if self._bridge.engine.is_training:
            self._bridge.submit(CancelTraining())
        else:
            self.close()

    @Slot(object)
    def _dress(self, theme: Theme) -> None:
        for target, name in self._icons:
            target.setIcon(icon(name, theme))


def _bar(*parts: QWidget | None) -> QFrame:
    bar = QFrame()
    bar.setProperty("role", "bar")
    row = QHBoxLayout(bar)
    row.setContentsMargins(2 * GRID, GRID // 2, 2 * GRID, GRID // 2)
    row.setSpacing(GRID)
    for part in parts:
        if part is None:
            row.addStretch(1)
        else:
            row.addWidget(part)
    return bar
