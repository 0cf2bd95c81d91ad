"""Runs on the disk: curves that stay small, pictures, state, names, the trash, and settings for a form."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsd_studio.engine.bundle.imported import bundles_folder
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.curves import Curve, batch_curves, held_out_curves
from lsd_studio.engine.runs.files import (
    choose_runs_folder,
    events_file,
    new_run_folder,
    run_file,
    runs_folder,
    state_file,
)
from lsd_studio.engine.runs.frames import (
    Frame,
    PictureGroup,
    frame_file,
    load_frame,
    picture_steps,
    save_frame,
    stored_frames,
)
from lsd_studio.engine.runs.history import ThinnedHistory
from lsd_studio.engine.runs.journal import JournalReader, note_event, read_journal
from lsd_studio.engine.runs.manifest import RunData, RunManifest, read_run, write_run
from lsd_studio.engine.runs.profiles import load_profile, override_profile, shipped_profiles
from lsd_studio.engine.runs.run_reader import RunReader
from lsd_studio.engine.runs.settings import check_settings, described_profiles, described_settings
from lsd_studio.engine.runs.state import NotedState, hold_run, is_held, read_state, this_machine, write_state
from lsd_studio.engine.runs.store import found_runs, rename_run, trash_run
from lsd_studio.engine.training.events import CheckpointSaved, EpochDone, StageStarted

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LSD_STUDIO_DATA", str(tmp_path / "data"))


def make_run(run: Path, **changes) -> Path:
    run.mkdir(parents=True, exist_ok=True)
    known = RunManifest(
        profile=load_profile("studio"),
        data=RunData(name="mnist", checksum="0" * 64, images=640, label_names=("0", "1")),
        seed=1,
        id="a1",
        name=run.name,
    )
    write_run(run, known.model_copy(update=changes))
    return run


@contextmanager
def killing(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Kills the process at the end of the block, however that comes."""
    try:
        yield
    finally:
        process.send_signal(signal.SIGKILL)


class TestHistory:
    @given(
        values=st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=300),
        cut=st.integers(0, 300),
        bins=st.sampled_from([2, 8, 64]),
    )
    def test_each_bin_is_what_its_steps_say(self, values, cut, bins):
        history = ThinnedHistory(bins=bins)
        for step, value in enumerate(values, start=1):
            history.push(step, {"loss": value})
        steps, lowest, highest, mean = history.curve("loss")
        assert len(steps) <= bins
        for place, middle in enumerate(steps):
            first = place * history.width + 1
            held = values[first - 1 : first - 1 + history.width]
            assert middle == first + (len(held) - 1) / 2
            assert (lowest[place], highest[place]) == (np.float32(min(held)), np.float32(max(held)))
            np.testing.assert_allclose(mean[place], np.mean(held), rtol=1e-5, atol=1e-3)
        history.truncate(cut)
        assert all(history.curve("loss")[0] <= cut)

    def test_two_million_points_take_little_memory_and_a_small_file(self, tmp_path):
        tracemalloc.start()
        history = ThinnedHistory(("real", "fake", "generator"))
        for first in range(1, 2_000_001, 10_000):
            steps = np.arange(first, first + 10_000)
            history.extend(steps, np.stack([np.sin(steps / 1e5), steps / 1e6, steps % 7], axis=1))
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        history.save(tmp_path / "history")
        assert size < 2e6
        assert (tmp_path / "history").stat().st_size < 2e6
        steps, lowest, _, mean = history.curve("fake")
        assert 1000 < len(steps) <= 2048
        np.testing.assert_allclose(mean, steps / 1e6, rtol=1e-5)
        np.testing.assert_allclose(lowest, (steps - (history.width - 1) / 2) / 1e6, rtol=1e-3)
        assert set(history.curve("generator")[2][:-1]) == {6}

    def test_a_history_comes_back_from_its_file(self, tmp_path):
        history = ThinnedHistory(bins=16)
        for step in range(1, 100):
            history.push(step, {"a": step, "b": -step} if step > 50 else {"a": step})
        history.save(tmp_path / "h")
        back = ThinnedHistory.load(tmp_path / "h", bins=16)
        for step in range(100, 200):
            history.push(step, {"a": step, "b": 0.0})
            back.push(step, {"a": step, "b": 0.0})
        for name in ("a", "b"):
            for one, other in zip(history.curve(name), back.curve(name), strict=True):
                np.testing.assert_array_equal(one, other)
        assert back.curve("b")[0][0] > 48

    def test_what_is_not_finite_is_left_out(self):
        history = ThinnedHistory(bins=4)
        for step, value in enumerate([1.0, np.nan, np.inf, 3.0, np.nan, np.nan, np.nan, np.nan], start=1):
            history.push(step, {"loss": value})
        steps, lowest, highest, mean = history.curve("loss")
        assert np.isfinite([*steps, *lowest, *highest, *mean]).all()
        assert list(mean) == [1.0, 3.0]

    def test_a_broken_history_is_named(self, tmp_path):
        (tmp_path / "h").write_bytes(b"nothing")
        with pytest.raises(StudioError, match="not a readable history"):
            ThinnedHistory.load(tmp_path / "h")


class TestCurves:
    def test_smoothing_forgets_the_past_by_weight_and_is_not_drawn_to_zero(self):
        steps = np.arange(1.0, 6.0)
        values = np.array([4, 4, 4, 8, 8], np.float32)
        curve = Curve("gan", "generator", "G", "nats", "batch", steps, values, values, values)
        np.testing.assert_array_equal(curve.smoothed(0), values)
        np.testing.assert_allclose(curve.smoothed(0.5)[:3], 4)
        past = [0.5**age for age in range(4)]
        expected = np.average([8, 4, 4, 4], weights=past)
        np.testing.assert_allclose(curve.smoothed(0.5)[3], expected, rtol=1e-6)

    def test_curves_say_what_they_are(self):
        history = ThinnedHistory()
        history.push(1, {"kl": 2.0, "hinge": 1.0, "cross_entropy": 0.5})
        kl, hinge, label = batch_curves("encoder", history, label_weight=30.0)
        assert (kl.unit, hinge.unit) == ("nats", "per pixel")
        assert (list(kl.mean), list(label.mean)) == ([2], [15])
        twice = [
            EpochDone("encoder", epoch, 2, {"psnr_mean": value}, 1.0)
            for epoch, value in ((1, 9), (2, 8), (1, 10))
        ]
        (measured,) = held_out_curves("encoder", twice, 50)
        assert (list(measured.steps), list(measured.mean)) == ([50, 100], [10, 8])
        assert measured.unit == "dB"


class TestFrames:
    @pytest.mark.parametrize("total", [1, 7, 40, 900, 21_000, 1_200_000])
    def test_pictures_come_often_at_first_and_stay_few(self, total):
        steps = sorted(picture_steps(total))
        assert steps[0] == 0
        assert steps[-1] == total
        assert {1, 2, 4} & set(range(total)) <= set(steps)
        assert len(steps) <= 60
        assert max(np.diff(steps)) <= max(25, total / 32 + 1)

    def test_pictures_come_back(self, tmp_path):
        pictures = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 1), dtype=np.uint8)
        group = PictureGroup(
            "data", pictures, np.arange(6), np.linspace(0, 1, 6, dtype=np.float32), np.arange(6)
        )
        frame = Frame("encoder", 40, 80, (group,), np.array([2, 4]), np.array([0.5, np.nan], np.float32), 0.5)
        save_frame(frame_file(tmp_path, "encoder", 40), frame)
        assert stored_frames(tmp_path, "encoder") == (40,)
        back = load_frame(frame_file(tmp_path, "encoder", 40))
        assert (back.stage, back.step, back.total_steps, back.confidence) == ("encoder", 40, 80, 0.5)
        np.testing.assert_array_equal(back.groups[0].pictures, pictures)
        np.testing.assert_array_equal(back.confidences, frame.confidences)
        with pytest.raises(StudioError, match="another moment"):
            load_frame(frame_file(tmp_path, "encoder", 41))


class TestJournal:
    def test_only_what_is_new_is_read_and_half_a_line_waits(self, tmp_path):
        path = tmp_path / "events.jsonl"
        reader = JournalReader(path)
        assert reader.read() == []
        note_event(path, StageStarted("gan", 0, 10, "cpu", "32-true"))
        assert len(reader.read()) == 1
        with path.open("a") as file:
            file.write('not json\n{"event": "Unknown", "time": "2026-01-01"}\n{"event": "EpochDone", "ti')
        assert len(reader.read()) == 1
        path.write_text("")
        note_event(path, CheckpointSaved("gan", 4, Path("x")))
        assert [noted.event for noted in reader.read()] == [CheckpointSaved("gan", 4, Path("x"))]
        assert reader.read() == read_journal(path)


class TestState:
    def test_a_run_is_held_by_one_process_and_let_go_by_the_dead(self, tmp_path):
        make_run(tmp_path / "run")
        assert not is_held(tmp_path / "run")
        code = (
            "import sys, time; from pathlib import Path; from lsd_studio.engine.runs.state import *\n"
            "run = Path(sys.argv[1]); lock = hold_run(run)\n"
            "write_state(run, NotedState(state='running', stage='gan', step=7, total_steps=30, seconds_left=9.0,"
            " time=time.time(), process=0, machine=this_machine()))\n"
            "print('held', flush=True); time.sleep(600)"
        )
        with (
            subprocess.Popen(
                [sys.executable, "-c", code, str(tmp_path / "run")],
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            ) as process,
            killing(process),
        ):
            assert process.stdout is not None
            process.stdout.readline()
            reader = RunReader(tmp_path / "run")
            assert is_held(tmp_path / "run")
            summary = reader.summary()
            assert (summary.state, summary.seconds_left) == ("elsewhere", 9.0)
            gan = next(stage for stage in summary.stages if stage.stage == "gan")
            assert (gan.state, gan.step, gan.total_steps) == ("under way", 7, 30)
            with pytest.raises(StudioError, match="by another process"):
                hold_run(tmp_path / "run")
            with pytest.raises(StudioError, match="stop it before"):
                trash_run(tmp_path / "run")
        assert not is_held(tmp_path / "run")
        assert reader.summary().state == "stopped"

    def test_on_another_machine_a_sign_of_life_counts(self, tmp_path):
        run = make_run(tmp_path / "run")
        said = NotedState(state="running", time=time.time(), process=1, machine="elsewhere")
        write_state(run, said)
        assert RunReader(run).summary().state == "elsewhere"
        write_state(run, said.model_copy(update={"time": time.time() - 60}))
        assert RunReader(run).summary().state == "stopped"

    def test_this_process_knows_its_own(self, tmp_path):
        run = make_run(tmp_path / "run")
        lock = hold_run(run)
        state = NotedState(state="paused", time=time.time(), process=os.getpid(), machine=this_machine())
        write_state(run, state)
        assert RunReader(run).summary().state == "paused"
        lock.release()
        write_state(run, state.model_copy(update={"state": "failed", "sentence": "Full."}))
        summary = RunReader(run).summary()
        assert (summary.state, summary.sentence) == ("failed", "Full.")

    def test_a_broken_state_counts_for_nothing(self, tmp_path):
        run = make_run(tmp_path / "run")
        state_file(run).write_text("{")
        assert read_state(run) is None
        assert RunReader(run).summary().state == "stopped"


class TestKeeping:
    def test_runs_are_found_in_the_data_folder_and_where_they_were_opened(self, tmp_path):
        own = make_run(new_run_folder("Mein Lauf / 1"))
        second = make_run(new_run_folder("Mein Lauf / 1"))
        assert own.parent == second.parent == runs_folder() == tmp_path / "data" / "runs"
        assert own != second
        chosen = tmp_path / "chosen"
        with pytest.raises(StudioError, match="is not a writable folder"):
            choose_runs_folder(chosen)
        chosen.mkdir()
        choose_runs_folder(chosen)
        assert new_run_folder("there") == chosen / "there"
        assert bundles_folder() == tmp_path / "data" / "bundles"
        choose_runs_folder(tmp_path / "data" / "runs")
        assert runs_folder() == tmp_path / "data" / "runs"
        elsewhere = make_run(tmp_path / "other" / "runs" / "a")
        assert set(found_runs((tmp_path / "other" / "runs", tmp_path / "nothing"))) == {
            own,
            second,
            elsewhere,
        }
        assert set(found_runs((elsewhere,))) == {own, second, elsewhere}

    def test_a_run_is_renamed_and_keeps_its_folder(self, tmp_path):
        run = make_run(tmp_path / "run")
        assert rename_run(run, "  a better   name ") == "a better name"
        assert RunReader(run).summary().name == "a better name"
        for bad in ("", "  ", "x" * 121):
            with pytest.raises(StudioError, match="1 to 120"):
                rename_run(run, bad)

    def test_the_trash_takes_a_run(self, tmp_path):
        run = make_run(tmp_path / "run")
        code = "import sys; from pathlib import Path; from lsd_studio.engine.runs.store import trash_run\n"
        command = [sys.executable, "-c", code + "trash_run(Path(sys.argv[1]))", str(run)]
        own_trash = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)}
        subprocess.run(command, env=own_trash, check=True)
        assert not run.exists()
        assert list((tmp_path / "home").rglob("run.json"))
        with pytest.raises(StudioError, match="holds no run"):
            trash_run(tmp_path)

    def test_a_damaged_run_is_listed_with_its_reason(self, tmp_path):
        run = make_run(tmp_path / "run")
        run_file(run).write_text('{"seed": 1}')
        summary = RunReader(run).summary()
        assert summary.state == "damaged"
        assert "field profile" in summary.sentence

    def test_what_differs_from_the_profile_of_that_name_is_named(self, tmp_path):
        profile = override_profile(load_profile("studio"), ("gan.epochs=2", "classifier.widths=[8, 16, 16]"))
        summary = RunReader(make_run(tmp_path / "run", profile=profile)).summary()
        assert summary.base == "profile studio"
        assert [
            (difference.key, difference.value, difference.other) for difference in summary.differences
        ] == [
            ("gan.epochs", "2", "9"),
            ("classifier.widths", "[8, 16, 16]", "[16, 32, 32]"),
        ]

    def test_a_run_of_old_without_name_or_state_is_told_from_its_journal(self, tmp_path):
        run = tmp_path / "old"
        run.mkdir()
        known = RunManifest(profile=load_profile("studio"), data=RunData(name="mnist", checksum="0"), seed=3)
        run_file(run).write_text(known.model_dump_json(include={"profile", "data", "seed"}))
        note_event(events_file(run), StageStarted("classifier", 0, 100, "cpu", "32-true"))
        note_event(events_file(run), EpochDone("classifier", 1, 2, {"held_out_accuracy": 0.9}, 5.0))
        note_event(events_file(run), CheckpointSaved("classifier", 50, run / "c"))
        summary = RunReader(run).summary()
        assert (summary.name, summary.state, summary.seconds) == ("old", "stopped", 5.0)
        classifier = summary.stages[0]
        assert (classifier.state, classifier.step, classifier.total_steps) == ("under way", 50, 100)
        assert summary.results == {"classifier.held_out_accuracy": 0.9}
        assert read_run(run).id == ""


class TestSettings:
    def test_every_setting_is_described_with_its_range_and_default(self):
        settings = {setting.key: setting for setting in described_settings()}
        rate = settings["gan.learning_rate"]
        assert (rate.kind, rate.low, rate.high, rate.low_open, rate.high_open) == (
            "number",
            0,
            1,
            True,
            False,
        )
        assert rate.defaults == {"paper": 2e-4, "authors": 2e-4, "studio": 2e-4}
        assert "R4" in rate.description
        assert settings["encoder.heads"].choices == ("text", "authors", "free")
        assert settings["classifier.widths"].defaults["paper"] == (16, 32, 32)
        assert settings["gan.epochs"].unit == "epochs"
        assert all(setting.description for setting in settings.values())

    def test_shipped_profiles_come_with_their_text(self):
        profiles = described_profiles()
        of_the_method, of_autoencoders = profiles[:3], profiles[3:]
        assert [profile.name for profile in of_the_method] == ["studio", "authors", "paper"]
        assert [profile.name for profile in of_autoencoders] == ["autoencoder", "variational-autoencoder"]
        assert all("[encoder]" in profile.text for profile in of_the_method)
        assert all("[encoder]" not in profile.text for profile in of_autoencoders)

    def test_a_setting_is_that_of_the_profiles_that_use_it(self):
        settings = {setting.key: setting for setting in described_settings()}
        assert settings["autoencoder.kl_weight"].defaults == {
            "autoencoder": 0.0,
            "variational-autoencoder": 1.0,
        }
        assert "autoencoder" not in settings["latent_dimensions"].defaults
        assert set(settings["classifier.epochs"].defaults) == set(shipped_profiles())

    @pytest.mark.parametrize(
        ("override", "key", "sentence"),
        [
            ("encoder.epohs=3", "encoder.epochs", "the nearest is 'encoder.epochs'"),
            ("gan.learning_rate=7", "gan.learning_rate", "at most 1"),
            ("classifier.widths=[1, 2]", "classifier.widths", "refused"),
            ("autoencoder.epochs=3", "autoencoder.epochs", "choose the profile autoencoder"),
        ],
    )
    def test_a_bad_setting_is_answered_with_its_key(self, override, key, sentence):
        checked = check_settings("studio", (override,), None)
        assert checked.problem_key == key
        assert sentence in (checked.problem or "")
        assert checked.values == {}

    def test_good_settings_are_answered_with_what_differs(self):
        checked = check_settings("paper", ("encoder.epochs=3",), None)
        assert checked.problem is None
        assert checked.values["encoder.epochs"] == 3
        assert [difference.key for difference in checked.differences] == ["encoder.epochs"]
        assert "epochs = 3" in checked.profile_text
