"""What people name, as text that every file of a figure can hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any

from lsd_studio.engine.figures.spec import PlotFigure


def with_plain_names(figure: PlotFigure) -> PlotFigure:
    r"""The figure with control characters and bytes that are no text (surrogates) written as escapes such as \udce9."""
    return with_text(
        figure, lambda text: "".join(sign if _is_text(sign) else ascii(sign)[1:-1] for sign in text)
    )


def with_text(figure: PlotFigure, change: Callable[[str], str]) -> PlotFigure:
    """The figure with all its words changed."""
    return replace(
        figure,
        **{
            name: _with_text(getattr(figure, name), change)
            for name in ("title", "panels", "source", "caption")
        },
    )


def _with_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_with_text(each, change) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        fields_of = {each.name: _with_text(getattr(value, each.name), change) for each in fields(value)}
        return replace(value, **fields_of)
    return value


def _is_text(sign: str) -> bool:
    return sign == "\n" or (sign >= " " and not "\x7f" <= sign <= "\x9f" and not "\ud800" <= sign <= "\udfff")
