"""The Operate workspace: paths of labels, operators fitted on pairs, and snapshots of what they gave."""

from __future__ import annotations

from functools import cached_property, partial

from PySide6.QtCore import QSettings, Slot

from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.spec import PlotFigure, ViewSettings
from lsd_studio.engine.operations.bundles import OpenedBundle
from lsd_studio.engine.operators.products import Turn
from lsd_studio.files.json_text import parse_json_object
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.operate.compared.page import ComparedPage
from lsd_studio.ui.operate.figures import snapshot_figures
from lsd_studio.ui.operate.fitted import FittedPage
from lsd_studio.ui.operate.path import PathPage
from lsd_studio.ui.operate.session import NotedSnapshot, OperateSession
from lsd_studio.ui.operate.snapshots import SnapshotsPage
from lsd_studio.ui.operate.state import ComparedState, OperateState, Snapshot
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.shell.workspace import Workspace
from lsd_studio.ui.widgets.controls import outlined_button
from lsd_studio.ui.widgets.front_stack import FrontStack
from lsd_studio.ui.widgets.layouts import column, row, tool_button
from lsd_studio.ui.widgets.segments import Segments
from lsd_studio.ui.widgets.side_by_side import SideBySide


class OperateWorkspace(Workspace):
    """Four pages: a path of labels, operators compared, fitted operators, snapshots.

    The two of operators are made when they are first in front.
    """

    def __init__(self, engine: Engine, themes: ThemeManager, selection: Selection) -> None:
        super().__init__(engine, themes, selection)
        self._wanted: OperateState | None = None
        self._recalled: OperateSession | None = None
        self._origins: dict[str, tuple[float, str]] = {}
        self.path = PathPage(self.engine, self.tasks, themes, selection, self.history)
        self._fitted: FittedPage | None = None
        self._compared: ComparedPage | None = None
        self.snapshots = SnapshotsPage(themes)
        self.page = Segments(
            "Page",
            ("path", "Path", "Move images along a path of labels"),
            ("operators", "Operators", "Operators from label to label, compared on test images"),
            ("fitted", "Fitted operators", "Fit an operator on pairs of images and apply it to others"),
            ("snapshots", "Snapshots", "Snapshots side by side"),
        )
        self.page.set_value("path")
        self.page.chosen.connect(self.go_to)
        keeping = "Store what the handle shows, to compare and to restore (Ctrl+K)"
        self.keep = outlined_button("Take snapshot", keeping, self.keep_snapshot)
        self.keep.setShortcut("Ctrl+K")
        self.as_operator = tool_button(
            "Use the path as an operator", "Apply the path up to the handle as an operator"
        )
        self.as_operator.clicked.connect(self._use_path)
        self._stack = FrontStack(self.path, self.snapshots)
        path = self.path
        shown = row(None, path.taken, path.shuffle, path.view, self.as_operator, self.keep)
        head = SideBySide(row(self.page, None), shown, stretches=(1, 1))
        self.setLayout(column(head, (self._stack, 1), margin=(2 * GRID, GRID, 2 * GRID, 2 * GRID)))
        self._follow("path", self.path)
        self.snapshots.return_wanted.connect(self._return_to)
        self.snapshots.changed.connect(self._count)
        selection.bundle_changed.connect(self._use_bundle)
        selection.tests_changed.connect(self._show_wanted)
        if selection.bundle is not None:
            self.snapshots.use_labels(selection.bundle.label_names)
        themed_icon(self.keep, "mdi6.camera-outline", themes)
        themed_icon(self.as_operator, "mdi6.function-variant", themes)

    @cached_property
    def fitted(self) -> FittedPage:
        page = self._fitted = FittedPage(self.engine, self.tasks, self.themes, self.selection, self.path)
        self.path.subject_changed.connect(page.refresh)
        self._follow("fitted", page)
        self._stack.addWidget(page)
        return page

    @cached_property
    def compared(self) -> ComparedPage:
        page = self._compared = ComparedPage(self.engine, self.tasks, self.themes, self.selection, self.path)
        page.kept.connect(self._list_again)
        self._follow("operators", page)
        self._stack.addWidget(page)
        return page

    @property
    def _page(self) -> PathPage | ComparedPage | FittedPage | SnapshotsPage:
        """The page that is chosen."""
        match self.page.value:
            case "operators":
                return self.compared
            case "fitted":
                return self.fitted
            case "snapshots":
                return self.snapshots
            case _:
                return self.path

    @property
    def next_step(self) -> str:
        page = self._page
        if isinstance(page, SnapshotsPage):
            return "Restore a snapshot, or continue on the path."
        return page.next_step

    def figures(self) -> tuple[PlotFigure, ...]:
        page = self._page
        if not isinstance(page, SnapshotsPage):
            return page.figures()
        if (bundle := self.selection.bundle) is None:
            return ()
        return snapshot_figures(self.snapshots.snapshots, bundle.label_names, bundle.name)

    @property
    def view_settings(self) -> ViewSettings:
        state = OperateState(
            page=self.page.value,
            along=self.path.view.value,
            path=self.path.state,
            factors=() if self._fitted is None else self._fitted.product.factors,
            compared=ComparedState() if self._compared is None else self._compared.state,
        )
        return state.model_dump(mode="json")

    def show_view(self, settings: ViewSettings) -> None:
        """Show a page and a path again, as soon as there are test images.

        Operators that were fitted and not saved under a name do not come back.
        """
        self._wanted = OperateState.model_validate(settings)
        self._show_wanted()

    def keep_session(self, settings: QSettings) -> None:
        """Note the path and the snapshots, whatever workspace is in front."""
        bundle = self.selection.bundle
        if bundle is not None and self._recalled is None:
            session = OperateSession(
                bundle=str(bundle.path),
                view=OperateState.model_validate(self.view_settings),
                snapshots=tuple(map(NotedSnapshot.of, self.snapshots.snapshots)),
            )
            settings.setValue("session", session.model_dump_json())

    def recall_session(self, settings: QSettings) -> None:
        """Come back to the path and the snapshots, once their bundle and test images are there."""
        try:
            noted = parse_json_object(str(settings.value("session", "{}")), "the last session of Operate")
        except StudioError:
            return
        self._recalled = OperateSession.model_validate(noted)
        self._show_wanted()

    @Slot()
    def _show_wanted(self) -> None:
        tests, bundle = self.selection.tests, self.selection.bundle
        if self._recalled is not None and tests is not None and bundle is not None:
            recalled, self._recalled = self._recalled, None
            if recalled.bundle == str(bundle.path):
                for snapshot in recalled.snapshots_of(bundle.number_of_labels, len(tests.labels)):
                    self.snapshots.keep(snapshot)
                self._wanted = self._wanted or recalled.view
        wanted = self._wanted
        if wanted is None or tests is None or bundle is None:
            return
        self._wanted = None
        if wanted.page is not None:
            self.go_to(wanted.page)
        if wanted.along is not None:
            self.path.show_along(wanted.along)
        if wanted.path is not None and wanted.path.fits(bundle.number_of_labels, len(tests.labels)):
            self.path.show_state(wanted.path)
        if wanted.compared != ComparedState():
            self.compared.show_state(wanted.compared)
        if wanted.factors and all(isinstance(each, Turn) or each.name for each in wanted.factors):
            self.fitted.product.use_factors(wanted.factors)

    @Slot(str)
    def go_to(self, page: str) -> None:
        """Bring a page to the front: "path", "operators", "fitted" or "snapshots"."""
        self.page.set_value(page)
        self._stack.setCurrentWidget(self._page)
        for control in (self.keep, self.as_operator, self.path.view):
            control.setVisible(page == "path")
        for control in (self.path.taken, self.path.shuffle):
            control.setVisible(page != "snapshots")
        if page == "fitted":
            self.fitted.refresh()
        if page == "operators":
            self.compared.refresh()
        if page in self._origins:
            self.answered.emit(*self._origins[page])
        self.guided.emit()

    def _follow(self, name: str, page: PathPage | ComparedPage | FittedPage) -> None:
        page.answered.connect(partial(self._answer, name))
        page.guided.connect(self.guided)

    @Slot()
    def _list_again(self) -> None:
        """An operator was saved in the bundle."""
        if self._fitted is not None:
            self._fitted.list_again()

    def _answer(self, page: str, milliseconds: float, source: str) -> None:
        """Note what a page was computed from, and tell it where that page is in front."""
        self._origins[page] = milliseconds, source
        if page == self.page.value:
            self.answered.emit(milliseconds, source)

    @Slot()
    def keep_snapshot(self) -> None:
        snapshot = self.path.snapshot(self.snapshots.free_name())
        if snapshot is not None:
            self.snapshots.keep(snapshot)

    @Slot(object)
    def _return_to(self, snapshot: Snapshot) -> None:
        self.path.return_to(snapshot)
        self.go_to("path")

    @Slot()
    def _use_path(self) -> None:
        if turns := self.path.state.turns:
            self.go_to("fitted")
            self.fitted.product.use_factors(turns)

    @Slot()
    def _count(self) -> None:
        count = len(self.snapshots.snapshots)
        self.page.button("snapshots").setText(f"Snapshots {count}" if count else "Snapshots")

    @Slot(object)
    def _use_bundle(self, bundle: OpenedBundle) -> None:
        self._origins.clear()
        self.snapshots.use_labels(bundle.label_names)
        self._count()
