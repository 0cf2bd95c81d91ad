"""The views of the Latent space workspace, and the ways in which they show the Gaussian twin."""

from __future__ import annotations

from lsd_studio.engine.latent.statistics.gaussian_twin import TwinOf
from lsd_studio.ui.codes.codes_in_use import ADOPT
from lsd_studio.ui.latent.twin import TwinMode

VIEWS = (
    ("densities", "Densities", "Codes along every component, and against their radius"),
    ("planes", "Planes", "Codes on any two axes, at any zoom"),
    ("pairs", "Pairs", "Pearson matrix, density contours and confidence ellipses of pairs of components"),
    ("embedding", "t-SNE", "A layout in which neighbours stay neighbours"),
    ("samplers", "Samplers", "Random points drawn in every way of the posts, decoded and measured"),
    ("paths", "Paths", "From code to code, or along chosen axes, decoded"),
)
DRAWN_ON = ("planes", "pairs", "embedding")
"""Views on which codes are selected."""

TWINS: dict[str, TwinMode] = {"off": "off", "beside": "beside", "blink": "blink"}
TWINS_OF: tuple[tuple[TwinOf, str, str], ...] = (
    ("codes", "All", "One Gaussian with the mean and covariance of all codes"),
    ("labels", "Per label", "One Gaussian per label, with the mean and covariance of its codes"),
)

ABOUT_TWIN = "As many points as codes, from Gaussians with their mean and covariance"

NO_TWIN = "Samplers and paths have no twin: its points are those of the sampler “multivariate normal”."
NO_DECODER = f"Samplers and paths need a decoder, and there are codes alone: {ADOPT}"
