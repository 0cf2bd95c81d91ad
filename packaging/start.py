"""What the packaged program runs: the command `lsd-studio`."""

import multiprocessing
import runpy
import sys

from lsd_studio.cli import command

if __name__ == "__main__":
    multiprocessing.freeze_support()
    if sys.argv[1:3] == ["-P", "-m"] and sys.argv[3].startswith(
        "lsd_studio."
    ):  # as limited_process asks of Python
        runpy.run_module(sys.argv[3], run_name="__main__", alter_sys=True)
    else:
        command()
