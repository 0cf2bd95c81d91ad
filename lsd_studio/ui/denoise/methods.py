"""An image, its noise, and what every method makes of it, side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QWidget

from lsd_studio.engine.denoising.denoised_image import REGRESSION, DenoisedImage, Judged
from lsd_studio.ui.app.theme import GRID, ThemeManager
from lsd_studio.ui.denoise.tile import JudgedTile

BASELINES = ("total_variation", "non_local_means", "principal_components", REGRESSION, "autoencoder")
SHORT = {
    "total_variation": "Total variation",
    "non_local_means": "Non-local means",
    "principal_components": "PCA",
    "principal_components_known": "PCA, told where",
    REGRESSION: "Linear regression",
    "autoencoder": "Autoencoder",
}


class MethodTiles(QWidget):
    """Ours in the upper row, the baselines in the lower one; the best is marked."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.original = JudgedTile(themes, "Original")
        self.noisy = JudgedTile(themes, "Noisy")
        self.chosen = JudgedTile(themes, "In ξ, n terms")
        self.chosen.setToolTip("E's code cut to its n largest terms in ξ, decoded by G")
        self.control = JudgedTile(themes, "Random basis, n terms")
        self.control.setToolTip(
            "The same truncation in a random orthogonal basis: what it does equally well is not due to ξ"
        )
        self.descended = JudgedTile(themes, "Descent on z")
        self.descended.setToolTip("The most probable code under G's prior; no basis is used")
        self.baselines = {name: JudgedTile(themes, SHORT[name]) for name in BASELINES}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GRID // 2)
        grid.setVerticalSpacing(GRID)
        ours = (self.original, self.noisy, self.chosen, self.control, self.descended)
        for line, tiles in enumerate((ours, self.baselines.values())):
            for place, tile in enumerate(tiles):
                grid.addWidget(tile, line, place)

    def show_image(self, shown: DenoisedImage, label_names: Sequence[str], no_regression: str) -> None:
        """Show what all methods but descent make of an image; `no_regression` says why it cannot be fitted."""
        best = max((each for each in _rivals(shown) if each.psnr), key=_psnr, default=None)

        def show(tile: JudgedTile, judged: Judged, words: str = "") -> None:
            tile.show_judged(judged, label_names[judged.label], best=judged is best, caption=words)

        show(self.noisy, shown.noisy)
        if shown.original is None:
            self.original.clear("Original: unknown")
        else:
            show(self.original, shown.original)
        show(self.chosen, shown.chosen, f"In ξ, n = {shown.terms}")
        show(self.control, shown.control, f"Random basis, n = {shown.terms}")
        by_name = {judged.name.removesuffix("_known"): judged for judged in shown.baselines}
        for name, tile in self.baselines.items():
            tile.setToolTip(f"Baselines: {shown.parameters}.")
            if name in by_name:
                show(tile, by_name[name], SHORT[by_name[name].name])
            elif name != REGRESSION:
                tile.clear(SHORT[name], "not trained")
            elif no_regression:
                tile.clear(SHORT[name], "not available")
                tile.setToolTip(f"Linear regression cannot be fitted: {no_regression}")
            else:
                tile.clear(SHORT[name], "fitting…")

    def show_descent(self, shown: DenoisedImage, found: Judged, label_name: str, *, is_done: bool) -> None:
        """Show what descent has come to; it is marked as the best once it is done."""
        best = is_done and found.psnr is not None and found.psnr > max(map(_psnr, _rivals(shown)))
        caption = "Descents averaged" if shown.settings.draws else "Descent on z"
        self.descended.show_judged(found, label_name, best=best, caption=caption)
        if best:
            for tile in (self.chosen, self.control, *self.baselines.values()):
                tile.mark(best=False)


def _rivals(shown: DenoisedImage) -> tuple[Judged, ...]:
    return (shown.chosen, shown.control, *shown.baselines)


def _psnr(judged: Judged) -> float:
    return judged.psnr or 0.0
