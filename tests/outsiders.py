"""What three people bring, as their own programs write it: cells, a generator, images with labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from lsd_studio.engine.datasets import load_data_set, scale_pixels
from tests.engine.image_set_files import png, write_parquet

DIGITS = ("zero", "one")
CELL_TYPES = ("B cell", "NK cell", "T cell")
CELLS, GENES, SIZE = 450, 40, 8


def write_cells(file: Path) -> Path:
    """An `.h5ad` with all that AnnData 0.10 writes; its types of cells shift three of eight axes by 3 σ."""
    import h5py

    random = np.random.default_rng(3)
    types = np.arange(CELLS) % len(CELL_TYPES)
    counts = random.poisson(0.3, (CELLS, GENES))
    rows, columns = counts.nonzero()
    text = h5py.string_dtype()
    with h5py.File(file, "w") as opened:
        opened.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})

        def group(name: str, kind: str, version: str = "0.1.0", **attributes: object) -> h5py.Group:
            made = opened.create_group(name)
            made.attrs.update({"encoding-type": kind, "encoding-version": version, **attributes})
            return made

        def array(name: str, values: NDArray | list[str], kind: str = "array") -> None:
            made = opened.create_dataset(name, data=values, dtype=text if kind == "string-array" else None)
            made.attrs.update({"encoding-type": kind, "encoding-version": "0.2.0"})

        group("X", "csr_matrix", shape=np.array(counts.shape))
        array("X/data", counts[rows, columns].astype(np.float32))
        array("X/indices", columns.astype(np.int32))
        array("X/indptr", np.searchsorted(rows, np.arange(CELLS + 1)).astype(np.int32))
        order = ["cell_type", "donor", "n_counts", "doublet", "age"]
        group(
            "obs", "dataframe", "0.2.0", **{"_index": "barcode", "column-order": np.array(order, dtype=text)}
        )
        array("obs/barcode", [f"AAAC{number:04}-1" for number in range(CELLS)], "string-array")
        for name, values, labels in (
            ("cell_type", np.where(np.arange(CELLS) < 30, -1, types), CELL_TYPES),
            ("donor", random.integers(2, size=CELLS), ("d1", "d2")),
        ):
            group(f"obs/{name}", "categorical", "0.2.0", ordered=False)
            array(f"obs/{name}/codes", values.astype(np.int8))
            array(f"obs/{name}/categories", list(labels), "string-array")
        array("obs/n_counts", counts.sum(axis=1).astype(np.float32))
        array("obs/doublet", random.random(CELLS) < 0.1)
        group("obs/age", "nullable-integer")
        array("obs/age/values", random.integers(20, 80, CELLS))
        array("obs/age/mask", random.random(CELLS) < 0.2)
        group("var", "dataframe", "0.2.0", **{"_index": "gene", "column-order": np.array([], dtype=text)})
        array("var/gene", [f"GENE{number}" for number in range(GENES)], "string-array")
        group("obsm", "dict")
        codes = random.standard_normal((CELLS, SIZE)) + 3 * np.eye(SIZE)[types]
        array("obsm/X_scVI", codes.astype(np.float32))
        array("obsm/X_umap", codes[:, :2] + random.standard_normal((CELLS, 2)))
        for name in ("layers", "varm", "obsp", "varp", "uns"):
            group(name, "dict")
        group("obsp/connectivities", "csr_matrix", shape=np.array([CELLS, CELLS]))
        array("obsp/connectivities/data", np.ones(CELLS))
        array("obsp/connectivities/indices", np.arange(CELLS, dtype=np.int32))
        array("obsp/connectivities/indptr", np.arange(CELLS + 1, dtype=np.int32))
    return file


def write_digits(folder: Path, edge: int, images_a_label: int = 100) -> Path:
    """Zeros and ones of MNIST in Parquet files as Hugging Face's: PNG, named labels, every sixth in the test split."""
    images, labels = _digits(edge, images_a_label)
    place = np.arange(len(labels)) % images_a_label % 6
    for split, chosen in (("train", place < 5), ("test", place == 5)):
        file = folder / "data" / f"{split}-00000-of-00001.parquet"
        write_parquet(file, [png(image) for image in images[chosen]], labels[chosen], DIGITS)
    return folder


def _digits(edge: int, images_a_label: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    training = load_data_set("mnist", "train")
    chosen = np.concatenate([np.flatnonzero(training.labels == label)[:images_a_label] for label in (0, 1)])
    way = Image.Resampling.BOX if edge < 28 else Image.Resampling.BILINEAR
    resized = [Image.fromarray(image[0]).resize((edge, edge), way) for image in training.images[chosen]]
    return np.stack(resized), training.labels[chosen]


CODE = (8, 1, 1)
EDGE = 32
FEW_STEPS = (
    "latent_dimensions=8", "gan.epochs=20", "gan.batch_size=20", "gan.learning_rate=1e-3", "gan.averaging=0",
    "classifier.epochs=6", "classifier.batch_size=20", "classifier.averaging=0", "judge.epochs=0",
    "encoder.trunk=residual", "encoder.epochs=3", "encoder.batch_size=20", "encoder.averaging=0", "joint.epochs=0",
    "basis.vectors=20", "basis.max_draws=200000",
)  # fmt: skip
"""Settings by which a bundle of these images is made in seconds."""


def dcgan(steps: int = 150) -> nn.Module:
    """The generator of PyTorch's DCGAN tutorial, narrow, trained a little on zeros and ones of 32 × 32 pixels."""
    images, _ = _digits(EDGE, 300)
    real = torch.from_numpy(scale_pixels(images[:, None]))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        generator, critic = _generator(), _discriminator()
        for network in (generator, critic):
            network.apply(_initial)
        optimisers = [
            torch.optim.Adam(network.parameters(), lr=2e-3, betas=(0.5, 0.999))
            for network in (generator, critic)
        ]
        for chosen in torch.randint(len(real), (steps, 64)):
            fake = generator(torch.randn(64, *CODE))
            losses = (
                lambda fake=fake: _cross_entropy(critic(fake), 1.0),
                lambda fake=fake, chosen=chosen: (
                    _cross_entropy(critic(real[chosen]), 0.9) + _cross_entropy(critic(fake.detach()), 0.0)
                ),
            )
            for optimiser, loss in zip(optimisers, losses, strict=True):
                optimiser.zero_grad()
                loss().backward()
                optimiser.step()
    return generator.eval()


def _generator() -> nn.Sequential:
    return nn.Sequential(
        *_up(CODE[0], 32, stride=1, padding=0), *_up(32, 16), *_up(16, 8),
        nn.ConvTranspose2d(8, 1, 4, 2, 1, bias=False), nn.Tanh(),
    )  # fmt: skip


def _up(taken: int, given: int, stride: int = 2, padding: int = 1) -> tuple[nn.Module, ...]:
    return nn.ConvTranspose2d(taken, given, 4, stride, padding, bias=False), nn.BatchNorm2d(given), nn.ReLU()


def _discriminator() -> nn.Sequential:
    bent = nn.LeakyReLU(0.2)
    return nn.Sequential(
        nn.Conv2d(1, 8, 4, 2, 1, bias=False), bent,
        nn.Conv2d(8, 16, 4, 2, 1, bias=False), nn.BatchNorm2d(16), bent,
        nn.Conv2d(16, 32, 4, 2, 1, bias=False), nn.BatchNorm2d(32), bent,
        nn.Conv2d(32, 1, 4, bias=False), nn.Flatten(0),
    )  # fmt: skip


def _initial(layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(layer.weight, 0.0, 0.02)
    elif isinstance(layer, nn.BatchNorm2d):
        nn.init.normal_(layer.weight, 1.0, 0.02)


def _cross_entropy(logits: Tensor, target: float) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


def write_dcgan(file: Path) -> Path:
    """The generator as `torch.onnx.export` writes it, with codes [N, M, 1, 1] and a free batch."""
    torch.onnx.export(
        dcgan(), (torch.zeros(2, *CODE),), str(file), input_names=["z"], output_names=["img"],
        dynamic_shapes={"input": {0: torch.export.Dim("batch")}}, dynamo=True, verbose=False,
    )  # fmt: skip
    return file
