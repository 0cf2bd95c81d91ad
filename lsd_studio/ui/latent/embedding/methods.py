"""What the t-SNE page offers to lay codes out with, and the words for it."""

from __future__ import annotations

from lsd_studio.engine.latent.statistics.embedding import EmbeddingSettings
from lsd_studio.ui.widgets.number_formatting import counted

METHODS = (
    ("t-SNE", "t-SNE", "Keeps neighbours neighbours; shown while it is optimised"),
    (
        "UMAP",
        "UMAP",
        "The same aim by another method, shown when it is done; perplexity is its number of neighbours",
    ),
)

SOURCES = (("raw codes", None), ("2 leading axes", 2), ("4 leading axes", 4), ("10 leading axes", 10))
POSTS = EmbeddingSettings(perplexity=10.0, early_exaggeration=16.0, steps=1000)
"""The first of the posts' runs: 1 000 steps in all, of which 250 exaggerated."""

IDLE = (
    "t-SNE lays codes out so that neighbours stay neighbours. Press “Start”: the layout is shown while it is "
    "optimised. Its axes and distances have no unit, and gaps in it are no voids of the latent space."
)


def settings_words(settings: EmbeddingSettings) -> str:
    """What was run, and with what, in words."""
    source = "raw codes" if settings.leading is None else f"{settings.leading} leading axes"
    course = (
        f"{settings.perplexity:.0f} neighbours"
        if settings.method == "UMAP"
        else f"perplexity {settings.perplexity:g}, exaggeration {settings.early_exaggeration:g}"
    )
    return f"{settings.method} of {counted(settings.points)} points, {source}, {course}, seed {settings.seed}"
