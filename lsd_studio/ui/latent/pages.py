"""The pages of the Latent space workspace, each made when it is first in front."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QWidget

from lsd_studio.engine.latent.statistics.gaussian_twin import TwinOf
from lsd_studio.engine.operations.latent import LatentOperations, OpenedLatentSpace
from lsd_studio.engine.operations.second_space import SecondSpaceOperations
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.latent.code_colours import CodeColours
from lsd_studio.ui.latent.densities import DensitiesPage
from lsd_studio.ui.latent.embedding.page import EmbeddingPage
from lsd_studio.ui.latent.page import LatentPage
from lsd_studio.ui.latent.pairs import PairsPage
from lsd_studio.ui.latent.path import PathsPage
from lsd_studio.ui.latent.plane import PlanesPage
from lsd_studio.ui.latent.samplers import SamplersPage
from lsd_studio.ui.latent.selection.selected_codes import SelectedCodes
from lsd_studio.ui.latent.twin import TwinMode
from lsd_studio.ui.tasks import Tasks
from lsd_studio.ui.widgets.front_stack import FrontStack

Page = TypeVar("Page", bound=LatentPage)

NEED_DECODER = ("samplers", "paths")


class LatentPages(FrontStack):
    """All pages show the same codes and their twin in the same way, those too that are made later.

    Args:
        empty: what is in front while there are no codes, or none that the page can show.
        latent, tasks: what answers the pages, and who waits for it: the whole workspace.
        selected: the codes that stand out on all of them; colours: what they are coloured by; history: of the paths;
            second: opens a space beside them.

    Attributes:
        made: the pages that were in front, by their names.

    Signals:
        answered: the name of a page, milliseconds that the engine took, and what the page showed, in words.
        guided, progressed: of a page, as `LatentPage` has them.
    """

    answered = Signal(str, float, str)
    guided = Signal()
    progressed = Signal(str, str, float)

    def __init__(
        self,
        empty: QWidget,
        latent: LatentOperations,
        tasks: Tasks,
        themes: ThemeManager,
        selected: SelectedCodes,
        colours: CodeColours,
        history: QUndoStack,
        second: SecondSpaceOperations,
    ) -> None:
        super().__init__(empty)
        self._empty, self._shared = empty, (latent, tasks, themes)
        self._selected, self._colours, self._history, self._second = selected, colours, history, second
        self._space: OpenedLatentSpace | None = None
        self._twin: TwinMode = "off"
        self._twin_of: TwinOf = "codes"
        self.made: dict[str, LatentPage] = {}

    @cached_property
    def densities(self) -> DensitiesPage:
        return self._join("densities", DensitiesPage(*self._shared, self._selected))

    @cached_property
    def planes(self) -> PlanesPage:
        return self._join("planes", PlanesPage(*self._shared, self._selected, self._colours, self._second))

    @cached_property
    def pairs(self) -> PairsPage:
        return self._join("pairs", PairsPage(*self._shared, self._selected))

    @cached_property
    def embedding(self) -> EmbeddingPage:
        return self._join("embedding", EmbeddingPage(*self._shared, self._selected, self._colours))

    @cached_property
    def samplers(self) -> SamplersPage:
        return self._join("samplers", SamplersPage(*self._shared))

    @cached_property
    def paths(self) -> PathsPage:
        return self._join("paths", PathsPage(*self._shared, self._selected, self._history))

    def bring(self, name: str) -> None:
        """Bring a page to the front, as soon as there are codes that it can show."""
        self.setCurrentWidget(getattr(self, name) if self.can_show(name) else self._empty)

    def can_show(self, name: str) -> bool:
        """Whether there is all that a page needs."""
        space = self._space
        return space is not None and (space.has_decoder or name not in NEED_DECODER)

    def use_space(self, space: OpenedLatentSpace | None) -> None:
        """There are other codes, or none."""
        self._space = space
        for page in self.made.values():
            page.use_space(space)

    def show_twin(self, mode: TwinMode, of: TwinOf) -> None:
        """Show the twin, one Gaussian or one a label, beside the codes, in turn with them, or not."""
        self._twin, self._twin_of = mode, of
        for page in self.made.values():
            page.show_twin(mode, of)

    def _join(self, name: str, page: Page) -> Page:
        page.answered.connect(partial(self.answered.emit, name))
        page.guided.connect(self.guided)
        page.progressed.connect(self.progressed)
        page.show_twin(self._twin, self._twin_of)
        page.use_space(self._space)
        self.made[name] = page
        self.addWidget(page)
        return page
