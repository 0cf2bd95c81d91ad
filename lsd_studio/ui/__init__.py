"""The window. It computes nothing: it asks the engine and draws what comes back.

The engine comes first: PySide6 looks into the source of every module imported after it, and pydantic, half imported by
then, does not bear that.
"""

import lsd_studio.engine.api  # noqa: F401
