"""The benchmark for a card that is not here: its parts work on the CPU, and what it compiles computes the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from benchmarks.gpu import STAGES, built, compiled, measured, training_step
from lsd_studio.engine.datasets import load_data_set
from lsd_studio.engine.runs.profiles import load_profile
from lsd_studio.engine.training.loop import ImageTensors
from lsd_studio.engine.training.stages import GanStage

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "gpu.py"
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def as_it_was():
    yield
    torch._dynamo.reset()


def test_a_dry_run_finds_steps_in_float32_right_up_to_rounding() -> None:
    found = measured(CPU, 0.0, dry=True)

    assert set(found["relative_errors"]) == set(STAGES)
    for error in found["relative_errors"].values():
        assert 0 < error["losses"] < 1e-4
        assert 0 < error["gradient"] < 1e-2
    assert all(minutes > 0 for minutes in found["papers_recipe_minutes"].values())
    assert found["decoding_ten_codes_ms"]["median"] > 0
    for name in ("as it is", "G compiled, bfloat16"):
        assert found["gan_step"][name]["share_of_bfloat16_matrices"] > 0


def test_a_compiled_step_moves_the_weights_as_the_step_does() -> None:
    mnist = load_data_set("mnist", "train").part(0, 64)
    data = ImageTensors(mnist.images, mnist.labels, CPU)
    weights = []
    for is_compiled in (False, True):
        stage = built(load_profile("studio"), CPU)["gan"]
        assert isinstance(stage, GanStage)
        if is_compiled:
            compiled(stage, backend="aot_eager")
        torch.manual_seed(0)
        training_step(stage, data, 16)()
        weights.append(torch.cat([each.flatten() for each in stage.generator.parameters()]).detach())

    assert torch.allclose(*weights, atol=1e-6)


def test_without_a_card_one_sentence_says_so() -> None:
    hidden = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    ended = subprocess.run(
        [sys.executable, SCRIPT], env=hidden, capture_output=True, text=True, timeout=120, check=False
    )

    assert ended.returncode == 1
    assert ended.stderr.startswith("There is no CUDA card")
    assert ended.stderr.count("\n") == 1
