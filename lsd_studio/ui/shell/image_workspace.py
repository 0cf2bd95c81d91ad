"""A workspace that takes an image: from a file, the clipboard, a drop, or the test images."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, Slot

from lsd_studio.engine.api import Engine
from lsd_studio.ui.app.theme import ThemeManager
from lsd_studio.ui.shell.pasting import pasted_image
from lsd_studio.ui.shell.selection import Selection
from lsd_studio.ui.shell.workspace import Workspace
from lsd_studio.ui.widgets.dialogs import ask_for_path
from lsd_studio.ui.widgets.layouts import tool_button
from lsd_studio.ui.widgets.test_image_picker import TestImagePicker


class ImageWorkspace(Workspace):
    """Takes images from everywhere; what it does with them its subclasses say.

    Attributes:
        open_button: asks for an image file.
        picker: the test images.
    """

    open_title = "Open an image"

    def __init__(self, engine: Engine, themes: ThemeManager, selection: Selection) -> None:
        super().__init__(engine, themes, selection)
        self.open_button = tool_button(self.open_title, "Open an image file; you can also drop or paste one")
        self.open_button.clicked.connect(self.open_file)
        self.picker = TestImagePicker(themes)
        self.picker.picked.connect(self.look_at_test_image)

    def look_at_test_image(self, number: int) -> None:
        """Take a test image, by its place in the test set."""
        raise NotImplementedError

    def look_at_file(self, source: Path | bytes) -> None:
        """Take an image file, or the bytes of one."""
        raise NotImplementedError

    def paste(self, data: QMimeData | None) -> bool:
        """Take an image or an image file from the clipboard or a drop; False where there is none in it."""
        image = pasted_image(data)
        if image is not None:
            self.look_at_file(image)
        return image is not None

    @Slot()
    def open_file(self) -> None:
        """Ask for an image file."""
        kinds = "Images (*.png *.jpg *.jpeg *.bmp *.gif *.tif *.tiff *.webp)"
        ask_for_path(self, self.open_title, self.look_at_file, kinds)
