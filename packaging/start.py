"""What the packaged program runs: the command `lsd-studio`."""

import multiprocessing
import sys

from lsd_studio.cli import main

if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.exit(main())
