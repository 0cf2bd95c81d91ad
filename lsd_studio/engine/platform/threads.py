"""How many threads torch may take for a piece of work."""

from __future__ import annotations

import torch

THREADS = torch.get_num_threads()
"""Threads that torch may use for slow work: a core each, or what OMP_NUM_THREADS says."""


def take_threads(one: bool) -> None:
    """Let torch have all its threads for the next operations, or one.

    One while a training keeps the processor busy, and for every answer to a hand, for which the window paints at the
    same time: each operation would otherwise wait until all are given a core.
    """
    torch.set_num_threads(1 if one else THREADS)
