"""The basis workspace behind the door, on a small real bundle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsd_studio.engine.basis.audit import twin_cosines
from lsd_studio.engine.basis.latent_sets import build_basis
from lsd_studio.engine.bundle import DataRecord, Facts, open_bundle, save_bundle
from lsd_studio.engine.datasets import hold_out, load_data_set
from lsd_studio.engine.desks import do_request
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.messages.basis import (
    BasesCompared,
    BasisMeasured,
    BasisRepeated,
    BasisSaved,
    BasisShown,
    BasisUsed,
    BasisView,
    BuildBasis,
    CompareBases,
    FinishBasis,
    FrameTurned,
    OrthogonaliseAnew,
    RepeatBasis,
    SampleLabels,
    SamplesDrawn,
    SamplesShown,
    SaveBasis,
    SetsFilled,
    ShowBasis,
    UseBasis,
)
from lsd_studio.engine.messages.core import Event, Request, Stopped
from lsd_studio.engine.runs.profiles import override_profile, parse_profile
from lsd_studio.engine.session import Session
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
def session(small_bundle: Path) -> Session:
    session = Session()
    session.use(open_bundle(small_bundle))
    return session


def answers(session: Session, request: Request) -> Iterator[Event]:
    return do_request(session, lambda: True, 7, request)


def last(session: Session, request: Request) -> Event:
    *_, event = answers(session, request)
    return event


def view(session: Session, request: Request) -> BasisView:
    event = last(session, request)
    assert isinstance(event, BasisShown)
    return event.view


def test_the_basis_of_the_bundle_is_shown_with_all_that_is_looked_at(session: Session) -> None:
    shown = view(session, ShowBasis())

    basis, networks = session.open_bundle().basis, session.open_bundle().networks
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
    np.testing.assert_allclose(shown.xi.own_probabilities[13], probabilities[13, 3], rtol=1e-5)
    np.testing.assert_allclose(shown.eta.probabilities.max(), shown.eta.own_probabilities.max(), rtol=1e-5)
    assert shown.eta.pictures.shape == (LATENT_DIMENSIONS, 8, 8, 1)
    assert f"averaging {VECTORS} vectors" in shown.audit.sentence


def test_building_tells_of_every_set_and_gives_the_same_basis_for_the_same_seed(session: Session) -> None:
    *progress, shown = answers(session, BuildBasis())

    filled = [event for event in progress if isinstance(event, SetsFilled)]
    assert [event.counts.shape for event in filled] == [(3, LABELS)] * len(filled)
    assert 0 < filled[0].fraction < filled[-1].fraction == 1
    assert filled[-1].mean.shape == filled[-1].spread.shape == (3, LABELS, LATENT_DIMENSIONS)
    assert filled[-1].standard_error.shape == (3, LABELS, 2)
    assert filled[-1].latents_per_second > 0
    assert isinstance(shown, BasisShown)
    assert shown.view.key == view(session, ShowBasis()).key


def test_a_building_that_is_ended_makes_a_basis_of_what_there_is(session: Session, tmp_path: Path) -> None:
    building = answers(session, BuildBasis(vectors=400, seed=1, complement="informative"))
    while not (isinstance(event := next(building), SetsFilled) and event.counts.min() > 0):
        pass
    del building

    shown = view(session, FinishBasis())

    assert not shown.is_full
    assert not shown.in_use
    np.testing.assert_array_equal(shown.counts, event.counts)
    assert (shown.vectors, shown.title) == (400, "symmetric set 1, informative complement")
    assert f"averaging {event.counts.min()} to {event.counts.max()} vectors" in shown.audit.sentence
    last(session, SaveBasis(shown.key, tmp_path / "kept"))
    assert open_bundle(tmp_path / "kept").profile.basis.vectors == event.counts.min()


def test_there_is_nothing_to_finish_before_a_building_begins(session: Session) -> None:
    with pytest.raises(StudioError, match="start to build one first"):
        last(session, FinishBasis())


def test_a_setting_out_of_range_is_refused(session: Session) -> None:
    with pytest.raises(StudioError, match=r"basis\.vectors = 0 is refused"):
        last(session, BuildBasis(vectors=0))
    with pytest.raises(StudioError, match="A seed is a whole number"):
        last(session, BuildBasis(seed=-1))


def test_a_basis_is_used_and_saved_and_the_bundle_stays_as_it_is(
    session: Session, small_bundle: Path, tmp_path: Path
) -> None:
    own = view(session, ShowBasis())
    other = view(session, OrthogonaliseAnew("pivoted", "pivoted"))
    before = open_bundle(small_bundle)

    opened = last(session, UseBasis(other.key))

    assert isinstance(opened, BasisUsed)
    assert opened.opened.name == "small (unsaved basis)"
    used = session.open_bundle()
    assert (used.profile.basis.set_one, used.profile.basis.complement) == ("pivoted", "pivoted")
    assert used.hash != before.hash
    assert used.evaluation() is None
    assert view(session, ShowBasis()).key == other.key
    assert not view(session, ShowBasis(own.key)).in_use
    saved = last(session, SaveBasis(other.key, tmp_path / "saved"))
    assert isinstance(saved, BasisSaved)
    after = open_bundle(tmp_path / "saved")
    np.testing.assert_array_equal(after.basis.xi_, used.basis.xi_)
    assert after.manifest.parents == (before.hash,)
    assert after.profile == used.profile
    assert open_bundle(small_bundle).hash == before.hash
    with pytest.raises(StudioError, match="is there already"):
        last(session, SaveBasis(other.key, small_bundle))
    used_again = last(session, UseBasis(own.key))
    assert isinstance(used_again, BasisUsed)
    assert used_again.opened.name == "small"


def test_all_orthogonalisations_side_by_side(session: Session) -> None:
    *progress, compared = answers(session, CompareBases(images=60))

    assert isinstance(compared, BasesCompared)
    assert [event.measures for event in progress if isinstance(event, BasisMeasured)] == list(compared.rows)
    assert any(isinstance(event, FrameTurned) for event in progress)
    rows = {row.title: row for row in compared.rows}
    assert next(iter(rows)) == "Gram–Schmidt (paper)"
    own, labelled, informative = (
        rows[f"symmetric set 1, {others}"]
        for others in ("then Gram–Schmidt", "labelled frame", "informative complement")
    )
    assert own.key == view(session, ShowBasis()).key
    assert labelled.xi_kept > own.xi_kept
    assert informative.truncation_error < min(own.truncation_error, labelled.truncation_error)
    assert {row.eta_kept for row in rows.values()} == {own.eta_kept}
    assert {(row.images, row.vectors, row.truncation_terms) for row in rows.values()} == {
        (60, LATENT_DIMENSIONS, 20)
    }
    assert own.mean.signed == labelled.mean.signed == informative.mean.signed
    assert all(row.orthogonality_error < 1e-12 for row in rows.values())
    assert own.cosine_range[0] > rows["Gram–Schmidt (paper)"].cosine_range[0]
    assert view(session, ShowBasis(labelled.key)).xi.kept.sum() == labelled.xi_kept


def test_a_repetition_tells_which_directions_come_again(session: Session) -> None:
    repeated = last(session, RepeatBasis())

    assert isinstance(repeated, BasisRepeated)
    assert (repeated.seed, repeated.vectors) == (6, VECTORS)
    basis = session.open_bundle().basis
    training, _ = hold_out(load_data_set(session.open_bundle().manifest.data.name, "train"))
    settings = session.open_bundle().profile.basis
    twin = build_basis(small_networks(), training, settings, seed=6)
    np.testing.assert_allclose(repeated.xi_cosines, twin_cosines(basis.xi_, twin.xi_), atol=1e-9)
    assert np.median(repeated.eta_cosines[:LABELS]) > 0.9
    assert view(session, ShowBasis(repeated.twin)).seed == 6
    assert repeated.sentence.startswith("With seed 6, ")


def test_samples_of_each_label_with_their_densities(session: Session) -> None:
    *progress, shown = answers(session, SampleLabels("random", each=30, seed=2))

    drawn = [event for event in progress if isinstance(event, SamplesDrawn)]
    labels = np.concatenate([event.labels for event in drawn])
    assert isinstance(shown, SamplesShown)
    assert shown.counts.tolist() == np.bincount(labels, minlength=LABELS).tolist() == [30] * LABELS
    assert drawn[0].pictures.shape[1:] == (8, 8, 1)
    assert len(drawn[0].pictures) == len(drawn[0].labels)
    assert shown.densities.counts.tolist() == [30] * LABELS
    np.testing.assert_allclose(shown.densities.spreads, 1, atol=0.15)


def test_work_on_a_bundle_that_is_no_longer_open_is_given_up(session: Session, small_bundle: Path) -> None:
    building = answers(session, BuildBasis(vectors=400))
    while not isinstance(next(building), SetsFilled):
        pass
    session.use(open_bundle(small_bundle))

    assert list(building) == [Stopped(7, "BuildBasis")]
    with pytest.raises(StudioError, match="start to build one first"):
        last(session, FinishBasis())


def test_a_bundle_whose_images_have_changed_is_refused(session: Session, tmp_path: Path) -> None:
    bundle = session.open_bundle()
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
    session.use(open_bundle(tmp_path / "other"))

    with pytest.raises(StudioError, match="put the original images back"):
        last(session, BuildBasis())


def test_a_basis_that_is_not_at_hand_is_refused(session: Session) -> None:
    with pytest.raises(StudioError, match="build it again"):
        last(session, ShowBasis("no such basis"))
