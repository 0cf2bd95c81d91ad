"""What is said of a file of codes that is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.spaces.reading import read_latent_space


def refusal(file: Path, codes: str | None = None) -> str:
    """The sentence, one line that names the file."""
    with pytest.raises(StudioError) as refused:
        read_latent_space(file, codes)
    sentence = str(refused.value)
    assert str(file) in sentence
    assert len(sentence.splitlines()) == 1
    assert len(sentence) < 1000
    return sentence
