"""Files appear whole or not at all; what a killed process left is known and removed."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from lsd_studio.engine.errors import StudioError
from lsd_studio.files.writing import clear_all_leftovers, is_leftover, whole_file, write_file

WRITES_AND_WAITS = """
import sys, time
from pathlib import Path
from lsd_studio.files.writing import hidden_folder, whole_file
with hidden_folder(Path(sys.argv[1], "bundle")) as folder, whole_file(Path(sys.argv[1], "old.png")) as file:
    (folder / "part").write_bytes(b"part")
    file.write(b"part")
    print("writing", flush=True)
    time.sleep(600)
"""


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """A disk that is full: no file may grow beyond `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


@contextmanager
def process_that_writes(folder: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", WRITES_AND_WAITS, str(folder)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        try:
            yield process
        finally:
            process.kill()


def test_on_a_full_disk_the_old_file_stays_and_nothing_else_does(tmp_path: Path) -> None:
    old = tmp_path / "old.png"
    write_file(old, b"old")
    with room_for(1000), pytest.raises(StudioError) as refused:
        write_file(old, bytes(1_000_000))
    assert str(refused.value) == (
        f"{old} could not be written (File too large): please make room or choose another folder; "
        "nothing that was there before is lost."
    )
    assert old.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [old]


def test_a_file_keeps_its_permissions_and_a_new_one_has_the_usual(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.touch(0o600)
    for file in (old, new):
        write_file(file, b"new")
    usual = tmp_path / "usual"
    usual.touch()
    assert old.stat().st_mode & 0o777 == 0o600
    assert new.stat().st_mode == usual.stat().st_mode


def test_an_error_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    write_file(file, b"old")
    with suppress(KeyboardInterrupt), whole_file(file) as opened:
        opened.write(b"half")
        raise KeyboardInterrupt
    assert file.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["table.csv"]


def test_the_longest_name_that_a_file_can_have_can_be_written(tmp_path: Path) -> None:
    write_file(tmp_path / ("é" * 127), b"content")
    assert os.listdir(tmp_path) == ["é" * 127]


def test_what_a_killed_process_left_goes_and_what_a_living_one_writes_stays(tmp_path: Path) -> None:
    old = tmp_path / "old.png"
    write_file(old, b"old")
    with process_that_writes(tmp_path) as process:
        assert len([name for name in os.listdir(tmp_path) if is_leftover(name)]) == 2
        write_file(old, b"new")
        clear_all_leftovers(tmp_path)
        assert len([name for name in os.listdir(tmp_path) if is_leftover(name)]) == 2
        process.kill()
        process.wait()
    write_file(old, b"newer")
    assert len([name for name in os.listdir(tmp_path) if is_leftover(name)]) == 1
    clear_all_leftovers(tmp_path)
    assert os.listdir(tmp_path) == ["old.png"]
    assert old.read_bytes() == b"newer"


@pytest.mark.parametrize("name", [".evaluation.json.x1_2abcd", ".old.png.new-01234567", ".b.new-abcdefgh"])
def test_leftovers_of_this_and_earlier_versions_are_known(name: str) -> None:
    assert is_leftover(name)


@pytest.mark.parametrize(
    "name", ["evaluation.json", ".DS_Store", "a.new-01234567", ".lock", ".git", ".x.previous"]
)
def test_what_is_no_leftover_is_not_taken_for_one(name: str) -> None:
    assert not is_leftover(name)
