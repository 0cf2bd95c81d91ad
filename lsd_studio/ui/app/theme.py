"""How the window looks: two palettes of equal care, an 8 px grid, one type scale, tabular figures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

GRID = 8
"""Pixels; every distance is a whole multiple of it, or a half where things belong together."""


CHEVRON = Path(__file__).with_name("chevron.svg").as_posix()
"""What says that a field opens a list."""

CHECK = Path(__file__).with_name("check-{}.svg").as_posix()
"""What says that a box is checked, in the theme of the name in the place of "{}"."""

FAINT = 200
"""Opacity of what is disabled, 0…255: at least 3:1 on every ground."""

CAPTION, BODY, TITLE, DISPLAY = 12, 13, 15, 32
"""The type scale, in pixels."""


class Choice(StrEnum):
    """What a person asks for: the system's colours, or always one of the two."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True)
class Theme:
    """Colours by what they are for, as #RRGGBB."""

    name: str
    ground: str
    surface: str
    raised: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    warning: str
    warning_ground: str
    good: str

    def colour(self, role: str) -> QColor:
        """The colour of a role, such as "muted"."""
        return QColor(getattr(self, role))


LIGHT = Theme(
    name="light",
    ground="#F1F3F6",
    surface="#FFFFFF",
    raised="#E9ECF1",
    line="#D5DAE1",
    text="#1A1D22",
    muted="#59616D",
    accent="#2C5FC9",
    on_accent="#FFFFFF",
    warning="#8A4B00",
    warning_ground="#FFF1DC",
    good="#1D7A46",
)
DARK = Theme(
    name="dark",
    ground="#14161A",
    surface="#1D2026",
    raised="#2A2E36",
    line="#363B45",
    text="#E9EBEF",
    muted="#A3ABB8",
    accent="#8AB0FF",
    on_accent="#10131A",
    warning="#FFC27A",
    warning_ground="#3A2C17",
    good="#6FCF97",
)


def font(size: int = BODY, *, bold: bool = False) -> QFont:
    """The window's typeface at a size of the type scale, with figures of equal width."""
    chosen = QFont(QGuiApplication.font())
    chosen.setPixelSize(size)
    chosen.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    chosen.setFeature(QFont.Tag("tnum"), 1)
    return chosen


class ThemeManager(QObject):
    """The theme that widgets follow.

    Signals:
        changed: another theme, a Theme.
    """

    changed = Signal(object)
    _sheet_changed = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    @property
    def theme(self) -> Theme:
        """The theme in use."""
        return self._theme

    def apply_to(self, widget: QWidget) -> None:
        """Let a widget and all that is within it, dialogs too, follow the theme.

        The style sheet is the widget's and not the application's, which has every widget computed anew that exists:
        plots have dozens of them in menus that are never shown.
        """
        self._sheet_changed.connect(_Styled(widget).use)
        widget.setStyleSheet(stylesheet(self.theme))

    def use(self, theme: Theme) -> None:
        """Use a theme from now on."""
        self._theme = theme
        self._sheet_changed.emit(stylesheet(theme))
        self.changed.emit(theme)


class _Styled(QObject):
    """Hands style sheets to the widget that it belongs to, for as long as there is that widget."""

    @Slot(str)
    def use(self, sheet: str) -> None:
        widget = self.parent()
        if isinstance(widget, QWidget):
            widget.setStyleSheet(sheet)


class ThemeChoice(ThemeManager):
    """The application's theme: the system's colour scheme unless a person chose one; the choice is remembered."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings
        stored = str(settings.value("theme", Choice.SYSTEM))
        self._choice = Choice(stored) if stored in set(Choice) else Choice.SYSTEM
        self._system = QGuiApplication.styleHints().colorScheme()
        super().__init__(self._wanted)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self.follow)
        self.use(self._wanted)

    @property
    def choice(self) -> Choice:
        """What the person asked for."""
        return self._choice

    @property
    def _wanted(self) -> Theme:
        if self._choice is Choice.SYSTEM:
            return DARK if self._system is Qt.ColorScheme.Dark else LIGHT
        return DARK if self._choice is Choice.DARK else LIGHT

    def choose(self, choice: Choice) -> None:
        """Use a theme from now on and remember it."""
        self._choice = choice
        self._settings.setValue("theme", str(choice))
        self.use(self._wanted)

    @Slot(Qt.ColorScheme)
    def follow(self, scheme: Qt.ColorScheme) -> None:
        """The system's colours changed."""
        self._system = scheme
        self.use(self._wanted)

    def use(self, theme: Theme) -> None:
        """Use a theme in every window, and for what no style sheet names."""
        application = QApplication.instance()
        if not isinstance(application, QApplication):
            raise RuntimeError("A theme needs a QApplication.")
        application.setPalette(palette(theme))
        super().use(theme)


class PageThemes(ThemeManager):
    """The theme of a page that a person sees now and then: while it is out of sight, another theme waits.

    Style sheet and plots of all that is out of sight would be made anew at each change otherwise.
    """

    def __init__(self, followed: ThemeManager) -> None:
        super().__init__(followed.theme)
        self._followed = followed

    def catch_up(self) -> None:
        """Take the theme in use, since the page is seen now."""
        if self.theme is not self._followed.theme:
            self.use(self._followed.theme)


def palette(theme: Theme) -> QPalette:
    """The theme as Qt's palette, for everything that the stylesheet does not name."""
    roles = {
        QPalette.ColorRole.Window: theme.ground,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.surface,
        QPalette.ColorRole.AlternateBase: theme.raised,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.Button: theme.raised,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.BrightText: theme.warning,
        QPalette.ColorRole.ToolTipBase: theme.raised,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.Accent: theme.accent,
        QPalette.ColorRole.Link: theme.accent,
    }
    made = QPalette()
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
        faint = QColor(theme.muted)
        faint.setAlpha(FAINT)
        made.setColor(QPalette.ColorGroup.Disabled, role, faint)
    return made


def stylesheet(theme: Theme) -> str:
    """The theme as Qt's stylesheet."""
    return f"""
* {{ font-size: {BODY}px; }}
QFrame[role="card"] {{ background: {theme.surface}; border: 1px solid {theme.line}; border-radius: {GRID}px; }}
QFrame[role="bar"] {{ background: {theme.surface}; border: none; }}
QFrame[role="warning"] {{ background: {theme.warning_ground}; border: none; }}
QFrame[role="warning"] QLabel {{ color: {theme.warning}; }}
QFrame[role="notice"] {{ background: {theme.raised}; border: none; }}
QFrame[role="sheet"] {{ background: {theme.surface}; border: none; border-left: 1px solid {theme.line}; }}
QLabel {{ background: transparent; }}
QLabel[role="display"] {{ font-size: {DISPLAY}px; font-weight: 600; }}
QLabel[role="title"] {{ font-size: {TITLE}px; font-weight: 600; }}
QLabel[role="statement"] {{ font-size: {TITLE}px; }}
QLabel[role="caption"], QCheckBox[role="caption"] {{ font-size: {CAPTION}px; color: {theme.muted}; }}
QCheckBox::indicator:unchecked, QListWidget::indicator:unchecked {{
    width: 12px; height: 12px; border: 1px solid {theme.muted}; border-radius: 3px;
    background: {theme.surface}; }}
QCheckBox::indicator:checked, QListWidget::indicator:checked {{
    width: 12px; height: 12px; border: 1px solid {theme.accent}; border-radius: 3px;
    background: {theme.accent}; image: url("{CHECK.format(theme.name)}"); }}
QCheckBox::indicator:unchecked:disabled {{ border-color: {theme.line}; }}
QCheckBox::indicator:checked:disabled {{ border-color: {theme.muted}; background: {theme.muted}; }}
QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 5px 7px; }}
QToolButton:hover {{ background: {theme.raised}; }}
QToolButton:pressed {{ background: {theme.line}; }}
QToolButton:checked {{ background: {theme.raised}; border-color: {theme.line}; color: {theme.accent}; }}
QToolButton:focus {{ border-color: {theme.accent}; }}
QToolButton:disabled {{ color: {theme.muted}; }}
QToolButton::menu-indicator {{ image: none; }}
QToolButton[role="segment"] {{ border: 1px solid {theme.line}; border-radius: 0; padding: 4px 10px; margin: 0; }}
QToolButton[role="segment"][end="left"] {{ border-top-left-radius: 6px; border-bottom-left-radius: 6px; }}
QToolButton[role="segment"][end="right"] {{
    border-top-right-radius: 6px; border-bottom-right-radius: 6px; border-left: none; }}
QToolButton[role="segment"]:checked {{ background: {theme.accent}; color: {theme.on_accent};
    border-color: {theme.accent}; }}
QToolButton[role="segment"]:focus {{ border: 1px solid {theme.text}; }}
QToolButton[role="outlined"] {{ border-color: {theme.line}; }}
QToolButton[role="outlined"]:hover {{ border-color: {theme.muted}; }}
QToolButton[role="outlined"]:focus {{ border-color: {theme.accent}; }}
QToolButton[role="workspace"] {{ padding: 6px 4px; border-radius: {GRID}px; font-size: {CAPTION}px; }}
QPushButton {{ background: {theme.raised}; border: 1px solid {theme.line}; border-radius: 6px; padding: 5px 12px; }}
QPushButton:hover {{ border-color: {theme.muted}; }}
QPushButton:focus {{ border-color: {theme.accent}; }}
QPushButton:default {{ background: {theme.accent}; color: {theme.on_accent}; border-color: {theme.accent}; }}
QComboBox {{ background: {theme.surface}; border: 1px solid {theme.line}; border-radius: 6px; padding: 4px 8px; }}
QComboBox:focus {{ border-color: {theme.accent}; }}
QComboBox::drop-down {{ border: none; width: 24px; }}
QComboBox::down-arrow {{ image: url("{CHEVRON}"); width: 12px; height: 12px; }}
QSpinBox, QDoubleSpinBox, QLineEdit {{ background: {theme.surface}; border: 1px solid {theme.line};
    border-radius: 6px; padding: 4px 8px; }}
QSpinBox:focus, QDoubleSpinBox:focus, QLineEdit:focus {{ border-color: {theme.accent}; }}
QPlainTextEdit {{ background: {theme.surface}; border: 1px solid {theme.line}; border-radius: 6px; padding: 4px; }}
QPlainTextEdit:focus {{ border-color: {theme.accent}; }}
QLabel[role="problem"] {{ color: {theme.warning}; }}
QToolButton[role="section"] {{ font-weight: 600; padding: 6px 2px; border: none; }}
QToolButton[role="section"]:checked {{ background: transparent; color: {theme.text}; }}
QToolButton[role="section"]:focus {{ color: {theme.accent}; }}
QToolButton[role="section"]:pressed {{ color: {theme.text}; }}
QScrollArea[role="clear"], QScrollArea[role="clear"] > QWidget > QWidget {{ background: transparent; }}
QLabel[state="changed"] {{ color: {theme.accent}; font-weight: 600; }}
QLabel[state="refused"] {{ color: {theme.warning}; font-weight: 600; }}
QComboBox[state="changed"], QLineEdit[state="changed"] {{ border-color: {theme.accent}; }}
QComboBox[state="refused"], QLineEdit[state="refused"] {{ border-color: {theme.warning}; }}
QComboBox {{ combobox-popup: 0; }}
QComboBox QAbstractItemView {{ background: {theme.surface}; outline: none; }}
QComboBox QAbstractItemView::item {{ border: none; border-radius: 0; padding: 4px 6px; }}
QComboBox QAbstractItemView::item:hover, QComboBox QAbstractItemView::item:selected {{ border: none;
    background: {theme.accent}; color: {theme.on_accent}; }}
QComboBox QAbstractItemView {{ selection-background-color: {theme.accent}; selection-color: {theme.on_accent}; }}
QProgressBar {{ background: {theme.line}; border: none; border-radius: 3px; max-height: 6px; }}
QProgressBar::chunk {{ background: {theme.accent}; border-radius: 3px; }}
QSlider::groove:horizontal {{ height: 4px; background: {theme.line}; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {theme.accent}; border-radius: 2px; }}
QSlider::handle:horizontal {{ width: 14px; height: 14px; margin: -6px 0; border-radius: 8px;
    background: {theme.accent}; border: 1px solid {theme.surface}; }}
QSlider::handle:horizontal:focus {{ border: 2px solid {theme.text}; }}
QSlider::sub-page:horizontal:disabled, QSlider::handle:horizontal:disabled {{ background: {theme.line}; }}
QListView {{ background: {theme.surface}; border: none; outline: none; }}
QListView::item {{ border: 2px solid transparent; border-radius: 4px; padding: 0; }}
QListView::item:hover {{ border-color: {theme.line}; }}
QListView::item:selected {{ border-color: {theme.accent}; background: transparent; color: {theme.text}; }}
QTableView {{ background: {theme.surface}; border: none; outline: none; }}
QTableView::item:selected {{ background: {theme.raised}; color: {theme.text}; }}
QHeaderView {{ background: {theme.surface}; border: none; }}
QHeaderView::section {{ background: {theme.surface}; color: {theme.muted}; border: none; font-size: {CAPTION}px;
    border-bottom: 1px solid {theme.line}; padding: 4px 2px; }}
QToolTip {{ background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.line}; padding: 4px; }}
QMenuBar {{ background: {theme.surface}; padding: 2px 8px; }}
QMenuBar::item {{ padding: 4px 8px; border-radius: 4px; background: transparent; }}
QMenuBar::item:selected {{ background: {theme.raised}; }}
QMenu {{ background: {theme.surface}; border: 1px solid {theme.line}; padding: 4px; }}
QMenu::item {{ padding: 5px 24px 5px 12px; border-radius: 4px; }}
QMenu::item:selected {{ background: {theme.raised}; }}
QMenu::item:disabled {{ color: {theme.muted}; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QScrollBar:vertical {{ width: 10px; background: transparent; margin: 0; }}
QScrollBar::handle:vertical {{ background: {theme.line}; border-radius: 5px; min-height: 32px; }}
QScrollBar:horizontal {{ height: 10px; background: transparent; margin: 0; }}
QScrollBar::handle:horizontal {{ background: {theme.line}; border-radius: 5px; min-width: 32px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
"""
