"""The figures of the paper by their numbers: who makes each, and where the window shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from lsd_studio.engine.figures import (
    figure_eight,
    figure_five,
    figure_four,
    figure_seven,
    figure_six,
    figure_three,
    figure_two,
)
from lsd_studio.engine.figures.choosing import checked_number
from lsd_studio.engine.figures.material import Drawn, Material
from lsd_studio.engine.figures.spec import FigureView


@dataclass(frozen=True)
class PaperFigure:
    """A figure of the paper: how it is made of a bundle's material, and where the window shows the same."""

    make: Callable[[Material], Drawn]
    view: Callable[[Material], FigureView]


def _at(workspace: str, **settings: str) -> Callable[[Material], FigureView]:
    return lambda _: FigureView(workspace, settings)


def _evaluate(view: str) -> Callable[[Material], FigureView]:
    return lambda material: FigureView(
        "Evaluate", {"view": view, "latent": "sampled", "reading": material.reading}
    )


FIGURES: dict[str, PaperFigure] = {
    "2a": PaperFigure(figure_two.data_batch, _at("Decompose")),
    "2b": PaperFigure(figure_two.decoded_batch, _at("Decompose")),
    "2c": PaperFigure(figure_two.random_batch, _at("Decompose")),
    "3a": PaperFigure(figure_three.sample_mosaics, _at("Basis", view="samples")),
    "3b": PaperFigure(
        partial(figure_three.averages_and_densities, number="3b", source="encoded", set_index=0),
        _at("Basis", view="samples"),
    ),
    "3c": PaperFigure(
        partial(figure_three.averages_and_densities, number="3c", source="random", set_index=1),
        _at("Basis", view="samples"),
    ),
    "4a": PaperFigure(
        partial(figure_four.decoded_vectors, number="4a", name="η"), _at("Basis", view="vectors")
    ),
    "4b": PaperFigure(
        partial(figure_four.decoded_vectors, number="4b", name="ξ"), _at("Basis", view="vectors")
    ),
    "4c": PaperFigure(
        partial(figure_four.inner_products, number="4c", name="η"), _at("Basis", view="products")
    ),
    "4d": PaperFigure(
        partial(figure_four.inner_products, number="4d", name="ξ"), _at("Basis", view="products")
    ),
    "5a": PaperFigure(figure_five.batch_dots, _evaluate("figure 5")),
    "5b": PaperFigure(figure_five.trial_accuracies, _evaluate("figure 5")),
    "5c": PaperFigure(figure_five.cumulative_ranks, _evaluate("figure 5")),
    "6a": PaperFigure(partial(figure_six.amplitudes_by_rank, true_rank=1), _evaluate("figure 6")),
    "6b": PaperFigure(partial(figure_six.amplitudes_by_rank, true_rank=2), _evaluate("figure 6")),
    "6c": PaperFigure(partial(figure_six.amplitudes_by_rank, true_rank=3), _evaluate("figure 6")),
    "6d": PaperFigure(partial(figure_six.densities_of_ranks, true_rank=1), _evaluate("figure 6")),
    "6e": PaperFigure(partial(figure_six.densities_of_ranks, true_rank=2), _evaluate("figure 6")),
    "6f": PaperFigure(partial(figure_six.densities_of_ranks, true_rank=3), _evaluate("figure 6")),
    "7b": PaperFigure(figure_seven.truncations, _at("Denoise")),
    "8": PaperFigure(figure_eight.rotations, figure_eight.view),
}
"""By `PAPER_FIGURES`."""


def paper_figure(number: str) -> PaperFigure:
    """The figure of this number, such as "5c".

    Raises:
        StudioError: there is none; the sentence names the nearest.
    """
    return FIGURES[checked_number(number)]
