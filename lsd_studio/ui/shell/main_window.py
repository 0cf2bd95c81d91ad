"""The main window: the frame that carries the workspaces."""

from __future__ import annotations

import logging
import traceback
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QChildEvent, QSettings, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QPaintEvent,
    QResizeEvent,
    QUndoGroup,
)
from PySide6.QtWidgets import (
    QMainWindow,
    QMessageBox,
    QScrollArea,
    QStackedWidget,
    QWidget,
)

from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import NotAvailableError, StudioError, sentence_of
from lsd_studio.engine.figures.spec import ViewSettings
from lsd_studio.engine.operations.bundles import OpenedBundle, TestImages
from lsd_studio.engine.spaces.file_names import SUFFIXES
from lsd_studio.engine.training.monitoring.broadcasts import (
    TrainingBroadcast,
    TrainingEnded,
    TrainingStarted,
)
from lsd_studio.ui.app.session import Beginning, LastSession
from lsd_studio.ui.app.theme import Choice, PageThemes, ThemeChoice
from lsd_studio.ui.decompose.workspace import DecomposeWorkspace
from lsd_studio.ui.exchange.actions import ExchangeActions
from lsd_studio.ui.exchange.arrivals import Arrivals
from lsd_studio.ui.exchange.jobs import Jobs
from lsd_studio.ui.figures.actions import FigureActions
from lsd_studio.ui.guidance.command_palette import Command, commands_of_buttons, commands_of_registry
from lsd_studio.ui.guidance.guidance import Guidance
from lsd_studio.ui.guidance.tour_stops import tour_stops
from lsd_studio.ui.shell.actions import Actions
from lsd_studio.ui.shell.activity import Activity, ActivityDisplay, TrainingNow, after
from lsd_studio.ui.shell.engine_events import EngineEvents
from lsd_studio.ui.shell.focus import focus_next_part
from lsd_studio.ui.shell.message_bar import MessageBar
from lsd_studio.ui.shell.pasting import holds_image
from lsd_studio.ui.shell.recent import Kind, Recent, RecentFiles
from lsd_studio.ui.shell.recent_menu import RecentMenu
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.shell.start_page import StartPage
from lsd_studio.ui.shell.window_bars import Footer, Header, Rail
from lsd_studio.ui.shell.workspace import NO_VIEW, Workspace
from lsd_studio.ui.shell.workspaces import OF_CODES, START, WORKSPACES, Place
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.dialogs import ask_for_path, ask_whether
from lsd_studio.ui.widgets.layouts import column, row, scrolled

if TYPE_CHECKING:
    from lsd_studio.ui.codes.codes_in_use import CodesInUse
    from lsd_studio.ui.codes.sheet import CodesSheet
    from lsd_studio.ui.train.workspace import TrainWorkspace

log = logging.getLogger(__name__)

PLACES = (*WORKSPACES, START)

FILES_OF_CODES = f"Codes ({' '.join(f'*{suffix}' for suffix in SUFFIXES)})"

OPENING, TESTS = "opening", "tests"
"""Tasks: opening a bundle, and reading test images."""


class MainWindow(QMainWindow):
    """Header, rail of workspaces, the workspace in use, footer.

    Attributes:
        place: the name of the workspace in front.

    Signals:
        closed: the window is gone; the engine may be closed.
    """

    closed = Signal()

    def __init__(self, engine: Engine, themes: ThemeChoice, settings: QSettings) -> None:
        super().__init__()
        self._engine = engine
        self.events = EngineEvents(engine, self)
        self.tasks = Tasks(self)
        self._themes = themes
        self._settings = settings
        self.session = LastSession(settings)
        self.recent = RecentFiles(settings, self)
        self._view: ViewSettings = {}
        self._closing = False
        self._training: TrainingNow | None = None
        self.question: QMessageBox | None = None
        self.setWindowTitle("LSD Studio")
        self.resize(QSize(1280, 800).boundedTo(self.screen().availableSize()))
        self.selection = Selection(self)
        self._made: dict[Place, Workspace] = {}
        self._pages: dict[Workspace, QScrollArea] = {}
        self._page_themes: dict[Workspace, PageThemes] = {}
        self.place = "Decompose"
        self._empty: Workspace | None = None
        self.message_bar = MessageBar(themes)
        self.workspaces = QStackedWidget()
        self._histories = QUndoGroup(self)
        self.figures = FigureActions(
            self, engine, self.selection, themes, settings, lambda: (self.place, self.workspace), self.go_to,
            self.message_bar.say,
        )  # fmt: skip
        self.jobs = Jobs()
        self.exchange = ExchangeActions(self, engine, self.selection, self.jobs, self.go_to)
        self.exchange.said.connect(self.message_bar.say)
        self.exchange.arrived.connect(self._welcome)
        self.arrivals = Arrivals(engine, self)
        self._act()
        self._lay_out()
        self.setAcceptDrops(True)
        decompose = self._make(next(place for place in WORKSPACES if place.name == "Decompose"))
        assert isinstance(decompose, DecomposeWorkspace)
        self.decompose = decompose
        self.decompose.canvas.setFocus()
        self.guidance = Guidance(
            self, engine, self.workspaces, themes, settings, self.recent, self._offer,
            lambda: ()
            if self.selection.codes is not None
            else tour_stops(self.go_to, decompose, self._rail, self.bundle_button, self._footer),
        )  # fmt: skip
        self.guidance.failed.connect(self._show_error)
        self.guidance.act(self.registry)
        for part in (
            self.menuBar(), self._header, self._rail, self.jobs, self.message_bar, self._footer, self.guidance.help,
        ):  # fmt: skip
            themes.apply_to(part)
        for tasks in (self.tasks, self.figures.tasks, self.jobs.tasks):
            tasks.failed.connect(self._show_error)
            tasks.changed.connect(self._display.refresh)
        self._display.refresh()
        self.selection.bundle_changed.connect(self._show_bundle)
        self.selection.codes_changed.connect(self._show_codes)
        self.selection.bundle_wanted.connect(self.open_bundle)
        self.selection.tests_wanted.connect(self._read_tests)
        self.selection.image_wanted.connect(self._open_test_image)
        self.events.training.connect(self._show_training)
        themes.changed.connect(self._follow_theme)
        if (geometry := self.session.geometry) is not None:
            self.restoreGeometry(geometry)
        self.go_to("Decompose")

    @property
    def workspace(self) -> Workspace:
        """The workspace in front."""
        page = self.workspaces.currentWidget()
        assert isinstance(page, QScrollArea)
        shown = page.widget()
        assert isinstance(shown, Workspace)
        return shown

    def go_to(self, name: str) -> Workspace:
        """Bring a workspace to the front, made if this is the first visit."""
        place = self._place_of(name)
        workspace = self._made.get(place) or self._make(place)
        self._page_themes[workspace].catch_up()
        self.workspaces.setCurrentWidget(self._pages[workspace])
        self._histories.setActiveStack(workspace.history)
        self._rail.show_place(name)
        self.guidance.show_place(name)
        self.place = name
        self._guide()
        return workspace

    def _place_of(self, name: str) -> Place:
        """The workspace of a name, or what stands in its place while codes alone are in use."""
        if self.selection.codes is not None and name in OF_CODES:
            return OF_CODES[name]
        return next(place for place in PLACES if place.name == name)

    def come_back(self) -> None:
        """Go to where the last session ended; the first one begins on the start page."""
        place = self.session.place
        is_known = place in {each.name for each in PLACES}
        if place is None or not is_known or self.session.beginning is Beginning.PAGE:
            self.go_to(START.name)
        elif place == START.name or self._place_of(place) in self._made:
            self.go_to(place)
        else:
            self._wait_to_come_back(place)

    def _wait_to_come_back(self, name: str) -> None:
        """Leave the middle empty until the window has been painted, then go there."""
        self.place = name
        themes = PageThemes(self._themes)
        self._empty = _Empty(self._engine, themes, self.selection)
        self._empty.painted.connect(self._arrive, Qt.ConnectionType.QueuedConnection)
        self.workspaces.setCurrentWidget(self._add_page(self._empty, themes))
        self._rail.show_place(name)

    @Slot()
    def _arrive(self) -> None:
        if self.workspace is self._empty:
            self.go_to(self.place)

    def open_last_bundle(self) -> None:
        """Open the bundle that was in use when the window was closed, or the first of those that ship."""
        self._view = self.session.view
        self.tasks.run(self._open_last(self.session.bundle), OPENING)

    @Slot(object)
    def open_bundle(self, path: Path | None) -> None:
        """Have the engine open a bundle; None is the first of those that ship."""
        self.tasks.cancel(OPENING)
        self.tasks.run(self._open(path), OPENING)

    async def _open(self, path: Path | None) -> None:
        call = self._engine.bundles.open(path)
        try:
            opened = await call
        except StudioError:
            self.decompose.show_no_bundle()
            raise
        self.message_bar.hide()
        self.selection.use_bundle(opened)
        self.engine_state.show_cost(call.milliseconds)

    async def _open_last(self, path: Path | None) -> None:
        """Open a bundle; where it is gone, say so, and open the first of those that ship."""
        try:
            opened = await self._engine.bundles.open(path)
        except StudioError as error:
            self._view = {}
            opened = await self._engine.bundles.open()
            self._show_error(error)
        self.selection.use_bundle(opened)

    # --- building -------------------------------------------------------------------------------------------------

    def _act(self) -> None:
        """Register all actions, in the order of the menus."""
        act = self.registry = Actions(self)
        keys = QKeySequence.StandardKey
        self.choose_bundle = act.add(
            "File", "Open a bundle or run…", self._choose_bundle, "Ctrl+Shift+O",
            meaning="Use another bundle, or a finished run, in all workspaces",
        )  # fmt: skip
        self.choose_codes = act.add(
            "File", "Open codes…", self._choose_codes,
            meaning="Use codes of any model, from a file of arrays or a table, in place of a bundle",
        )  # fmt: skip
        act.add("File", "Open an image…", self._open_image, keys.Open, meaning="Decompose an image file")
        self._recent_menu = RecentMenu(act.menu("File/Open recent"), self.recent)
        self._recent_menu.wanted.connect(self.open_recent)
        act.separate("File")
        self.exchange.register(act)
        act.separate("File")
        self.figures.register(act)
        act.separate("File")
        act.add("File", "Quit", self.close, "Ctrl+Q", meaning="Close the window")
        self.undo = act.adopt("Edit", self._histories.createUndoAction(self, "Undo"), keys.Undo)
        self.redo = act.adopt("Edit", self._histories.createRedoAction(self, "Redo"), keys.Redo)
        act.separate("Edit")
        self.paste = act.add(
            "Edit", "Paste", self._paste, keys.Paste,
            meaning="Take the image on the clipboard, or what was copied there as a file: a bundle, a run, a network",
        )  # fmt: skip
        for number, place in enumerate(WORKSPACES, start=1):
            visit, meaning = partial(self.go_to, place.name), f"Go to the {place.name} workspace"
            act.add("View", place.name, visit, f"Ctrl+{number}", meaning=meaning)
        act.add("View", START.name, partial(self.go_to, START.name), "Ctrl+0", meaning="Go to the start page")
        act.separate("View")
        act.add(
            "View", "Next part of the window", lambda: focus_next_part(self._parts, self.focusWidget()), "F6",
            meaning="Header, rail, workspace, footer",
        )  # fmt: skip
        self.theme_actions: dict[Choice, QAction] = {}
        group = QActionGroup(self)
        words = {Choice.SYSTEM: "Follow system", Choice.LIGHT: "Light", Choice.DARK: "Dark"}
        for choice, text in words.items():
            action = QAction(text, self)
            action.setCheckable(True)
            action.setData(choice)
            action.setChecked(choice is self._themes.choice)
            group.addAction(action)
            self.theme_actions[choice] = act.adopt("View/Theme", action)
        group.triggered.connect(self._choose_theme)

    def _lay_out(self) -> None:
        self._header = Header(self._themes, self.selection, self.choose_bundle, self.choose_codes)
        self._header.bundle_wanted.connect(self.open_bundle)
        self.bundle_button, self.data_set = self._header.bundle_button, self._header.data_set
        self.engine_state = self._header.engine_state
        self._display = ActivityDisplay(self.engine_state, self._activity)
        self._rail = Rail(self._themes, PLACES)
        self._rail.place_wanted.connect(self.go_to)
        self._footer = Footer(self._themes, self.undo, self.redo)
        self.source, self.next_step = self._footer.source, self._footer.next_step
        self._parts = (self._header, self._rail, self.workspaces, self._footer)
        beside = column(self.jobs, self.message_bar, (self.workspaces, 1), spacing=0)
        middle = row(self._rail, (beside, 1), spacing=0)
        whole = QWidget()
        whole.setLayout(column(self._header, (middle, 1), self._footer, spacing=0))
        self.setCentralWidget(whole)

    def _make(self, place: Place) -> Workspace:
        themes = PageThemes(self._themes)
        workspace = place.make(self._engine, themes, self.selection)
        self._made[place] = workspace
        self._add_page(workspace, themes)
        self._histories.addStack(workspace.history)
        workspace.answered.connect(partial(self._show_answer, workspace))
        workspace.tasks.failed.connect(self._show_error)
        workspace.tasks.changed.connect(self._display.refresh)
        workspace.guided.connect(self._guide)
        workspace.opened.connect(self.recent.note)
        workspace.figure_wanted.connect(self.figures.export_numbered)
        workspace.denoisers_wanted.connect(self.exchange.train_denoisers)
        workspace.said.connect(self.message_bar.say)
        if isinstance(workspace, StartPage):
            self._lead_from(workspace)
        self.session.recall_workspace(place.name, workspace)
        return workspace

    def _add_page(self, workspace: Workspace, themes: PageThemes) -> QScrollArea:
        page = self._pages[workspace] = scrolled(workspace, sideways=True)
        page.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is within it has the focus, and is scrolled to
        self.workspaces.addWidget(page)
        self._page_themes[workspace] = themes
        themes.apply_to(page)
        return page

    def _lead_from(self, page: StartPage) -> None:
        """Let the start page's ways lead somewhere."""
        page.drawn.connect(self._decompose_drawing)
        page.bundle_named.connect(lambda name: self.open_bundle(Path(name)))
        page.bundle_wanted.connect(self._choose_bundle)
        page.run_wanted.connect(lambda: self.train().begin())
        page.codes_wanted.connect(self._choose_codes)
        page.tour_wanted.connect(self.guidance.begin_tour)
        page.recent_wanted.connect(self.open_recent)
        page.show_recent(self.recent.all)
        self.recent.changed.connect(lambda: page.show_recent(self.recent.all))

    def _offer(self) -> tuple[Command, ...]:
        """All that can be done now, for the command palette; what a menu offers is not offered twice."""
        actions = commands_of_registry(self.registry)
        known = {command.text for command in actions}
        buttons = commands_of_buttons(self.workspace, self.place)
        others = tuple(command for command in buttons if command.text not in known)
        return (*actions, *others, *self._recent_menu.commands())

    # --- doing ----------------------------------------------------------------------------------------------------

    @Slot()
    def _paste(self) -> None:
        if not self.arrivals.take(QGuiApplication.clipboard().mimeData()):
            self.message_bar.warn("There is no image and no file on the clipboard; copy one first.")

    @Slot(object)
    def open_recent(self, recent: Recent) -> None:
        """Open something recent again, or say that it is gone."""
        if not recent.is_there:
            self.recent.forget(recent)
            self.message_bar.warn(f"{recent.where} is no longer there; it is not listed any more.")
        elif recent.kind is Kind.BUNDLE:
            self.open_bundle(Path(recent.where))
        elif recent.kind is Kind.CODES:
            self.show_codes(Path(recent.where))
        elif recent.kind is Kind.IMAGE:
            self.go_to("Decompose")
            self.decompose.look_at_file(Path(recent.where))
        else:
            self.train().open_folder(Path(recent.where))

    def train(self) -> TrainWorkspace:
        """The Train workspace, brought to the front."""
        from lsd_studio.ui.train.workspace import TrainWorkspace

        workspace = self.go_to("Train")
        assert isinstance(workspace, TrainWorkspace)
        return workspace

    def explore(self, coder: Path) -> None:
        """Load the codes of an autoencoder in Latent space."""
        from lsd_studio.ui.latent.workspace import LatentWorkspace

        workspace = self.go_to("Latent space")
        assert isinstance(workspace, LatentWorkspace)
        workspace.header.choose_coder(coder)

    @Slot(object, str)
    def _welcome(self, bundle: Path, sentence: str) -> None:
        self.tasks.cancel(OPENING)
        self.tasks.run(self._open_new(bundle, sentence), OPENING)

    async def _open_new(self, bundle: Path, sentence: str) -> None:
        """Open what was made or imported just now, and say so."""
        found = await self._engine.exchange.recognise(bundle)
        if found.kind == "bundle":
            await self._open(bundle)
        else:
            self.arrivals.lead((found,))
        self.message_bar.say(sentence)

    @Slot(object)
    def _decompose_drawing(self, ink: QImage) -> None:
        self.go_to("Decompose")
        self.decompose.look_at_drawing(ink)
        self.decompose.canvas.setFocus()

    @Slot()
    def _open_image(self) -> None:
        if self.go_to("Decompose") is self.decompose:
            self.decompose.open_file()

    @Slot(int)
    def _open_test_image(self, number: int) -> None:
        self.go_to("Decompose")
        self.decompose.look_at_test_image(number)

    @Slot()
    def _guide(self) -> None:
        bundle, workspace = self.selection.bundle, self.workspace
        shown = bundle.name if bundle is not None and workspace.follows_bundle else ""
        self.source.setText(workspace.computed_from or shown)
        self.next_step.setText(workspace.next_step)

    @Slot()
    def _choose_bundle(self) -> None:
        ask_for_path(self, "Open a bundle or a finished run", self.open_bundle)

    @Slot()
    def _choose_codes(self) -> None:
        ask_for_path(self, "Open codes", self.show_codes, FILES_OF_CODES)

    def open_file(self, file: Path, array: str | None = None, labels: str | None = None) -> None:
        """Lead a file or folder to where it belongs; codes with named labels are used without asking."""
        if labels is None and array is None:
            self.arrivals.take_files((file,))
        else:
            self.tasks.run(self._open_codes(file, array, labels))

    async def _open_codes(self, file: Path, array: str | None, labels: str | None) -> None:
        from lsd_studio.ui.codes.codes_in_use import CodesInUse

        space = await self._engine.spaces.read(file, array)
        if labels is not None:
            space.label_column(labels)
        self.use_codes(CodesInUse(space, labels))

    def show_codes(self, file: Path) -> CodesSheet:
        """Show what is in a file of codes, in the place of another file, and use it where a person wants that."""
        from lsd_studio.ui.codes.sheet import CodesSheet

        for earlier in self.findChildren(CodesSheet):
            earlier.close()
        sheet = CodesSheet(self._engine, file, self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.wanted.connect(self.use_codes)
        sheet.open()
        return sheet

    @Slot(object)
    def use_codes(self, codes: CodesInUse) -> None:
        """Use codes in place of a bundle, and show where they lie."""
        self.tasks.cancel(OPENING)
        self.recent.note(Recent(Kind.CODES, str(codes.space.file.absolute())))
        self.selection.use_codes(codes)
        self.go_to("Latent space")

    @Slot(object)
    def _show_codes(self, codes: CodesInUse | None) -> None:
        """Bring what works with codes, or with the bundle, to the front in place of the other."""
        self._header.show_codes(codes)
        self._display.refresh()
        if self.workspace is not self._empty:
            self.go_to(self.place)

    @Slot(QAction)
    def _choose_theme(self, action: QAction) -> None:
        self._themes.choose(Choice(action.data()))

    @Slot(object)
    def _show_training(self, event: TrainingBroadcast) -> None:
        self._training = after(self._training, event)
        self._display.refresh()
        match event:
            case TrainingStarted():
                self._say_notes(event.notes)
            case TrainingEnded():
                if event.error is not None:
                    self._show_error(event.error)
                if self._closing:
                    self.close()
            case _:
                pass

    def _activity(self) -> Activity:
        return Activity(
            has_bundle=self.selection.bundle is not None or self.selection.codes is not None,
            is_opening=self.tasks.is_running(OPENING),
            is_stopping=self._closing,
            training=self._training,
            jobs=self.jobs.names,
            working=tuple(place.name for place, workspace in self._made.items() if workspace.tasks.is_busy),
        )

    @Slot(object)
    def _show_bundle(self, bundle: OpenedBundle) -> None:
        self._header.show_bundle(bundle)
        for workspace in self._made.values():
            if workspace.follows_bundle:
                workspace.computed_from = ""
        self._guide()
        where = _where(bundle)
        self.session.keep_bundle(where)
        self.recent.note(Recent(Kind.BUNDLE, where))
        self._read_tests(bundle.data_set)

    @Slot(str)
    def _read_tests(self, source: str) -> None:
        self.tasks.cancel(TESTS)
        self.tasks.deliver(self._engine.bundles.test_images(source), self._use_tests, TESTS)

    def _use_tests(self, tests: TestImages) -> None:
        self.selection.use_tests(tests)
        self._recall_view()
        self._say_notes(tests.notes)

    def _recall_view(self) -> None:
        """Show what the last session showed, unless the person has gone elsewhere or begun something since."""
        view, self._view = self._view, {}
        wanted = view and self.place == self.session.place and not self.workspace.history.count()
        if wanted and not self.workspace.bring_back(view):
            self.message_bar.warn(NO_VIEW)

    def _say_notes(self, notes: tuple[str, ...]) -> None:
        """Say what a reader must know of the images that were read."""
        if notes:
            self.message_bar.say(" ".join(notes))

    @Slot(object)
    def _show_error(self, error: Exception) -> None:
        """Say what could not be done; a mistake of the program with its traceback, to be reported."""
        if isinstance(error, NotAvailableError) and self.tasks.is_running(OPENING):
            log.info("asked of the bundle before: %s", error)
            return
        trace = "".join(traceback.format_exception(error))
        if isinstance(error, StudioError):
            log.warning("%s", error)
            log.info("%s", trace)
            self.message_bar.warn(sentence_of(error))
        else:
            log.error("%s\n%s", error, trace)
            self.message_bar.warn(sentence_of(error), trace)

    def _show_answer(self, workspace: Workspace, milliseconds: float, source: str) -> None:
        workspace.computed_from = source
        if workspace is self.workspace:
            self.message_bar.settle()
        self.engine_state.show_cost(milliseconds)
        self._guide()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Let images and files in, wherever they are dropped."""
        if holds_image(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if self.arrivals.take(event.mimeData()):
            event.acceptProposedAction()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Escape put the message away, where nothing in the window has a use for it."""
        if event.key() == Qt.Key.Key_Escape and self.message_bar.isVisible():
            self.message_bar.hide()
        else:
            super().keyPressEvent(event)

    # --- closing --------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let what lies over the window grow with it, when everything below has its place."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self.guidance, self.guidance.fit)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close at once, or ask first where training is under way."""
        if self._engine.is_training:
            event.ignore()
            if not self._closing:
                self._ask_before_closing()
            return
        try:
            for place, workspace in self._made.items():
                self.session.keep_workspace(place.name, workspace)
            self.session.keep_view(self.workspace.view_settings)
        except Exception:  # whatever it is, it must not hold the window open
            log.exception("What to come back to could not be noted.")
        self.session.keep(self.place, self.saveGeometry())
        event.accept()
        self.closed.emit()

    def _ask_before_closing(self) -> None:
        if self.question is not None:
            return
        self.question = ask_whether(
            self,
            "Training is running",
            "Training is running. Stop it after the current batch and close?",
            "A checkpoint is saved, so the run can be resumed.",
            "Stop and close",
            "Keep training",
        )
        self.question.accepted.connect(self._stop_and_close)
        self.question.finished.connect(self._forget_question)

    @Slot()
    def _forget_question(self) -> None:
        self.question = None

    @Slot()
    def _stop_and_close(self) -> None:
        self._closing = True
        self._display.refresh()
        try:
            self._engine.training.cancel()
        except StudioError:  # it has ended while the question was asked
            self.close()

    @Slot()
    def _follow_theme(self) -> None:
        self.theme_actions[self._themes.choice].setChecked(True)
        self._page_themes[self.workspace].catch_up()

    def childEvent(self, event: QChildEvent) -> None:
        """Let dialogs and what is laid over the window follow the theme once they are first shown.

        The window itself has no style sheet: it would be that of all workspaces, and made anew for each at once.
        """
        child = event.child() if event.polished() else None
        if isinstance(child, QWidget) and child not in (self.menuBar(), self.centralWidget()):
            self._themes.apply_to(child)


def _where(bundle: OpenedBundle) -> str:
    """How the bundle is found again: a shipped one by its name, since installations move, others by their path."""
    return bundle.name if bundle.ships else str(bundle.path.absolute())


class _Empty(Workspace):
    """Nothing, until a workspace that takes long to be made is there.

    Signals:
        painted: a person sees the window.
    """

    painted = Signal()

    def paintEvent(self, event: QPaintEvent) -> None:
        self.painted.emit()
