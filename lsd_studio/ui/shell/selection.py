"""What is selected in all workspaces: one bundle or one file of codes, one vector, one image, one run."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from lsd_studio.engine.operations.bundles import OpenedBundle, TestImages
from lsd_studio.engine.operations.decompose import DecomposedImage
from lsd_studio.engine.vocabulary import Subject
from lsd_studio.ui.codes.codes_in_use import CodesInUse


class Selection(QObject):
    """The one selection of the window: a workspace reads it when it is built, and connects to its changes.

    Signals:
        bundle_changed: the OpenedBundle now in use.
        codes_changed: the CodesInUse in place of a bundle, or None where a bundle is in use again.
        tests_changed: the TestImages to pick from.
        vector_changed: index of the selected quasi-eigenvector, 0…M − 1, set outer and label inner.
        image_changed: the DecomposedImage of the current image, or None.
        run_changed: folder of the selected training run, or None.
        denoisers_changed: the bundle in use has other trained denoisers.
        image_wanted, bundle_wanted, tests_wanted: whoever emits one of these asks Decompose to open a test image, by
            its place; the window to use a bundle, by its folder; or to read the test images of a data set, by its name
            or folder.
    """

    bundle_changed = Signal(object)
    codes_changed = Signal(object)
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
        self.codes: CodesInUse | None = None
        self.tests: TestImages | None = None
        self.vector: int | None = None
        self.image: DecomposedImage | None = None
        self.run: Path | None = None

    @property
    def subject(self) -> Subject:
        """What a person is asked to draw."""
        return "digit" if self.bundle is None else self.bundle.subject

    def use_bundle(self, bundle: OpenedBundle) -> None:
        """Another bundle is in use; the vector and the image belonged to the one before."""
        self.bundle, self.tests, self.vector, self.image = bundle, None, None, None
        if self.codes is not None:
            self.use_codes(None)
        self.bundle_changed.emit(bundle)

    def use_codes(self, codes: CodesInUse | None) -> None:
        """Codes that came alone are in use in place of the bundle, or no longer."""
        self.codes = codes
        self.codes_changed.emit(codes)

    def use_tests(self, tests: TestImages) -> None:
        """Its test images are loaded."""
        self.tests = tests
        self.tests_changed.emit(tests)

    def look_at_vector(self, vector: int) -> None:
        """Select a quasi-eigenvector, in every workspace."""
        if vector != self.vector:
            self.vector = vector
            self.vector_changed.emit(vector)

    def look_at_image(self, image: DecomposedImage | None) -> None:
        """Another image is the current one."""
        self.image = image
        self.image_changed.emit(image)

    def look_at_run(self, run: Path | None) -> None:
        """Select a training run."""
        if run != self.run:
            self.run = run
            self.run_changed.emit(run)
