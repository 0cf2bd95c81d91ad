"""Findings stored in files: they come back as they were, and only for what they depend on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lsd_studio.engine.bundle import Bundle, open_bundle
from lsd_studio.engine.datasets import LabelledImages
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.evaluation.cache import (
    Dependencies,
    cache_folder,
    findings_folder,
    store_findings,
    stored_findings,
)
from lsd_studio.engine.evaluation.evaluation import evaluation_steps, first_look
from lsd_studio.engine.evaluation.findings import Findings
from lsd_studio.engine.steps import finished


@pytest.fixture
def bundle(save_small_bundle: Callable[[Path], Path], tmp_path: Path) -> Bundle:
    return open_bundle(save_small_bundle(tmp_path / "small"))


@pytest.fixture
def images() -> LabelledImages:
    random = np.random.default_rng(0)
    return LabelledImages(
        name="two-labels",
        images=random.integers(0, 256, (60, 1, 8, 8), dtype=np.uint8),
        labels=random.integers(0, 2, 60),
        label_names=("left", "right"),
        checksum="0" * 64,
        split="test",
    )


@pytest.fixture
def findings(bundle: Bundle, images: LabelledImages) -> Findings:
    steps = evaluation_steps(
        bundle.networks, bundle.basis, images, images, reading="signed", trials=2, refined_images=1
    )
    return finished(steps)


@pytest.fixture
def dependencies(bundle: Bundle, images: LabelledImages) -> Dependencies:
    return Dependencies.of(bundle, images, trials=2, seed=0)


def assert_same(found: Findings, expected: Findings) -> None:
    assert found.measured == expected.measured
    np.testing.assert_array_equal(found.labels, expected.labels)
    np.testing.assert_array_equal(found.classifier_read, expected.classifier_read)
    assert found.reads.keys() == expected.reads.keys()
    for slot, read in expected.reads.items():
        for name, value in vars(read.statistics).items():
            np.testing.assert_allclose(getattr(found.reads[slot].statistics, name), value, rtol=1e-6)
        for name, value in vars(read.floor).items():
            np.testing.assert_array_equal(getattr(found.reads[slot].floor, name), value)
        np.testing.assert_array_equal(found.reads[slot].per_label, read.per_label)


def test_findings_come_back_from_the_bundle_and_the_bundle_still_opens(
    bundle: Bundle, findings: Findings, dependencies: Dependencies
) -> None:
    folder = findings_folder(bundle)
    assert folder.parent == bundle.path
    assert stored_findings(bundle, dependencies) is None

    store_findings(folder, dependencies, findings)

    found = stored_findings(open_bundle(bundle.path), dependencies)
    assert found is not None
    assert_same(found, findings)
    for change in (
        {"seed": 1},
        {"trials": 3},
        {"data": "1" * 64},
        {"bundle": "2" * 64},
        {"basis": "3" * 64},
        {"version": "0"},
    ):
        assert stored_findings(bundle, replace(dependencies, **change)) is None


def test_findings_about_a_shipped_bundle_lie_in_the_cache(
    bundle: Bundle,
    findings: Findings,
    dependencies: Dependencies,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert findings_folder(open_bundle("mnist-studio")) == cache_folder()
    assert cache_folder().is_relative_to(tmp_path)

    store_findings(cache_folder(), dependencies, findings)

    found = stored_findings(bundle, dependencies)
    assert found is not None
    assert_same(found, findings)


def test_a_first_look_is_kept_apart(
    bundle: Bundle, images: LabelledImages, dependencies: Dependencies
) -> None:
    expected = finished(first_look(bundle.networks, bundle.basis, images, reading="signed"))
    look = replace(dependencies, trials=0)

    store_findings(findings_folder(bundle), look, expected)

    assert stored_findings(bundle, dependencies) is None
    found = stored_findings(bundle, look)
    assert found is not None
    assert_same(found, expected)


def test_damaged_and_foreign_files_are_as_good_as_none(
    bundle: Bundle, findings: Findings, dependencies: Dependencies, tmp_path: Path
) -> None:
    file = store_findings(findings_folder(bundle), dependencies, findings)
    content = file.read_bytes()

    file.write_bytes(content[: len(content) // 2])
    assert stored_findings(bundle, dependencies) is None
    file.write_bytes(content.replace(b'"trials": 2', b'"trials": 9'))
    assert stored_findings(bundle, dependencies) is None
    file.write_bytes(content.replace(b"mean.absolute.ranks", b"mean.absolute.tanks"))
    assert stored_findings(bundle, dependencies) is None
    file.unlink()
    (tmp_path / "elsewhere").write_bytes(content)
    file.symlink_to(tmp_path / "elsewhere")
    assert stored_findings(bundle, dependencies) is None


def test_a_folder_that_cannot_be_made_is_named(
    findings: Findings, dependencies: Dependencies, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StudioError, match="cannot be made"):
        store_findings(tmp_path / "file" / "evaluations", dependencies, findings)
