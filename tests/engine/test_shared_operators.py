"""Operators between labels: built, dragged, kept with what was measured, composed, shared, and applied by others."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from lsd_studio.engine.api import Engine
from lsd_studio.engine.bundle import Bundle, open_bundle
from lsd_studio.engine.errors import NotAvailableError, StudioError
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.operators.algebra import affine, apply_affine, compose, power, straight
from lsd_studio.engine.operators.planes import renormalise
from lsd_studio.engine.operators.products import Factor
from lsd_studio.engine.operators.results import BuiltOperator, EncodedImages
from lsd_studio.engine.operators.store import (
    Operator,
    add_operator,
    load_operator,
    load_operators,
    remove_operator,
    save_operator,
)

DOCS = Path(__file__).resolve().parents[2] / "docs"


class Tried:
    """Two operators built on a bundle with images, and two images to move."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self.engine = engine
        opened = engine.bundles.open(path).result()
        self.data = opened.data_set
        self.bundle: Bundle = open_bundle(path)
        images = np.random.default_rng(0).integers(0, 256, (2, 1, 8, 8), dtype=np.uint8)
        self.images: EncodedImages = engine.operate.encode(images).result()

    def build(self, name: str) -> BuiltOperator:
        return self.engine.label_operators.build(name, 0, 1, self.data).result()

    def keep(self, kind: str, name: str) -> BuiltOperator:
        built = self.build(kind)
        self.engine.label_operators.keep(built, name).result()
        return built

    def decoded(self, codes: np.ndarray) -> np.ndarray:
        return pictures(self.bundle.networks.decode(codes))


@pytest.fixture
def tried(engine: Engine, bundle_with_images: Path) -> Tried:
    return Tried(engine, bundle_with_images)


def test_an_operator_as_0_1_0_kept_it_is_loaded(tried: Tried) -> None:
    file = save_operator(tried.bundle, Operator("one", np.eye(4), "composed", "by hand", pairs=3))
    tensors = safetensors.numpy.load(file.read_bytes())
    stated = json.loads(tensors["stated"].tobytes())
    for later in ("shift_error", "label_shift_error", "way", "measured", "encoder"):
        del stated[later]
    text = np.frombuffer(json.dumps(stated).encode(), np.uint8)
    file.write_bytes(safetensors.numpy.save({**tensors, "stated": text}))
    operator = load_operator(tried.bundle, "one")
    np.testing.assert_array_equal(operator.matrix, np.eye(4))
    assert (operator.description, operator.pairs, operator.way) == ("by hand", 3, "power")


def test_an_operator_is_dragged_from_the_image_itself_to_the_whole(tried: Tried) -> None:
    built = tried.build("gaussian_transport")
    at_rest = tried.engine.label_operators.move(built, 0.0, tried.images).result()
    np.testing.assert_array_equal(at_rest.pictures, tried.decoded(renormalise(tried.images.codes)))
    whole = tried.engine.label_operators.move(built, 1.0, tried.images).result()
    matrix, shift = built.at(1.0)
    moved = renormalise(tried.images.codes @ matrix.T + shift)
    np.testing.assert_array_equal(whole.pictures, tried.decoded(moved))
    assert whole.judged is None
    assert whole.provenance == "Gaussian optimal transport, left → right, t = 1.00"
    with pytest.raises(StudioError, match="choose two labels"):
        tried.engine.label_operators.build("transport", 1, 1, tried.data).result()


def test_it_is_kept_with_what_was_measured_of_its_like_and_composed(tried: Tried) -> None:
    built = tried.build("mean_difference")
    compared = tried.engine.label_operators.compare(tried.data).result().comparison
    tried.engine.label_operators.keep(built, "over", compared).result()
    kept = load_operator(tried.bundle, "over")
    matrix, shift = built.at(1.0)
    np.testing.assert_array_equal(kept.matrix, matrix)
    assert kept.shift is not None
    np.testing.assert_array_equal(kept.shift, shift)
    assert (kept.made, kept.way) == ("from label to label", "straight")
    assert kept.measured is not None
    assert (kept.measured.images, kept.measured.pairs) == (compared.images, 2)
    of_its_like = next(each for each in compared.operators if each.name == "mean_difference")
    assert kept.measured.arrived["classifier"].value == of_its_like.arrivals["classifier"].reached.value

    there_and_back = Factor("over"), Factor("over", -1.0)
    applied = tried.engine.operate.apply(there_and_back, tried.images).result()
    np.testing.assert_allclose(
        applied.pictures.astype(int), tried.decoded(renormalise(tried.images.codes)).astype(int), atol=1
    )
    tried.engine.operate.save("twice", (Factor("over"), Factor("over"))).result()
    twice = load_operator(tried.bundle, "twice")
    assert twice.shift is not None
    np.testing.assert_allclose(twice.shift, 2 * shift)
    traced = tried.engine.operate.trace((Factor("over", 0.5),), tried.images).result()
    halfway = tried.engine.label_operators.move(built, 0.5, tried.images).result()
    np.testing.assert_allclose(traced.pictures[1].astype(int), halfway.pictures.astype(int), atol=1)


def test_affine_operators_have_powers_and_a_straight_way() -> None:
    random = np.random.default_rng(1)
    matrix, shift = np.eye(3) + random.standard_normal((3, 3)) / 5, random.standard_normal(3)
    whole, codes = affine(matrix, shift), random.standard_normal((4, 3))
    np.testing.assert_allclose(apply_affine(whole, codes), codes @ matrix.T + shift)
    half = power(whole, 0.5).matrix
    np.testing.assert_allclose(compose(half, half), whole, atol=1e-9)
    back = power(whole, -1.0).matrix
    np.testing.assert_allclose(apply_affine(back, apply_affine(whole, codes)), codes, atol=1e-9)
    third = apply_affine(straight(whole, 1 / 3).matrix, codes)
    np.testing.assert_allclose(third, (2 * codes + apply_affine(whole, codes)) / 3)
    np.testing.assert_allclose(straight(whole, 2.0).matrix, whole @ whole)


@pytest.mark.parametrize("kind", ["rotation_xi", "gaussian_transport", "label_switch"])
def test_the_numpy_of_the_documentation_applies_a_shared_operator(
    tried: Tried, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = tried.keep(kind, "three-to-eight")
    beside = tried.engine.operate.share("three-to-eight", tmp_path / "three-to-eight.safetensors").result()
    assert beside == tmp_path / "three-to-eight.json"
    page = (DOCS / "exchange.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len([line for line in code.splitlines() if line]) <= 20
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(compile(code, "exchange.md", "exec"), names)
    for t in (0.0, 0.3, 1.0):
        shown = tried.engine.label_operators.move(built, t, tried.images).result().pictures
        theirs = tried.decoded(names["apply"](tried.images.codes.astype(np.float64), t))
        np.testing.assert_allclose(theirs.astype(int), shown.astype(int), atol=1)


def test_a_shared_operator_is_added_where_its_encoder_is(
    tried: Tried, save_small_bundle: Any, tmp_path: Path
) -> None:
    tried.keep("gaussian_transport", "over")
    file = tmp_path / "sent.safetensors"
    tried.engine.operate.share("over", file).result()
    stated = json.loads((tmp_path / "sent.json").read_text())
    assert stated["encoder"] == tried.bundle.manifest.record_of("encoder").sha256
    with pytest.raises(StudioError, match="has an operator 'over' already"):
        tried.engine.operate.add(file).result()
    before = load_operator(tried.bundle, "over")
    remove_operator(tried.bundle, "over")
    assert tried.engine.operate.add(file).result() == "over"
    (again,) = load_operators(tried.bundle)
    assert again.shift is not None
    np.testing.assert_array_equal(again.matrix, before.matrix)
    with pytest.raises(StudioError, match=r"give it the ending \.safetensors"):
        tried.engine.operate.share("over", tmp_path / "sent.zip").result()

    content = safetensors.numpy.load(file.read_bytes())
    changed = json.loads(content["stated"].tobytes()) | {"bundle": "0" * 64, "encoder": "1" * 64}
    content["stated"] = np.frombuffer(json.dumps(changed).encode(), dtype=np.uint8)
    file.write_bytes(safetensors.numpy.save(content))
    with pytest.raises(StudioError, match="another encoder"):
        add_operator(tried.bundle, file)
    content["shift"] = np.zeros(5)
    file.write_bytes(safetensors.numpy.save(content))
    with pytest.raises(StudioError, match="tensor shift: expected finite float64"):
        add_operator(tried.bundle, file)


def test_one_that_was_kept_before_there_were_shifts_is_read(tried: Tried) -> None:
    tried.keep("rotation_xi", "turn")
    file = tried.bundle.path / "operators" / "turn.safetensors"
    content = safetensors.numpy.load(file.read_bytes())
    assert "shift" not in content
    stated = json.loads(content["stated"].tobytes())
    old = {name: value for name, value in stated.items() if name not in ("way", "measured", "encoder")}
    old["made"] = "composed"
    content["stated"] = np.frombuffer(json.dumps(old).encode(), dtype=np.uint8)
    file.write_bytes(safetensors.numpy.save(content))
    read = load_operator(tried.bundle, "turn")
    assert (read.shift, read.way, read.measured) == (None, "power", None)


def test_what_was_built_belongs_to_its_bundle(tried: Tried, save_small_bundle: Any, tmp_path: Path) -> None:
    built = tried.build("mean_difference")
    tried.engine.bundles.open(save_small_bundle(tmp_path / "other")).result()
    with pytest.raises(NotAvailableError, match="built for another bundle"):
        tried.engine.label_operators.move(built, 1.0).result()
