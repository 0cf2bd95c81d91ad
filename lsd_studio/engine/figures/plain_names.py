"""What people name, as text that every file of a figure can hold."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from lsd_studio.engine.figures.spec import PlotFigure

__all__ = ["with_plain_names"]


def with_plain_names(figure: PlotFigure) -> PlotFigure:
    r"""The figure with control characters and bytes that are no text (surrogates) written as escapes such as \udce9."""
    return replace(
        figure,
        title=_plain(figure.title),
        panels=_plain(figure.panels),
        source=_plain(figure.source),
        caption=_plain(figure.caption),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return "".join(sign if _is_text(sign) else ascii(sign)[1:-1] for sign in value)
    if isinstance(value, tuple):
        return tuple(_plain(each) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: _plain(getattr(value, each.name)) for each in fields(value)})
    return value


def _is_text(sign: str) -> bool:
    return sign == "\n" or (sign >= " " and not "\x7f" <= sign <= "\x9f" and not "\ud800" <= sign <= "\udfff")
