"""Conditions on columns, against NumPy on the same arrays, and the sentences on those that cannot be read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent.statistics.planes import Plane
from lsd_studio.engine.spaces.conditions import matching
from lsd_studio.engine.spaces.latent_space import LatentSpace
from lsd_studio.engine.spaces.reading import read_latent_space

COUNT = 240
BOX = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Codes with columns of all kinds, some with values missing, and names that look like conditions."""
    random = np.random.default_rng(0)
    place = np.arange(COUNT)
    kind = np.array(["B cell", "T cell", "salt and pepper", "a > b"])[place % 4]
    kind[:5] = ""
    age = random.uniform(0, 80, COUNT)
    age[3:9] = np.nan
    file = tmp_path_factory.mktemp("conditions") / "cells.npz"
    np.savez(
        file,
        z=random.standard_normal((COUNT, 5)).astype(np.float32),
        kind=kind,
        age=age,
        batch=place // 60 + 9,
        treated=place % 2 == 0,
        name=np.array([f"Cell {number:03}" for number in place]),
        **{"n genes": random.uniform(0, 9, COUNT), "n": random.uniform(0, 9, COUNT)},
    )
    return file


@pytest.fixture(scope="module")
def space(file: Path) -> LatentSpace:
    return read_latent_space(file)


def found(space: LatentSpace, condition: str) -> np.ndarray:
    return matching(space.columns, condition).found


def test_comparisons_are_those_of_numpy_and_missing_values_match_none(file: Path, space: LatentSpace) -> None:
    of = np.load(file)
    kind, age, batch, genes = of["kind"], of["age"], of["batch"], of["n genes"]
    for condition, wanted in {
        "kind = B cell": kind == "B cell",
        "KIND == b CELL": kind == "B cell",
        "kind != B cell": (kind != "B cell") & (kind != ""),
        "kind ≠ B cell": (kind != "B cell") & (kind != ""),
        "kind = salt and pepper": kind == "salt and pepper",
        'kind = "a > b"': kind == "a > b",
        "kind = a > b": kind == "a > b",
        "kind = no value": kind == "",
        "age != No Value": ~np.isnan(age),
        "age>40": age > 40,
        "age <= 4e1": age <= 40,
        "age ≥ −1.5": ~np.isnan(age),
        "batch > 9": batch > 9,
        "batch = 10.0": batch == 10,
        "batch ≠ 10": batch != 10,
        "treated = yes": np.arange(COUNT) % 2 == 0,
        "n genes < 3": genes < 3,
        "n < 3 and n genes < 3": (of["n"] < 3) & (genes < 3),
        "age > 40 and kind = B cell or batch = 12": (age > 40) & (kind == "B cell") | (batch == 12),
        "batch = 12 OR age > 40 AND kind = B cell": (age > 40) & (kind == "B cell") | (batch == 12),
    }.items():
        np.testing.assert_array_equal(found(space, condition), wanted, condition)


def test_a_text_is_found_in_labels_and_names_whatever_its_case(file: Path, space: LatentSpace) -> None:
    kind = np.load(file)["kind"]
    np.testing.assert_array_equal(found(space, "t CELL"), kind == "T cell")
    np.testing.assert_array_equal(np.flatnonzero(found(space, "cell 01")), np.arange(10, 20))
    np.testing.assert_array_equal(found(space, '"a >"'), kind == "a > b")
    np.testing.assert_array_equal(found(space, "salt and"), kind == "salt and pepper")
    assert not found(space, "[a-z]*").any(), "no pattern"
    assert not found(space, "__import__('os')").any()


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ("agee > 40", "There is no column agee; did you mean age?"),
        ("> 40", "There is no column before the sign: choose one of "),
        ("age > 40 and sexx = f", "There is no column sexx: choose one of "),
        ("kind = B cel", "kind is nowhere “B cel”; did you mean “B cell”?"),
        ("kind = 7", "kind is nowhere “7”: it is B cell, T cell, a > b, salt and pepper."),
        ("name = Cell", "name is nowhere “Cell”; did you mean “Cell"),
        ("kind > B cell", "kind is compared with “B cell”, and not both are numbers: write = or ≠"),
        ("age = old", "age holds numbers, and “old” is none"),
        ("age > nan", "age holds numbers, and “nan” is none"),
        ("age >", "Nothing is compared with age: write a value after >."),
        ("  ", "A condition has 1 to 1000 characters: write one such as kind = B cell."),
        ("x" * 1001, "A condition has 1 to 1000 characters"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(space: LatentSpace, condition: str, sentence: str) -> None:
    with pytest.raises(StudioError) as refused:
        matching(space.columns, condition)
    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)


def test_columns_without_words_or_none_say_what_can_be_searched(space: LatentSpace) -> None:
    with pytest.raises(StudioError, match="there are numbers alone: write age > 0"):
        matching({"age": space.columns["age"]}, "old")
    with pytest.raises(StudioError, match="These codes have no columns to look in: save a column of labels"):
        matching({}, "old")


def test_matches_become_groups_alone_and_within_outlines(file: Path, space: LatentSpace) -> None:
    of = np.load(file)
    old, inside = of["age"] > 40, (np.abs(of["z"][:, :2]) < 1).all(axis=1)
    with Engine() as engine:
        engine.latent.open_codes(space, "kind").result()
        matches = engine.selection.matching("age > 40").result()
        assert matches.count == old.sum()
        first = engine.selection.matched(matches).result()
        np.testing.assert_array_equal(first.groups, old)
        assert (first.seen, first.conditions) == ((), ("age > 40",))
        plane = Plane("components", 0, 1)
        both = engine.selection.outline(BOX, plane, "B", before=first, among=matches).result()
        np.testing.assert_array_equal(both.groups, np.where(old & inside, 2, old))
        assert both.conditions == ("age > 40",)
        assert engine.selection.compare(first).result().p_value > 0.001

        shown = engine.selection.as_labels(first, space).result()
        assert shown.notes[-1] == (
            "The labels of selection were taken from those that match “age > 40”: that they are told apart so was "
            "chosen, not found."
        )
        again = engine.selection.as_labels(both, shown).result()
        assert len(again.notes) == len(shown.notes)
        assert "on components 0 and 1 and taken from those that match “age > 40”" in again.notes[-1]
