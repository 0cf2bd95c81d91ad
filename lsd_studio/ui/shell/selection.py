"""What all workspaces look at: one bundle, one vector, one image, one run."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from lsd_studio.engine.operations.bundles import OpenedBundle, TestImages
from lsd_studio.engine.operations.decompose import DecomposedImage

__all__ = ["Selection"]


class Selection(QObject):
    """The one selection of the window. A workspace reads it when it is built, and hears of its changes.

    Signals:
        bundle_changed: the OpenedBundle now in use.
        tests_changed: the TestImages to pick from.
        vector_changed: index of the quasi-eigenvector looked at, 0…M − 1, set outer and label inner.
        image_changed: the DecomposedImage of the image looked at, or None.
        run_changed: folder of the training run looked at, or None.
        image_wanted: place of a test image that Decompose is to open.
        bundle_wanted: folder of a bundle that is to be used from now on.
        denoisers_changed: the bundle in use has other trained denoisers.
        tests_wanted: name or folder of a data set whose test images are to be used.
    """

    bundle_changed = Signal(object)
    tests_changed = Signal(object)
    vector_changed = Signal(int)
    image_changed = Signal(object)
    run_changed = Signal(object)
    image_wanted = Signal(int)
    bundle_wanted = Signal(object)
    tests_wanted = Signal(str)
    denoisers_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.bundle: OpenedBundle | None = None
        self.tests: TestImages | None = None
        self.vector: int | None = None
        self.image: DecomposedImage | None = None
        self.run: Path | None = None

    def use_bundle(self, bundle: OpenedBundle) -> None:
        """Another bundle is in use; the vector and the image belonged to the one before."""
        self.bundle, self.tests, self.vector, self.image = bundle, None, None, None
        self.bundle_changed.emit(bundle)

    def use_tests(self, tests: TestImages) -> None:
        """Its test images are there."""
        self.tests = tests
        self.tests_changed.emit(tests)

    def look_at_vector(self, vector: int) -> None:
        """Look at a quasi-eigenvector, in every workspace."""
        if vector != self.vector:
            self.vector = vector
            self.vector_changed.emit(vector)

    def look_at_image(self, image: DecomposedImage | None) -> None:
        """The image under the glass is this one now."""
        self.image = image
        self.image_changed.emit(image)

    def look_at_run(self, run: Path | None) -> None:
        """Look at a training run."""
        if run != self.run:
            self.run = run
            self.run_changed.emit(run)

    def use_denoisers(self) -> None:
        """The bundle in use has other trained denoisers from now on."""
        self.denoisers_changed.emit()

    def want_bundle(self, bundle: Path) -> None:
        """Have the window open a bundle."""
        self.bundle_wanted.emit(bundle)

    def want_tests(self, source: str) -> None:
        """Have the window read the test images of a data set."""
        self.tests_wanted.emit(source)

    def want_image(self, number: int) -> None:
        """Have Decompose open a test image, by its place in the test set."""
        self.image_wanted.emit(number)
