"""`python -m lsd_studio.cli` does what `lsd-studio` does."""

import sys

from lsd_studio.cli import main

sys.exit(main())
