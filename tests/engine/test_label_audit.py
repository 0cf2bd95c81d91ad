"""The audit of labelled codes: what is there is found, and what is not is said no more often than chance allows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.cross_decomposition import CCA

from lsd_studio.engine.api import Engine
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.spaces.label_audit import LabelAudit, audit_labels
from lsd_studio.engine.spaces.labelled_codes import LabelledCodes, labelled_codes
from lsd_studio.engine.spaces.reading import read_latent_space
from lsd_studio.engine.steps import finished


def labelled(codes: np.ndarray, labels: np.ndarray) -> LabelledCodes:
    names = tuple(f"label {place}" for place in range(labels.max() + 1))
    return LabelledCodes(codes.astype(np.float64), labels, names, "a test", (), np.arange(len(codes)))


def audited(codes: np.ndarray, labels: np.ndarray, permutations: int = 199) -> LabelAudit:
    return finished(audit_labels(labelled(codes, labels), 0, permutations))


def planted(
    random: np.random.Generator, count: int = 600, shift: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Label 1 is shifted along one axis, labels 2 and 3 along another; labels 0 and 4 are alike."""
    labels = random.integers(5, size=count)
    codes = random.standard_normal((count, 8))
    codes[labels == 1, 0] += 2 * shift
    codes[labels == 2, 1] += 2 * shift
    codes[labels == 3, 1] += 3 * shift
    return codes, labels


def test_planted_directions_are_found_and_counted() -> None:
    found = audited(*planted(np.random.default_rng(0)))

    assert found.directions == 2
    assert found.p_value == 1 / 200
    assert found.apart[1:4].all()
    assert found.shares[1] > 3 * found.share_by_chance > 3 * found.shares[2]
    assert "2 directions of at most 4 stand above chance" in found.sentence


def test_shares_are_squared_canonical_correlations() -> None:
    codes, labels = planted(np.random.default_rng(1), 300)

    found = audited(codes, labels, 19)

    one_hot = np.eye(5)[labels][:, :4]
    first, second = CCA(1, scale=False, max_iter=10_000, tol=1e-12).fit_transform(codes, one_hot)
    assert found.shares[0] == pytest.approx(np.corrcoef(first[:, 0], second[:, 0])[0, 1] ** 2, rel=1e-4)
    two = (labels == 2).astype(float)
    design = np.column_stack([np.ones(len(codes)), codes])
    left = two - design @ np.linalg.lstsq(design, two)[0]
    assert found.label_shares[2] == pytest.approx(1 - left @ left / (len(two) * two.var()), rel=1e-4)


def test_no_unit_and_no_rotation_of_the_components_matters() -> None:
    random = np.random.default_rng(2)
    codes, labels = planted(random)
    turned = (codes @ random.standard_normal((8, 8))) * 1e3 + 7

    assert np.allclose(audited(codes, labels).shares, audited(turned, labels).shares, atol=1e-3)


@pytest.mark.parametrize(("count", "components"), [(60, 4), (40, 60)])
def test_noise_with_random_labels_is_called_signal_once_in_a_hundred(count: int, components: int) -> None:
    """Both verdicts, each at 1 %, over 100 data sets with skewed noise, labels of unequal counts."""
    random = np.random.default_rng(3)
    verdicts, p_values = np.zeros(2), []
    for _ in range(100):
        codes = random.exponential(size=(count, components))
        labels = np.concatenate([[0, 1, 2], random.choice(3, p=(0.6, 0.3, 0.1), size=count - 3)])
        found = audited(codes, labels, 99)
        verdicts += found.directions > 0, found.apart.any()
        p_values.append(found.p_value)

    assert (verdicts <= 5).all()  # of binomial(100, 0.01) in 99.95 %
    assert np.quantile(p_values, [0.25, 0.5, 0.75]) == pytest.approx([0.25, 0.5, 0.75], abs=0.15)


def test_more_components_than_codes_explain_nothing_by_themselves() -> None:
    random = np.random.default_rng(4)
    found = audited(random.standard_normal((50, 400)), random.integers(2, size=50))

    assert found.axes == 12
    assert found.directions == 0


def test_what_cannot_be_audited() -> None:
    with pytest.raises(StudioError, match="too few for an audit of 3 labels"):
        audited(np.eye(3), np.arange(3))
    with pytest.raises(StudioError, match="All codes are the same"):
        audited(np.ones((30, 4)), np.arange(30) % 2)


def test_codes_without_a_label_or_a_finite_component_are_left_out(tmp_path: Path) -> None:
    codes, labels = planted(np.random.default_rng(5), 100)
    codes[7] = np.nan
    kind = np.array(["", "one", "two", "three", "four"])[labels]
    np.savez(tmp_path / "codes.npz", z=codes, kind=kind, same=np.full(100, "one"))

    of = labelled_codes(space := read_latent_space(tmp_path / "codes.npz"), "kind")

    assert len(of.codes) == sum(labels != 0) - (labels[7] != 0)
    assert of.label_names == ("four", "one", "three", "two")
    for place, name in enumerate(of.label_names):
        row = np.flatnonzero(of.labels == place)[0]
        assert kind[(codes == of.codes[row]).all(axis=1)].tolist() == [name]
    assert of.notes == (f"{sum(labels == 0)} of 100 codes have no kind and are left out.",)
    with pytest.raises(StudioError, match="has one label only"):
        labelled_codes(space, "same")


def test_the_basis_of_codes_through_the_engine(tmp_path: Path) -> None:
    codes, labels = planted(np.random.default_rng(6))
    np.savez(tmp_path / "codes.npz", z=codes, kind=labels)
    with Engine() as engine:
        space = engine.spaces.read(tmp_path / "codes.npz").result()
        found = engine.spaces.basis(space, "kind", "symmetric").result()

    assert found.orthogonality_error < 1e-12
    assert found.counts.tolist() == np.bincount(labels).tolist()
    averages = np.stack([codes[labels == label].mean(axis=0) for label in range(5)])
    assert np.allclose(found.eta[:5], averages)
    assert found.audit.directions == 2
