"""Names printed as plain text: no control character reaches the terminal."""

from __future__ import annotations

import unicodedata

from lsd_studio.engine.platform.file_names import readable

_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Signs that turn the direction of the text after them."""


def plain(text: str, keep: str = "\n\t") -> str:
    r"""The text with control characters, but for those to keep, and bidirectional overrides as escapes such as \x1b.

    Bytes of names that are no UTF-8 are shown as `readable` reads them.
    """
    return "".join(
        sign.encode("unicode_escape").decode()
        if sign not in keep and (unicodedata.category(sign) == "Cc" or sign in _TURNING)
        else sign
        for sign in readable(text)
    )
