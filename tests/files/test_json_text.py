"""JSON and TOML of others: bounded, checked, refused in one sentence that names the file and the field."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from lsd_studio.engine.errors import StudioError
from lsd_studio.files.json_text import parse_json, read_json, validated
from lsd_studio.files.plain_files import check_plain, read_plain
from lsd_studio.files.toml_text import parse_toml


class Example(BaseModel):
    step: int
    names: dict[str, float] = {}


def refusal(file: Path) -> str:
    with pytest.raises(StudioError) as refused:
        read_json(file, Example, largest=10_000_000, advice="make it anew")
    sentence = str(refused.value)
    assert str(file) in sentence
    assert sentence.endswith(".")
    assert len(sentence.splitlines()) == 1
    return sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 100_000, "at most 50 levels"),
        ('{"a":' * 900 + "1" + "}" * 900, "at most 50 levels"),
        ("[" * 51 + "]" * 51, "at most 50 levels"),
        ('{"step": ' + "9" * 400 + "}", "at most 20 digits, found one of 400"),
        ('{"step": ' + "9" * 10_000 + "}", "at most 20 digits"),
        ('{"step": 1e999}', "field step: expected finite numbers"),
        ('{"step": NaN}', "field step: expected finite numbers, found NaN"),
        ('{"step": -Infinity}', "finite numbers"),
        ('{"step": 1, "step": 2}', "field step: expected it once, found it again"),
        ('{"step": "many"}', "field step: expected a whole number;"),
        ('{"names": {}}', "field step: expected a value, found none;"),
        ('{"step": 1, "names": {"loss": []}}', "field names.loss: expected a number;"),
        ('{"names": {"loss": [0, NaN]}}', "field names.loss.1: expected finite numbers"),
        ("[1, 2]", ", as a whole: expected a JSON object; "),
        ("null", ", as a whole: expected a JSON object; "),
        ('{"step": 1', "JSON text"),
        ("", "JSON text"),
    ],
)
def test_json_out_of_bounds_is_refused_by_file_and_field(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "facts.json"
    file.write_text(text, "utf-8")
    sentence = refusal(file)
    assert said in sentence
    assert sentence.endswith("; make it anew.")


class Bounded(BaseModel):
    model_config = ConfigDict(extra="forbid")

    width: int = Field(default=1, ge=1, lt=10)
    name: str = Field(default="", max_length=3)
    kind: Literal["mean", "median"] = "mean"
    pair: tuple[float, float] = (0, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"width": 0}', "field width: expected at least 1."),
        ('{"width": 10}', "field width: expected a number below 10."),
        ('{"name": "four"}', "field name: expected text of length 3 or less."),
        ('{"name": 4}', "field name: expected text."),
        ('{"kind": "mode"}', "field kind: expected 'mean' or 'median'."),
        ('{"pair": [1]}', "field pair.1: expected a value, found none."),
        ('{"pair": [1, 2, 3]}', "field pair: expected a list of length 2 or less."),
        ('{"height": 1}', "field height: expected no field of this name."),
    ],
)
def test_what_a_field_should_be_is_told_in_words_of_this_program(text: str, said: str) -> None:
    with pytest.raises(StudioError) as refused:
        validated(Bounded, parse_json(text, "here"), "here")
    assert str(refused.value) == f"here, {said}"


def test_bytes_that_are_no_utf_8_are_no_json(tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    file.write_bytes('{"step": 1}'.encode("utf-16"))
    assert "JSON text" in refusal(file)


def test_what_is_within_bounds_is_read(tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    file.write_text('\ufeff{"step": 18446744073709551615, "names": {"loss": -1.5e-3}}', "utf-8")
    assert read_json(file, Example) == Example(step=2**64 - 1, names={"loss": -0.0015})
    assert parse_json("[" * 50 + "1" + "]" * 50, "here")
    assert read_json(file, TypeAdapter(dict[str, object]))["step"] == 2**64 - 1


def test_only_plain_files_are_read_and_nothing_is_waited_for(tmp_path: Path) -> None:
    pipe, folder, link, none = (tmp_path / name for name in ("pipe", "folder", "link", "none"))
    os.mkfifo(pipe)
    folder.mkdir()
    link.symlink_to(pipe)
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for file in (pipe, folder, link, none, loop, Path("/dev/zero"), tmp_path / "no\0name"):
        for read in (
            lambda file: read_plain(file, 10, follow_links=True),
            lambda file: check_plain(file, 10),
        ):
            with pytest.raises(StudioError, match=r"plain file|could not be read"):
                read(file)
    with pytest.raises(StudioError, match="is a link"):
        read_plain(link, 10)
    with pytest.raises(StudioError, match=r"could not be read \(no file can have such a name\)"):
        read_plain(tmp_path / "no\0name", 10)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    with file.open("wb") as sparse:
        sparse.truncate(2**40)
    assert "expected at most 10000000 bytes" in refusal(file)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 50_000,
        ".".join("a" * 20_000) + " = 1",
        "[" + ".".join("a" * 20_000) + "]",
        "x = {" + ".".join("a" * 20_000) + " = 1}",
        "a = " + "9" * 5_000,
        "a = 0x" + "9" * 5_000,
        "a = ",
        "a = 1\na = 2",
        "a = '" + "x" * 300_000 + "'",
    ],
)
def test_toml_out_of_bounds_is_refused(text: str) -> None:
    with pytest.raises(StudioError, match=r"^profile\.toml(, line \d+, column \d+)?: expected .*\.$"):
        parse_toml(text, "profile.toml")
