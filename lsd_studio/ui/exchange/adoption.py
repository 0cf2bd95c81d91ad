"""The form by which networks of others become a bundle: their files, the data, and what will be made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QWidget,
)

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import sentence_of
from lsd_studio.engine.operations.training import TrainingChoices
from lsd_studio.engine.steps import Doing
from lsd_studio.engine.training.events import BasisProgress, StepDone
from lsd_studio.engine.vocabulary import USUAL_EXTENTS
from lsd_studio.percentages import percentage
from lsd_studio.ui.app.theme import GRID
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.controls import push_button
from lsd_studio.ui.widgets.dialogs import ask_for_images, ask_for_path
from lsd_studio.ui.widgets.layouts import caption, column, row, title, tool_button
from lsd_studio.ui.widgets.plain_text import plain_label

if TYPE_CHECKING:
    from lsd_studio.engine.exchange.adoption import Adopted
    from lsd_studio.engine.exchange.onnx_networks import Role
    from lsd_studio.engine.exchange.recognition import Recognised
    from lsd_studio.engine.training.events import TrainingEvent

WIDTH = 76 * GRID
ROLES: dict[Role, str] = {"generator": "Generator G", "encoder": "Encoder E", "classifier": "Classifier C"}
MISSING: dict[Role, str] = {
    "generator": "Needed: takes codes [N, M], gives images [N, C, H, W].",
    "encoder": "None: one is trained here for the generator.",
    "classifier": "None: one is trained here on the data.",
}
ABOUT = (
    "Networks that you trained elsewhere, as ONNX, or as weights with a description: each is put where its inputs and "
    "outputs say it belongs. What is missing is trained here. Files are only read, and checked before anything in "
    "them runs."
)
FILES = "Networks (*.onnx *.json *.safetensors)"
FOLDER, FILE = "A folder of images…", "A file of images…"
NORMAL, SAMPLES = "normal", "A file of codes…"
PROFILE, PROFILE_FILE = "studio", "A profile's file…"
AUTOENCODER = "[autoencoder]"
"""A section of profiles that make no bundle with a basis."""


@dataclass(frozen=True)
class Adoption:
    """What is asked for, as far as it is chosen.

    Args:
        networks: what was recognised, by role.
        data: a data set or folder; name: the bundle's; profile: of what is trained.
        prior: that the generator's codes were drawn from, or a file of them.
    """

    networks: Mapping[Role, Recognised] = field(default_factory=dict)
    data: str = ""
    name: str = ""
    profile: str = PROFILE
    prior: str = NORMAL

    def file(self, role: Role) -> Path | None:
        """The file of a network, or None where it is not given."""
        return self.networks[role].path if role in self.networks else None

    @property
    def problem(self) -> str:
        """What is missing, in a sentence; "" where it can begin."""
        if "generator" not in self.networks:
            return "Choose the generator's file."
        if not self.data:
            return "Choose the data set or folder that the networks know."
        return "" if self.name.strip() else "Give the bundle a name."

    @property
    def outlook(self) -> str:
        """What will be made, in a few sentences."""
        given = [words for role, words in ROLES.items() if role in self.networks]
        trained = [words for role, words in ROLES.items() if role not in self.networks]
        made = f"A bundle {self.name} of {', '.join(given)} as given"
        if trained:
            made += (
                f"; {' and '.join(trained)} trained here on {self.data} as the profile {self.profile} says, which "
                "takes minutes to hours"
            )
        if self.prior != NORMAL:
            made += (
                f"; z is N(0, I) here, turned into codes of the generator's own prior, {isolated(self.prior)}"
            )
        return (
            f"{made}. Then η and ξ are gathered and made orthogonal. It goes on while you work; stopped, the same form "
            "goes on from there."
        )


class AdoptionForm(QDialog):
    """Asks for files, data and a name.

    Signals:
        wanted: an Adoption that can begin.
    """

    wanted = Signal(object)

    def __init__(self, engine: Engine, parent: QWidget) -> None:
        super().__init__(parent)
        self._engine = engine
        self.tasks = Tasks(self)
        self.tasks.failed.connect(self._show_error)
        self.adoption = Adoption()
        self.setWindowTitle("Adopt networks of your own")
        self.setMinimumWidth(WIDTH)
        self._build()
        self._show()
        self.tasks.deliver(engine.training.choices(), self._offer)

    def add(self, found: Sequence[Recognised]) -> None:
        """Take networks that were recognised, each in the place of one of its role."""
        networks = {each.network.role: each for each in found if each.network is not None}
        self.adoption = replace(self.adoption, networks={**self.adoption.networks, **networks})
        generator = self.adoption.file("generator")
        if generator is not None and not self.name.text():
            self.name.setText(generator.stem)
        self.problem.setText("")
        self._show()

    @Slot(list)
    def add_files(self, files: Sequence[str]) -> None:
        """Recognise files, and take those that are networks."""
        self.tasks.run(self._recognise([Path(file) for file in files]))

    def choose_data(self, source: str) -> None:
        """Choose a data set by name, or a folder."""
        if self.data.findText(source) < 0:
            self.data.insertItem(0, source)
        self.data.setCurrentText(source)

    def choose_profile(self, file: Path) -> None:
        """Choose a profile of one's own, a TOML file."""
        self.profile.insertItem(0, str(file))
        self.profile.setCurrentIndex(0)

    async def _recognise(self, files: Sequence[Path]) -> None:
        calls = [self._engine.exchange.recognise(file) for file in files]
        self.add([await call for call in calls])

    def _build(self) -> None:
        self.choose = push_button("Choose files of networks…", self._choose_files)
        self.choose.setAutoDefault(False)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GRID)
        grid.setColumnStretch(1, 1)
        self.lines: dict[Role, QLabel] = {}
        self._leave_out_buttons: dict[Role, QToolButton] = {}
        for place, (role, words) in enumerate(ROLES.items()):
            line = self.lines[role] = caption("", f"{words}: what was recognised")
            clear = self._leave_out_buttons[role] = tool_button(f"Leave out {words}", "Leave this file out")
            clear.setText("×")
            clear.clicked.connect(partial(self._leave_out, role))
            grid.addWidget(plain_label(words), place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(line, place, 1, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(clear, place, 2, Qt.AlignmentFlag.AlignTop)
        self.data = QComboBox()
        self.data.setAccessibleName("Data set or folder that the networks know")
        self.data.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.data.addItems([FOLDER, FILE])
        self.data.setCurrentIndex(-1)
        self.data.currentTextChanged.connect(self._choose_data)
        self.prior = QComboBox()
        self.prior.setAccessibleName("Prior that the generator's codes were drawn from")
        self.prior.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.prior.setMinimumContentsLength(18)
        self.prior.addItems([NORMAL, *USUAL_EXTENTS, SAMPLES])
        self.prior.currentTextChanged.connect(self._choose_prior)
        self.extent = QLineEdit()
        self.extent.setAccessibleName("Bounds of the interval, or radius of the sphere")
        self.extent.setToolTip("Lower and upper bound of each number of a code, or the radius of the sphere")
        self.extent.textChanged.connect(self._read)
        self.extent.hide()
        self.profile = QComboBox()
        self.profile.setAccessibleName("Profile of what is trained")
        self.profile.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.profile.currentTextChanged.connect(self._choose_profile)
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the bundle")
        self.name.textChanged.connect(self._read)
        for place, (words, box) in enumerate(
            (("Data", self.data), ("Profile", self.profile), ("Name", self.name)), start=len(ROLES)
        ):
            grid.addWidget(plain_label(words), place, 0)
            grid.addWidget(box, place, 1, 1, 2)
        grid.addWidget(plain_label("Prior of codes"), grid.rowCount(), 0)
        grid.addLayout(row(self.prior, self.extent), grid.rowCount() - 1, 1, 1, 2)
        self.outlook = caption("", "What will be made")
        self.problem = caption("", "What is wrong")
        self.problem.setProperty("role", "problem")
        self.begin = push_button("Begin", self._begin, default=True)
        cancel = push_button("Cancel", self.reject)
        cancel.setAutoDefault(False)
        whole = column(
            caption(ABOUT),
            row(self.choose, None),
            grid,
            title("What will be made"),
            self.outlook,
            self.problem,
            None,
            row(None, cancel, self.begin),
            spacing=2 * GRID,
            margin=(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID),
        )
        self.setLayout(whole)

    def _offer(self, choices: TrainingChoices) -> None:
        for name in choices.data_sets:
            self.data.insertItem(self.data.count() - 2, name)
        shipped = [profile.name for profile in choices.profiles if AUTOENCODER not in profile.text]
        self.profile.addItems([*shipped, PROFILE_FILE])
        self.profile.setCurrentText(PROFILE)

    @Slot()
    def _choose_files(self) -> None:
        dialog = QFileDialog(self, "Choose a generator, and an encoder and a classifier", "", FILES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(self.add_files)
        dialog.open()

    @Slot(str)
    def _choose_data(self, words: str) -> None:
        if words not in (FOLDER, FILE):
            self._read()
            return
        self.data.setCurrentIndex(-1)
        ask_for_images(self, self.choose_data, in_folder=words == FOLDER)

    def choose_prior(self, prior: str) -> None:
        """Choose a prior by its name, or a file of codes that were drawn from it."""
        if self.prior.findText(prior) < 0:
            self.prior.insertItem(self.prior.count() - 1, prior)
        self.prior.setCurrentText(prior)

    @Slot(str)
    def _choose_prior(self, words: str) -> None:
        if words == SAMPLES:
            self.prior.setCurrentText(NORMAL)
            dialog = QFileDialog(self, "Choose a file of codes that the generator knows")
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.fileSelected.connect(self.choose_prior)
            dialog.open()
            return
        usual = USUAL_EXTENTS.get(words, "")
        self.extent.setVisible(bool(usual))
        self.extent.setPlaceholderText(usual)
        self.extent.clear()
        self._read()

    @Slot(str)
    def _choose_profile(self, words: str) -> None:
        if words != PROFILE_FILE:
            self._read()
            return
        self.profile.setCurrentText(PROFILE)
        ask_for_path(self, "Choose a profile", self.choose_profile, "Profiles (*.toml)")

    def _leave_out(self, role: Role) -> None:
        others = {each: found for each, found in self.adoption.networks.items() if each != role}
        self.adoption = replace(self.adoption, networks=others)
        self._show()

    @Slot()
    def _read(self) -> None:
        self.adoption = replace(
            self.adoption,
            data=self.data.currentText(),
            name=self.name.text(),
            profile=self.profile.currentText() or PROFILE,
            prior=":".join(filter(None, (self.prior.currentText(), self.extent.text().replace(" ", "")))),
        )
        self._show()

    def _show(self) -> None:
        for role, line in self.lines.items():
            found = self.adoption.networks.get(role)
            self._leave_out_buttons[role].setVisible(found is not None)
            known = None if found is None else found.network
            line.setText(MISSING[role] if not found or not known else f"{found.path.name}, {known.in_words}")
        problem = self.adoption.problem
        self.outlook.setText(problem or self.adoption.outlook)
        self.begin.setEnabled(not problem)

    @Slot()
    def _begin(self) -> None:
        self.wanted.emit(self.adoption)
        self.accept()

    @Slot(object)
    def _show_error(self, error: Exception) -> None:
        self.problem.setText(sentence_of(error))


def adopting(step: TrainingEvent | Doing) -> Doing | None:
    """How far an adoption is; None of what says nothing of it."""
    match step:
        case Doing():
            return step
        case StepDone():
            return Doing(f"training the {step.stage}", step.step / step.total_steps)
        case BasisProgress():
            return Doing(f"basis, {step.doing}", step.overall)
        case _:
            return None


def adopted_in_words(adopted: Adopted) -> str:
    """What was made, measured, and what may be wrong with it."""
    return " ".join(
        (
            f"The networks are the bundle {isolated(adopted.bundle.name)} now, in {adopted.bundle}: of "
            f"{adopted.images} held-out images C reads {percentage(adopted.classifier_accuracy, 1)} right, and "
            f"{percentage(adopted.reconstruction_accuracy, 1)} once they were encoded and decoded; "
            f"{percentage(adopted.xi_label_rate, 1)} of ξ are read as their own label.",
            *adopted.taken,
            *adopted.doubts,
        )
    )
