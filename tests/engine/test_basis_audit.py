import numpy as np
import pytest
import scipy.spatial.distance
import scipy.stats
from scipy.stats import binom

from lsd_studio.engine.basis.audit import (
    audit_basis,
    chance_cosine,
    noise_edge,
    repetition_sentence,
    sampling_scales,
    twin_cosines,
)
from lsd_studio.engine.basis.measures import Audit
from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis
from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.vocabulary import Complement

LABELS, SETS, VECTORS, TRIALS = 5, 8, 500, 200
DIMENSIONS = LABELS * SETS
COUNTS = np.full((SETS, LABELS), VECTORS)


def planted_eta(seed: int, counts: np.ndarray = COUNTS) -> np.ndarray:
    """Averages of a known structure: set 1 of its own, the others replicates of one mean a label, and noise."""
    means = np.random.default_rng(99).standard_normal((2, LABELS, DIMENSIONS))
    expected = np.concatenate([3 * means[:1], *[means[1:]] * (SETS - 1)])
    noise = np.random.default_rng(seed).standard_normal(expected.shape) / np.sqrt(counts)[..., None]
    return (expected + noise).reshape(DIMENSIONS, DIMENSIONS)


def audit(eta: np.ndarray, counts: np.ndarray = COUNTS, complement: Complement = "gram-schmidt") -> Audit:
    kept = np.arange(DIMENSIONS) < 2 * LABELS
    return audit_basis(
        QuasiEigenbasis.from_averages(eta, LABELS), counts, np.full(DIMENSIONS, True), kept, complement
    )


@pytest.mark.parametrize("stopped", [False, True])
def test_replicates_leave_residuals_of_the_sampling_scale(stopped: bool) -> None:
    counts = COUNTS.copy()
    if stopped:
        counts[1:] = np.arange(100, 100 + (SETS - 1) * LABELS).reshape(SETS - 1, LABELS)

    squares = np.mean(
        [audit(planted_eta(seed, counts), counts).residuals ** 2 for seed in range(150)], axis=0
    )

    replicates = slice(2 * LABELS, None)
    expected = sampling_scales(counts, DIMENSIONS)[replicates] ** 2
    np.testing.assert_allclose(squares[replicates].sum() / expected.sum(), 1, atol=0.03)
    np.testing.assert_allclose(squares[replicates] / expected, 1, atol=0.6)


def test_the_first_sampling_scale_is_the_square_root_of_m_by_v() -> None:
    scales = sampling_scales(COUNTS, DIMENSIONS)

    assert scales[0] == pytest.approx(np.sqrt(DIMENSIONS / VECTORS))
    assert scales[2 * LABELS] == pytest.approx(np.sqrt(2 * (DIMENSIONS - 2 * LABELS) / VECTORS))


def test_signal_is_told_from_noise() -> None:
    audits = [audit(planted_eta(seed)) for seed in range(20)]

    above = np.mean([found.above_noise for found in audits], axis=0)
    assert (above[: 2 * LABELS] == 1).all()
    assert above[2 * LABELS :].mean() < 0.03
    assert all(abs(found.directions_above_noise - 2 * LABELS) <= 1 for found in audits)


@pytest.mark.parametrize("shape", [(5, 4), (2, 4)])
@pytest.mark.parametrize("uneven", [False, True])
def test_pure_noise_has_a_direction_above_the_edge_once_in_a_hundred(
    shape: tuple[int, int], uneven: bool
) -> None:
    random = np.random.default_rng(4)
    counts = random.integers(100, 5000, shape) if uneven else np.full(shape, VECTORS)
    size, unread = counts.size, np.zeros(counts.size, bool)
    directions = sets = 0
    for _ in range(TRIALS):
        eta = random.standard_normal((size, size)) / np.sqrt(counts).reshape(-1, 1)
        found = audit_basis(
            QuasiEigenbasis.from_averages(eta, shape[1]), counts, unread, unread, "gram-schmidt"
        )
        directions += found.directions_above_noise > 0
        sets += "No set brings directions that noise would not" not in found.sentence
    assert directions <= binom.ppf(0.999, TRIALS, 0.012)
    assert sets <= binom.ppf(0.999, TRIALS, 0.01)


def test_a_planted_direction_is_found_where_it_is_half_as_strong_again_as_the_edge() -> None:
    random, unread = np.random.default_rng(5), np.zeros(DIMENSIONS, bool)
    counts = random.integers(100, 5000, (SETS, LABELS))
    found = []
    for _ in range(40):
        left, right = (each / np.linalg.norm(each) for each in random.standard_normal((2, DIMENSIONS)))
        planted = 1.5 * noise_edge(counts, DIMENSIONS) * np.outer(left, right)
        noise = random.standard_normal(planted.shape)
        eta = (planted * np.sqrt(scipy.stats.hmean(counts, axis=None)) + noise) / np.sqrt(counts).reshape(
            -1, 1
        )
        basis = QuasiEigenbasis.from_averages(eta, LABELS)
        found.append(audit_basis(basis, counts, unread, unread, "gram-schmidt").directions_above_noise)
    assert found == [1] * 40


def test_numbers_of_the_audit_against_their_definitions() -> None:
    eta = planted_eta(1)
    basis = QuasiEigenbasis.from_averages(eta, LABELS)

    found = audit(eta)

    assert found.condition_number == pytest.approx(basis.condition_number_, rel=1e-9)
    np.testing.assert_allclose(found.residuals, basis.residuals_, rtol=1e-9)
    shares = found.singular_values / found.singular_values.sum()
    assert found.effective_rank == pytest.approx(np.exp(-(shares * np.log(shares)).sum()))
    assert 1 < found.effective_rank < DIMENSIONS
    np.testing.assert_allclose(found.cosines, 1 - scipy_cosine_distances(basis.xi_, eta), atol=1e-12)
    assert found.orthogonality_error == basis.orthogonality_error_ <= 1e-12


def scipy_cosine_distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.array([scipy.spatial.distance.cosine(*pair) for pair in zip(first, second, strict=True)])


def test_an_effective_rank_of_m_where_all_directions_count_alike() -> None:
    assert audit(np.eye(DIMENSIONS)).effective_rank == pytest.approx(DIMENSIONS)


def test_the_sentence_names_the_sets_that_carry_labels_and_those_that_are_noise() -> None:
    sentence = audit(planted_eta(1)).sentence

    assert "10 of the 40 directions" in sentence
    assert "averaging 500 vectors" in sentence
    assert "The sets 1 and 2 bring new directions; the sets 3 to 8 only repeat them" in sentence
    assert "40 of 40 η as their label and 10 of the ξ: 5 of 5 in set 1, 5 of 35 in the others" in sentence
    assert sentence.endswith(
        "So the ξ of the sets 3 to 8 are noise made orthogonal: a label read in one of them is chance."
    )


@pytest.mark.parametrize(
    ("complement", "words"),
    [
        ("labelled", "turned until C reads them"),
        ("informative", "span what encoded images vary in most"),
    ],
)
def test_the_sentence_says_how_sets_were_made_that_are_no_averages(
    complement: Complement, words: str
) -> None:
    assert words in audit(planted_eta(1), complement=complement).sentence


def test_the_sentence_where_every_direction_is_signal() -> None:
    sentence = audit(np.eye(DIMENSIONS) * 10).sentence

    assert "The sets 1 to 8 bring new directions: no set is noise." in sentence
    assert sentence.endswith(
        "So all ξ rest on signal; those that C does not read as their label mix several."
    )


def test_the_sentence_where_nothing_is_signal() -> None:
    noise = np.random.default_rng(3).standard_normal((DIMENSIONS, DIMENSIONS)) / np.sqrt(VECTORS)

    assert "No set brings directions that noise would not" in audit(noise).sentence


def test_which_directions_repeat_with_another_seed() -> None:
    bases = [QuasiEigenbasis.from_averages(planted_eta(seed), LABELS) for seed in (1, 2)]

    cosines = twin_cosines(bases[0].xi_, bases[1].xi_)
    sentence = repetition_sentence(cosines, LABELS, seed=2)

    assert (cosines[: 2 * LABELS] > 0.9).all()
    assert np.median(cosines[3 * LABELS :]) < 0.3
    assert sentence.startswith("With seed 2, the sets 1 and 2 repeat (median |cos| ")
    assert "do not repeat" in sentence
    assert f"two random directions of 40 dimensions have {chance_cosine(40):.2f}" in sentence


def test_a_basis_that_repeats_as_a_whole() -> None:
    sentence = repetition_sentence(np.full(DIMENSIONS, 0.99), LABELS, seed=7)

    assert sentence == (
        "With seed 7, the sets 1 to 8 repeat (median |cos| 0.99): "
        "the basis is a property of the networks, not of the draw."
    )


def test_the_cosine_of_two_random_directions() -> None:
    vectors = np.random.default_rng(0).standard_normal((2, 4000, 100))

    assert chance_cosine(100) == pytest.approx(np.median(twin_cosines(*vectors)), rel=0.05)


def test_the_shipped_basis_has_signal_in_its_first_two_sets_and_noise_in_the_others() -> None:
    bundle = open_bundle("mnist-studio")
    counts = np.full((10, 10), bundle.profile.basis.vectors)
    unread = np.full(100, False)

    found = audit_basis(bundle.basis, counts, unread, unread, bundle.profile.basis.complement)

    assert found.above_noise[:20].all()
    assert found.above_noise[20:].mean() <= 0.05
    assert found.directions_above_noise in (19, 20)
