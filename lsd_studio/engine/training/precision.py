"""The arithmetic of the forward passes: float32, or bfloat16 where a short trial finds it faster.

What a processor says of itself is no measure: bfloat16 is emulated on some that list it, and pays on some without
matrix units. So `auto` tries one convolution of the discriminator (R5) in both.
"""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path
from typing import Literal

import torch
from torch import nn

from lsd_studio.engine.runs.files import events_file
from lsd_studio.engine.runs.journal import read_journal
from lsd_studio.engine.training.events import StageStarted

PrecisionName = Literal["auto", "float32", "bfloat16"]
"""What a profile asks for."""

ArithmeticName = Literal["32-true", "bf16-mixed"]
"""What it comes to, in Fabric's words."""

LEAST_GAIN = 1.2
"""How much faster bfloat16 must be to be taken for its coarser numbers."""

TRIES = 5


def arithmetic(wanted: PrecisionName, device: str, processes: int = 1) -> ArithmeticName:
    """What a precision comes to on a device.

    Several processes must not come to different answers, and bfloat16 on MPS has not been tried: `auto` is float32
    there.
    """
    if wanted == "auto":
        is_tried = processes == 1 and device != "mps"
        return "bf16-mixed" if is_tried and bfloat16_pays(device) else "32-true"
    return "bf16-mixed" if wanted == "bfloat16" else "32-true"


def arithmetic_of(run: Path) -> ArithmeticName | None:
    """What the run in a folder was trained in last, as its journal says; None where nothing was trained yet."""
    events = (noted.event for noted in read_journal(events_file(run)))
    used = [event.precision for event in events if isinstance(event, StageStarted)]
    if not used:
        return None
    return "bf16-mixed" if used[-1] == "bf16-mixed" else "32-true"


@cache
def bfloat16_pays(device: str) -> bool:
    """Whether a convolution, forward and backward, is at least 1.2 times as fast in bfloat16; found once a process."""
    with torch.random.fork_rng(devices=[]):
        convolution = nn.Conv2d(64, 128, 4, stride=2, padding=1).to(device)
    images = torch.zeros(25, 64, 14, 14, device=device, requires_grad=True)
    plain = min(_seconds(convolution, images, in_bfloat16=False) for _ in range(TRIES))
    half = min(_seconds(convolution, images, in_bfloat16=True) for _ in range(TRIES))
    return half * LEAST_GAIN < plain


def _seconds(convolution: nn.Module, images: torch.Tensor, *, in_bfloat16: bool) -> float:
    began = time.perf_counter()
    with torch.autocast(images.device.type, torch.bfloat16, enabled=in_bfloat16):
        convolution(images).sum().backward()
    if images.is_cuda:
        torch.cuda.synchronize(images.device)
    return time.perf_counter() - began
