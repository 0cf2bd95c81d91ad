"""Work on what others made, in a process of its own with limits: whatever it does there, the program lives on."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Limits:
    """What such a process may take.

    Attributes:
        memory: bytes beyond those it has when the limit is set; where the system cannot limit them, nothing does.
        processor_seconds: of all its threads, where the system can limit them.
        seconds: until it is ended in any case.
    """

    memory: int = 4 * 2**30
    processor_seconds: int = 60
    seconds: int = 180


@dataclass(frozen=True)
class Ended:
    """How such a process ended.

    Attributes:
        code: 0 where it came to its end, −S where signal S ended it.
        output: what it wrote to its standard output.
        too_slow: whether it was ended because its time was up.
        given_up: whether it was ended because nobody waits for it any more.
    """

    code: int
    output: bytes
    too_slow: bool = False
    given_up: bool = False


SIGXCPU = 24
"""The signal of a process whose processor time is up, on all systems that have one."""

_running: dict[threading.Thread, subprocess.Popen[bytes]] = {}
_given_up: set[threading.Thread] = set()
_lock = threading.Lock()


def run_limited(module: str, given: bytes, limits: Limits) -> Ended:
    """Run a module of this package as a process, `given` on its standard input, and wait for its end.

    The module calls `limit_this_process` once it has imported what it needs. The process sees the packages that this
    one sees, and no other folder of code.
    """
    thread = threading.current_thread()
    surroundings = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path),
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-P", "-m", module]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=surroundings,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    ) as process:
        with _lock:
            _running[thread] = process
        too_slow = False
        try:
            output, _ = process.communicate(given, limits.seconds)
        except subprocess.TimeoutExpired:
            too_slow = True
            process.kill()
            output, _ = process.communicate()
        finally:
            process.kill()
            with _lock:
                del _running[thread]
                given_up = thread in _given_up
                _given_up.discard(thread)
    return Ended(process.returncode, output, too_slow or process.returncode == -SIGXCPU, given_up)


def end_of_thread(thread: threading.Thread) -> None:
    """End the process that a thread waits for, where it waits for one."""
    with _lock:
        if thread in _running:
            _given_up.add(thread)
            _running[thread].kill()


def limit_this_process(limits: Limits) -> None:
    """Let this process have no more memory and processor time than that from now on; Windows limits neither."""
    try:
        import resource
    except ImportError:
        return
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_CPU, limits.processor_seconds)
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        _lower(resource.RLIMIT_AS, pages * resource.getpagesize() + limits.memory)


def _lower(kind: int, wanted: int) -> None:
    import resource

    _, hard = resource.getrlimit(kind)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(kind, (most, hard))
