"""`lsd-studio basis` on a small trained run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from lsd_studio.engine.bundle import open_bundle
from tests.cli.small_run import Command


@pytest.fixture
def copy(trained_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained_run / "bundle", tmp_path / "copy"))


def test_a_basis_is_made_as_asked_and_its_profile_says_so(copy: Path, lsd_studio: Command) -> None:
    built = lsd_studio(
        "basis", copy, "--vectors", 30, "--set-one", "pivoted", "--complement", "informative", "--json", "-"
    )

    assert built.returncode == 0, built.stderr
    answer = json.loads(built.stdout)
    settings = open_bundle(copy).profile.basis
    assert (settings.vectors, settings.set_one, settings.complement) == (30, "pivoted", "informative")
    assert answer["basis"]["complement"] == "informative"
    assert answer["parents"] == list(open_bundle(copy).manifest.parents)
    assert "averaging 30 vectors" in answer["audit"]["sentence"]


def test_an_audit_builds_nothing(copy: Path, lsd_studio: Command) -> None:
    before = open_bundle(copy)

    audited = lsd_studio("basis", copy, "--audit", "--json", "-")

    assert audited.returncode == 0, audited.stderr
    audit = json.loads(audited.stdout)["audit"]
    assert audit["condition_number"] == pytest.approx(before.basis.condition_number_)
    for name in ("residuals", "sampling_scales", "above_noise", "cosines", "singular_values", "xi_kept"):
        assert len(audit[name]) == 4
    assert open_bundle(copy).hash == before.hash


def test_an_audit_takes_no_settings(copy: Path, lsd_studio: Command) -> None:
    refused = lsd_studio("basis", copy, "--audit", "--set-one", "symmetric")

    assert refused.returncode == 2
    assert "leave out --set-one, or --audit" in refused.stderr


def test_a_shipped_basis_is_not_replaced(lsd_studio: Command) -> None:
    refused = lsd_studio("basis", "mnist-studio")

    assert refused.returncode == 2
    assert "please copy its folder" in refused.stderr
