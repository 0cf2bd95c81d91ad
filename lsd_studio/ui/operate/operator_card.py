"""One operator along a path: the picture where the handle is, the pictures at every step, and what C reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QWidget

from lsd_studio.engine.figures.panels.operators import at_steps
from lsd_studio.engine.operators.results import FollowedPath, ImagesOnPath
from lsd_studio.ui.app.theme import CAPTION, GRID, ThemeManager, font
from lsd_studio.ui.operate.film_strip import FilmStrip
from lsd_studio.ui.operate.label_path import LabelPath
from lsd_studio.ui.operate.path_curves import AXIS, RIGHT, SharesPlot
from lsd_studio.ui.widgets.eliding_label import ElidingLabel
from lsd_studio.ui.widgets.layouts import column, row, title
from lsd_studio.ui.widgets.picture_tile import PictureTile

if TYPE_CHECKING:
    from lsd_studio.engine.operators.path_quality import LegQuality

TILE = 104
"""Pixels of the picture's column."""

LEAST_CURVES = 104
"""Pixels of the curves with their axis, at least."""

GOOD = 0.95
"""Endpoint hit rates below it are set in the colour of warnings."""


class OperatorCard(QFrame):
    """Follows the handle along a path under one operator.

    Attributes:
        along: what is shown along the path, where a person can point to a place.
    """

    def __init__(self, themes: ThemeManager, name: str) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._names: Sequence[str] = ()
        self._path = LabelPath((0, 1))
        self.tile = PictureTile(themes, "at the handle")
        self.tile.setFixedWidth(TILE)
        self.film = FilmStrip(themes, f"Pictures along the path, {name}")
        self.shares = SharesPlot(themes, f"Probabilities along the path, {name}")
        self.shares.setMinimumHeight(LEAST_CURVES)
        self.along = self.film, self.shares
        self.rates = _Rates(themes)
        self.setting = ElidingLabel(f"Setting of the {name.lower()}")
        self._arriving = ElidingLabel(f"Measured over test images, {name}")
        self._keeping = ElidingLabel(f"Style kept over test images, {name}")
        self._say_measured("")
        curves = column((self.film, 2), self.rates, (self.shares, 5), spacing=2)
        self.setLayout(
            column(
                row(title(name), (self.setting, 1)),
                self._arriving,
                self._keeping,
                (row(self.tile, (curves, 1)), 1),
                spacing=4,
                margin=(12, GRID, 12, GRID // 2),
            )
        )

    @property
    def measured(self) -> str:
        """What was measured over test images, in words; "" before."""
        return " · ".join(line.text() for line in (self._arriving, self._keeping) if line.text())

    def show_path(self, path: LabelPath, names: Sequence[str], setting: str) -> None:
        """Lay the curves out for a path through labels with these names that is walked as `setting` says."""
        self._path, self._names = path, names
        self.shares.show_path(path, names)
        self.rates.show_rates((), path.legs)
        self.setting.setText(setting)
        self._say_measured("")

    def show_place(self, place: float) -> None:
        """Mark a place, in legs of the first round."""
        for part in self.along:
            part.show_place(place)

    def show_here(self, moved: ImagesOnPath) -> None:
        """Show the picture where the handle is, the first of several."""
        label = int(moved.labels[0])
        words = "at the handle" if len(moved.pictures) == 1 else f"first of {len(moved.pictures)}"
        self.tile.show_picture(
            moved.pictures[0], words, label, self._names[label], float(moved.probabilities[0, label])
        )

    def show_followed(self, followed: FollowedPath, step: float) -> None:
        """Show pictures at every Δθ and the mean of C's probabilities over the images."""
        shown = at_steps(followed, step)
        self.film.show_pictures(followed.positions[shown], followed.pictures[shown], followed.misread[shown])
        self.shares.show_shares(followed.positions, followed.probabilities.mean(axis=1))

    def show_measured(self, legs: Sequence[LegQuality], words: str) -> None:
        """Show for every leg how many test images end at its label, and the whole in words."""
        self.rates.show_rates(tuple(legs), self._path.legs)
        self._say_measured(words)

    def _say_measured(self, words: str) -> None:
        arriving, _, keeping = words.partition("\n")
        for label, line in ((self._arriving, arriving), (self._keeping, keeping)):
            label.setText(line)
            label.setVisible(bool(line))

    def show_film(self, alone: bool) -> None:
        """Give the pictures all the room, or most of it to the curves."""
        self.shares.setVisible(not alone)

    def clear(self, hint: str) -> None:
        """Show nothing, and say what to do."""
        self.tile.clear()
        self.film.clear()
        self.shares.clear_shares()
        self.say(hint)

    def say(self, hint: str) -> None:
        """Say what to wait for, or what to do, where nothing is shown yet."""
        self.film.hint = hint
        self.film.update()


class _Rates(QWidget):
    """Above every leg, the share of test images that end at its label, or of the codes that they end at."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._measured: tuple[LegQuality, ...] = ()
        self._legs = 1
        self.setFixedHeight(16)
        self.setAccessibleName("Endpoint hit rate of every leg")
        themes.changed.connect(self.update)
        self.hide()

    def show_rates(self, measured: tuple[LegQuality, ...], legs: int) -> None:
        self._measured, self._legs = measured, legs
        self.setVisible(bool(measured))
        self.setAccessibleDescription(", ".join(rate_in_words(leg, 1) for leg in measured))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(font(CAPTION))
        theme = self._themes.theme
        wide = (self.width() - AXIS - RIGHT) / self._legs
        for place, leg in enumerate(self._measured):
            painter.setPen(theme.colour("text" if leg.share_arrived >= GOOD else "warning"))
            where = QRectF(AXIS + place * wide, 0, wide, self.height())
            text = rate_in_words(leg, 1) if wide > 44 else rate_in_words(leg, 0).removesuffix(" %")
            painter.drawText(where, Qt.AlignmentFlag.AlignCenter, text)


def rate_in_words(leg: LegQuality, decimals: int) -> str:
    """The share of a leg's images that arrive; where they end at fewer codes, how many of those."""
    if leg.codes < leg.images:
        return f"{leg.share_arrived * leg.codes:.0f} of {leg.codes}"
    return f"{100 * leg.share_arrived:.{decimals}f} %"
