"""What a decomposition costs from the shell, and how much of it is importing PyTorch.

    python benchmarks/from_the_shell.py [--rounds 10]

New processes take turns: Python alone, `import numpy`, `import torch`, and `lsd-studio decompose` of one test image
with `mnist-studio`. The least of each is shown, which other work on the machine disturbs least: time on the clock, time
of the processor, and the largest memory, which is never less than this script's own.
Aim on 2 idle cores: ≤ 1.5 s on the clock for the decomposition.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from lsd_studio.engine.datasets import load_data_set


def measure(arguments: list[str]) -> tuple[float, float, float]:
    """Seconds on the clock, seconds of the processor, and megabytes of one process."""
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{arguments} ended with {process.returncode}")
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / unit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    with TemporaryDirectory() as folder:
        image = Path(folder, "image.png")
        Image.fromarray(load_data_set("mnist", "test").images[0, 0]).save(image)
        commands = {
            "python": ["-c", ""],
            "import numpy": ["-c", "import numpy"],
            "import torch": ["-c", "import torch"],
            "lsd-studio decompose": ["-m", "lsd_studio.cli", "decompose", "mnist-studio", str(image)],
        }
        measured = [{name: measure(words) for name, words in commands.items()} for _ in range(rounds)]
    for name in commands:
        clock, processor, memory = (min(one[name][place] for one in measured) for place in range(3))
        print(f"{name:<22} {clock:5.2f} s, {processor:5.2f} s of the processor, {memory:4.0f} MB")


if __name__ == "__main__":
    main()
