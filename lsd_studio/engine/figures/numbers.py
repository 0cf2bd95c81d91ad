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
    """A figure of the paper.

    Attributes:
        make: its description, made of a bundle's material.
        view: where the window shows the same, for the same material.
    """

    make: Callable[[Material], Drawn]
    view: Callable[[Material], FigureView]


def _decompose(material: Material) -> FigureView:
    return FigureView("Decompose")


def _basis(view: str) -> Callable[[Material], FigureView]:
    return lambda material: FigureView("Basis", {"view": view})


def _evaluate(view: str) -> Callable[[Material], FigureView]:
    return lambda material: FigureView(
        "Evaluate", {"view": view, "latent": "sampled", "reading": material.reading}
    )


def _denoise(material: Material) -> FigureView:
    return FigureView("Denoise")


FIGURES: dict[str, PaperFigure] = {
    "2a": PaperFigure(figure_two.data_batch, _decompose),
    "2b": PaperFigure(figure_two.decoded_batch, _decompose),
    "2c": PaperFigure(figure_two.random_batch, _decompose),
    "3a": PaperFigure(figure_three.sample_mosaics, _basis("samples")),
    "3b": PaperFigure(figure_three.encoded_densities, _basis("samples")),
    "3c": PaperFigure(figure_three.random_densities, _basis("samples")),
    "4a": PaperFigure(figure_four.eta_pictures, _basis("vectors")),
    "4b": PaperFigure(figure_four.xi_pictures, _basis("vectors")),
    "4c": PaperFigure(figure_four.eta_products, _basis("products")),
    "4d": PaperFigure(figure_four.xi_products, _basis("products")),
    "5a": PaperFigure(figure_five.batch_dots, _evaluate("figure 5")),
    "5b": PaperFigure(figure_five.trial_accuracies, _evaluate("figure 5")),
    "5c": PaperFigure(figure_five.cumulative_ranks, _evaluate("figure 5")),
    "6a": PaperFigure(partial(figure_six.amplitudes_by_rank, true_rank=1), _evaluate("figure 6")),
    "6b": PaperFigure(partial(figure_six.amplitudes_by_rank, true_rank=2), _evaluate("figure 6")),
    "6c": PaperFigure(partial(figure_six.amplitudes_by_rank, true_rank=3), _evaluate("figure 6")),
    "6d": PaperFigure(partial(figure_six.densities_of_ranks, true_rank=1), _evaluate("figure 6")),
    "6e": PaperFigure(partial(figure_six.densities_of_ranks, true_rank=2), _evaluate("figure 6")),
    "6f": PaperFigure(partial(figure_six.densities_of_ranks, true_rank=3), _evaluate("figure 6")),
    "7b": PaperFigure(figure_seven.truncations, _denoise),
    "8": PaperFigure(figure_eight.rotations, figure_eight.view),
}
"""By `PAPER_FIGURES`."""


def paper_figure(number: str) -> PaperFigure:
    """The figure of this number, such as "5c".

    Raises:
        StudioError: there is none; the sentence names the nearest.
    """
    return FIGURES[checked_number(number)]
