"""What a person sees of a file of codes before it is used."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lsd_studio.engine.spaces.survey import survey_space


def test_ranges_are_those_of_usable_codes_and_missing_values_are_counted(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    z = random.standard_normal((20_000, 3))
    z[0, 1], z[1, 2], z[19_999] = np.nan, np.inf, (-9, 8, 7.5)
    ages = np.where(np.arange(20_000) == 2, np.nan, random.uniform(1, 2, 20_000))
    kinds = np.where(np.arange(20_000) % 2, "even", "odd")
    kinds[3] = "NA"
    np.savez(tmp_path / "codes.npz", z=z, wide=random.standard_normal((20_000, 8)), age=ages, kind=kinds)

    found = survey_space(tmp_path / "codes.npz")

    assert (found.space.array, found.space.arrays) == ("z", ("z", "wide"))
    assert (found.low, found.high) == (-9, 8)
    shown = {each.name: each for each in found.shown}
    assert list(shown) == ["age", "kind", "0", "1", "2"]
    assert shown["age"].kind == "numbers"
    assert shown["age"].span.endswith(", 1 missing")
    assert shown["age"].first[2] == ""
    assert (shown["kind"].span, shown["kind"].first[:4]) == (
        "2 different, 1 missing",
        ("odd", "even", "odd", ""),
    )
    assert shown["0"].span.startswith("−9 … ")
    assert shown["1"].first[0] == "nan"
    assert survey_space(tmp_path / "codes.npz", "wide").space.components == 8


def test_codes_alone_have_components_alone(tmp_path: Path) -> None:
    np.save(tmp_path / "codes.npy", np.random.default_rng(0).standard_normal((4, 9)).astype(np.float32))

    found = survey_space(tmp_path / "codes.npy")

    assert [each.name for each in found.shown] == ["0", "1", "2", "3", "4", "5"]
    assert {len(each.first) for each in found.shown} == {4}
    assert found.space.label_columns == ()
