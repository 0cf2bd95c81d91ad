"""What the Latent space workspace and its pages show; None leaves it as it is."""

from __future__ import annotations

from typing import Any, Literal

from lsd_studio.engine.latent.statistics.embedding import EmbeddingSettings
from lsd_studio.engine.latent.statistics.gaussian_twin import TwinOf
from lsd_studio.engine.latent.statistics.planes import Axes, Plane, Window
from lsd_studio.engine.latent.twin_comparison import TwinTestSettings
from lsd_studio.engine.vocabulary import Split
from lsd_studio.ui.latent.plane_path import PlanePath
from lsd_studio.ui.latent.twin import TwinMode
from lsd_studio.ui.shell.view_state import ViewState

View = Literal["densities", "planes", "pairs", "embedding", "samplers", "paths"]


class LatentState(ViewState):
    """What is shown of a latent space.

    Attributes:
        coder, data, split: which coder encodes which images; `data` None: its own.
        view: the page in front; page: what it shows, as its own state has it.
        twin, twin_of: how the Gaussian twin is shown, and of what it is.
        where: the condition that codes match to be shown; "" shows all.
        tested: the test whose findings are shown.
    """

    coder: str | None = None
    data: str | None = None
    split: Split | None = None
    view: View | None = None
    page: dict[str, Any] | None = None
    twin: TwinMode | None = None
    twin_of: TwinOf | None = None
    where: str | None = None
    tested: TwinTestSettings | None = None


class DensitiesState(ViewState):
    """Axes, widths of the intervals, and the component that is kept in front (−1: none)."""

    axes: Axes | None = None
    width: float | None = None
    radius_width: Literal["0.5", "0.05"] | None = None
    component: int | None = None


class PlanesState(ViewState):
    """The plane, the part of it that is visible if not all, what codes are coloured by, and what is beside them."""

    plane: Plane | None = None
    zoom: Literal["all", "5", "1", "0.25"] | None = None
    window: Window | None = None
    colours: Literal["labels", "one", "column"] | None = None
    column: str | None = None
    second: str | None = None


class PairsState(ViewState):
    """The pair, and the levels of its ellipses."""

    pair: tuple[int, int] | None = None
    levels: tuple[float, ...] | None = None


class EmbeddingState(ViewState):
    """What the layout was made with, or the next one would be, and whether there is one."""

    embedding: EmbeddingSettings | None = None
    laid_out: bool = False


class SamplersState(ViewState):
    """Points of each sampler, the seed of all draws, and whether samplers are compared."""

    points: int | None = None
    seed: int | None = None
    compared: bool = False


class PathsState(ViewState):
    """The plane, and the path on it with its handle."""

    plane: Plane | None = None
    path: PlanePath | None = None
