"""G, E and C as ONNX files, for other programs; each is compared with PyTorch before it is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.onnx_exporter import NETWORKS, exported
from lsd_studio.engine.exchange.onnx_files import library
from lsd_studio.engine.exchange.onnx_networks import (
    TOLERANCE,
    OnnxNetwork,
    Role,
    deviation,
    onnx_session,
    run_onnx,
)
from lsd_studio.files.folders import folder_to_fill
from lsd_studio.files.writing import write_file

COMPARED_BATCHES = (1, 4, 25)


@dataclass(frozen=True)
class OnnxWritten:
    """A network is in `file`; its largest difference from PyTorch, relative to the largest number above 1."""

    network: Role
    file: Path
    deviation: float


def export_onnx(bundle: Bundle, folder: Path) -> Iterator[OnnxWritten]:
    """Write `generator.onnx`, `encoder.onnx` and `classifier.onnx` to a folder, made where it is missing.

    The first dimension of every input and output, the batch, is free. Generator: `codes` [N, M] → `images`
    [N, C, H, W] in [−1, 1]. Encoder: `images` → `mean`, `log_sigma`, each [N, M]. Classifier: `images` → `logits`
    [N, l]. Each file names the bundle it comes from. Networks that came as ONNX are written as they came.

    Raises:
        StudioError: the libraries are missing, a file gives something else than PyTorch (more than 1e-4 apart), or the
            folder cannot be written to.
    """
    library("onnxscript")
    described = {
        "bundle": bundle.hash,
        "data": bundle.manifest.data.name,
        "labels": ", ".join(bundle.manifest.label_names),
        "pixels": "float32 in [-1, 1]",
    }
    with folder_to_fill(folder):
        for role in NETWORKS:
            network = getattr(bundle.networks, role)
            is_foreign = isinstance(network, OnnxNetwork)
            content = network.content if is_foreign else exported(bundle.path, role, described)
            apart = _compared(bundle, role, content)
            file = folder / f"{role}.onnx"
            write_file(file, content)
            yield OnnxWritten(role, file, apart)


def _compared(bundle: Bundle, role: Role, content: bytes) -> float:
    """How far ONNX Runtime is from PyTorch, on codes of N(0, I) and on what G makes of them."""
    networks, session = bundle.networks, onnx_session(content, f"{role}.onnx")
    random, apart = np.random.default_rng(0), 0.0
    for count in COMPARED_BATCHES:
        codes = random.standard_normal((count, networks.latent_dimensions), dtype=np.float32)
        batch = codes if role == "generator" else networks.decode(codes)
        with torch.inference_mode():
            expected = getattr(networks, role)(torch.from_numpy(batch).to(networks.device))
        wanted = expected if isinstance(expected, tuple) else (expected,)
        for found, theirs in zip(run_onnx(session, batch), wanted, strict=True):
            apart = max(apart, deviation(found, theirs.cpu().numpy()))
    if apart > TOLERANCE:
        raise StudioError(
            f"{role}.onnx was not written: ONNX Runtime differs from PyTorch by {apart:.1e}, more than {TOLERANCE:g}; "
            "please report this with the versions of torch and onnxruntime."
        )
    return apart
