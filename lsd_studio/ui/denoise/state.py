"""What the Denoise workspace shows."""

from __future__ import annotations

from typing import Literal

from lsd_studio.engine.denoising.denoised_image import DenoiseSettings
from lsd_studio.ui.shell.image_source import ImageState
from lsd_studio.ui.shell.view_state import ViewState


class CurvesState(ViewState):
    """What is drawn of the curves; None leaves it as it is.

    Attributes:
        measure: on the left axis; over: what is on the bottom axis.
        hidden: methods whose curves are not drawn.
    """

    measure: Literal["psnr", "ssim", "label_kept"] | None = None
    over: Literal["levels", "terms"] | None = None
    hidden: tuple[str, ...] | None = None


class DenoiseState(ImageState, CurvesState):
    """The page in front, the image, how it is noised and denoised, and the curves; None leaves it as it is.

    Attributes:
        descent: whether the image is descended from too.
    """

    page: Literal["one", "many"] | None = None
    denoising: DenoiseSettings | None = None
    descent: bool | None = None
