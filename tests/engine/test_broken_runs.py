"""Runs that anyone may have written to: each is read for itself, refused in one sentence, and hides no other."""

from __future__ import annotations

import json
import os
import random
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from safetensors.torch import load_file, save_file

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.facts import checkpoint_file, read_facts
from lsd_studio.engine.runs.files import events_file, frames_folder, history_file, run_file, state_file
from lsd_studio.engine.runs.frames import (
    Frame,
    PictureGroup,
    frame_file,
    load_frame,
    save_frame,
    stored_frames,
)
from lsd_studio.engine.runs.history import ThinnedHistory
from lsd_studio.engine.runs.journal import read_journal
from lsd_studio.engine.runs.manifest import read_run
from lsd_studio.engine.runs.run_reader import RunReader
from lsd_studio.engine.runs.state import read_state
from lsd_studio.engine.runs.store import found_runs
from lsd_studio.engine.training.events import Cancelled, EpochDone
from lsd_studio.engine.training.plan import Plan
from lsd_studio.engine.training.whole_run import train_run
from tests.engine.small_digits import small_digits, tiny_profile

DEEP = '{"a":' * 900 + "1" + "}" * 900
VERY_DEEP = "[" * 200_000
HUGE = "9" * 400
STAGES = ("classifier",)


@pytest.fixture(scope="module")
def digits():
    return small_digits()


@pytest.fixture(scope="module")
def trained(tmp_path_factory, digits) -> Path:
    run = tmp_path_factory.mktemp("trained") / "run"
    list(train(run, digits, resume=False))
    pictures = np.zeros((2, 1, 8, 8), np.uint8)
    group = PictureGroup("data", pictures, np.zeros(2, np.int64), np.ones(2, np.float32), None)
    frame = Frame("classifier", 0, 40, (group,), np.zeros(2, np.int64), np.ones(2, np.float32), 0.5)
    save_frame(frame_file(run, "classifier", 0), frame)
    return run


@pytest.fixture
def run(trained, tmp_path, monkeypatch) -> Path:
    """A run of one stage in a folder of runs, beside one that is whole."""
    monkeypatch.setenv("LSD_STUDIO_DATA", str(tmp_path))
    for name in ("broken", "whole"):
        for file in trained.rglob("*"):
            if file.is_file():
                copy = tmp_path / "runs" / name / file.relative_to(trained)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(file.read_bytes())
    return tmp_path / "runs" / "broken"


def train(run: Path, data, *, resume: bool = True):
    profile = tiny_profile("classifier.epochs=2")
    plan = Plan(profile, data.name, seed=3, stages=STAGES, device="cpu", resume=resume)
    return train_run(plan, run, data)


def listed(run: Path) -> dict[str, str]:
    """The runs as a person sees them listed: the state of each by its folder."""
    return {found.name: RunReader(found).summary().state for found in found_runs()}


@pytest.mark.parametrize(
    "text", [DEEP, VERY_DEEP, "[]", "null", '"run"', "", '{"seed": ' + HUGE + "}", "\x00" * 100]
)
def test_a_run_json_that_is_broken_is_shown_with_its_reason_and_hides_no_other(run: Path, text: str) -> None:
    run_file(run).write_text(text)
    assert listed(run) == {"broken": "damaged", "whole": "stopped"}
    sentence = RunReader(run).summary().sentence
    assert sentence.startswith(str(run_file(run)))
    assert sentence.endswith("; start the run again in another folder.")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seed", int(HUGE)),
        ("seed", None),
        ("created", "0001-01-01T00:00:00"),
        ("created", "0001-01-01T00:00:00Z"),
        ("created", "9999-12-31T23:59:59-14:00"),
        ("checkpoint_seconds", 1e308),
        ("data", {"name": "mnist", "checksum": "0", "images": int("9" * 20)}),
        ("parent", {"path": "/dev/zero"}),
        ("profile", {}),
    ],
)
def test_each_field_of_a_run_json_is_checked(run: Path, field: str, value: object) -> None:
    run_file(run).write_text(json.dumps({**json.loads(run_file(run).read_text()), field: value}))
    with pytest.raises(StudioError, match=f"field {field}"):
        read_run(run)
    assert listed(run) == {"broken": "damaged", "whole": "stopped"}


@pytest.mark.parametrize("put", [os.mkfifo, os.mkdir])
def test_a_pipe_or_a_folder_in_place_of_a_file_hangs_nothing(run: Path, put) -> None:
    for file in (
        state_file(run),
        events_file(run),
        history_file(run, "classifier"),
        checkpoint_file(run, "classifier"),
        frame_file(run, "classifier", stored_frames(run, "classifier")[0]),
        run / "bundle" / "evaluation.json",
    ):
        file.unlink(missing_ok=True)
        file.parent.mkdir(exist_ok=True)
        put(file)
        assert listed(run).keys() == {"broken", "whole"}
    for read in (
        lambda: load_frame(frame_file(run, "classifier", stored_frames(run, "classifier")[0])),
        lambda: read_facts(checkpoint_file(run, "classifier")),
        lambda: ThinnedHistory.load(history_file(run, "classifier")),
        lambda: RunReader(run).details(),
    ):
        with pytest.raises(StudioError):
            read()
    run_file(run).unlink()
    put(run_file(run))
    assert listed(run) == {"broken": "damaged", "whole": "stopped"}
    assert "is not a plain file" in RunReader(run).summary().sentence


def test_lines_of_a_journal_that_are_broken_are_passed_over(run: Path) -> None:
    whole = read_journal(events_file(run))
    line = events_file(run).read_text().splitlines()[0]
    for text in (
        DEEP,
        VERY_DEEP,
        line.replace('"total_steps": ', '"total_steps": ' + HUGE),
        line.replace('"total_steps": ', '"total_steps": -1'),
        line.replace('"time": "20', '"time": "00'),
        '{"event": []}',
        '{"event": "Nothing", "time": "2026-01-01T00:00:00+00:00"}',
        "[]",
        "1",
    ):
        with events_file(run).open("a") as file:
            file.write(text + "\n")
    assert read_journal(events_file(run)) == whole
    assert listed(run) == {"broken": "stopped", "whole": "stopped"}


@pytest.mark.parametrize("text", [DEEP, VERY_DEEP, "[]", "{}", '{"state": "running", "time": ' + HUGE + "}"])
def test_a_broken_state_is_as_none(run: Path, text: str) -> None:
    state_file(run).write_text(text)
    assert read_state(run) is None
    assert listed(run) == {"broken": "stopped", "whole": "stopped"}


FACTS = [
    DEEP,
    VERY_DEEP,
    "[]",
    "null",
    "{}",
    '{"step": ' + HUGE + ', "measures": {}}',
    '{"step": -1, "measures": {}}',
    '{"step": 1.5, "measures": {}}',
    '{"step": 1, "measures": []}',
    '{"step": 1, "measures": {"a": "b"}}',
    '{"step": 1, "measures": {}, "settings": []}',
    '{"step": 1, "measures": {}, "settings": {"classifier": 1e400}}',
]


@pytest.mark.parametrize("text", FACTS)
def test_facts_of_a_checkpoint_are_checked(run: Path, digits, text: str) -> None:
    file = checkpoint_file(run, "classifier")
    save_file(load_file(file), file, {"facts": text})
    with pytest.raises(StudioError) as refused:
        list(train(run, digits))
    assert str(refused.value).startswith(f"{file} is not a readable checkpoint (")
    assert str(refused.value).endswith("): move it away to train that stage again.")


@pytest.mark.parametrize("settings", [{}, {"classifier": 3}, {"classifier": {"batch_size": []}}])
def test_settings_of_a_checkpoint_that_say_nothing_are_told_apart(
    run: Path, digits, settings: object
) -> None:
    file = checkpoint_file(run, "classifier")
    known = read_facts(file).model_dump()
    save_file(load_file(file), file, {"facts": json.dumps({**known, "settings": settings})})
    with pytest.raises(StudioError, match="was made with other settings"):
        list(train(run, digits))


@pytest.mark.parametrize(
    ("text", "tensors"),
    [
        *((text, {}) for text in FACTS[:5]),
        ('{"names": [], "step": 1, "width": 0}', {}),
        ('{"names": [], "step": ' + HUGE + ', "width": 1}', {}),
        ('{"names": ["a"], "step": 1, "width": 1}', {"lowest": np.zeros((1, 1), np.complex64)}),
        ('{"names": ["a"], "step": 1, "width": 1}', {"counts": np.zeros((1, 1), np.float32)}),
    ],
)
def test_curves_are_checked(run: Path, text: str, tensors: dict[str, np.ndarray]) -> None:
    file = history_file(run, "classifier")
    whole = {name: np.zeros((1, 1), np.float32) for name in ("lowest", "highest")}
    whole |= {"sums": np.zeros((1, 1)), "counts": np.zeros((1, 1), np.int64)}
    file.write_bytes(safetensors.numpy.save({**whole, **tensors}, {"facts": text}))
    with pytest.raises(StudioError, match="not a readable history"):
        RunReader(run).details()


@pytest.mark.parametrize("text", FACTS)
def test_facts_of_pictures_are_checked(run: Path, text: str) -> None:
    file = next(iter(sorted(frames_folder(run, "classifier").glob("*"))))
    file.write_bytes(safetensors.numpy.save(safetensors.numpy.load(file.read_bytes()), {"facts": text}))
    with pytest.raises(StudioError, match="does not hold readable pictures"):
        load_frame(file)


def test_random_bytes_anywhere_in_a_run_raise_nothing_else(run: Path, digits) -> None:
    drawn = random.Random(0)
    files = [file for file in run.rglob("*") if file.is_file() and file.name != ".lock"]
    whole = {file: file.read_bytes() for file in files}
    for _ in range(300):
        file = drawn.choice(files)
        content = bytearray(whole[file])
        for _ in range(drawn.choice((1, 3, 30))):
            content[drawn.randrange(min(len(content), drawn.choice((400, 10_000))))] = drawn.choice(
                (0, 57, 34, 91, 123, 255, drawn.randrange(256))
            )
        file.write_bytes(content)
        assert listed(run).keys() == {"broken", "whole"}
        for read in (
            lambda: RunReader(run).details(),
            lambda: load_frame(frame_file(run, "classifier", stored_frames(run, "classifier")[0])),
            lambda: read_facts(checkpoint_file(run, "classifier")),
        ):
            with suppress(StudioError):
                read()
        file.write_bytes(whole[file])
    assert listed(run)["broken"] == "stopped"


class TestCheckpoints:
    """A checkpoint that does not fit is named, with an advice that works."""

    @staticmethod
    def refusal(run: Path, digits, change) -> str:
        file = checkpoint_file(run, "classifier")
        facts, tensors = read_facts(file), load_file(file)
        change(tensors)
        save_file(tensors, file, {"facts": facts.model_dump_json()})
        with pytest.raises(StudioError) as refused:
            list(train(run, digits))
        sentence = str(refused.value)
        assert sentence.startswith(f"{file}, tensor ")
        assert "move it away to train that stage again" in sentence.replace("or move it away", "move it away")
        return sentence

    def test_a_missing_step_of_the_optimiser(self, run, digits):
        said = self.refusal(run, digits, lambda tensors: tensors.pop("optimiser/classifier/0/step"))
        assert "tensor optimiser/classifier/0/step: expected float32 [], found none" in said

    def test_a_missing_optimiser(self, run, digits):
        def without(tensors):
            for name in [name for name in tensors if name.startswith("optimiser/")]:
                del tensors[name]

        assert "found none" in self.refusal(run, digits, without)

    def test_a_foreign_tensor(self, run, digits):
        def foreign(tensors):
            tensors["optimiser/classifier/x/step"] = tensors["optimiser/classifier/0/step"].clone()

        assert "expected none, found float32 []" in self.refusal(run, digits, foreign)

    @pytest.mark.parametrize("value", [float("nan"), float("inf")])
    def test_what_is_no_finite_number(self, run, digits, value):
        name = "optimiser/classifier/0/exp_avg"
        said = self.refusal(run, digits, lambda tensors: tensors[name].view(-1)[0].fill_(value))
        assert f"tensor {name}: expected finite numbers" in said

    def test_another_shape(self, run, digits):
        def wider(tensors):
            name = next(name for name in sorted(tensors) if name.startswith("classifier/"))
            tensors[name] = tensors[name].reshape(1, *tensors[name].shape).contiguous()

        assert "expected float32 [" in self.refusal(run, digits, wider)

    def test_another_type(self, run, digits):
        def wider(tensors):
            name = next(name for name in sorted(tensors) if name.startswith("classifier/"))
            tensors[name] = tensors[name].double()

        assert "found float64" in self.refusal(run, digits, wider)

    def test_the_advice_works(self, run, digits, tmp_path):
        self.refusal(run, digits, lambda tensors: tensors.popitem())
        checkpoint_file(run, "classifier").rename(tmp_path / "moved")
        events = list(train(run, digits))
        assert not any(isinstance(event, Cancelled) for event in events)
        assert sum(isinstance(event, EpochDone) for event in events) == 2
        whole = load_file(checkpoint_file(run.parent / "whole", "classifier"))
        again = load_file(checkpoint_file(run, "classifier"))
        assert all((again[name] == whole[name]).all() for name in whole)
