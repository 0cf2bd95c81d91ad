"""Building a basis: what to build, how far it is, and what to do with it then."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QFileDialog,
    QFrame,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from lsd_studio.engine.messages.basis import (
    BasisMeasured,
    BasisView,
    BuildBasis,
    FinishBasis,
    FrameTurned,
    SamplesDrawn,
    SaveBasis,
    SetsFilled,
    UseBasis,
)
from lsd_studio.engine.messages.core import Event, Request, Working
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.basis.filling import FillingPanel
from lsd_studio.ui.basis.orthogonalisations import ORTHOGONALISATIONS, orthogonalisation
from lsd_studio.ui.widgets.layouts import row, title
from lsd_studio.ui.widgets.number_formatting import counted
from lsd_studio.ui.widgets.plain_text import plain_label

__all__ = ["BuildStrip"]

LARGEST_SEED = 2**31 - 1
PAPER_VECTORS = 5000


class BuildStrip(QFrame):
    """One row of what to build; while the engine works, how far it is, with a stop.

    Signals:
        wanted: a request for the engine.
        stopped: whatever is under way is to be stopped.
        open_wanted: the folder of a bundle that was saved.
    """

    wanted = Signal(object)
    stopped = Signal()
    open_wanted = Signal(Path)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._view: BasisView | None = None
        self._saved = Path()
        self._under_way: dict[str, tuple[str, float | None]] = {}
        self._label_names: tuple[str, ...] = ()
        self._build_idle()
        self._build_work()
        self.filling = FillingPanel(themes)
        self._idle, self._work = QWidget(), QWidget()
        made = self.told, self.open_saved, self.use, self.save
        self._idle.setLayout(row(title("Build a basis"), *self._fields, self.build, None, *made))
        self._work.setLayout(row(self.words, self.progress, self.finish, self.stop))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, GRID, 12, GRID)
        whole.setSpacing(GRID)
        for part in (self.filling, self._work, self._idle):
            whole.addWidget(part)
        self._show_work()

    def _build_idle(self) -> None:
        self.vectors = _number("V", 1, 10_000_000, PAPER_VECTORS)
        self.vectors.setToolTip(
            "V, latent vectors averaged for each set and label; the paper takes 5000 (R11)"
        )
        self.seed = _number("seed", 0, LARGEST_SEED, 1)
        self.seed.setToolTip("Seed of all draws; the same seed gives the same basis on this machine")
        self.kind = QComboBox()
        self.kind.setAccessibleName("Orthogonalisation to build with")
        for offered in ORTHOGONALISATIONS:
            self.kind.addItem(offered.name, offered)
            self.kind.setItemData(self.kind.count() - 1, offered.meaning, Qt.ItemDataRole.ToolTipRole)
        self._fields = (self.vectors, self.seed, self.kind)
        self.build = QPushButton("Build")
        self.build.setToolTip("Gather latent vectors, average them to η, and make ξ of them")
        self.build.setDefault(True)
        self.build.clicked.connect(self._ask_to_build)
        self.told = plain_label()
        self.told.setProperty("role", "caption")
        self.told.setAccessibleName("What became of the basis")
        self.open_saved = QPushButton("Open it")
        self.open_saved.setAccessibleName("Open the saved bundle")
        self.open_saved.clicked.connect(self._ask_to_open)
        self.use = QPushButton("Use it everywhere")
        self.use.setToolTip(
            "Decompose over this basis in every workspace; the bundle's files stay as they are"
        )
        self.use.clicked.connect(self._ask_to_use)
        self.save = QPushButton("Save as a bundle…")
        self.save.setToolTip("Save the bundle's networks with this basis in a folder of its own")
        self.save.clicked.connect(self._choose_folder)

    def _build_work(self) -> None:
        self.words = plain_label()
        self.words.setAccessibleName("What the engine does for the basis")
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Progress")
        self.progress.setMinimumWidth(160)
        self.finish = QPushButton("Stop with what it has")
        self.finish.setToolTip("Make ξ of the averages so far")
        self.finish.clicked.connect(self._ask_to_finish)
        self.stop = QPushButton("Stop")
        self.stop.setToolTip("Stop what is under way, and keep nothing of it")
        self.stop.clicked.connect(self.stopped)

    # --- what others tell -----------------------------------------------------------------------------------------

    @property
    def is_working(self) -> bool:
        """Whether progress is shown."""
        return bool(self._under_way)

    def use_labels(self, label_names: tuple[str, ...]) -> None:
        """Another bundle is in use, and nothing is under way for it yet."""
        self._under_way.clear()
        self._show_work()
        self._label_names = label_names

    def show_view(self, view: BasisView | None) -> None:
        """Offer to use and to save the basis that is shown."""
        self._view = view
        self.open_saved.hide()
        self.use.setEnabled(view is not None and not view.in_use)
        self.save.setEnabled(view is not None)
        self.build.setEnabled(bool(self._label_names))
        if view is None:
            self.told.setText("")
            return
        kind = orthogonalisation(view.set_one, view.complement)
        if kind is not None:
            self.kind.setCurrentIndex(ORTHOGONALISATIONS.index(kind))
        if view.in_use:
            self.told.setText("In use.")
        elif view.is_full:
            self.told.setText("Neither in use nor saved.")
        else:
            self.told.setText(f"Stopped early, at least {int(view.counts.min())} a set.")

    def begin(self, request: Request) -> None:
        """The engine was asked for something slow."""
        self._under_way[request.kind] = WAITING[type(request).__name__], None
        building = isinstance(request, BuildBasis)
        if building or request.kind in FILLING:
            self.finish.setVisible(building)
            self.finish.setEnabled(building)
            self.filling.clear()
        self._show_work()

    def tell(self, request: Request, event: Event) -> None:
        """Show how far the work for a request is."""
        told: tuple[str, float | None]
        match event:
            case Working():
                told = _sentence(event.what), None
            case SetsFilled():
                self.filling.show()
                self.filling.show_filling(event, self._label_names)
                rate = counted(event.latents_per_second)
                wanted = f"{event.counts.size} × {event.wanted}"
                words = f"Gathering latent vectors: {100 * event.fraction:.0f} % of {wanted}, {rate} a second"
                told = words, event.fraction
            case FrameTurned():
                words = f"Turning the frame: {event.held} of {event.vectors} read as their label"
                told = words, event.step / event.steps
                if request.kind == BuildBasis().kind:
                    self.finish.setEnabled(False)
            case BasisMeasured():
                words = f"Measuring orthogonalisations: {event.done} of {event.wanted}"
                told = words, event.done / event.wanted
            case SamplesDrawn():
                share = float(event.counts.sum()) / (event.each * len(event.counts))
                told = f"Drawing samples from {event.source} latent vectors: {100 * share:.0f} %", share
            case _:
                return
        self._under_way[request.kind] = told
        self._show_work()

    def end(self, request: Request, words: str = "") -> None:
        """The work for a request is over."""
        self._under_way.pop(request.kind, None)
        if words:
            self.told.setText(words)
            self.open_saved.hide()
        self._show_work()

    def show_saved(self, path: Path) -> None:
        """Say that the basis was saved, and offer to open the bundle."""
        self._saved = path
        self.told.setText("Saved.")
        self.open_saved.setToolTip(f"Use {path.name} in every workspace from now on\n{path}")
        self.open_saved.show()

    def _show_work(self) -> None:
        """Show all that is under way, and the share of what is least far; or what can be built, if nothing is."""
        self._work.setVisible(self.is_working)
        self._idle.setVisible(not self.is_working)
        if self._under_way.keys().isdisjoint(FILLING):
            self.filling.hide()
            self.finish.hide()
        self.words.setText(" · ".join(words for words, _ in self._under_way.values()))
        shares = [share for _, share in self._under_way.values() if share is not None]
        self.progress.setRange(0, 1000 if shares else 0)
        if shares:
            self.progress.setValue(round(1000 * min(shares)))

    # --- asking ---------------------------------------------------------------------------------------------------

    @Slot()
    def _ask_to_build(self) -> None:
        kind = self.kind.currentData()
        self.wanted.emit(BuildBasis(self.vectors.value(), self.seed.value(), kind.set_one, kind.complement))

    @Slot()
    def _ask_to_finish(self) -> None:
        self.finish.setEnabled(False)
        self.wanted.emit(FinishBasis())

    @Slot()
    def _ask_to_use(self) -> None:
        if self._view is not None:
            self.wanted.emit(UseBasis(self._view.key))

    @Slot()
    def _ask_to_open(self) -> None:
        self.open_wanted.emit(self._saved)

    @Slot()
    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, "Save as a new bundle (a folder)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.save_to)
        dialog.open()

    @Slot(str)
    def save_to(self, path: str) -> None:
        """Save the basis that is shown into this folder."""
        if self._view is not None:
            self.wanted.emit(SaveBasis(self._view.key, Path(path)))


FILLING = frozenset({BuildBasis().kind, "RepeatBasis"})
"""Kinds of requests that gather latent vectors."""

WAITING = {
    "BuildBasis": "Waiting to gather latent vectors",
    "FinishBasis": "Making ξ of the averages so far",
    "RepeatBasis": "Waiting to build with another seed",
    "CompareBases": "Waiting to measure the orthogonalisations",
    "SampleLabels": "Waiting to draw samples",
    "SaveBasis": "Saving the bundle",
    "OrthogonaliseAnew": "Making another ξ of the same η",
}


def _number(name: str, least: int, largest: int, value: int) -> QSpinBox:
    field = QSpinBox()
    field.setRange(least, largest)
    field.setValue(value)
    field.setPrefix(f"{name} = " if len(name) == 1 else f"{name} ")
    field.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
    field.setAccessibleName(name)
    field.setMinimumWidth(96)
    return field


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
