"""Where the guided tour leads."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from lsd_studio.ui.decompose.workspace import DecomposeWorkspace
from lsd_studio.ui.guidance.tour import Stop
from lsd_studio.ui.shell.workspace import Workspace

EXAMPLE = 18
"""The test image that is decomposed where there is none yet."""


def tour_stops(
    go_to: Callable[[str], Workspace],
    decompose: DecomposeWorkspace,
    rail: QWidget,
    bundle_button: QWidget,
    footer: QWidget,
) -> tuple[Stop, ...]:
    """The stops, in a window with these parts; `go_to` brings a place to the front."""

    def at(widget: QWidget) -> Callable[[], QWidget]:
        def arrive() -> QWidget:
            go_to("Decompose")
            return widget

        return arrive

    def ranking() -> QWidget:
        go_to("Decompose")
        if decompose.shown is None and decompose.selection.tests is not None:
            decompose.look_at_test_image(EXAMPLE)
        return decompose.ranking

    return (
        Stop(
            "Draw",
            "Draw here with the mouse or a pen; you can draw now, while the tour runs. "
            "Below are test images to pick from; image files can be dropped anywhere here.",
            at(decompose.canvas),
        ),
        Stop(
            "Its amplitudes",
            "The encoder turns the image into a code z. Each bar is an amplitude c = ⟨ξ | z⟩ / M: how much of a "
            "labelled vector ξ there is in it, the largest first. If you have drawn nothing, a test image stands in.",
            ranking,
        ),
        Stop(
            "What few of them keep",
            "Move the slider: only the n largest terms are kept and decoded again. One term is nearly the label alone; "
            "style comes with the others.",
            at(decompose.terms.parentWidget() or decompose.terms),
        ),
        Stop(
            "The bundle in use",
            "All that you see is computed from this bundle, its networks and its basis; only Latent space can look at "
            "other models too. Open another here, or a run of your own from Train.",
            at(bundle_button),
        ),
        Stop(
            "The workspaces",
            "Train makes a bundle, Basis shows and audits its vectors, Evaluate measures it on all test images, "
            "Denoise and Operate use it, Latent space shows where codes lie. A click on a vector or an image is seen "
            "in all.",
            at(rail),
        ),
        Stop(
            "What next?",
            "At the right stands what you could do next, at the left what the numbers were computed from. F1 explains "
            "the workspace and whatever you point at; Ctrl+Shift+P finds every action by its name.",
            at(footer),
        ),
    )
