"""What goes wrong is told in one sentence."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "lsd_studio"
TWO = re.compile(r"[.!?] +[A-ZΑ-Ω]")


def told(part: ast.expr) -> str:
    """What is written out of an expression that makes a text; X for what is put in."""
    match part:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=values):
            return "".join(map(told, values))
        case ast.BinOp(left=left, right=right):
            return told(left) + told(right)
        case _:
            return "X"


def sentences() -> Iterator[tuple[str, str]]:
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="StudioError" | "NotAvailableError"), args=[said, *_]):
                    yield f"{file.name}:{node.lineno}", told(said)


def test_no_error_says_two_sentences() -> None:
    found = dict(sentences())
    assert len(found) > 200
    assert {place: text for place, text in found.items() if TWO.search(text)} == {}
