"""`python -m lsd_studio.cli` does what `lsd-studio` does."""

from lsd_studio.cli import command

command()
