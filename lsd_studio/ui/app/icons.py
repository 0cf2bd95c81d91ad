"""Icons in the theme's colours."""

from __future__ import annotations

import qtawesome
from PySide6.QtGui import QIcon

from lsd_studio.ui.app.theme import Theme


def icon(name: str, theme: Theme) -> QIcon:
    """A QtAwesome icon such as "mdi6.eraser", muted where disabled, in the accent colour where checked."""
    return qtawesome.icon(name, color=theme.text, color_disabled=theme.line, color_on=theme.accent)
