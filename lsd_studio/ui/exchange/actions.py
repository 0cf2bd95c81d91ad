"""What the window does with bundles as a whole: share, import, export, adopt, and train denoisers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.api import Engine
from lsd_studio.engine.operations.bundles import OpenedBundle
from lsd_studio.ui.exchange.jobs import Jobs
from lsd_studio.ui.shell.actions import Actions
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.shell.workspace import Workspace
from lsd_studio.ui.widgets.dialogs import ask_for_new, ask_for_path, ask_whether

if TYPE_CHECKING:
    from lsd_studio.ui.exchange.adoption import Adoption, AdoptionForm
    from lsd_studio.ui.operate.workspace import OperateWorkspace

IN, OUT = "File/Import", "File/Share and export"
FILMS = ("Animations (*.gif)", "Films (*.mp4)", "Strips (*.png)")
FILM_STEP = 5.0
"""Degrees from picture to picture that moving pictures have at most."""

ABOUT_DENOISERS = (
    "Two networks are trained on the images that the bundle was trained on: a denoising autoencoder, and an encoder "
    "that sees noise. This takes minutes, or longer for large images; it goes on while you work, and can be stopped. "
    "Denoisers that the bundle has of its own are replaced at the end."
)
NO_BUNDLE = "No bundle is open; open one first."


class ExchangeActions(QObject):
    """The actions, in the registry's File menu; what takes time is one of the window's jobs.

    Args:
        window: that dialogs belong to.
        visit: brings a workspace to the front by its name.

    Signals:
        said: a sentence for a person, such as where a file is.
        arrived: the folder of a bundle that was made or imported, and what is to be said of it.
    """

    said = Signal(str)
    arrived = Signal(object, str)

    def __init__(
        self,
        window: QWidget,
        engine: Engine,
        selection: Selection,
        jobs: Jobs,
        visit: Callable[[str], Workspace],
    ) -> None:
        super().__init__(window)
        self._window, self._engine, self._selection, self._jobs = window, engine, selection, jobs
        self._visit = visit
        self.question: QMessageBox | None = None
        self.form: AdoptionForm | None = None

    def register(self, actions: Actions) -> None:
        """Add the actions to the registry."""
        actions.add(
            IN, "Import a shared bundle…", self.choose_archive,
            meaning="Take in a bundle that someone shared as one zip archive; it is in the bundle menu from then on",
        )  # fmt: skip
        actions.add(
            IN, "Adopt networks of your own…", self.choose_networks,
            meaning="Make a bundle of your own model: a generator, with an encoder and a classifier or not, as ONNX",
        )  # fmt: skip
        actions.add(
            OUT, "Share the bundle as one file…", self.share,
            meaning="Write the bundle in use to one zip archive, which others import",
        )  # fmt: skip
        actions.add(
            OUT, "Export networks as ONNX…", self.export_networks,
            meaning="Write generator, encoder and classifier as ONNX files for other programs, each compared first",
        )  # fmt: skip
        actions.add(
            OUT, "Export vectors as tables…", self.export_vectors,
            meaning="Write η and ξ as NPZ and CSV",
        )  # fmt: skip
        actions.add(
            OUT, "Export a film of the path…", self.choose_film,
            meaning="Write what Operate shows along its path as an animation (GIF), a video (MP4) or a strip (PNG)",
        )  # fmt: skip
        actions.add(
            IN, "Add a shared operator…", self.choose_operator,
            meaning="Add an operator that someone shared to the bundle in use, whose encoder it must be made for",
        )  # fmt: skip
        actions.add(
            "File", "Compare operators…", self.compare_operators,
            meaning="Which operators arrive from label to label, and with which style: transport, rotation, mean "
            "difference, optimal transport, LEACE, least squares, Procrustes, LDA, SVM",
        )  # fmt: skip
        actions.add(
            "File", "Train denoisers…", self.train_denoisers,
            meaning="Train networks of this bundle that take noise away, for Denoise",
        )  # fmt: skip

    @Slot()
    def choose_archive(self) -> None:
        """Ask for the archive of a bundle."""
        ask_for_path(
            self._window, "Import a shared bundle", self.import_archive, "Archives of bundles (*.zip)"
        )

    def import_archive(self, file: Path) -> None:
        """Take in the archive of a bundle, under a name that is free."""
        self._jobs.tasks.run(self._import(file))

    async def _import(self, file: Path) -> None:
        found = await self._engine.exchange.recognise(file)
        call = self._engine.exchange.import_archive(file, found.name)
        self._jobs.start(f"Importing {file.name}", call, lambda imported: self._take_imported(imported[0]))

    def _take_imported(self, path: Path) -> None:
        self.arrived.emit(
            path, f"Imported as {path.name}; it is in the bundle menu from now on, and in {path}."
        )

    @Slot()
    def choose_networks(self) -> AdoptionForm:
        """Show the form by which networks of others become a bundle."""
        from lsd_studio.ui.exchange.adoption import AdoptionForm

        self.form = form = AdoptionForm(self._engine, self._window)
        form.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        form.wanted.connect(self.adopt)
        form.open()
        return form

    @Slot(object)
    def adopt(self, adoption: Adoption) -> None:
        """Make a bundle as the form says."""
        self._jobs.tasks.run(self._adopt(adoption))

    async def _adopt(self, adoption: Adoption) -> None:
        from lsd_studio.ui.exchange.adoption import adopted_in_words, adopting

        exchange, generator = self._engine.exchange, adoption.file("generator")
        assert generator is not None
        place = await exchange.place_for(adoption.name)
        encoder, classifier = adoption.file("encoder"), adoption.file("classifier")
        call = exchange.adopt(
            generator, adoption.data, place, encoder, classifier, adoption.profile, prior=adoption.prior
        )
        self._jobs.start(
            f"Adopting {place.name}",
            call,
            lambda adopted: self.arrived.emit(adopted.bundle, adopted_in_words(adopted)),
            describe=adopting,
            stopped="Stop; what is trained is kept, and the same form goes on from there",
        )

    @Slot()
    def share(self) -> None:
        """Ask for a file and write the bundle in use to it."""
        self._ask_where("Share the bundle as one file", self.share_as, ".zip", "Archives (*.zip)")

    def share_as(self, file: Path) -> None:
        """Write the bundle in use to one file."""
        self._jobs.start(
            "Sharing the bundle",
            self._engine.exchange.export_archive(file),
            lambda shared: self.said.emit(
                f"The bundle is in {file} ({shared.bytes / 2**20:.1f} MiB): others import that with File, Import."
            ),
        )

    @Slot()
    def export_networks(self) -> None:
        """Ask for a folder and write the networks in use to it."""
        self._ask_where("Export networks as ONNX (new folder)", self.export_networks_to, "-onnx")

    def export_networks_to(self, folder: Path) -> None:
        """Write the networks of the bundle in use to a folder."""
        self._jobs.start(
            "Exporting networks",
            self._engine.exchange.export_onnx(folder),
            lambda written: self.said.emit(
                f"{', '.join(each.file.name for each in written)} are in {folder}; they differ from PyTorch by "
                f"{max(each.deviation for each in written):.0e} at most."
            ),
        )

    @Slot()
    def export_vectors(self) -> None:
        """Ask for a folder and write η and ξ to it."""
        self._ask_where("Export vectors as tables (new folder)", self.export_vectors_to, "-vectors")

    def export_vectors_to(self, folder: Path) -> None:
        """Write η and ξ of the bundle in use to a folder."""
        self._jobs.start(
            "Exporting vectors",
            self._engine.exchange.export_vectors(folder),
            lambda tables: self.said.emit(
                f"{', '.join(file.name for file in tables.files)} are in {folder}."
            ),
        )

    @Slot()
    def choose_film(self) -> None:
        """Go to the path and ask for the film's file."""
        if self._ask_where("Export a film of the path", self.export_film, ".gif", *FILMS):
            self._visit("Operate")

    def export_film(self, file: Path) -> None:
        """Write what Operate shows along its whole path."""
        path = self._operate().path
        if not path.has_images:
            self.said.emit("There are no images on the path yet: choose some first.")
            return
        step = path.state.step if file.suffix.lower() == ".png" else min(path.state.step, FILM_STEP)
        self._jobs.start(
            "Exporting a film",
            self._engine.operate.film(path.state.settings, file, path.encoded, step),
            lambda count: self.said.emit(f"The film is in {file}: {count} pictures, {step:g}° apart."),
        )

    @Slot()
    def train_denoisers(self) -> None:
        """Ask whether the denoisers of the bundle in use are to be trained."""
        bundle = self._bundle
        if bundle is None:
            self.said.emit(NO_BUNDLE)
            return
        self.question = ask_whether(
            self._window,
            "Train denoisers",
            f"Train denoisers for {isolated(bundle.name)}?",
            ABOUT_DENOISERS,
            "Train",
            "Cancel",
        )
        self.question.accepted.connect(self.begin_denoisers)

    @Slot()
    def choose_operator(self) -> None:
        """Ask for an operator that someone shared, and add it to the bundle in use."""
        if self._bundle is None:
            self.said.emit(NO_BUNDLE)
            return
        workspace = self._operate()
        workspace.go_to("fitted")
        workspace.fitted.choose_file()

    def add_operator(self, file: Path) -> None:
        """Add an operator that someone shared to the bundle in use."""
        if self._bundle is None:
            self.said.emit(NO_BUNDLE)
            return
        workspace = self._operate()
        workspace.go_to("fitted")
        workspace.fitted.add_file(file)

    @Slot()
    def compare_operators(self) -> None:
        """Bring the page that compares operators to the front; for codes alone it is all of Operate."""
        if self._selection.codes is None:
            self._operate().go_to("operators")
        else:
            self._visit("Operate")

    @property
    def _bundle(self) -> OpenedBundle | None:
        """The bundle in use; None while codes alone are in its place."""
        return self._selection.bundle if self._selection.codes is None else None

    def _operate(self) -> OperateWorkspace:
        from lsd_studio.ui.operate.workspace import OperateWorkspace

        workspace = self._visit("Operate")
        assert isinstance(workspace, OperateWorkspace)
        return workspace

    @Slot()
    def begin_denoisers(self) -> None:
        """Train the denoisers of the bundle in use."""
        self._jobs.start(
            "Training denoisers",
            self._engine.denoise.train(),
            self._take_denoisers,
            stopped="Stop, and keep the denoisers of before",
        )

    def _take_denoisers(self, place: Path) -> None:
        self._selection.denoisers_changed.emit()
        self.said.emit(f"The denoisers are trained and used from now on; they are in {place}.")

    def _ask_where(self, title: str, write: Callable[[Path], object], ending: str, *kinds: str) -> bool:
        """Ask for a new file or folder, named after the bundle in use; False where there is none."""
        bundle = self._bundle
        if bundle is None:
            self.said.emit(NO_BUNDLE)
            return False
        ask_for_new(self._window, title, write, f"{bundle.name}{ending}", kinds)
        return True
