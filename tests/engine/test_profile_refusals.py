"""What is set wrongly is one sentence, however long, deep or odd it is."""

from __future__ import annotations

import pytest

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.profiles import load_profile

DIGITS = "9" * 5000
DEEP = "[" * 5000 + "]" * 5000


@pytest.mark.parametrize(
    "override",
    [
        "classifier.widths=[-1, 16, 16]",
        "classifier.widths=[0, 16, 16]",
        "classifier.widths=[16, 1000000000, 16]",
        f"classifier.widths=[16, {DIGITS}, 16]",
        f"encoder.epochs={DIGITS}",
        f"encoder.epochs=0x{DIGITS}",
        f"encoder.epochs={DEEP}",
        f"encoder.learning_rate={DIGITS}.0",
        "encoder.learning_rate=nan",
        "encoder.learning_rate=inf",
        f"encoder.{DIGITS}=1",
        f"{'a.' * 3000}b=1",
        f"encoder.epochs={'{a=' * 2000}1{'}' * 2000}",
        DIGITS,
    ],
)
def test_an_odd_setting(override):
    with pytest.raises(StudioError) as refused:
        load_profile("studio", (override,))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", [f"name = {DEEP}", f"name = {DIGITS}", "name = [", "a" * 5000, "\x00"])
def test_an_odd_file(tmp_path, text):
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(StudioError, match=r"own\.toml"):
        load_profile(str(path))


def test_a_setting_that_is_lacking_is_named(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text("latent_dimensions = 100")
    with pytest.raises(StudioError, match=r"own\.toml lacks the setting 'name': add it"):
        load_profile(str(path))


@pytest.mark.parametrize("name", [DIGITS, "no\x00name", ""])
def test_an_odd_name(name):
    with pytest.raises(StudioError, match="There is no profile"):
        load_profile(name)


@pytest.mark.parametrize(
    ("override", "wanted"),
    [
        ("classifier.widths=5", "a list, such as [16, 32, 64]"),
        ("gan.epochs=many", "a whole number"),
        ("gan.epochs=1.5", "a whole number"),
        ("gan.learning_rate=low", "a number"),
        ("encoder=3", "a table of settings"),
        ("gan.epochs=0", "at least 1"),
    ],
)
def test_a_refusal_says_in_its_own_words_what_a_setting_should_be(override, wanted):
    with pytest.raises(StudioError) as refused:
        load_profile("studio", (override,))
    assert str(refused.value).endswith(f" is refused: expected {wanted}.")


@pytest.mark.parametrize("text", ["name = ", "[gan]\nepochs = 1\nepochs = 2\n", "[gan]\n[gan]\n", "a b"])
def test_a_profile_that_is_no_toml_is_named_once(tmp_path, text):
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(StudioError, match=r"^own\.toml(, line \d+, column \d+)?: expected TOML") as refused:
        load_profile(str(path))
    assert str(refused.value).count("own.toml") == 1
