"""What a study's file asks for, how it is refused, and means and differences over seeds done by hand."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.studies.carrying_out import Measured, Outcome
from lsd_studio.engine.studies.over_seeds import over_seeds
from lsd_studio.engine.studies.results import differences, in_order, means
from lsd_studio.engine.studies.study import load_study, shipped_studies

TWO = """
name = "two"
data = ["mnist", "{folder}"]
seeds = [3, 5, 8]
set = ["gan.epochs=2"]
[variants.first]
[variants.second]
set = ["encoder.epochs=3"]
"""


def written(folder: Path, text: str) -> str:
    file = folder / "study.toml"
    file.write_text(text)
    return str(file)


def test_every_variant_is_trained_with_every_seed_on_every_data_set(tmp_path: Path) -> None:
    study = load_study(written(tmp_path, TWO.format(folder="/images/small digits")))
    trainings = study.trainings(Path("study"))
    assert len(trainings) == len({training.run for training in trainings}) == 12
    last = trainings[-1]
    assert last.run == Path("study/small-digits-second-seed-8")
    assert last.reference == Path("study/small-digits-first-seed-8")
    assert not last.is_reference
    assert last.overrides == ("gan.epochs=2", "encoder.epochs=3")
    assert study.profile_of("second").encoder.epochs == 3
    assert [training.is_reference for training in trainings[:6]] == [True] * 3 + [False] * 3


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ('name = "two', "expected TOML"),
        ("seeds = []", "field seeds: expected a list of length 1 or more"),
        ("seeds = [1, 1]", "expected each seed and each data set once"),
        ("seeds = [-1]", "expected at least 0"),
        ("seed = [1]", "field seed: expected no field of this name"),
        ('set = ["gan.epoch=2"]', "the nearest is 'gan.epochs'"),
        ('set = ["gan.epochs=0"]', "gan.epochs = 0 is refused"),
        ('profile = "studip"', "did you mean studio?"),
        ('profile = "autoencoder"', "trains an autoencoder"),
        ("variants = 3", "field variants: expected a table"),
        ('variants = {"a/b" = {}}', "expected text of the form"),
        ("variants = {}", "field variants"),
        ("measure = {trials = 0}", "field measure.trials: expected at least 1"),
        ("jobs = 0", "field jobs: expected at least 1"),
    ],
)
def test_a_file_that_is_no_study_is_refused_in_one_sentence(
    change: str, expected: str, tmp_path: Path
) -> None:
    key = change.partition(" ")[0]
    sound = {"name": 'name = "one"', "seeds": "seeds = [1]", "variants": "variants = {only = {}}"}
    sound.pop(key, None)
    file = written(tmp_path, "\n".join((*sound.values(), change)))
    with pytest.raises(StudioError) as refused:
        load_study(file)
    assert expected in str(refused.value)
    assert str(refused.value).count(". ") == 0


def test_what_is_not_there_and_data_sets_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="did you mean label-axes"):
        load_study("label-axis")
    study = load_study(written(tmp_path, TWO.format(folder="/images/mnist")))
    with pytest.raises(StudioError, match="one name"):
        study.trainings(tmp_path)


def test_shipped_studies_are_sound() -> None:
    for name in shipped_studies():
        study = load_study(name)
        assert study.name == name
        assert study.description


def test_mean_deviation_and_interval_by_hand() -> None:
    found = over_seeds([0.90, 0.92, 0.97, 0.93, 0.93])
    assert found.mean == pytest.approx(0.93)
    assert found.sd == pytest.approx(math.sqrt((0.03**2 + 0.01**2 + 0.04**2) / 4))
    reach = 2.776445 * found.sd / math.sqrt(5)
    assert (found.low, found.high) == pytest.approx((0.93 - reach, 0.93 + reach))
    assert found.n == 5


def test_what_has_no_spread_has_no_interval() -> None:
    alike, one, none = over_seeds([0.5, 0.1 + 0.2 + 0.2]), over_seeds([0.5]), over_seeds([])
    assert (alike.mean, alike.sd, alike.n) == (0.5, 0.0, 2)
    assert (one.mean, one.n, none.n) == (0.5, 1, 0)
    assert all(math.isnan(number) for number in (alike.low, alike.high, one.sd, one.low, none.mean))
    assert one.stated() == {"mean": 0.5, "sd": None, "low": None, "high": None, "n": 1}


@pytest.mark.parametrize("seeds", [2, 5])
def test_of_normal_draws_19_in_20_intervals_hold_the_mean(seeds: int) -> None:
    random = np.random.default_rng(0)
    found = [over_seeds(draws) for draws in random.normal(3.0, 2.0, (2000, seeds))]
    held = np.mean([one.low <= 3.0 <= one.high for one in found])
    assert held == pytest.approx(0.95, abs=4 * math.sqrt(0.05 * 0.95 / 2000))


def test_differences_are_of_the_seeds_that_both_variants_have(tmp_path: Path) -> None:
    study = load_study(written(tmp_path, TWO.replace(', "{folder}"', "")))
    accuracy = {
        ("first", 3): 0.90, ("first", 5): 0.80, ("first", 8): 0.70, ("second", 3): 0.93, ("second", 8): 0.79,
    }  # fmt: skip

    def outcome(training) -> Outcome:
        value = accuracy.get((training.variant, training.seed))
        if value is None:
            return Outcome(training, failed="It diverged.")
        measures = {"classifier_accuracy": value}
        return Outcome(
            training,
            Measured(made_of={}, data={}, images=9, device="cpu", precision="32-true", measures=measures),
        )

    found = in_order(study, map(outcome, reversed(study.trainings(tmp_path))))
    assert [each.training for each in found] == list(study.trainings(tmp_path))
    of = means(study, found)["mnist"]
    assert (of["first"]["classifier_accuracy"].mean, of["second"]["classifier_accuracy"].n) == (
        pytest.approx(0.8),
        2,
    )
    less = differences(study, found)["mnist"]
    assert set(less) == {"second"}
    difference = less["second"]["classifier_accuracy"]
    assert (difference.mean, difference.n) == (pytest.approx(0.06), 2)
    assert difference.sd == pytest.approx(0.06 / math.sqrt(2))
