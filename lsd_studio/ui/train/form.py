"""The form of a new run, made from the profile's own schema as the engine tells it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Never

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from lsd_studio.engine.api import Engine
from lsd_studio.engine.images.framing import Framing
from lsd_studio.engine.operations.training import TrainingChoices
from lsd_studio.engine.runs.setting import CheckedSettings, Value
from lsd_studio.engine.runs.summary import RunSummary
from lsd_studio.engine.scheduler import Call
from lsd_studio.engine.training.events import RunStage, StageName
from lsd_studio.engine.training.settings import TrainingSettings
from lsd_studio.ui.app.icons import themed_icon
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.train.estimate import TrainEstimate
from lsd_studio.ui.train.folder_card import FolderCard
from lsd_studio.ui.train.panels import STAGE_NAMES
from lsd_studio.ui.train.setting_row import SettingRow
from lsd_studio.ui.widgets.controls import outlined_button, push_button
from lsd_studio.ui.widgets.dialogs import ask_for_images
from lsd_studio.ui.widgets.layouts import column, row, scrolled, title, tool_button
from lsd_studio.ui.widgets.number_boxes import whole_number_box
from lsd_studio.ui.widgets.plain_text import plain_label, tip_words
from lsd_studio.ui.widgets.timers import delay

if TYPE_CHECKING:
    from lsd_studio.engine.datasets.image_survey import ImageSurvey

TYPING = 250
"""Milliseconds after the last key before the engine is asked whether the settings are good."""

SECTIONS = {
    "": "Model and arithmetic",
    "classifier": "Classifier C",
    "judge": "Judge, a second classifier that no loss sees",
    "gan": "Generator G and discriminator D",
    "encoder": "Encoder E",
    "joint": "G and E fine-tuned together",
    "autoencoder": "Autoencoder",
    "basis": "Basis η, ξ",
}
LEFT_OUT = {"name", "description", "notes", "data"}
"""Settings of a profile that are no settings of a run, or are chosen above."""

FOLDER, FILE = "Choose a folder…", "Choose a file…"
SURVEY = "survey of images"
"""The task in which the engine looks over a folder or file of images."""

CHECK = "check of settings"
"""The task in which the engine checks settings as they stand."""

NEW = (("train", "train"), ("leave", "skip"))
BRANCH = (("keep", "reuse"), ("go on", "continue"), ("train", "retrain"), ("leave", "skip"))


class TrainForm(QWidget):
    """Data set, profile, device, seed, stages and every setting of a new run or of a branch.

    Attributes:
        close_button: goes back to the list of runs.

    Signals:
        started: a TrainingSettings that a person asks for.
    """

    started = Signal(object)

    def __init__(self, engine: Engine, tasks: Tasks, themes: ThemeManager) -> None:
        super().__init__()
        self._engine = engine
        self._tasks = tasks
        self._themes = themes
        self._described: TrainingChoices | None = None
        self._chosen_early: str | None = None
        self._parent: RunSummary | None = None
        self._wants_base = False
        self.rows: dict[str, SettingRow] = {}
        self._own: frozenset[str] = frozenset()
        self._sections: dict[str, tuple[QToolButton, QWidget]] = {}
        self._typing = delay(self, TYPING, self._check)
        self._build()
        themed_icon(self.close_button, "mdi6.close", themes)

    @property
    def is_good(self) -> bool:
        """Whether the engine takes the settings as they stand."""
        return self.start.isEnabled()

    @property
    def overrides(self) -> tuple[str, ...]:
        """What differs from the chosen profile, or from the run that is branched from."""
        return tuple(each.override for each in self._own_rows() if each.is_changed)

    @property
    def chosen(self) -> dict[RunStage, str]:
        """What is to be done with each stage of such a run that has epochs: "train", "leave", "keep" or "go on"."""
        return {
            stage: choice.currentData()
            for stage, choice in self.stages.items()
            if self._has(stage) and (stage == "basis" or self.rows[f"{stage}.epochs"].text != "0")
        }

    async def describe(self, call: Call[Never, TrainingChoices]) -> None:
        """Make the form of what can be chosen; other events have their turn between two of its sections."""
        described = await call
        for section, words in SECTIONS.items():
            rows = [
                SettingRow(self._themes, setting)
                for setting in described.settings
                if setting.section == section and setting.key not in LEFT_OUT
            ]
            if rows:
                self._add_section(section, words, rows)
                await asyncio.sleep(0)
        self._rows.addStretch(1)
        for place, profile in enumerate(described.profiles):
            self.profile.addItem(profile.name)
            self.profile.setItemData(place, tip_words(profile.description), Qt.ItemDataRole.ToolTipRole)
        self.data.addItems([*described.data_sets, FOLDER, FILE])
        for device in described.devices:
            self.device.addItem(device.title, device.name)
        self._described = described
        self.profile.setCurrentText("studio")
        self.profile.currentTextChanged.connect(self._choose_profile)
        self.begin()
        if self._chosen_early is not None:
            self.choose_data(self._chosen_early)

    def begin(self) -> None:
        """Start a new form: a run of the chosen profile."""
        self._parent, self._wants_base = None, False
        self._inside.setEnabled(True)
        self.heading.setText("New run")
        self.name.clear()
        self.profile.setEnabled(True)
        self.data.setEnabled(True)
        self._offer_stages(NEW)
        self._choose_profile(self.profile.currentText())

    def branch_from(self, parent: RunSummary) -> None:
        """Start a form whose settings are those of a run."""
        self._parent = parent
        self.heading.setText(f"Branch of {parent.name}")
        self.name.setText("")
        self.name.setPlaceholderText(f"{parent.name}, branch")
        self.seed.setValue(parent.seed)
        self.profile.setEnabled(False)
        self.data.setEnabled(False)
        self.choose_data(parent.data)
        self._offer_stages(BRANCH)
        self._wants_base = True
        self._inside.setEnabled(False)
        self.start.setEnabled(False)
        self._ask_check(parent.profile, (), parent.run)

    def unfold(self, section: str) -> None:
        """Show the settings of a section."""
        self._sections[section][0].setChecked(True)

    def _build(self) -> None:
        self.heading = title("New run")
        self.close_button = tool_button("Back to the runs", "Back to the list of runs")
        self.name = QLineEdit()
        self.name.setPlaceholderText("Named after its profile")
        self.name.setAccessibleName("Name of the run")
        self.profile = _choice("Profile")
        self.data = _choice("Data set")
        self.data.activated.connect(self._choose_data)
        self.folder = FolderCard()
        self.folder.fitted.connect(self._survey)
        self.device = _choice("Device")
        same = "Of weights, batches and draws: the same seed gives the same run"
        self.seed = whole_number_box("Seed", 0, 2**31 - 1, 0, same)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GRID)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(3, 1)
        for words, editor, line, at, span in (
            ("Name", self.name, 0, 0, 3),
            ("Profile", self.profile, 1, 0, 1),
            ("Data", self.data, 1, 2, 1),
            ("Device", self.device, 2, 0, 1),
            ("Seed", self.seed, 2, 2, 1),
        ):
            label = _name(words)
            label.setBuddy(editor)
            editor.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            self._grid.addWidget(label, line, at)
            self._grid.addWidget(editor, line, at + 1, 1, span)
        self.stages: dict[RunStage, QComboBox] = {}
        self._stage_words = {stage: _name(words) for stage, words in STAGE_NAMES.items()}
        for stage, words in STAGE_NAMES.items():
            choice = _choice(f"What to do with {words}")
            choice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            choice.activated.connect(self._choose_stage)
            self.stages[stage] = choice
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a setting")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Find a setting")
        self.search.textChanged.connect(self._filter)
        differing = "Show what differs from the profile"
        self.changed_only = outlined_button("0 changed", differing, name="Changed only")
        self.changed_only.setCheckable(True)
        self.changed_only.toggled.connect(self._filter)
        self.reset_all = tool_button("Reset all", "Restore the profile's values")
        self.reset_all.setText("Reset all")
        self.reset_all.clicked.connect(self._reset)
        self._inside = QWidget()
        self._rows = column(spacing=GRID // 2, margin=(0, 0, GRID, 0))
        self._inside.setLayout(self._rows)
        self.problem = plain_label()
        self.problem.setProperty("role", "problem")
        self.problem.setWordWrap(True)
        self.problem.setAccessibleName("Why these settings are invalid")
        self.problem.hide()
        self.estimate = TrainEstimate(self._engine, self._tasks, self._question)
        self.start = push_button("Start training", lambda: self.started.emit(self._question()), default=True)
        self.start.setEnabled(False)
        self.setLayout(
            column(
                row(self.heading, None, self.close_button),
                self._grid,
                self.folder,
                row(self.search, self.changed_only, self.reset_all),
                (scrolled(self._inside), 1),
                self.problem,
                self.estimate,
                row(self.estimate.button, None, self.start),
            )
        )

    def _add_section(self, section: str, words: str, rows: list[SettingRow]) -> None:
        head = QToolButton()
        head.setText(words)
        head.setCheckable(True)
        head.setProperty("role", "section")
        head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        head.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        head.setAccessibleName(f"Settings: {words}")
        body = QWidget()
        body.setLayout(column(*rows, spacing=GRID // 2, margin=(GRID, 0, 0, GRID)))
        for each in rows:
            self.rows[each.setting.key] = each
            each.changed.connect(self._changed)
        head.toggled.connect(self._filter)
        self._sections[section] = head, body
        self._rows.addWidget(head)
        self._rows.addWidget(body)

    @Slot(str)
    def _choose_profile(self, name: str) -> None:
        if self._described is None:
            return
        self.name.setPlaceholderText(name)
        profile = next(each for each in self._described.profiles if each.name == name)
        self.profile.setToolTip(tip_words(profile.description))
        settings = {key: each.setting.defaults for key, each in self.rows.items()}
        self._rest_on({key: of[name] for key, of in settings.items() if name in of}, profile.notes)
        data = next((each for each in self._described.settings if each.key == "data"), None)
        if data is not None:
            self.choose_data(str(data.defaults[name]))
        self._filter()
        self._check()

    @Slot()
    def _choose_data(self) -> None:
        chosen = self.data.currentText()
        if chosen not in (FOLDER, FILE):
            self._survey()
            return
        self.data.setCurrentIndex(0)
        ask_for_images(self, self.choose_data, in_folder=chosen == FOLDER)

    @Slot(str)
    def choose_data(self, source: str) -> None:
        """Choose a data set by name, or a folder or file of labelled images, once the form is made."""
        if self._described is None:
            self._chosen_early = source
            return
        if self.data.findText(source) < 0:
            self.data.insertItem(max(0, self.data.count() - 2), source)
            self.data.setItemData(self.data.findText(source), tip_words(source), Qt.ItemDataRole.ToolTipRole)
        self.data.setCurrentText(source)
        self._survey()

    @Slot(object)
    def _survey(self, framing: Framing | None = None) -> None:
        """Ask what the chosen folder or file holds, fitted as was chosen; a data set with a name is known."""
        self.estimate.forget()
        source = self.data.currentText()
        self._tasks.cancel(SURVEY)
        if self._parent is not None or self._described is None or source in self._described.data_sets:
            self.folder.show_survey(None)
            return
        call = self._engine.training.survey(Path(source).expanduser(), framing)
        self._tasks.deliver(call, self._show_survey, SURVEY)

    def _show_survey(self, survey: ImageSurvey) -> None:
        """Show what a folder or file holds; M becomes a multiple of the number of labels."""
        self.folder.show_survey(survey)
        latent, labels = self.rows["latent_dimensions"], len(survey.counts)
        if "latent_dimensions" in self._own and latent.text.isdigit() and int(latent.text) % labels:
            latent.set_text(str(labels * max(1, round(int(latent.text) / labels))))

    def _rest_on(self, values: Mapping[str, Value], notes: Mapping[str, str]) -> None:
        """Offer the settings that have a value here, and the stages that they are of."""
        self._own = frozenset(values)
        for key, each in self.rows.items():
            if key in values:
                each.rest_on(values[key], notes.get(key, ""))
        own = [stage for stage in self.stages if self._has(stage)]
        for stage, choice in self.stages.items():
            for part in (self._stage_words[stage], choice):
                self._grid.removeWidget(part)
                part.setVisible(stage in own)
        for place, stage in enumerate(own):
            line, at = 3 + place // 2, 2 * (place % 2)
            self._grid.addWidget(self._stage_words[stage], line, at)
            self._grid.addWidget(self.stages[stage], line, at + 1)

    def _own_rows(self) -> list[SettingRow]:
        return [each for key, each in self.rows.items() if key in self._own]

    def _has(self, section: str) -> bool:
        return any(each.setting.section == section for each in self._own_rows())

    def _offer_stages(self, choices: tuple[tuple[str, str], ...]) -> None:
        for stage, choice in self.stages.items():
            choice.clear()
            for value, words in choices:
                if stage != "basis" or value in ("train", "leave", "keep"):
                    choice.addItem(words, value)
            choice.setProperty("chosen", False)

    @Slot()
    def _choose_stage(self) -> None:
        self.sender().setProperty("chosen", True)
        self.estimate.forget()

    @Slot()
    def _reset(self) -> None:
        for each in self._own_rows():
            if each.is_changed:
                each.reset()

    @Slot()
    def _filter(self) -> None:
        words, only = self.search.text(), self.changed_only.isChecked()
        for section, (head, body) in self._sections.items():
            rows = [each for each in self._own_rows() if each.setting.section == section]
            shown = [each for each in rows if each.matches(words) and (each.is_changed or not only)]
            for each in self.rows.values():
                if each.setting.section == section:
                    each.setVisible(each in shown)
            narrowed = bool(words) or only
            head.setVisible(bool(shown) or (bool(rows) and not narrowed))
            body.setVisible(bool(shown) and (narrowed or head.isChecked()))
            changed = sum(each.is_changed for each in rows)
            head.setText(f"{SECTIONS[section]}  ·  {changed} changed" if changed else SECTIONS[section])
            name = "mdi6.chevron-down" if not body.isHidden() else "mdi6.chevron-right"
            themed_icon(head, name, self._themes)
        changed = len(self.overrides)
        self.changed_only.setText(f"{changed} changed")
        self.reset_all.setEnabled(changed > 0)

    @Slot()
    def _changed(self) -> None:
        self._tasks.cancel(CHECK)
        self.start.setEnabled(False)
        self.estimate.forget()
        self._filter()
        self._typing.start()

    @Slot()
    def _check(self) -> None:
        if self._parent is None:
            self._ask_check(self.profile.currentText(), self.overrides, None)
        else:
            self._ask_check(self._parent.profile, self.overrides, self._parent.run)

    def _ask_check(self, profile: str, overrides: tuple[str, ...], parent: Path | None) -> None:
        self._tasks.cancel(CHECK)
        self._tasks.deliver(self._engine.training.check(profile, overrides, parent), self._show_check, CHECK)

    def _show_check(self, checked: CheckedSettings) -> None:
        if self._wants_base and checked.problem is None:
            self._wants_base = False
            self._inside.setEnabled(True)
            self._rest_on(checked.values, {})
        self.problem.setText(checked.problem or "")
        self.problem.setVisible(checked.problem is not None)
        for key, each in self.rows.items():
            each.refuse(checked.problem or "" if key == checked.problem_key else "")
        self.start.setEnabled(checked.problem is None)
        self.estimate.button.setEnabled(checked.problem is None)
        if self._parent is not None and checked.problem is None:
            for stage, choice in self.stages.items():
                if not choice.property("chosen"):
                    choice.setCurrentIndex(choice.findData("keep" if stage in checked.reusable else "train"))
        self._filter()

    def _question(self) -> TrainingSettings:
        go_on: tuple[StageName, ...] = tuple(
            stage for stage, what in self.chosen.items() if what == "go on" and stage != "basis"
        )
        known = self.estimate.known
        settings = TrainingSettings(
            seed=self.seed.value(),
            overrides=self.overrides,
            name=self.name.text().strip() or None,
            device=self.device.currentData(),
            stages=tuple(stage for stage, what in self.chosen.items() if what == "train"),
            go_on=go_on,
            expected_seconds={} if known is None else known.seconds_by_stage,
        )
        if self._parent is not None:
            return replace(settings, parent=self._parent.run)
        data, framing = self.data.currentText(), self.folder.framing
        return replace(settings, profile=self.profile.currentText(), data=data, framing=framing)


def _name(words: str) -> QLabel:
    label = plain_label(words)
    label.setProperty("role", "caption")
    return label


def _choice(name: str) -> QComboBox:
    choice = QComboBox()
    choice.setAccessibleName(name)
    choice.setMinimumWidth(8 * GRID)
    choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return choice
