"""A report on a generator: real networks with a judge, and generators whose faults are known."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.datasets import scale_pixels
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.generator.measuring import DRAWS, generator_steps
from lsd_studio.engine.evaluation.generator.report import MEASURES, SETS, GeneratorReport
from lsd_studio.engine.evaluation.generator.store import ReportedOn, store_report, stored_report
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.steps import finished
from tests.engine.small_networks import judged_networks, small_basis, small_images

TEST, TRAINING = small_images("test", 600), small_images("train", 1000)


class Copier(nn.Module):
    """Draws training images and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.images = nn.Parameter(torch.from_numpy(scale_pixels(TRAINING.images)))

    def forward(self, codes: Tensor) -> Tensor:
        return self.images[(1e6 * codes[:, 0]).long() % len(self.images)]


def report_of(networks: Networks, **options: int) -> GeneratorReport:
    return finished(generator_steps(networks, small_basis(), TEST, TRAINING, **options))


@cache
def found() -> GeneratorReport:
    return report_of(judged_networks())


@pytest.mark.parametrize("reader", ["classifier", "judge"])
def test_the_other_half_of_the_images_is_the_best_set_and_one_image_the_worst(reader: str) -> None:
    sets = found().readers[reader].sets

    assert list(sets) == list(SETS)
    for name in ("frechet", "kernel"):
        values = {of: measures.measure(name).value for of, measures in sets.items()}
        assert min(values, key=lambda of: values[of]) == "real"
        assert values["real"] < 0.5 * values["samples"]
    assert sets["real"].frechet.low < 0.05 * sets["repeated"].frechet.value
    assert sets["real"].recall.value > sets["samples"].recall.value
    assert sets["real"].coverage.value > 0.85
    assert max(sets["collapsed"].recall.value, sets["repeated"].coverage.value) < 0.1
    assert (sets["repeated"].evenness.value, max(sets["repeated"].labels)) == (0, 1)
    assert sum(sets["samples"].labels) == pytest.approx(1)
    assert sets["samples"].frechet.low < sets["samples"].frechet.value < sets["samples"].frechet.high


def test_what_was_counted_and_who_marks_whose_work_is_said() -> None:
    report = found()

    assert (report.images, report.draws) == (300, DRAWS)
    assert report.readers["classifier"].in_the_losses
    assert not report.readers["judge"].in_the_losses
    assert report.reader == "judge"
    assert report.readers["judge"].features == 16
    for reader in report.readers.values():
        assert reader.sets["samples"].precision.count == 300
        assert reader.sets["collapsed"].precision.count == 10
        assert reader.path_length["random"].count == reader.path_length["labels"].count == 300
        assert 0 < reader.path_length["labels"].low < reader.path_length["labels"].value
    assert set(report.agreement) <= set(MEASURES)
    assert 0.5 < report.agreement["frechet"] <= 1
    said = " ".join(report.notes)
    for words in (
        "300 random samples",
        "5 draws of 60",
        "marks its own work",
        "Kendall's τ",
        "ones to quote",
    ):
        assert words in said


def test_the_same_seed_gives_the_same_report_and_another_draws_anew() -> None:
    again, other = report_of(judged_networks()), report_of(judged_networks(), seed=1)

    assert json.dumps(again.content) == json.dumps(found().content)
    assert other.readers["judge"].sets["real"] != again.readers["judge"].sets["real"]


def test_real_networks_have_memorised_nothing_and_a_generator_that_copies_is_found_out() -> None:
    copying = report_of(replace(judged_networks(), generator=Copier()))

    assert set(copying.memorisation) == {"pixels", "classifier", "judge"}
    for space, near in copying.memorisation.items():
        assert near.nearer > 0.95, space
        assert max(near.p_value, near.nearest_p_value) < 1e-3
        assert near.nearest.value == 1
        assert near.counts == (300, 300, 1000)
        assert min(copying.real[space].p_value, copying.real[space].nearest_p_value) > 1e-3
    image, training_image, distance = copying.memorisation["pixels"].closest[0]
    assert distance < 0.05
    assert 0 <= image < 300
    assert 0 <= training_image < 1000
    assert found().memorisation["pixels"].nearest_p_value > 0.01


def test_a_network_without_features_is_left_out_and_the_sentence_says_so() -> None:
    blind = nn.Sequential(nn.Flatten(), nn.AvgPool1d(6))
    report = report_of(replace(judged_networks(), judge=blind), images=200)

    assert list(report.readers) == ["classifier"]
    assert report.agreement == {}
    assert any("no features" in note for note in report.notes)
    assert set(report.memorisation) == {"pixels", "classifier"}
    with pytest.raises(StudioError, match="No network of this bundle has features"):
        report_of(replace(judged_networks(), judge=None, classifier=blind), images=200)


def test_too_few_images_are_refused() -> None:
    with pytest.raises(StudioError, match="100 test images or more, not 99"):
        report_of(judged_networks(), images=99)
    assert report_of(judged_networks(), images=100).images == 50


def test_a_report_is_stored_under_all_that_it_depends_on(
    tmp_path: Path, save_small_bundle: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    bundle = open_bundle(save_small_bundle(tmp_path / "small"))
    report = replace(found(), label_names=bundle.manifest.label_names)
    labels = len(report.label_names)
    for reader in report.readers.values():
        for name, measures in reader.sets.items():
            reader.sets[name] = replace(measures, labels=measures.labels[:labels])
    depends_on = ReportedOn.of(bundle, TEST, TRAINING, 0, images=None)
    assert stored_report(bundle, depends_on) is None

    file = store_report(bundle.path / "evaluations", depends_on, report)
    again = stored_report(bundle, depends_on)

    assert again is not None
    assert json.dumps(again.content) == json.dumps(report.content)
    assert stored_report(bundle, ReportedOn.of(bundle, TEST, TRAINING, 0, images=200)) is None
    assert stored_report(bundle, ReportedOn.of(bundle, TEST, TRAINING, 1, images=None)) is None
    assert stored_report(bundle, ReportedOn.of(bundle, TRAINING, TRAINING, 0, images=None)) is None
    file.write_text(file.read_text(encoding="utf-8").replace('"kernel"', '"kernels"'), encoding="utf-8")
    assert stored_report(bundle, depends_on) is None
