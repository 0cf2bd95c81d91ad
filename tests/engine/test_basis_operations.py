"""Bases built, compared, used and saved through the engine, on a small real bundle."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Never

import numpy as np
import pytest
from PIL import Image

from lsd_studio.engine.api import Engine
from lsd_studio.engine.basis.audit import twin_cosines
from lsd_studio.engine.basis.latent_sets import build_basis
from lsd_studio.engine.basis.measures import BasisView
from lsd_studio.engine.basis.progress import LabelledFrameProgress, LatentSetsProgress
from lsd_studio.engine.bundle import DataRecord, Facts, open_bundle, save_bundle
from lsd_studio.engine.datasets import hold_out, load_data_set
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.operations.basis import BasisMeasured, BasisProgress, SamplesDrawn
from lsd_studio.engine.operations.bundles import OpenedBundle
from lsd_studio.engine.runs.profiles import override_profile, parse_profile
from lsd_studio.engine.scheduler import Call
from lsd_studio.engine.steps import Doing
from tests.engine.small_networks import (
    LABELS,
    LATENT_DIMENSIONS,
    small_images,
    small_networks,
)

VECTORS = 40


@pytest.fixture(scope="module")
def small_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small trained networks with a basis, and the folder of the images that they were trained on."""
    folder = tmp_path_factory.mktemp("digits")
    images = small_images("train", 720)
    for index, (image, label) in enumerate(zip(images.images, images.labels, strict=True)):
        place = folder / str(label)
        place.mkdir(exist_ok=True)
        Image.fromarray(image[0]).save(place / f"{index:03}.png")
    data = load_data_set(str(folder), "train")
    training, held_out = hold_out(data)
    profile = parse_profile(
        {
            "name": "small",
            "latent_dimensions": LATENT_DIMENSIONS,
            "encoder": {"trunk": "residual", "heads": "free"},
            "basis": {"vectors": VECTORS, "set_one": "symmetric"},
        },
        "small",
    )
    path = tmp_path_factory.mktemp("bundles") / "small"
    networks = small_networks()
    save_bundle(
        path,
        profile=profile,
        networks=networks,
        discriminator=None,
        basis=build_basis(networks, training, profile.basis, seed=5),
        facts=Facts(
            data=DataRecord(
                name=str(folder),
                checksum=data.checksum,
                images=len(training),
                held_out=len(held_out),
                reading=data.reading,
            ),
            label_names=data.label_names,
            seeds={"training": 0, "basis": 5},
            device="cpu",
            precision="32-true",
        ),
    )
    return path


@pytest.fixture
def engine(small_bundle: Path) -> Iterator[Engine]:
    with Engine() as engine:
        engine.bundles.open(small_bundle).result()
        yield engine


def test_the_basis_of_the_bundle_is_shown_with_all_its_matrices(engine: Engine) -> None:
    shown = engine.basis.show().result()

    basis, networks = engine.session.open_bundle().basis, engine.session.open_bundle().networks
    assert (shown.title, shown.vectors, shown.seed) == ("symmetric set 1, then Gram–Schmidt", VECTORS, 5)
    assert shown.in_use
    assert shown.is_full
    np.testing.assert_allclose(shown.eta_gram, np.inner(basis.eta_, basis.eta_), atol=1e-12)
    np.testing.assert_allclose(shown.xi_gram, LATENT_DIMENSIONS * np.eye(LATENT_DIMENSIONS), atol=1e-10)
    np.testing.assert_allclose(shown.overlap[2, 17], basis.xi_[2] @ basis.eta_[17])
    assert np.abs(np.tril(shown.overlap.T[LABELS:, LABELS:], -1)).max() > 0.01
    assert np.abs(np.tril(shown.overlap[LABELS:, LABELS:], -1)).max() < 1e-10
    probabilities = networks.classify(networks.decode(basis.xi_))
    np.testing.assert_array_equal(shown.xi.kept, probabilities.argmax(axis=1) == basis.labels_)
    np.testing.assert_allclose(shown.xi.probabilities, probabilities.max(axis=1), rtol=1e-5)
    assert shown.eta.pictures.shape == (LATENT_DIMENSIONS, 8, 8, 1)
    assert f"averaging {VECTORS} vectors" in shown.audit.sentence


def test_building_tells_of_every_set_and_gives_the_same_basis_for_the_same_seed(engine: Engine) -> None:
    steps: list[BasisProgress] = []
    shown = engine.basis.build().result(steps.append)

    assert steps[0] == Doing("reading the training images")
    filled = [step for step in steps if isinstance(step, LatentSetsProgress)]
    assert [step.counts.shape for step in filled] == [(3, LABELS)] * len(filled)
    assert 0 < filled[0].fraction < filled[-1].fraction == 1
    assert filled[-1].mean.shape == filled[-1].spread.shape == (3, LABELS, LATENT_DIMENSIONS)
    assert filled[-1].standard_error.shape == (3, LABELS, 2)
    assert filled[-1].latents_per_second > 0
    assert shown.key == engine.basis.show().result().key


def test_finishing_ends_the_building_and_makes_a_basis_of_what_there_is(
    engine: Engine, tmp_path: Path
) -> None:
    building = engine.basis.build(vectors=20_000, seed=1, complement="informative")
    finishing: list[Call[BasisProgress, BasisView]] = []

    def finish_when_all_have_some(step: BasisProgress) -> None:
        if isinstance(step, LatentSetsProgress) and step.counts.min() > 0 and not finishing:
            finishing.append(engine.basis.finish())

    with pytest.raises(asyncio.CancelledError):
        building.result(finish_when_all_have_some)
    shown = finishing[0].result()

    assert not shown.is_full
    assert not shown.in_use
    assert 0 < shown.counts.min() <= shown.counts.max() < 20_000
    assert (shown.vectors, shown.title) == (20_000, "symmetric set 1, informative complement")
    fewest, most = shown.counts.min(), shown.counts.max()
    averaged = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    assert f"averaging {averaged} vectors" in shown.audit.sentence
    engine.basis.save(shown.key, tmp_path / "kept").result()
    assert open_bundle(tmp_path / "kept").profile.basis.vectors == fewest


def test_a_frame_that_is_turned_can_be_kept_as_it_is(engine: Engine) -> None:
    def frame_steps(keep: bool) -> tuple[int, BasisView]:
        steps: list[LabelledFrameProgress] = []

        def follow(step: BasisProgress) -> None:
            if isinstance(step, LabelledFrameProgress):
                if keep and not steps:
                    engine.basis.keep_frame().result()
                steps.append(step)

        shown = engine.basis.build(seed=int(keep) + 3, complement="labelled").result(follow)
        return len(steps), shown

    all_steps, _ = frame_steps(keep=False)
    kept_steps, shown = frame_steps(keep=True)
    assert kept_steps < all_steps
    norms = np.diag(shown.xi_gram)
    np.testing.assert_allclose(shown.xi_gram, np.diag(norms), atol=1e-8)
    np.testing.assert_allclose(norms, LATENT_DIMENSIONS)


def test_a_building_that_was_cancelled_can_still_be_finished(engine: Engine) -> None:
    building = engine.basis.build(vectors=20_000)

    def cancel_when_all_have_some(step: BasisProgress) -> None:
        if isinstance(step, LatentSetsProgress) and step.counts.min() > 0:
            building.cancel()

    with pytest.raises(asyncio.CancelledError):
        building.result(cancel_when_all_have_some)
    assert not engine.basis.finish().result().is_full


def test_there_is_nothing_to_finish_before_a_building_begins(engine: Engine) -> None:
    with pytest.raises(StudioError, match="start to build one first"):
        engine.basis.finish().result()


def test_a_setting_out_of_range_is_refused(engine: Engine) -> None:
    with pytest.raises(StudioError, match=r"basis\.vectors = 0 is refused"):
        engine.basis.build(vectors=0).result()
    with pytest.raises(StudioError, match="A seed is a whole number"):
        engine.basis.build(seed=-1).result()


def test_a_basis_is_used_and_saved_and_the_bundle_stays_as_it_is(
    engine: Engine, small_bundle: Path, tmp_path: Path
) -> None:
    own = engine.basis.show().result()
    other = engine.basis.orthogonalise("pivoted", "pivoted").result()
    before = open_bundle(small_bundle)

    opened = engine.basis.use(other.key).result()

    assert opened.name == "small (unsaved basis)"
    used = engine.session.open_bundle()
    assert (used.profile.basis.set_one, used.profile.basis.complement) == ("pivoted", "pivoted")
    assert used.hash != before.hash
    assert used.evaluation() is None
    assert engine.basis.show().result().key == other.key
    assert not engine.basis.show(own.key).result().in_use
    assert engine.basis.save(other.key, tmp_path / "saved").result() == tmp_path / "saved"
    after = open_bundle(tmp_path / "saved")
    np.testing.assert_array_equal(after.basis.xi_, used.basis.xi_)
    assert after.manifest.parents == (before.hash,)
    assert after.profile == used.profile
    assert open_bundle(small_bundle).hash == before.hash
    with pytest.raises(StudioError, match="already exists"):
        engine.basis.save(other.key, small_bundle).result()
    assert engine.basis.use(own.key).result().name == "small"


def test_a_basis_takes_the_place_of_its_bundles_own_where_that_is_asked(
    engine: Engine, small_bundle: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(small_bundle, tmp_path / "copy"))
    before = engine.bundles.open(copy).result()
    other = engine.basis.orthogonalise("pivoted", "pivoted").result()

    engine.basis.save(other.key, copy, replace=True).result()

    assert engine.basis.show().result().key != other.key
    after = engine.bundles.open(copy).result()
    assert after.parents == (before.hash,)
    shown = engine.basis.show().result()
    assert (shown.set_one, shown.complement) == ("pivoted", "pivoted")
    np.testing.assert_array_equal(shown.xi_gram, other.xi_gram)


def test_all_orthogonalisations_side_by_side(engine: Engine) -> None:
    steps: list[BasisProgress] = []
    compared = engine.basis.compare(images=60).result(steps.append)

    measured = [step for step in steps if isinstance(step, BasisMeasured)]
    assert tuple(step.measures for step in measured) == compared
    assert any(isinstance(step, LabelledFrameProgress) for step in steps)
    rows = {row.title: row for row in compared}
    assert next(iter(rows)) == "Gram–Schmidt (paper)"
    own, labelled, informative = (
        rows[f"symmetric set 1, {others}"]
        for others in ("then Gram–Schmidt", "labelled frame", "informative complement")
    )
    assert own.key == engine.basis.show().result().key
    assert labelled.xi_kept > own.xi_kept
    assert informative.truncation_error < min(own.truncation_error, labelled.truncation_error)
    assert {row.eta_kept for row in rows.values()} == {own.eta_kept}
    assert {(row.images, row.vectors, row.truncation_terms) for row in rows.values()} == {
        (60, LATENT_DIMENSIONS, 20)
    }
    assert own.mean.signed == labelled.mean.signed == informative.mean.signed
    assert all(row.orthogonality_error < 1e-12 for row in rows.values())
    assert own.cosine_range[0] > rows["Gram–Schmidt (paper)"].cosine_range[0]
    shown = engine.basis.show(labelled.key).result()
    assert shown.xi.kept.sum() == labelled.xi_kept
    (pictures,) = (step.pictures for step in measured if step.measures is labelled)
    np.testing.assert_array_equal(pictures, shown.xi.pictures)


def test_a_repetition_tells_which_directions_come_again(engine: Engine) -> None:
    repeated = engine.basis.repeat().result()

    assert (repeated.seed, repeated.vectors) == (6, VECTORS)
    basis = engine.session.open_bundle().basis
    training, _ = hold_out(load_data_set(engine.session.open_bundle().manifest.data.name, "train"))
    settings = engine.session.open_bundle().profile.basis
    twin = build_basis(small_networks(), training, settings, seed=6)
    np.testing.assert_allclose(repeated.xi_cosines, twin_cosines(basis.xi_, twin.xi_), atol=1e-9)
    assert np.median(twin_cosines(basis.eta_, twin.eta_)[:LABELS]) > 0.9
    assert engine.basis.show(repeated.twin).result().seed == 6
    assert repeated.sentence.startswith("With seed 6, ")


def test_samples_of_each_label_with_their_densities(engine: Engine) -> None:
    steps: list[BasisProgress] = []
    shown = engine.basis.samples("random", each=30, seed=2).result(steps.append)

    drawn = [step for step in steps if isinstance(step, SamplesDrawn)]
    labels = np.concatenate([step.labels for step in drawn])
    assert shown.counts.tolist() == np.bincount(labels, minlength=LABELS).tolist() == [30] * LABELS
    assert drawn[0].pictures.shape[1:] == (8, 8, 1)
    assert len(drawn[0].pictures) == len(drawn[0].labels)
    assert shown.densities.counts.tolist() == [30] * LABELS
    np.testing.assert_allclose(shown.densities.spreads, 1, atol=0.15)


def test_work_on_networks_that_are_no_longer_open_is_given_up(engine: Engine, small_bundle: Path) -> None:
    building = engine.basis.build(vectors=20_000)
    opening: list[Call[Never, OpenedBundle]] = []

    def open_another(step: BasisProgress) -> None:
        if isinstance(step, LatentSetsProgress) and not opening:
            opening.append(engine.bundles.open(small_bundle))

    with pytest.raises(asyncio.CancelledError):
        building.result(open_another)
    opening[0].result()
    with pytest.raises(StudioError, match="start to build one first"):
        engine.basis.finish().result()


def test_work_goes_on_when_another_basis_of_the_same_networks_is_used(engine: Engine) -> None:
    other = engine.basis.orthogonalise("pivoted", "pivoted").result()
    using: list[Call[Never, OpenedBundle]] = []

    def use_another(step: BasisProgress) -> None:
        if isinstance(step, LatentSetsProgress) and not using:
            using.append(engine.basis.use(other.key))
            using[0].result()

    built = engine.basis.build(seed=8).result(use_another)

    assert built.is_full
    assert engine.basis.show().result().key == other.key
    assert engine.basis.show(built.key).result().seed == 8


def test_a_bundle_whose_images_have_changed_is_refused(engine: Engine, tmp_path: Path) -> None:
    bundle = engine.session.open_bundle()
    facts = {name: getattr(bundle.manifest, name) for name in Facts.model_fields}
    facts["data"] = bundle.manifest.data.model_copy(update={"checksum": "1" * 64})
    save_bundle(
        tmp_path / "other",
        profile=override_profile(bundle.profile, []),
        networks=bundle.networks,
        discriminator=None,
        basis=bundle.basis,
        facts=Facts(**facts),
    )
    engine.bundles.open(tmp_path / "other").result()

    with pytest.raises(StudioError, match="put the original images back"):
        engine.basis.build().result()


def test_a_basis_that_is_no_longer_available_is_refused(engine: Engine) -> None:
    with pytest.raises(StudioError, match="build it again"):
        engine.basis.show("no such basis").result()
