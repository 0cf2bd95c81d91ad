"""Codes of one's own moved from label to label: what is planted is found, and noise is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lsd_studio.engine.data_files.columns import column_of
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.operators import comparison
from lsd_studio.engine.operators.compared import Comparison
from lsd_studio.engine.operators.comparison import compare
from lsd_studio.engine.operators.label_operators import OPERATORS
from lsd_studio.engine.operators.walks import PathSettings
from lsd_studio.engine.spaces.code_operators import operator_of_codes
from lsd_studio.engine.spaces.code_paths import follow_codes
from lsd_studio.engine.spaces.labelled_codes import LabelledCodes
from lsd_studio.engine.spaces.latent_space import LatentSpace
from lsd_studio.engine.spaces.probed_codes import ProbedCodes, pairs_to_compare, probed_codes
from lsd_studio.engine.steps import finished


def labelled(codes: np.ndarray, labels: np.ndarray, names: tuple[str, ...] = ()) -> LabelledCodes:
    names = names or tuple("abcdef"[: labels.max() + 1])
    return LabelledCodes(codes, labels, names, "a test", (), np.arange(len(codes)))


def classes(random: np.random.Generator, apart: float, count: int = 540, components: int = 8) -> ProbedCodes:
    """Three classes, `apart` standard deviations from the middle on an axis each, in units and places of their own."""
    labels = random.permutation(np.arange(count) % 3)
    codes = random.standard_normal((count, components)) + apart * np.eye(components)[labels]
    return probed_codes(labelled(codes * np.geomspace(1, 100, components) + 50, labels))


def compared(of: ProbedCodes, seed: int = 0) -> Comparison:
    return finished(
        compare(of.reader, of.known, of.codes, of.labels, of.source, seed=seed, probed_on=of.probed_on)
    )


def test_planted_classes_are_steered_beyond_chance() -> None:
    of = classes(np.random.default_rng(0), apart=4.0)
    found = compared(of)

    p_values = dict(zip((each.name for each in found.operators), found.p_values("probe"), strict=True))
    assert of.read.value > 0.95
    assert found.readers == ("probe",)
    assert p_values["mean_difference"] == p_values["gaussian_transport"] == pytest.approx(1 / 201)
    assert found.operators[3].arrivals["probe"].reached.value > 0.95
    assert "rotation by η" in found.verdict("probe")
    assert (found.fitted_on, found.probed_on, found.images) == (180, 180, 180)
    assert all(not operator.style for operator in found.operators)
    assert found.content["operators"][0]["style"] == {}


def test_noise_is_steered_once_in_a_hundred(monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdict over all operators, at 1 %, over 40 data sets of codes without any relation to their labels."""
    monkeypatch.setattr(comparison, "DRAWS", 100)
    random = np.random.default_rng(1)
    verdicts = 0
    for seed in range(40):
        found = compared(classes(random, apart=0.0, count=135, components=5), seed)
        verdicts += min(found.p_values("probe")) <= 0.01

    assert verdicts <= 3  # of binomial(40, 0.01) in 99.9 %


def test_a_path_arrives_and_stays_within_the_data() -> None:
    of = classes(np.random.default_rng(2), apart=4.0)
    found = finished(follow_codes(of, PathSettings((0, 1, 2), through="averages"), step=45.0))

    assert found.positions.tolist() == [0, 0.5, 1, 1.5, 2]
    assert [one.count for one in found.arrived] == [60, 60]
    assert min(one.value for one in found.arrived) > 0.9
    assert found.near.min() > 0.8
    assert found.row in of.rows[of.labels == 0]
    nearest = [of.held_in_labels[of.held_in_rows == row][0] for row in found.nearest]
    assert (nearest[0], nearest[-1]) == (0, 2)
    assert not set(found.nearest) & set(of.rows)


def test_a_path_between_classes_far_apart_leaves_the_data() -> None:
    of = classes(np.random.default_rng(3), apart=40.0, components=3)
    found = finished(follow_codes(of, PathSettings((0, 1), through="averages"), step=45.0))

    assert found.near[0] > 0.9
    assert found.near[1] == 0
    assert found.arrived[0].value > 0.9


def test_the_thirds_share_no_code_and_rare_labels_are_left_out() -> None:
    random = np.random.default_rng(4)
    labels = np.concatenate([np.arange(120) % 2, np.full(14, 2)])
    of = probed_codes(labelled(random.standard_normal((134, 6)), labels))

    assert of.label_names == ("a", "b")
    assert of.notes == ("Labels with fewer than 15 codes are left out: c.",)
    assert set(of.rows) | set(of.held_in_rows) == set(range(120))
    assert (len(of.known.codes), of.probed_on, len(of.codes)) == (40, 40, 40)
    with pytest.raises(StudioError, match="15 codes of each of two labels"):
        probed_codes(labelled(random.standard_normal((20, 3)), np.arange(20) % 2))


def test_pairs_are_as_many_as_held_out_codes_allow() -> None:
    random = np.random.default_rng(6)
    labels = np.arange(600) % 20
    of = probed_codes(labelled(random.standard_normal((600, 30)), labels, tuple(map(str, range(20)))))

    pairs = pairs_to_compare(of, None, seed=0)
    assert len(set(pairs)) == len(pairs) == 90
    assert all(source != target for source, target in pairs)
    every = pairs_to_compare(of, 200, seed=1)  # 20 labels have 10 held-out codes each
    assert np.bincount([source for source, _ in every]).tolist() == [10] * 20
    with pytest.raises(StudioError, match="There are 200 pairs of labels with a held-out code each"):
        pairs_to_compare(of, 201, seed=0)


def test_a_row_that_cannot_be_shown_names_others() -> None:
    of = classes(np.random.default_rng(5), apart=4.0)
    with pytest.raises(
        StudioError, match="no held-out code of the label b, at which the path begins: choose one of"
    ):
        finished(follow_codes(of, PathSettings((1, 0)), 90.0, row=int(of.held_in_rows[0])))


def test_a_row_says_what_its_columns_say() -> None:
    columns = [
        column_of("kind", np.array(["a", "b", "a", "NA"])),
        column_of("file", np.array(["1.png", "2.png", "3.png", "4.png"])),
        column_of("age", np.array([1.5, 2.5, 3.5, 4.5])),
    ]
    codes = np.zeros((4, 2))
    space = LatentSpace(Path("z"), "", codes, np.ones(4, bool), {each.name: each for each in columns})

    assert space.row(1) == {"row": 1, "kind": "b", "file": "2.png"}
    assert space.row(3) == {"row": 3, "file": "4.png"}


@pytest.mark.parametrize("name", ["rotation_eta", "mean_difference", "gaussian_transport", "label_switch"])
def test_an_operator_leads_codes_in_their_own_units_where_it_leads_whitened_ones(name: str) -> None:
    of = classes(np.random.default_rng(3), apart=4.0)
    operator = operator_of_codes(of, name, 0, 2)
    white = of.codes[of.labels == 0]
    codes = white @ of.unwhiten.T + of.mean
    moved = codes @ operator.matrix.T + operator.shift
    matrix, shift = OPERATORS[name].build(of.known, 0, 2)(1.0)

    np.testing.assert_allclose((moved - of.mean) @ of.whiten.T, white @ matrix.T + shift, atol=1e-8)
    assert operator.arrived.count == len(white)
    assert operator.arrived.value > 0.9


def test_an_operator_leaves_what_lies_beyond_the_axes_that_were_looked_at() -> None:
    random, labels = np.random.default_rng(4), np.arange(90) % 2
    codes = random.standard_normal((90, 40)) + 5 * np.eye(40)[labels]
    of = probed_codes(labelled(codes, labels))
    operator = operator_of_codes(of, "gaussian_transport", 0, 1)
    beyond = np.eye(40) - of.unwhiten @ of.whiten

    assert len(of.whiten) < 40
    moved = codes @ operator.matrix.T + operator.shift
    np.testing.assert_allclose(moved @ beyond.T, codes @ beyond.T, atol=1e-9)
