"""What the Basis workspace shows."""

from __future__ import annotations

from typing import Literal

from lsd_studio.engine.vocabulary import Complement, SetOne, Source
from lsd_studio.ui.shell.view_state import ViewState

View = Literal["vectors", "products", "samples", "audit", "compare"]


class SamplesState(ViewState):
    """What is shown of samples; None leaves it as it is.

    Attributes:
        source: of the samples.
        label: whose samples are shown; component: of z, whose densities are shown; −1: all of them.
    """

    source: Source | None = None
    label: int | None = None
    component: int | None = None


class BasisState(ViewState):
    """What is shown of a basis; None leaves it as it is.

    Attributes:
        view: the one in front.
        range: where the colours of ⟨η|η⟩ end, as the slider has it.
        vector: the one selected.
        set_one, complement: how ξ is made.
    """

    view: View | None = None
    range: int | None = None
    vector: int | None = None
    set_one: SetOne | None = None
    complement: Complement | None = None
    samples: SamplesState = SamplesState()
