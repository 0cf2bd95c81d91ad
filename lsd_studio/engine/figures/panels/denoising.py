"""Panels of denoising: pictures with what is measured of them, and curves of methods."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lsd_studio.engine.denoising.denoised_image import Judged
from lsd_studio.engine.figures.spec import Axis, Mosaic, Panel
from lsd_studio.percentages import percent


def judged_panel(
    judged: Judged, label_names: Sequence[str], original: Judged | None, title: str = ""
) -> Panel:
    """A picture, what C reads in it, and its PSNR and SSIM; framed where C reads another label than in the original."""
    read = f"C reads {label_names[judged.label]} ({percent(judged.probability)})"
    measured = ""
    if judged.psnr is not None and judged.ssim is not None:
        measured = f"\n{judged.psnr:.1f} dB · SSIM {judged.ssim:.2f}"
    framed = original is not None and judged.label != original.label
    mosaic = Mosaic(judged.title, judged.picture[None, None], marked=np.array([[framed]]))
    return Panel((mosaic,), Axis(read + measured), title=title or judged.title)
